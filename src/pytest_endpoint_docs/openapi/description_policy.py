"""What differences from descriptions do: by the environment's rules, its known issues and a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.model.digest import short_digest
from pytest_endpoint_docs.model.environment import DescriptionIssue, DescriptionKind, DescriptionRule
from pytest_endpoint_docs.model.record import MismatchRecord
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.accepted_file import AcceptedFile, render_accepted
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.pointers import last_key

ACCEPTED = "accepted by the baseline"
"""What ``Mismatch.known`` says of a difference that the baseline has."""

_BASELINES = AcceptedFile(name="a baseline of runs", how="--endpoint-update-baseline writes it", lists=("docs",))
_FROM_DESCRIPTIONS = ("openapi", "openapi-request")


@value_class
class RunBaseline:
    """The accepted differences of a run, by fingerprint: what each is, and the docs that had it."""

    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def fingerprint(found: Mismatch | MismatchRecord) -> str:
    """The same for the same difference of any item: its place in the description decides."""
    # Another status or media type at the same place is another difference.
    came = found.actual if found.kind in ("status", "media-type") else ""
    identity = (found.check, found.kind, found.source or found.message, last_key(found.pointer), came)
    return short_digest("\n".join(identity))


def is_from_description(found: Mismatch | MismatchRecord) -> bool:
    """Whether a description, and no doc, has what differs."""
    return found.check in _FROM_DESCRIPTIONS


def read_run_baseline(file: Path) -> RunBaseline:
    """Read a baseline of runs. Raises: ``ConfigError`` where it is absent or no such baseline."""
    return RunBaseline(entries={str(entry["fingerprint"]): entry for entry in _BASELINES.read(file)})


def render_run_baseline(baseline: RunBaseline) -> str:
    """The text of a baseline, in an order that changes little from one run to the next."""
    entries = baseline.entries.values()
    return render_accepted(sorted(entries, key=lambda entry: (str(entry.get("source")), entry["fingerprint"])))


@value_class
class DescriptionPolicy:
    """Decides what each difference does. ``accepts_all``: a baseline is being written, and nothing fails."""

    rules: tuple[DescriptionRule, ...] = ()
    issues: tuple[DescriptionIssue, ...] = ()
    baseline: RunBaseline = RunBaseline()
    accepts_all: bool = False
    today: date = date.min

    def applied(
        self, mismatches: Iterable[Mismatch], operation: Operation | None, *, is_tested: bool
    ) -> Iterator[Mismatch]:
        """The differences, without those that are ignored; only those of a tested request can fail."""
        for mismatch in mismatches:
            if mismatch.kind == "unjudged":
                yield mismatch  # what is not known cannot fail
                continue
            action = self._action(mismatch, operation)
            if action == "ignore":
                continue
            severity = action or mismatch.severity
            known = self._known(mismatch)
            if known is not None:
                yield replace(mismatch, severity="known", known=known)
            elif not is_tested:
                yield replace(mismatch, severity="warn")
            elif severity == "fail" and (self.accepts_all or fingerprint(mismatch) in self.baseline.entries):
                yield replace(mismatch, severity="warn", known=ACCEPTED)
            else:
                yield replace(mismatch, severity=severity)

    def expired(self) -> Sequence[DescriptionIssue]:
        """The known issues whose day has passed."""
        return [issue for issue in self.issues if _is_over(issue, self.today)]

    def _known(self, mismatch: Mismatch) -> str | None:
        live = (issue for issue in self.issues if not _is_over(issue, self.today))
        return next((str(issue) for issue in live if is_at(issue.source, mismatch.source)), None)

    def _action(self, mismatch: Mismatch, operation: Operation | None) -> Any:
        kind = _kind(mismatch)
        for rule in self.rules:
            if rule.kind not in (None, kind):
                continue
            if rule.operation is not None and not _is_operation(rule.operation, operation):
                continue
            if rule.tag is not None and (operation is None or rule.tag not in operation.tags):
                continue
            return rule.action
        return None


def is_at(issue: str, source: str | None) -> bool:
    """Whether a difference's source is an issue's place or below it; the issue's file may be the end of a path."""
    file, _, pointer = (source or "").partition("#")
    wanted_file, _, wanted = issue.partition("#")
    in_file = file == wanted_file or file.endswith(f"/{wanted_file}")
    return in_file and f"{pointer}/".startswith(f"{wanted.rstrip('/')}/")


def _is_over(issue: DescriptionIssue, today: date) -> bool:
    return issue.until is not None and issue.until < today


def _is_operation(written: str, operation: Operation | None) -> bool:
    method, _, path = written.partition(" ")
    if operation is None or operation.method != method.upper():
        return False
    return path.strip() in (operation.template, operation.written_path)


def _kind(mismatch: Mismatch) -> DescriptionKind:
    if mismatch.check == "openapi-request":
        return "request"
    if mismatch.kind in ("status", "media-type"):
        return "status" if mismatch.kind == "status" else "content-type"
    return "header" if mismatch.pointer and not mismatch.pointer.startswith("/") else "schema"
