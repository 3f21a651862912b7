"""Small web sites on loopback, each page a function; and a live callback server that counts who comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    cookies: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Page = Callable[[Asked], Answer]


class Site:
    """A site on 127.0.0.1. ``pages`` maps a path to its page; ``asked`` is every request, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        site = self

        class RequestHandler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                parts = urlsplit(self.path)
                cookies = SimpleCookie(self.headers.get("Cookie", ""))
                asked = Asked(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    form=dict(parse_qsl(body, keep_blank_values=True)),
                    cookies={name: morsel.value for name, morsel in cookies.items()},
                )
                page = site.pages.get(parts.path)
                if parts.path != "/favicon.ico":
                    site.asked.append(asked)
                answer = page(asked) if page else Answer(status=404, body="<h1>Not found</h1>")
                content = answer.body.encode()
                self.send_response(answer.status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815 - the name that http.server calls

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                # A browser that goes away in the middle of an answer is part of these tests.
                pass

        self._server = Server(("127.0.0.1", 0), RequestHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def count(self, method: str, path: str) -> int:
        return sum(asked.method == method and asked.path == path for asked in self.asked)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    try:
        yield site
    finally:
        site.close()


def html(body: str, *, title: str = "Example", **headers: str) -> Answer:
    return Answer(body=f"<!doctype html><title>{title}</title>{body}", headers=headers)


def to(location: str, *, status: int = 302, **headers: str) -> Answer:
    return Answer(status=status, headers={"Location": location, **headers})


def with_code(asked: Asked, *, code: str = "code-1234567890", mark: str = "?") -> str:
    """The redirect that grants the authorization request in ``asked.query``."""
    return asked.query["redirect_uri"] + mark + urlencode({"code": code, "state": asked.query["state"]})


def with_error(asked: Asked, error: str = "access_denied") -> str:
    parameters = {"error": error, "error_description": "The person said no", "state": asked.query["state"]}
    return asked.query["redirect_uri"] + "?" + urlencode(parameters)


@dataclass(slots=True)
class AuthorizationServer:
    """The pages ``/authorize`` (login, then consent) of a site; a test replaces the HTML that it is about.

    Who posts to ``/login`` with the right password gets the cookie ``who``; who posts ``decision=allow`` to ``/decide``
    gets the code.
    """

    site: Site
    username: str = "alice"
    password: str = "correct horse"
    login_html: str = (
        "<h1>Log in</h1><form method=post action=/login><label>User name <input name=username></label>"
        "<label>Password <input name=password type=password></label><button>Log in</button></form>"
    )
    consent_html: str = (
        "<h1>Allow Contract tests?</h1><form method=post action=/decide>"
        "<button name=decision value=deny>Cancel</button><button name=decision value=allow>Allow</button></form>"
    )
    remembered: bool = False
    request: Asked | None = None

    def __post_init__(self) -> None:
        self.site.pages |= {"/authorize": self.authorize, "/login": self.login, "/decide": self.decide}

    def authorize(self, asked: Asked) -> Answer:
        if "client_id" in asked.query:
            self.request = asked
        if asked.cookies.get("who") != self.username:
            return html(self.login_html, title="Log in")
        if self.remembered and asked.query.get("prompt") != "consent":
            return to(with_code(self.request))
        return html(self.consent_html, title="Consent")

    def login(self, asked: Asked) -> Answer:
        if (asked.form.get("username"), asked.form.get("password")) != (self.username, self.password):
            return html(f"<p role=alert>Wrong user name or password</p>{self.login_html}", title="Log in")
        return to(self.request.path, **{"Set-Cookie": f"who={self.username}; Path=/; HttpOnly"})

    def decide(self, asked: Asked) -> Answer:
        if asked.form.get("decision") != "allow":
            return to(with_error(self.request))
        self.remembered = True
        return to(with_code(self.request))
