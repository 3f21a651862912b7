from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.record import (
    ExchangeRecord,
    FindingRecord,
    ItemRecord,
    ManualVerification,
    MismatchRecord,
    ObstacleRecord,
    RunRecord,
)
from pytest_endpoint_docs.reporting.result_file import (
    item_from_json,
    item_to_json,
    read_records,
    results_schema,
    run_to_json,
    write_records,
)

EXCHANGE = ExchangeRecord(
    phase="main",
    step="main",
    method="POST",
    url="http://localhost/oauth/token",
    request_headers={"Authorization": "Basic $CLIENT_SECRET"},
    request_body='{"grant_type": "authorization_code"}',
    status_code=200,
    response_headers={"Content-Type": "application/json"},
    response_body='{"access_token": "$ACCESS_TOKEN"} \ud800 é',
    elapsed_s=0.25,
    curl="curl -X POST http://localhost/oauth/token",
)
ITEM = ItemRecord(
    nodeid="endpoints/platform/post_oauth_token.md::POST /oauth/token",
    doc="endpoints/platform/post_oauth_token.md",
    line=2,
    endpoint="POST /oauth/token",
    kind="main",
    outcome="failed",
    domain="platform",
    tags=("oauth", "requires-manual-testing"),
    status="verified",
    verified_at="2026-01-01T00:00:00Z",
    age_days=12.5,
    max_age_days=90.0,
    statuses=(200,),
    verdict="endpoints/platform/post_oauth_token.md:2: 200, documented 201",
    evidence=ManualVerification(at="2026-01-01T00:00:00Z", by="Ana <ana@example.com>", outcome="passed"),
    notes=("waited 2 s",),
    mismatches=(MismatchRecord(check="status", message="200, documented 201", severity="fail"),),
    findings=(FindingRecord(code="unknown-key", message="expcet", severity="warning", path="a.md", line=3),),
    exchanges=(EXCHANGE,),
    extra={"negative": {"kind": "wrong-type"}},
)
RUN = RunRecord(
    schema_version=1,
    started_at="2026-01-13T12:00:00Z",
    now="2026-01-13T12:00:00Z",
    duration_s=1.5,
    environment="sandbox",
    base_url="http://localhost",
    versions={"pytest": "9.0"},
    items=(ITEM, replace(ITEM, outcome="skipped", cause="manual", evidence=None, exchanges=())),
    findings=(FindingRecord(code="stale", message="old", severity="warning", path="a.md", line=3),),
    root="api",
)


def test_a_run_survives_the_file_unchanged(tmp_path: Path) -> None:
    write_records(RUN, tmp_path / "new" / "results.json")
    assert read_records(tmp_path / "new" / "results.json") == RUN


def test_an_item_survives_a_process_boundary_unchanged() -> None:
    assert item_from_json(json.loads(json.dumps(item_to_json(ITEM)))) == ITEM


def test_an_item_for_the_boundary_holds_no_tuple() -> None:
    def kinds(value: object) -> set[type]:
        if isinstance(value, dict):
            return {dict}.union(*(kinds(item) for item in value.values()))
        if isinstance(value, (list, tuple)):
            return {type(value)}.union(*(kinds(item) for item in value))
        return {type(value)}

    assert kinds(item_to_json(ITEM)) <= {dict, list, str, int, float, bool, type(None)}


def test_real_output_follows_the_published_schema() -> None:
    Draft202012Validator.check_schema(results_schema())
    errors = list(Draft202012Validator(results_schema()).iter_errors(json.loads(json.dumps(run_to_json(RUN)))))
    assert errors == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("item", ItemRecord),
        ("exchange", ExchangeRecord),
        ("mismatch", MismatchRecord),
        ("finding", FindingRecord),
        ("evidence", ManualVerification),
        ("obstacle", ObstacleRecord),
    ],
)
def test_the_schema_describes_every_field(name: str, kind: type) -> None:
    described = results_schema()["$defs"][name]["properties"]  # type: ignore[index, call-overload]
    assert set(described) == {field.name for field in fields(kind)}  # type: ignore[arg-type]


def test_the_schema_describes_every_field_of_the_run() -> None:
    described = set(results_schema()["properties"])  # type: ignore[arg-type]
    assert described == {"$schema", "causes"} | {field.name for field in fields(RunRecord)}


def test_fields_of_a_later_release_are_left_aside(tmp_path: Path) -> None:
    value = run_to_json(RUN) | {"shard": 3}
    value["items"][0]["weather"] = "fine"  # type: ignore[index, call-overload]
    (tmp_path / "r.json").write_text(json.dumps(value))
    assert read_records(tmp_path / "r.json") == RUN


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<html>", r"r\.json:1: not JSON"),
        ("[]", "not a result file"),
        ('{"openapi": "3.0.0"}', "no schema_version and items"),
        ('{"schema_version": 2, "items": []}', "version 2, this release reads version 1; update"),
        ('{"schema_version": 1, "items": [{"nodeid": "x"}]}', "not a valid result file"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=message):
        read_records(path)


def test_a_wrong_value_is_named_by_its_pointer(tmp_path: Path) -> None:
    value = run_to_json(RUN)
    value["items"][1]["outcome"] = "exploded"  # type: ignore[index, call-overload]
    (tmp_path / "r.json").write_text(json.dumps(value))
    with pytest.raises(ConfigError, match=re.escape("at /items/1/outcome: 'exploded' is not one of")):
        read_records(tmp_path / "r.json")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--endpoint-results"):
        read_records(tmp_path / "none.json")
