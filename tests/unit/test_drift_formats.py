"""Drift as text, JSON, SARIF; the baseline."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from openapi_library import described, doc

from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.drift.drift_report import read_baseline, render_baseline, render_drift_json, render_drift_text
from pytest_endpoint_docs.drift.sarif import render_drift_sarif
from pytest_endpoint_docs.drift.static import find_drift
from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.source import SourceLocation

REQUEST = (
    "  - id: add\n    method: POST\n    path: /books\n    body:\n      title: T\n      kind: poem\n      colour: red\n"
)


def findings(tmp_path: Path, request: str = REQUEST) -> tuple[DriftFinding, ...]:
    return find_drift([doc(tmp_path, "POST /books", request)], described(tmp_path))


def test_text_names_both_places(tmp_path: Path) -> None:
    assert render_drift_text(findings(tmp_path), docs=1, accepted=2) == (
        "doc.md\n"
        "  doc.md:18: error [enum] POST /api/books: body property /kind is not among the described values\n"
        '      /body/kind: described: one of "novel", "essay"; documented: "poem" (string)\n'
        "      library.json#/components/schemas/Book/properties/kind/enum\n"
        "  doc.md:19: warning [body-property-unknown] POST /api/books: body property /colour is not described\n"
        "      /body/colour: described: one of kind, pages, published, shelf_code, subtitle, tags, title, uid; "
        "documented: an undescribed property\n"
        "      library.json#/paths/~1books/post/requestBody/content/application~1json/schema\n"
        "\n"
        "1 doc: 1 error, 1 warning (2 accepted by the baseline)\n"
    )


def test_text_without_findings(tmp_path: Path) -> None:
    assert render_drift_text((), docs=3) == "3 docs: no disagreement\n"


def test_json_can_be_read_by_tools(tmp_path: Path) -> None:
    whole = json.loads(render_drift_json(findings(tmp_path), docs=1))

    assert whole["counts"] == {"body-property-unknown": 1, "enum": 1}
    assert [(one["path"], one["line"], one["severity"]) for one in whole["findings"]] == [
        ("doc.md", 18, "error"),
        ("doc.md", 19, "warning"),
    ]


def test_sarif_has_what_code_scanning_needs(tmp_path: Path) -> None:
    found = findings(tmp_path)
    log = json.loads(render_drift_sarif(found, version="1.2.3"))
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]

    assert log["version"] == "2.1.0"
    for result, finding in zip(run["results"], found, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.kind
        assert result["level"] in ("error", "warning", "note")
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "doc.md", "uriBaseId": "SRCROOT"}
        assert place["region"]["startLine"] == finding.location.line
        assert list(result["partialFingerprints"].values()) == [finding.fingerprint]
        assert result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "library.json"
        assert result["message"]["text"]


def test_a_baseline_accepts_todays_findings_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "drift-baseline.json"
    file.write_text(render_baseline(findings(tmp_path)), encoding="utf-8")

    # More text above moves every line; the findings are the same ones.
    moved = findings(tmp_path, "  - id: other\n    method: GET\n    path: /books?shelf=1\n" + REQUEST)
    worse = findings(tmp_path, REQUEST + "      pages: 0\n")
    assert read_baseline(file).new(moved) == ()
    assert [finding.pointer for finding in read_baseline(file).new(worse)] == ["/body/pages"]
    assert len(read_baseline(file).gone(findings(tmp_path, REQUEST.replace("poem", "novel")))) == 1


@pytest.mark.parametrize("text", [None, "[]", "{", '{"version": 9, "accepted": []}', '{"version": 1, "accepted": [1]}'])
def test_what_is_no_baseline_is_told(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "baseline.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match="baseline"):
        read_baseline(file)


def test_secrets_of_a_doc_are_masked_in_every_format(tmp_path: Path) -> None:
    request = (
        "  - id: add\n    method: POST\n    path: /books\n    body: {title: {password: s3cret-word}, shelf_code: 3}\n"
    )
    found = findings(tmp_path, request)

    assert len(found) == 2
    assert "s3cret-word" not in render_drift_text(found, docs=1) + render_drift_json(found, docs=1)


def test_text_tells_each_cause_once(tmp_path: Path) -> None:
    one = "  - id: add\n    method: POST\n    path: /books\n    body: {}\n".replace(
        "{}", "\n      colour: red\n      weight: 3\n      title: T"
    )
    of_one = findings(tmp_path, one)
    others = [replace(of_one[0], doc=f"{name}.md", location=SourceLocation(f"{name}.md", 7)) for name in "ab"]

    assert render_drift_text(of_one, docs=1) == (
        "doc.md\n"
        "  doc.md:17: warning [body-property-unknown] POST /api/books: 2 properties of the body are not described: "
        "colour, weight\n"
        "      library.json#/paths/~1books/post/requestBody/content/application~1json/schema\n"
        "\n"
        "1 doc: 2 warnings from 1 cause\n"
    )
    assert render_drift_text([*of_one, *others], docs=3) == (
        "a.md\n"
        "  a.md:7: warning [body-property-unknown] POST /api/books: body property /colour is not described\n"
        "      /body/colour: described: one of kind, pages, published, shelf_code, subtitle, tags, title, uid; "
        "documented: an undescribed property\n"
        "      library.json#/paths/~1books/post/requestBody/content/application~1json/schema\n"
        "      so in 2 other docs: b.md:7, doc.md:17\n"
        "      3 docs have it and no description has: correct the description\n"
        "\n"
        "doc.md\n"
        "  doc.md:18: warning [body-property-unknown] POST /api/books: body property /weight is not described\n"
        "      /body/weight: described: one of kind, pages, published, shelf_code, subtitle, tags, title, uid; "
        "documented: an undescribed property\n"
        "      library.json#/paths/~1books/post/requestBody/content/application~1json/schema\n"
        "\n"
        "3 docs: 4 warnings from 2 causes\n"
    )
