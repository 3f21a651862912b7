"""The Flask app, put together."""

from __future__ import annotations

import secrets

from flask import Flask, request
from flask.typing import ResponseReturnValue

from pytest_endpoint_docs.sandbox import (
    administration,
    answers,
    clients,
    communication,
    oauth_apps,
    oauth_device,
    oauth_pages,
    oauth_services,
    oauth_token,
    sales,
    scheduling,
)
from pytest_endpoint_docs.sandbox import document_api as documents
from pytest_endpoint_docs.sandbox.flaws.planting import rules_with
from pytest_endpoint_docs.sandbox.gateway import Gateways
from pytest_endpoint_docs.sandbox.oauth_records import Grants
from pytest_endpoint_docs.sandbox.oauth_server import SandboxAuthorizationServer
from pytest_endpoint_docs.sandbox.platform import Platform
from pytest_endpoint_docs.sandbox.seed import seed
from pytest_endpoint_docs.sandbox.settings import SandboxSettings
from pytest_endpoint_docs.sandbox.store import Store

MAX_REQUEST_BYTES = 8_000_000


class SandboxFlask(Flask):
    """One request at a time goes through the views: what they check still holds when they write."""

    store: Store

    def dispatch_request(self) -> ResponseReturnValue:
        with self.store.lock:
            return super().dispatch_request()


def create_app(settings: SandboxSettings | None = None) -> Flask:
    """A fresh platform with its seed data.

    Raises: ValueError for an unknown flaw.
    """
    chosen = settings or SandboxSettings()
    app = SandboxFlask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=secrets.token_hex(16),
        # Cookies know no ports: sandboxes side by side on one host would overwrite each other's session.
        SESSION_COOKIE_NAME=f"sandbox_{secrets.token_hex(4)}",
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.store = Store(chosen.clock)
    seed(app.store)
    grants, rules = Grants(), rules_with(chosen.flaws)
    server = SandboxAuthorizationServer(chosen, grants, rules, app)
    server.register_grant(oauth_device.DeviceGrant)
    server.register_endpoint(oauth_services.Revocation)
    server.register_endpoint(oauth_services.Introspection)
    app.extensions["sandbox"] = Platform(settings=chosen, store=app.store, grants=grants, rules=rules, server=server)
    answers.install(app)

    @app.before_request
    def read_body() -> None:
        # Before the lock is taken: a slow sender keeps nobody else waiting.
        request.get_data(parse_form_data=True)

    api = (administration, clients, communication, documents, sales, scheduling)
    for module in (*api, oauth_apps, oauth_device, oauth_pages, oauth_services, oauth_token):
        app.register_blueprint(module.blueprint)
    app.add_url_rule("/oauth/token", "token", oauth_token.token, methods=list(rules.token_methods))
    app.wsgi_app = Gateways(app.wsgi_app)  # type: ignore[method-assign]
    return app
