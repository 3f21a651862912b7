"""In company: pytest's own options, a project's hooks and settings, and other plugins where they are installed."""

from __future__ import annotations

import importlib
import json
import os
import xml.etree.ElementTree as ET

import pytest

DOC_ITEM = "endpoints/things.md::GET /things"


@pytest.fixture
def mixed(project):
    """One doc that passes, one that fails, one that is skipped."""
    project.get("bad", "/bad", expect="{status: 201}")
    project.get("skipped", "/skipped", head="status: skip\nskipReason: because")
    project.get()
    return project


VERDICT = "endpoints/bad.md:14: expected status 201, got 200 OK"
# As wide as a terminal of 80 columns shows it.
SHORT_SUMMARY = "FAILED endpoints/bad.md::GET /bad - expected status 201*"
OPTIONS = [
    "--import-mode=importlib",
    "--import-mode=append",
    "--doctest-glob=*.md",
    "--doctest-modules",
    "--tb=short",
    "--tb=native",
    "--tb=long --showlocals",
    "--setup-show",
    "--durations=3 -vv",
    "--capture=tee-sys",
    "-s",
    "-W error -p no:asyncio",  # it warns of an option of its own, as some other plugins do
    "--noconftest",
    "--runxfail",
    "-p no:logging",
    "-p no:warnings -p no:asyncio",
    "-p no:capture",
    "-p no:junitxml",
    "-p no:base_url",
    "-p no:xdist",
    "-p no:cacheprovider",
    "-n 0",
]


@pytest.mark.parametrize("options", OPTIONS)
def test_an_option_of_pytest_changes_nothing_of_the_verdicts(mixed, options):
    result = mixed.run("endpoints", "-rf", *options.split())
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines([SHORT_SUMMARY])
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("options", ["--dist=loadscope", "--dist=worksteal", "--dist=loadgroup", "--maxfail=1"])
def test_workers(mixed, options):
    result = mixed.pytester.runpytest_subprocess("--endpoint-env", "test", "-n", "2", options, "endpoints", "-rf")
    result.stdout.fnmatch_lines([SHORT_SUMMARY])
    assert "INTERNALERROR" not in result.stdout.str()


def test_without_a_terminal(mixed):
    assert mixed.run("endpoints", "-p", "no:terminal").ret == 1


def test_without_the_plugin_no_doc_is_collected(mixed):
    assert mixed.run("endpoints", "-p", "no:endpoint_docs", env=None).ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only"])
@pytest.mark.parametrize("concurrency", [(), ("--endpoint-concurrency", "2")])
def test_a_plan_sends_nothing(mixed, option, concurrency):
    assert mixed.run("endpoints", option, *concurrency).ret == 0
    assert mixed.server.requests == []


def test_collected_items_are_listed_by_their_ids(mixed):
    result = mixed.run("endpoints", "--collect-only", "-q", env=None)
    ids = [line for line in result.stdout.lines if line.startswith("endpoints/")]
    assert sorted(ids) == ["endpoints/bad.md::GET /bad", "endpoints/skipped.md::GET /skipped", DOC_ITEM]


def test_deselected_by_node_id(mixed):
    mixed.run("endpoints", "--deselect", "endpoints/bad.md::GET /bad").assert_outcomes(
        passed=1, skipped=1, deselected=1
    )


def test_last_failed_forgets_what_was_fixed(project):
    project.write("pytest.ini", "[pytest]\n")
    project.get("bad", "/bad", expect="{status: 201}")
    project.get()
    project.run().assert_outcomes(passed=1, failed=1)
    project.get("bad", "/bad")
    project.run("--lf").assert_outcomes(passed=1)
    project.run("--lf").assert_outcomes(passed=2)


def test_both_families_of_junit_reports(mixed):
    for family in ("xunit1", "xunit2"):
        mixed.run("endpoints", "--junitxml=out.xml", "-o", f"junit_family={family}")
        cases = {case.get("name"): case for case in ET.parse(mixed.root / "out.xml").iter("testcase")}
        assert set(cases) == {"GET /bad", "GET /skipped", "GET /things"}
        failure, skipped = cases["GET /bad"].find("failure"), cases["GET /skipped"].find("skipped")
        assert failure is not None
        assert failure.get("message") == "expected status 201, got 200 OK"
        assert (failure.text or "").startswith(VERDICT)
        assert skipped is not None
        assert skipped.get("message") == "because"


# a project's own hooks and settings


def test_a_project_that_collects_markdown_itself(project):
    project.get()
    project.write(
        "conftest.py",
        "import pytest\n"
        "class Prose(pytest.File):\n"
        "    def collect(self):\n"
        "        yield Spelling.from_parent(self, name='spelling')\n"
        "class Spelling(pytest.Item):\n"
        "    def runtest(self):\n"
        "        pass\n"
        "def pytest_collect_file(file_path, parent):\n"
        "    return Prose.from_parent(parent, path=file_path) if file_path.suffix == '.md' else None\n",
    )
    project.run().assert_outcomes(passed=2)


@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_markdown_in_python_files(project, mode):
    project.write(
        "pytest.ini", f"[pytest]\npython_files = *.md test_*.py\naddopts = --import-mode={mode} -p no:cacheprovider\n"
    )
    project.get()
    project.run().assert_outcomes(passed=1)


def test_docs_inside_a_package(project):
    project.get()
    project.write("endpoints/__init__.py", "")
    project.run().assert_outcomes(passed=1)


@pytest.mark.parametrize("scope", ["function", "class", "module", "package", "session"])
def test_fixtures_of_every_scope(project, scope):
    project.get()
    project.write(
        "endpoints/conftest.py",
        f"import pytest\n@pytest.fixture(autouse=True, scope={scope!r})\ndef around(request):\n"
        "    request.node.name\n    yield\n    print('left')\n",
    )
    result = project.run("endpoints", "-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*left*"])


def test_a_fixture_may_ask_for_the_module(project):
    project.get()
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture(autouse=True)\ndef around(request):\n"
        "    assert request.module is request.node.module\n"
        "    print('in', request.module.__name__, request.module.__file__)\n",
    )
    result = project.run("endpoints", "-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*in things *endpoints?things.md"])


def test_a_fixture_of_the_project_that_breaks_is_shown_as_ever(project):
    project.get()
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture(autouse=True)\ndef around():\n    raise RuntimeError('own fixture breaks')\n",
    )
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E * RuntimeError: own fixture breaks", "conftest.py:4: RuntimeError"])


def test_a_hook_of_the_project_that_breaks_is_shown_as_ever(project):
    project.get()
    project.write(
        "conftest.py", "def pytest_endpoint_docs_before_request(request):\n    raise RuntimeError('own hook breaks')\n"
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E * RuntimeError: own hook breaks", "conftest.py:2: RuntimeError"])


def test_marks_that_a_project_adds_count(mixed):
    mixed.write(
        "conftest.py",
        "import pytest\ndef pytest_collection_modifyitems(items):\n"
        "    for item in items:\n        item.add_marker(pytest.mark.xfail(reason='own', strict=False))\n",
    )
    mixed.run().assert_outcomes(xfailed=1, xpassed=1, skipped=1)


# other plugins, where they are installed


def beside(module: str) -> None:
    """Skip the test where a plugin is not installed; an environment that is said to have them all must have it."""
    if os.environ.get("ENDPOINT_DOCS_COMPANY") == "all":
        importlib.import_module(module)
    else:
        pytest.importorskip(module, reason=f"{module} is not installed here; nox --session company has it")


def test_beside_pytest_asyncio_in_auto_mode(project):
    beside("pytest_asyncio")
    project.get()
    project.write("tests/test_own.py", "async def test_async(endpoint_client):\n    assert endpoint_client\n")
    options = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    result = project.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints", "tests", *options)
    result.assert_outcomes(passed=2)


def test_beside_pytest_randomly(mixed, monkeypatch):
    beside("pytest_randomly")
    monkeypatch.delenv("PYTEST_ADDOPTS")
    mixed.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints").assert_outcomes(
        passed=1, failed=1, skipped=1
    )


def test_beside_pytest_rerunfailures(mixed):
    beside("pytest_rerunfailures")
    result = mixed.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints", "--reruns", "1")
    result.stdout.fnmatch_lines(["*1 failed, 1 passed, 1 skipped, 1 rerun*"])
    assert mixed.server.requests.count("GET /bad") == 2


def test_a_test_that_runs_again_has_an_answer_of_its_own(project):
    beside("pytest_rerunfailures")
    project.get()
    project.write(
        "tests/test_own.py",
        "runs = []\n"
        "def test_send(endpoint_case):\n"
        "    exchange = endpoint_case.send()\n"
        "    assert endpoint_case.response is exchange.response\n"
        "    runs.append(exchange)\n"
        "    assert len(runs) == 2\n",
    )
    result = project.pytester.runpytest_subprocess("--endpoint-env", "test", "tests", "--reruns", "1")
    result.stdout.fnmatch_lines(["*1 passed, 1 rerun*"])


def test_beside_pytest_timeout(mixed):
    beside("pytest_timeout")
    result = mixed.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints", "--timeout=30")
    result.assert_outcomes(passed=1, failed=1, skipped=1)


def test_beside_pytest_split(mixed):
    beside("pytest_split")
    groups = [
        mixed.pytester.runpytest_subprocess(
            "--endpoint-env", "test", "endpoints", "--splits=2", f"--group={group}", "-rA"
        )
        for group in (1, 2)
    ]
    outcomes = [group.parseoutcomes() for group in groups]
    assert {name: sum(one.get(name, 0) for one in outcomes) for name in ("passed", "failed", "skipped")} == {
        "passed": 1,
        "failed": 1,
        "skipped": 1,
    }


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "workers"])
def test_beside_pytest_cov(mixed, workers):
    beside("pytest_cov")
    mixed.write("tests/test_own.py", "def test_own(endpoint_case):\n    endpoint_case.run()\n")
    options = ("--cov=tests", "--cov-report=term", *workers)
    result = mixed.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints", "tests", *options)
    result.assert_outcomes(passed=2, failed=2, skipped=2)
    result.stdout.fnmatch_lines(["tests?test_own.py * 100%"])


def test_a_report_of_pytest_html_shows_the_verdict(mixed):
    beside("pytest_html")
    mixed.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints", "--html=out.html")
    text = (mixed.root / "out.html").read_text("utf-8")
    assert "endpoints/bad.md::GET /bad" in text
    assert VERDICT in text


def test_a_ctrf_report_names_docs_and_reasons(mixed):
    beside("ctrf")
    mixed.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints", "--ctrf=out.json")
    tests = {
        test["name"]: test for test in json.loads((mixed.root / "out.json").read_text("utf-8"))["results"]["tests"]
    }
    bad = tests["endpoints/bad.md::GET /bad"]
    assert bad["trace"].startswith(VERDICT)
    assert VERDICT.endswith(bad["message"])
    assert tests["endpoints/skipped.md::GET /skipped"]["message"] == "because"


def test_an_allure_report_names_docs_and_verdicts(mixed):
    beside("allure_pytest")
    mixed.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints", "--alluredir=allure")
    results = [json.loads(file.read_text("utf-8")) for file in (mixed.root / "allure").glob("*-result.json")]
    by_name = {result["name"]: result for result in results}
    assert by_name["GET /bad"]["statusDetails"]["trace"].startswith(VERDICT)
    assert by_name["GET /things"]["status"] == "passed"
