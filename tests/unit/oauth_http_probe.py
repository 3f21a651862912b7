"""A probe of the sandbox without a browser: its login and consent forms are read and posted with requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests
from running_docs import environment

from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import OAuthClient, OAuthSettings
from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.browser.masking import mask_url
from pytest_endpoint_docs.oauth.checks.facts import fetch_metadata
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Facts, Pushed, TokenChange
from pytest_endpoint_docs.oauth.checks.server_keys import ServerKeys
from pytest_endpoint_docs.oauth.checks.token_request import (
    TokenEndpoint,
    build_form,
    build_token_request,
    pushed_by,
    send_token_request,
    send_with_token,
)
from pytest_endpoint_docs.oauth.consent_errors import AuthorizationErrorResponse
from pytest_endpoint_docs.oauth.grant import (
    AuthorizationGrant,
    AuthorizationRequest,
    PageAnswer,
    build_request,
    granted,
    read_redirect,
)
from pytest_endpoint_docs.oauth.pushed_requests import opened_by
from pytest_endpoint_docs.redaction.exchanges import learn_json
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.sandbox.running import Sandbox

REDIRECT_URI = "https://myapp.example.com/oauth/callback"
LOCATION = SourceLocation("fixtures/environments/sandbox.yaml", 40)


def create_client(sandbox: Sandbox, code_name: str, *, public: bool = False) -> OAuthClient:
    """Register an app, as a directory may."""
    app = {"name": code_name, "app_code_name": code_name, "redirect_uri": REDIRECT_URI, "scopes": ["openid"]}
    answer = requests.post(
        f"{sandbox.url}/platform/v1/apps",
        headers={"Authorization": f"Bearer {sandbox.settings.tokens['directory']}"},
        json={**app, "public": public},
        timeout=10,
    )
    answer.raise_for_status()
    data = answer.json()["data"]
    secret = None if public else Secret("CLIENT_SECRET", data["client_secret"])
    return OAuthClient(client_id=data["client_id"], client_secret=secret)


class _Forms(HTMLParser):
    """The forms of a page: action, hidden fields, input types, buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, object]] = []
        self.found: list[tuple[str, dict[str, str], list[str], list[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((values.get("action", ""), {}, [], []))
        elif tag == "input" and self.found:
            _, fields, kinds, _ = self.found[-1]
            kinds.append(values.get("type", "text"))
            if values.get("type") == "hidden":
                fields[values["name"]] = values.get("value", "")
        elif tag == "button" and self.found and "name" in values:
            self.found[-1][3].append((values["name"], values.get("value", "")))


def _browser() -> requests.Session:
    """Who asks the environment for no proxy and no password at every page, which takes as long as the page."""
    session = requests.Session()
    session.trust_env = False
    return session


@dataclass
class HttpProbe:
    """The ``Probe`` of the checks, for one sandbox."""

    sandbox: Sandbox
    facts: Facts
    endpoint: TokenEndpoint
    http: HttpClient
    redactor: Redactor = field(default_factory=Redactor)
    let_pass: Callable[[float], None] = lambda _seconds: None
    protected_resource: bool = True
    grants: int = 0
    browser: requests.Session = field(default_factory=_browser)

    def grant(self, *, challenge: bool = True, client: str = "own") -> AuthorizationGrant:
        outcome = self._walk({}, deny=False, challenge=challenge, client=client)
        parameters = outcome.parameters or {}
        if "error" in parameters:
            raise AuthorizationErrorResponse("an error", error=parameters["error"], description=None)
        assert outcome.grant is not None, outcome
        return outcome.grant

    def grant_after_login(self) -> AuthorizationGrant:
        self.browser = _browser()
        return self.grant()

    def token_request(self, grant: AuthorizationGrant | None, change: TokenChange) -> SentRequest:
        exchange = send_token_request(self.http, build_token_request(self.endpoint, grant, change), LOCATION)
        if exchange.response and exchange.response.is_json:
            learn_json(self.redactor, exchange.response.json())
        return exchange

    def post(self, url: str, fields: Mapping[str, str], change: TokenChange) -> SentRequest:
        exchange = send_token_request(self.http, build_form(self.endpoint, url, fields, change), LOCATION)
        if exchange.response and exchange.response.is_json:
            learn_json(self.redactor, exchange.response.json())
        return exchange

    def push(self, extra: Mapping[str, str], change: TokenChange) -> Pushed:
        request = self._request({}, challenge=True, client_id=self.endpoint.client.client_id)
        assert self.facts.par_url is not None
        return pushed_by(request, self.post(self.facts.par_url, {**request.parameters, **extra}, change), self.redactor)

    def open_pushed(self, pushed: Pushed, *, client: str = "own") -> AuthorizeOutcome:
        own = self.endpoint.client if client == "own" else self.endpoint.second_client
        assert own is not None
        parameters = {**pushed.request.parameters, "client_id": own.client_id}
        request = replace(pushed.request, client_id=own.client_id, parameters=parameters)
        url = f"{self.sandbox.url}/oauth/authorize"
        return self._follow(opened_by(request, url, pushed.request_uri or "", self.redactor), own, deny=False)

    def visit(self, url: str, user_code: str, *, deny: bool) -> AuthorizeOutcome:
        request = self._request({}, challenge=False, client_id=self.endpoint.client.client_id)
        return self._follow(replace(request, url=url), self.endpoint.client, deny=deny)

    def authorize(self, changes: Mapping[str, str | None], *, deny: bool = False) -> AuthorizeOutcome:
        return self._walk(changes, deny=deny)

    def signature_problem(self, id_token: str) -> str:
        secret = self.endpoint.client.client_secret
        return ServerKeys(self.http, self.facts.metadata.jwks_uri, secret).signature_problem(id_token)

    def use_token(self, access_token: str) -> SentRequest | None:
        if not self.protected_resource:
            return None
        return send_with_token(self.http, f"{self.sandbox.url}/oauth/userinfo", access_token, LOCATION)

    def wait(self, seconds: float) -> None:
        self.let_pass(seconds)

    def _walk(
        self, changes: Mapping[str, str | None], *, deny: bool, challenge: bool = True, client: str = "own"
    ) -> AuthorizeOutcome:
        own = self.endpoint.client if client == "own" else self.endpoint.second_client
        assert own is not None
        request = self._request(changes, challenge=challenge, client_id=own.client_id)
        return self._follow(request, own, deny=deny)

    def _request(self, changes: Mapping[str, str | None], *, challenge: bool, client_id: str) -> AuthorizationRequest:
        return build_request(
            f"{self.sandbox.url}/oauth/authorize",
            client_id=changes.get("client_id") or client_id,
            redirect_uri=changes.get("redirect_uri") or REDIRECT_URI,
            scope="openid",
            pkce="S256" if challenge else "none",
            extra_params=changes,
        )

    def _follow(self, request: AuthorizationRequest, own: OAuthClient, *, deny: bool) -> AuthorizeOutcome:
        sent = request.parameters
        pages: list[PageAnswer] = []
        method, url, form = "GET", request.url, None
        for _ in range(10):
            answer = self.browser.request(method, url, data=form, allow_redirects=False, timeout=10)
            location = answer.headers.get("Location")
            target = urljoin(url, location) if location else None
            pages.append(
                PageAnswer(
                    method=method,
                    url=mask_url(url),
                    status_code=answer.status_code,
                    headers={name.lower(): value for name, value in answer.headers.items() if name != "Location"},
                    redirects_to=mask_url(target) if target else None,
                )
            )
            if target:
                redirect = read_redirect(target, request.redirect_uri)
                if redirect is not None:
                    grant = self._grant_of(redirect.parameters, request.redirect_uri, own, request, tuple(pages))
                    return AuthorizeOutcome(sent=sent, parameters=redirect.parameters, pages=tuple(pages), grant=grant)
                method, form = (method, form) if answer.status_code in (307, 308) else ("GET", None)
                url = target
                continue
            step = self._fill(answer, deny=deny) if answer.ok else None
            if step is None:
                return AuthorizeOutcome(
                    sent=sent, url=mask_url(url), status_code=answer.status_code, pages=tuple(pages)
                )
            method, url, form = "POST", urljoin(url, step[0]), step[1]
        raise AssertionError("ten pages and no end")

    def _fill(self, answer: requests.Response, *, deny: bool) -> tuple[str, dict[str, str]] | None:
        parser = _Forms()
        parser.feed(answer.text)
        for action, fields, kinds, buttons in parser.found:
            if "password" in kinds:
                user = self.sandbox.settings.users[0]
                return action, {**fields, "username": user.username, "password": user.password}
            wanted = "deny" if deny else "allow"
            for name, value in buttons:
                if value == wanted:
                    return action, {**fields, name: value}
        return None

    def _grant_of(self, parameters, redirect_uri, own, request, pages) -> AuthorizationGrant | None:  # type: ignore[no-untyped-def]
        request = replace(request, client_id=own.client_id, redirect_uri=redirect_uri)
        grant = granted(request, parameters, issued_at=datetime.now(UTC), pages=pages)
        if grant is not None:
            self.grants += 1
            self.redactor.add(Secret("OAUTH_CODE", grant.code))
        return grant


def settings_of(sandbox: Sandbox) -> OAuthSettings:
    return OAuthSettings(
        authorize_url=f"{sandbox.url}/oauth/authorize", token_url=f"{sandbox.url}/oauth/token", location=LOCATION
    )


def http_probe(sandbox: Sandbox, *, auth: str = "json", **facts: object) -> HttpProbe:
    """A probe with two clients, public ones with auth none; ``facts`` replace those that hold for the sandbox."""
    public = auth == "none"
    client, second = (create_client(sandbox, name, public=public) for name in ("checked-app", "other-app"))
    redactor = Redactor(filter(None, [client.client_secret, second.client_secret]))
    http = HttpClient(environment(sandbox.url))
    known: dict[str, object] = {
        "redirect_uri": REDIRECT_URI,
        "encoding": "json" if auth == "json" else "form",
        "scope": "openid",
        "public": public,
        "metadata": fetch_metadata(http, settings_of(sandbox)),
        "par_url": f"{sandbox.url}/oauth/par",
        "device_url": f"{sandbox.url}/oauth/device_authorization",
        "client_credentials_unsupported": True,
        "issuer": sandbox.url,
        "second_client": True,
        "code_lifetime_s": sandbox.settings.code_lifetime_s,
    }
    endpoint = TokenEndpoint(
        url=f"{sandbox.url}/oauth/token",
        auth=auth,  # type: ignore[arg-type]
        redirect_uri=REDIRECT_URI,
        client=client,
        second_client=second,
        location=LOCATION,
    )
    return HttpProbe(
        sandbox=sandbox,
        facts=Facts(**{**known, **facts}),  # type: ignore[arg-type]
        endpoint=endpoint,
        http=http,
        redactor=redactor,
    )
