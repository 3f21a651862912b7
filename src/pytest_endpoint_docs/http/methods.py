"""Methods: which of them may change something, which a client may repeat, and where they are never sent."""

from __future__ import annotations

from pytest_endpoint_docs.errors import MethodNotAllowed
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.source import SourceLocation

SAFE = frozenset(["GET", "HEAD", "OPTIONS", "TRACE"])
"""Methods that change nothing on the server (RFC 9110 section 9.2.1)."""

IDEMPOTENT = SAFE | {"PUT", "DELETE"}
"""Methods that may be repeated by a client on its own (RFC 9110 section 9.2.2)."""


def refuse_in_production(environment: Environment, method: str, location: SourceLocation | None = None) -> None:
    """Raises: ``MethodNotAllowed`` for a method that may change something, in an environment of production."""
    if environment.production and method not in SAFE:
        raise MethodNotAllowed(
            f"{method} is never sent to environment {environment.name!r}: it says 'production: true'", location=location
        )
