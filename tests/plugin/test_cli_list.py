"""``endpoint-docs list``, and what all commands share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_endpoint_docs.cli.main import main


@pytest.fixture
def here(project, monkeypatch):
    monkeypatch.chdir(project.root)
    return project


def test_a_line_for_each_case(here, capsys):
    here.get("a", "/things")
    here.get("b", "/others", head="status: skip\nskipReason: no server yet")
    assert main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "run    GET /things  endpoints/a.md:9",
        "skip   GET /others  endpoints/b.md:10 (no server yet)",
    ]


def test_a_link_to_a_doc_is_listed_as_it_runs(here, capsys):
    here.get("a", "/things")
    (here.root / "endpoints/b.md").symlink_to("a.md")
    here.run("endpoints").assert_outcomes(passed=2)
    capsys.readouterr()
    assert main(["list"]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == [
        "endpoints/a.md:9",
        "endpoints/b.md:9",
    ]


def test_a_doc_is_listed_once_however_often_it_is_given(here, capsys):
    doc = here.get("a", "/things")
    assert main(["list", "endpoints", "endpoints/a.md", str(doc), f"../{here.root.name}/endpoints"]) == 0
    assert capsys.readouterr().out == "run    GET /things  endpoints/a.md:9\n"


@pytest.mark.parametrize("command", ["list", "lint"])
def test_a_folder_without_docs_is_wrong_usage(here, capsys, command):
    here.write("endpoints/README.md", "# How we write them\n")
    assert main([command]) == 2
    assert capsys.readouterr().err == "endpoint-docs: no endpoint doc under endpoints\n"


def test_a_file_that_is_no_doc_is_told(here, capsys):
    here.write("endpoints/README.md", "# How we write them\n")
    assert main(["list", "endpoints/README.md"]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("endpoints/README.md:1: not an endpoint doc: it has no frontmatter")


@pytest.mark.parametrize("arguments", [["list"], ["list", "--format", "json"]])
def test_a_doc_that_cannot_be_read_is_reported_on_standard_error(here, capsys, arguments):
    here.get("a", "/things")
    here.write("endpoints/broken.md", "---\nendpoint: GET /broken\n")
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert told.err.startswith("endpoints/broken.md:1: cannot be read: ")
    assert "broken" not in told.out
    if "json" in arguments:
        assert [row["name"] for row in json.loads(told.out)] == ["GET /things"]


@pytest.mark.parametrize("command", ["list", "lint"])
def test_no_command_lets_a_doc_steer_the_terminal(here, capsys, command):
    here.get("a", "/things")
    here.write("endpoints/red\x1b[31m.md", "---\nendpoint: GET /broken\n")
    assert main([command]) == 1
    told = capsys.readouterr()
    assert "red\\x1b[31m" in told.out + told.err
    assert "\x1b" not in told.out + told.err


def test_a_flaw_that_is_not_there(capsys):
    pytest.importorskip("flask")
    assert main(["sandbox", "--flaw", "no-pkc"]) == 2
    assert capsys.readouterr().err.startswith("endpoint-docs: there is no flaw 'no-pkc'; ")


def test_help_imports_nothing_that_a_command_needs():
    script = (
        "import sys; from pytest_endpoint_docs.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "names = ('yaml', 'jsonschema', 'jinja2', 'requests', 'flask', 'playwright', 'filelock')\n"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_doc_that_only_a_person_can_run_is_listed_as_a_run_treats_it(here, capsys):
    steps = "## Manual Testing Procedure\n\n1. Ask for a payout.\n2. Look into the bank account.\n"
    here.doc("payout", steps, endpoint="POST /payouts", head="status: verified\ntags: [requires-manual-testing]")
    assert main(["list"]) == 0
    listed = capsys.readouterr().out.split()
    here.run("endpoints").assert_outcomes(skipped=1)
    assert listed[:3] == ["skip", "POST", "/payouts"]


def test_an_interrupted_command_says_so_in_a_line(here, monkeypatch, capsys):
    def interrupted(arguments, redactor):
        raise KeyboardInterrupt

    monkeypatch.setattr("pytest_endpoint_docs.cli.list_command.run", interrupted)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "endpoint-docs: interrupted\n"


@pytest.mark.parametrize("command", ["lint", "list"])
def test_a_folder_that_may_not_be_read_is_told(here, capsys, monkeypatch, command):
    here.get("a", "/things")
    here.get("secret/b", "/others")
    scandir = os.scandir

    def denied(path):
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert main([command]) == 1
    told = capsys.readouterr()
    assert "endpoints/secret:1: " in told.out + told.err
