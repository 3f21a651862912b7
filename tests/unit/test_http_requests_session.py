"""The session of requests that projects get: requests' behaviour for its user, the docs' client at the wire."""

from __future__ import annotations

import gzip
import io
import threading
from collections.abc import Iterator

import pytest
import requests
from running_docs import environment
from scripted_server import Asked, Reply, ScriptedServer

from pytest_endpoint_docs.errors import MethodNotAllowed, RequestError
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.http.requests_session import DocsSession
from pytest_endpoint_docs.redaction.redactor import Redactor


@pytest.fixture
def session(server: ScriptedServer) -> Iterator[DocsSession]:
    with DocsSession(HttpClient(environment(server.url)), base_url=f"{server.url}/") as opened:
        yield opened


def test_a_path_begins_at_the_base_url(server: ScriptedServer, session: DocsSession) -> None:
    server.replies["GET /things"] = Reply(body={"things": [1]}, headers={"X-Request-Id": "r-1"})
    answer = session.get("/things", params={"page": "2"})
    assert server.lines == ["GET /things?page=2"]
    assert (answer.status_code, answer.reason, answer.json()) == (200, "OK", {"things": [1]})
    assert answer.headers["x-request-id"] == "r-1"
    assert answer.url == f"{server.url}/things?page=2"
    assert answer.elapsed.total_seconds() > 0
    assert server.asked[0].headers["User-Agent"].startswith("pytest-endpoint-docs/")


@pytest.mark.parametrize(
    "sent",
    [{"json": {"a": 1}}, {"data": '{"a": 1}'}, {"data": io.BytesIO(b'{"a": 1}')}, {"data": iter([b'{"a"', b": 1}"])}],
    ids=["json", "text", "file", "generator"],
)
def test_content_arrives_whole(server: ScriptedServer, session: DocsSession, sent: dict[str, object]) -> None:
    server.replies["POST /things"] = Reply(status=201)
    assert session.post("/things", **sent).status_code == 201  # type: ignore[arg-type]
    assert server.asked[0].json() == {"a": 1}
    assert server.asked[0].headers["Content-Length"] == "8"


def test_redirects_are_followed_as_requests_does_it(server: ScriptedServer, session: DocsSession) -> None:
    server.replies["GET /old"] = Reply(status=301, headers={"Location": "/new"})
    server.replies["GET /new"] = Reply(body="here")
    answer = session.get("/old")
    assert answer.json() == "here"
    assert [hop.status_code for hop in answer.history] == [301]


@pytest.mark.parametrize("location", ["http://evil.invalid/x", "http://evil.invalid\\@{host}/x"])
def test_nothing_leaves_the_environment(server: ScriptedServer, session: DocsSession, location: str) -> None:
    host = server.url.removeprefix("http://")
    server.replies["GET /old"] = Reply(status=302, headers={"Location": location.format(host=host)})
    with pytest.raises(requests.RequestException):
        session.get("/old", headers={"X-Api-Key": "k"})
    assert server.lines == ["GET /old"]


def test_another_server_is_refused_before_anything_is_sent(session: DocsSession) -> None:
    with pytest.raises(requests.RequestException, match=r"'test' does not name http://other\.invalid") as told:
        session.get("http://other.invalid/x")
    assert isinstance(told.value.__cause__, RequestError)


def test_cookies_are_not_kept(server: ScriptedServer, session: DocsSession) -> None:
    server.replies["GET /in"] = Reply(headers={"Set-Cookie": "sid=1; Path=/"})
    session.get("/in")
    session.get("/in")
    assert "Cookie" not in server.asked[1].headers


def test_nothing_is_written_in_production(server: ScriptedServer) -> None:
    http = HttpClient(environment(server.url, production=True))
    with DocsSession(http, base_url=server.url) as session:
        assert session.get("/x").status_code == 404
        with pytest.raises(requests.RequestException, match="POST is never sent") as told:
            session.post("/x")
    assert isinstance(told.value.__cause__, MethodNotAllowed)
    assert server.lines == ["GET /x"]


@pytest.fixture
def slow(server: ScriptedServer) -> Iterator[str]:
    """The URL of a server that answers when the test is over."""
    is_over = threading.Event()

    def answer(_: Asked) -> Reply:
        is_over.wait(60)
        return Reply()

    server.replies["GET /x"] = answer
    yield server.url
    is_over.set()


def test_no_answer_in_time_is_the_timeout_of_requests(slow: str) -> None:
    http = HttpClient(environment(slow, timeout_s=0.2))
    with DocsSession(http, base_url=slow) as session, pytest.raises(requests.Timeout):
        session.get("/x", timeout=60)


def test_a_closed_port_is_the_connection_error_of_requests() -> None:
    url = "http://127.0.0.1:9"
    with DocsSession(HttpClient(environment(url)), base_url=url) as session, pytest.raises(requests.ConnectionError):
        session.get("/x")


def test_a_compressed_answer_is_decoded_once(server: ScriptedServer, session: DocsSession) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    server.replies["GET /x"] = Reply(body=gzip.compress(b'{"a": 1}'), headers=headers)
    assert session.get("/x").json() == {"a": 1}


def test_nothing_is_sent_once_the_client_is_closed(server: ScriptedServer) -> None:
    http = HttpClient(environment(server.url))
    http.close()
    with DocsSession(http, base_url=server.url) as session, pytest.raises(requests.RequestException, match="is over"):
        session.get("/x")
    assert server.asked == []


def test_what_is_sent_and_what_comes_is_learned(server: ScriptedServer) -> None:
    redactor = Redactor()
    server.replies["POST /login"] = Reply(status=303, headers={"Location": "/me?token=in-the-hop-4711"})
    server.replies["GET /me"] = Reply(body={"access_token": "answered-4711"}, headers={"X-Auth-Token": "field-4711-x"})
    with DocsSession(HttpClient(environment(server.url)).learning(redactor), base_url=server.url) as session:
        session.post("/login", params={"api_key": "in-query-4711"}, json={"password": "in-body-4711"})
        session.post("/login", data={"client_secret": "in-form-4711"}, headers={"Private-Token": b"in-field-4711"})
    said = "in-query-4711 in-body-4711 in-form-4711 in-field-4711 in-the-hop-4711 answered-4711 field-4711-x"
    shown = "$API_KEY $PASSWORD $CLIENT_SECRET $PRIVATE_TOKEN $TOKEN $ACCESS_TOKEN $X_AUTH_TOKEN"
    assert redactor.text(said) == shown


def test_what_is_sent_is_learned_before_it_fails(server: ScriptedServer) -> None:
    redactor = Redactor()
    client = HttpClient(environment(server.url)).learning(redactor)
    with DocsSession(client, base_url=server.url) as session, pytest.raises(requests.RequestException):
        session.get("http://other.test/", params={"token": "in-query-4711"})
    assert redactor.text("in-query-4711") == "$TOKEN"
