"""What the checks need of the world: codes, token requests, authorization requests. All else about them is pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal, Protocol

from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant, AuthorizationRequest, PageAnswer
from pytest_endpoint_docs.redaction.redactor import Redactor

Encoding = Literal["form", "json"]
Credentials = Literal["documented", "none", "basic", "body", "both", "uri"]
Client = Literal["own", "second"]


@value_class
class ServerMetadata:
    """The part of an authorization server's metadata that the checks use (RFC 8414 section 2, RFC 9207 section 3).

    ``found_at`` is the URL that it came from. ``speaks_openid``: it has what only OpenID providers have.
    """

    found_at: str = ""
    issuer: str | None = None
    grant_types: tuple[str, ...] | None = None
    challenge_methods: tuple[str, ...] = ()
    announces_iss: bool = False
    userinfo_endpoint: str | None = None
    jwks_uri: str | None = None
    device_endpoint: str | None = None
    par_endpoint: str | None = None
    introspection_endpoint: str | None = None
    revocation_endpoint: str | None = None
    speaks_openid: bool = False


@value_class
class Facts:
    """What is documented, configured or advertised, as far as checks depend on it.

    ``encoding`` is how the doc sends token requests. ``pkce`` is false where the environment says ``pkce: none``;
    ``pkce_promised``: the doc or the metadata (RFC 8414, ``code_challenge_methods_supported``) names S256.
    ``client_credentials_unsupported``: the doc or the metadata says so. ``issuer`` is set where RFC 9207 is
    advertised, or configured for a server without metadata. ``public``: the client has no secret; ``asserting``: it
    signs assertions and sends none. ``code_lifetime_s`` is ``None`` where nothing tells it; ``longest_wait_s`` is how
    long a check may wait for a code to expire. ``attended``: a person goes through the
    consents. ``scope`` is asked for with every code. ``par_url``: where authorization requests can be
    pushed; ``device_url``: where devices ask. ``gives_codes`` is false where the environment says another grant.
    ``metadata`` is what the server says of itself, empty where it says nothing.
    """

    redirect_uri: str
    scope: str = ""
    par_url: str | None = None
    device_url: str | None = None
    gives_codes: bool = True
    metadata: ServerMetadata = field(default_factory=ServerMetadata)
    encoding: Encoding = "form"
    pkce: bool = True
    pkce_promised: bool = True
    client_credentials_unsupported: bool = False
    issuer: str | None = None
    second_client: bool = False
    public: bool = False
    asserting: bool = False
    code_lifetime_s: float | None = None
    longest_wait_s: float = 60.0
    attended: bool = False


@value_class
class TokenChange:
    """How a token request differs from the documented one.

    ``fields``: parameter to new value, ``None`` leaves it out. ``repeated``: parameters that are sent twice.
    ``credentials``: ``both`` is Basic and body at once, ``uri`` is in the query. ``client`` is whose credentials are
    sent.
    """

    fields: Mapping[str, str | None] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    method: Literal["POST", "GET"] = "POST"
    encoding: Encoding | None = None
    credentials: Credentials = "documented"
    wrong_secret: bool = False
    client: Client = "own"

    def for_grant(self, grant_type: str, **fields: str) -> TokenChange:
        """The same change to a request for another grant than a code's, with that grant's own fields."""
        without_code: dict[str, str | None] = {"code": None, "redirect_uri": None, "code_verifier": None}
        return replace(self, fields={**without_code, "grant_type": grant_type, **fields})

    def refreshing(self, refresh_token: str) -> TokenChange:
        """The same change to a refresh (RFC 6749 section 6)."""
        return self.for_grant("refresh_token", refresh_token=refresh_token)


@value_class
class AuthorizeOutcome:
    """Where an authorization request led.

    ``sent`` are the parameters of the request, ``parameters`` what reached the redirect URI of *this* request
    (``None``: nothing did). ``url`` (masked) and ``status_code`` are those of the page where it ended otherwise,
    ``ending`` says in a sentence why; ``unanswered`` is set where that was no answer of the server: a page that did not
    load, a consent page that leads nowhere. ``pages`` are the answers on the way; ``grant`` is the code, if one came.
    """

    sent: Mapping[str, str] = field(repr=False)
    parameters: Mapping[str, str] | None = field(default=None, repr=False)
    url: str = ""
    status_code: int | None = None
    pages: tuple[PageAnswer, ...] = field(default=(), repr=False)
    ending: str = ""
    unanswered: str = ""
    grant: AuthorizationGrant | None = None


@value_class
class Pushed:
    """An authorization request that was pushed; ``request_uri`` is the reference, ``None`` where none came."""

    request: AuthorizationRequest
    exchange: SentRequest
    request_uri: str | None = field(repr=False)


class Probe(Protocol):
    """The authorization server under test, with one user who consents and one client (or two)."""

    @property
    def facts(self) -> Facts:
        """What is known of the endpoints."""

    @property
    def redactor(self) -> Redactor:
        """Knows every secret that this probe handles, codes and tokens included."""

    def grant(self, *, challenge: bool = True, client: Client = "own") -> AuthorizationGrant:
        """A fresh code; without ``challenge``, no ``code_challenge`` is sent. ``state`` and ``iss`` are not judged.

        Raises: ``ConsentError`` where no code comes, ``AuthorizationErrorResponse`` where an error does.
        """

    def grant_after_login(self) -> AuthorizationGrant | None:
        """A fresh code for which the person logged in anew, to see the pages; ``None`` where that cannot be had."""

    def token_request(self, grant: AuthorizationGrant | None, change: TokenChange) -> SentRequest:
        """Send the documented token request for this code, changed; without a grant, no code but the change's own."""

    def post(self, url: str, fields: Mapping[str, str], change: TokenChange) -> SentRequest:
        """Send these parameters to another endpoint, as a form; of ``change``, the credentials count."""

    def push(self, extra: Mapping[str, str], change: TokenChange) -> Pushed:
        """Push a fresh authorization request, with these parameters beside its own (RFC 9126)."""

    def open_pushed(self, pushed: Pushed, *, client: Client = "own") -> AuthorizeOutcome:
        """Send the person to the authorization endpoint with the reference to a pushed request."""

    def visit(self, url: str, user_code: str, *, deny: bool) -> AuthorizeOutcome:
        """Send the person, logged in, to the page where they allow the device with this code, or deny it.

        No redirect comes of it. Raises: ``NotRun`` where nothing on the page denies, or the pages come to no end.
        """

    def authorize(self, changes: Mapping[str, str | None], *, deny: bool = False) -> AuthorizeOutcome:
        """Send the person, logged in, to the authorization endpoint; they consent (or deny) as far as the pages go.

        Raises: ``NoWayToDeny`` where nothing refuses.
        """

    def signature_problem(self, id_token: str) -> str:
        """What is wrong with the signature of an ID token, by the server's keys; empty where it is right.

        Raises: ``NotRun`` where the keys cannot be had.
        """

    def use_token(self, access_token: str) -> SentRequest | None:
        """Use an access token at a protected resource; ``None`` where none is known."""

    def wait(self, seconds: float) -> None:
        """Let this time pass for the server."""
