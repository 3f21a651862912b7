"""What a check is: which duty of an endpoint it holds, what it sends, what it expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from typing import Literal, NamedTuple, Protocol

from pytest_endpoint_docs.model.environment import CheckPolicy
from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.checks.judging import NotRun, Tolerance, answer_of, describe, token_of
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Facts, Probe, Pushed, TokenChange
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant, PageAnswer

Severity = Literal["fail", "warn", "known"]


class Level(StrEnum):
    """``M``: a violation fails. ``S``: a violation warns, and fails under ``--endpoint-oauth-strict``."""

    MUST = "M"
    SHOULD = "S"


def severity_of(level: Level, policy: CheckPolicy | None, *, strict: bool) -> Severity:
    """``fail`` for M, ``warn`` for S (``fail`` where strict); the environment's word comes before both."""
    if policy is not None and policy.action in ("warn", "fail", "known"):
        return policy.action
    return "fail" if strict or level is Level.MUST else "warn"


OAUTHLIB = "servers built on oauthlib answer so"
NO_SECRET_SENT = Tolerance(error="invalid_request", why="the secret counts as a missing parameter there")


class Section(NamedTuple):
    """A section: ``Section("RFC 6749", "4.1.2")``, ``Section("RFC 6749", "appendix B")``."""

    standard: str
    number: str


def cite(sections: Sequence[Section]) -> str:
    """``RFC 6749 sections 4.1.2 and 10.5, RFC 9700 section 4.1.3``."""
    by_standard: dict[str, list[str]] = {}
    for section in sections:
        by_standard.setdefault(section.standard, []).append(section.number)
    return ", ".join(f"{standard} {_numbers(numbers)}" for standard, numbers in by_standard.items())


def _numbers(numbers: list[str]) -> str:
    plain = [number for number in numbers if not number.startswith("appendix")]
    words = []
    if plain:
        listed = " and ".join(filter(None, [", ".join(plain[:-1]), plain[-1]]))
        words.append(f"section{'s' if len(plain) > 1 else ''} {listed}")
    words += [number for number in numbers if number.startswith("appendix")]
    return " and ".join(words)


@value_class
class Duty:
    """One thing that an endpoint owes: ``text`` is a clause in our words, ``sections`` is where it is written."""

    level: Level
    text: str
    sections: tuple[Section, ...]

    def at(self, level: Level) -> Duty:
        """The same duty at another level."""
        return replace(self, level=level)


def must(text: str, *sections: str) -> Duty:
    """A duty whose violation fails; ``sections`` as ``"6749 4.1.2"`` or ``"OIDC 3.1.3.7"``."""
    return Duty(level=Level.MUST, text=text, sections=tuple(map(_section, sections)))


def should(text: str, *sections: str) -> Duty:
    """A duty whose violation warns; ``sections`` as ``"6749 4.1.2"``."""
    return Duty(level=Level.SHOULD, text=text, sections=tuple(map(_section, sections)))


CODED = "coded"
"""The duty, beside that of refusing, to do it with the status and the error code of RFC 6749 section 5.2."""


def coded() -> dict[str, Duty]:
    """The duty that a refusal says why."""
    return {CODED: should("a refusal has the status and the error code for its reason", "6749 5.2")}


def _section(text: str) -> Section:
    standard, _, number = text.partition(" ")
    return Section("OpenID Connect Core 1.0" if standard == "OIDC" else f"RFC {standard}", number)


ViolationEvidence = SentRequest | AuthorizeOutcome | PageAnswer


@value_class
class Violation:
    """A duty that was not kept. ``expected`` and ``actual`` are short; ``evidence`` is what was sent and what came."""

    duty: Duty
    expected: str
    actual: str
    evidence: ViolationEvidence | None = None
    pointer: str = ""


@value_class(kw_only=False)
class Exchanged:
    """A code and the documented token request that was sent for it."""

    grant: AuthorizationGrant
    exchange: SentRequest


def successful(exchanged: Exchanged) -> Exchanged:
    """The same, where it gave an access token. Raises: :class:`NotRun` where it did not."""
    answer_of(exchanged.exchange)
    if token_of(exchanged.exchange) is None:
        raise NotRun(f"the documented exchange gives no access token: {describe(exchanged.exchange)} (see T1)")
    return exchanged


@value_class(kw_only=False)
class Refreshed:
    """A refresh token, and the token request that used it first."""

    refresh_token: str = field(repr=False)
    exchange: SentRequest


class CheckRun(Protocol):
    """What an examination uses of the run that it is part of: codes and token requests, shared between the checks."""

    @property
    def probe(self) -> Probe:
        """The authorization server under test."""

    @property
    def facts(self) -> Facts:
        """What is known of the endpoints."""

    def note(self, text: str) -> None:
        """Say something in the result of the check that runs."""

    def send(self, grant: AuthorizationGrant | None, change: TokenChange) -> SentRequest:
        """Send a token request, and keep it with the check that runs."""

    def post(self, url: str, fields: Mapping[str, str], change: TokenChange) -> SentRequest:
        """Send these parameters to another endpoint, and keep the exchange with the check that runs."""

    def push(self, extra: Mapping[str, str], change: TokenChange) -> Pushed:
        """Push a fresh authorization request, and keep the exchange with the check that runs."""

    def send_with_spare(self, change: TokenChange) -> SentRequest:
        """Send a token request that is to be refused for another reason than its code."""

    def fresh_grant(self) -> AuthorizationGrant:
        """A code that no token request has seen."""

    def any_grant(self) -> AuthorizationGrant:
        """The first code of the run, exchanged or not, for what its redirect says."""

    def keep_unused(self, grant: AuthorizationGrant) -> None:
        """Leave a code, obtained for something else and never sent, to a later check."""

    def pages(self) -> tuple[PageAnswer, ...]:
        """The answers on the way to a code, those of a login among them where one can be had; looked at once."""

    def exchanged(self) -> Exchanged:
        """A code that was exchanged as documented; once for all checks that look at such an exchange."""

    def exchanged_once(self) -> Exchanged:
        """A code that was exchanged exactly once: the caller exchanges it again."""

    def denied(self) -> AuthorizeOutcome:
        """Where the person's refusal led; asked once for all checks. Raises: ``NotRun`` where nothing refuses."""

    def refreshed(self) -> Refreshed:
        """A refresh token and the answer to its first use; once for all checks that look at it.

        Raises: ``NotRun`` where no refresh token came.
        """

    def unused_refresh_token(self) -> str:
        """The refresh token of the live tokens. Raises: ``NotRun`` where none came."""

    def live_tokens(self) -> Exchanged:
        """A code and the exchange whose tokens nothing revoked and nothing refreshed; the same, until it is forgotten.

        Raises: ``NotRun`` where the exchange gives no token.
        """

    def forget_tokens(self) -> None:
        """The live tokens were used up, or may have been revoked."""


Examination = Callable[[CheckRun, "Check"], Iterator[Violation]]


@value_class
class Check:
    """A check as data.

    ``id`` is what environments refer to (``T4``), ``title`` completes the node id, ``sent`` and ``expected`` are for
    people (``docs/oauth-checks.md`` has them). ``duties`` maps a name to what is owed; ``tolerances`` are the error
    codes that pass beside the expected ones. ``condition`` says why the check does not apply to an endpoint,
    or ``None`` where it has one.
    """

    id: str
    title: str
    sent: str
    expected: str
    duties: Mapping[str, Duty]
    examine: Examination = field(repr=False)
    tolerances: tuple[Tolerance, ...] = ()
    needs_second_client: bool = False
    condition: Callable[[Facts], str | None] = field(default=lambda _facts: None, repr=False)

    @property
    def name(self) -> str:
        """The name in node ids: ``T4 authorization code is single-use``."""
        return f"{self.id} {self.title}"

    def violation(
        self, duty: str, expected: str, actual: str, evidence: ViolationEvidence | None = None, *, pointer: str = ""
    ) -> Violation:
        """That one of its duties was not kept."""
        return Violation(duty=self.duties[duty], expected=expected, actual=actual, evidence=evidence, pointer=pointer)


@value_class
class CheckResult:
    """What came of a check. ``not_run`` is the reason where there is no verdict; then there are no mismatches.

    ``exchanges`` are the token requests that it looked at; ``notes`` are sentences for the report: tolerances that were
    used, parts that could not be checked.
    """

    check: Check
    mismatches: tuple[Mismatch, ...] = ()
    notes: tuple[str, ...] = ()
    exchanges: tuple[SentRequest, ...] = ()
    not_run: str | None = None
