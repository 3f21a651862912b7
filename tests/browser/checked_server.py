"""Running the checks over a consent session, and the servers that they are run on."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bounded_reads import read_until

from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import Environment, OAuthClient
from pytest_endpoint_docs.oauth.checks.browser_probe import BrowserProbe
from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS
from pytest_endpoint_docs.oauth.checks.check import CheckResult
from pytest_endpoint_docs.oauth.checks.endpoint_checks import EndpointChecks
from pytest_endpoint_docs.oauth.checks.facts import facts_of, fetch_metadata
from pytest_endpoint_docs.oauth.checks.token_request import TokenEndpoint
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.oauth.token_endpoint import credential_of
from pytest_endpoint_docs.redaction.redactor import Redactor

SERVERS = Path(__file__).with_name("servers")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def started(command: Sequence[str | Path], *, cwd: Path) -> Iterator[None]:
    """A server process that prints a line once it listens, and ends with its standard input."""
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            read_until(process.stdout, "ready\n")
            yield
        finally:
            process.kill()


def run_checks(
    session: ConsentSession, *names: str, second_client: OAuthClient | None = None, fresh_login: bool = True
) -> dict[str, CheckResult]:
    """Run the checks of these ids, or all, as a run does."""
    run = EndpointChecks(probe_of(session, second_client, fresh_login=fresh_login), session.settings)
    return {check.id: run.run(check) for check in CHECKS if not names or check.id in names}


def probe_of(
    session: ConsentSession, second_client: OAuthClient | None = None, *, fresh_login: bool = True
) -> BrowserProbe:
    """What the checks of a session ask."""
    settings = session.settings
    assert settings.client_id is not None
    credential = credential_of(settings)
    assert credential is not None
    assert settings.redirect_uri is not None
    http = HttpClient(Environment(name="checked", file=None, base_url=settings.token_url))
    metadata = fetch_metadata(http, settings)
    endpoint = TokenEndpoint(
        url=settings.token_url,
        auth=settings.token_auth,
        redirect_uri=settings.redirect_uri,
        client=OAuthClient(client_id=settings.client_id, client_secret=credential),
        second_client=second_client,
        location=settings.location,
    )
    return BrowserProbe(
        session,
        http,
        endpoint,
        facts_of(settings, metadata=metadata, second_client=second_client is not None),
        Redactor(),
        resource_url=metadata.userinfo_endpoint if metadata else None,
        login_pages=fresh_login,
    )


def table(results: dict[str, CheckResult]) -> dict[str, str]:
    """Check id to what was found, for those that are not simply in order."""
    found = {}
    for name, result in results.items():
        if result.not_run:
            found[name] = f"not run: {result.not_run}"
        elif result.mismatches:
            found[name] = "; ".join(dict.fromkeys(f"{item.severity}: {item.actual}" for item in result.mismatches))
    return found
