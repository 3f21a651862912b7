"""Reading a token endpoint's answer, and comparing it with what is owed."""

from __future__ import annotations

from pytest_endpoint_docs.model.exchange import Response, SentRequest
from pytest_endpoint_docs.model.value_class import value_class

TOO_MANY_REQUESTS = 429
HAS_NO_TIME = "the server answers 429 Too Many Requests; run this check later, or alone"
_REFUSALS = range(400, 500)


class NotRun(Exception):
    """Raised inside a check that cannot be carried out; the message says why."""


def text_of(exchange: SentRequest, name: str) -> str | None:
    """A parameter of an answer, if it is a string that is not empty; ``None`` also where no answer came."""
    value = exchange.response.as_object().get(name) if exchange.response else None
    return value if isinstance(value, str) and value else None


def token_of(exchange: SentRequest) -> str | None:
    """The access token of an answer."""
    return text_of(exchange, "access_token")


def refresh_token_of(exchange: SentRequest) -> str | None:
    """The refresh token of an answer."""
    return text_of(exchange, "refresh_token")


def error_of(exchange: SentRequest) -> str | None:
    """The error code of an answer (RFC 6749 section 5.2)."""
    return text_of(exchange, "error")


def describe(exchange: SentRequest) -> str:
    """An answer in a few words: ``400 invalid_grant``, ``200 with an access token``, ``404 without an error code``.

    An answer that refuses nothing needs no error code: ``201 with a request_uri``, ``204``.
    """
    response = exchange.response
    if response is None:
        return f"no answer ({exchange.error})"
    if token_of(exchange):
        return f"{response.status_code} with an access token"
    if text_of(exchange, "request_uri"):
        return f"{response.status_code} with a request_uri"
    error = error_of(exchange)
    if error is None and response.status_code < _REFUSALS.start:
        return str(response.status_code)
    return f"{response.status_code} {error or 'without an error code'}"


def answer_of(exchange: SentRequest) -> Response:
    """The response. Raises: :class:`NotRun` where none came, or the server refuses to be asked so often."""
    if exchange.response is None:
        raise NotRun(f"the server did not answer: {exchange.error}")
    if exchange.response.status_code == TOO_MANY_REQUESTS:
        raise NotRun(HAS_NO_TIME)
    return exchange.response


@value_class
class Refusal:
    """A refusal as it is owed: no token, one of these statuses (empty: any 4xx), one of these errors (empty: any).

    ``authenticate`` is the scheme that ``WWW-Authenticate`` must name.
    """

    statuses: tuple[int, ...] = (400,)
    errors: tuple[str, ...] = ()
    authenticate: str | None = None

    @property
    def text(self) -> str:
        """``400 invalid_grant``, ``401 invalid_client with WWW-Authenticate: Basic``, ``4xx and no token``."""
        status = " or ".join(str(status) for status in self.statuses) or "4xx"
        if not self.errors:
            return f"{status} and no token"
        text = f"{status} {' or '.join(self.errors)}"
        return f"{text} with WWW-Authenticate: {self.authenticate}" if self.authenticate else text


INVALID_CLIENT = Refusal(statuses=(400, 401), errors=("invalid_client",))
INVALID_GRANT = Refusal(errors=("invalid_grant",))
INVALID_REQUEST = Refusal(errors=("invalid_request",))


@value_class
class Tolerance:
    """An error code that passes although the RFC names another one; ``why`` says who answers so."""

    error: str
    why: str

    @property
    def note(self) -> str:
        """What a report says of an answer that passed by it."""
        return f"{self.error} tolerated: {self.why}"


def tolerance_of(error: str | None, tolerances: tuple[Tolerance, ...]) -> Tolerance | None:
    """By which tolerance an error code passes; ``None`` where by none."""
    return next((tolerance for tolerance in tolerances if tolerance.error == error), None)


@value_class
class Verdict:
    """``actual`` is set where the answer is not what is owed, ``tolerated`` where it passed by a tolerance."""

    actual: str | None = None
    tolerated: Tolerance | None = None


def is_refused(exchange: SentRequest) -> bool:
    """Whether an answer is a refusal, with the status and error code that are owed or with others: 4xx, no token."""
    return answer_of(exchange).status_code in _REFUSALS and token_of(exchange) is None


def judge(exchange: SentRequest, refusal: Refusal, tolerances: tuple[Tolerance, ...]) -> Verdict:
    """Compare an answer with the refusal that is owed.

    Raises: :class:`NotRun` where there is no answer to judge.
    """
    response = answer_of(exchange)
    allowed = refusal.statuses or _REFUSALS
    if token_of(exchange) or response.status_code not in allowed:
        return Verdict(actual=describe(exchange))
    error = error_of(exchange)
    tolerated = None
    if refusal.errors and error not in refusal.errors:
        tolerated = tolerance_of(error, tolerances)
        if tolerated is None:
            return Verdict(actual=describe(exchange))
    if refusal.authenticate and not _names_scheme(response, refusal.authenticate):
        field = response.headers.get("WWW-Authenticate")
        found = "without WWW-Authenticate" if field is None else f"with WWW-Authenticate: {field}"
        return Verdict(actual=f"{describe(exchange)} {found}")
    return Verdict(tolerated=tolerated)


def _names_scheme(response: Response, scheme: str) -> bool:
    challenges = response.headers.get("WWW-Authenticate", "")
    return any(part.strip().lower().split(" ")[0] == scheme.lower() for part in challenges.split(","))
