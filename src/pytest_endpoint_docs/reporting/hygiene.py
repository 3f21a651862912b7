"""What did not run in a run, and why. Pure: a run's records to findings and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_endpoint_docs.instants import days, instant_or_none
from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, RunRecord
from pytest_endpoint_docs.model.source import OBSTACLES
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.rendering import public
from pytest_endpoint_docs.verification.freshness import render_last_manual
from pytest_endpoint_docs.words import capped, count, render_days

# In the order in which they are told: what a person can do something about first.
CAUSES: Mapping[str, str] = {
    **{str(kind): title for kind, title in OBSTACLES.items()},
    "manual": "needs a person",
    "variables": "undefined variables",
    "blocked": "blocked",
    "environment": "not in this environment",
    "no-request": "no request recorded",
    "recorded": "skip recorded in the doc",
    "deprecated": "deprecated",
    "": "other",
}


# What a doc is told whose failures are expected, and that passes.
NOW_PASSES = "now passes: set `status: verified`"
NOW_PASSES_CODE = "now-passes"
# What is told of differences that are known or accepted, and did not occur or may not be any more.
OUTDATED_CODES = frozenset(["baseline-gone", "known-issue-gone", "known-issue-expired"])
# What reading a doc says of a skip without a reason; a run says it once.
_FOUND_BY_READING = "no-skip-reason"


@value_class
class NotRun:
    """The skipped items of one cause, the one that was verified longest ago first; never verified before all."""

    cause: str
    label: str
    items: tuple[ItemRecord, ...]

    @property
    def oldest(self) -> ItemRecord:
        """The item that nobody has verified for the longest time."""
        return self.items[0]


def not_run(run: RunRecord) -> tuple[NotRun, ...]:
    """What did not run, by cause, in a fixed order; causes without an item are left out."""
    skipped = [item for item in run.items if item.outcome == "skipped"]
    groups = []
    for cause, label in CAUSES.items():
        items = [item for item in skipped if (item.cause if item.cause in CAUSES else "") == cause]
        if items:
            oldest_first = sorted(items, key=lambda item: (-_age_days(item, run), item.doc, item.line))
            groups.append(NotRun(cause=cause, label=label, items=tuple(oldest_first)))
    return tuple(groups)


def hygiene_findings(run: RunRecord) -> tuple[FindingRecord, ...]:
    """A finding ``skip-without-reason`` for every doc that was skipped and does not say why."""
    found: dict[str, FindingRecord] = {}
    for item in run.items:
        lacking = not item.reason.strip() or any(found.code == _FOUND_BY_READING for found in item.findings)
        if item.outcome == "skipped" and item.cause != "deprecated" and lacking and item.doc not in found:
            owner = f"; owner: {item.owner}" if item.owner else ""
            found[item.doc] = FindingRecord(
                code="skip-without-reason",
                message=public(f"skipped without a reason: write one into skipReason{owner}"),
                severity="warning",
                path=item.doc,
                line=next((each.line for each in item.findings if each.code == _FOUND_BY_READING), item.line),
            )
    return tuple(found.values())


def findings_to_show(run: RunRecord) -> tuple[FindingRecord, ...]:
    """Everything that reports list as findings: :func:`all_findings`, then :func:`hygiene_findings`, each once."""
    return tuple(dict.fromkeys([*all_findings(run), *hygiene_findings(run)]))


def render_hygiene(run: RunRecord, *, most: int | None = None) -> list[str]:
    """The lines for the end of a run: what did not run by cause with the oldest of each, then skips without a reason.

    Empty where everything ran. ``most`` bounds how many skips without a reason are named.
    """
    groups = not_run(run)
    if not groups:
        return []
    total = sum(len(group.items) for group in groups)
    width = max(len(group.label) for group in groups)
    digits = len(str(max(len(group.items) for group in groups)))
    lines = [f"{total:,} of {count(len(run.items), 'item')} did not run:"]
    lines += [f"  {group.label:{width}}  {len(group.items):>{digits}}  {_oldest(group, run)}" for group in groups]
    missing = hygiene_findings(run)
    if missing:
        lines.append(f"{count(len(missing), 'skip')} without a reason:")
        told = [f"  {finding.path}:{finding.line}: {finding.message}" for finding in missing]
        lines += capped(told, most, indent="  ", hint=" (-v shows all)")
    return lines


def render_left_alone(files: Sequence[str]) -> str:
    """How many Markdown files gave no item."""
    are = "is not an endpoint doc" if len(files) == 1 else "are not endpoint docs"
    return f"{count(len(files), 'Markdown file')} {are} and gave no test"


def render_age(item: ItemRecord, run: RunRecord) -> str:
    """How long ago an item's doc was verified, and whether by hand."""
    now = instant_or_none(run.now)
    if item.evidence is not None and now is not None:
        return render_last_manual(item.evidence, now)
    if item.age_days is not None:
        by = f" by {item.verified_by}" if item.verified_by else ""
        return f"last verified {render_days(item.age_days)} ago{by}"
    return "never verified" if not item.verified_at else f"verified {item.verified_at}"


def all_findings(run: RunRecord) -> tuple[FindingRecord, ...]:
    """The findings of a run and its items, each once, by path and line; without those of :func:`hygiene_findings`."""
    every: Iterable[Sequence[FindingRecord]] = [run.findings, *(item.findings for item in run.items)]
    told = {finding.path for finding in hygiene_findings(run)}
    failing = {item.doc for item in run.items if item.outcome in ("failed", "error", "xfailed")}
    unique = {
        finding: None
        for findings in every
        for finding in findings
        if not (finding.code == _FOUND_BY_READING and finding.path in told)
        and not (finding.code == NOW_PASSES_CODE and finding.path in failing)
    }
    return tuple(sorted(unique, key=lambda finding: (finding.path, finding.line, finding.code, finding.message)))


def _oldest(group: NotRun, run: RunRecord) -> str:
    item = group.oldest
    word = "oldest: " if len(group.items) > 1 else ""
    return f"{word}{item.doc}:{item.line} ({render_age(item, run)})"


def _age_days(item: ItemRecord, run: RunRecord) -> float:
    now = instant_or_none(run.now)
    at = instant_or_none(item.evidence.at) if item.evidence and item.evidence.outcome == "passed" else None
    if now is not None and at is not None:
        return days(now - at)
    return float("inf") if item.age_days is None else item.age_days
