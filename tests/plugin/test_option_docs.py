"""``endpoint_docs``: where docs are looked for; a suite without docs is what it would be without the plugin."""

from __future__ import annotations

import re

import pytest

PAGE = "---\nendpoint: GET /pages\nstatus: verified\n---\n# A page about an endpoint\n"


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A suite with one test, and a page of documentation beside it that looks like an endpoint doc."""
    (pytester.path / "site").mkdir()
    (pytester.path / "site/page.md").write_text(PAGE)
    pytester.makepyfile(test_a="def test_a(): pass")
    return pytester


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_a_page_elsewhere_changes_nothing(suite, workers):
    result = suite.runpytest_subprocess(*workers)
    result.assert_outcomes(passed=1)
    assert result.ret == 0


@pytest.mark.parametrize("plugin", [[], ["-p", "no:endpoint_docs"]])
def test_a_suite_of_nothing_but_pages_has_no_tests_with_and_without_the_plugin(suite, plugin):
    (suite.path / "test_a.py").unlink()
    result = suite.runpytest_subprocess(*plugin)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


PLAIN = """
import logging, warnings, pytest

def test_passes(): pass
def test_fails(tmp_path):
    print("said")
    logging.getLogger("own").warning("token=%s", "abcdefgh-12345")
    assert {"a": 1} == {"a": 2}
def test_warns(): warnings.warn("token=abcdefgh-12345")
@pytest.mark.skip(reason="later")
def test_skipped(): pass
@pytest.mark.xfail(strict=True)
def test_passes_against_expectation(): pass
@pytest.fixture
def broken(): raise RuntimeError("token=abcdefgh-12345")
def test_with_an_error(broken): pass
"""


@pytest.mark.parametrize("options", ["-rA", "-vv --showlocals --strict-markers --strict-config", "-n 2 -q", "-W error"])
def test_a_suite_without_docs_gives_the_same_with_and_without_the_plugin(suite, options):
    suite.makepyfile(test_b=PLAIN)

    def run(*plugin):
        given = ("-p", "no:cacheprovider", "--junitxml=junit.xml", *options.split(), *plugin)
        result = suite.runpytest_subprocess(*given)
        # What differs from run to run, and the line that says that the plugin is there.
        shown = re.sub(r"in \d+\.\d+s|0x\w+|\[gw\d\]|popen-gw\d|pytest-\d+/", "", result.stdout.str())
        lines = [
            line for line in shown.splitlines() if not line.startswith(("plugins: ", "endpoint docs: environment"))
        ]
        junit = re.sub(r'time(?:stamp)?="[^"]*"|0x\w+|pytest-\d+/', "", (suite.path / "junit.xml").read_text())
        own = (path.relative_to(suite.path) for path in suite.path.rglob("*"))
        # Those of pytester are not the run's.
        files = {path for path in own if not path.parts[0].startswith(("runpytest-", "__pycache__", "std", "junit"))}
        is_ordered = "-n" not in given
        if not is_ordered:  # nor are the letters of the progress, which are one line
            lines = sorted("".join(sorted(line)) if line.endswith("[100%]") else line for line in lines)
        return result.ret, lines, junit if is_ordered else "", files

    assert run() == run("-p", "no:endpoint_docs")


def test_below_another_folder_than_the_root_a_page_changes_nothing_either(suite, monkeypatch):
    suite.makeini("[pytest]")
    monkeypatch.chdir(suite.path / "site")
    assert suite.runpytest_inprocess().ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("argument", ["site", ".", "site/page.md"])
def test_what_the_command_line_names_is_looked_at(suite, argument):
    result = suite.runpytest_inprocess(argument)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: no environment: *"])


@pytest.mark.parametrize(
    "ini",
    [
        "testpaths = site",
        "testpaths = si*",
        "testpaths = site/page.md",
        "endpoint_docs = site",
        "endpoint_docs = other site",
        "endpoint_docs = ./site/",
    ],
)
def test_what_the_ini_file_names_is_looked_at(suite, ini):
    suite.makeini(f"[pytest]\n{ini}\n")
    result = suite.runpytest_inprocess("--collect-only", "-q")
    result.stdout.fnmatch_lines(["site/page.md::GET /pages"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_a_folder_that_is_not_there_is_a_warning(suite, workers):
    suite.makeini("[pytest]\nendpoint_docs = sites\n")
    result = suite.runpytest_subprocess(*workers)
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*PytestConfigWarning: the folder sites in endpoint_docs does not exist"])


def test_a_folder_that_is_not_there_is_wrong_usage_where_warnings_are_errors(suite):
    suite.makeini("[pytest]\nendpoint_docs = sites\nfilterwarnings = error\n")
    result = suite.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: the folder sites in endpoint_docs does not exist"])


def test_docs_below_endpoints_are_found_without_arguments(project):
    project.get()
    project.write("site/page.md", PAGE)
    project.pytester.runpytest_inprocess("--endpoint-env", "test").assert_outcomes(passed=1)
