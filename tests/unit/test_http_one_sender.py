"""Whatever sends a request, the same limits hold: docs, token requests, checks of a token endpoint, metadata."""

from __future__ import annotations

import ast
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from raw_server import Serve, raw_server
from refusing_port import refusing_port
from running_docs import environment
from scripted_server import Reply, ScriptedServer, scripted_server

import pytest_endpoint_docs
from pytest_endpoint_docs.errors import RequestError
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import Limits, OAuthClient, OAuthSettings
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.checks.facts import fetch_metadata
from pytest_endpoint_docs.oauth.checks.probe import TokenChange
from pytest_endpoint_docs.oauth.checks.token_request import (
    TokenEndpoint,
    build_token_request,
    send_token_request,
    send_with_token,
)
from pytest_endpoint_docs.oauth.consent_errors import TokenRequestFailed
from pytest_endpoint_docs.oauth.token_endpoint import request_token

LOCATION = SourceLocation("env.yaml", 7)
SECRET = Secret("CLIENT_SECRET", "s3cret")
Send = Callable[[HttpClient, str], str]


def settings(url: str) -> OAuthSettings:
    return OAuthSettings(authorize_url=f"{url}/authorize", token_url=f"{url}/token", location=LOCATION)


def send_doc(http: HttpClient, url: str) -> str:
    """The request of a doc."""
    try:
        return str(http.send(Request(method="POST", url=f"{url}/token")).response.status_code)
    except RequestError as error:
        return error.message


def send_for_token(http: HttpClient, url: str) -> str:
    """A code's exchange; the client has no secret, so that it sends no credentials of its own."""
    try:
        request_token(http, settings(url), {"grant_type": "refresh_token"}, client_id="app", client_secret=None)
    except TokenRequestFailed as error:
        return str(error).removeprefix("the token endpoint gave no token: ")
    return "200"


def send_check(http: HttpClient, url: str) -> str:
    """A check's token request, with the secret in its URI."""
    endpoint = TokenEndpoint(
        url=f"{url}/token",
        auth="post",
        redirect_uri="https://myapp.example.com/cb",
        client=OAuthClient(client_id="app", client_secret=SECRET),
        location=LOCATION,
    )
    request = build_token_request(endpoint, None, TokenChange(credentials="uri"))
    exchange = send_token_request(http, request, LOCATION)
    return exchange.error or str(exchange.response and exchange.response.status_code)


def send_token(http: HttpClient, url: str) -> str:
    """A protected resource, asked with a token."""
    exchange = send_with_token(http, f"{url}/token", "t0ken", LOCATION)
    return exchange.error or str(exchange.response and exchange.response.status_code)


senders = pytest.mark.parametrize("send", [send_doc, send_for_token, send_check, send_token])


def ask(send: Send, url: str, **changes: Any) -> str:
    sleep = changes.pop("sleep", lambda _: None)
    http = HttpClient(environment(url, **changes), sleep=sleep)
    try:
        return send(http, url)
    finally:
        http.close()


@contextmanager
def answering(answer: Serve) -> Iterator[str]:
    """A server that reads a request, and then writes what ``answer`` writes. Its URL."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        answer(connection, over)

    with raw_server(serve) as host:
        yield f"http://{host}"


def drip(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    while not over.wait(0.02):
        connection.sendall(b" ")


@senders
def test_a_server_that_drips_meets_the_deadline(send: Send) -> None:
    with answering(drip) as url:
        assert ask(send, url, timeout_s=0.2).startswith(f"{url}/token: no complete answer within 0.2 s (")


NO_HTTP = {
    "another protocol": (b"SSH-2.0-x\r\n", "SSH-2.0-x"),
    "a long line of another protocol": (b"x" * 300 + b"\r\n", f"{'x' * 200}… (100 more characters)"),
    "endless status line": (b"HTTP/1.1 200 " + b"x" * 66_000, "got more than 65536 bytes when reading status line"),
    "endless header field": (
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 66_000,
        "got more than 65536 bytes when reading header line",
    ),
    "too many header fields": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 102, "got more than 100 headers"),
    "a chunk size that is not one": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        r"invalid literal for int() with base 16: b'zz\r\n'",
    ),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
        "Content-Length contained multiple unmatching values (2, 5)",
    ),
}


@senders
@pytest.mark.parametrize("kind", NO_HTTP)
def test_what_is_not_an_answer_is_not_called_a_closed_connection(send: Send, kind: str) -> None:
    octets, why = NO_HTTP[kind]
    with answering(lambda connection, _: connection.sendall(octets)) as url:
        assert ask(send, url) == f"{url}/token: the answer cannot be read as HTTP: {why}"


def test_interim_answers_are_read_over() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    final = b"HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 2\r\n\r\n{}"
    with answering(lambda connection, _: connection.sendall(interim + final)) as url:
        answer = HttpClient(environment(url)).send(Request(method="GET", url=url)).response
    assert (answer.status_code, dict(answer.headers), answer.content) == (
        201,
        {"X-A": "b", "Content-Length": "2"},
        b"{}",
    )


@senders
def test_interim_answers_without_end_meet_the_deadline(send: Send) -> None:
    def answer(connection: socket.socket, over: threading.Event) -> None:
        while not over.wait(0.02):
            connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")

    with answering(answer) as url:
        assert "no complete answer" in ask(send, url, timeout_s=0.2)


@senders
def test_an_endless_answer_is_not_read_to_its_end(send: Send) -> None:
    sent: list[int] = []

    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 300000000\r\n\r\n")
        while sum(sent) < 300_000_000:
            sent.append(connection.send(b" " * 1_000_000))

    with answering(answer) as url:
        assert ask(send, url) == f"the answer of {url}/token is longer than 10000000 bytes"
    assert sum(sent) < 100_000_000


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    answer = Reply(body={"access_token": "t", "token_type": "Bearer"})
    with scripted_server({"POST /token": answer, "GET /token": answer}) as running:
        yield running


@senders
def test_netrc_gives_no_credentials(
    send: Send, server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert ask(send, server.url) == "200"
    expected = {"Bearer t0ken"} if send is send_token else set()
    assert {asked.headers[name] for asked in server.asked for name in asked.headers if name == "Authorization"} == (
        expected
    )


@senders
def test_the_pace_of_the_environment_holds(send: Send, server: ScriptedServer) -> None:
    waits: list[float] = []
    http = HttpClient(environment(server.url, limits=Limits(requests_per_second=0.01)), sleep=waits.append)
    send_doc(http, server.url)
    send(http, server.url)
    assert [round(wait_s, -1) for wait_s in waits] == [100]


@senders
def test_the_proxy_of_the_process_environment_is_used(
    send: Send, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    assert ask(send, "http://as.example.com") != "200"
    assert [asked.target.partition("?")[0] for asked in server.asked] == ["http://as.example.com/token"]


@pytest.mark.parametrize("send", [send_for_token, send_check, send_token])
def test_a_token_goes_where_it_was_asked_for(send: Send, server: ScriptedServer) -> None:
    for method in ("POST", "GET"):
        server.replies[f"{method} /token"] = Reply(status=303, headers={"Location": f"{server.url}/elsewhere"})
    assert "303" in ask(send, server.url)
    assert len(server.asked) == 1


def test_no_answer_is_told_without_the_secrets_of_the_query() -> None:
    with refusing_port() as port:
        url = f"http://127.0.0.1:{port}"
        assert ask(send_check, url) == f"{url}/token: connection refused; is the server running?"


@pytest.mark.parametrize("content", [b"[" * 500_000, b"9" * 5_000], ids=["deep", "long number"])
def test_json_that_python_cannot_hold_is_no_json(server: ScriptedServer, content: bytes) -> None:
    for method in ("POST", "GET"):
        server.replies[f"{method} /token"] = Reply(body=content, headers={"Content-Type": "application/json"})
    http = HttpClient(environment(server.url))
    response = http.send(Request(method="GET", url=f"{server.url}/token")).response
    with pytest.raises(ValueError):
        response.json()
    assert send_for_token(http, server.url).startswith(
        f"the token endpoint {server.url}/token answered 200, without an access_token"
    )


def test_metadata_that_never_ends_counts_as_none() -> None:
    with answering(drip) as url:
        http = HttpClient(environment(url, timeout_s=0.1))
        assert fetch_metadata(http, settings(url)) is None


def test_only_the_sender_imports_what_sends() -> None:
    package = Path(pytest_endpoint_docs.__file__).parent
    found = {
        file.relative_to(package).parts[0]
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if name.partition(".")[0] in ("requests", "urllib3") or name in ("http.client", "urllib.request")
    }
    assert found == {"http"}
