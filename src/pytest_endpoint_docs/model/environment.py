"""One target: its servers, tokens, parameters and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Literal

from pytest_endpoint_docs.model.pattern import Pattern
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class

# The environment that comes with the package: the embedded platform.
SANDBOX = "sandbox"


def starts_sandbox(name_or_path: str, environ: Mapping[str, str]) -> bool:
    """Whether an environment is the embedded platform, and nobody runs one already."""
    return Path(name_or_path).stem == SANDBOX and "SANDBOX_URL" not in environ


@value_class
class TokenKind:
    """A kind of credentials. ``auth`` is the value of the Authorization field with ``{token}`` in it.

    ``value`` is ``None`` where the environment variables named in ``variables`` are not set; using it is an error,
    having it is not. ``variables`` are the names inside ``${...}``.
    """

    name: str
    value: Secret | None
    auth: str = "Bearer {token}"
    variables: tuple[str, ...] = ()
    location: SourceLocation | None = None


@value_class
class Server:
    """A server for the paths that match the glob ``path``; ``auth`` replaces the scheme of Bearer tokens there."""

    path: str
    base_url: str
    auth: str | None = None


@value_class
class OnBehalfOf:
    """``header: value`` is sent with these token kinds where the step or the operation asks for it, or ``always``."""

    header: str = "X-On-Behalf-Of"
    value: str = "{{business_id}}"
    tokens: tuple[str, ...] = ("directory",)
    when: Literal["asked", "always"] = "asked"

    def is_due(
        self,
        *,
        step_asks: bool,
        token: str | None,
        default_token: str | None,
        operation_asks: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Whether a request gets the header field; ``token`` is its kind, ``None`` for that of ``default_token``.

        Where its step asks for it; else if it has a kind that acts for somebody else, ``always`` or where its operation
        asks.
        """
        acts = (default_token if token is None else token) in self.tokens
        return step_asks or (acts and (self.when == "always" or operation_asks()))


@value_class
class Limits:
    """How fast requests may follow each other.

    ``requests_per_second`` and ``max_in_flight``: ``None`` is no limit; ``retry_after_max_s`` bounds one wait,
    ``retry_after_total_s`` all waits of a process; ``sleep_max_s`` bounds one ``sleep`` of a doc.
    """

    requests_per_second: float | None = None
    max_in_flight: int | None = None
    retry_after_max_s: float = 60.0
    retry_after_total_s: float = 300.0
    sleep_max_s: float = 60.0


@value_class
class ClientCertificate:
    """The client's own certificate for TLS: PEM files; ``key`` is ``None`` where ``cert`` holds both."""

    cert: Path
    key: Path | None = None


@value_class
class Redaction:
    """What is a secret here, too: what stands at fields of these names, and what matches one of the patterns."""

    names: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()


@value_class
class OAuthUser:
    """Who logs in. Secrets are ``None`` where their environment variable is not set."""

    name: str
    username: str | Secret
    password: Secret | None = None
    totp_secret: Secret | None = None
    variables: tuple[str, ...] = ()


@value_class
class CheckPolicy:
    """What a violation of a check does: ``ignore``, ``warn``, ``fail``, or ``known`` with a ``ticket``."""

    action: Literal["ignore", "warn", "fail", "known"]
    ticket: str | None = None


@value_class
class OAuthClient:
    """A registered client; ``client_secret`` is ``None`` for a public one, or where its variable is not set."""

    client_id: str
    client_secret: Secret | None = None


DescriptionKind = Literal["status", "content-type", "schema", "header", "request"]


@value_class
class DescriptionRule:
    """What differences from OpenAPI descriptions do: those of a kind, of an operation or of a tag; ``None``: of all.

    ``operation`` is ``METHOD /template`` with or without the server's base path.
    """

    action: Literal["ignore", "warn", "fail"]
    kind: DescriptionKind | None = None
    operation: str | None = None
    tag: str | None = None


@value_class
class DescriptionIssue:
    """A known mistake of a description: differences at ``source`` (``file#/json/pointer``) or below it do not fail.

    From the day after ``until`` on, it counts no more.
    """

    source: str
    reason: str
    ticket: str | None
    until: date | None
    location: SourceLocation

    def __str__(self) -> str:
        return f"{self.reason} ({self.ticket})" if self.ticket else self.reason


@value_class
class OAuthSettings:
    """The ``oauth`` block: where and how a person consents.

    ``client_id`` ``None``: the client comes from UID resolution. ``client_key`` is its private key, for ``token_auth:
    private_key_jwt``. The checks of the endpoints use ``second_client``, which must not be able to exchange the first
    one's codes, and ``protected_resource``, which takes an access token by GET. ``code_lifetime_s`` ``None``: nothing
    tells how long a code lives. ``par_url`` takes authorization requests before a browser carries a reference to them
    (RFC 9126). With ``grant: device_code`` tokens come by way of a device that asks at ``device_url`` (RFC 8628), there
    are no codes, and ``authorize_url`` may be empty.
    """

    authorize_url: str = ""
    token_url: str
    location: SourceLocation
    issuer: str | None = None
    client_id: str | None = None
    client_secret: Secret | None = None
    client_variables: tuple[str, ...] = ()
    client_key: Secret | None = None
    token_auth: Literal["basic", "post", "json", "none", "client_secret_jwt", "private_key_jwt"] = "basic"
    redirect_uri: str | None = None
    scope: str | None = None
    pkce: Literal["S256", "none"] = "S256"
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, OAuthUser] = field(default_factory=dict)
    recipe: Path | None = None
    checks: Mapping[str, CheckPolicy] = field(default_factory=dict)
    timeout_s: float = 30.0
    code_lifetime_s: float | None = None
    par_url: str | None = None
    grant: Literal["authorization_code", "device_code"] = "authorization_code"
    device_url: str | None = None
    second_client: OAuthClient | None = None
    protected_resource: str | None = None

    @property
    def login_url(self) -> str:
        """A URL of the server at which people log in."""
        return self.authorize_url or self.device_url or self.token_url


@value_class(frozen=True)
class Environment:
    """A target, validated and with its secrets looked up. Built by ``environment.load_environment``.

    ``variables`` are those that were filled in outside of tokens and the ``oauth`` block, as far as they are secrets.
    """

    name: str
    file: Path | None
    base_url: str
    fallback_url: str | None = None
    servers: tuple[Server, ...] = ()
    default_token: str | None = None
    tokens: Mapping[str, TokenKind] = field(default_factory=dict)
    params: Mapping[str, JSONValue] = field(default_factory=dict, repr=False)
    on_behalf_of: OnBehalfOf = field(default_factory=OnBehalfOf)
    openapi: tuple[Path, ...] = ()
    openapi_refs: Mapping[str, Path] = field(default_factory=dict)
    openapi_checks: tuple[DescriptionRule, ...] = ()
    known_issues: tuple[DescriptionIssue, ...] = ()
    files: Path | None = None
    writes: bool = False
    deletes: bool = False
    stamps: bool = False
    timeout_s: float = 30.0
    limits: Limits = field(default_factory=Limits)
    allowed_origins: tuple[str, ...] = ()
    production: bool = False
    ca_bundle: Path | None = None
    client_cert: ClientCertificate | None = None
    oauth: OAuthSettings | None = None
    variables: tuple[Secret, ...] = field(default=(), repr=False)
    redaction: Redaction = field(default_factory=Redaction)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret of this environment, for redaction."""
        found: list[Secret] = [*self.variables]
        found += [kind.value for kind in self.tokens.values() if kind.value]
        if self.oauth:
            second = self.oauth.second_client
            of_second = second.client_secret if second else None
            found += filter(None, [self.oauth.client_secret, self.oauth.client_key, of_second])
            for user in self.oauth.users.values():
                found += [
                    value for value in (user.username, user.password, user.totp_secret) if isinstance(value, Secret)
                ]
        return tuple(found)
