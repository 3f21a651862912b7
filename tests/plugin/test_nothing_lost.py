"""Each item that starts is in the results, and where one gets lost on the way the run fails and says which."""

from __future__ import annotations

import json

import pytest

from pytest_endpoint_docs.model.record import ItemRecord
from pytest_endpoint_docs.reporting.result_file import item_from_json, read_records

LOST = "endpoints/b.md::GET /b"

each_way = pytest.mark.parametrize("workers", [None, "2"])


@pytest.fixture
def letters(project):
    """Three docs that pass."""
    for name in "abc":
        project.get(name, f"/{name}")
    return project


def run(project, workers: str | None, *arguments: str) -> tuple[pytest.RunResult, dict[str, ItemRecord]]:
    file = project.root / "results.json"
    parallel = ["-n", workers, "--max-worker-restart", "1"] if workers else []
    given = [*parallel, "--endpoint-env", "test", "--endpoint-results", str(file), *arguments]
    result = project.pytester.runpytest_subprocess(*given, "endpoints")
    return result, {item.nodeid: item for item in read_records(file).items} if file.exists() else {}


def with_reports(project, body: str) -> None:
    """A hook of the project's that does something to every report."""
    project.write(
        "conftest.py",
        "import pytest\n\n"
        "@pytest.hookimpl(wrapper=True, tryfirst=True)\n"
        f"def pytest_runtest_makereport(item, call):\n    report = yield\n{body}    return report\n",
    )


CHARSETS = ["idna", "punycode", "undefined", "base64", "no-such", '"utf-8;"']


@pytest.mark.parametrize(("charset", "workers"), [("idna", "2"), *((charset, None) for charset in CHARSETS)])
def test_a_failure_shows_whatever_the_charset_of_the_answer_is(letters, workers, charset):
    letters.server.on("GET /b", 500, {"why": "x" * 70}, Content_Type=f"text/html; charset={charset}")
    result, items = run(letters, workers)
    result.assert_outcomes(passed=2, failed=1)
    assert result.ret == 1
    assert items[LOST].outcome == "failed"
    assert items[LOST].verdict.endswith("expected status 200, got 500 Internal Server Error")
    assert "x" * 70 in items[LOST].failure


def test_a_part_that_cannot_be_rendered_says_so_and_leaves_the_other_parts(letters):
    letters.server.on("GET /b", 500)
    letters.write(
        "conftest.py",
        "from pytest_endpoint_docs.reporting import exchange_text\n\n"
        "def render_curl(*_):\n    raise RuntimeError('no curl')\n\n"
        "exchange_text.render_curl = render_curl\n",
    )
    result, items = run(letters, None)
    result.assert_outcomes(passed=2, failed=1)
    assert items[LOST].verdict.endswith("expected status 200, got 500 Internal Server Error")
    assert "answered 500 Internal Server Error" in items[LOST].failure
    assert (
        "  this part of the failure could not be rendered: RuntimeError: no curl (conftest.py:4, in render_curl)"
        in items[LOST].failure.splitlines()
    )


@each_way
def test_an_item_whose_record_cannot_be_made_fails_and_says_so(letters, workers):
    letters.write(
        "conftest.py",
        "from pytest_endpoint_docs.reporting import item_records\n\n"
        "make = item_records.item_record\n\n"
        "def item_record(case, *args, **kwargs):\n"
        "    if case.name == 'GET /b':\n        raise RuntimeError('no record')\n"
        "    return make(case, *args, **kwargs)\n\n"
        "item_records.item_record = item_record\n",
    )
    result, items = run(letters, workers)
    result.assert_outcomes(passed=2, failed=1)
    assert result.ret == 1
    told = "endpoints/b.md:9: the record of this item could not be made: no record"
    result.stdout.fnmatch_lines([told, f"FAILED {LOST}*"])
    assert items[LOST].outcome == "error"
    assert len(items) == 3


def test_a_report_that_another_plugin_writes_down_has_its_record_as_json(letters):
    letters.server.on("GET /b", 500)
    letters.write(
        "conftest.py",
        "import json\n\n"
        "def pytest_runtest_logreport(report):\n"
        "    if report.when == 'call':\n"
        "        data = CONFIG.hook.pytest_report_to_serializable(config=CONFIG, report=report)\n"
        "        with open('written.jsonl', 'a') as file:\n"
        "            file.write(json.dumps(data['endpoint_docs_record']) + '\\n')\n\n"
        "def pytest_configure(config):\n    global CONFIG\n    CONFIG = config\n",
    )
    _, items = run(letters, None)
    written = [json.loads(line) for line in (letters.root / "written.jsonl").read_text().splitlines()]
    assert [item_from_json(one) for one in written] == [*items.values()]


@each_way
def test_a_record_that_gets_lost_on_the_way_fails_the_run(letters, workers):
    with_reports(letters, "    if '/b' in report.nodeid:\n        vars(report).pop('endpoint_docs_record', None)\n")
    result, items = run(letters, workers)
    result.assert_outcomes(passed=3)
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"ERROR: {LOST}: it ran, but its record was lost on the way to the results"])
    assert (items[LOST].outcome, items[LOST].line, items[LOST].endpoint) == ("error", 9, "GET /b")
    assert len(items) == 3


def test_a_record_that_cannot_be_read_fails_the_run(letters):
    with_reports(
        letters,
        "    if '/b' in report.nodeid and hasattr(report, 'endpoint_docs_record'):\n"
        "        report.endpoint_docs_record = {'nodeid': report.nodeid}\n",
    )
    result, items = run(letters, None)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [f"ERROR: {LOST}: it ran, but its record was lost on the way to the results: *Error: *"]
    )
    assert len(items) == 3


@each_way
def test_a_report_that_cannot_be_made_fails_the_run(letters, workers):
    with_reports(
        letters, "    if '/b' in item.nodeid and call.when == 'call':\n        raise RuntimeError('no report')\n"
    )
    result, items = run(letters, workers)
    assert result.ret != 0
    result.stdout.fnmatch_lines([f"ERROR: {LOST}: it started, but no report of it arrived"])
    assert items[LOST].outcome == "error"


def test_a_worker_that_dies_keeps_its_item_in_all_reports(letters):
    letters.write(
        "conftest.py",
        "import os\n\ndef pytest_endpoint_docs_before_request(case, request):\n"
        "    if '/b' in request.url:\n        os._exit(1)\n",
    )
    result, items = run(letters, "2", "--endpoint-report", "run.md", "--endpoint-report", "run.html")
    result.assert_outcomes(passed=2, failed=1)
    assert result.ret == 1
    assert (items[LOST].outcome, items[LOST].doc, items[LOST].line) == ("failed", "endpoints/b.md", 9)
    assert items[LOST].verdict.endswith(f"crashed while running '{LOST}'")
    assert len(items) == 3
    for report in ("run.md", "run.html"):
        assert "crashed while running" in (letters.root / report).read_text(encoding="utf-8")


def test_a_worker_that_dies_keeps_the_item_of_a_test_over_docs(letters):
    letters.write("test_own.py", "import os\n\ndef test_own(endpoint_case):\n    os._exit(1)\n")
    result, items = run(letters, "1", "test_own.py", "-k", "GET and /b", "--deselect", LOST)
    (item,) = items.values()
    assert result.ret == 1
    assert (item.nodeid, item.outcome, item.kind) == ("test_own.py::test_own[b.md::GET /b]", "failed", "custom")
    assert item.doc == "endpoints/b.md"


@pytest.mark.parametrize("report", ["results.json", "run.html", "run.md"])
def test_a_writer_that_fails_fails_the_run_and_the_others_write(letters, report):
    module, function = {
        "results.json": ("result_file", "run_to_json"),
        "run.html": ("html_report", "render_html"),
        "run.md": ("markdown_report", "render_markdown"),
    }[report]
    letters.write(
        "conftest.py",
        f"from pytest_endpoint_docs.reporting import {module}\n\n"
        f"def fails(run):\n    raise RuntimeError('b cannot be written')\n\n{module}.{function} = fails\n",
    )
    result, _ = run(letters, None, "--endpoint-report", "run.md", "--endpoint-report", "run.html")
    result.assert_outcomes(passed=3)
    assert result.ret != 0
    result.stdout.fnmatch_lines([f"ERROR: *{report} could not be written: RuntimeError: b cannot be written"])
    written = {file.name for file in letters.root.glob("*.*")} & {"results.json", "run.html", "run.md"}
    assert written == {"results.json", "run.html", "run.md"} - {report}


@pytest.mark.parametrize(("stop", "workers"), [("-x", None), ("-x", "2"), ("--maxfail=2", "2")])
def test_items_that_did_not_start_are_not_lost(letters, workers, stop):
    for name in "abc":
        letters.server.on(f"GET /{name}", 500)
    result, items = run(letters, workers, stop)
    assert result.ret != 0
    assert "was lost" not in result.stdout.str()
    assert "no report of it" not in result.stdout.str()
    outcomes = {item.outcome for item in items.values()}
    assert "failed" in outcomes
    assert outcomes <= {"failed", "skipped"}


def test_an_item_that_is_interrupted_did_not_run(letters):
    letters.write(
        "conftest.py",
        "def pytest_endpoint_docs_before_request(case, request):\n"
        "    if '/b' in request.url:\n        raise KeyboardInterrupt\n",
    )
    result, items = run(letters, None)
    assert result.ret == 2
    assert [(item.outcome, item.reason) for item in items.values()] == [
        ("passed", ""),
        ("skipped", "the run was stopped while the item ran"),
    ]


def test_markdown_files_of_other_plugins_are_not_missed(letters):
    letters.write("README.md", "# Read\n\n>>> 1 + 1\n2\n")
    result = letters.pytester.runpytest_subprocess(
        "--endpoint-env", "test", "--doctest-glob=*.md", "README.md", "endpoints"
    )
    assert result.ret == 0
    assert "ERROR" not in result.stdout.str()


def test_what_is_only_set_up_is_not_missed(letters):
    result, items = run(letters, None, "--setup-plan")
    assert result.ret == 0
    assert items == {}
