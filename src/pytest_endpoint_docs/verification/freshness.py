"""How old a doc's verification is, against a clock and limits, and what that is worth telling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.instants import days, instant_or_none, parse_duration
from pytest_endpoint_docs.loading.items import slug
from pytest_endpoint_docs.model.doc import NOT_RUN, DocStatus, EndpointDoc
from pytest_endpoint_docs.model.record import ManualVerification
from pytest_endpoint_docs.model.source import Finding, Severity
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import late, or_near, render_days

FreshnessState = Literal["fresh", "stale", "never", "future", "unreadable"]

# Of these, ``--endpoint-stale fail`` makes failures; a stamp or a manual run of today settles those about verification.
VERIFICATION_CODES = frozenset(["stale", "never-verified", "future-date"])
FRESHNESS_CODES = VERIFICATION_CODES | {"unreadable-date", "skip-until-past"}

# A date alone is midnight UTC, which can lie ahead for a tester in the east; clocks of two machines differ a little.
_DATE_AHEAD = timedelta(hours=14)
_CLOCK_AHEAD = timedelta(minutes=5)
_MOST_AGES = 64
_DATE = late(r"\d{4}-\d{2}-\d{2}")


@value_class
class AgePolicy:
    """How old a verification may be: for all docs, for those of a tag, of a domain; ``None``: no limit.

    A tag's limit goes before a domain's, a domain's before ``default``; of several tags the strictest holds.
    """

    default: timedelta | None = None
    tags: Mapping[str, timedelta] = field(default_factory=dict)
    domains: Mapping[str, timedelta] = field(default_factory=dict)

    def limit(self, doc: EndpointDoc) -> timedelta | None:
        """The limit that holds for a doc."""
        if not (self.tags or self.domains):
            return self.default
        of_tags = [self.tags[name] for name in map(slug, doc.tags) if name in self.tags]
        if of_tags:
            return min(of_tags)
        return self.domains.get(slug(doc.domain or ""), self.default)


@value_class
class Freshness:
    """Where a doc stands: ``verified`` is the instant that counts, ``by`` who verified, ``by_hand``: evidence says so.

    ``age`` is ``None`` where the doc was never verified or its date cannot be read.
    """

    state: FreshnessState
    verified: datetime | None = None
    by: str | None = None
    by_hand: bool = False
    age: timedelta | None = None
    limit: timedelta | None = None

    @property
    def age_days(self) -> float | None:
        """The age in days, to four places."""
        return None if self.age is None else round(days(self.age), 4)


@value_class
class DocAge:
    """Where a doc stands at the run's clock: its freshness, what is worth telling, the latest manual run."""

    freshness: Freshness
    findings: tuple[Finding, ...] = ()
    evidence: ManualVerification | None = None


_UNDATED = DocAge(freshness=Freshness(state="never"))
"""The age of a doc that has no dates and no evidence, and that need have none."""


class DocAges:
    """The ages of the docs of one process, by the run's clock."""

    def __init__(
        self,
        policy: AgePolicy,
        evidence_of: Callable[[EndpointDoc], ManualVerification | None],
        clock: Callable[[], datetime],
        severity: Severity,
    ) -> None:
        self._policy = policy
        self._evidence_of = evidence_of
        self._clock = clock
        self._severity = severity
        # Of the docs of late: the items of a doc run one after the other.
        self._ages: dict[Path, DocAge] = {}

    def of(self, doc: EndpointDoc) -> DocAge:
        """The age of a doc."""
        age = self._ages.get(doc.file)
        if age is None:
            if len(self._ages) >= _MOST_AGES:
                self._ages.clear()
            age = self._ages[doc.file] = self._look_up(doc)
        return age

    def forget(self, doc: EndpointDoc) -> None:
        """Look again: there is new evidence."""
        self._ages.pop(doc.file, None)

    def _look_up(self, doc: EndpointDoc) -> DocAge:
        evidence = self._evidence_of(doc)
        is_dated = evidence or doc.verified_at or doc.saved_at or doc.skip_until
        if not is_dated and self._policy.limit(doc) is None:
            return _UNDATED
        now = self._clock()
        # A doc that cannot be read fails already, and its dates are not known.
        readable = bool(doc.endpoint.method)
        fresh = freshness(doc, self._policy, now, evidence)
        findings = tuple(_findings(doc, fresh, now, self._severity)) if readable else ()
        return DocAge(freshness=fresh, findings=findings, evidence=evidence)


def parse_age_policy(lines: Sequence[str]) -> AgePolicy:
    """The limits of ini lines (``tag:oauth = 30d``, ``domain:sales = 180d``), without a default.

    Raises: ``ConfigError`` that quotes the line.
    """
    tags: dict[str, timedelta] = {}
    domains: dict[str, timedelta] = {}
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(r"\s*(\w+)\s*:\s*(.*?\S)\s*=\s*(.*?)\s*", line)
        if not match:
            raise ConfigError(f"max age {line.strip()!r}: expected 'tag:NAME = 30d' or 'domain:NAME = 180d'")
        kind, name, limit = match.groups()
        groups = {"tag": tags, "domain": domains}
        if kind not in groups:
            hint = or_near(kind, groups, shown=f"{{}}:{name}".format)
            raise ConfigError(f"max age {line.strip()!r}: {kind!r} is neither tag nor domain{hint}")
        if slug(name) in groups[kind]:
            raise ConfigError(f"max age {line.strip()!r}: {kind}:{name} has a limit already; keep one line")
        try:
            groups[kind][slug(name)] = parse_limit(limit)
        except ValueError as error:
            raise ConfigError(f"max age {line.strip()!r}: {error}") from error
    return AgePolicy(tags=tags, domains=domains)


def parse_limit(text: str) -> timedelta:
    """How old a verification may be: ``90d``. Raises: ``ValueError``, also for a limit of zero."""
    limit = parse_duration(text)
    if not limit:
        raise ValueError("a limit of zero would make every doc stale; leave it out instead")
    return limit


def freshness(
    doc: EndpointDoc, policy: AgePolicy, now: datetime, evidence: ManualVerification | None = None
) -> Freshness:
    """How fresh a doc is at ``now``: by ``verifiedAt``, or by a later manual pass of the doc as it stands."""
    limit = policy.limit(doc)
    by_hand = _instant_of_evidence(evidence)
    written, readable = _instant(doc.verified_at)
    if not readable and by_hand is None:
        return Freshness(state="unreadable", limit=limit)
    if written is None and by_hand is None:
        return Freshness(state="never", limit=limit)
    if by_hand is not None and evidence is not None and (written is None or by_hand > written):
        return _aged(by_hand, evidence.by, now, limit, ahead=_CLOCK_AHEAD, by_hand=True)
    assert written is not None
    ahead = _DATE_AHEAD if _DATE.fullmatch((doc.verified_at or "").strip()) else _CLOCK_AHEAD
    return _aged(written, doc.verified_by, now, limit, ahead=ahead)


def _findings(doc: EndpointDoc, fresh: Freshness, now: datetime, severity: Severity) -> Iterator[Finding]:
    """What a doc's dates are worth telling: ``unreadable-date``, ``skip-until-past``, and what its age is worth.

    ``stale`` and ``never-verified`` need a limit that holds for the doc. Deprecated docs do not age. A doc that cannot
    pass by itself (skipped for another reason than a manual test, or known to fail) is not asked for a first
    verification.
    """
    yield from _age_findings(doc, fresh, severity)
    for key, text in (("verifiedAt", doc.verified_at), ("savedAt", doc.saved_at), ("skipUntil", doc.skip_until)):
        if text and not _instant(text)[1]:
            message = f"{key} {text!r} is not a date; expected ISO 8601, such as 2026-02-08T10:24:43Z"
            location = doc.line_of(key)
            yield Finding(code="unreadable-date", message=message, location=location, severity=severity, key=key)
    until = _skip_until(doc) if doc.skip_until else None
    if until is not None and now >= until and _does_not_run(doc):
        message = (
            f"skipUntil {doc.skip_until} passed {render_days(days(now - until))} ago: "
            f"run the doc again, or give the skip a new date and reason{_owner(doc)}"
        )
        location = doc.line_of("skipUntil")
        yield Finding(code="skip-until-past", message=message, location=location, severity=severity)


def render_last_manual(evidence: ManualVerification, now: datetime) -> str:
    """What evidence says in half a sentence: ``last verified by hand 12 days ago by Ana``."""
    at = instant_or_none(evidence.at)
    ago = f"{render_days(days(now - at))} ago" if at is not None and at <= now else f"at {evidence.at}"
    verb = {
        "passed": "last verified by hand",
        "failed": "failed by hand",
        "blocked": "last tried by hand, and blocked,",
    }
    changed = ", before the doc changed" if evidence.doc_changed else ""
    return f"{verb[evidence.outcome]} {ago} by {evidence.by}{changed}"


def _age_findings(doc: EndpointDoc, fresh: Freshness, severity: Severity) -> list[Finding]:
    date = fresh.verified.date().isoformat() if fresh.verified else ""
    if fresh.state == "future":
        message = f"verified on {date}, which is in the future; is the date right?"
        return [Finding(code="future-date", message=message, location=doc.line_of("verifiedAt"), severity=severity)]
    if fresh.limit is None or doc.status is DocStatus.DEPRECATED:
        return []
    location = doc.line_of("verifiedAt")
    allowed = render_days(days(fresh.limit))
    if fresh.state == "never" and (doc.is_manual or not _does_not_run(doc)) and doc.status is not DocStatus.FAILED:
        message = f"never verified; it has to be verified every {allowed}{_owner(doc)}"
        return [Finding(code="never-verified", message=message, location=location, severity=severity)]
    if fresh.state == "stale" and fresh.age is not None:
        by = f" by {fresh.by}" if fresh.by else ""
        hand = " by hand" if fresh.by_hand else ""
        message = (
            f"last verified{hand} {render_days(days(fresh.age))} ago ({date}{by}), "
            f"which is longer than the {allowed} allowed{_owner(doc)}"
        )
        return [Finding(code="stale", message=message, location=location, severity=severity)]
    return []


def _aged(
    verified: datetime,
    by: str | None,
    now: datetime,
    limit: timedelta | None,
    *,
    ahead: timedelta,
    by_hand: bool = False,
) -> Freshness:
    age = now - verified
    state: FreshnessState = "fresh"
    if age < -ahead:
        state = "future"
    elif limit is not None and age > limit:
        state = "stale"
    return Freshness(state=state, verified=verified, by=by, by_hand=by_hand, age=max(age, timedelta()), limit=limit)


def _instant_of_evidence(evidence: ManualVerification | None) -> datetime | None:
    if evidence is None or evidence.outcome != "passed" or evidence.doc_changed:
        return None
    return instant_or_none(evidence.at)


def _instant(text: str | None) -> tuple[datetime | None, bool]:
    """The instant of a doc's date, and whether the date can be read; one that is not there can."""
    if text is None or not text.strip():
        return None, True
    found = instant_or_none(text)
    return found, found is not None


def _skip_until(doc: EndpointDoc) -> datetime | None:
    until = _instant(doc.skip_until)[0]
    if until is not None and _DATE.fullmatch((doc.skip_until or "").strip()):
        return datetime.combine(until.date(), datetime.min.time(), UTC) + timedelta(days=1)
    return until


def _does_not_run(doc: EndpointDoc) -> bool:
    return doc.status in NOT_RUN or doc.is_manual


def _owner(doc: EndpointDoc) -> str:
    return f"; owner: {doc.owner}" if doc.owner else ""
