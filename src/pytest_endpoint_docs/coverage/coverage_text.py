"""Coverage as a table for people and as JSON for tools."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pytest_endpoint_docs.coverage.operation_coverage import STATES, Coverage, OperationCoverage, percent
from pytest_endpoint_docs.model.source import JSONValue


def render_coverage_text(coverage: Coverage) -> str:
    """A row for each domain, the operations that want a look, and the docs without an operation."""
    head = ("domain", "operations", "documented", *STATES[:-1], "undocumented", "%")
    rows = [_row(name, coverage, domain=name) for name in coverage.domains]
    rows.append(_row("all", coverage, domain=None))
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [_line(head, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows[:-1]]
    lines += ["  ".join("-" * width for width in widths), _line(rows[-1], widths)]
    for state in ("undocumented", "stale", "failing"):
        found = [entry for entry in coverage.operations if entry.state == state]
        if found:
            lines += ["", f"{state} ({len(found)}):"]
            lines += [f"  {entry.operation}  {_where(entry)}" for entry in found]
    if coverage.docs_without_operation:
        lines += ["", f"docs without a described operation ({len(coverage.docs_without_operation)}):"]
        lines += [f"  {doc.line_of('endpoint')}  {doc.endpoint}" for doc in coverage.docs_without_operation]
    if coverage.error_examples:
        unseen = [example for example in coverage.error_examples if not example.seen]
        seen = len(coverage.error_examples) - len(unseen)
        lines += ["", f"documented error responses seen: {seen} of {len(coverage.error_examples)}"]
        lines += [f"  not seen: {example.status}  {example.location}  {example.doc.endpoint}" for example in unseen]
    if coverage.problems:
        lines += ["", f"problems of the descriptions ({len(coverage.problems)}):"]
        lines += [f"  {problem}" for problem in coverage.problems]
    return "\n".join(lines) + "\n"


def render_coverage_json(coverage: Coverage) -> str:
    """``{"version": 1, "totals": ..., "domains": {...}, "operations": [...], "docs_without_operation": [...],
    "error_examples": [...], "problems": [...]}``."""
    whole: dict[str, JSONValue] = {
        "version": 1,
        "totals": _numbers(coverage, None),
        "domains": {name: _numbers(coverage, name) for name in coverage.domains},
        "operations": [
            {
                "operation": str(entry.operation),
                "method": entry.operation.method,
                "path": entry.operation.template,
                "description": entry.operation.source,
                "domain": entry.domain,
                "state": entry.state,
                "reason": entry.reason,
                "age_days": None if entry.age_days is None else round(entry.age_days, 2),
                "docs": [doc.path for doc in entry.docs],
            }
            for entry in coverage.operations
        ],
        "docs_without_operation": [
            {"doc": doc.path, "line": doc.line_of("endpoint").line, "endpoint": str(doc.endpoint), "domain": doc.domain}
            for doc in coverage.docs_without_operation
        ],
        "error_examples": [
            {"doc": example.doc.path, "line": example.location.line, "status": example.status, "seen": example.seen}
            for example in coverage.error_examples
        ],
        "problems": [
            {"description": problem.location.path, "line": problem.location.line, "message": problem.message}
            for problem in coverage.problems
        ],
    }
    return json.dumps(whole, indent=2) + "\n"


def _numbers(coverage: Coverage, domain: str | None) -> dict[str, JSONValue]:
    total, documented = coverage.total(domain=domain), coverage.documented(domain=domain)
    states: dict[str, JSONValue] = {state: coverage.count(state, domain=domain) for state in STATES}
    return {"operations": total, "documented": documented, **states, "percent": round(percent(documented, total), 2)}


def _row(name: str, coverage: Coverage, *, domain: str | None) -> tuple[str, ...]:
    total, documented = coverage.total(domain=domain), coverage.documented(domain=domain)
    states = [str(coverage.count(state, domain=domain)) for state in STATES]
    return (name, str(total), str(documented), *states, f"{percent(documented, total):.0f}")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()


def _where(entry: OperationCoverage) -> str:
    docs = ", ".join(doc.path for doc in entry.docs)
    return f"{docs}: {entry.reason}" if docs else entry.operation.description
