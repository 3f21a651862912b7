"""The local servers: nginx with one answer, at once or after 100 ms, and with wrong ones; and what they can do."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from speed.work import answer

LATENCY_S = 0.1
ECHO_MODULE = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")
HOW_TO_GET = "apt-get install nginx-light libnginx-mod-http-echo"

_CONFIGURATION = """\
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
{user}
load_module {module};
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000;
    keepalive_timeout 600s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{fast};
        location / {{ return 200 '{answer}'; }}
        location = /-/status {{ stub_status; }}
    }}
    server {{
        listen 127.0.0.1:{slow};
        location / {{ echo_sleep {latency_s}; echo_exec /-/answer; }}
        location = /-/answer {{ internal; return 200 '{answer}'; }}
    }}
    server {{ listen 127.0.0.1:{wrong_body}; location / {{ return 200 '{wrong_answer}'; }} }}
    server {{ listen 127.0.0.1:{wrong_status}; location / {{ return 201 '{answer}'; }} }}
}}
"""


class NoServer(Exception):
    """The servers cannot be had here; the message tells why and what helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What nginx counted, the question for it included."""

    requests: int
    connections: int

    def since(self, earlier: Counters) -> Counters:
        """What came between two questions, both left out."""
        return Counters(
            requests=self.requests - earlier.requests - 1, connections=self.connections - earlier.connections - 1
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Ports on loopback."""

    fast: int
    slow: int
    wrong_body: int
    wrong_status: int

    def counters(self) -> Counters:
        """What the servers were asked since they were started."""
        with urllib.request.urlopen(f"{origin(self.fast)}/-/status", timeout=10) as given:
            text = given.read().decode()
        accepted, _, requests = map(int, text.splitlines()[2].split())
        return Counters(requests=requests, connections=accepted)


def origin(port: int) -> str:
    """The URL of a server."""
    return f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Servers]:
    """The servers, until the end of the block.

    Raises:
        NoServer: where nginx or its echo module is missing, or it does not start.
    """
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None or not ECHO_MODULE.exists():
        raise NoServer(f"the servers need nginx with its echo module: {HOW_TO_GET}")
    servers = Servers(**dict(zip(Servers.__dataclass_fields__, _free_ports(4), strict=True)))
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(_configuration(folder, servers), encoding="utf-8")
    command = [nginx, "-c", str(configuration), "-p", str(folder), "-e", str(folder / "error.log")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            _wait_until_ready(servers, process, folder / "error.log")
            yield servers
        finally:
            process.terminate()


def bare_client_s(port: int, *, requests: int, in_flight: int) -> float:
    """Seconds for so many requests by a client that does nothing but send and receive, one connection a thread."""
    each = requests // in_flight
    threads = [threading.Thread(target=_exchange, args=(port, each)) for _ in range(in_flight)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _exchange(port: int, count: int) -> None:
    request = f"GET /items/1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    end = answer().encode()[-20:]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for _ in range(count):
            connection.sendall(request)
            received = b""
            while not received.endswith(end):
                received += connection.recv(65536) or _closed()


def _closed() -> bytes:
    raise ConnectionError("the server closed the connection")


def _configuration(folder: Path, servers: Servers) -> str:
    return _CONFIGURATION.format(
        folder=folder,
        # A master that runs as root gives its workers to another account; here they have nothing to protect.
        user="user root;" if Path("/proc/self").stat().st_uid == 0 else "",
        module=ECHO_MODULE,
        latency_s=LATENCY_S,
        answer=answer(),
        wrong_answer=answer(valid=False),
        fast=servers.fast,
        slow=servers.slow,
        wrong_body=servers.wrong_body,
        wrong_status=servers.wrong_status,
    )


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _wait_until_ready(servers: Servers, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError):
            servers.counters()
            return
        time.sleep(0.05)
    raise NoServer(f"nginx did not start: {log.read_text(errors='replace') if log.exists() else 'it says nothing'}")
