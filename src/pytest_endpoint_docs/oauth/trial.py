"""Trying a consent alone, step by step: what ``endpoint-docs consent`` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pytest_endpoint_docs.errors import ConsentError
from pytest_endpoint_docs.oauth.errors import PageFailure
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant
from pytest_endpoint_docs.oauth.session import ConsentEvent, ConsentSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a consent went. ``error`` is the failure's text, safe to show; ``token_fields`` are names, never values."""

    grant: AuthorizationGrant | None = field(default=None, repr=False)
    token_fields: tuple[str, ...] = ()
    error: str | None = None
    screenshot: Path | None = None

    @property
    def succeeded(self) -> bool:
        """Whether everything that was tried worked."""
        return self.error is None


def try_consent(
    session: ConsentSession,
    announce: Callable[[str], None],
    *,
    user: str | None = None,
    exchange: bool = True,
) -> Trial:
    """Obtain a code and, where the environment has the client's id, exchange it; announce every step in a masked line.

    Raises: :class:`ConfigError` where the ``oauth`` block lacks something.
    """

    def tell(event: ConsentEvent) -> None:
        announce(f"{event.at_s:7.2f} s  {event.text}")

    before, session.on_event = session.on_event, tell
    grant: AuthorizationGrant | None = None
    try:
        grant = session.authorize(user=user)
        announce(f"code received for client {grant.client_id}, scope {grant.scope or '(none asked for)'}")
        fields = tuple(sorted(session.exchange(grant))) if exchange else ()
    except ConsentError as error:
        announce(str(error))
        screenshot = error.screenshot if isinstance(error, PageFailure) else None
        return Trial(grant=grant, error=str(error), screenshot=screenshot)
    finally:
        session.on_event = before
    return Trial(grant=grant, token_fields=fields)
