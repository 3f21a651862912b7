"""Redirects on real servers: nothing of a request leaves the origins that the environment names."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_docs import case_of, environment, run_context, write_doc
from scripted_server import Reply, ScriptedServer, scripted_server

from pytest_endpoint_docs.environment.authorization import Credentials
from pytest_endpoint_docs.errors import ContractFailure, RequestError
from pytest_endpoint_docs.execution.case_execution import CaseExecution
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.http.targets import parse_target
from pytest_endpoint_docs.model.exchange import Request, Response

STATUSES = (301, 302, 303, 307, 308)
HEADERS = {
    "Authorization": Credentials("T", "token-1234", "Bearer {token}"),
    "X-Api-Key": "key-1234",
    "X-Auth-Token": "key-2345",
    "X-Vault-Token": "key-3456",
}


@pytest.fixture
def good() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def evil() -> Iterator[ScriptedServer]:
    with scripted_server({"GET /x": Reply(body={"evil": True}), "POST /x": Reply(body={"evil": True})}) as running:
        yield running


def redirected(good: ScriptedServer, location: str, *, status: int = 302, method: str = "GET") -> Response:
    """The answer to a request with credentials that is redirected there."""
    good.replies[f"{method} /go"] = Reply(status=status, headers={"Location": location})
    client = HttpClient(environment(good.url, file=Path("staging.yaml"), timeout_s=2.0))
    try:
        return client.send(Request(method=method, url=f"{good.url}/go", headers=HEADERS)).response
    finally:
        client.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", STATUSES)
def test_another_origin_is_not_asked(good: ScriptedServer, evil: ScriptedServer, status: int, method: str) -> None:
    response = redirected(good, f"{evil.url}/x", status=status, method=method)
    assert (response.status_code, evil.asked) == (status, [])
    assert response.not_followed == (
        f"redirect to another port is not followed: {evil.url}; "
        "list it under allowed_origins in staging.yaml to allow it"
    )


@pytest.mark.parametrize(
    "template",
    [
        "http://{evil}\\@{good}/x",
        "http://{evil}\\{good}/x",
        "\\\\{evil}/x",
        "/\\{evil}/x",
        "http:\\\\{evil}/x",
        "http://{good}@{evil}/x",
        "http://{evil}@{good}/x",
        "http://user:word@{good}/x",
        "//{evil}/x",
        "http://{evil}#@{good}/x",
        "http://{evil}?@{good}/x",
        "http://{evil}/@{good}/x",
        "http://{good}.{evil}/x",
        "http://{evil}%2f@{good}/x",
        "http://{evil}%00{good}/x",
        "http://{evil}\t@{good}/x",
        "http:///{evil}/x",
        "http:{evil}/x",
        "HTTP://{evil}/x",
        "http://ⓔvil@{good}/x",
        "http://{evil}:80:80@{good}/x",
        "http://[::ffff:127.0.0.1]:{evil_port}/x",
        "http://0x7f000001:{evil_port}/x",
        "http://2130706433:{evil_port}/x",
        "http://localhost:{evil_port}/x",
        "http://127.0.0.1.:{evil_port}/x",
    ],
)
@pytest.mark.parametrize("status", STATUSES)
def test_no_way_to_write_a_location_takes_a_token_elsewhere(
    good: ScriptedServer, evil: ScriptedServer, template: str, status: int
) -> None:
    location = template.format(
        good=good.url.removeprefix("http://"),
        evil=evil.url.removeprefix("http://"),
        evil_port=evil.url.rpartition(":")[2],
    )
    response = redirected(good, location.encode().decode("latin-1"), status=status)
    assert evil.asked == []
    # Where it was followed at all, it stayed on the server, and took the environment's own token along.
    assert response.status_code == status or (response.status_code == 404 and not response.not_followed)
    assert {asked.headers["Authorization"] for asked in good.asked} == {"Bearer token-1234"}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://metadata.google.internal/"],
)
def test_the_metadata_of_a_cloud_is_not_asked(
    good: ScriptedServer, status: int, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    resolve = socket.getaddrinfo

    def note(host: Any, *more: Any, **named: Any) -> Any:
        asked.append(host)
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", note)
    response = redirected(good, target, status=status)
    assert response.status_code == status
    assert f"is not followed: {target.partition('/')[0]}//{target.split('/')[2]}" in response.not_followed
    assert set(asked) == {"127.0.0.1"}


def test_a_listed_origin_is_followed_without_credentials(good: ScriptedServer, evil: ScriptedServer) -> None:
    good.replies["GET /go"] = Reply(status=302, headers={"Location": f"{evil.url}/x"})
    client = HttpClient(environment(good.url, allowed_origins=(evil.url,)))
    response = client.send(Request(method="GET", url=f"{good.url}/go", headers=HEADERS)).response
    assert (response.json(), response.not_followed) == ({"evil": True}, "")
    assert not {"authorization", "x-api-key", "x-auth-token", "x-vault-token"} & {
        name.lower() for name in evil.asked[0].headers
    }


def test_the_doc_is_told_where_the_redirect_would_have_led(
    good: ScriptedServer, evil: ScriptedServer, tmp_path: Path
) -> None:
    good.replies["GET /go"] = Reply(status=302, headers={"Location": f"{evil.url}/x"})
    doc = write_doc(
        tmp_path,
        """
        ---
        endpoint: GET /go
        ---
        # Go

        ## Request Template

        ```yaml
        steps:
          - id: go
            method: GET
            path: /go
        ```
        """,
    )
    where = environment(good.url, file=Path("fixtures/environments/staging.yaml"))
    result = CaseExecution(case_of(doc), run_context(where, [doc])).run()
    assert isinstance(result.error, ContractFailure)
    assert result.error.message == (
        "expected status 2xx, got 302 Found; redirect to another port is not followed: "
        f"{evil.url}; list it under allowed_origins in staging.yaml to allow it"
    )
    assert result.error.location.path == "doc.md"


def test_a_request_leaves_for_no_other_origin(good: ScriptedServer, evil: ScriptedServer) -> None:
    """A hook of the project, or metadata of a server, may name any URL."""
    client = HttpClient(environment(good.url))
    with pytest.raises(RequestError) as raised:
        client.send(Request(method="GET", url=f"{evil.url}/x"))
    assert raised.value.message == (
        f"GET {evil.url}/x is not sent: environment 'test' does not name {evil.url}; "
        "list it under allowed_origins in an environment file to allow it"
    )
    assert evil.asked == []


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("HTTP://Example.COM", "http://example.com/"),
        ("https://h:443/a", "https://h/a"),
        ("http://h:/a", "http://h/a"),
        ("http://h/a/../b/./c/..", "http://h/b/"),
        ("http://h/../../a", "http://h/a"),
        ("http://h/a b?q=ä%zz#f", "http://h/a%20b?q=%C3%A4%25zz"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://h//x", "http://h//x"),
    ],
)
def test_one_way_to_write_a_url(url: str, read: str) -> None:
    assert parse_target(url).url == read


@pytest.mark.parametrize(
    "url",
    [
        "http://a\\@b/", "http://u@b/", "http://u:p@b/", "http://bücher.example/", "http://a%2eb/", "http://a b/",
        "http://h:0/", "http://h:65536/", "http://h:x/", "http:///a", "http:/a", "//h/a", "/a", "ftp://h/", "file:///a",
        "http://h/\r\nX: y", "http://h/\x00", "http://[::1/", "http://a\u3002b/", "",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_target(url)
    assert not url or json.dumps(url)[1:-1] not in str(raised.value)
