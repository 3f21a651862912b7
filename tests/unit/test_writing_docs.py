"""The examples of docs/writing-docs.md are parts of one doc that works."""

from __future__ import annotations

import re
from pathlib import Path

from running_docs import case_of, write_doc

from pytest_endpoint_docs.loading.documented import plan_of
from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES

GUIDE = Path(__file__).parents[2] / "docs" / "writing-docs.md"


def test_steps_and_cases_fit_together(tmp_path: Path) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    (steps,) = re.findall(r"(?ms)^````markdown\n(## Test Request.*?)^````$", guide)
    (cases,) = re.findall(r"(?ms)^```yaml\ncases:.*?^```$", guide)
    head = "---\nendpoint: POST /platform/v1/clients\n---\n# Clients\n\n"
    learnings = "## Critical Learnings\n\n1. An address is unique.\n"
    doc = write_doc(tmp_path, f"{head}{steps}\n{learnings}\n## Cases\n\n{cases}\n")
    assert (doc.findings, doc.body.findings) == ((), ())
    plan = plan_of(case_of(doc, "email-is-taken"), doc.body)
    known = {extract.name for documented in plan.steps[:-1] for extract in documented.step.extracts}
    used = re.findall(r"\{\{\s*(\w+)", str(plan.subject.step.request.body))
    assert used
    assert set(used) <= known | {*BUILTIN_NAMES}
