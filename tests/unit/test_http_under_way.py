"""Requests that leave early over open connections; their answers are read later."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime

import pytest
from raw_server import raw_server
from running_docs import NOW, environment
from scripted_server import Asked, Reply, ScriptedServer, scripted_server

from pytest_endpoint_docs.errors import RequestError, RequestTimeout
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.http.under_way import Arrivals, Departure
from pytest_endpoint_docs.model.environment import Limits
from pytest_endpoint_docs.model.exchange import Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def get(url: str, path: str = "/a") -> Request:
    return Request(method="GET", url=url + path)


def with_open(
    server: ScriptedServer, count: int = 1, *, waits: list[float] | None = None, limits: Limits | None = None
) -> HttpClient:
    """A client with so many open connections."""
    sleep = waits.append if waits is not None else (lambda _: pytest.fail("waited"))
    client = HttpClient(environment(server.url, limits=limits or Limits()), clock=lambda: NOW, sleep=sleep)
    together = threading.Barrier(count)

    def meet(_: Asked) -> Reply:
        together.wait(20)
        return Reply(body={})

    server.replies["GET /open"] = meet
    with ThreadPoolExecutor(count) as threads:
        list(threads.map(lambda _: client.send(get(server.url, "/open")), range(count)))
    server.asked.clear()
    return client


def left(client: HttpClient, request: Request) -> Departure:
    departure = client.leave(request)
    assert departure is not None
    return departure


def test_without_an_open_connection_nothing_leaves(server: ScriptedServer) -> None:
    client = HttpClient(environment(server.url))
    assert client.leave(get(server.url)) is None
    assert server.asked == []
    client.close()


def test_each_gets_its_answer_in_whatever_order_they_come_and_are_read(server: ScriptedServer) -> None:
    second_is_there = threading.Event()

    def slow(_: Asked) -> Reply:
        second_is_there.wait(20)
        return Reply(body="first")

    server.replies |= {"GET /1": slow, "GET /2": Reply(body="second"), "GET /3": Reply(body="third")}
    client = with_open(server, 3)
    requests = [get(server.url, f"/{number}") for number in (1, 2, 3)]
    departures = [left(client, request) for request in requests]
    assert client.awaited == 3
    assert client.arrived(departures[1], requests[1]).response.json() == "second"
    second_is_there.set()
    assert client.arrived(departures[2], requests[2]).response.json() == "third"
    assert client.arrived(departures[0], requests[0]).response.json() == "first"
    assert (client.awaited, len(server.connections)) == (0, 3)
    assert client.leave(get(server.url)) is not None  # they are open still
    client.close()


def test_the_time_until_an_answer_is_read_is_none_of_the_servers(server: ScriptedServer) -> None:
    """Whether somebody looks, or another answer is waited for meanwhile."""

    def slow(_: Asked) -> Reply:
        time.sleep(1.0)  # latency of a server
        return Reply(body={})

    server.replies |= {"GET /a": Reply(body={}), "GET /slow": slow}
    client = with_open(server, 3)
    departures = [left(client, get(server.url)), left(client, get(server.url, "/slow"))]
    waited = client.send(get(server.url, "/slow")).response
    first = client.arrived(departures[0], get(server.url)).response
    second = client.arrived(departures[1], get(server.url, "/slow")).response
    assert first.elapsed_s < 0.9 < second.elapsed_s
    assert waited.elapsed_s > 0.9
    client.close()


def answering_twice(connection: socket.socket, later: threading.Event | None, content: bytes) -> None:
    """An answer at once to open the connection, and one that ends ``later``."""
    connection.recv(65536)
    connection.sendall(OK + b"hi")
    connection.recv(65536)
    if later is None:
        connection.recv(1)  # nothing more comes
    else:
        connection.sendall(OK)
        later.wait(20)
        connection.sendall(content)


def test_what_came_in_time_counts_however_late_it_is_read() -> None:
    """The server could not send more before somebody read: it has the rest of its time from then on."""
    late = threading.Event()
    with raw_server(lambda connection, _: answering_twice(connection, late, b"ok")) as address:
        client = HttpClient(environment(f"http://{address}", timeout_s=0.4))
        client.send(get(f"http://{address}"))
        departure = left(client, get(f"http://{address}"))
        while client.awaited:
            client.look()
        time.sleep(0.5)  # longer than the request may take
        threading.Timer(0.1, late.set).start()
        response = client.arrived(departure, get(f"http://{address}")).response
        assert (response.content, response.elapsed_s < 0.4) == (b"ok", True)
        client.close()


def test_what_came_while_nobody_looked_counts_too() -> None:
    """Where a debugger stops the run, say: nobody knows when it came."""
    at_once = threading.Event()
    at_once.set()
    with raw_server(lambda connection, _: answering_twice(connection, at_once, b"ok")) as address:
        client = HttpClient(environment(f"http://{address}", timeout_s=0.3))
        client.send(get(f"http://{address}"))
        departure = left(client, get(f"http://{address}"))
        time.sleep(0.5)  # longer than the request may take
        response = client.arrived(departure, get(f"http://{address}")).response
        assert (response.content, response.elapsed_s < 0.3) == (b"ok", True)
        client.close()


def test_what_was_not_there_after_its_time_is_late_however_late_it_is_read() -> None:
    late = threading.Event()

    def serve(connection: socket.socket, _: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(OK + b"hi")
        connection.recv(65536)
        late.wait(20)
        connection.sendall(OK + b"hi")

    with raw_server(serve) as address:
        client = HttpClient(environment(f"http://{address}", timeout_s=0.2))
        client.send(get(f"http://{address}"))
        departure = left(client, get(f"http://{address}"))
        client.sleep(0.3)
        late.set()
        time.sleep(0.1)
        with pytest.raises(RequestTimeout, match="no complete answer within"):
            client.arrived(departure, get(f"http://{address}"))
        client.close()


def test_while_the_client_waits_it_notes_what_comes(server: ScriptedServer) -> None:
    """A doc's ``sleep``, or the wait before a second attempt: neither makes the server slow."""
    server.replies["GET /a"] = Reply(body={})
    client = with_open(server)
    departure = left(client, get(server.url))
    began = time.monotonic()
    client.sleep(1.0)
    took = time.monotonic() - began
    answer = client.arrived(departure, get(server.url)).response
    assert answer.elapsed_s < 0.9 < took
    client.close()


class Interrupted(Exception):
    """What a plugin raises that bounds the time of each test."""


def test_an_answer_whose_wait_was_broken_off_is_in_nobodys_way(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next connection may get the same number from the system."""
    silent = threading.Event()

    def never(_: Asked) -> Reply:
        silent.wait(20)
        return Reply(body={})

    server.replies |= {"GET /a": Reply(body={}), "GET /never": never}
    client = with_open(server)
    departure = left(client, get(server.url, "/never"))

    def interrupted(*_: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(Arrivals, "look", interrupted)
        with pytest.raises(Interrupted):
            client.arrived(departure, get(server.url, "/never"))
    assert client.awaited == 0
    client.send(get(server.url))
    again = left(client, get(server.url))
    assert client.arrived(again, get(server.url)).response.json() == {}
    silent.set()
    client.close()


@pytest.mark.parametrize("has_come", [False, True])
def test_what_nobody_will_read_keeps_no_connection(server: ScriptedServer, has_come: bool) -> None:
    server.replies["GET /a"] = Reply(body={})
    client = with_open(server)
    departure = left(client, get(server.url))
    while has_come and client.awaited:
        client.look()
    client.forget(departure)
    while client.awaited:  # until then the server works on it
        client.look()
    assert departure.connection.sock.fileno() == -1
    assert client.send(get(server.url)).response.json() == {}
    client.forget(departure)
    client.close()


def test_an_answer_that_was_read_keeps_its_connection(server: ScriptedServer) -> None:
    server.replies["GET /a"] = Reply(body={})
    client = with_open(server)
    departure = left(client, get(server.url))
    client.arrived(departure, get(server.url))
    client.forget(departure)
    assert client.leave(get(server.url)) is not None
    client.close()


def test_what_does_not_come_in_time_is_told_when_it_is_asked_for() -> None:
    with raw_server(lambda connection, _: answering_twice(connection, None, b"")) as address:
        client = HttpClient(environment(f"http://{address}", timeout_s=0.3))
        client.send(get(f"http://{address}"))
        departure = left(client, get(f"http://{address}"))
        with pytest.raises(RequestTimeout, match="no complete answer within"):
            client.arrived(departure, get(f"http://{address}"))
        client.close()


def test_a_connection_that_is_lost_is_a_reason_to_ask_again() -> None:
    connections: list[int] = []

    def serve(connection: socket.socket, _: threading.Event) -> None:
        connections.append(1)
        connection.recv(65536)
        connection.sendall(OK + b"hi")
        connection.recv(65536)  # and closes

    with raw_server(serve) as address:
        client = HttpClient(environment(f"http://{address}"))
        client.send(get(f"http://{address}"))
        departure = left(client, get(f"http://{address}"))
        answer = client.arrived(departure, get(f"http://{address}"))
        assert (answer.response.content, answer.attempts, len(connections)) == (b"hi", 2, 2)
        client.close()


def test_so_it_is_after_a_wait_that_the_server_asked_for() -> None:
    """The connection was idle meanwhile."""
    connections: list[int] = []

    def serve(connection: socket.socket, _: threading.Event) -> None:
        connections.append(1)
        connection.recv(65536)
        if len(connections) == 1:
            connection.sendall(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
            connection.recv(65536)  # and closes
        else:
            connection.sendall(OK + b"hi")

    with raw_server(serve) as address:
        client = HttpClient(environment(f"http://{address}"))
        answer = client.send(get(f"http://{address}"))
        assert (answer.response.content, answer.attempts, len(connections)) == (b"hi", 3, 2)
        client.close()


def test_a_redirect_is_followed_and_from_then_on_nothing_leaves_early(server: ScriptedServer) -> None:
    """Else the second of all hops would be waited for one after the other."""
    server.replies |= {"GET /a": Reply(status=302, headers={"Location": "/b"}), "GET /b": Reply(body={"at": "b"})}
    client = with_open(server, 2)
    response = client.arrived(left(client, get(server.url)), get(server.url)).response
    assert (response.json(), response.redirects) == ({"at": "b"}, 1)
    assert client.leave(get(server.url)) is None
    client.close()


def test_so_does_an_answer_that_comes_piece_by_piece() -> None:
    late = threading.Event()
    with raw_server(lambda connection, _: answering_twice(connection, late, b"ok")) as address:
        client = HttpClient(environment(f"http://{address}"))
        client.send(get(f"http://{address}"))
        departure = left(client, get(f"http://{address}"))
        threading.Timer(0.2, late.set).start()
        assert client.arrived(departure, get(f"http://{address}")).response.content == b"ok"
        assert not client.may_leave
        client.close()


@pytest.mark.parametrize("after", ["5", format_datetime(NOW + timedelta(seconds=5), usegmt=True)])
def test_a_wait_that_the_server_asks_for_begins_when_its_answer_came(server: ScriptedServer, after: str) -> None:
    server.replies["GET /a"] = [Reply(status=429, headers={"Retry-After": after}), Reply(body={})]
    waits: list[float] = []
    client = with_open(server, waits=waits)
    departure = left(client, get(server.url))
    while client.awaited:
        client.look()
    time.sleep(0.5)
    answer = client.arrived(departure, get(server.url))
    assert (answer.response.status_code, answer.attempts, client.may_leave) == (200, 2, False)
    # A date means the same moment whenever it is read; here the clock stands still.
    left_s = 4.5 if after == "5" else 5.0
    assert waits == [pytest.approx(left_s, abs=0.3)]
    client.close()


def test_a_request_that_needs_a_thread_of_its_own_keeps_no_other_back(server: ScriptedServer) -> None:
    """Because it is long, or sent by the library."""
    client = with_open(server)
    assert client.leave(get(server.url, f"/a?long={'x' * 9000}")) is None
    assert client.leave(Request(method="HEAD", url=f"{server.url}/a")) is None
    assert client.leave(get(server.url)) is not None
    client.close()


def test_where_limits_hold_nothing_leaves_early(server: ScriptedServer) -> None:
    client = with_open(server, limits=Limits(max_in_flight=4))
    assert client.leave(get(server.url)) is None
    assert server.asked == []
    client.close()


def test_nothing_leaves_for_a_server_that_the_environment_does_not_name(server: ScriptedServer) -> None:
    client = with_open(server)
    with pytest.raises(RequestError, match="is not sent: environment 'test' does not name"):
        client.leave(get("http://elsewhere.example"))
    client.close()


def test_the_end_closes_what_nobody_has_read(server: ScriptedServer) -> None:
    server.replies["GET /a"] = Reply(body={})
    client = with_open(server, 2)
    departures = [left(client, get(server.url)) for _ in range(2)]
    while client.awaited:
        client.look()
    client.close()
    assert [departure.connection.sock.fileno() for departure in departures] == [-1, -1]
    assert client.leave(get(server.url)) is None
