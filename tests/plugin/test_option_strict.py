"""``--endpoint-strict``: what would only warn about docs, descriptions and answers that differ fails."""

from __future__ import annotations

from things_api import THING, describe, post, records, section


def test_without_it_a_request_that_is_not_as_described_is_sent_and_told(project):
    describe(project)
    post(project, "{nam: Spade, kind: weapon, size: big}")
    results = project.root / "results.json"
    result = project.run("-q", "--endpoint-results", str(results))
    result.assert_outcomes(passed=1)
    assert project.server.requests == ["POST /things"]
    assert section(result, "contract drift") == [
        "4 differences from the OpenAPI descriptions, which warn, and fail with --endpoint-strict:",
        "endpoints/make.md:14: request: body property /kind is not among the described values",
        "    openapi/things.yaml#/components/schemas/NewThing/properties/kind/enum",
        "endpoints/make.md:14: request: body property /nam is not described",
        "    openapi/things.yaml#/paths/~1things/post/requestBody/content/application~1json/schema",
        "endpoints/make.md:14: request: body property /name is missing",
        "    openapi/things.yaml#/components/schemas/NewThing/required",
        "endpoints/make.md:14: request: body property /size has another type than described",
        "    openapi/things.yaml#/components/schemas/NewThing/properties/size/type",
    ]
    found = {(one["check"], one["severity"], one["pointer"]) for one in records(results)[0]["mismatches"]}
    assert found == {("openapi-request", "warn", f"/body/{name}") for name in ("kind", "nam", "name", "size")}


def test_a_request_that_is_not_as_described_fails_before_it_is_sent(project):
    describe(project)
    post(project, "{nam: Spade}")
    result = project.run("-q", "--endpoint-strict")
    result.assert_outcomes(failed=1)
    assert project.server.requests == []
    text = "\n".join(line.rstrip() for line in result.stdout.lines)
    assert (
        "endpoints/make.md:14: step make was not sent, its request is not as described: "
        "body property /name is missing: expected present, got missing (and 1 more)\n"
        "\n"
        "  12 |     method: POST\n"
        "  13 |     path: /things\n"
        "> 14 |     body: {nam: Spade}\n"
        "  15 |     expect: {status: 201}\n"
        "  16 | ```\n"
        "\n"
        "body property /name is missing [openapi-request]\n"
        "  expected: present\n"
        "  actual:   missing\n"
        "  source:   openapi/things.yaml#/components/schemas/NewThing/required\n"
        "body property /nam is not described [openapi-request]\n"
        "  expected: one of kind, name, size\n"
        "  actual:   an undescribed property\n"
        "  source:   openapi/things.yaml#/paths/~1things/post/requestBody/content/application~1json/schema\n"
        "===="
    ) in text


def test_a_prerequisite_that_is_not_as_described_warns_for_it_is_not_what_is_tested(project):
    describe(project)
    steps = (
        "## Prerequisites\n\n```yaml\nsteps:\n  - id: make\n    method: POST\n    path: /things\n    body: {size: 1}\n"
        "```\n\n"
        "## Test Request\n\n```yaml\nsteps:\n  - id: read\n    method: GET\n    path: /things/1\n```\n"
    )
    project.doc("read", steps, endpoint="GET /things/{id}")
    result = project.run("-q", "--endpoint-strict")
    result.assert_outcomes(passed=1)
    assert section(result, "contract drift") == [
        "1 difference from the OpenAPI descriptions, reported as a warning because it is not about a tested request:",
        "endpoints/read.md:14: request: body property /name is missing",
        "    openapi/things.yaml#/components/schemas/NewThing/required",
    ]
    assert project.server.requests == ["POST /things", "GET /things/1"]


def test_an_undescribed_property_of_an_answer_fails(project):
    describe(project)
    project.get()
    project.server.on("GET /things", body=[{**THING, "colour": "red"}], X_Total="1")
    result = project.run("--endpoint-strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            (
                "endpoints/things.md:11: /0/colour is not described: expected one of id, kind, made, name, "
                "got an undescribed property"
            )
        ]
    )


def test_a_known_issue_of_a_request_does_not_fail(project):
    describe(project)
    known = "knownIssues:\n  - {path: /body/nam, reason: the old name is taken too, ticket: T-2}"
    post(project, "{name: Spade, nam: Spade}", head=f"status: verified\n{known}")
    project.run("--endpoint-strict").assert_outcomes(passed=1)


def test_the_ini_key(project):
    describe(project)
    post(project, "{size: 1}")
    project.write("pytest.ini", "[pytest]\nendpoint_strict = true\n")
    project.run().assert_outcomes(failed=1)
