"""Docs of two projects in one run: each has a record of its own, and none runs against the other's server."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.reporting.result_file import read_records

DOC = "## Test Request\n\n```yaml\nsteps:\n  - id: main\n    method: GET\n    path: /{name}\n```\n"


@pytest.fixture
def services(project):
    """``svc_a`` and ``svc_b``, each with an ini file, an environment and two docs of the same names."""
    (project.root / "pytest.ini").unlink()
    for service in ("svc_a", "svc_b"):
        project.write(f"{service}/pytest.ini", "[pytest]\nendpoint_env = live\n")
        project.write(f"{service}/fixtures/environments/live.yaml", f"base_url: {project.server.url}/{service}\n")
        for name in ("one", "two"):
            text = f"---\nendpoint: GET /{name}\nstatus: verified\n---\n# Doc\n\n" + DOC.replace("{name}", name)
            project.write(f"{service}/endpoints/{name}.md", text)
    return project


def run(project, *arguments):
    file = project.root / "results.json"
    result = project.pytester.runpytest_subprocess("--endpoint-results", str(file), *arguments)
    return result, [(item.doc, item.outcome) for item in read_records(file).items]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_docs_of_the_other_project_are_not_sent_to_this_ones_server(services, workers):
    result, items = run(services, *workers, "svc_a", "svc_b")
    result.assert_outcomes(passed=2, failed=2)
    assert sorted(items) == [
        ("../svc_b/endpoints/one.md", "failed"),
        ("../svc_b/endpoints/two.md", "failed"),
        ("endpoints/one.md", "passed"),
        ("endpoints/two.md", "passed"),
    ]
    assert sorted(services.server.requests) == ["GET /svc_a/one", "GET /svc_a/two"]
    told = (
        "../svc_b/endpoints/one.md:2: the doc is one of svc_b, which has settings of its own, and the settings of this "
        "run are those of svc_a: its requests would go to another server. Run it by itself (pytest svc_b), or name the "
        "target of all docs with --endpoint-env PATH or --base-url URL"
    )
    assert told in result.stdout.lines


TARGETS = [["--base-url", "{url}"], ["--endpoint-env", "svc_b/fixtures/environments/live.yaml"]]


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_that_is_named_for_all_is_that_of_all(services, target):
    result, items = run(services, *[text.format(url=services.server.url) for text in target], "svc_a", "svc_b")
    result.assert_outcomes(passed=4)
    assert len(items) == 4
    assert len({doc for doc, _ in items}) == 4


def test_a_folder_beside_the_root_without_settings_of_its_own_runs(services):
    services.write("other/three.md", "---\nendpoint: GET /three\nstatus: verified\n---\n\n" + DOC.format(name="three"))
    result, items = run(services, "svc_a", "other")
    result.assert_outcomes(passed=3)
    assert ("../other/three.md", "passed") in items
