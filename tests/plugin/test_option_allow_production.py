"""``--endpoint-allow-production``: runs against an environment that says ``production: true``."""

from __future__ import annotations

import pytest

REFUSED = (
    "ERROR: environment 'test' says 'production: true': runs against it need --endpoint-allow-production "
    "(ini: endpoint_allow_production); they write nothing there"
)
WRITING = """\
## Test Request

```yaml
steps:
  - id: make
    method: POST
    path: /things
```
"""


@pytest.fixture
def production(project):
    project.environment("production: true\n")
    project.get()
    return project


@pytest.mark.parametrize("parallel", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_without_it_nothing_is_sent(production, parallel):
    result = production.run(*parallel)
    assert REFUSED in [*result.stderr.lines, *result.stdout.lines]
    assert (result.ret, production.server.requests) == (pytest.ExitCode.USAGE_ERROR, [])


@pytest.mark.parametrize("parallel", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_with_it_docs_that_read_run(production, parallel):
    production.run("--endpoint-allow-production", *parallel).assert_outcomes(passed=1)
    assert production.server.requests == ["GET /things"]


def test_its_ini_twin(production):
    production.write("pytest.ini", "[pytest]\nendpoint_allow_production = true\n")
    production.run().assert_outcomes(passed=1)


def test_nothing_is_written_whatever_else_the_environment_allows(production):
    production.doc("make", WRITING, endpoint="POST /things")
    result = production.run("--endpoint-allow-production", "-rs")
    result.assert_outcomes(passed=1, skipped=1)
    assert production.server.requests == ["GET /things"]
    result.stdout.fnmatch_lines(["*POST is never sent to environment 'test': it says 'production: true'"])


def test_nor_what_a_hook_makes_of_a_request(production):
    production.write(
        "conftest.py",
        "import dataclasses\n\n\ndef pytest_endpoint_docs_before_request(config, case, request):\n"
        "    return dataclasses.replace(request, method='DELETE')\n",
    )
    production.run("--endpoint-allow-production")
    assert production.server.requests == []


def test_other_environments_need_no_permission(project):
    project.get()
    project.run().assert_outcomes(passed=1)
