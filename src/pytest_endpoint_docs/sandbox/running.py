"""A sandbox that listens."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from pytest_endpoint_docs.sandbox.app import create_app
from pytest_endpoint_docs.sandbox.settings import SandboxSettings

HOST = "127.0.0.1"


class QuietRequestHandler(WSGIRequestHandler):
    """Serves without a line per request on standard error."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


class Sandbox:
    """A platform on loopback, in a thread of its own; a context manager that stops it."""

    def __init__(self, settings: SandboxSettings, server: BaseWSGIServer) -> None:
        self.settings = settings
        self._server = server
        self._thread = Thread(target=server.serve_forever, args=(0.05,), name="endpoint-docs-sandbox", daemon=True)
        self._thread.start()

    @classmethod
    def start(cls, settings: SandboxSettings | None = None, port: int = 0) -> Sandbox:
        """Start with fresh data on ``port``; 0 takes a free one.

        Raises: OSError where the port is taken, ValueError for an unknown flaw.
        """
        chosen = settings or SandboxSettings()
        return cls(chosen, _listen(chosen, port))

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``."""
        return f"http://{HOST}:{self._server.port}"

    def environ(self) -> dict[str, str]:
        """The variables that the sandbox's environment file refers to, secrets and all."""
        return _environ(self.url, self.settings)

    def stop(self) -> None:
        """Stop listening. A second call does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Sandbox {self.url}>"


def serve(port: int, settings: SandboxSettings | None, announce: Callable[[str], None]) -> None:
    """Serve until Ctrl-C. ``announce`` gets, line by line, what a person needs to use it.

    Raises: OSError where the port is taken, ValueError for an unknown flaw.
    """
    chosen = settings or SandboxSettings()
    server = _listen(chosen, port)
    url = f"http://{HOST}:{server.port}"
    user = chosen.users[0]
    announce(f"The sandbox answers at {url}; Ctrl-C stops it. Its data and tokens are new at every start.")
    announce(f"Log in as {user.username} with the password below.")
    announce("For another terminal:")
    for name, value in _environ(url, chosen).items():
        announce(f"  export {name}={value}")
    with suppress(KeyboardInterrupt):
        server.serve_forever(0.1)
    server.server_close()
    announce("Stopped.")


def _listen(settings: SandboxSettings, port: int) -> BaseWSGIServer:
    # Bound here, because Werkzeug ends the process where a port is taken.
    with socket.create_server((HOST, port), backlog=128) as bound:
        app = create_app(settings)
        return make_server(HOST, port, app, threaded=True, request_handler=QuietRequestHandler, fd=bound.fileno())


def _environ(url: str, settings: SandboxSettings) -> dict[str, str]:
    tokens = {f"SANDBOX_{kind.upper()}_TOKEN": token for kind, token in settings.tokens.items()}
    return {"SANDBOX_URL": url, **tokens, "SANDBOX_PASSWORD": settings.users[0].password}
