"""``--endpoint-baseline`` and ``--endpoint-update-baseline``: what is accepted warns, what is new fails."""

from __future__ import annotations

import json

import pytest
from things_api import THING, describe, records, section

BASELINE = ("--endpoint-baseline", "known.json")


@pytest.fixture
def differing(project):
    """A project whose server answers with a number for an id and an undescribed kind, in a baseline."""
    describe(project)
    project.get()
    project.server.on("GET /things", body=[{**THING, "id": 7, "kind": "weapon"}], X_Total="1")
    return project


def test_what_was_written_is_accepted(differing):
    differing.run().assert_outcomes(failed=1)
    differing.run(*BASELINE, "--endpoint-update-baseline").assert_outcomes(passed=1)
    accepted = json.loads((differing.root / "known.json").read_text())["accepted"]
    assert sorted((entry["kind"], entry["docs"], entry["source"].rpartition("/")[2]) for entry in accepted) == [
        ("enum", ["endpoints/things.md"], "enum"),
        ("type", ["endpoints/things.md"], "type"),
    ]
    results = differing.root / "results.json"
    result = differing.run(*BASELINE, "--endpoint-results", str(results))
    result.assert_outcomes(passed=1)
    assert section(result, "endpoint docs")[:3] == [
        "2 known differences, which do not fail the run:",
        "  endpoints/things.md:11: /0/id has another type than described [accepted by the baseline]",
        "  endpoints/things.md:11: /0/kind is not among the described values [accepted by the baseline]",
    ]
    assert {one["severity"] for one in records(results)[0]["mismatches"]} == {"warn"}


def test_what_is_new_fails_and_what_is_gone_is_told_in_every_output(differing):
    differing.run(*BASELINE, "--endpoint-update-baseline")
    differing.server.on("GET /things", body=[{**THING, "id": 7, "made": "yesterday"}], X_Total="1")
    told = ("--endpoint-report", "run.md", "--endpoint-report", "run.html", "--junitxml", "junit.xml")
    result = differing.run(*BASELINE, *told)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["endpoints/things.md:11: /0/made does not have the described format: *"])
    gone = (
        "accepted, but no longer found: is not among the described values "
        "(openapi/things.yaml#/components/schemas/Thing/properties/kind/enum); --endpoint-update-baseline forgets it"
    )
    told = section(result, "endpoint docs")
    assert (
        told[told.index("warning: 1 known difference is out of date:") + 1] == f"  known.json:1: {gone} [baseline-gone]"
    )
    report = (differing.root / "run.md").read_text()
    assert "## 1 known difference" in report
    assert "/0/id has another type than described" in report
    assert "accepted, but no longer found" in report
    junit = (differing.root / "junit.xml").read_text()
    assert 'name="known" value="/0/id has another type than described [accepted by the baseline]"' in junit
    assert 'name="warning"' not in junit
    page = (differing.root / "run.html").read_text()
    assert "<h2>1 known difference, which does not fail the run</h2>" in page
    assert "<li>endpoints/things.md:11: /0/id has another type than described [accepted by the baseline]</li>" in page
    assert "accepted, but no longer found" in page


def test_updating_forgets_what_is_gone_and_keeps_what_did_not_run(differing):
    differing.get("others", "/things/1")
    differing.server.on("GET /things/1", body={**THING, "name": 3})
    differing.run(*BASELINE, "--endpoint-update-baseline").assert_outcomes(passed=2)
    differing.server.on("GET /things", body=[THING], X_Total="1")
    differing.run(*BASELINE, "--endpoint-update-baseline", "endpoints/things.md").assert_outcomes(passed=1)
    accepted = json.loads((differing.root / "known.json").read_text())["accepted"]
    assert [entry["docs"] for entry in accepted] == [["endpoints/others.md"]]


CASES = """
## Cases

```yaml
cases:
  - id: second
    request: {/params/page: 2}
```
"""


def test_a_doc_of_which_a_part_ran_keeps_what_is_accepted(differing):
    """What did not occur may belong to the part that did not run: it is neither gone nor forgotten."""
    file = differing.root / "endpoints/things.md"
    file.write_text(file.read_text() + CASES)
    differing.run(*BASELINE, "--endpoint-update-baseline").assert_outcomes(passed=2)
    before = (differing.root / "known.json").read_text()
    differing.server.on("GET /things", body=[THING], X_Total="1")
    result = differing.run(*BASELINE, "-k", "second", "endpoints")
    result.assert_outcomes(passed=1, deselected=1)
    result.stdout.no_fnmatch_line("*no longer found*")
    differing.run(*BASELINE, "--endpoint-update-baseline", "-k", "second", "endpoints")
    assert (differing.root / "known.json").read_text() == before
    result = differing.run(*BASELINE)
    result.stdout.fnmatch_lines(["*accepted, but no longer found: *"])


def test_the_same_with_workers(differing):
    differing.pytester.runpytest_subprocess(
        "--endpoint-env", "test", "-n", "2", *BASELINE, "--endpoint-update-baseline", "endpoints"
    ).assert_outcomes(passed=1)
    differing.pytester.runpytest_subprocess(
        "--endpoint-env", "test", "-n", "2", *BASELINE, "endpoints"
    ).assert_outcomes(passed=1)


def test_the_ini_key(differing):
    differing.run(*BASELINE, "--endpoint-update-baseline")
    differing.write("pytest.ini", "[pytest]\nendpoint_baseline = known.json\n")
    differing.run().assert_outcomes(passed=1)


def test_another_status_is_another_difference(differing):
    differing.get(expect="{}")
    differing.server.on("GET /things", 202, [THING], X_Total="1")
    differing.run(*BASELINE, "--endpoint-update-baseline").assert_outcomes(passed=1)
    differing.server.on("GET /things", 206, [THING], X_Total="1")
    differing.run(*BASELINE).assert_outcomes(failed=1)


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
@pytest.mark.parametrize(("text", "why"), [(None, "no such baseline"), ("[]", "not a baseline of runs")])
def test_a_file_that_is_no_baseline_is_wrong_usage(differing, text, why, workers):
    if text is not None:
        differing.write("known.json", text)
    result = differing.run(*BASELINE, *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert differing.server.requests == []
    (told,) = [line for line in [*result.stdout.lines, *result.stderr.lines] if why in line]
    assert told.startswith("ERROR: ")
