"""Frontmatter: fields, types, the status vocabulary, broken YAML, and what a status makes of a doc's items."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.case import Disposition
from pytest_endpoint_docs.model.doc import DocStatus, EndpointDoc
from pytest_endpoint_docs.model.source import Severity, SourceLocation

REQUEST = "\n## Test Request\n\n```json\n{}\n```\n"


def load(tmp_path: Path, head: str, body: str = REQUEST) -> EndpointDoc:
    file = tmp_path / "doc.md"
    file.write_text(f"---\n{head}\n---\n{body}", encoding="utf-8")
    doc = load_doc(file, display_path="doc.md")
    assert doc is not None
    return doc


def findings(doc: EndpointDoc) -> list[tuple[str, str, int]]:
    return [(finding.code, finding.severity.value, finding.location.line) for finding in doc.findings]


def disposition(doc: EndpointDoc) -> Disposition:
    (case,) = cases_of(doc)
    return case.disposition


def test_every_field_is_read(tmp_path: Path) -> None:
    doc = load(
        tmp_path,
        """endpoint: "PUT /v1/things/{id}?dry={dry}"
domain: shop
tags: [one, 2]
status: success
owner: team-a
savedAt: 2026-02-03T04:05:06.789Z
verifiedAt: 2026-02-03
verifiedBy: Ada
timesReused: 3
swagger: api/shop.json
tokens: [staff, app]
expectedOutcome: 409
expectedOutcomeReason: taken
requiresTestData: true
testDataDescription: a thing
useFallbackApi: true
negative: true
skipUntil: 2027-01-01
knownIssues:
  - path: /data/*/type
    reason: old data
    ticket: AB-1
requires:
  - POST /v1/things""",
    )

    assert (doc.endpoint.method, doc.endpoint.path, doc.endpoint.query) == ("PUT", "/v1/things/{id}", "dry={dry}")
    assert (doc.domain, doc.tags, doc.tokens, doc.owner) == ("shop", ("one", "2"), ("staff", "app"), "team-a")
    assert (doc.status, doc.raw_status) == (DocStatus.VERIFIED, "success")
    assert (doc.saved_at, doc.verified_at) == ("2026-02-03T04:05:06.789Z", "2026-02-03")
    assert (doc.verified_by, doc.times_reused, doc.swagger) == ("Ada", 3, "api/shop.json")
    assert (doc.expected_outcome, doc.expected_outcome_reason) == ((409,), "taken")
    assert (doc.requires_test_data, doc.test_data_description) == (True, "a thing")
    assert (doc.use_fallback_api, doc.negative, doc.skip_until) == (True, True, "2027-01-01")
    (issue,) = doc.known_issues
    assert (issue.path, issue.reason, issue.ticket, issue.location.line) == ("/data/*/type", "old data", "AB-1", 21)
    assert [(str(one.endpoint), one.location.line) for one in doc.requires] == [("POST /v1/things", 25)]
    assert doc.findings == ()


def test_fields_that_are_false_zero_or_empty(tmp_path: Path) -> None:
    doc = load(
        tmp_path,
        """endpoint: GET /x
timesReused: 0
negative: false
useFallbackApi: false
owner: "  "
tags: []
knownIssues:
skip_reason: the older key
skipReason: ""
""",
    )

    assert (doc.times_reused, doc.negative, doc.use_fallback_api, doc.owner) == (0, False, False, None)
    assert (doc.tags, doc.known_issues, doc.skip_reason) == ((), (), "the older key")
    assert doc.findings == ()


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("verified", DocStatus.VERIFIED),
        ("success", DocStatus.VERIFIED),
        ("pass", DocStatus.VERIFIED),
        ("pending", DocStatus.PENDING),
        ("failed", DocStatus.FAILED),
        ("deprecated", DocStatus.DEPRECATED),
        ("skipped\nskipReason: why", DocStatus.SKIP),
        ("verified\nskip: true\nskip_reason: why", DocStatus.SKIP),
        ("verified\nskip: false", DocStatus.VERIFIED),
    ],
)
def test_status_synonyms_are_folded(tmp_path: Path, written: str, status: DocStatus) -> None:
    doc = load(tmp_path, f"endpoint: GET /x\nstatus: {written}")

    assert doc.status is status
    assert doc.findings == ()


@pytest.mark.parametrize("written", ["verfied", "Skip", "true", "", "[skip]"])
def test_an_unknown_status_breaks_the_case_and_never_runs(tmp_path: Path, written: str) -> None:
    doc = load(tmp_path, f"endpoint: GET /x\nstatus: {written}")

    assert doc.status is None
    assert findings(doc) == [("unknown-status", "error", 3)]
    assert disposition(doc).action == "broken"
    assert "doc.md:3: unknown status" in disposition(doc).reason


def test_an_unknown_status_names_the_near_one(tmp_path: Path) -> None:
    doc = load(tmp_path, "endpoint: GET /x\nstatus: verfied")

    assert doc.findings[0].message == 'unknown status "verfied". Did you mean "verified"?'


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("status: verified", Disposition(action="run")),
        ("status: pending", Disposition(action="xfail", reason="pending")),
        ("status: pending\nskipReason: no data", Disposition(action="xfail", reason="pending: no data")),
        ("status: failed", Disposition(action="xfail", strict=True, reason="status: failed")),
        ("status: failed\nskipReason: 500", Disposition(action="xfail", strict=True, reason="500")),
        ("status: deprecated", Disposition(action="skip", reason="deprecated", cause="deprecated")),
        (
            "status: deprecated\nskipReason: gone",
            Disposition(action="skip", reason="deprecated: gone", cause="deprecated"),
        ),
        ("status: skip\nskipReason: 'a: b # c'", Disposition(action="skip", reason="a: b # c", cause="recorded")),
        ("status: skip", Disposition(action="skip", reason="no reason recorded", cause="recorded")),
        (
            "status: skip\nskip_reason: by hand\ntags: [requires-manual-testing]",
            Disposition(action="skip", reason="by hand", cause="manual"),
        ),
    ],
)
def test_what_a_status_makes_of_a_case(tmp_path: Path, head: str, expected: Disposition) -> None:
    found = disposition(load(tmp_path, f"endpoint: GET /x\n{head}"))

    assert (found.action, found.reason, found.strict, found.cause) == (
        expected.action,
        expected.reason,
        expected.strict,
        expected.cause,
    )


def test_a_skip_points_at_its_reason(tmp_path: Path) -> None:
    doc = load(tmp_path, "endpoint: GET /x\nstatus: skip\ndomain: d\nskipReason: why")

    assert disposition(doc).location == SourceLocation("doc.md", 5)


def test_the_reason_of_a_skip_may_be_a_section(tmp_path: Path) -> None:
    body = "\n## ⚠️ Skip Reason\n\nNeeds a person\nat a browser.\n\nMore text.\n" + REQUEST
    doc = load(tmp_path, "endpoint: GET /x\nstatus: skip", body)

    assert doc.skip_reason == "Needs a person at a browser."
    assert doc.findings == ()


def test_a_skip_without_reason_is_a_finding(tmp_path: Path) -> None:
    assert findings(load(tmp_path, "endpoint: GET /x\nstatus: skip")) == [("no-skip-reason", "warning", 3)]


@pytest.mark.parametrize(
    ("head", "code", "severity", "words"),
    [
        ("endpoint: /v1/x", "bad-endpoint", "error", "no method"),
        ("endpoint: GET", "bad-endpoint", "error", "no path"),
        ("endpoint: PSOT /v1/x", "bad-endpoint", "error", 'Did you mean "POST"?'),
        ("endpoint: GET https://h/v1", "bad-endpoint", "error", 'must start with "/"'),
        ("endpoint: get /v1/x", "method-case", "warning", '"GET"'),
        ("endpoint: GET /x\ntags: oauth", "wrong-type", "warning", "tags: [oauth]"),
        ("endpoint: GET /x\ntags: {a: 1}", "wrong-type", "warning", "a mapping"),
        ("endpoint: GET /x\ntimesReused: many", "wrong-type", "warning", "a whole number"),
        ("endpoint: GET /x\nexpectedOutcome: 4xx", "wrong-type", "error", "a status code"),
        ("endpoint: GET /x\nuseFallbackApi: sometimes", "wrong-type", "error", "true or false"),
        ("endpoint: GET /x\nskipUntil: next week", "wrong-type", "warning", "ISO 8601"),
        ("endpoint: GET /x\nknownIssues: [{reason: r}]", "bad-known-issue", "warning", "JSON Pointer"),
        ("endpoint: GET /x\nrequires: [the apps]", "bad-requirement", "error", 'the text "the apps"'),
        ("endpoint: GET /x\nskipreason: why", "unknown-key", "error", 'Did you mean "skipReason"?'),
        ("endpoint: GET /x\nmood: good", "unknown-key", "error", 'call it "x-mood"'),
        ("endpoint: GET /x\nstatus: pass\nstatus: pending", "duplicate-key", "error", "first in line 3"),
        ("endpoint: GET /x\nowner: a\nowner: b", "duplicate-key", "warning", "`owner` is given twice"),
    ],
)
def test_wrong_fields_are_findings(tmp_path: Path, head: str, code: str, severity: str, words: str) -> None:
    doc = load(tmp_path, head)

    assert [(finding.code, finding.severity) for finding in doc.findings] == [(code, Severity(severity))]
    assert words in doc.findings[0].message
    assert doc.findings[0].location.line == head.count("\n") + 2
    assert (disposition(doc).action == "broken") is (severity == "error")


def test_unknown_keys_that_resemble_nothing_are_left_alone(tmp_path: Path) -> None:
    assert load(tmp_path, "endpoint: GET /x\nlayout: wide\ntitle: T").findings == ()


@pytest.mark.parametrize("head", ["endpoint:", "endpoint: [GET, /x]", "endpoint: 7"])
def test_an_endpoint_that_is_no_text_is_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(FrontmatterError, match=r"doc\.md:2: `endpoint` is "):
        load(tmp_path, head)


def test_broken_yaml_is_read_line_by_line(tmp_path: Path) -> None:
    doc = load(
        tmp_path,
        """endpoint: GET /x
tags: [a, b]
status: skip
skipReason: Two things: a person, and issue #12 (see: docs)
timesReused: 2
verifiedAt:
tokens:
  - staff
  - app
knownIssues:
  - path: /a
    reason: broken: yes
  - path: /b
    reason: r""",
    )

    assert doc.skip_reason == "Two things: a person, and issue #12 (see: docs)"
    assert (doc.tags, doc.tokens, doc.times_reused, doc.verified_at) == (("a", "b"), ("staff", "app"), 2, None)
    assert [(issue.path, issue.reason) for issue in doc.known_issues] == [("/a", "broken: yes"), ("/b", "r")]
    assert findings(doc) == [("broken-yaml", "warning", 5)]
    assert "line 5, column 23" in doc.findings[0].message
    assert 'skipReason: "..."' in doc.findings[0].message
    assert disposition(doc).action == "skip"


def test_broken_yaml_keeps_a_reason_that_starts_like_an_alias(tmp_path: Path) -> None:
    doc = load(tmp_path, "endpoint: GET /x\nstatus: skip\nskipReason: *Never* run this")

    assert doc.skip_reason == "*Never* run this"


def test_yaml_that_cannot_be_read_in_any_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FrontmatterError, match=r"not valid YAML .*line 4 is not `key: value` either: 'no key at all'"):
        load(tmp_path, "endpoint: GET /x\nskipReason: a: b\nno key at all")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("a: &a {b: *a}", "an alias that contains itself"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested deeper"),
        ("a: " + "[" * 1001, "nested deeper"),
        ("a: " + "{? " * 100_000, "nested deeper"),
        ("? " * 100_000, "nested deeper"),
        (
            "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
            + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)),
            "aliases written out",
        ),
    ],
    ids=["recursive", "deep", "deeper than libyaml reads", "unclosed mappings", "block", "bomb"],
)
def test_hostile_yaml_is_refused(tmp_path: Path, extra: str, words: str) -> None:
    with pytest.raises(FrontmatterError, match=words):
        load(tmp_path, f"endpoint: GET /x\n{extra}")
