"""Where the commands write to, and what they are given: closed, full and narrow outputs, odd names and numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_endpoint_docs.cli.main import main

COMMAND = [sys.executable, "-c", "import sys; from pytest_endpoint_docs.cli.main import main; sys.exit(main())"]
COMMANDS = ("cleanup", "consent", "coverage", "drift", "evidence", "lint", "list", "sandbox")


@pytest.fixture
def here(project, monkeypatch):
    monkeypatch.chdir(project.root)
    project.get("a", "/things", head="status: skip\nskipReason: later 名 ✓")
    return project


def listed(here, *, stdout=subprocess.PIPE, **environ):
    return subprocess.run(
        [*COMMAND, "list"],
        cwd=here.root,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **environ},
        timeout=60,
        check=False,
    )


def test_a_reader_who_has_read_enough_is_no_error(here):
    reading, writing = os.pipe()
    os.close(reading)
    done = listed(here, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_told_in_a_line(here):
    with Path("/dev/full").open("w") as full:
        done = listed(here, stdout=full)
    assert done.returncode == 2
    assert done.stderr == b"endpoint-docs: standard output cannot be written: No space left on device\n"


def test_a_closed_output_takes_nothing(here, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["list"]) == 0


def test_an_output_of_few_characters_gets_the_others_as_escapes(here):
    done = listed(here, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"(later \\u540d \\u2713)\n")


def test_a_sandbox_whose_reader_is_gone_does_not_blame_its_port():
    pytest.importorskip("flask")
    reads, writes = os.pipe()
    os.close(reads)
    script = "import sys; from pytest_endpoint_docs.cli.main import main; sys.exit(main(['sandbox']))"
    done = subprocess.run([sys.executable, "-c", script], stdout=writes, stderr=subprocess.PIPE, timeout=60)
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_that_is_none(port, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", f"--port={port}"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"--port: found '{port}', expected a number from 0 to 65535\n")


def test_a_root_that_is_none(here, capsys):
    here.write("fixtures/environments/st.yaml", "base_url: http://127.0.0.1:1\n")
    assert main(["cleanup", "--env", "st", "--root", "elsewhere"]) == 2
    assert capsys.readouterr().err == "endpoint-docs: --root elsewhere: no such folder\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode there")
@pytest.mark.parametrize("command", [["list"], ["lint"], ["drift", "--openapi", "api.json"], ["evidence", "endpoints"]])
def test_a_name_that_is_not_utf_8(here, command, capsys):
    (here.root / os.fsdecode(b"endpoints/n\xff.md")).write_text((here.root / "endpoints" / "a.md").read_text())
    here.write("api.json", json.dumps({"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": {}}))
    main(command)
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    assert command == ["evidence", "endpoints"] or "endpoints/n\\udcff.md" in told.out


def test_descriptions_that_are_no_files(here, capsys):
    assert main(["coverage", "--openapi", "/dev/null"]) == 2
    assert capsys.readouterr().err == "endpoint-docs: --openapi /dev/null: no such file\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("lnt", "endpoint-docs: error: unknown command lnt; did you mean 'lint'?"),
        (
            "frobnicate",
            f"endpoint-docs: error: unknown command frobnicate; known are {', '.join(COMMANDS)}",
        ),
        ("lint --strct", "endpoint-docs lint: error: unknown option --strct; did you mean '--strict'?"),
        (
            "drift --environment ci",
            "endpoint-docs drift: error: unknown option --environment; did you mean '--env'?",
        ),
        (
            "drift --endpoint-env ci",
            "endpoint-docs drift: error: unknown option --endpoint-env; did you mean '--env'?",
        ),
        (
            "drift --openapi-refs a=b",
            "endpoint-docs drift: error: unknown option --openapi-refs; did you mean '--openapi-ref'?",
        ),
        (
            "lint --endpoint-env=ci",
            "endpoint-docs lint: error: unknown option --endpoint-env; known are --format, --help, --strict",
        ),
        (
            "lint --token=s3cr3t-4711",
            "endpoint-docs lint: error: unknown option --token; known are --format, --help, --strict",
        ),
        ("sandbox now", "endpoint-docs sandbox: error: unexpected argument now"),
    ],
)
def test_an_unknown_command_or_option(words, told, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    usage, _, error = capsys.readouterr().err.rpartition("\nendpoint-docs")
    assert (ended.value.code, f"endpoint-docs{error}") == (2, f"{told}\n")
    assert usage.startswith("usage: endpoint-docs")
