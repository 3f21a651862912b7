"""A probe whose answers are written down in the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pytest_endpoint_docs.model.environment import CheckPolicy, OAuthClient, OAuthSettings
from pytest_endpoint_docs.model.exchange import Response, SentRequest
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS
from pytest_endpoint_docs.oauth.checks.check import Check, CheckResult
from pytest_endpoint_docs.oauth.checks.endpoint_checks import EndpointChecks
from pytest_endpoint_docs.oauth.checks.judging import NotRun
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Facts, Probe, Pushed, TokenChange
from pytest_endpoint_docs.oauth.checks.token_request import (
    TokenEndpoint,
    build_form,
    build_token_request,
    exchange_of,
    pushed_by,
)
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant, PageAnswer, build_request
from pytest_endpoint_docs.redaction.redactor import Redactor

LOCATION = SourceLocation("env.yaml", 7)
REDIRECT_URI = "https://myapp.example.com/oauth/callback"
ENDPOINT = TokenEndpoint(
    url="https://as.example.com/oauth/token",
    auth="basic",
    redirect_uri=REDIRECT_URI,
    client=OAuthClient(client_id="contract-client", client_secret=Secret("CLIENT_SECRET", "s3cret value")),
    second_client=OAuthClient(client_id="other-client", client_secret=Secret("OTHER_SECRET", "other s3cret")),
    location=LOCATION,
)
TOKEN: dict[str, JSONValue] = {"access_token": "at-4711-secret", "token_type": "bearer", "expires_in": 3600}
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def check(name: str) -> Check:
    return next(found for found in CHECKS if found.id == name)


def settings(**policies: CheckPolicy) -> OAuthSettings:
    return OAuthSettings(
        authorize_url="https://as.example.com/oauth/authorize",
        token_url=ENDPOINT.url,
        location=LOCATION,
        checks=policies,
    )


def run_check(found: Check, probe: Probe, policies: OAuthSettings, *, strict: bool = False) -> CheckResult:
    """Run one check alone, with codes of its own."""
    return EndpointChecks(probe, policies, strict).run(found)


def answer(status: int, body: JSONValue = None, **headers: str) -> Response:
    """A JSON answer, or an empty one."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    reason = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 429: "Too Many Requests"}.get(status, "")
    if body is None:
        return Response(status_code=status, reason=reason, headers=HeaderFields(fields))
    content = json.dumps(body).encode()
    return Response(
        status_code=status,
        reason=reason,
        headers=HeaderFields({"Content-Type": "application/json", **fields}),
        content=content,
    )


def error(code: str, status: int = 400, **headers: str) -> Response:
    return answer(status, {"error": code}, **headers)


@dataclass
class ScriptedProbe:
    """Takes the answers from ``token_endpoint`` (code, change) and ``authorization_endpoint`` (changes, deny)."""

    token_endpoint: Callable[[str | None, TokenChange], Response | None] = lambda _code, _change: answer(200, TOKEN)
    authorization_endpoint: Callable[[Mapping[str, str | None], bool], AuthorizeOutcome] | None = None
    resource: Callable[[str], int] | None = None
    facts: Facts = field(default_factory=lambda: Facts(redirect_uri=REDIRECT_URI, second_client=True))
    service: Callable[[str, Mapping[str, str], TokenChange], Response] = lambda *_: answer(200, {})
    signature: str | None = ""
    age_s: float = 0.0
    parameters: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[PageAnswer, ...] = ()
    redactor: Redactor = field(default_factory=lambda: Redactor([ENDPOINT.client.client_secret]))
    codes: list[str] = field(default_factory=list)
    sent: list[tuple[str | None, TokenChange]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def grant(self, *, challenge: bool = True, client: str = "own") -> AuthorizationGrant:
        code = f"code-{len(self.codes) + 1}-secret"
        self.codes.append(code)
        self.redactor.add(Secret("OAUTH_CODE", code))
        return AuthorizationGrant(
            code=code,
            state="state",
            redirect_uri=REDIRECT_URI,
            client_id="contract-client",
            code_verifier="verifier-" + "v" * 40 if challenge else None,
            issued_at=datetime.now(UTC) - timedelta(seconds=self.age_s),
            parameters={"code": code, **self.parameters},
            pages=self.pages,
        )

    def grant_after_login(self) -> AuthorizationGrant | None:
        return None

    def token_request(self, grant: AuthorizationGrant | None, change: TokenChange) -> SentRequest:
        code = grant.code if grant else change.fields.get("code")
        self.sent.append((code, change))
        shown = build_token_request(ENDPOINT, grant, change).shown
        response = self.token_endpoint(code, change)
        return exchange_of(shown, LOCATION, response=response, error=None if response else "ConnectionError")

    def post(self, url: str, fields: Mapping[str, str], change: TokenChange) -> SentRequest:
        shown = build_form(ENDPOINT, url, fields, change).shown
        return exchange_of(shown, LOCATION, response=self.service(url, fields, change), error=None)

    def push(self, extra: Mapping[str, str], change: TokenChange) -> Pushed:
        request = build_request(ENDPOINT.url, client_id="contract-client", redirect_uri=REDIRECT_URI, scope=None)
        assert self.facts.par_url is not None
        exchange = self.post(self.facts.par_url, {**request.parameters, **extra}, change)
        return pushed_by(request, exchange, self.redactor)

    def open_pushed(self, pushed: Pushed, *, client: str = "own") -> AuthorizeOutcome:
        raise NotImplementedError

    def visit(self, url: str, user_code: str, *, deny: bool) -> AuthorizeOutcome:
        return AuthorizeOutcome(sent={}, url=url, status_code=200)

    def authorize(self, changes: Mapping[str, str | None], *, deny: bool = False) -> AuthorizeOutcome:
        assert self.authorization_endpoint is not None
        return self.authorization_endpoint(changes, deny)

    def signature_problem(self, id_token: str) -> str:
        if self.signature is None:
            raise NotRun("no keys")
        return self.signature

    def use_token(self, access_token: str) -> SentRequest | None:
        if self.resource is None:
            return None
        shown = build_token_request(ENDPOINT, None, TokenChange(method="GET")).shown
        return exchange_of(shown, LOCATION, response=answer(self.resource(access_token)), error=None)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
