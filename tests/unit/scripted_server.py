"""A loopback server that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it arrived; ``target`` is the path with its query as it stood on the wire."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: ``body`` is sent as JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(kw_only=True)
class ScriptedServer:
    """``replies`` maps ``METHOD /path`` to a reply, several that are given in order, or a function of the request."""

    url: str
    replies: dict[str, Reply | list[Reply] | Callable[[Asked], Reply]]
    asked: list[Asked] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    @property
    def lines(self) -> list[str]:
        return [f"{request.method} {request.target}" for request in self.asked]

    def reply_to(self, asked: Asked) -> Reply:
        script = self.replies.get(f"{asked.method} {asked.path}", Reply(status=404, body={"error": "not found"}))
        if callable(script):
            return script(asked)
        if isinstance(script, list):
            return script.pop(0) if len(script) > 1 else script[0]
        return script


@contextmanager
def scripted_server(replies: Mapping[str, Any] | None = None) -> Iterator[ScriptedServer]:
    """The server, until the block ends."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            asked = Asked(
                method=self.command, target=self.path, headers=dict(self.headers), content=self.rfile.read(length)
            )
            running.asked.append(asked)
            running.connections.add(self.client_address)
            reply = running.reply_to(asked)
            self.send_response(reply.status)
            if reply.body is not None and not isinstance(reply.body, bytes):
                self.send_header("Content-Type", "application/json")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    running = ScriptedServer(url=f"http://127.0.0.1:{server.server_address[1]}", replies=dict(replies or {}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
