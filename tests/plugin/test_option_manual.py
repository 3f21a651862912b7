"""``--endpoint-manual skip``: docs that need a person say why they do not run, and which command runs them."""

from __future__ import annotations

import sys

import pytest

from pytest_endpoint_docs.errors import MissingExtra

CODE_DOC = """## Test Request

```yaml
steps:
  - id: exchange
    method: POST
    path: /token
    token: none
    content_type: form
    body: {grant_type: authorization_code, code: "{{oauth.code}}"}
    expect: {status: 200}
```
"""
NEEDS_CODE = "tags: [requires-manual-testing]\nstatus: skip\nskipReason: a person has to consent"
OAUTH = """oauth:
  authorize_url: http://127.0.0.1:9/authorize
  token_url: http://127.0.0.1:9/token
"""
USER = "  users: {default: {username: alice}}\n"


@pytest.fixture
def consents(project):
    project.environment(OAUTH)
    project.doc("post_token", CODE_DOC, endpoint="POST /token", head=NEEDS_CODE)
    return project


def test_skip_is_the_default_and_tells_the_command(consents):
    result = consents.run("-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * endpoints/post_token.md:*: a person has to consent"])
    result.stdout.fnmatch_lines(["*pytest endpoints/post_token.md --endpoint-env test --endpoint-manual automated"])
    assert consents.server.requests == []


def test_the_ini_file_may_say_it(consents):
    consents.write("pytest.ini", "[pytest]\naddopts = -p no:cacheprovider\nendpoint_manual = automated\n")
    result = consents.run("--collect-only", "-q")
    result.stdout.fnmatch_lines(["*::T4 authorization code is single-use"])

    result = consents.run("--endpoint-manual", "skip")
    result.assert_outcomes(skipped=1)


def test_the_endpoints_are_checked_whether_the_doc_says_skip_or_verified(project):
    project.environment(OAUTH)
    file = project.doc(
        "post_token", CODE_DOC, endpoint="POST /token", head="status: verified\ntags: [requires-manual-testing]"
    )
    result = project.run("--collect-only", "-q", "--endpoint-manual", "automated")
    result.stdout.fnmatch_lines(["*::T4 authorization code is single-use"])
    file.write_text(file.read_text().replace("tags: [requires-manual-testing]", "tags: [oauth]"))
    project.run("--collect-only", "-q", "--endpoint-manual", "automated").stdout.no_fnmatch_line("*::T4 *")


@pytest.mark.parametrize("status", ["verified", "pending", "failed"])
def test_without_a_consent_a_doc_that_needs_one_is_skipped_whatever_its_status(status, project):
    project.environment(OAUTH)
    cases = """
## Cases

```yaml
cases:
  - id: wrong_code
    request: {/body/code: made-up}
    expect: {status: 400}
```
"""
    head = f"tags: [requires-manual-testing]\nstatus: {status}"
    project.doc("post_token", CODE_DOC + cases, endpoint="POST /token", head=head)
    project.server.on("POST /token", 400, {})

    result = project.run("-rs")

    result.stdout.fnmatch_lines(["SKIPPED [[]1] endpoints/post_token.md:3: needs a login and a consent in a browser"])
    result.stdout.fnmatch_lines(["*pytest endpoints/post_token.md --endpoint-env test --endpoint-manual automated"])
    assert [request["body"] for request in project.server.seen] == ["grant_type=authorization_code&code=made-up"]


def test_an_unknown_mode_is_a_usage_error(consents):
    consents.write("pytest.ini", "[pytest]\nendpoint_manual = automatic\n")
    result = consents.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*endpoint_manual = 'automatic'*skip, attended, automated*"])


@pytest.mark.parametrize("mode", ["attended", "automated"])
def test_only_docs_that_lack_nothing_but_a_code_run(mode, project):
    project.environment(OAUTH)
    project.get("paid", "/paid", head="tags: [requires-manual-testing]\nstatus: skip\nskipReason: needs a payment")
    project.doc("other", CODE_DOC, endpoint="POST /other", head="status: skip\nskipReason: broken until May")

    result = project.run("-rs", "--endpoint-manual", mode)

    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["SKIPPED * endpoints/other.md:*: broken until May"])
    result.stdout.fnmatch_lines(["SKIPPED * endpoints/paid.md:*: needs a payment*"])
    assert project.server.requests == []


def test_without_an_oauth_block_the_error_says_so(consents):
    consents.environment()
    names = ["endpoints/post_token.md::POST /token", "endpoints/post_token.md::T1 token response is complete"]
    result = consents.run("--endpoint-manual", "automated", *names)
    result.assert_outcomes(failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*environment test: it has no oauth block; add one*"])
    assert consents.server.requests == []


def test_the_fixture_skips_without_an_environment(project):
    project.write("tests/test_own.py", "def test_own(oauth_consent):\n    oauth_consent()\n")
    result = project.run("-rs", "tests", env=None)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs a person's consent: run with --endpoint-manual automated or attended"])


NO_PLAYWRIGHT = str(MissingExtra("a consent in a browser needs Playwright, which is not installed", extra="consent"))


@pytest.fixture
def no_playwright(monkeypatch, project):
    """Playwright cannot be imported, neither here nor in workers."""
    hiding = project.write("hiding/sitecustomize.py", "import sys\nsys.modules['playwright'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(hiding.parent))
    monkeypatch.setitem(sys.modules, "playwright", None)


@pytest.mark.usefixtures("no_playwright")
@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_without_playwright_one_usage_error_says_what_to_install(consents, options):
    consents.get("free", "/free")

    result = consents.run("--endpoint-manual", "automated", "endpoints", *options)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = [line for line in (*result.outlines, *result.errlines) if "Playwright" in line]
    assert told == [f"ERROR: {NO_PLAYWRIGHT}"]
    assert consents.server.requests == []


@pytest.mark.usefixtures("no_playwright")
def test_docs_that_need_no_consent_run_without_playwright(consents):
    consents.get("free", "/free")

    result = consents.run("--endpoint-manual", "automated", "endpoints/free.md")

    result.assert_outcomes(passed=1)


@pytest.mark.usefixtures("no_playwright")
def test_a_doc_that_turns_out_to_need_a_consent_fails_with_one_line(consents):
    consents.environment(OAUTH + "  client_id: app\n  redirect_uri: https://myapp.example.com/cb\n" + USER)
    steps = CODE_DOC.replace("{{oauth.code}}", "{{oauth.access_token}}").replace("authorization_code", "made_up")
    consents.doc("late", steps, endpoint="POST /token")

    result = consents.run("--endpoint-manual", "automated", "endpoints/late.md", "--tb=line")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*endpoints/late.md:*: {NO_PLAYWRIGHT}".replace("[", "[[]")])
    result.stdout.no_fnmatch_line("*Traceback*")
