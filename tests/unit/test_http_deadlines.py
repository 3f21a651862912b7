"""Servers that never come to an end: the deadline holds for all of an exchange, on real sockets."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from raw_server import Serve, raw_server
from running_docs import environment
from scripted_server import Reply, scripted_server

from pytest_endpoint_docs.errors import RequestTimeout
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.exchange import Request

PAUSE_S = 0.02
LINE = b"HTTP/1.1 200 OK\r\n"
CHUNKED = LINE + b"Transfer-Encoding: chunked\r\n\r\n"


def drip(before: bytes, again: bytes) -> Serve:
    """``before`` at once, then ``again`` octet by octet, without end."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(before)
        while True:
            for octet in again:
                if over.wait(PAUSE_S):
                    return
                connection.sendall(bytes([octet]))

    return serve


def flood(before: bytes, again: bytes) -> Serve:
    """``before``, then ``again`` as fast as it is read, without end."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(before)
        while not over.is_set():
            connection.sendall(again * 100)

    return serve


def handshake(connection: socket.socket, over: threading.Event) -> None:
    """The header of a long TLS record, then its content octet by octet."""
    connection.recv(65536)
    connection.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xf0")
    while not over.wait(PAUSE_S):
        connection.sendall(b"\x00")


def nothing(connection: socket.socket, over: threading.Event) -> None:
    over.wait(30)


def ask(url: str, **changes: Any) -> None:
    client = HttpClient(environment(url, **({"timeout_s": 0.4} | changes)))
    try:
        client.send(Request(method="POST", url=f"{url}/x"))
    finally:
        client.close()


@pytest.mark.parametrize(
    ("scheme", "serve"),
    [
        pytest.param("http", nothing, id="silence"),
        pytest.param("http", drip(b"HTTP/1.1 200 ", b"O"), id="status line"),
        pytest.param("http", drip(LINE + b"X-A: ", b"a"), id="value of a header field"),
        pytest.param("http", drip(LINE, b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"), id="header fields"),
        pytest.param("http", drip(CHUNKED, b"0"), id="size of a chunk"),
        pytest.param("http", drip(CHUNKED + b"1;", b"x"), id="extension of a chunk"),
        pytest.param("http", drip(CHUNKED, b"1\r\na\r\n"), id="chunks"),
        pytest.param("http", drip(CHUNKED + b"0\r\n", b"X-A: aaaaaaaaaaaaaaaaaaaaaaaa\r\n"), id="trailers"),
        pytest.param("http", flood(CHUNKED + b"0\r\n", b"X-A: a\r\n"), id="trailers at full speed"),
        pytest.param("http", drip(LINE + b"Content-Length: 1000\r\n\r\n", b"a"), id="content"),
        pytest.param("http", drip(LINE + b"\r\n", b"a"), id="content until the end of the connection"),
        pytest.param("http", drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="1xx"),
        pytest.param("http", flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="1xx at full speed"),
        pytest.param("https", nothing, id="no handshake"),
        pytest.param("https", handshake, id="handshake"),
    ],
)
def test_the_deadline_ends_it(scheme: str, serve: Serve) -> None:
    with raw_server(serve) as address:
        url = f"{scheme}://{address}"
        with pytest.raises(RequestTimeout, match=r"within 0\.4 s"):
            ask(url)


def test_a_proxy_that_drips_its_answer_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with raw_server(drip(b"HTTP/1.1 200 ", b"O")) as address:
        monkeypatch.setenv("https_proxy", f"http://{address}")
        with pytest.raises(RequestTimeout, match=r"within 0\.4 s"):
            ask("https://api.example.com")


def test_a_request_that_is_not_read() -> None:
    with raw_server(nothing) as address:
        client = HttpClient(environment(f"http://{address}", timeout_s=0.4))
        body = {"long": "x" * 30_000_000}
        with pytest.raises(RequestTimeout, match=r"within 0\.4 s"):
            client.send(Request(method="POST", url=f"http://{address}/x", body=body, has_body=True))
        client.close()


def test_a_connection_that_is_used_again_has_the_deadline_of_each_request() -> None:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(LINE + b"Content-Length: 2\r\n\r\n{}")
        drip(b"HTTP/1.1 200 ", b"O")(connection, over)

    with raw_server(serve) as address:
        client = HttpClient(environment(f"http://{address}", timeout_s=0.4))
        request = Request(method="POST", url=f"http://{address}/x")
        assert client.send(request).response.json() == {}
        with pytest.raises(RequestTimeout):
            client.send(request)
        client.close()


def test_the_end_of_one_exchange_leaves_the_others_alone() -> None:
    """Shut down is what this exchange uses, not what follows on the same connection or runs beside it."""
    with scripted_server({"GET /x": Reply(body={})}) as fine, raw_server(nothing) as address:
        client = HttpClient(environment(fine.url, timeout_s=0.4, allowed_origins=(f"http://{address}",)))
        late: list[BaseException] = []

        def be_late() -> None:
            try:
                client.send(Request(method="GET", url=f"http://{address}/x"))
            except RequestTimeout as error:
                late.append(error)

        thread = threading.Thread(target=be_late)
        thread.start()
        answers = 0
        while thread.is_alive():
            client.send(Request(method="GET", url=f"{fine.url}/x"))
            answers += 1
        thread.join()
        client.send(Request(method="GET", url=f"{fine.url}/x"))
        client.close()
    assert (len(late), len(fine.asked), len(fine.connections)) == (1, answers + 1, 1)


def test_no_socket_and_no_thread_stays(recwarn: pytest.WarningsRecorder) -> None:
    before = set(threading.enumerate())
    with raw_server(drip(b"HTTP/1.1 200 ", b"O")) as address, pytest.raises(RequestTimeout):
        ask(f"http://{address}")
    assert set(threading.enumerate()) <= before
    assert not [warning for warning in recwarn if issubclass(warning.category, ResourceWarning)]
