"""A project's own tests over the docs: the fixture ``endpoint_case``."""

from __future__ import annotations

import pytest

OWN_TEST = """
def test_answer_is_json(endpoint_case):
    result = endpoint_case.run()
    assert result.response.media_type == "application/json"
"""


def test_a_test_with_the_fixture_runs_over_all_docs(project):
    project.get("a", "/a")
    project.get("b", "/b")
    project.write("tests/test_own.py", OWN_TEST)
    result = project.run("tests", "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["tests/test_own.py::test_answer_is_json[[]a.md::GET /a[]] PASSED*"])


@pytest.mark.parametrize("parallel", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_without_a_doc_it_is_skipped(project, parallel):
    if parallel:
        pytest.importorskip("xdist")
    project.write("tests/test_own.py", f"{OWN_TEST}\ndef test_another(): pass\n")
    result = project.run("tests", "-rs", *parallel)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED [[]1] * got empty parameter set *endpoint_case*"])


def test_its_items_have_the_docs_markers(project):
    project.get("a", "/a", head="status: verified\ntags: [red]")
    project.get("b", "/b", head="status: skip\nskipReason: later")
    project.write("tests/test_own.py", OWN_TEST)
    project.run("tests").assert_outcomes(passed=1, skipped=1)
    project.run("tests", "-m", "red").assert_outcomes(passed=1, deselected=1)


def test_a_broken_contract_fails_the_own_test_with_the_docs_line(project):
    project.get("a", "/a", expect="{status: 201}")
    project.write("tests/test_own.py", OWN_TEST)
    result = project.run("tests")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*endpoints/a.md:*201*"])


def test_a_doc_that_cannot_be_read_fails_the_own_test(project):
    project.get()
    project.write("endpoints/misspelt.md", "---\nendpiont: GET /x\n---\n# X\n")
    project.write("tests/test_own.py", "def test_own(endpoint_case):\n    pass\n")
    result = project.run("tests", "-rE")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            'endpoints/misspelt.md:2: expected the frontmatter key "endpoint", found "endpiont". Did you mean *',
            "ERROR tests/test_own.py::test_own[[]misspelt.md::unreadable doc[]]*",
        ]
    )
    result.stdout.no_fnmatch_line("*endpoint_case.py*")


def test_parts_can_be_called_one_by_one(project):
    project.get("a", "/a", expect="{status: 201}")
    project.write(
        "tests/test_own.py",
        "def test_send_only(endpoint_case):\n"
        "    exchange = endpoint_case.send()\n"
        "    assert exchange.response.status_code == 200\n"
        "    assert endpoint_case.response is exchange.response\n",
    )
    project.run("tests").assert_outcomes(passed=1)


def test_variables_from_a_fixture(project):
    project.get("a", "/things/{{thing_id}}")
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture\ndef endpoint_variables():\n    return {'thing_id': 'th 1'}\n",
    )
    project.run().assert_outcomes(passed=1)
    assert project.server.requests == ["GET /things/th%201"]


def test_variables_from_a_hook(project):
    project.get("a", "/things/{{thing_id}}")
    project.write(
        "conftest.py",
        "def pytest_endpoint_docs_variable(name, case):\n"
        "    return 7 if name == 'thing_id' and case.doc.endpoint.method == 'GET' else None\n",
    )
    project.run().assert_outcomes(passed=1)
    assert project.server.requests == ["GET /things/7"]


def test_hooks_see_and_change_requests_and_responses(project):
    project.get()
    project.write(
        "conftest.py",
        "import dataclasses\n"
        "def pytest_endpoint_docs_before_request(request):\n"
        "    return dataclasses.replace(request, headers={**request.headers, 'X-Trace': 't1'})\n"
        "def pytest_endpoint_docs_after_response(case, exchange):\n"
        "    print('seen', case.name, exchange.response.status_code)\n",
    )
    result = project.run("-s")
    result.stdout.fnmatch_lines(["*seen GET /things 200*"])
    assert project.server.seen[0]["headers"]["X-Trace"] == "t1"


def test_a_hook_can_drop_cases(project):
    project.get("a", "/a")
    project.get("b", "/b")
    project.write(
        "conftest.py",
        "def pytest_endpoint_docs_modify_cases(cases):\n"
        "    cases[:] = [case for case in cases if case.doc.endpoint.path != '/b']\n",
    )
    project.run().assert_outcomes(passed=1)


def test_the_fixture_outside_a_test_function_is_explained(project):
    project.get()
    project.write(
        "tests/test_own.py",
        "import pytest\n@pytest.fixture(scope='session')\ndef both(endpoint_case):\n    pass\n"
        "def test_x(both):\n    pass\n",
    )
    result = project.run("tests")
    assert result.ret != 0


def test_secrets_in_an_own_assertion_are_masked(project, monkeypatch):
    monkeypatch.setenv("THINGS_TOKEN", "s3cr3t-of-the-things")
    project.get()
    project.environment("default_token: staff\ntokens: {staff: '${THINGS_TOKEN}'}\n")
    project.write(
        "tests/test_own.py",
        "import os\n"
        "def test_leak(endpoint_case):\n"
        "    endpoint_case.run()\n"
        "    print(os.environ['THINGS_TOKEN'])\n"
        "    assert os.environ['THINGS_TOKEN'] == 'x'\n",
    )
    result = project.run("tests", "--junitxml=out.xml")
    result.assert_outcomes(failed=1)
    assert "s3cr3t-of-the-things" not in result.stdout.str()
    assert "s3cr3t-of-the-things" not in (project.root / "out.xml").read_text()


def test_a_response_that_did_not_come_yet_is_explained(project):
    project.get("a", "/a")
    project.write("tests/test_own.py", "def test_early(endpoint_case):\n    endpoint_case.response.json()\n")
    result = project.run("tests")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*def test_early(endpoint_case):",
            ">       endpoint_case.response.json()",
            "E       *errors.NoResponse: endpoints/a.md::GET /a: there is no response yet: run() and send() get one",
            "tests/test_own.py:2: NoResponse",
        ]
    )
    assert "def response(self)" not in result.stdout.str()


def test_a_response_that_did_not_come_at_all_is_explained(project):
    project.get("a", "/a")
    project.write(
        "tests/test_own.py",
        "import pytest\n"
        "from pytest_endpoint_docs import errors\n"
        "def test_unanswered(endpoint_case):\n"
        "    with pytest.raises(errors.ConnectionFailed):\n"
        "        endpoint_case.run()\n"
        "    with pytest.raises(errors.NoResponse, match='GET /a: there is no response: .*connection refused'):\n"
        "        endpoint_case.response\n",
    )
    project.run("tests", "--base-url", "http://127.0.0.1:9").assert_outcomes(passed=1)


def test_a_session_of_requests_sends_below_the_base_url(project):
    project.write(
        "tests/test_own.py",
        "def test_the_platform_is_up(endpoint_session):\n"
        "    assert endpoint_session.get('/health', params={'verbose': '1'}).json() == {'ok': True}\n",
    )
    project.run("tests").assert_outcomes(passed=1)
    assert project.server.requests == ["GET /health?verbose=1"]


SHOWS_ALL = ["--showlocals", "--tb=long"]


@pytest.mark.parametrize("call", ["run", "send", "prerequisites", "check"])
@pytest.mark.parametrize(
    ("path", "message"),
    [("/{{nobody}}", "undefined variable {{nobody}} in step main"), ("/a", "no environment file 'x.yaml'")],
)
def test_a_failure_before_sending_shows_nothing_of_the_plugin(project, call, path, message):
    project.get("a", path)
    project.write("tests/test_own.py", f"def test_own(endpoint_case):\n    endpoint_case.{call}()\n")
    env = "test"
    if "file" in message:
        project.write(
            "conftest.py",
            "import pytest\nfrom pytest_endpoint_docs import errors\n\n"
            "def pytest_endpoint_docs_before_request(case, request):\n"
            "    raise errors.ConfigError(\"no environment file 'x.yaml'\")\n",
        )
    result = project.run("tests", *SHOWS_ALL, env=env)
    if call == "prerequisites" and path == "/a":
        result.assert_outcomes(passed=1)
        return
    ending = "errors" if path == "/{{nobody}}" else "failed"
    result.assert_outcomes(**{ending: 1})
    shown = result.stdout.str()
    assert message in shown
    for inner in ("pytest_endpoint_docs/execution", "pytest_endpoint_docs/plugin", "endpoint_case.py", "_execution"):
        assert inner not in shown.partition(" ERRORS " if ending == "errors" else " FAILURES ")[2], inner


CONSENT = """## Test Request

```yaml
steps:
  - id: exchange
    method: POST
    path: /oauth/token
    body: {grant_type: authorization_code, code: "{{oauth.code}}"}
```
"""


@pytest.mark.parametrize(("mark", "checks"), [("", False), ("@pytest.mark.oauth_checks\n", True)])
def test_checks_of_oauth_endpoints_are_run_over_when_asked_for(project, mark, checks):
    url = f"{project.server.url}/oauth"
    project.environment(
        f"oauth:\n  authorize_url: {url}/authorize\n  token_url: {url}/token\n"
        "  client_id: app\n  client_secret: s\n  redirect_uri: http://127.0.0.1:8999/cb\n"
    )
    head = "status: skip\nskipReason: needs a consent\ntags: [requires-manual-testing]"
    project.doc("token", CONSENT, endpoint="POST /oauth/token", head=head)
    project.write(
        "tests/test_own.py", f"import pytest\n\n{mark}def test_own(endpoint_case):\n    endpoint_case.run()\n"
    )
    result = project.run("tests", "endpoints", "--endpoint-manual", "automated", "--collect-only", "-q")
    lines = [line for line in result.stdout.lines if "::" in line]
    own = [line for line in lines if line.startswith("tests/")]
    assert any("::T1" in line for line in lines if line.startswith("endpoints/"))
    assert own[0] == "tests/test_own.py::test_own[token.md::POST /oauth/token]"
    assert (len(own) > 1) is checks


def test_the_client_sends_nothing_after_the_run(project):
    project.get()
    project.write(
        "conftest.py",
        "import pytest\n"
        "from pytest_endpoint_docs import Request, errors\n"
        "kept = []\n"
        "@pytest.fixture(autouse=True)\n"
        "def keep(endpoint_client, endpoint_environment):\n"
        "    kept.extend([endpoint_client, endpoint_environment.base_url])\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_unconfigure():\n"
        "    try:\n"
        "        kept[0].send(Request(method='GET', url=kept[1] + '/late'))\n"
        "    except errors.RequestError as error:\n"
        "        print(error)\n",
    )
    result = project.run("-s")
    result.stdout.fnmatch_lines(["*/late is not sent: the run is over"])
    assert project.server.requests == ["GET /things"]
