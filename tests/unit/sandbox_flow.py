"""Driving the sandbox in process: a person's consent and a client's exchange, request by request."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.test import TestResponse

from pytest_endpoint_docs.sandbox.app import create_app
from pytest_endpoint_docs.sandbox.settings import TOKEN_KINDS, SandboxSettings, User

CALLBACK = "https://myapp.example.com/oauth/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
TOKENS = {kind: f"{kind}-token" for kind in TOKEN_KINDS}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2030, 1, 7, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def form_fields(page: str) -> dict[str, str]:
    """The hidden fields of the first form."""
    form = page.partition("<form")[2].partition("</form>")[0]
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    }


def query_of(location: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


class Flow:
    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        user = User(username="alice@example.com", password="correct horse")
        self.settings = SandboxSettings(clock=self.clock, users=(user,), tokens=TOKENS, **settings)
        self.http = create_app(self.settings).test_client()
        self.csrf_token = ""

    def call(self, method: str, path: str, kind: str | None = "staff", **kwargs: Any) -> TestResponse:
        headers = dict(kwargs.pop("headers", {}))
        if kind:
            headers.setdefault("Authorization", f"Bearer {TOKENS[kind]}")
        return self.http.open(path, method=method, headers=headers, **kwargs)

    def register(self, code_name: str = "main", **body: Any) -> dict[str, Any]:
        body = {"name": "My app", "app_code_name": f"app-{code_name}", "redirect_uri": CALLBACK, **body}
        answer = self.call("POST", "/platform/v1/apps", "directory", json=body)
        assert answer.status_code == 201, answer.text
        data: dict[str, Any] = answer.json["data"]
        return data

    def authorize_path(self, app: dict[str, Any], **changes: str | None) -> str:
        query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": CALLBACK, "state": "s1"}
        kept = {name: value for name, value in {**query, **changes}.items() if value is not None}
        return f"/oauth/authorize?{urlencode(kept)}"

    def log_in(self, path: str) -> TestResponse:
        page = self.http.get(path, follow_redirects=True)
        fields = {**form_fields(page.text), "username": "alice@example.com", "password": "correct horse"}
        return self.http.post("/login", data=fields)

    def decide(self, app: dict[str, Any], decision: str = "allow", **changes: str | None) -> TestResponse:
        """What follows the person's decision, after a login where one is needed."""
        path = self.authorize_path(app, **changes)
        if not self.csrf_token:
            self.log_in("/login")
            self.http.get("/")
            with self.http.session_transaction() as session:
                self.csrf_token = session["csrf_token"]
        return self.http.post(path, data={"csrf_token": self.csrf_token, "decision": decision})

    def code(self, app: dict[str, Any], **changes: str | None) -> str:
        answer = self.decide(app, **changes)
        return query_of(answer.headers["Location"])["code"]

    def exchange(self, app: dict[str, Any], code: str | None, *, by: str = "json", **changes: Any) -> TestResponse:
        """``by``: json, form, basic, both (basic and form). A change to ``None`` leaves the parameter out."""
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        secret = changes.pop("client_secret", app["client_secret"])
        headers = {}
        if by in ("basic", "both"):
            pair = base64.b64encode(f"{app['client_id']}:{secret}".encode()).decode()
            headers = {"Authorization": f"Basic {pair}"}
        if by != "basic":
            fields |= {"client_id": app["client_id"], "client_secret": secret}
        kept = {name: value for name, value in {**fields, **changes}.items() if value is not None}
        return self.http.post("/oauth/token", headers=headers, **({"json": kept} if by == "json" else {"data": kept}))

    def refresh(self, app: dict[str, Any], token: str, **changes: Any) -> TestResponse:
        fields = {"grant_type": "refresh_token", "refresh_token": token, "redirect_uri": None}
        return self.exchange({"client_secret": None, **app}, None, by="form", **{**fields, **changes})

    def push(self, app: dict[str, Any], **changes: str | None) -> TestResponse:
        """Push an authorization request (RFC 9126)."""
        fields = {"response_type": "code", "redirect_uri": CALLBACK, "state": "s1", "client_id": app["client_id"]}
        sent = {**fields, "client_secret": app.get("client_secret"), **changes}
        return self.http.post("/oauth/par", data={key: value for key, value in sent.items() if value})

    def open_pushed(self, app: dict[str, Any], request_uri: str) -> dict[str, str]:
        """What reaches the redirect URI for a request that was pushed."""
        without = dict.fromkeys(("response_type", "redirect_uri", "state"))
        answer = self.decide(app, request_uri=request_uri, **without)
        return query_of(answer.headers.get("Location", ""))

    def start_device(self, app: dict[str, Any]) -> dict[str, Any]:
        """What a device is told (RFC 8628 section 3.2)."""
        fields = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
        data: dict[str, Any] = self.http.post("/oauth/device_authorization", data=fields).json
        return data

    def decide_device(self, told: dict[str, Any], decision: str) -> TestResponse:
        if not self.csrf_token:
            self.log_in("/login")
            self.http.get("/")
            with self.http.session_transaction() as session:
                self.csrf_token = session["csrf_token"]
        data = {"csrf_token": self.csrf_token, "decision": decision}
        return self.http.post(f"/device?user_code={told['user_code']}", data=data)

    def poll(self, app: dict[str, Any], device_code: str) -> TestResponse:
        grant_type = "urn:ietf:params:oauth:grant-type:device_code"
        return self.refresh(app, "", grant_type=grant_type, refresh_token=None, device_code=device_code)

    def ask(self, endpoint: str, app: dict[str, Any], token: str, **changes: Any) -> TestResponse:
        """A request to ``/oauth/introspect`` or ``/oauth/revoke``."""
        fields = {"token": token, "client_id": app["client_id"], "client_secret": app.get("client_secret"), **changes}
        return self.http.post(f"/oauth/{endpoint}", data={key: value for key, value in fields.items() if value})

    def token_works(self, answer: TestResponse) -> bool:
        headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
        return self.http.get("/oauth/userinfo", headers=headers).status_code == 200
