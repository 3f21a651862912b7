"""What a violation does: by its level, and by what the environment says of the check."""

from __future__ import annotations

from typing import Literal

from pytest_endpoint_docs.model.environment import CheckPolicy, OAuthSettings
from pytest_endpoint_docs.oauth.checks.check import Level
from pytest_endpoint_docs.words import near

Severity = Literal["fail", "warn", "known"]


def severity_of(level: Level, policy: CheckPolicy | None, *, strict: bool) -> Severity:
    """``fail`` for M, ``warn`` for S (``fail`` where strict); the environment's word comes before both."""
    if policy is not None and policy.action in ("warn", "fail", "known"):
        return policy.action
    return "fail" if strict or level is Level.MUST else "warn"


def unknown_ids(settings: OAuthSettings, ids: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence for each entry of ``oauth.checks`` that names no check."""
    found = []
    for name in settings.checks:
        if name not in ids:
            nearest = near(name, ids, cutoff=0.5)
            hint = f"; did you mean {nearest}?" if nearest else f"; known are {', '.join(ids)}"
            found.append(f"{settings.location}: oauth.checks: there is no check {name}{hint}")
    return tuple(found)
