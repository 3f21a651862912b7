"""The prefixes under which the platform answers beside its root."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FALLBACK = "/api2"
PARTNERS = "/partners-api"


class Gateways:
    """WSGI middleware: takes the prefix of a gateway off the path and remembers it as ``SCRIPT_NAME``."""

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        for prefix in (FALLBACK, PARTNERS):
            if path.startswith(f"{prefix}/"):
                environ["SCRIPT_NAME"] = prefix
                environ["PATH_INFO"] = path.removeprefix(prefix)
        return self.wsgi_app(environ, start_response)


def gateway() -> str:
    """The prefix that the request at hand came in by: ``FALLBACK``, ``PARTNERS``, or empty."""
    return request.script_root
