"""A run as one self-contained HTML page: no network, no inline handlers, nothing in it that a server could make run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter

from pytest_endpoint_docs.model.record import ItemRecord, RunRecord
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.reporting.contract_summary import known_differences, render_known_title
from pytest_endpoint_docs.reporting.failure_causes import (
    failure_cause,
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
from pytest_endpoint_docs.reporting.page import render_page, template_text
from pytest_endpoint_docs.reporting.passes import render_checked, render_passes
from pytest_endpoint_docs.reporting.progress import render_seconds
from pytest_endpoint_docs.reporting.result_file import item_to_json

_OUTCOMES = {
    "failed": "failed",
    "error": "errors",
    "xpassed": "passes now",
    "xfailed": "fails as expected",
    "passed": "passed",
    "skipped": "did not run",
}
# Upper ends of the age groups in days; the last group has none.
_AGES = ((7, "a week"), (30, "a month"), (90, "3 months"), (180, "6 months"), (None, "older"))
_NEVER = "never"


@value_class
class _Bar:
    """A line of a chart: what ``counts`` of ``total`` items, by outcome or ``stale``."""

    key: str
    label: str
    total: int
    counts: dict[str, int]


def render_html(run: RunRecord) -> str:
    """The page."""
    style, script = template_text("page.css", "report.css"), template_text("report.js")
    outcomes = Counter[str](item.outcome for item in run.items)
    bad = outcomes["failed"] + outcomes["error"] + run.not_reached
    known = known_differences(run.items)
    return render_page(
        "report.html.j2",
        run=run,
        policy=_content_policy(style, script),
        style=style,
        script=script,
        headline=headline(run),
        bad=bad,
        ran=len(run.items) - outcomes["skipped"],
        obstacles=[(cause, render_obstacle(cause)) for cause in failure_causes(run.items) if cause.obstacle],
        causes=shared_causes(run.items),
        outcomes=[_Bar(key=key, label=label, total=outcomes[key], counts={}) for key, label in _OUTCOMES.items()],
        stale=sum(map(_is_stale, run.items)),
        duration=render_seconds(run.duration_s),
        passes=next(render_passes(run.items), ""),
        domains=_domains(run),
        ages=_ages(run),
        not_run=[(group, render_age(group.oldest, run)) for group in not_run(run)],
        findings=findings_to_show(run),
        known=known,
        known_title=render_known_title(len(known)),
        labels=_OUTCOMES,
        left_alone=render_left_alone(run.left_alone) if run.left_alone else "",
        index=_embedded([_row(item) for item in run.items]),
        details=[_embedded(_detail(item, run)) for item in run.items],
    )


def _row(item: ItemRecord) -> dict[str, JSONValue]:
    method, _, path = item.endpoint.partition(" ")
    return {
        "outcome": item.outcome,
        "method": method,
        "path": path,
        "case": item.case_id or "",
        "kind": item.kind,
        "title": item.title,
        "doc": item.doc,
        "line": item.line,
        "domain": item.domain or "",
        "status": item.status or "",
        "tags": list(item.tags),
        "owner": item.owner or "",
        "cause": item.cause,
        "why": failure_cause(item) if item.obstacle or item.outcome in ("failed", "error") else "",
        "age": item.age_days,
        "group": _age_group(item),
        "stale": _is_stale(item),
        "duration": item.duration_s,
        "text": (item.verdict or item.reason).removeprefix(f"{item.doc}:"),
    }


def _detail(item: ItemRecord, run: RunRecord) -> dict[str, JSONValue]:
    told: dict[str, JSONValue] = {
        "line": failure_line(item),
        "freshness": render_age(item, run),
        "checks": render_checked(item.checked),
    }
    return {**item_to_json(item), **told}


def _is_stale(item: ItemRecord) -> bool:
    return item.max_age_days is not None and item.age_days is not None and item.age_days > item.max_age_days


def _age_group(item: ItemRecord) -> str:
    if item.age_days is None:
        return _NEVER
    return next(label for days, label in _AGES if days is None or item.age_days <= days)


def _ages(run: RunRecord) -> list[_Bar]:
    groups = Counter(_age_group(item) for item in run.items)
    stale = Counter(_age_group(item) for item in run.items if _is_stale(item))
    labels = [*(label for _, label in _AGES), _NEVER]
    return [_Bar(key=label, label=label, total=groups[label], counts={"stale": stale[label]}) for label in labels]


def _domains(run: RunRecord) -> list[_Bar]:
    bars = []
    for domain in sorted({item.domain or "" for item in run.items}):
        counts = Counter[str](item.outcome for item in run.items if (item.domain or "") == domain)
        ordered = {key: counts[key] for key in _OUTCOMES if counts[key]}
        bars.append(_Bar(key=domain, label=domain or "(no domain)", total=sum(counts.values()), counts=ordered))
    return bars


def _content_policy(style: str, script: str) -> str:
    """A Content Security Policy that lets this page's own style and script run, and nothing else, nor load anything."""

    def source(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {source(style)}; script-src {source(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _embedded(value: JSONValue) -> str:
    """JSON for the inside of a ``script`` element: no character that could end it or be markup, ASCII alone."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
