"""Which server a request goes to, and with which credentials."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pytest_endpoint_docs.errors import MissingToken, RequestError
from pytest_endpoint_docs.model.body import RequestTemplate
from pytest_endpoint_docs.model.environment import Environment, Server, TokenKind
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import Obstacle, SourceLocation
from pytest_endpoint_docs.words import or_near

NO_CREDENTIALS = "none"
"""The token kind of a request that is sent without credentials."""

BEARER = "Bearer {token}"
"""The scheme of tokens that say none (RFC 6750 section 2.1)."""


class Credentials(Secret):
    """The value of an Authorization header field (RFC 9110 section 11.6.2): shown as ``Bearer $STAFF_TOKEN``.

    ``template`` holds ``{token}``, ``name`` names the token.
    """

    __slots__ = ("_template",)

    def __init__(self, name: str, value: str, template: str) -> None:
        super().__init__(name, value)
        object.__setattr__(self, "_template", template)

    @property
    def template(self) -> str:
        """The field's value with ``{token}`` in it."""
        template: str = object.__getattribute__(self, "_template")
        return template

    def reveal(self) -> str:
        """The header field's value with the token in it."""
        return self.template.replace("{token}", super().reveal())

    def __str__(self) -> str:
        return self.template.replace("{token}", f"${self.name}")

    def __repr__(self) -> str:
        return f"Credentials({self})"


def destination(environment: Environment, request: RequestTemplate, path: str) -> tuple[Server, Credentials | None]:
    """The server of a request whose path (without query) is known, and its credentials.

    There are none where the request gives an Authorization field of its own.

    Raises: what :func:`server_for` and :func:`authorization` raise.
    """
    server = server_for(environment, path, use_fallback=request.use_fallback, location=request.location)
    if request.headers and any(name.lower() == "authorization" for name in request.headers):
        return server, None
    return server, authorization(environment, request.token, server, location=request.location)


def server_for(
    environment: Environment, path: str, *, use_fallback: bool = False, location: SourceLocation | None = None
) -> Server:
    """The server of a request path (without query): the first one whose glob matches, else the fallback or the base.

    A server that is listed for the path wins over ``use_fallback``. ``location`` is the request's, for messages.

    Raises: ``RequestError`` where the fallback is asked for and the environment has none.
    """
    for server in environment.servers:
        if fnmatchcase(path, server.path):
            return server
    if not use_fallback:
        return Server(path="*", base_url=environment.base_url)
    if environment.fallback_url is None:
        raise RequestError(
            f"the fallback server is asked for, and environment {environment.name!r} has no fallback_url",
            location=location,
        )
    return Server(path="*", base_url=environment.fallback_url)


def authorization(
    environment: Environment, kind: str | None, server: Server, *, location: SourceLocation | None = None
) -> Credentials | None:
    """The Authorization field's value for a token kind on a server; ``None`` for no credentials.

    ``kind`` ``None`` is the environment's default, ``"none"`` no credentials. A server's own scheme replaces that of
    Bearer tokens.

    Raises: ``MissingToken`` that names the variable to set, or the kinds that there are.
    """
    kind = environment.default_token if kind is None else kind
    if kind is None or kind == NO_CREDENTIALS:
        return None
    token = environment.tokens.get(kind)
    if token is None:
        has = f"has {', '.join(sorted(environment.tokens))}" if environment.tokens else "has none"
        hint = or_near(kind, environment.tokens, otherwise="; add it under tokens in the environment file")
        raise _missing(kind, f"no token kind {kind!r}: environment {environment.name!r} {has}{hint}", location)
    value = _usable(token, location)
    template = server.auth if server.auth and token.auth == BEARER else token.auth
    return Credentials(value.name, value.reveal(), template)


def _usable(token: TokenKind, location: SourceLocation | None) -> Secret:
    variables = " and ".join(token.variables)
    where = f" ({token.location})" if token.location else ""
    if not token.value:
        raise _missing(
            token.name,
            f"no value for token kind {token.name!r}{where}: "
            f"set {variables} in the process environment or in the .env file",
            location,
        )
    value = token.value.reveal()
    if not (value.isascii() and value.isprintable()):
        raise _missing(
            token.name,
            f"the value for token kind {token.name!r}{where} cannot be sent in a header field: {variables} holds "
            "a line break, another control character or a character that is not ASCII",
            location,
        )
    return token.value


def _missing(kind: str, message: str, location: SourceLocation | None) -> MissingToken:
    obstacle = Obstacle(kind="token", subject=kind, message=message)
    return MissingToken(message, location=location, obstacle=obstacle)
