"""Keys that docs carry and nothing reads: the notes for people, and what other tools call things."""

from __future__ import annotations

from collections.abc import Mapping

NOTES = frozenset(["note", "notes", "comment", "comments", "remark", "remarks", "title", "summary", "reason"])
"""Notes for people: let through at every level, as is every key that starts with ``x-``."""

PAGE_KEYS = frozenset(
    ["title", "description", "summary", "layout", "sidebar_label", "sidebar_position", "slug", "author", "date"]
)
"""What generators of documentation sites read in a frontmatter: let through there."""

_NO_RETRY = "A request is sent once; the environment's `limits` say how often one is repeated after a 429 or 503."
_NO_CONDITION = "Every step runs: write `onFail` for one that may fail, or `status: skip` in the frontmatter."
_NO_LOOP = "There are no loops: write a step, or an entry of `Cases`, for each value."

# A value with a space is a sentence that says what to write; one without is the key that is meant.
OF_STEP: Mapping[str, str] = {
    "query": "params",
    "url": "path",
    "uri": "path",
    "endpoint": "path",
    "payload": "body",
    "json": "body",
    "data": "body",
    "files": "file_fields",
    "token_type": "token",
    "wait": "sleep",
    "delay": "sleep",
    "assert": "expect",
    "asserts": "expect",
    "check": "expect",
    "response": "expect",
    "status": "Write `expect: {status: 200}`.",
    "name": "id",
    "save": "extract",
    "captures": "extract",
    "request": "Write `method`, `path`, `params` and `body` in the step itself.",
    "http": "Write `method`, `path`, `params` and `body` in the step itself.",
    "timeout": "The environment's `timeout_s` bounds every request.",
    "retry": _NO_RETRY,
    "retries": _NO_RETRY,
    "max_retries": _NO_RETRY,
    "when": _NO_CONDITION,
    "if": _NO_CONDITION,
    "skip": _NO_CONDITION,
    "skipif": _NO_CONDITION,
    "foreach": _NO_LOOP,
    "for_each": _NO_LOOP,
    "loop": _NO_LOOP,
    "repeat": _NO_LOOP,
}
OF_BLOCK: Mapping[str, str] = {
    "expect": "It belongs to a step: indent it under one.",
    "extract": "It belongs to a step: indent it under one.",
    "headers": "It belongs to a step: indent it under one.",
    "cases": "Write them in a section `## Cases`.",
    "cleanup": "Write its steps in a section `## Cleanup`.",
    "teardown": "Write its steps in a section `## Cleanup`.",
    "prerequisites": "Write its steps in a section `## Prerequisites`.",
    "setup": "Write its steps in a section `## Prerequisites`.",
    "variables": "Write them under `params` of the environment, or `extract` them.",
    "name": "description",
}
OF_EXPECT: Mapping[str, str] = {
    "json": "body",
    "code": "status",
    "status_code": "status",
    "statusCode": "status",
    "header": "headers",
    "jsonschema": "schema",
    "json_schema": "schema",
    "jsonpath": "Write the expected part of the answer under `body`: it is matched as a subset.",
    "jsonPath": "Write the expected part of the answer under `body`: it is matched as a subset.",
    "max_ms": "How long an answer takes is not checked: the environment's `timeout_s` bounds every request.",
    "duration": "How long an answer takes is not checked: the environment's `timeout_s` bounds every request.",
}
OF_CASE: Mapping[str, str] = {
    "name": "id",
    "changes": "request",
    "proves": "learning",
    "response": "expect",
    "assert": "expect",
    "status": "Write `expect: {status: 400}`.",
    "retry": _NO_RETRY,
    "when": _NO_CONDITION,
    "if": _NO_CONDITION,
    "skip": _NO_CONDITION,
    "foreach": _NO_LOOP,
}
OF_TEMPLATE: Mapping[str, str] = {
    "query_params": "query",
    "payload": "body",
    "data": "body",
    "json": "body",
    "url": "path",
    "uri": "path",
    "response": "expect",
    "retry": _NO_RETRY,
}
OF_ROW: Mapping[str, str] = {
    "source": "source_endpoint",
    "endpoint": "source_endpoint",
    "extract": "extract_from",
    "path": "extract_from",
    "fallback": "fallback_endpoint",
    "cleanup": "cleanup_endpoint",
    "token": "token_type",
    "body": "create_body",
}
OF_FILE: Mapping[str, str] = {"name": "field_name", "path": "file_path", "file": "file_path"}
