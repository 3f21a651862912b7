"""Coverage as one HTML page that needs nothing else: a map of all operations, and the list below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from pytest_endpoint_docs.coverage.operation_coverage import (
    STATE_MEANINGS,
    STATES,
    Coverage,
    OperationCoverage,
    percent,
)
from pytest_endpoint_docs.openapi.matching import split_path

# A letter beside the colour, for those who do not see it.
_LETTERS = {"verified": "✓", "stale": "~", "failing": "✗", "unverified": "?", "skipped": "–", "undocumented": ""}

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --verified: #2e8b57; --stale: #a8831a; --failing: #c0392b;
  --unverified: #4a7fb5; --skipped: #8a6fa8; --undocumented: #8883; }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 78rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
p { margin: .3rem 0; } code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
.bar { display: flex; height: 1.1rem; border-radius: .3rem; overflow: hidden; margin: .8rem 0;
  background: var(--undocumented); }
.bar span { display: block; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: 0; list-style: none; }
.legend label { display: flex; align-items: center; gap: .4rem; cursor: pointer; }
.cell, .key { display: inline-grid; place-items: center; width: 1.35rem; height: 1.35rem; border-radius: .25rem;
  color: #fff; font-size: .8rem; text-decoration: none; font-weight: 600; }
.verified { background: var(--verified); } .stale { background: var(--stale); } .failing { background: var(--failing); }
.unverified { background: var(--unverified); } .skipped { background: var(--skipped); }
.undocumented { background: var(--undocumented); }
.map { columns: 30rem 2; column-gap: .8rem; }
.domain { border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; margin: 0 0 .8rem;
  break-inside: avoid; }
.domain h3 { font-size: 1rem; margin: 0 0 .5rem; display: flex; justify-content: space-between; gap: 1rem;
  flex-wrap: wrap; }
.group { display: grid; grid-template-columns: minmax(9rem, 17rem) 1fr; gap: .2rem .8rem; padding: .15rem 0;
  align-items: center; }
.group code { color: inherit; opacity: .75; font-size: .8rem; }
.cells { display: flex; flex-wrap: wrap; gap: .2rem; }
.cell:hover, .cell:focus-visible, tr:target { outline: 2px solid currentColor; outline-offset: 1px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; }
@media (max-width: 40rem) { .group { grid-template-columns: 1fr; } }
"""


def render_coverage_html(coverage: Coverage, *, title: str = "Endpoint docs: coverage", subtitle: str = "") -> str:
    """The page. Every cell of the map is one operation, grouped by domain and path, and leads to its row below."""
    numbered = list(enumerate(coverage.operations))
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}{_hiding()}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(subtitle)}</p>" if subtitle else "",
        (
            f"<p><strong>{coverage.documented()} of {coverage.total()}</strong> operations have a doc "
            f"({coverage.percent:.1f} %), <strong>{coverage.count('verified')}</strong> are verified "
            f"({coverage.percent_verified:.1f} %).</p>"
        ),
        _bar(coverage, None),
        *_legend(coverage),
        '<h2>Map</h2><div class="map">',
        *(_domain(name, [pair for pair in numbered if pair[1].domain == name], coverage) for name in coverage.domains),
        "</div>",
        *_table(numbered),
        *_without(coverage),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _hiding() -> str:
    """Filters without a script: an unchecked box of the legend fades its cells and hides its rows."""
    return "".join(
        f"body:has(#show-{state}:not(:checked)) .cell.{state} {{ opacity: .12; }}"
        f"body:has(#show-{state}:not(:checked)) tr.row-{state} {{ display: none; }}"
        for state in STATES
    )


def _bar(coverage: Coverage, domain: str | None) -> str:
    total = coverage.total(domain=domain)
    spans = "".join(
        f'<span class="{state}" style="width:{percent(count, total):.2f}%" title="{state}: {count}"></span>'
        for state in STATES
        if (count := coverage.count(state, domain=domain))
    )
    return f'<div class="bar">{spans}</div>'


def _legend(coverage: Coverage) -> Iterator[str]:
    yield '<ul class="legend">'
    for state in STATES:
        yield (
            f'<li><label><input type="checkbox" id="show-{state}" checked>'
            f'<span class="key {state}">{_LETTERS[state]}</span>'
            f"{state} {coverage.count(state)} <small>({STATE_MEANINGS[state]})</small></label></li>"
        )
    yield "</ul>"


def _domain(name: str, entries: Sequence[tuple[int, OperationCoverage]], coverage: Coverage) -> str:
    total, documented = coverage.total(domain=name), coverage.documented(domain=name)
    groups = []
    ordered = sorted(entries, key=lambda pair: (_prefix(pair[1]), pair[1].operation.template, pair[1].operation.method))
    for prefix, group in groupby(ordered, key=lambda pair: _prefix(pair[1])):
        cells = "".join(_cell(number, entry) for number, entry in group)
        groups.append(f'<div class="group"><code>{escape(prefix)}</code><div class="cells">{cells}</div></div>')
    return (
        f'<section class="domain"><h3><span>{escape(name)}</span>'
        f"<span>{documented} of {total} ({percent(documented, total):.0f} %)</span></h3>{''.join(groups)}</section>"
    )


def _cell(number: int, entry: OperationCoverage) -> str:
    about = f"{entry.operation} · {entry.state}" + (f" · {entry.reason}" if entry.reason else "")
    return (
        f'<a class="cell {entry.state}" href="#op-{number}" title="{escape(about)}" '
        f'aria-label="{escape(about)}">{_LETTERS[entry.state]}</a>'
    )


def _prefix(entry: OperationCoverage) -> str:
    """The path up to what it is about: versions and surroundings first, one noun behind them."""
    literal: list[str] = []
    for segment in split_path(entry.operation.template)[0]:
        if "{" in segment:
            break
        literal.append(segment)
        if len(literal) >= 3 and not re.fullmatch(r"v\d+", segment):
            break
    return "/" + "/".join(literal)


def _table(numbered: Sequence[tuple[int, OperationCoverage]]) -> Iterator[str]:
    yield '<h2>Operations</h2><div class="scroll"><table><thead><tr><th>Operation</th><th>Domain</th><th>State</th>'
    yield '<th>Docs</th><th>Why</th><th class="number">Age (days)</th></tr></thead><tbody>'
    for number, entry in numbered:
        docs = "<br>".join(f"<code>{escape(doc.path)}</code>" for doc in entry.docs)
        age = "" if entry.age_days is None else f"{entry.age_days:.0f}"
        yield (
            f'<tr id="op-{number}" class="row-{entry.state}"><td><code>{escape(str(entry.operation))}</code></td>'
            f"<td>{escape(entry.domain)}</td><td>{entry.state}</td><td>{docs}</td>"
            f'<td>{escape(entry.reason)}</td><td class="number">{age}</td></tr>'
        )
    yield "</tbody></table></div>"


def _without(coverage: Coverage) -> Iterator[str]:
    if not coverage.docs_without_operation:
        return
    yield f"<h2>Docs without a described operation ({len(coverage.docs_without_operation)})</h2>"
    yield '<div class="scroll"><table><thead><tr><th>Doc</th><th>Endpoint</th><th>Domain</th></tr></thead><tbody>'
    for doc in coverage.docs_without_operation:
        yield (
            f"<tr><td><code>{escape(str(doc.line_of('endpoint')))}</code></td><td><code>{escape(str(doc.endpoint))}</code></td>"
            f"<td>{escape(doc.domain or '')}</td></tr>"
        )
    yield "</tbody></table></div>"
