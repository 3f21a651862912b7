"""``Cases``: what an entry says, and what is wrong with one."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from running_docs import write_doc

from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.model.body import DocBody

HEAD = """---
endpoint: POST /x
---
## Critical Learnings

1. **First**: one
2. Second

## Test Request

```json
{}
```

## Cases

```yaml
cases:
"""


def body_of(tmp_path: Path, case: str) -> DocBody:
    return parse_body(write_doc(tmp_path, HEAD + textwrap.indent(textwrap.dedent(case).strip(), "  ") + "\n```\n"))


def test_every_key_of_a_case(tmp_path: Path) -> None:
    body = body_of(
        tmp_path,
        """
        - id: used-twice
          learning: 2
          description: Once only
          after: main
          token: app
          tags: [slow]
          request:
            /body/code: "{{used}}"
            /headers/X-A: null
            /path: /y
          expect: {status: 400, body: {error: invalid}}
          extract: {again: data.id}
          steps:
            - {id: before, method: GET, path: /z}
        """,
    )

    (case,) = body.cases
    assert body.findings == ()
    assert (case.id, case.learning, case.description, case.after_main) == ("used-twice", 2, "Once only", True)
    assert case.pointer == "/cases/0"
    assert [(change.pointer, change.value, change.place) for change in case.changes] == [
        ("/body/code", "{{used}}", "/cases/0/request/~1body~1code"),
        ("/headers/X-A", None, "/cases/0/request/~1headers~1X-A"),
        ("/path", "/y", "/cases/0/request/~1path"),
        ("/token", "app", "/cases/0/token"),
    ]
    assert (case.expect.statuses, case.expect.body) == ((400,), {"error": "invalid"})
    assert [(step.id, step.phase, step.pointer) for step in case.steps] == [
        ("before", "prerequisite", "/cases/0/steps/0")
    ]
    assert [one.name for one in case.extracts] == ["again"]
    assert (case.tags, case.location.line, case.expect.location.line) == (("slow",), 19, 29)


@pytest.mark.parametrize(
    ("entry", "code", "severity", "words"),
    [
        ("{id: a, after: mian}", "unknown-value", "error", 'Did you mean "main"?'),
        ("{id: a, learning: 3}", "unknown-learning", "warning", "the doc has 2"),
        ("{id: a, learning: two}", "wrong-type", "error", "from 1"),
        ("{id: a, request: {body/x: 1}}", "bad-pointer", "error", 'write "/body/x"'),
        ("{id: a, request: {/query/x: 1}}", "bad-pointer", "error", 'Did you mean "params"?'),
        ("{id: a, request: {/path/x: 1}}", "bad-pointer", "error", "nothing below it"),
        ("{id: a, request: [1]}", "wrong-type", "error", "must be a mapping"),
        ("{id: a, expct: {}}", "unknown-key", "error", 'Did you mean "expect"?'),
        ("{id: a, response: {status: 418}}", "unknown-key", "error", 'Did you mean "expect"?'),
        ("{id: a, when: never}", "unknown-key", "error", "write `onFail`"),
        ("{id: a, token: x, request: {/token: y}}", "two-tokens", "error", "keep one"),
        ("{id: a, steps: [{method: GET}]}", "no-path", "error", "a step needs a `path`"),
    ],
)
def test_wrong_cases_are_findings_of_that_case_alone(
    tmp_path: Path, entry: str, code: str, severity: str, words: str
) -> None:
    body = body_of(tmp_path, f"- {entry}")

    (finding,) = body.findings
    assert (finding.code, finding.severity.value, finding.case_id, finding.location.line) == (code, severity, "a", 19)
    assert words in finding.message
