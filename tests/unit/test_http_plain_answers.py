"""Plain answers are read here, all others by the libraries; nobody can tell from what comes of it."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from raw_server import raw_server
from running_docs import environment

from pytest_endpoint_docs.errors import ConnectionFailed, ConnectionLost, ConnectTimeout, RequestError, ResponseTooLarge
from pytest_endpoint_docs.http import client as client_module
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.http.plain_answer import plain_head
from pytest_endpoint_docs.http.wire import WireRequest
from pytest_endpoint_docs.model.exchange import Request, Response

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: a\r\nx-one:  b \r\nContent-Type: text/plain\r\n\r\nhi"
ZIPPED = gzip.compress(b"zipped")
ANSWERS = {
    "plain": PLAIN,
    "without reason": b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "octets above ASCII": b"HTTP/1.1 200 Gr\xfcn\r\nContent-Length: 1\r\nX-Name: \xe9\r\n\r\n\xff",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "coded": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED,
    "interim": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + PLAIN,
    "kept by name": b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi",
}
CLOSING = {
    "to the end": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi",
    "older": b"HTTP/1.0 200 OK\r\n\r\nhi",
}


@dataclass(kw_only=True)
class Server:
    """``answers`` are given in turn, one to each request, in ``pieces``; a connection ends after the last one."""

    url: str
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0


def request_on(connection: socket.socket) -> bytes:
    """The octets of the next request: nothing after the last one."""
    asked = b""
    with suppress(OSError):
        while chunk := connection.recv(65536):
            asked += chunk
            head, end, content = asked.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *([0-9]+)", head)
            if end and len(content) >= (int(length[1]) if length else 0):
                return asked
    return asked


@contextmanager
def answering(*answers: bytes, pieces: int = 1, ends: bool = False) -> Iterator[Server]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(url=f"http://127.0.0.1:{listening.getsockname()[1]}")
    given = iter(answers)

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            server.connections += 1
            with connection:
                while asked := request_on(connection):
                    server.asked.append(asked)
                    answer = next(given)
                    size = -(-len(answer) // pieces)
                    with suppress(OSError):  # who has read enough may be gone
                        for start in range(0, len(answer), size):
                            connection.sendall(answer[start : start + size])
                            if pieces > 1:
                                time.sleep(0.001)  # each piece is a segment of its own
                    if ends:
                        break

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def told(response: Response) -> tuple[object, ...]:
    return response.status_code, response.reason, dict(response.headers.items()), response.content


def failure(kind: type[RequestError], http: HttpClient, request: Request) -> str:
    with pytest.raises(kind) as raised:
        http.send(request)
    return raised.value.message


@contextmanager
def by_library_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(client_module, "request_octets", lambda *_: None)
        yield


def test_blanks_around_a_value_are_no_part_of_it() -> None:
    head = plain_head(PLAIN)
    assert head is not None
    assert head.fields["X-One"] == "a, b"


@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize("name", [*ANSWERS, *CLOSING])
def test_an_answer_is_what_the_library_makes_of_it(name: str, pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = (ANSWERS | CLOSING)[name]
    with answering(answer, answer, pieces=pieces, ends=name in CLOSING) as server:
        with client_of(server) as http:
            ours = http.send(Request(method="GET", url=f"{server.url}/a")).response
        with by_library_alone(monkeypatch), client_of(server) as http:
            theirs = http.send(Request(method="GET", url=f"{server.url}/a")).response
        assert told(ours) == told(theirs)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_connection_is_used_again_whoever_read_the_answer(name: str) -> None:
    with answering(ANSWERS[name], ANSWERS[name], ANSWERS[name]) as server, client_of(server) as http:
        for _ in range(3):
            http.send(Request(method="GET", url=f"{server.url}/a"))
        assert server.connections == 1


def test_work_is_done_once_after_a_request_has_left_and_before_its_answer_comes() -> None:
    arrived, done = threading.Event(), threading.Event()
    times: list[bool] = []

    def work() -> None:
        times.append(arrived.wait(20))
        done.set()

    def serve(connection: socket.socket, _: threading.Event) -> None:
        for _ in range(2):
            connection.recv(65536)
            arrived.set()
            connection.sendall(PLAIN if done.wait(20) else b"")

    with raw_server(serve) as address:
        http = HttpClient(environment(f"http://{address}"))
        http.do_meanwhile(work)
        for _ in range(2):
            assert http.send(Request(method="GET", url=f"http://{address}/a")).response.content == b"hi"
        http.close()
    assert times == [True]


@pytest.mark.parametrize("extra", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"\r\n"])
def test_what_comes_behind_an_answer_is_not_the_next_one(extra: bytes) -> None:
    with answering(PLAIN + extra, ANSWERS["no content"]) as server, client_of(server) as http:
        assert http.send(Request(method="GET", url=f"{server.url}/a")).response.content == b"hi"
        assert http.send(Request(method="GET", url=f"{server.url}/b")).response.status_code == 204
        assert server.connections == 2


def test_an_answer_that_ends_too_early_is_a_lost_connection() -> None:
    short = PLAIN.replace(b"Content-Length: 2", b"Content-Length: 9")
    with answering(short, ends=True) as server, client_of(server) as http:
        request = Request(method="POST", url=f"{server.url}/a")
        assert "the server closed the connection without a complete answer" in failure(ConnectionLost, http, request)


def test_an_answer_that_says_that_it_is_too_long_is_not_read() -> None:
    long = PLAIN.replace(b"Content-Length: 2", b"Content-Length: 20000000")
    with answering(long) as server, client_of(server) as http:
        request = Request(method="GET", url=f"{server.url}/a")
        assert "is longer than 10000000 bytes" in failure(ResponseTooLarge, http, request)


def test_a_folded_field_is_one_line() -> None:
    folded = b"HTTP/1.1 200 OK\r\nX-Long: a\r\n  b\r\nContent-Length: 2\r\n\r\nhi"
    with answering(folded) as server, client_of(server) as http:
        response = http.send(Request(method="GET", url=f"{server.url}/a")).response
        assert (response.headers["X-Long"], response.content) == ("a b", b"hi")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("content", [None, b'{"a": 1}'])
@pytest.mark.parametrize("headers", [{}, {"X-One": "é".encode(), "Authorization": "Bearer t"}, {"Host": "other"}])
def test_a_request_is_sent_as_the_library_sends_it(
    method: str, content: bytes | None, headers: dict[str, str | bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ANSWERS["no content"]
    with answering(answer, answer) as server:
        wire = WireRequest(
            method=method,
            url=f"{server.url}/a?b=%20c",
            headers={"User-Agent": "u", "Accept-Encoding": "gzip", **headers},
            content=content,
            shown_url="shown",
        )
        with client_of(server) as http:
            http.exchange(wire)
        with by_library_alone(monkeypatch), client_of(server) as http:
            http.exchange(wire)
        ours, theirs = server.asked
        assert ours.partition(b"\r\n\r\n")[2] == theirs.partition(b"\r\n\r\n")[2]
        assert sorted(ours.split(b"\r\n")) == sorted(theirs.split(b"\r\n"))
        assert ours.split(b"\r\n")[:2] == theirs.split(b"\r\n")[:2]


@pytest.mark.parametrize("host", ["127.0.0.1:1", "nowhere.invalid", "999.1.1.1"])
def test_where_nobody_answers_it_is_told_as_of_the_library(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server, request = Server(url=f"http://{host}"), Request(method="POST", url=f"http://{host}/a")
    with client_of(server) as http:
        ours = failure(ConnectionFailed, http, request)
    with by_library_alone(monkeypatch), client_of(server) as http:
        assert ours == failure(ConnectionFailed, http, request)


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example"])
def test_a_name_that_no_host_can_have_is_an_unknown_one(host: str) -> None:
    with client_of(Server(url=f"http://{host}")) as http:
        request = Request(method="POST", url=f"http://{host}/a")
        assert failure(ConnectionFailed, http, request) == f"http://{host}/a: unknown host '{host}'"


def test_a_server_that_takes_no_connection_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object) -> socket.socket:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", late)
    with client_of(Server(url="http://127.0.0.1:1")) as http:
        told = failure(ConnectTimeout, http, Request(method="POST", url="http://127.0.0.1:1/a"))
    assert told == "http://127.0.0.1:1/a: no connection within 10 s"


@pytest.mark.parametrize(
    "octets",
    [
        PLAIN.partition(b"hi")[0][:-2],
        PLAIN.replace(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 3"),
        PLAIN.replace(b"Content-Length: 2", b"Content-Length: +2"),
        PLAIN.replace(b"Content-Length: 2", b"Content-Length : 2"),
        PLAIN.replace(b"Content-Length: 2", b"Content-Length: 2\r\nTransfer-Encoding: chunked"),
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"X-One: a", b"X-One: a\0b"),
        PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"),
        PLAIN.replace(b"200 OK", b"101 Switching Protocols"),
    ],
)
def test_what_is_not_plain(octets: bytes) -> None:
    assert plain_head(octets) is None


def test_the_end_of_the_run_ends_what_is_under_way() -> None:
    http = HttpClient(environment("http://127.0.0.1:1"))
    http.close()
    with pytest.raises(RequestError, match="the run is over"):
        http.send(Request(method="GET", url="http://127.0.0.1:1/a"))


@contextmanager
def client_of(server: Server) -> Iterator[HttpClient]:
    http = HttpClient(environment(server.url))
    try:
        yield http
    finally:
        http.close()
