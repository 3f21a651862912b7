"""Answers against the environment's OpenAPI descriptions: what a user sees for each kind of difference."""

from __future__ import annotations

import pytest
from things_api import DESCRIPTION, THING, describe, post, records, section

from pytest_endpoint_docs.cli.main import main

SCHEMA = "openapi/things.yaml#/components/schemas/Thing"
ANSWER = "openapi/things.yaml#/paths/~1things/get/responses"


def sections(result: pytest.RunResult) -> str:
    return "\n".join(line.rstrip() for line in result.stdout.lines)


def test_an_answer_as_described_passes_and_nothing_is_told(project):
    describe(project)
    project.get()
    result = project.run()
    result.assert_outcomes(passed=1)
    assert "contract drift" not in sections(result)


@pytest.mark.parametrize(
    ("status", "body", "headers", "verdict", "shown"),
    [
        pytest.param(
            200,
            [{**THING, "id": 7}],
            {"X_Total": "1"},
            "/0/id has another type than described: expected string, got 7 (integer)",
            "/0/id has another type than described [openapi]\n"
            "  expected: string\n"
            "  actual:   7 (integer)\n"
            f"  source:   {SCHEMA}/properties/id/type",
            id="type",
        ),
        pytest.param(
            200,
            [{"id": "1"}],
            {"X_Total": "1"},
            "/0/name is missing: expected present, got missing",
            f"/0/name is missing [openapi]\n  expected: present\n  actual:   missing\n  source:   {SCHEMA}/required",
            id="required",
        ),
        pytest.param(
            200,
            [{**THING, "kind": "weapon"}],
            {"X_Total": "1"},
            '/0/kind is not among the described values: expected one of "tool", "toy", got "weapon" (string)',
            "/0/kind is not among the described values [openapi]\n"
            '  expected: one of "tool", "toy"\n'
            '  actual:   "weapon" (string)\n'
            f"  source:   {SCHEMA}/properties/kind/enum",
            id="enum",
        ),
        pytest.param(
            200,
            [{**THING, "made": "yesterday"}],
            {"X_Total": "1"},
            '/0/made does not have the described format: expected format "date", got "yesterday" (string)',
            "/0/made does not have the described format [openapi]\n"
            '  expected: format "date"\n'
            '  actual:   "yesterday" (string)\n'
            f"  source:   {SCHEMA}/properties/made/format",
            id="format",
        ),
        pytest.param(
            200,
            [THING],
            {},
            "X-Total: the header field is missing: expected present, got missing",
            "X-Total: the header field is missing [openapi]\n"
            "  expected: present\n"
            "  actual:   missing\n"
            f"  source:   {ANSWER}/200/headers/X-Total",
            id="header",
        ),
        pytest.param(
            200,
            [THING],
            {"X_Total": "1", "Content_Type": "text/html"},
            "Content-Type: the media type is not described for status 200: expected application/json, got text/html",
            "Content-Type: the media type is not described for status 200 [openapi]\n"
            "  expected: application/json\n"
            "  actual:   text/html\n"
            f"  source:   {ANSWER}/200/content",
            id="media-type",
        ),
    ],
)
def test_a_difference_fails_at_the_step_with_its_place_in_the_description(
    project, status, body, headers, verdict, shown
):
    describe(project)
    project.get(expect="{status: [200, 202]}")
    project.server.on("GET /things", status, body, **headers)
    result = project.run()
    result.assert_outcomes(failed=1)
    text = sections(result)
    assert f"endpoints/things.md:11: {verdict}\n" in text
    assert f"\n\n{shown}\n\n" in text


def test_an_undescribed_status_that_the_doc_does_not_name_fails(project):
    describe(project)
    project.get(expect="{}")
    project.server.on("GET /things", 202, [THING], X_Total="1")
    result = project.run()
    result.assert_outcomes(failed=1)
    text = sections(result)
    assert "status 202 is not described for GET /things: expected 200, got 202\n" in text
    assert f"  source:   {ANSWER}\n" in text


def test_an_undescribed_status_that_the_doc_names_warns_for_doc_and_description_disagree(project):
    describe(project)
    project.get(expect="{status: 202}")
    project.server.on("GET /things", 202, [THING], X_Total="1")
    result = project.run("-q")
    result.assert_outcomes(passed=1)
    assert section(result, "contract drift")[1:] == [
        "endpoints/things.md:11: answer: status 202 is not described for GET /things",
        f"    {ANSWER}",
    ]


PREPARED = (
    "## Prerequisites\n\n```yaml\nsteps:\n  - {id: list, method: GET, path: /things}\n"
    "  - {id: other, method: GET, path: /others}\n```\n\n"
    "## Test Request\n\n```yaml\nsteps:\n  - {id: read, method: GET, path: /things/1}\n```\n\n"
    "## Cleanup\n\n```yaml\nsteps:\n  - {id: again, method: GET, path: /things}\n```\n"
)


def test_only_the_tested_request_fails_by_its_description(project):
    describe(project)
    project.doc("read", PREPARED, endpoint="GET /things/{id}")
    project.server.on("GET /things", body=[{**THING, "id": 7}], X_Total="1")
    results = project.root / "results.json"
    result = project.run("-q", "--endpoint-results", str(results))
    result.assert_outcomes(passed=1)
    assert section(result, "contract drift") == [
        "3 differences from the OpenAPI descriptions, reported as warnings because they are not about tested requests:",
        "endpoints/read.md:11: answer: /*/id has another type than described",
        f"    {SCHEMA}/properties/id/type",
        "endpoints/read.md:12: request: no API description has GET /others",
        "endpoints/read.md:26: answer: /*/id has another type than described",
        f"    {SCHEMA}/properties/id/type",
    ]
    told = [(one["step"], one["severity"]) for one in records(results)[0]["mismatches"]]
    assert told == [("other", "warn"), ("list", "warn"), ("again", "warn")]


def test_many_differences_are_cut_unless_all_are_asked_for(project):
    describe(project)
    steps = "".join(f"  - {{id: s{number}, method: GET, path: /other/{number}}}\n" for number in range(22))
    project.doc(
        "read", PREPARED.replace("  - {id: other, method: GET, path: /others}\n", steps), endpoint="GET /things/{id}"
    )
    project.server.on("GET /things", body=[THING], X_Total="1")
    cut, whole = section(project.run(), "contract drift"), section(project.run("-v"), "contract drift")
    assert cut[-1] == "... and 2 more; -v shows all"
    assert (sum("/other/" in line for line in cut), sum("/other/" in line for line in whole)) == (20, 22)


def test_what_warned_in_a_required_doc_is_told_of_the_item_that_requires_it(project):
    describe(project)
    project.get()
    project.server.on("GET /things", body=[{**THING, "id": 7}], X_Total="1")
    requires = "status: verified\nrequires: [GET /things]"
    read = "## Test Request\n\n```yaml\nsteps:\n  - {id: read, method: GET, path: /things/1}\n```\n"
    project.doc("read", read, endpoint="GET /things/{id}", head=requires)
    results = project.root / "results.json"
    project.run("--endpoint-results", str(results), "endpoints/read.md").assert_outcomes(passed=1)
    (told,) = records(results)[0]["mismatches"]
    assert (told["step"], told["severity"], told["location"]) == ("GET /things", "warn", "endpoints/things.md:11")


def test_a_request_of_uid_resolution_that_no_description_has_warns(project):
    describe(project)
    rows = (
        "## UID Resolution Procedure\n\n| UID Field | Source Endpoint | Extract From |\n|---|---|---|\n"
        "| id | GET /others | $.id |\n\n"
    )
    read = "## Test Request\n\n```yaml\nsteps:\n  - {id: read, method: GET, path: '/things/{{id}}'}\n```\n"
    project.server.on("GET /others", body={"id": "1"})
    project.doc("read", rows + read, endpoint="GET /things/{id}")
    result = project.run("-q")
    result.assert_outcomes(passed=1)
    assert "request: no API description has GET /others\n" in sections(result)


def test_nothing_is_called_undescribed_where_a_reference_cannot_be_followed(project):
    reference = '"https://schemas.example.com/page.json"'
    page = "{name: page, in: query, schema: {type: integer}}"
    thing = 'Thing:\n      allOf: [{$ref: "https://schemas.example.com/thing.json"}]'
    unread = DESCRIPTION.replace(page, f"{{$ref: {reference}}}").replace("Thing:", thing, 1)
    describe(project, unread)
    project.get(path="/things?pages=2")
    project.server.on("GET /things", body=[{**THING, "id": 7, "colour": "red"}], X_Total="1")
    result = project.run("-q", "--endpoint-coverage")
    result.assert_outcomes(failed=1)
    assert (
        "endpoints/things.md:11: /0/id has another type than described: expected string, got 7 (integer)"
        in sections(result)
    )
    remote = "is remote and is not fetched; map its prefix to a folder with 'openapi_refs' in the environment"
    assert section(result, "contract drift") == [
        "2 references of the OpenAPI descriptions could not be followed, so that 1 answer was checked in part:",
        f"    $ref 'https://schemas.example.com/page.json' {remote} (mapped: none is mapped)",
        f"    $ref 'https://schemas.example.com/thing.json' {remote} (mapped: none is mapped)",
    ]


@pytest.mark.parametrize("options", [[], ["--endpoint-strict"]])
def test_an_answer_with_a_schema_that_is_not_read_is_told(project, options):
    xml = DESCRIPTION.replace(
        'content: {application/json: {schema: {$ref: "#/components/schemas/Things"}}}',
        'content: {application/xml: {schema: {$ref: "#/components/schemas/Things"}}}',
    )
    describe(project, xml, extra="openapi_checks: {schema: fail}\n")
    project.get(expect="{}")
    project.server.on("GET /things", body=7, X_Total="1", Content_Type="application/xml")
    result = project.run("-q", *options)
    result.assert_outcomes(passed=1)
    assert section(result, "contract drift") == ["1 answer was not checked against its schema: application/xml"]


def test_an_undescribed_property_warns(project):
    describe(project)
    project.get()
    project.server.on("GET /things", body=[{**THING, "colour": "red"}, {**THING, "colour": "blue"}], X_Total="2")
    result = project.run("-q")
    result.assert_outcomes(passed=1)
    assert section(result, "contract drift") == [
        "1 difference from the OpenAPI descriptions, which warns, and fails with --endpoint-strict:",
        "endpoints/things.md:11: answer: /*/colour is not described",
        "    openapi/things.yaml#/components/schemas/Things/items",
    ]


def test_a_request_that_no_description_has_warns(project):
    describe(project)
    project.get("others", "/others")
    result = project.run("-q")
    result.assert_outcomes(passed=1)
    assert "endpoints/others.md:11: request: no API description has GET /others\n" in sections(result)


def test_a_known_issue_marks_a_difference_as_known(project):
    describe(project)
    known = "knownIssues:\n  - {path: /*/id, reason: ids are numbers still, ticket: T-1}"
    project.get(head=f"status: verified\n{known}")
    project.server.on("GET /things", body=[{**THING, "id": 7}], X_Total="1")
    results = project.root / "results.json"
    project.run("--endpoint-results", str(results)).assert_outcomes(passed=1)
    (mismatch,) = records(results)[0]["mismatches"]
    assert (mismatch["severity"], mismatch["known"]) == ("known", "ids are numbers still (T-1)")
    assert mismatch["source"] == f"{SCHEMA}/properties/id/type"


def test_the_descriptions_own_mistake_is_told_and_no_crash(project):
    describe(project, DESCRIPTION.replace("required: [id, name]", "required: true"))
    project.get()
    result = project.run("-q")
    result.assert_outcomes(passed=1)
    assert section(result, "contract drift")[1:] == [
        (
            "endpoints/things.md:11: answer: the description is at fault: 'required' cannot be true "
            "(a list of names belongs beside 'properties'); it is left out"
        ),
        f"    {SCHEMA}/required",
    ]


def test_a_request_of_a_prerequisite_is_held_against_its_own_operation(project):
    describe(project)
    steps = (
        "## Prerequisites\n\n```yaml\nsteps:\n  - id: make\n    method: POST\n    path: /things\n    body: {size: 1}\n"
        "    extract: {thing_id: $.id}\n```\n\n"
        "## Test Request\n\n```yaml\nsteps:\n  - id: read\n    method: GET\n    path: /things/{{thing_id}}\n```\n"
    )
    project.doc("read", steps, endpoint="GET /things/{id}")
    result = project.run("-q")
    result.assert_outcomes(passed=1)
    assert (
        "endpoints/read.md:14: request: body property /name is missing\n"
        "    openapi/things.yaml#/components/schemas/NewThing/required\n"
    ) in sections(result)


def test_the_operation_asks_for_the_header_field_that_the_environment_names(project, monkeypatch):
    monkeypatch.setenv("STAFF_TOKEN", "s-1")
    acting = "        - {name: X-Acting-For, in: header, required: true, schema: {type: string}}\n"
    page = "        - {name: page, in: query, schema: {type: integer}}\n"
    rule = "on_behalf_of: {header: X-Acting-For, value: b7, tokens: [staff]}\n"
    rule += "default_token: staff\ntokens: {staff: '${STAFF_TOKEN}'}\n"
    describe(project, DESCRIPTION.replace(page, acting + page), extra=rule)
    project.get()
    result = project.run()
    result.assert_outcomes(passed=1)
    assert "contract drift" not in sections(result)


def test_a_request_that_is_to_be_refused_may_be_wrong(project):
    describe(project)
    post(project, "{size: 1}", expect="{status: 422}")
    project.server.on("POST /things", 422, {"errors": ["name"]})
    result = project.run()
    result.assert_outcomes(passed=1)
    assert "contract drift" not in sections(result)


BOMB = (
    "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "openapi: 3.1.0\npaths: {/things: {get: *i}}\n"
)


@pytest.mark.parametrize(
    ("description", "problem"),
    [
        pytest.param(BOMB, "aliases", id="bomb"),
        pytest.param("openapi: 3.1.0\npaths:\n  /things: " + "[" * 200_000, "nested deeper", id="deep yaml"),
        pytest.param('{"paths": {"/things": ' + "[" * 200_000, "nested deeper", id="deep json"),
    ],
)
def test_a_hostile_description_is_told_and_ends_nothing(project, monkeypatch, capsys, description, problem):
    describe(project, description)
    project.get()
    result = project.run("--endpoint-coverage")
    assert result.ret == 0
    result.assert_outcomes(passed=1)
    for section_line in ("endpoints/things.md:11: request: no API description has GET /things; ", "  "):
        result.stdout.re_match_lines([rf"{section_line}openapi/things\.yaml:\d+: the API description .*{problem}"])
    capsys.readouterr()
    monkeypatch.chdir(project.root)
    assert main(["drift", "--env", "test"]) == 1
    told = capsys.readouterr().out
    assert "openapi/things.yaml:" in told
    assert problem in told


def test_the_likely_reason_of_a_refusal_stands_in_the_headline(project):
    describe(project)
    post(project, "{size: 1, colour: red}")
    project.server.on("POST /things", 400, {"errors": ["no"]})
    result = project.run()
    result.assert_outcomes(failed=1)
    assert (
        "endpoints/make.md:15: expected status 201, got 400 Bad Request; "
        "likely because body property /name is missing\n"
    ) in sections(result)


def test_a_refusal_that_the_request_does_not_explain_gets_no_reason(project):
    describe(project)
    post(project, "{size: 1}")
    project.server.on("POST /things", 409, {})
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "likely because" not in sections(result)


def test_the_likely_reason_of_a_failed_prerequisite_stands_in_the_headline(project):
    describe(project)
    steps = (
        "## Prerequisites\n\n```yaml\nsteps:\n  - {id: make, method: POST, path: /things, body: {size: 1}}\n```\n\n"
        "## Test Request\n\n```yaml\nsteps:\n  - {id: read, method: GET, path: /things/1}\n```\n"
    )
    project.doc("read", steps, endpoint="GET /things/{id}")
    project.server.on("POST /things", 400, {})
    result = project.run()
    result.assert_outcomes(failed=1)
    assert (
        "prerequisite failed: step make: expected status 2xx, got 400 Bad Request; "
        "likely because body property /name is missing\n"
    ) in sections(result)


def test_doc_and_description_do_not_count_the_same_status_twice(project):
    describe(project)
    project.get()
    project.server.on("GET /things", 503, {})
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "things.md:14: expected status 200, got 503 Service Unavailable\n" in sections(result)


def test_the_header_field_on_behalf_of_somebody_always(project, monkeypatch):
    monkeypatch.setenv("STAFF_TOKEN", "s-1")
    rule = "on_behalf_of: {header: X-Acting-For, value: b7, tokens: [staff], when: always}\n"
    project.environment(f"{rule}default_token: staff\ntokens: {{staff: '${{STAFF_TOKEN}}'}}\n")
    project.get()
    project.run().assert_outcomes(passed=1)
    assert project.server.seen[0]["headers"]["X-Acting-For"] == "b7"
