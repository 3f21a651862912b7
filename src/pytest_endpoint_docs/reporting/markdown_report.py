"""A run as Markdown: what a CI job shows as its summary."""

from __future__ import annotations

import re
from collections import Counter

from pytest_endpoint_docs.model.record import ItemRecord, RunRecord
from pytest_endpoint_docs.reporting.contract_summary import known_differences, warned
from pytest_endpoint_docs.reporting.failure_causes import (
    broken,
    failure_causes,
    failure_line,
    headline,
    render_obstacle,
    shared_causes,
)
from pytest_endpoint_docs.reporting.hygiene import (
    findings_to_show,
    not_run,
    render_age,
    render_left_alone,
)
from pytest_endpoint_docs.reporting.passes import render_passes
from pytest_endpoint_docs.reporting.progress import render_seconds
from pytest_endpoint_docs.words import and_more, capped, count, cut_lines, first_line, listed, render_days

# GitHub cuts a job summary at 1 MiB.
_MOST_FAILURES = 50
_MOST_FINDINGS = 100
_MOST_OBSTACLES = 20
_MOST_DOCS = 10
_FAILURE_LINES = 15
_LINE_LENGTH = 300

_WORDS = {
    "passed": "passed",
    "failed": "failed",
    "error": "error",
    "xfailed": "failed as expected",
    "xpassed": "passes now",
    "skipped": "did not run",
}


def render_markdown(run: RunRecord) -> str:
    """The summary of a run: counts, a table by domain, failures with their first lines, what did not run, findings."""
    outcomes = Counter[str](item.outcome for item in run.items)
    told = [_counted(outcomes[key], key) for key in _WORDS if outcomes[key]]
    counts = ", ".join(told) or ("nothing ran" if run.not_reached else "nothing was collected")
    where = f"environment {_code(run.environment or 'none')}, {_cell(run.now)}"
    parts = [
        "# Endpoint docs\n",
        f"**{_cell(headline(run).text)}**\n" if run.items or run.not_reached else "",
        f"**{counts}** in {render_seconds(run.duration_s)}, {where}\n",
        *(f"{line}\n" for line in render_passes(run.items)),
        _domains(run),
        _untested(run),
        _failures(run),
        _expected_failures(run),
        _warned(run),
        _known(run),
        _not_run(run),
        _findings(run),
        _left_alone(run),
    ]
    return "\n".join(part for part in parts if part)


def _counted(number: int, outcome: str) -> str:
    return count(number, "error") if outcome == "error" else f"{number:,} {_WORDS[outcome]}"


def _domains(run: RunRecord) -> str:
    if not run.items:
        return ""
    words = {key: word for key, word in _WORDS.items() if any(item.outcome == key for item in run.items)}
    lines = [
        "| domain | " + " | ".join(words.values()) + " | oldest verification |",
        "| --- |" + " ---: |" * len(words) + " --- |",
    ]
    for domain in sorted({item.domain or "" for item in run.items}):
        items = [item for item in run.items if (item.domain or "") == domain]
        outcomes = Counter[str](item.outcome for item in items)
        ages = [item.age_days for item in items if item.age_days is not None]
        oldest = f"{render_days(max(ages))} ago" if ages else "never"
        counts = " | ".join(str(outcomes[key] or "") for key in words)
        lines.append(f"| {_cell(domain or '(none)')} | {counts} | {oldest} |")
    return "\n".join(lines) + "\n"


def _untested(run: RunRecord) -> str:
    """What kept items from being tested, each once: with the docs that met it, and the first error in full."""
    obstacles = [cause for cause in failure_causes(run.items) if cause.obstacle is not None]
    if not obstacles:
        return ""
    lines = [f"## {sum(len(one.items) + len(one.not_tried) for one in obstacles):,} not tested\n"]
    for cause in obstacles[:_MOST_OBSTACLES]:
        docs = listed(cause.docs, _MOST_DOCS)
        title = cause.obstacle.title.capitalize() if cause.obstacle else ""
        told = f"{_cell(render_obstacle(cause))}: {_cell(docs)}"
        lines += [f"### {title}\n", f"{told}\n", _failure(cause.first), ""]
    if len(obstacles) > _MOST_OBSTACLES:
        lines.append(f"{and_more(len(obstacles) - _MOST_OBSTACLES)}, in the result file and the HTML report.\n")
    return "\n".join(lines)


def _failures(run: RunRecord) -> str:
    failed = broken(run.items)
    if not failed:
        return ""
    lines = [f"## {count(len(failed), 'failure')}\n"]
    shared = [f"- {count(len(one.items), 'item')}: {_cell(one.text)}" for one in shared_causes(run.items)]
    lines += ["With one cause:\n", *shared, ""] if shared else []
    for item in failed[:_MOST_FAILURES]:
        case = f" {_cell(item.case_id)}" if item.case_id else ""
        place = _code(f"{item.doc}:{failure_line(item)}")
        lines += [f"### {place} {_cell(item.endpoint)}{case}\n", _failure(item), ""]
    if len(failed) > _MOST_FAILURES:
        lines.append(f"{and_more(len(failed) - _MOST_FAILURES)}, in the result file and the HTML report.\n")
    return "\n".join(lines)


def _expected_failures(run: RunRecord) -> str:
    failed = [item for item in run.items if item.outcome == "xfailed"]
    if not failed:
        return ""
    told = [f"- {_code(item.nodeid)} {_cell(item.reason)}: {_cell(item.verdict)}" for item in failed]
    return "\n".join([f"## {len(failed):,} failed as expected\n", *capped(told, _MOST_FINDINGS, indent="- ")]) + "\n"


def _failure(item: ItemRecord) -> str:
    text = item.failure or item.verdict or item.reason or "no failure text"
    lines = cut_lines(text, most=_FAILURE_LINES, width=_LINE_LENGTH)
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *lines, fence])


def _warned(run: RunRecord) -> str:
    found = warned(run.items)
    if not found:
        return ""
    told = [f"- {_code(f'{item.doc}:{item.line}')} {_cell(first_line(one.message))}" for item, one in found]
    return "\n".join([f"## {count(len(found), 'warning')}\n", *capped(told, _MOST_FINDINGS, indent="- ")]) + "\n"


def _known(run: RunRecord) -> str:
    found = known_differences(run.items)
    if not found:
        return ""
    told = capped([f"- {_cell(line)}" for line in found], _MOST_FINDINGS, indent="- ")
    return "\n".join([f"## {count(len(found), 'known difference')}\n", *told]) + "\n"


def _not_run(run: RunRecord) -> str:
    groups = not_run(run)
    if not groups:
        return ""
    total = sum(len(group.items) for group in groups)
    lines = [f"## {total:,} did not run\n", "| why | items | oldest |", "| --- | ---: | --- |"]
    for group in groups:
        place = _code(f"{group.oldest.doc}:{group.oldest.line}").replace("|", "\\|")
        lines.append(f"| {group.label} | {len(group.items):,} | {place} {_cell(render_age(group.oldest, run))} |")
    return "\n".join(lines) + "\n"


def _findings(run: RunRecord) -> str:
    found = findings_to_show(run)
    if not found:
        return ""
    lines = [f"## {count(len(found), 'finding')}\n"]
    told = [f"- {_code(f'{one.path}:{one.line}')} {_cell(one.message)}" for one in found]
    lines += capped(told, _MOST_FINDINGS, indent="- ")
    return "\n".join(lines) + "\n"


def _left_alone(run: RunRecord) -> str:
    if not run.left_alone:
        return ""
    return f"{render_left_alone(run.left_alone)}: {_cell(listed(run.left_alone, _MOST_DOCS))}\n"


def _cell(text: str) -> str:
    """Text that stays text: on one line, without effect as Markdown, HTML or a table's border."""
    return re.sub(r"([\\`*_\[\]<>|#~@])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    inner = " ".join(text.split())
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", inner)), default=0) + 1)
    return f"{ticks} {inner} {ticks}" if "`" in inner else f"`{inner}`"
