"""``openapi_checks`` and ``knownIssues`` of an environment: what differences from descriptions do."""

from __future__ import annotations

import pytest
from things_api import DESCRIPTION, THING, describe, post, section

ID = "openapi/things.yaml#/components/schemas/Thing/properties/id"


@pytest.mark.parametrize(
    ("checks", "outcome"),
    [
        ("{}", "failed"),
        ("{schema: warn}", "passed"),
        ("{schema: ignore}", "passed"),
        ("{status: warn, header: warn, content-type: warn}", "failed"),
        ("{operations: {GET /things: warn}}", "passed"),
        ("{operations: {GET /things: {schema: warn}}}", "passed"),
        ("{operations: {GET /things: {status: warn}}}", "failed"),
        ("{operations: {GET /other: warn}}", "failed"),
        ("{tags: {listing: warn}}", "passed"),
        ("{schema: warn, tags: {listing: fail}}", "failed"),
        ("{tags: {listing: fail}, operations: {GET /things: warn}}", "passed"),
    ],
)
def test_the_most_particular_rule_counts(project, checks, outcome):
    tagged = DESCRIPTION.replace("  /things:\n    get:\n", "  /things:\n    get:\n      tags: [listing]\n")
    describe(project, tagged, extra=f"openapi_checks: {checks}\n")
    project.get()
    project.server.on("GET /things", body=[{**THING, "id": 7}], X_Total="1")
    project.run().assert_outcomes(**{outcome: 1})


@pytest.mark.parametrize(
    ("checks", "status", "headers"),
    [
        ("{status: warn}", 202, {"X_Total": "1"}),
        ("{header: warn}", 200, {}),
        ("{content-type: warn}", 200, {"X_Total": "1", "Content_Type": "text/x"}),
    ],
)
def test_each_kind_of_an_answer(project, checks, status, headers):
    describe(project)
    project.get(expect="{}")
    project.server.on("GET /things", status, [THING], **headers)
    project.run().assert_outcomes(failed=1)
    describe(project, extra=f"openapi_checks: {checks}\n")
    project.server.on("GET /things", status, [THING], **headers)
    project.run().assert_outcomes(passed=1)


def test_requests_can_fail_too(project):
    describe(project, extra="openapi_checks: {request: fail}\n")
    post(project, "{size: 1}")
    project.run().assert_outcomes(failed=1)
    assert project.server.requests == []


@pytest.mark.parametrize(
    ("source", "outcome"),
    [(ID, "passed"), ("things.yaml#/components/schemas/Thing", "passed"), ("things.yaml#/paths", "failed")],
)
def test_a_known_issue_is_named_by_its_place_in_the_description(project, source, outcome):
    issue = f"{{source: '{source}', reason: ids are numbers still, ticket: T-1}}"
    describe(project, extra=f"knownIssues: [{issue}]\n")
    project.get()
    project.server.on("GET /things", body=[{**THING, "id": 7}], X_Total="1")
    result = project.run()
    result.assert_outcomes(**{outcome: 1})
    if outcome == "passed":
        told = "  endpoints/things.md:11: /0/id has another type than described [ids are numbers still (T-1)]"
        assert told in section(result, "endpoint docs")


def test_a_known_issue_counts_until_its_day_and_is_told_when_it_is_over(project):
    describe(project, extra=f"knownIssues: [{{source: '{ID}', reason: ids, until: '2026-03-01'}}]\n")
    project.get()
    project.server.on("GET /things", body=[{**THING, "id": 7}], X_Total="1")
    project.run("--endpoint-now", "2026-03-01").assert_outcomes(passed=1)
    result = project.run("--endpoint-now", "2026-03-02")
    result.assert_outcomes(failed=1)
    assert "has expired: it was accepted until 2026-03-01 [known-issue-expired]" in "\n".join(
        section(result, "endpoint docs")
    )


def test_a_known_issue_that_did_not_occur_is_told(project):
    describe(project, extra=f"knownIssues: [{{source: '{ID}', reason: ids}}]\n")
    project.get()
    result = project.run()
    result.assert_outcomes(passed=1)
    assert f"the known issue at {ID} did not occur in this run [known-issue-gone]" in "\n".join(
        section(result, "endpoint docs")
    )


def test_a_docs_known_issue_of_the_whole_content_hides_no_status(project):
    describe(project)
    project.get(expect="{}", head="status: verified\nknownIssues:\n  - {path: '', reason: odd}")
    project.server.on("GET /things", 202, [THING], X_Total="1")
    project.run().assert_outcomes(failed=1)
