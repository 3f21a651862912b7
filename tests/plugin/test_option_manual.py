"""``--endpoint-manual skip``: docs that need a person say why they do not run, and which command runs them."""

from __future__ import annotations

import pytest

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
