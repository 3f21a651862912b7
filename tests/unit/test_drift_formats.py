"""Drift as text, JSON, SARIF; the baseline."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_library import described, doc

from pytest_endpoint_docs.drift.causes import drift_causes
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
        "      library.json:1: #/components/schemas/Book/properties/kind/enum\n"
        "  doc.md:19: warning [body-property-unknown] POST /api/books: body property /colour is not described\n"
        "      /body/colour: described: one of kind, pages, published, shelf_code, subtitle, tags, title, uid; "
        "documented: an undescribed property\n"
        "      library.json:1: #/paths/~1books/post/requestBody/content/application~1json/schema\n"
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


DOC = """\
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /books:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: true
              properties:
                title: {type: string}
      responses: {"201": {description: made}}
"""


def of_yaml(tmp_path: Path) -> tuple[DriftFinding, ...]:
    return find_drift([doc(tmp_path, "POST /books", REQUEST)], described(tmp_path, DOC, name="library.yaml"))


def test_a_fault_of_the_description_stands_at_its_own_line(tmp_path: Path) -> None:
    assert render_drift_text(of_yaml(tmp_path), docs=1).endswith(
        "library.yaml\n"
        "  library.yaml:11: warning [description-fault] 'required' cannot be true (a list of names belongs beside "
        "'properties'); it is left out\n"
        "      #/paths/~1books/post/requestBody/content/application~1json/schema/required\n"
        "\n"
        "1 doc: 4 warnings from 3 causes\n"
    )


def test_json_has_the_lines_of_the_description_and_the_causes(tmp_path: Path) -> None:
    whole = json.loads(render_drift_json(of_yaml(tmp_path), docs=1))

    assert [(one["kind"], one["source_line"]) for one in whole["findings"]] == [
        ("swagger-missing", 5),
        ("body-property-unknown", 9),
        ("body-property-unknown", 9),
        ("description-fault", 11),
    ]
    assert [(one["message"].partition(": ")[2], one["docs"], one["to_mend"]) for one in whole["causes"][1:2]] == [
        ("2 properties of the body are not described: kind, colour", ["doc.md"], "")
    ]
    assert [one["cause"] for one in whole["findings"]] == [whole["causes"][number]["id"] for number in (0, 1, 1, 2)]


@pytest.mark.parametrize(("alone", "path", "line"), [("description", "library.yaml", 9), ("doc", "doc.md", 18)])
def test_sarif_stands_where_something_is_to_be_mended(tmp_path: Path, alone: Any, path: str, line: int) -> None:
    found = replace(of_yaml(tmp_path)[1], alone=alone, reason="so")
    (result,) = json.loads(render_drift_sarif([found], version="1"))["runs"][0]["results"]

    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": path, "uriBaseId": "SRCROOT"},
                "region": {"startLine": line},
            }
        }
    ]
    assert result["message"]["text"].endswith(f". The {alone} stands alone: so.")
    lines = {place["physicalLocation"]["region"]["startLine"] for place in result["relatedLocations"]}
    assert lines == ({18, 9} if alone == "description" else {9})
    assert result["properties"]["cause"]["id"] == found.fingerprint


def test_the_same_sentence_twice_in_one_doc_is_told_once(tmp_path: Path) -> None:
    wrong = "  - id: a\n    method: PUT\n    path: /books\n"
    found = find_drift([doc(tmp_path, "POST /books", REQUEST, before=wrong + wrong)], described(tmp_path))

    assert render_drift_text(found[:2], docs=1) == (
        "doc.md\n"
        "  doc.md:15: error [method-not-described] PUT /books: the path is described for GET, POST only\n"
        "      also at line 18\n"
        "\n"
        "1 doc: 2 errors from 1 cause\n"
    )


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
        "      library.json:1: #/paths/~1books/post/requestBody/content/application~1json/schema\n"
        "\n"
        "1 doc: 2 warnings from 1 cause\n"
    )
    assert render_drift_text([*of_one, *others], docs=3) == (
        "a.md\n"
        "  a.md:7: warning [body-property-unknown] POST /api/books: body property /colour is not described\n"
        "      /body/colour: described: one of kind, pages, published, shelf_code, subtitle, tags, title, uid; "
        "documented: an undescribed property\n"
        "      library.json:1: #/paths/~1books/post/requestBody/content/application~1json/schema\n"
        "      also in 2 other docs: b.md:7, doc.md:17\n"
        "      3 docs have it, and no description does: correct the description\n"
        "\n"
        "doc.md\n"
        "  doc.md:18: warning [body-property-unknown] POST /api/books: body property /weight is not described\n"
        "      /body/weight: described: one of kind, pages, published, shelf_code, subtitle, tags, title, uid; "
        "documented: an undescribed property\n"
        "      library.json:1: #/paths/~1books/post/requestBody/content/application~1json/schema\n"
        "\n"
        "3 docs: 4 warnings from 2 causes\n"
    )


def test_docs_with_the_same_wrong_swagger_are_one_cause_where_their_operations_are_in_one_file(tmp_path: Path) -> None:
    (first,) = find_drift(
        [doc(tmp_path, "POST /books", REQUEST.replace("poem", "novel").replace("      colour: red\n", ""))],
        described(tmp_path, name="a.json"),
    )
    elsewhere = [
        replace(first, doc=f"{name}.md", location=SourceLocation(f"{name}.md", 4), operation="GET /x", source=source)
        for name, source in (("b", "a.json#/x"), ("c", "b.json#/x"))
    ]

    assert [cause.docs for cause in drift_causes([first, *elsewhere])] == [("doc.md", "b.md"), ("c.md",)]


def test_sarif_says_whose_values_they_are_and_what_is_not_decided(tmp_path: Path) -> None:
    found = replace(
        of_yaml(tmp_path)[1],
        message="It differs",
        expected="7 (integer)",
        actual="",
        expected_by="doc",
        actual_by="server",
        alone="unclear",
        reason="the server answered 409",
    )
    (result,) = json.loads(render_drift_sarif([found], version="1"))["runs"][0]["results"]

    assert result["message"]["text"] == (
        "It differs (documented: 7 (integer); answered: nothing). Not decided: the server answered 409."
    )
