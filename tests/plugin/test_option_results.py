"""``--endpoint-results``: what happened, item by item, in a file that follows its published schema."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from things_api import describe, post, records

from pytest_endpoint_docs.model.record import ItemRecord
from pytest_endpoint_docs.reporting.result_file import read_records, results_schema


@pytest.fixture
def things(project):
    """Docs that pass, fail, are expected to fail, are skipped and cannot be read; one asks for negatives."""
    describe(project)
    project.get("all")
    project.get("one", "/things/1", expect="{status: 404}")
    project.get("later", "/things/2", head="status: failed", expect="{status: 201}")
    project.get("never", "/things/3", head="status: skip\nskipReason: not yet")
    project.get("typo", "/things", head="status: verifed")
    post(project, "{nam: Spade}", head="status: verified\nnegative: true\ndomain: tools\ntags: [smoke]\nowner: Ann")
    return project


def by_name(file: Path) -> dict[str, ItemRecord]:
    return {item.nodeid.removeprefix("endpoints/"): item for item in read_records(file).items}


EXPECTED = {
    "all.md::GET /things": ("main", "passed", "GET /things", (200,)),
    "one.md::GET /things/1": ("main", "failed", "GET /things/{id}", (200,)),
    "later.md::GET /things/2": ("main", "xfailed", "GET /things/{id}", (200,)),
    "never.md::GET /things/3": ("main", "skipped", "GET /things/{id}", ()),
    "typo.md::GET /things": ("main", "failed", "GET /things", ()),
    "make.md::POST /things": ("main", "passed", "POST /things", (201,)),
    "make.md::negative-malformed-json": ("negative", "failed", "POST /things", (201,)),
    "make.md::negative-content-type": ("negative", "failed", "POST /things", (201,)),
    "make.md::negative-no-credentials": ("negative", "failed", "POST /things", (201,)),
    "make.md::negative-method-patch": ("negative", "failed", "POST /things", (200,)),
}


@pytest.mark.parametrize("workers", [None, "2"])
def test_every_item_has_a_record(things, workers):
    file = things.root / "out/results.json"
    arguments = ["--endpoint-env", "test", "--endpoint-results", str(file), "endpoints"]
    things.pytester.runpytest_subprocess(*(["-n", workers] if workers else []), *arguments)
    items = by_name(file)
    assert {name: (item.kind, item.outcome, item.operation, item.statuses) for name, item in items.items()} == EXPECTED
    run = read_records(file)
    assert (run.environment, run.base_url, run.exit_status) == ("test", things.server.url, 1)
    assert all(item.description == "openapi/things.yaml" for item in items.values())
    assert all(item.doc == f"endpoints/{name.partition('::')[0]}" for name, item in items.items())
    assert all(item.started_at.endswith("Z") and item.duration_s >= 0 for item in items.values())


def test_the_fields_say_what_they_should(things):
    file = things.root / "results.json"
    things.run("--endpoint-results", str(file))
    items = by_name(file)
    failed, skipped, made = (
        items["one.md::GET /things/1"],
        items["never.md::GET /things/3"],
        items["make.md::POST /things"],
    )
    assert failed.verdict == "endpoints/one.md:14: expected status 404, got 200 OK"
    assert failed.failure.startswith(failed.verdict)
    assert (failed.root_cause, failed.failure_line) == ("expected status 404, got 200 OK", 14)
    assert [(one.check, one.severity) for one in failed.mismatches] == [("status", "fail")]
    assert [(one.phase, one.step, one.status_code) for one in failed.exchanges] == [("main", "main", 200)]
    assert (skipped.reason, skipped.cause, skipped.exchanges) == ("not yet", "recorded", ())
    assert items["later.md::GET /things/2"].reason
    assert [finding.code for finding in items["typo.md::GET /things"].findings] == ["unknown-status"]
    assert (made.domain, made.tags, made.owner, made.status, made.line) == ("tools", ("smoke",), "Ann", "verified", 13)
    assert {one.pointer for one in made.mismatches} == {"/body/nam", "/body/name"}
    assert items["make.md::negative-no-credentials"].case_id == "negative-no-credentials"


def test_the_file_follows_its_schema_and_the_schema_has_every_field(things):
    file = things.root / "results.json"
    things.run("--endpoint-results", str(file))
    schema = results_schema()
    Draft202012Validator.check_schema(schema)
    described = schema["$defs"]["item"]["properties"]
    assert set(described) == {field.name for field in fields(ItemRecord)}
    assert all(set(item) <= set(described) for item in records(file))


def test_the_ini_key(things):
    things.write("pytest.ini", "[pytest]\nendpoint_results = from-ini.json\n")
    things.run()
    assert len(records(things.root / "from-ini.json")) == len(EXPECTED)


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_a_file_outside_the_project_is_written_again(things, tmp_path_factory, workers):
    file = tmp_path_factory.mktemp("artifacts") / "results.json"
    arguments = ("-q", *workers, "--endpoint-env", "test")
    first = things.pytester.runpytest_subprocess(*arguments, "--endpoint-results", str(file))
    again = things.pytester.runpytest_subprocess(*arguments, f"--endpoint-results={file}")
    apart = things.pytester.runpytest_subprocess(*arguments, "--endpoint-results", str(file))
    named = things.pytester.runpytest_subprocess(*arguments, "endpoints", "--endpoint-results", str(file))

    assert first.parseoutcomes() == again.parseoutcomes() == named.parseoutcomes()
    assert apart.ret == pytest.ExitCode.USAGE_ERROR
    told = "pytest takes a path that exists for one to tests and looks for its ini file there."
    assert f"ERROR: --endpoint-results {file}: {told} Write --endpoint-results={file}" in apart.stderr.lines
