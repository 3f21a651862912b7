"""Fixtures around docs' items: a project's own are set up as pytest does it, whatever is left out where it has none."""

from __future__ import annotations

import pytest


@pytest.fixture
def two_docs(project):
    for name in ("one", "two"):
        project.get(name, f"/{name}")
    return project


def noted(result) -> list[str]:
    return [line.removeprefix("noted ") for line in result.stdout.lines if line.startswith("noted ")]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("function", ["up", "down", "up", "down"]),
        ("module", ["up", "down", "up", "down"]),
        ("package", ["up", "down"]),
        ("session", ["up", "down"]),
    ],
)
def test_a_fixture_for_all_tests_is_set_up_for_docs_too(two_docs, scope, expected):
    two_docs.write(
        "conftest.py",
        "import pytest\n"
        f"@pytest.fixture(autouse=True, scope={scope!r})\n"
        "def watch():\n"
        "    print('\\nnoted up')\n"
        "    yield\n"
        "    print('\\nnoted down')\n",
    )
    result = two_docs.run("endpoints", "-s")
    result.assert_outcomes(passed=2)
    assert noted(result) == expected


def test_a_fixture_that_a_plugin_adds_to_one_item_is_set_up_for_it_alone(two_docs):
    two_docs.write(
        "conftest.py",
        "import pytest\n"
        "@pytest.fixture\n"
        "def added(request):\n"
        "    print('\\nnoted', request.node.name)\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items[-1].fixturenames.append('added')\n",
    )
    result = two_docs.run("endpoints", "-s")
    result.assert_outcomes(passed=2)
    assert noted(result) == ["GET /two"]


@pytest.mark.parametrize("arguments", [(), ("--endpoint-concurrency", "4")])
@pytest.mark.parametrize(
    ("act", "outcomes"),
    [("raise RuntimeError('the database is not there')", {"errors": 2}), ("pytest.skip('not here')", {"skipped": 2})],
)
def test_a_fixture_of_the_session_that_fails_or_skips_does_so_for_every_item(two_docs, act, outcomes, arguments):
    two_docs.write(
        "conftest.py",
        f"import pytest\n@pytest.fixture(autouse=True, scope='session')\ndef gate():\n    {act}\n",
    )
    two_docs.run("endpoints", *arguments).assert_outcomes(**outcomes)
    assert two_docs.server.requests == []


def test_variables_of_the_session_are_those_of_every_item(project):
    for name in ("one", "two"):
        project.get(name, f"/{name}?by={{{{who}}}}")
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture(scope='session')\ndef endpoint_variables():\n    return {'who': 'me'}\n",
    )
    project.run("endpoints").assert_outcomes(passed=2)
    assert project.server.requests == ["GET /one?by=me", "GET /two?by=me"]


def test_who_watches_fixtures_sees_those_of_every_item(two_docs):
    two_docs.write(
        "conftest.py",
        "def pytest_fixture_setup(fixturedef):\n"
        "    if fixturedef.argname == 'endpoint_case':\n"
        "        print('\\nnoted', fixturedef.argname)\n",
    )
    result = two_docs.run("endpoints", "-s")
    result.assert_outcomes(passed=2)
    assert noted(result) == ["endpoint_case", "endpoint_case"]
    shown = two_docs.run("endpoints", "--setup-show").stdout.lines
    assert len([line for line in shown if "SETUP    F endpoint_case" in line]) == 2


def test_a_folders_own_variables_hold_for_its_docs(project):
    for folder in ("red", "blue"):
        project.get(f"{folder}/first", "/{{who}}/first")
        project.get(f"{folder}/second", "/{{who}}/second")
        project.write(
            f"endpoints/{folder}/conftest.py",
            f"import pytest\n@pytest.fixture\ndef endpoint_variables():\n    return {{'who': {folder!r}}}\n",
        )
    project.run().assert_outcomes(passed=4)
    assert project.server.requests == ["GET /blue/first", "GET /blue/second", "GET /red/first", "GET /red/second"]


def test_cleanup_comes_at_the_end_of_each_item_in_its_teardown(project):
    for name in ("one", "two"):
        steps = f"steps:\n  - id: main\n    method: POST\n    path: /{name}\n"
        cleanup = f"steps:\n  - id: away\n    method: DELETE\n    path: /{name}\n"
        body = f"## Test Request\n\n```yaml\n{steps}```\n\n## Cleanup\n\n```yaml\n{cleanup}```\n"
        project.doc(name, body, endpoint=f"POST /{name}")
    project.run().assert_outcomes(passed=2)
    assert project.server.requests == ["POST /one", "DELETE /one", "POST /two", "DELETE /two"]
