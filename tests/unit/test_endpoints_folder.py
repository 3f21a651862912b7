"""The docs in ``endpoints/`` are what users copy from: sound, described, and together a tour of the whole format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
import yaml

from pytest_endpoint_docs.cli.lint_command import lint_doc
from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.loading.doc_index import DocIndex
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.body import DocBody, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Severity
from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES

ROOT = Path(__file__).parents[2]
DESCRIPTION = "fixtures/openapi/sandbox.yaml"


@dataclass(frozen=True)
class Written:
    """A doc with its body."""

    doc: EndpointDoc
    body: DocBody

    @property
    def frontmatter(self) -> str:
        return self.doc.text.split("\n---\n")[0]

    @property
    def main_steps(self) -> tuple[Step, ...]:
        return tuple(step for request in self.body.requests for step in request.steps)

    @property
    def steps(self) -> Iterator[Step]:
        yield from chain(self.body.prerequisites, self.main_steps, self.body.cleanup)
        for case in self.body.cases:
            yield from case.steps

    @property
    def is_template(self) -> bool:
        return bool(re.search(r"^## Request Template$", self.doc.text, re.M))

    def has_section(self, title: str) -> bool:
        return bool(re.search(rf"^## {re.escape(title)}$", self.doc.text, re.M))


def read(file: Path) -> Written:
    doc = load_doc(file, display_path=file.relative_to(ROOT).as_posix())
    assert doc is not None, f"{file} is not an endpoint doc"
    return Written(doc, parse_body(doc))


WRITTEN = [read(file) for file in sorted((ROOT / "endpoints").rglob("*.md"))]
INDEX = DocIndex([one.doc for one in WRITTEN])

Use = Callable[[Written], bool]


def frontmatter(key: str) -> Use:
    return lambda one: key in one.doc.lines


def status(word: str) -> Use:
    return lambda one: one.doc.raw_status == word


def section(title: str) -> Use:
    return lambda one: one.has_section(title)


def text(pattern: str) -> Use:
    return lambda one: bool(re.search(pattern, one.doc.text, re.M))


def step(has: Callable[[Step], object]) -> Use:
    return lambda one: any(has(each) for each in one.steps)


def extract(pattern: str) -> Use:
    return step(lambda each: any(re.search(pattern, one.expression) for one in each.extracts))


def resolution(has: Callable[[object], object]) -> Use:
    return lambda one: any(has(row) for row in one.body.resolutions)


def change(pointer: str) -> Use:
    return lambda one: any(each.pointer.startswith(pointer) for case in one.body.cases for each in case.changes)


def expects(code: int) -> Use:
    return lambda one: any(code in case.expect.statuses for case in one.body.cases)


FEATURES: dict[str, Use] = {
    # 1. frontmatter
    **{
        f"frontmatter {key}": frontmatter(key)
        for key in (
            "domain",
            "tags",
            "status",
            "skip",
            "skipReason",
            "skipUntil",
            "owner",
            "savedAt",
            "timesReused",
            "swagger",
            "tokens",
            "expectedOutcome",
            "expectedOutcomeReason",
            "requiresTestData",
            "testDataDescription",
            "useFallbackApi",
            "knownIssues",
            "requires",
        )
    },
    **{
        f"status {word}": status(word)
        for word in ("verified", "success", "pass", "pending", "failed", "skip", "deprecated")
    },
    "a list of expected outcomes": lambda one: "expectedOutcome: [" in one.frontmatter,
    "known issue at any element": lambda one: any("*" in issue.path for issue in one.doc.known_issues),
    "known issue with a ticket": lambda one: any(issue.ticket for issue in one.doc.known_issues),
    "requires a doc that requires another": lambda one: any(
        required.requires
        for required in (INDEX.find(requirement.endpoint) for requirement in one.doc.requires)
        if required
    ),
    "tag that marks a manual doc": lambda one: "requires-manual-testing" in one.doc.tags,
    # 2. sections
    **{
        f"section {title}": section(title)
        for title in (
            "Summary",
            "Request Template",
            "Test Request",
            "Prerequisites",
            "UID Resolution Procedure",
            "UID Resolution",
            "Cases",
            "Response Schema",
            "Expected Response",
            "Expected Response (200)",
            "Expected Response (201)",
            "Error Responses",
            "Cleanup",
            "Manual Testing Procedure",
            "Critical Learnings",
            "Notes",
            "Skip Reason",
        )
    },
    "schema as YAML": text(r"^## Response Schema\n+```yaml"),
    "schema as JSON": text(r"^## Response Schema\n+```json"),
    "schema that names its draft": text(r'"\$schema"'),
    "prerequisites as prose": lambda one: one.has_section("Prerequisites") and not one.body.prerequisites,
    # 3. steps
    "several steps in the main request": lambda one: len(one.main_steps) > 1 and not one.is_template,
    "query in the path": step(lambda each: "?" in each.request.path),
    "path placeholder in single braces": step(lambda each: re.search(r"(?<!\{)\{\w+\}", each.request.path)),
    "params with brackets": step(lambda each: any("[" in name for name in each.request.params)),
    "params beside a query": step(lambda each: "?" in each.request.path and each.request.params),
    "headers": step(lambda each: each.request.headers),
    "empty body": text(r"^ +body: \{\}$"),
    **{
        f"token {kind}": lambda one, kind=kind: (
            any(each.request.token == kind for each in one.steps)
            or any((each.pointer, each.value) == ("/token", kind) for case in one.body.cases for each in case.changes)
        )
        for kind in ("none", "staff", "directory", "client", "partner", "admin")
    },
    "on behalf of": step(lambda each: each.request.asks_on_behalf_of),
    "multipart": step(lambda each: each.request.content_type == "multipart" and each.request.file_parts),
    "file with a name of its own": step(lambda each: any(part.filename for part in each.request.file_parts)),
    "file with a type of its own": step(lambda each: any(part.content_type for part in each.request.file_parts)),
    "form": step(lambda each: each.request.content_type == "form" and each.request.has_body),
    "fallback for one step": text(r"^ +useFallback: true$"),
    "fallback for one step, other name": text(r"^ +useFallbackApi: true$"),
    **{f"onFail {word}": text(rf"^ +onFail: {word}$") for word in ("abort", "skip", "continue", "warn")},
    "skipReason of a step": step(lambda each: each.skip_reason),
    "sleep": step(lambda each: each.sleep_ms),
    "description of a step": step(lambda each: each.description),
    "extract with a filter": extract(r"\[\?@"),
    "extract the first of a filter": extract(r"\| \[0\]$"),
    "extract [0] behind a filter": extract(r"\]\[0\]"),
    "extract with a default": extract(r"\|\| '"),
    "extract as an alias": extract(r"^\{\{\w+\}\}$"),
    "expect one status": step(lambda each: len(each.expect.statuses) == 1),
    "expect one of several": step(lambda each: len(each.expect.statuses) > 1),
    "expect headers": step(lambda each: each.expect.headers),
    "expect a header by pattern": step(
        lambda each: any(value and value.startswith("/^") for value in each.expect.headers.values())
    ),
    "expect no header": step(lambda each: None in each.expect.headers.values()),
    "expect a body": step(lambda each: each.expect.has_body),
    "expect a schema": step(lambda each: each.expect.has_schema),
    # 4. request templates
    "bare body": lambda one: one.is_template and bool(re.search(r'^```json\n\{\n  "name"', one.doc.text, re.M)),
    "alternative templates": lambda one: one.is_template and len(one.body.requests) > 1,
    "chain of templates": lambda one: any(
        [each.purpose for each in request.steps] == ["uid_resolution", "retry_original"]
        for request in one.body.requests
    ),
    "no request recorded": lambda one: any(request.no_request for request in one.body.requests),
    "query of a template": text(r'^ +"query": \{'),
    "headers of a template": text(r'^ +"headers": \{'),
    "token type of a template": text(r'"token_type": "'),
    "resolution as JSON": text(r'"extract_from": "'),
    "resolution as a table": resolution(lambda row: row.source and row.kind == "endpoint" and not row.create_body),
    "resolution creates": resolution(lambda row: row.create_fresh and row.create and row.create_body),
    "resolution from a source": resolution(lambda row: row.source and not row.create_fresh),
    "resolution with a fallback": resolution(lambda row: row.fallback),
    "resolution with cleanup": resolution(lambda row: row.cleanup),
    "resolution by prose": resolution(lambda row: row.kind == "prose"),
    "resolution by consent": resolution(lambda row: row.kind == "authorization"),
    "resolution by a doc": resolution(lambda row: row.source and INDEX.find(row.source) and not row.source_body),
    "resolution with a body of the prerequisites": resolution(lambda row: row.source_body),
    "the only row": text(r"\{\{resolved\.uid\}\}"),
    # 5. variables
    "environment parameter by its long name": text(r"\{\{config\.params\.\w+\}\}"),
    "environment parameter by its short name": text(r"\{\{params\.\w+\}\}"),
    "variable as a key": text(r'"\{\{\w+\}\}": '),
    "answer of an earlier step": text(r"\{\{step1\.response\."),
    "what the main request sent": text(r"\{\{main\.request\."),
    **{f"built-in {name}": text(r"\{\{" + name + r"\}\}") for name in BUILTIN_NAMES},
    # 6. cases
    "case after main": lambda one: any(case.after_main for case in one.body.cases),
    "case without main": lambda one: any(not case.after_main for case in one.body.cases),
    "case that proves a learning": lambda one: any(case.learning for case in one.body.cases),
    "case with steps": lambda one: any(case.steps for case in one.body.cases),
    "case that extracts": lambda one: any(case.extracts for case in one.body.cases),
    "case with tags": lambda one: any(case.tags for case in one.body.cases),
    "case with another token": change("/token"),
    "case that removes": lambda one: any(each.value is None for case in one.body.cases for each in case.changes),
    **{
        f"case that changes {pointer}": change(pointer)
        for pointer in ("/method", "/path", "/params", "/headers", "/body", "/token", "/content_type", "/form_fields")
    },
    **{f"case that expects {code}": expects(code) for code in (401, 403, 404, 405, 409, 412, 415, 422, 429)},
}


@pytest.fixture(scope="module")
def described() -> set[str]:
    description = yaml.safe_load((ROOT / DESCRIPTION).read_text(encoding="utf-8"))
    return {
        f"{method.upper()} {path}"
        for path, operations in description["paths"].items()
        for method in operations
        if method in ("get", "put", "post", "patch", "delete")
    }


def test_there_are_docs_of_every_domain() -> None:
    assert len(WRITTEN) >= 25
    folders = {Path(one.doc.path).parent.name for one in WRITTEN}
    assert folders == {"platform_administration", "clients", "sales", "scheduling", "communication"}


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.doc.path)
def test_doc_is_sound(one: Written) -> None:
    findings = [*one.doc.findings, *one.body.findings, *lint_doc(one.doc, INDEX)]
    assert [str(finding) for finding in findings if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.doc.path)
def test_doc_is_filed_and_owned(one: Written) -> None:
    assert one.doc.domain == Path(one.doc.path).parent.name
    assert one.doc.tags
    assert one.doc.owner
    assert one.doc.swagger == DESCRIPTION
    assert one.body.title
    assert re.search(r"\n## Summary\n\n[^#\s]", one.doc.text)


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.doc.path)
def test_endpoint_is_described(one: Written, described: set[str]) -> None:
    assert one.doc.endpoint.key in described


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.doc.path)
def test_every_learning_has_a_case(one: Written) -> None:
    proven = {case.learning for case in one.body.cases}
    assert {learning.number for learning in one.body.learnings} - proven == set()


def test_no_endpoint_has_two_docs() -> None:
    keys = [one.doc.endpoint.key for one in WRITTEN]
    assert sorted(keys) == sorted(set(keys))


def test_both_dialects_are_well_represented() -> None:
    templates = sum(one.is_template for one in WRITTEN)
    assert templates >= 8
    assert len(WRITTEN) - templates >= 8


@pytest.mark.parametrize("feature", FEATURES)
def test_feature_is_shown(feature: str) -> None:
    assert any(FEATURES[feature](one) for one in WRITTEN), f"no doc in endpoints/ shows: {feature}"
