"""A project with endpoint docs, and a real server for them to be about."""

from __future__ import annotations

import gc
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonpath_rfc9535  # noqa: F401 - its native part loads once in a process, and pytester unloads modules
import pytest
import referencing.jsonschema  # noqa: F401 - as above
import yaml  # noqa: F401 - as above


@dataclass
class Answer:
    """What the server says to one ``METHOD /path``."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """A loopback server: ``answers`` by ``METHOD /path``; ``seen`` holds every request that came."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)
    httpd: ThreadingHTTPServer | None = None

    def on(self, endpoint: str, status: int = 200, body: Any = None, **headers: str) -> None:
        """Say what an endpoint answers."""
        self.answers[endpoint] = Answer(
            status, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )

    @property
    def requests(self) -> list[str]:
        """``METHOD /path?query`` of every request that came."""
        return [f"{request['method']} {request['path']}" for request in self.seen]


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that answers 200 ``{"ok": true}`` where a test says nothing else."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            state.seen.append(
                {
                    "method": self.command,
                    "path": self.path,
                    "headers": dict(self.headers),
                    "body": content.decode("utf-8", errors="replace"),
                }
            )
            found = state.answers.get(f"{self.command} {self.path.partition('?')[0]}", Answer(body={"ok": True}))
            payload = b"" if found.body is None else json.dumps(found.body).encode()
            self.send_response(found.status)
            for name, value in {"Content-Type": "application/json", **found.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            with suppress(ConnectionError):  # a run that was stopped does not wait for its answers
                self.end_headers()
                self.wfile.write(payload)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    state = Server(f"http://127.0.0.1:{httpd.server_port}", httpd=httpd)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()


class Project:
    """A project of endpoint docs in pytester's folder."""

    def __init__(self, pytester: pytest.Pytester, server: Server) -> None:
        self.pytester = pytester
        self.server = server
        self.root: Path = pytester.path
        self.write("pytest.ini", "[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
        self.environment()

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def environment(self, extra: str = "", name: str = "test") -> Path:
        """Write the environment file ``fixtures/environments/NAME.yaml`` for the server."""
        text = f"base_url: {self.server.url}\nwrites: true\ndeletes: true\n{extra}"
        return self.write(f"fixtures/environments/{name}.yaml", text)

    def doc(self, name: str, body: str, *, endpoint: str = "GET /things", head: str = "status: verified") -> Path:
        """Write ``endpoints/NAME.md``."""
        return self.write(f"endpoints/{name}.md", f"---\nendpoint: {endpoint}\n{head}\n---\n# Doc\n\n{body}")

    def get(
        self, name: str = "things", path: str = "/things", expect: str = "{status: 200}", head: str = "status: verified"
    ) -> Path:
        """Write a doc with one GET request."""
        steps = f"steps:\n  - id: main\n    method: GET\n    path: {path}\n    expect: {expect}\n"
        return self.doc(name, f"## Test Request\n\n```yaml\n{steps}```\n", endpoint=f"GET {path}", head=head)

    def run(self, *arguments: str, env: str | None = "test") -> pytest.RunResult:
        """Run pytest on the project's docs."""
        environment = ["--endpoint-env", env] if env else []
        return self.pytester.runpytest_inprocess(*environment, *(arguments or ["endpoints"]))


@pytest.fixture(autouse=True)
def inner_runs_in_order(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs inside of tests keep their order, also where pytest-randomly shuffles the tests themselves."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly")


@pytest.fixture(autouse=True)
def inner_runs_make_their_own_log_records() -> Iterator[None]:
    """The run around a test may be one over docs, too, which takes whatever it has learned out of all log records."""
    around = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logging.LogRecord)
    yield
    logging.setLogRecordFactory(around)


@pytest.fixture(autouse=True)
def inner_runs_look_for_no_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run lets go of what an earlier one of its process kept, and looks for garbage in it.

    Here that is all that the run around has collected, and the search takes as long as the run.
    """
    monkeypatch.setattr(gc, "get_freeze_count", lambda: 0)
    monkeypatch.setattr(gc, "freeze", lambda: None)


@pytest.fixture
def project(pytester: pytest.Pytester, server: Server) -> Project:
    """An empty project of endpoint docs with the environment ``test``."""
    return Project(pytester, server)
