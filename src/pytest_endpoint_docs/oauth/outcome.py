"""What an authorization endpoint answered (RFC 6749 section 4.1.2), and whether that was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.consent_errors import (
    AuthorizationErrorResponse,
    ErrorNotReturned,
    IssuerMismatch,
    PushRefused,
    RedirectFailure,
    RedirectMalformed,
    StateMismatch,
)
from pytest_endpoint_docs.oauth.grant import (
    AuthorizationError,
    AuthorizationGrant,
    AuthorizationRequest,
    PageAnswer,
    Redirect,
    granted,
)


@value_class
class Followed:
    """Where an authorization request led, unjudged. ``redirect`` ``None``: nothing reached the redirect URI.

    ``ending`` then says why the walk ended, and ``url`` (masked) where; ``dead_end``: on a page that offers nothing to
    go on with; ``acted``: something was done on a page before. ``pages`` are all answers on the way, the last one last;
    ``trail`` are lines that say what was done.
    """

    request: AuthorizationRequest
    redirect: Redirect | None = None
    pages: tuple[PageAnswer, ...] = field(default=(), repr=False)
    url: str = ""
    ending: str = ""
    dead_end: bool = False
    acted: bool = False
    trail: tuple[str, ...] = ()


def refused_push(request: AuthorizationRequest, refused: PushRefused) -> Followed:
    """Where a request led that was not taken when it was pushed: a status is an answer like that of a page."""
    status_code = refused.status_code
    return Followed(
        request=request,
        pages=() if status_code is None else (PageAnswer(method="POST", url=refused.url, status_code=status_code),),
        url=refused.url,
        ending=refused.message,
        dead_end=status_code is not None,
    )


def read_outcome(
    redirect: Redirect,
    request: AuthorizationRequest,
    *,
    issuer: str | None,
    now: datetime,
    pages: tuple[PageAnswer, ...] = (),
) -> AuthorizationGrant | AuthorizationError:
    """The grant or the error that a redirect carries.

    An error's wrong or missing state is left to the caller (``state_matches``), because servers that cannot trust a
    request may drop it.

    Raises: :class:`StateMismatch`, :class:`IssuerMismatch`, :class:`RedirectMalformed`.
    """
    params = redirect.parameters
    state, iss = params.get("state"), params.get("iss")
    if iss is not None and issuer is not None and iss != issuer:
        raise IssuerMismatch(
            f"the redirect's iss is {iss!r}, the configured issuer is {issuer!r} "
            "(RFC 9207 section 2.4: compare exactly)"
        )
    if "error" in params:
        return AuthorizationError(
            error=params["error"],
            description=params.get("error_description"),
            uri=params.get("error_uri"),
            state=state,
            state_matches=state == request.state,
            redirect_uri=redirect.redirect_uri,
            iss=iss,
            issued_at=now,
            pages=pages,
        )
    grant = granted(request, params, issued_at=now, pages=pages)
    if grant is None:
        raise _neither_code_nor_error(params)
    if state != request.state:
        found = "is missing" if state is None else "is another one"
        raise StateMismatch(
            f"the state in the redirect {found}; it must come back exactly as it was sent (RFC 6749 section 4.1.2)"
        )
    return grant


def expected_outcome(
    outcome: AuthorizationGrant | AuthorizationError, expected: frozenset[str]
) -> AuthorizationGrant | AuthorizationError:
    """The outcome, where it is what was expected: a grant, or with ``expected`` an error with one of these codes.

    Raises: :class:`AuthorizationErrorResponse`, :class:`ErrorNotReturned`.
    """
    if isinstance(outcome, AuthorizationGrant):
        if expected:
            raise ErrorNotReturned(f"a code came back, but the error {' or '.join(sorted(expected))} was expected")
        return outcome
    if not expected:
        raise _error_instead_of_code(outcome.error, outcome.description)
    if outcome.error not in expected:
        said = _said(outcome.error, outcome.description)
        raise ErrorNotReturned(f"the error is {said}, where {' or '.join(sorted(expected))} was expected")
    return outcome


def no_code_in(parameters: Mapping[str, str]) -> RedirectFailure:
    """The failure of a consent whose redirect has these parameters, and no code."""
    if "error" in parameters:
        return _error_instead_of_code(parameters["error"], parameters.get("error_description"))
    return _neither_code_nor_error(parameters)


def _error_instead_of_code(error: str, description: str | None) -> AuthorizationErrorResponse:
    return AuthorizationErrorResponse(
        "the authorization endpoint answered with an error instead of a code: "
        f"{_said(error, description)} (RFC 6749 section 4.1.2.1)",
        error=error,
        description=description,
    )


def _neither_code_nor_error(parameters: Mapping[str, str]) -> RedirectMalformed:
    names = ", ".join(sorted(parameters)) or "nothing"
    return RedirectMalformed(f"the redirect carries neither code nor error, only: {names} (RFC 6749 section 4.1.2)")


def _said(error: str, description: str | None) -> str:
    return f"{error}: {description}" if description else error
