"""Who may do what: tokens, their kinds, and the business that a request is about."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec

from flask import Response, g, request
from werkzeug.exceptions import NotFound

from pytest_endpoint_docs.sandbox.answers import ApiError, problem
from pytest_endpoint_docs.sandbox.gateway import gateway
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.settings import User
from pytest_endpoint_docs.sandbox.store import Record, Table

P = ParamSpec("P")

SCHEMES = {"admin": "Admin", "partner": "Token"}
HOMES = {"staff": "biz_1", "client": "biz_1"}
DIRECTORY_BUSINESSES = ("biz_1", "biz_2")
CREDENTIALS = re.compile(r'(?P<scheme>[A-Za-z]+) +(?:token="(?P<quoted>[^"]*)"|(?P<plain>\S+)) *')


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who sends the request. ``user`` and ``scopes`` are set for tokens of the token endpoint."""

    kind: str
    token: str
    user: User | None = None
    scopes: frozenset[str] = frozenset()


def takes(
    *kinds: str, business: bool = True, only_at: str | None = None
) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Let a view answer these kinds of tokens only; ``user:<scope>`` is a token of the token endpoint.

    With ``business`` the view is about one business: the token's own, or for a directory token the one in
    ``X-On-Behalf-Of``. With ``only_at`` it answers at that gateway only.
    """

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            if only_at not in (None, gateway()):
                raise NotFound
            g.identity = identify(kinds)
            g.business_id = _business_of(g.identity) if business else None
            return view(*args, **kwargs)

        return guarded

    return decorate


def business_id() -> str:
    """The business that the request at hand is about."""
    return str(g.business_id)


def identity() -> Identity:
    """Who sent the request at hand."""
    found: Identity = g.identity
    return found


def identify(kinds: tuple[str, ...]) -> Identity:
    """Who sends the request at hand. Raises: ApiError 401 for nobody known, 403 for a token not among ``kinds``."""
    given = request.headers.get("Authorization")
    if not given:
        raise _unauthorized(kinds, "missing_token", "This operation needs a token, and the request has none.", None)
    match = CREDENTIALS.fullmatch(given)
    found = _look_up(match["scheme"].lower(), match["quoted"] or match["plain"]) if match else None
    if found is None:
        raise _unauthorized(
            kinds, "unknown_token", "The token is unknown, expired, or sent with the wrong scheme.", given
        )
    allowed = {kind.partition(":")[0] for kind in kinds}
    if found.kind not in allowed:
        message = f"A {found.kind} token may not do this; these may: {', '.join(kinds)}."
        raise ApiError(403, problem("wrong_token_kind", message, allowed_tokens=list(kinds)))
    scopes = {kind.partition(":")[2] for kind in kinds if kind.startswith("user:")}
    if found.kind == "user" and not scopes & found.scopes:
        scope = " ".join(sorted(scopes))
        message = f"The access token lacks the scope {scope}."
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        error = problem("insufficient_scope", message, allowed_tokens=list(kinds))
        raise ApiError(403, error, headers={"WWW-Authenticate": challenge})
    return found


def _look_up(scheme: str, token: str) -> Identity | None:
    here = platform()
    for kind, known in here.settings.tokens.items():
        if token == known:
            return Identity(kind=kind, token=token) if scheme == SCHEMES.get(kind, "Bearer").lower() else None
    granted = here.grants.live_token(token, here.settings.clock()) if scheme == "bearer" else None
    if granted is None:
        return None
    return Identity(kind="user", token=token, user=granted.user, scopes=frozenset(granted.scope.split()))


def _unauthorized(kinds: tuple[str, ...], code: str, message: str, given: str | None) -> ApiError:
    schemes = sorted({SCHEMES.get(kind, "Bearer") for kind in kinds})
    error = ', error="invalid_token"' if given else ""
    challenge = ", ".join(f'{scheme} realm="sandbox"{error if scheme == "Bearer" else ""}' for scheme in schemes)
    more: dict[str, Any] = {"allowed_tokens": list(kinds)}
    return ApiError(401, problem(code, message, "Authorization", **more), headers={"WWW-Authenticate": challenge})


def _business_of(who: Identity) -> str | None:
    if who.user:
        return who.user.business_id
    if who.kind != "directory":
        return HOMES.get(who.kind)
    wanted = request.headers.get("X-On-Behalf-Of")
    if not wanted:
        message = "A directory token acts for many businesses: say for which with X-On-Behalf-Of: <business_id>."
        raise ApiError(422, problem("missing_on_behalf_of", message, "X-On-Behalf-Of"))
    if wanted not in DIRECTORY_BUSINESSES:
        message = f"The business {wanted!r} does not belong to this directory."
        raise ApiError(403, problem("foreign_business", message, "X-On-Behalf-Of"))
    return wanted


def found_row(table: Table, kind: str, row_id: str, **owner: str) -> Record:
    """A row of the business at hand that a path names, with these members. Raises: ApiError 404."""
    found = table.find(business_id(), row_id)
    if found is None or not owner.items() <= found.items():
        raise ApiError(404, problem("not_found", _no_such(kind, row_id)))
    return found


def referred_row(table: Table, kind: str, row_id: str, field: str) -> Record:
    """A row of the business at hand that a member of a request's body refers to. Raises: ApiError 422."""
    found = table.find(business_id(), row_id)
    if found is None:
        raise ApiError(422, problem(f"unknown_{field.removesuffix('_id')}", _no_such(kind, row_id), field))
    return found


def known_client(client_id: str) -> Record:
    """A client that a request's body refers to. Raises: ApiError 422."""
    return referred_row(platform().store.clients, "client", client_id, "client_id")


def _no_such(kind: str, row_id: str) -> str:
    return f"There is no {kind} {row_id!r} in this business."
