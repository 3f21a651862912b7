"""Hooks in a project's ``conftest.py``: for which items they are called, and how often."""

from __future__ import annotations

import pytest

HEADER = """
import dataclasses

def pytest_endpoint_docs_before_request(request):
    return dataclasses.replace(request, headers={{**request.headers, "X-{0}": "yes"}})
"""
NOTES = """
def pytest_endpoint_docs_after_response(case, exchange):
    print("{0} saw", case.id)
"""
VARIABLE = """
def pytest_endpoint_docs_variable(name):
    return "{0}" if name == "team" else None
"""
DROPS = """
def pytest_endpoint_docs_modify_cases(cases):
    print("{0} sees", cases[0].id)
    cases.clear()
"""
COUNTS = """
def pytest_endpoint_docs_modify_cases(cases):
    print("asked of", cases[0].doc.path)
"""
THREE_TESTS = """
def test_first(endpoint_case):
    endpoint_case.run()

def test_second(endpoint_case):
    endpoint_case.run()

def test_third(endpoint_case):
    endpoint_case.run()
"""


@pytest.fixture
def teams(project):
    """Two folders of docs, one for each team, and a test over all docs."""
    project.get("red/things", "/red/{{team}}")
    project.get("blue/things", "/blue/{{team}}")
    project.write("tests/test_own.py", "def test_own(endpoint_case):\n    endpoint_case.run()\n")
    project.write("conftest.py", VARIABLE.format("nobody"))
    return project


def sent(project, header):
    """The paths of the requests that came with a header field."""
    return [request["path"] for request in project.server.seen if header in request["headers"]]


def test_a_folders_before_request_sees_its_own_docs_alone(teams):
    teams.write("endpoints/red/conftest.py", HEADER.format("Red"))
    teams.write("conftest.py", HEADER.format("All") + VARIABLE.format("nobody"))
    teams.run().assert_outcomes(passed=2)
    assert sent(teams, "X-Red") == ["/red/nobody"]
    # The hook that is nearest to the doc answers first, and its answer holds.
    assert sent(teams, "X-All") == ["/blue/nobody"]


def test_a_folders_after_response_sees_its_own_docs_alone(teams):
    teams.write("endpoints/red/conftest.py", NOTES.format("red"))
    result = teams.run("-s", "endpoints")
    told = [line.lstrip(".") for line in result.outlines if "saw" in line]
    assert [line[line.index("red saw") :] for line in told] == ["red saw endpoints/red/things.md::GET /red/{{team}}"]


def test_a_folders_variable_is_for_its_own_docs_alone(teams):
    teams.write("endpoints/red/conftest.py", VARIABLE.format("reds"))
    teams.run().assert_outcomes(passed=2)
    assert teams.server.requests == ["GET /blue/nobody", "GET /red/reds"]


def test_a_folders_modify_cases_is_for_its_own_docs_alone(teams):
    teams.write("endpoints/red/conftest.py", DROPS.format("red"))
    result = teams.run("-s", "endpoints")
    result.assert_outcomes(passed=1)
    assert [line for line in result.outlines if line.startswith("red sees")] == [
        "red sees endpoints/red/things.md::GET /red/{{team}}"
    ]
    assert teams.server.requests == ["GET /blue/nobody"]


@pytest.mark.parametrize("folders", [("tests", "endpoints"), ("endpoints", "tests"), ("tests",)])
def test_a_test_over_docs_goes_by_the_hooks_of_its_own_folder(teams, folders):
    teams.write("endpoints/red/conftest.py", HEADER.format("Red") + DROPS.format("red"))
    teams.write("tests/conftest.py", HEADER.format("Tests"))
    teams.run(*folders).assert_outcomes(passed=2 if folders == ("tests",) else 3)
    assert sorted(sent(teams, "X-Tests")) == ["/blue/nobody", "/red/nobody"]
    assert sent(teams, "X-Red") == []


@pytest.mark.parametrize("folders", [("endpoints/blue", "endpoints/red"), ("endpoints/blue",)])
def test_what_a_required_doc_sends_goes_by_the_hooks_of_its_own_folder(teams, folders):
    teams.get("blue/things", "/blue", head="status: verified\nrequires: ['GET /red/{{team}}']")
    teams.write("endpoints/conftest.py", HEADER.format("Docs"))
    teams.write("endpoints/red/conftest.py", HEADER.format("Red") + VARIABLE.format("reds"))
    teams.write("endpoints/blue/conftest.py", HEADER.format("Blue") + VARIABLE.format("blues"))
    teams.run(*folders).assert_outcomes(passed=len(folders))
    assert sent(teams, "X-Blue") == ["/blue"]
    if len(folders) == 2:
        assert sent(teams, "X-Red") == ["/red/reds", "/red/reds"]
        assert sent(teams, "X-Docs") == []
    else:
        # pytest loads the conftest.py of a folder that it collects, and no other.
        assert sent(teams, "X-Docs") == ["/red/nobody"]


def test_modify_cases_is_asked_once_for_each_doc(project):
    project.get("a", "/a")
    project.get("b", "/b")
    project.write("conftest.py", COUNTS)
    project.write("tests/test_own.py", THREE_TESTS)
    result = project.run("-s", "tests", "endpoints")
    result.assert_outcomes(passed=8)
    asked = [line for line in result.outlines if line.startswith("asked")]
    assert asked == ["asked of endpoints/a.md", "asked of endpoints/b.md"]


def test_tests_over_docs_read_each_doc_once(project):
    project.get("a", "/a")
    project.get("b", "/b")
    project.write(
        "conftest.py",
        "import sys\n"
        "def note(event, arguments):\n"
        "    if event == 'open' and str(arguments[0]).endswith('.md'):\n"
        "        print('read', arguments[0])\n"
        "sys.addaudithook(note)\n",
    )
    project.write("tests/test_own.py", THREE_TESTS)
    result = project.pytester.runpytest_subprocess("-s", "--endpoint-env", "test", "tests", "endpoints")
    result.assert_outcomes(passed=8)
    read = [line.removeprefix(f"read {project.root}/") for line in result.outlines if line.startswith("read")]
    assert read == ["endpoints/a.md", "endpoints/b.md"]
