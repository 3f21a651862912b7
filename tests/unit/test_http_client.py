"""The HTTP client on a real server: what leaves, what comes back, what goes wrong."""

from __future__ import annotations

import gzip
import socket
import threading
import weakref
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from refusing_port import refusing_port
from running_docs import NOW, environment
from scripted_server import Asked, Reply, ScriptedServer, scripted_server

from pytest_endpoint_docs import errors
from pytest_endpoint_docs.environment.authorization import Credentials
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.http.pace import Pace, WaitBudget
from pytest_endpoint_docs.model.environment import Limits
from pytest_endpoint_docs.model.exchange import MultipartFile, Request
from pytest_endpoint_docs.model.source import Obstacle


def client_for(url: str, *, waits: list[float] | None = None, **changes: Any) -> HttpClient:
    size = changes.pop("max_response_bytes", 10_000_000)
    sleep = waits.append if waits is not None else (lambda _: pytest.fail("waited"))
    return HttpClient(environment(url, **changes), clock=lambda: NOW, sleep=sleep, max_response_bytes=size)


def get(url: str, **changes: Any) -> Request:
    return Request(method="GET", url=url, **changes)


def test_what_is_sent_is_what_the_request_says(server: ScriptedServer) -> None:
    server.replies["POST /things/"] = Reply(status=201, body={"id": 7}, headers={"X-Request-Id": "r1"})
    token = Credentials("STAFF_TOKEN", "s3cret-token", "Bearer {token}")
    request = Request(
        method="POST",
        url=f"{server.url}/things/",
        params=(("filter[name]", "a b"), ("tag", "x"), ("tag", "y")),
        headers={"Authorization": token, "X-Trace": "t"},
        body={"name": "Zoë", "price": 3600},
        has_body=True,
    )

    answer = client_for(server.url).send(request)

    (asked,) = server.asked
    assert asked.target.replace("%5B", "[").replace("%5D", "]") == "/things/?filter[name]=a%20b&tag=x&tag=y"
    assert asked.headers["Authorization"] == "Bearer s3cret-token"
    assert asked.headers["X-Trace"] == "t"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["User-Agent"].startswith("pytest-endpoint-docs/")
    assert asked.json() == {"name": "Zoë", "price": 3600}
    assert answer.response.status_code == 201
    assert answer.response.json() == {"id": 7}
    assert answer.response.headers["x-request-id"] == "r1"


def test_a_get_can_have_a_body_and_a_post_need_not(server: ScriptedServer) -> None:
    client = client_for(server.url)
    client.send(get(f"{server.url}/search", body={"q": 1}, has_body=True))
    client.send(Request(method="POST", url=f"{server.url}/ping"))
    assert [asked.content for asked in server.asked] == [b'{"q": 1}', b""]


def test_a_form_is_urlencoded(server: ScriptedServer) -> None:
    body = {"grant_type": "authorization_code", "scope": ["a", "b"], "app": {"id": 1}, "state": None, "on": True}
    client_for(server.url).send(
        Request(method="POST", url=f"{server.url}/token", body=body, has_body=True, content_type="form")
    )
    (asked,) = server.asked
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.content == b"grant_type=authorization_code&scope=a&scope=b&app%5Bid%5D=1&on=true"


def test_every_part_of_a_multipart_request_has_a_content_type(server: ScriptedServer) -> None:
    file = MultipartFile(field_name="docs[0]", filename="a.pdf", content=b"%PDF", content_type="application/pdf")
    client_for(server.url).send(
        Request(
            method="POST",
            url=f"{server.url}/upload",
            body={"title": "T"},
            has_body=True,
            content_type="multipart",
            files=(file,),
        )
    )
    (asked,) = server.asked
    parts = [part for part in asked.content.split(b"--" + boundary(asked)) if b"Content-Disposition" in part]
    assert [b"Content-Type: " in part for part in parts] == [True, True]
    assert b'name="docs[0]"; filename="a.pdf"' in parts[1]


def boundary(asked: Asked) -> bytes:
    return asked.headers["Content-Type"].partition("boundary=")[2].encode()


def test_requests_share_a_connection(server: ScriptedServer) -> None:
    client = client_for(server.url)
    server.replies["GET /a"] = Reply(body={"a": 1})
    for _ in range(3):
        client.send(get(f"{server.url}/a"))
    assert len(server.connections) == 1


def test_a_client_that_nobody_holds_is_gone_at_once(server: ScriptedServer) -> None:
    """And its connections with it, not with the next search for garbage."""
    client = HttpClient(environment(server.url))
    gone = weakref.ref(client)
    del client
    assert gone() is None


def test_cookies_are_not_kept(server: ScriptedServer) -> None:
    server.replies["GET /login"] = Reply(headers={"Set-Cookie": "session=abc; Path=/"})
    client = client_for(server.url)
    client.send(get(f"{server.url}/login"))
    client.send(get(f"{server.url}/me"))
    assert "Cookie" not in server.asked[1].headers


def test_netrc_gives_no_credentials(server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client_for(server.url).send(get(f"{server.url}/a"))
    assert "Authorization" not in server.asked[0].headers


@pytest.mark.parametrize("retry_after", ["7", format_datetime(NOW + timedelta(seconds=7), usegmt=True)])
def test_retry_after_is_waited_for(server: ScriptedServer, retry_after: str) -> None:
    server.replies["GET /busy"] = [Reply(status=429, headers={"Retry-After": retry_after}), Reply(body={"ok": True})]
    waits: list[float] = []
    answer = client_for(server.url, waits=waits).send(get(f"{server.url}/busy"))
    assert (answer.response.status_code, answer.attempts, waits) == (200, 2, [7.0])


def test_all_waits_have_one_budget_and_its_end_is_told_once(server: ScriptedServer) -> None:
    server.replies["GET /busy"] = Reply(status=503, headers={"Retry-After": "4"})
    waits: list[float] = []
    told: list[str] = []
    where = environment(server.url, limits=Limits(retry_after_total_s=10))
    client = HttpClient(where, sleep=waits.append, announce=told.append)
    for _ in range(4):
        client.send(get(f"{server.url}/busy"))
    assert (waits, len(server.asked), len(told)) == ([4.0, 4.0], 6, 1)


def test_at_most_three_attempts(server: ScriptedServer) -> None:
    server.replies["GET /busy"] = Reply(status=503, headers={"Retry-After": "1"})
    waits: list[float] = []
    answer = client_for(server.url, waits=waits).send(get(f"{server.url}/busy"))
    assert (answer.response.status_code, len(server.asked), waits) == (503, 3, [1.0, 1.0])


@pytest.mark.parametrize(
    ("method", "headers", "documented"),
    [
        pytest.param("POST", {"Retry-After": "1"}, (), id="a POST is not safe to repeat"),
        pytest.param("GET", {}, (), id="no Retry-After"),
        pytest.param("GET", {"Retry-After": "3600"}, (), id="longer than the limit"),
        pytest.param("GET", {"Retry-After": "soon"}, (), id="neither seconds nor a date"),
        pytest.param("GET", {"Retry-After": "1"}, (429,), id="the documented status"),
    ],
)
def test_what_is_not_repeated(
    server: ScriptedServer, method: str, headers: dict[str, str], documented: tuple[int, ...]
) -> None:
    server.replies[f"{method} /busy"] = Reply(status=429, headers=headers)
    answer = client_for(server.url).send(Request(method=method, url=f"{server.url}/busy"), documented=documented)
    assert (answer.response.status_code, len(server.asked)) == (429, 1)


@pytest.mark.parametrize(
    ("status", "method", "followed_by"),
    [(303, "PUT", "GET"), (302, "POST", "GET"), (301, "GET", "GET"), (307, "POST", "POST"), (308, "PUT", "PUT")],
)
def test_redirects_on_the_same_origin(server: ScriptedServer, status: int, method: str, followed_by: str) -> None:
    server.replies[f"{method} /old"] = Reply(status=status, headers={"Location": "/new"})
    server.replies[f"{followed_by} /new"] = Reply(body={"here": True})
    headers = {"Authorization": Credentials("T", "token-1234", "Bearer {token}")}
    has_body = method != "GET"
    request = Request(method=method, url=f"{server.url}/old", headers=headers, body={"a": 1}, has_body=has_body)

    answer = client_for(server.url).send(request)

    assert answer.response.json() == {"here": True}
    assert server.asked[1].headers["Authorization"] == "Bearer token-1234"
    assert server.asked[1].content == (b'{"a": 1}' if followed_by == method and has_body else b"")


def test_credentials_never_reach_another_origin_that_is_allowed(server: ScriptedServer) -> None:
    with scripted_server({"GET /elsewhere": Reply(body={"other": True})}) as other:
        server.replies["GET /go"] = Reply(status=302, headers={"Location": f"{other.url}/elsewhere"})
        headers = {
            "Authorization": Credentials("T", "token-1234", "Bearer {token}"),
            "X-Api-Token": Credentials("K", "key-1234", "{token}"),
            "X-On-Behalf-Of": "biz_1",
            "Cookie": "session=1",
            "X-Vault-Token": "plain",
            "Accept-Language": "de",
        }
        client = client_for(server.url, allowed_origins=(other.url,))
        answer = client.send(get(f"{server.url}/go", headers=headers))
    assert answer.response.json() == {"other": True}
    assert {name.lower() for name in other.asked[0].headers} == {
        "accept",
        "accept-encoding",
        "accept-language",
        "host",
        "user-agent",
    }
    assert other.asked[0].headers["Accept-Language"] == "de"


def test_content_is_not_sent_to_another_origin(server: ScriptedServer) -> None:
    with scripted_server() as other:
        server.replies["POST /go"] = Reply(status=307, headers={"Location": f"{other.url}/elsewhere"})
        body = {"client_secret": "x"}
        client = client_for(server.url, allowed_origins=(other.url,))
        answer = client.send(Request(method="POST", url=f"{server.url}/go", body=body, has_body=True))
    assert answer.response.status_code == 307
    assert answer.response.not_followed == (
        f"redirect to another port is not followed: {other.url} would get the request's content"
    )
    assert other.asked == []


def test_a_documented_redirect_is_the_answer(server: ScriptedServer) -> None:
    server.replies["GET /go"] = Reply(status=302, headers={"Location": "/new"})
    answer = client_for(server.url).send(get(f"{server.url}/go"), documented=(302,))
    assert (answer.response.status_code, server.lines) == (302, ["GET /go"])


def test_redirects_that_never_end(server: ScriptedServer) -> None:
    server.replies["GET /loop"] = Reply(status=302, headers={"Location": "/loop"})
    with pytest.raises(errors.UnusableAnswer, match="more than 5 redirects") as raised:
        client_for(server.url).send(get(f"{server.url}/loop"))
    assert raised.value.was_sent
    assert len(server.asked) == 6


def test_an_answer_that_is_too_long(server: ScriptedServer) -> None:
    server.replies["GET /big"] = Reply(body=b"x" * 5000)
    with pytest.raises(errors.ResponseTooLarge, match="longer than 1000 bytes"):
        client_for(server.url, max_response_bytes=1000).send(get(f"{server.url}/big"))


def test_the_limit_counts_decoded_content(server: ScriptedServer) -> None:
    packed = gzip.compress(b"x" * 1_000_000)
    server.replies["GET /bomb"] = Reply(body=packed, headers={"Content-Encoding": "gzip"})
    assert len(packed) < 10_000
    with pytest.raises(errors.ResponseTooLarge):
        client_for(server.url, max_response_bytes=100_000).send(get(f"{server.url}/bomb"))


def test_content_that_is_not_what_its_encoding_says(server: ScriptedServer) -> None:
    server.replies["GET /plain"] = Reply(body=b"not packed", headers={"Content-Encoding": "gzip"})
    with pytest.raises(errors.UnusableAnswer, match="not what its Content-Encoding says") as raised:
        client_for(server.url).send(get(f"{server.url}/plain"))
    assert raised.value.was_sent
    assert raised.value.obstacle is None


def test_connection_refused() -> None:
    with refusing_port() as port, pytest.raises(errors.ConnectionFailed) as raised:
        url = f"http://127.0.0.1:{port}/things"
        client_for(url).send(get(url))
    assert raised.value.message == f"{url}: connection refused; is the server running?"
    server = f"http://127.0.0.1:{port}"
    assert raised.value.obstacle == Obstacle(kind="connection", subject=server, message=f"{server}: connection refused")
    assert not raised.value.was_sent


def test_no_connection_in_time_is_no_late_answer() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):  # nobody accepts: what comes after them waits
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/things"
        with pytest.raises(errors.ConnectTimeout, match=r"/things: no connection within 0\.2 s") as raised:
            client_for(url, timeout_s=0.2).send(get(url))
    assert raised.value.obstacle is not None
    assert not raised.value.was_sent


def test_unknown_host() -> None:
    url = "http://no-such-host.invalid/things"
    with pytest.raises(errors.ConnectionFailed, match=r"unknown host 'no-such-host\.invalid'"):
        client_for(url).send(get(url))


def test_tls_to_a_server_that_has_none(server: ScriptedServer) -> None:
    url = server.url.replace("http://", "https://") + "/things"
    with pytest.raises(errors.ConnectionFailed, match=r"no TLS connection.*; does the server speak http, without TLS"):
        client_for(url).send(get(url))


class Misbehaving(BaseHTTPRequestHandler):
    """Closes at once (``/closed``), never answers (``/silent``), or sends one octet at a time (``/slow``)."""

    release = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.release.wait(5)
        elif self.path == "/slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not self.release.wait(0.02):
                self.wfile.write(b".")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        pass


@pytest.fixture
def misbehaving() -> Iterator[str]:
    class Server(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """The client went away, as the test wants it."""

    Misbehaving.release.clear()
    server = Server(("127.0.0.1", 0), Misbehaving)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Misbehaving.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("path", ["/silent", "/slow"])
def test_an_answer_that_does_not_end_in_time(misbehaving: str, path: str) -> None:
    with pytest.raises(errors.RequestTimeout, match=r"no complete answer.*within 0\.2 s"):
        client_for(misbehaving, timeout_s=0.2).send(get(misbehaving + path))


def test_a_server_that_hangs_up(misbehaving: str) -> None:
    with pytest.raises(errors.ConnectionFailed, match="closed the connection without a complete answer"):
        client_for(misbehaving).send(get(f"{misbehaving}/closed"))


def test_requests_per_second_are_spread() -> None:
    now, waits = [100.0], []
    pace = Pace(Limits(requests_per_second=2), now=lambda: now[0], sleep=waits.append)
    for _ in range(3):
        with pace.turn():
            pass
    now[0] += 10
    with pace.turn():
        pass
    assert waits == [0.5, 1.0]


def test_processes_spread_their_requests_together(tmp_path: Path) -> None:
    waits: list[float] = []
    one, other = (
        Pace(Limits(requests_per_second=2), now=lambda: 100.0, sleep=waits.append, shared=tmp_path) for _ in range(2)
    )
    for pace in (one, other, one):
        with pace.turn():
            pass
    assert waits == [0.5, 1.0]


def test_processes_wait_together_for_so_long(tmp_path: Path) -> None:
    told: list[str] = []
    one, other = (WaitBudget(Limits(retry_after_total_s=10), announce=told.append, shared=tmp_path) for _ in range(2))
    assert [one.take(6), other.take(6), other.take(4), one.take(1)] == [True, False, True, False]
    assert len(told) == 2


@pytest.mark.parametrize("is_shared", [False, True])
def test_only_so_many_requests_are_in_flight(tmp_path: Path, is_shared: bool) -> None:
    folder = tmp_path if is_shared else None
    pace = Pace(Limits(max_in_flight=1), shared=folder)
    others = Pace(Limits(max_in_flight=1), shared=folder) if is_shared else pace
    entered = threading.Event()

    def second() -> None:
        with others.turn():
            entered.set()

    thread = threading.Thread(target=second)
    with pace.turn():
        thread.start()
        assert not entered.wait(0.05)
    assert entered.wait(5)
    thread.join()
