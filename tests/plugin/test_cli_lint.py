"""``endpoint-docs lint``: what is wrong with docs, without a server."""

from __future__ import annotations

import json

import pytest

from pytest_endpoint_docs.cli.main import main


@pytest.fixture
def lint(project, capsys, monkeypatch):
    monkeypatch.chdir(project.root)

    def run(*arguments: str) -> tuple[int, list[str]]:
        code = main(["lint", *arguments])
        return code, capsys.readouterr().out.splitlines()

    return run


def test_sound_docs(project, lint):
    project.get()
    assert lint() == (0, ["1 doc: no findings"])


def test_two_docs_for_one_endpoint(project, lint):
    project.get("a", "/things")
    project.get("b", "/things")
    assert lint() == (
        0,
        [
            (
                "endpoints/b.md:2: warning: endpoints/a.md is about GET /things too; where other docs require it, "
                "that one is taken [two-docs-for-one-endpoint]"
            ),
            "2 docs: 1 warning",
        ],
    )


def test_a_skip_without_a_reason_is_an_error(project, lint):
    project.get(head="status: skip")
    code, lines = lint()
    assert code == 1
    assert lines[0].startswith("endpoints/things.md:3: error: no reason recorded: add `skipReason:")


def test_a_learning_without_a_case(project, lint):
    file = project.get()
    file.write_text(file.read_text() + "\n## Critical Learnings\n\n1. Names are unique.\n")
    _, lines = lint()
    assert lines[0] == (
        "endpoints/things.md:19: warning: critical learning 1 has no case that proves it: Names are unique."
        " [learning-without-case]"
    )


def test_a_doc_that_cannot_be_read_is_an_error(project, lint):
    project.write("endpoints/broken.md", "---\nendpoint: GET /x\ntags: [a\n  - : ]\n\tb\n---\n# X\n")
    code, lines = lint("--format", "json")
    assert code == 1
    assert json.loads("\n".join(lines))[0]["path"] == "endpoints/broken.md"


def test_a_page_that_is_given_by_name_is_told(project, lint):
    project.get()
    project.write("endpoints/README.md", "# How to write docs\n")
    project.write("endpoints/bare.md", "# Things\n\n## Test Request\n\n```json\n{}\n```\n")
    code, lines = lint("endpoints/things.md", "endpoints/README.md", "endpoints/bare.md")
    assert (code, lines[-1]) == (1, "2 docs: 1 error, 1 warning")
    assert lines[0].startswith("endpoints/README.md:1: warning: not an endpoint doc: it has no frontmatter")
    assert lines[1].startswith(
        "endpoints/bare.md:1: error: the file has a section `Test Request` (line 3), as endpoint"
    )


def test_a_purely_manual_doc_needs_no_request(project, lint):
    procedure = "## Manual Testing Procedure\n\n1. Open the page.\n"
    project.doc("payouts", procedure, endpoint="POST /payouts", head="tags: [requires-manual-testing]")
    assert lint("--strict") == (0, ["1 doc: no findings"])
    project.doc("payouts", procedure, endpoint="POST /payouts")
    assert lint()[0] == 1


def test_warnings_fail_where_asked(project, lint):
    project.get("a", "/things")
    project.get("b", "/things")
    assert lint("--strict")[0] == 1


def test_a_folder_that_is_not_there(lint, capsys):
    assert main(["lint", "nowhere"]) == 2
    assert capsys.readouterr().err == "endpoint-docs: nowhere: no such file or folder\n"
