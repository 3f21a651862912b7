"""Records of runs that no pytest made: each test says what it is about, the rest is as in any run."""

from __future__ import annotations

from typing import Any

from pytest_endpoint_docs.model.record import ItemRecord, RunRecord


def made_item(doc: str = "docs/a.md", **given: Any) -> ItemRecord:
    head = {"nodeid": doc, "doc": doc, "line": 2, "endpoint": "GET /a", "kind": "main", "outcome": "passed"}
    return ItemRecord(**(head | given))


def made_run(*items: ItemRecord, **given: Any) -> RunRecord:
    head: dict[str, Any] = {
        "schema_version": 1,
        "started_at": "2026-03-13T00:00:00Z",
        "now": "2026-03-13T00:00:00Z",
        "duration_s": 75.0,
        "environment": "staging",
        "base_url": "http://h",
        "versions": {"pytest": "9"},
    }
    return RunRecord(**(head | given), items=items)
