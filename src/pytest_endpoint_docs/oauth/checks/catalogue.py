"""Every check, as data: what the endpoints of an authorization server owe.

The section numbers were compared with the texts of the RFCs. Where RFC 6749 binds the client only (sections 2.3 and
3.2: one way to authenticate, no parameter twice, POST), its section 5.2 says how the server answers.
"""

from __future__ import annotations

from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.oauth.checks.authorize_catalogue import AUTHORIZE_CHECKS, PKCE_CHECKS
from pytest_endpoint_docs.oauth.checks.check import Check
from pytest_endpoint_docs.oauth.checks.client_catalogue import CLIENT_CHECKS
from pytest_endpoint_docs.oauth.checks.device_catalogue import DEVICE_CHECKS
from pytest_endpoint_docs.oauth.checks.id_token_catalogue import ID_TOKEN_CHECKS
from pytest_endpoint_docs.oauth.checks.pushed_catalogue import PUSHED_CHECKS
from pytest_endpoint_docs.oauth.checks.refresh_catalogue import REFRESH_CHECKS
from pytest_endpoint_docs.oauth.checks.service_catalogue import SERVICE_CHECKS
from pytest_endpoint_docs.oauth.checks.token_catalogue import TOKEN_CHECKS
from pytest_endpoint_docs.words import or_near


def _number(check: Check) -> int:
    return int(check.id[1:])


CHECKS: tuple[Check, ...] = (
    *sorted(TOKEN_CHECKS + CLIENT_CHECKS, key=_number),
    *PKCE_CHECKS,
    *AUTHORIZE_CHECKS,
    *REFRESH_CHECKS,
    *ID_TOKEN_CHECKS,
    *SERVICE_CHECKS,
    *PUSHED_CHECKS,
    *DEVICE_CHECKS,
)
"""In the order of their ids: T, P, A, R, I, N, V, U, D."""

CHECK_IDS: tuple[str, ...] = tuple(check.id for check in CHECKS)


def unknown_checks(settings: OAuthSettings) -> tuple[str, ...]:
    """A sentence for each entry of ``oauth.checks`` that names no check."""
    found = []
    for name in settings.checks:
        if name not in CHECK_IDS:
            known = f"; known are {', '.join(CHECK_IDS)}"
            hint = or_near(name, CHECK_IDS, otherwise=known, shown=str, cutoff=0.5)
            found.append(f"{settings.location}: oauth.checks: there is no check {name}{hint}")
    return tuple(found)
