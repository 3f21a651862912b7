"""``endpoint-docs drift``: docs against descriptions, without a server."""

from __future__ import annotations

import json

import pytest
from things_api import describe, post

from pytest_endpoint_docs.cli.main import main

FINDINGS = """\
endpoints/make.md
  endpoints/make.md:2: note [swagger-unset] no 'swagger' in the frontmatter; openapi/things.yaml has the operation
      openapi/things.yaml:14: #/paths/~1things/post
  endpoints/make.md:14: error [body-property-missing] POST /things: body property /name is missing
      openapi/things.yaml:47: #/components/schemas/NewThing/required
  endpoints/make.md:14: warning [body-property-unknown] POST /things: body property /nam is not described
      /body/nam: described: one of kind, name, size; documented: an undescribed property
      openapi/things.yaml:17: #/paths/~1things/post/requestBody/content/application~1json/schema

1 doc: 1 error, 1 warning, 1 note
"""


@pytest.fixture
def things(project, monkeypatch):
    """A project whose only doc sends a wrong property; the variables of its environment are not set."""
    describe(project, extra="default_token: staff\ntokens: {staff: '${NOT_SET}'}\nfallback_url: '${NOT_SET_EITHER}'\n")
    file = project.root / "fixtures/environments/test.yaml"
    file.write_text(file.read_text().replace(project.server.url, "${NOT_SET_URL}"))
    post(project, "{nam: Spade}")
    monkeypatch.chdir(project.root)
    return project


def test_findings_stand_at_both_places_and_the_exit_code_is_1(things, capsys):
    assert main(["drift", "--env", "test"]) == 1
    assert capsys.readouterr().out == FINDINGS


def test_descriptions_by_glob_need_no_environment(things, capsys):
    assert main(["drift", "endpoints", "--openapi", "openapi/*.yaml"]) == 1
    assert capsys.readouterr().out == FINDINGS


def test_the_same_docs_by_an_absolute_path(things, capsys):
    assert main(["drift", str(things.root / "endpoints"), "--env", "test"]) == 1
    assert capsys.readouterr().out == FINDINGS


def test_notes_alone_do_not_fail(things, capsys):
    post(things, "{name: Spade}")
    assert main(["drift", "--env", "test"]) == 0
    assert capsys.readouterr().out.endswith("1 doc: 1 note\n")


def test_json(things, capsys):
    assert main(["drift", "--env", "test", "--format", "json"]) == 1
    value = json.loads(capsys.readouterr().out)
    assert value["counts"] == {"swagger-unset": 1, "body-property-missing": 1, "body-property-unknown": 1}
    assert {(one["path"], one["line"]) for one in value["findings"]} == {
        ("endpoints/make.md", 2),
        ("endpoints/make.md", 14),
    }


def test_sarif(things, capsys):
    assert main(["drift", "--env", "test", "--format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == [
        "swagger-unset",
        "body-property-missing",
        "body-property-unknown",
    ]


def test_a_baseline_accepts_what_is_there_and_fails_on_what_is_new(things, capsys):
    assert main(["drift", "--env", "test", "--write-baseline", "drift.json"]) == 0
    assert capsys.readouterr().out == "drift.json: 3 findings accepted\n"
    assert main(["drift", "--env", "test", "--baseline", "drift.json"]) == 0
    assert capsys.readouterr().out == "1 doc: no disagreement (3 accepted by the baseline)\n"
    post(things, "{nam: Spade, size: big}")
    assert main(["drift", "--env", "test", "--baseline", "drift.json"]) == 1
    out = capsys.readouterr().out
    assert "endpoints/make.md:14: error [wrong-type] POST /things: body property /size" in out
    assert out.endswith("1 doc: 1 error (3 accepted by the baseline)\n")


def test_a_baseline_outlives_lines_that_move(things, capsys):
    main(["drift", "--env", "test", "--write-baseline", "drift.json"])
    file = things.root / "endpoints/make.md"
    file.write_text(file.read_text().replace("# Doc\n", "# Doc\n\nA thing.\n"))
    assert main(["drift", "--env", "test", "--baseline", "drift.json"]) == 0


def test_findings_that_are_gone_are_told(things, capsys):
    main(["drift", "--env", "test", "--write-baseline", "drift.json"])
    post(things, "{name: Spade}")
    assert main(["drift", "--env", "test", "--baseline", "drift.json"]) == 0
    assert capsys.readouterr().err == (
        "drift.json: 2 accepted findings are gone; --write-baseline drift.json forgets them\n"
    )


def test_a_run_says_which_side_stands_alone(project, monkeypatch, capsys):
    describe(project)
    post(project, "{nam: Spade}")
    monkeypatch.chdir(project.root)
    project.run("--endpoint-results", "results.json")
    capsys.readouterr()
    assert main(["drift", "--env", "test", "--live", "results.json"]) == 1
    assert (
        "      the description stands alone: the server answered 201 to the documented request\n"
        in capsys.readouterr().out
    )
    project.server.on("POST /things", 422, {})
    project.run("--endpoint-results", "results.json")
    capsys.readouterr()
    assert main(["drift", "--env", "test", "--live", "results.json"]) == 1
    assert (
        "      the doc stands alone: the server refused the documented request with 422, as the description has it\n"
        in capsys.readouterr().out
    )


def test_an_unreadable_doc_is_told_and_fails(things, capsys):
    things.write("endpoints/broken.md", "---\nendpoint: GET /broken\n")
    post(things, "{name: Spade}")
    assert main(["drift", "--env", "test"]) == 1
    assert capsys.readouterr().err.startswith("endpoints/broken.md:")


def test_a_request_that_cannot_be_read_is_told_and_fails(things, capsys):
    post(things, "{name: Spade, size: $.a[0].b}")
    assert main(["drift", "--env", "test"]) == 1
    assert capsys.readouterr().err == (
        "endpoints/make.md:14: is not compared: the YAML cannot be read: while parsing a flow mapping, did not find "
        "expected ',' or '}' (column 34). Inside [ ] and { }, put a text with brackets in quotes: "
        '"$.data[0].id".\n'
    )


@pytest.mark.parametrize(
    ("request_", "line", "told"),
    [
        ("```yaml\nstep: []\n```\n", 6, 'a YAML request needs a `steps:` list; found `step`. Did you mean "steps"'),
        ("```yaml\nsteps: [hello]\n```\n", 7, 'a step must be a mapping, but is the text "hello".'),
        ("```json\n[[1]]\n```\n## Cases\n```\ncases: []\n```\n", 10, "`cases` are read from a `yaml` fence only"),
        ("```http\nPOST /things\n```\n", 5, "no request: `Test Request` needs a `json` or `yaml` fence"),
    ],
)
def test_what_is_lost_of_a_doc_is_told_and_fails(things, capsys, request_, line, told):
    things.write("endpoints/make.md", f"---\nendpoint: POST /things\n---\n\n## Test Request\n{request_}")
    assert main(["drift", "--env", "test"]) == 1
    assert capsys.readouterr().err.startswith(f"endpoints/make.md:{line}: is not compared: {told}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [],
            (
                "say which descriptions: --env NAME (its 'openapi' key), or --openapi FILE-or-GLOB; "
                "fixtures/environments has test"
            ),
        ),
        (
            ["--env", "tset"],
            "no environment 'tset' in fixtures/environments; there are test; did you mean 'test'?",
        ),
        (["--openapi", "swagger/*.json"], "--openapi swagger/*.json: no such file"),
        (
            ["--openapi", "openapi/things.yaml", "endpoints"],
            (
                "--openapi endpoints is a folder; name the files in it, such as 'endpoints/**/*.json', "
                "and give the docs' PATHs before --openapi"
            ),
        ),
        (["docs", "--env", "test"], "docs: no such file or folder"),
        (["openapi", "--env", "test"], "no endpoint doc under openapi"),
        (
            ["--env", "test", "--baseline", "none.json"],
            "none.json: no such baseline; --write-baseline writes one from today's findings",
        ),
        (
            ["--env", "test", "--live", "none.json"],
            "none.json: no such result file; write one with: pytest --endpoint-results FILE.json",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(things, capsys, arguments, message):
    assert main(["drift", *arguments]) == 2
    assert capsys.readouterr().err == f"endpoint-docs: {message}\n"


def test_an_environment_without_descriptions(things, capsys):
    things.environment(name="bare")
    assert main(["drift", "--env", "bare"]) == 2
    assert capsys.readouterr().err.endswith(
        "fixtures/environments/bare.yaml: it has no 'openapi'; "
        "add the globs of the description files, or give --openapi\n"
    )


def test_results_of_other_docs_are_refused(project, monkeypatch, capsys):
    describe(project)
    post(project, "{nam: Spade}")
    monkeypatch.chdir(project.root)
    project.run("--endpoint-results", "results.json")
    (project.root / "endpoints").rename(project.root / "docs")
    capsys.readouterr()
    assert main(["drift", "docs", "--env", "test", "--live", "results.json"]) == 2
    assert capsys.readouterr().err == (
        "endpoint-docs: results.json holds the results of other docs: its first is endpoints/make.md, the first of "
        "these is docs/make.md; give the docs' paths as the run names them, from the root directory of the run\n"
    )


def test_references_can_be_mapped_without_an_environment(things, capsys):
    thing = things.root / "openapi/things.yaml"
    thing.write_text(thing.read_text().replace("#/components/schemas/NewThing", "https://schemas.example/new.yaml"))
    things.write("schemas/new.yaml", "{type: object, required: [name], properties: {name: {type: string}}}\n")
    assert main(["drift", "--openapi", "openapi/*.yaml"]) == 1
    unmapped = capsys.readouterr().out
    assert "is remote and is not fetched" in unmapped
    assert "is not described" not in unmapped
    assert main(["drift", "--openapi", "openapi/*.yaml", "--openapi-ref", "https://schemas.example/=schemas"]) == 1
    assert "body property /name is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "why"), [("schemas", "write PREFIX=FOLDER"), ("https://x/=nowhere", "nowhere is not a folder")]
)
def test_a_reference_that_maps_nothing_is_refused(things, capsys, given, why):
    with pytest.raises(SystemExit):
        main(["drift", "--env", "test", "--openapi-ref", given])
    assert f"{given!r} maps nothing: {why}" in capsys.readouterr().err
