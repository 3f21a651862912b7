"""Secrets never reach the terminal, a report or a file: whatever is asked for, wherever they stand."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

# What the environment knows; every way of writing a value is used by one of them.
TOKENS = {
    "STAFF_TOKEN": 'st4ff/t0k+en=&"q\\z',
    "ADMIN_TOKEN": "4dm1n-token-value",
    "PARTNER_TOKEN": "p4rtner-t0ken 'x",
}
# What the docs send, and what the server answers; none of them is known before.
SENT = {
    "client_secret": "s3nt-client-secret\"'x",
    "password": "s3nt p4ss-wörd",
    "code": "s3nt-auth-c0de",
    "refresh_token": "s3nt/refresh+token",
}
ANSWERED = {
    "access_token": "answ3red-access-t0ken",
    "client_secret": 'answ3red-"client"-secret\\',
    "nested": {"id_token": "answ3red.id.t0ken"},
    "otp": 81726354,
}
COOKIE, SECOND_COOKIE = "answ3red-cookie-1", "answ3red-cookie-2"
REDIRECT = "https://app.example.com/cb?code=answ3red-c0de%2Bx&state=s1#access_token=answ3red-fragment"
IN_REDIRECT = ("answ3red-c0de+x", "answ3red-fragment")
IN_FORM = "answ3red-form-t0ken"
IN_HEADERS = ("h3ader-api-key", "aDNhZGVyOmJhc2lj", "h3ader-cookie")
IN_QUERY = ("qu3ry-t0ken/x y", "qu3ry-api-key")
IN_PATH = "p4th-query-token"

SECRETS = (
    *TOKENS.values(),
    *SENT.values(),
    "answ3red-access-t0ken",
    'answ3red-"client"-secret\\',
    "answ3red.id.t0ken",
    "81726354",
    COOKIE,
    SECOND_COOKIE,
    *IN_REDIRECT,
    IN_FORM,
    *IN_HEADERS,
    *IN_QUERY,
    IN_PATH,
)

# The docs name them as variables; what a doc itself holds is no secret.
VARIABLES = {
    **SENT,
    "key": IN_HEADERS[0],
    "basic": IN_HEADERS[1],
    "cookie": IN_HEADERS[2],
    "query_token": IN_QUERY[0],
    "query_key": IN_QUERY[1],
    "path_token": IN_PATH,
}
PROJECT = f"""
VARIABLES = {VARIABLES!r}
def pytest_endpoint_docs_variable(config, name, case):
    return VARIABLES.get(name)
"""

ENVIRONMENT = """\
default_token: staff
tokens:
  staff: ${STAFF_TOKEN}
  admin: {value: "${ADMIN_TOKEN}", auth: "Admin {token}"}
  partner: {value: "${PARTNER_TOKEN}", auth: 'Token token="{token}"'}
timeout_s: 5
"""


def step(method: str, path: str, **keys: object) -> str:
    """A doc's body with one request that is not answered as documented."""
    expect = {"status": 302, "body": {"ok": "no"}} if path == "/login" else {"status": 418}
    written = {"id": "main", "method": method, "path": path, "expect": expect, **keys}
    return f"## Test Request\n\n```yaml\n{json.dumps({'steps': [written]}, ensure_ascii=False)}\n```\n"


@pytest.fixture
def leaky(project, monkeypatch):
    """A project whose every doc fails, with secrets in every place of its requests and answers."""
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)
    project.environment(ENVIRONMENT)
    project.write("conftest.py", PROJECT)
    server = project.server
    server.on("POST /token", 200, {**ANSWERED, "echo": TOKENS["STAFF_TOKEN"]}, Set_Cookie=f"sid={COOKIE}; Path=/")
    server.on("POST /login", 302, {"token_type": "x"}, Location=REDIRECT, Set_Cookie=f"a={COOKIE}, b={SECOND_COOKIE}")
    server.on("GET /echo", 500, {"message": f"no such token: {TOKENS['ADMIN_TOKEN']}"})
    named = {name: f"{{{{{name}}}}}" for name in SENT}
    exchange = {"grant_type": "authorization_code", **named}
    project.doc("json", step("POST", "/token", body=exchange), endpoint="POST /token")
    project.doc("form", step("POST", "/login", body=exchange, content_type="form"), endpoint="POST /login")
    multipart = step("POST", "/token", form_fields=named, content_type="multipart", token="admin")
    project.doc("multipart", multipart, endpoint="POST /token")
    query = step(
        "GET", "/things", params={"access_token": "{{query_token}}", "api_key": "{{query_key}}"}, token="partner"
    )
    project.doc("query", query)
    project.doc("path", step("GET", "/things?access_token={{path_token}}"))
    fields = {
        "X-Api-Key": "{{key}}",
        "Authorization": "Basic {{basic}}",
        "Cookie": "theme=dark; sid={{cookie}}",
    }
    project.doc("headers", step("GET", "/things", headers=fields))
    project.doc("echo", step("GET", "/echo", token="admin"), endpoint="GET /echo")
    return project


def leaks(text: str) -> list[str]:
    """The secrets that a text holds, as they are or written in another way."""
    return [secret for secret in SECRETS if any(form in text for form in forms(secret))]


def forms(secret: str) -> set[str]:
    """The ways in which a text may hold a secret."""
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1], *in_json}


def written_by(result: pytest.RunResult, *files: Path) -> str:
    """All that a run wrote."""
    return "\n".join([result.stdout.str(), result.stderr.str(), *(file.read_text("utf-8") for file in files)])


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-vv", "--showlocals", "--tb=long", "-rA"),
        ("--tb=native", "--full-trace"),
        ("--tb=line",),
        ("-o", "log_cli=true", "--log-level=DEBUG"),
    ],
    ids=" ".join,
)
def test_the_terminal_holds_no_secret(leaky, arguments):
    result = leaky.run("endpoints", *arguments)
    result.assert_outcomes(failed=7)
    assert leaks(written_by(result)) == []


def test_what_is_masked_is_named(leaky):
    result = leaky.run("endpoints")
    shown = result.stdout.str()
    assert '"access_token": "$ACCESS_TOKEN"' in shown
    assert "Location: https://app.example.com/cb?code=$CODE&state=s1#access_token=$ACCESS_TOKEN" in shown
    assert '"message": "no such token: $ADMIN_TOKEN"' in shown
    assert '-H "Authorization: Token token=' in shown or '-H \'Authorization: Token token="\'"$PARTNER_TOKEN"' in shown
    assert '-H "Cookie: $COOKIE"' in shown


def test_the_server_got_what_the_docs_say(leaky):
    leaky.run("endpoints")
    authorizations = {request["headers"].get("Authorization") for request in leaky.server.seen}
    assert f"Bearer {TOKENS['STAFF_TOKEN']}" in authorizations
    assert f"Admin {TOKENS['ADMIN_TOKEN']}" in authorizations
    sent = next(
        request for request in leaky.server.seen if request["headers"].get("Content-Type") == "application/json"
    )
    assert json.loads(sent["body"])["client_secret"] == SENT["client_secret"]


def test_the_junit_report_holds_no_secret(leaky):
    result = leaky.run("endpoints", "--junitxml=out.xml", "-o", "junit_logging=all", "--log-level=DEBUG")
    text = (leaky.root / "out.xml").read_text("utf-8")
    assert leaks(written_by(result) + text.replace("&quot;", '"').replace("&amp;", "&")) == []


def test_the_result_file_holds_no_secret(leaky):
    result = leaky.run("endpoints", "--endpoint-results=out.json")
    file = leaky.root / "out.json"
    assert len(json.loads(file.read_text("utf-8"))["items"]) == 7
    assert leaks(written_by(result, file)) == []


def test_the_result_file_of_a_run_that_passes_holds_no_secret(leaky):
    for doc in (leaky.root / "endpoints").glob("*.md"):
        text = doc.read_text("utf-8").replace("418", "[200, 500]").replace(', "body": {"ok": "no"}', "")
        doc.write_text(text, "utf-8")
    result = leaky.run("endpoints", "--endpoint-results=out.json", "-rA", "-vv")
    result.assert_outcomes(passed=7)
    assert leaks(written_by(result, leaky.root / "out.json")) == []


def test_a_log_file_holds_no_secret(leaky):
    result = leaky.run("endpoints", "--log-file=out.log", "--log-file-level=DEBUG")
    text = (leaky.root / "out.log").read_text("utf-8")
    assert "/things?access_token=$ACCESS_TOKEN: 200" in text
    assert leaks(written_by(result) + text) == []


def test_what_a_project_logs_holds_no_secret(leaky):
    leaky.write(
        "endpoints/conftest.py",
        "import logging\n"
        "def pytest_endpoint_docs_after_response(case, exchange):\n"
        "    logging.getLogger('own').info('%s %s', exchange.response.url, exchange.response.text)\n",
    )
    result = leaky.run("endpoints", "-o", "log_cli=true", "--log-level=INFO")
    result.stdout.fnmatch_lines(["*INFO*own*$ACCESS_TOKEN*"])
    assert leaks(written_by(result)) == []


@pytest.mark.parametrize("doc", ["json", "query", "path"])
def test_a_connection_that_fails_shows_no_secret(leaky, doc):
    environment = leaky.root / "fixtures/environments/test.yaml"
    environment.write_text(environment.read_text("utf-8").replace(leaky.server.url, "http://127.0.0.1:9"), "utf-8")
    result = leaky.run(f"endpoints/{doc}.md", "-vv", "--showlocals", "--log-level=DEBUG")
    result.stdout.fnmatch_lines(["*: connection refused; is the server running?*"])
    assert leaks(written_by(result)) == []


def test_a_redirect_that_goes_round_shows_no_secret(leaky):
    leaky.server.on("GET /things", 302, {}, Location=f"/things?token={IN_FORM}")
    result = leaky.run("endpoints/path.md")
    result.stdout.fnmatch_lines(["*more than 5 redirects, the last one from */things[?]token=$TOKEN"])
    assert leaks(written_by(result)) == []


def test_a_token_response_in_form_encoding_shows_no_secret(leaky):
    leaky.server.on(
        "POST /token", 200, f"access_token={IN_FORM}&scope=all", Content_Type="application/x-www-form-urlencoded"
    )
    result = leaky.run("endpoints/json.md")
    result.stdout.fnmatch_lines(["*access_token=$ACCESS_TOKEN&scope=all*"])
    assert leaks(written_by(result)) == []


OWN_TEST = """
def test_shows_everything(endpoint_case, endpoint_environment, endpoint_client):
    environment, client, tokens = endpoint_environment, endpoint_client, endpoint_environment.tokens
    try:
        endpoint_case.run()
    except AssertionError as error:
        failure = error
        print(repr(error), str(error), error.__notes__, error.__cause__, error.__context__)
    exchange = endpoint_case.exchanges[-1] if hasattr(endpoint_case, "exchanges") else None
    for value in (endpoint_case, endpoint_case.case, endpoint_case.response, exchange, environment, client, tokens):
        print(repr(value), str(value), f"{value}")
    for kind in tokens.values():
        print(kind, kind.value, repr(kind.value), f"{kind.value!s:>40}", [kind.value], {kind.name: kind.value})
    response = endpoint_case.response
    assert (environment, client, tokens, response) == ()
"""


def test_an_own_test_that_fails_shows_no_secret(leaky):
    leaky.write("tests/test_own.py", OWN_TEST)
    result = leaky.run("tests", "-vv", "--showlocals", "--tb=long", "-rA", "--junitxml=out.xml")
    result.assert_outcomes(failed=7)
    assert leaks(written_by(result, leaky.root / "out.xml")) == []


FROZEN_TEST = """
import os
from dataclasses import dataclass

import pytest

@dataclass(frozen=True, slots=True)
class Refused(Exception):
    why: str

def test_own(endpoint_case):
    endpoint_case.run()
    raise Refused(os.environ["THINGS_TOKEN"])
"""


def test_an_exception_that_cannot_be_changed_shows_no_secret(project, monkeypatch):
    monkeypatch.setenv("THINGS_TOKEN", "s3cr3t-of-the-things")
    project.get()
    project.environment("default_token: staff\ntokens: {staff: '${THINGS_TOKEN}'}\n")
    project.write("tests/test_own.py", FROZEN_TEST)
    result = project.run("tests", "--junitxml=out.xml")
    result.assert_outcomes(failed=1)
    assert "INTERNALERROR" not in result.stdout.str()
    assert "s3cr3t" not in result.stdout.str()
    assert "Refused" in result.stdout.str()
    assert "s3cr3t" not in (project.root / "out.xml").read_text()


WATCHING = """
import pathlib
import pytest

def tell(*seen):
    with pathlib.Path(__file__).with_name("seen.txt").open("a") as file:
        print(*seen, file=file)

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    tell(item._report_sections, report.sections)
    if call.excinfo is not None:
        tell(call.excinfo.exconly(), repr(call.excinfo.value), call.excinfo.value.args)
        assert isinstance(call.excinfo.value, call.excinfo.type)
    return report

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef, request):
    try:
        return (yield)
    except Exception as error:
        tell(fixturedef.argname, repr(error))
        raise
    finally:
        # As allure-pytest does it.
        fixturedef._finalizers[:] = [watched(one) for one in fixturedef._finalizers]

def watched(finalizer):
    def finalize():
        try:
            finalizer()
        except Exception as error:
            tell(getattr(finalizer, "__name__", "unnamed"), repr(error))
            raise
    return finalize
"""
RAISED = """
import pytest

@pytest.fixture
def token(endpoint_session):
    return endpoint_session.get("/login").json()["access_token"]

@pytest.fixture
def broken(token):
    raise LookupError(f"no room for {token}")

@pytest.fixture
def torn(token):
    yield
    raise LookupError(f"torn down with {token}")

@pytest.fixture
def ended(token, request):
    def end():
        raise LookupError(f"ended with {token}")
    request.addfinalizer(end)

def test_teardown(torn):
    pass

def test_finalizer(ended):
    pass

class Spoken(Exception):
    def __init__(self, token):
        self.say = lambda: f"it is {token}"

    def __str__(self):
        return self.say()

def test_fixture(broken):
    pass

def test_spoken(token):
    raise Spoken(token)

@pytest.mark.parametrize("form", [str.encode, lambda text: {"of": [text]}])
def test_argument(token, form):
    raise ValueError(form(token), 7)

def test_file(token):
    open(f"/nowhere/{token}")

def test_output(token):
    print("printed", token)
    assert not token
"""


def test_who_watches_tests_sees_no_secret(project):
    project.server.on("GET /login", 200, {"access_token": "s3cr3t-of-the-things"})
    project.write("tests/conftest.py", WATCHING)
    project.write("tests/test_own.py", RAISED)
    project.run("tests").assert_outcomes(passed=2, failed=5, errors=3)
    seen = (project.root / "tests" / "seen.txt").read_text()
    assert "s3cr3t" not in seen
    assert "unnamed LookupError" in seen
    assert "end LookupError" in seen
    for told in ("no room for", "torn down with", "ended with", "it is", "b'", "{'of': ['", "/nowhere/", "printed "):
        assert f"{told}{' ' * told[-1].isalpha()}$ACCESS_TOKEN" in seen


BESIDE_A_FAILURE = """
import pytest

@pytest.fixture
def token(endpoint_session):
    return endpoint_session.get("/login").json()["access_token"]

{test}
"""
SUBTESTS = """
def test_parts(token, subtests):
    with subtests.test(f"the one with {token}", token=token, of=1):
        print("printed", token)
    with subtests.test(of=2):
        raise ValueError("its output")
    with subtests.test(of=3):
        print("printed", token)
        assert token == "another"
"""
PROPERTIES = """
def test_parts(token, record_property):
    record_property("all", {"token": token, "of": 1})
    record_property(f"the one of {token}", 2)
    record_property("attempts", 3)
"""
OF_THE_RUN = """
def test_parts(token, record_testsuite_property):
    record_testsuite_property("login", token)
    record_testsuite_property(f"of {token}", 3)
"""
EXPECTED = """
def test_parts(token, request):
    request.applymarker(pytest.mark.xfail(reason=f"refused with {token}"))
    assert not token
"""
UNEXPECTED = """
def test_parts(token, request):
    request.applymarker(pytest.mark.xfail(reason=f"refused with {token}", strict=True))
"""
EXIT = """
def test_parts(token):
    pytest.exit(f"no use with {token}")
"""


@pytest.mark.parametrize(
    ("test", "kept"),
    [
        pytest.param(
            SUBTESTS,
            ["[the one with $ACCESS_TOKEN]", "of=1", "printed $ACCESS_TOKEN", "ValueError: its output"],
            marks=pytest.mark.skipif(not hasattr(pytest, "Subtests"), reason="pytest has no subtests"),
        ),
        (PROPERTIES, ["{'token': '$ACCESS_TOKEN', 'of': 1}", "the one of $ACCESS_TOKEN", 'value="3"']),
        (OF_THE_RUN, ['<property name="login" value="$ACCESS_TOKEN"', '<property name="of $ACCESS_TOKEN" value="3"']),
        (EXPECTED, ["XFAIL tests/test_own.py::test_parts - refused with $ACCESS_TOKEN"]),
        (UNEXPECTED, ["[XPASS(strict)] refused with $ACCESS_TOKEN"]),
        (EXIT, ["Exit: no use with $ACCESS_TOKEN"]),
    ],
    ids=["subtests", "properties", "of the run", "expected", "unexpected", "exit"],
)
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "parallel"])
def test_what_an_own_test_says_beside_its_failure_holds_no_secret(project, test, kept, workers):
    project.server.on("GET /login", 200, {"access_token": "s3cr3t-of-the-things"})
    project.write("tests/test_own.py", BESIDE_A_FAILURE.format(test=test))
    result = project.run("tests", "-v", "-rA", "--junitxml=out.xml", "-o", "junit_family=xunit1", *workers)
    written = written_by(result, project.root / "out.xml")
    assert "s3cr3t" not in written
    # What ends a worker is told without its reason; pytest-xdist has no properties of the run.
    is_kept = not workers or test not in (EXIT, OF_THE_RUN)
    assert [text for text in kept if text not in written] == ([] if is_kept else kept)


WATCHING_REASONS = """
import pytest

class Watch:
    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item):
        report = yield
        if getattr(report, "wasxfail", ""):
            with open("reasons.txt", "a") as file:
                print(report.wasxfail, file=file)
        return report

def pytest_configure(config):
    config.pluginmanager.register(Watch())
"""


def test_why_a_test_is_expected_to_fail_is_told_to_other_plugins_without_secrets(project):
    project.server.on("GET /login", 200, {"access_token": "s3cr3t-of-the-things"})
    project.write("conftest.py", WATCHING_REASONS)
    project.write("tests/test_own.py", BESIDE_A_FAILURE.format(test=EXPECTED))
    project.run("tests").assert_outcomes(xfailed=1)
    assert (project.root / "reasons.txt").read_text() == "refused with $ACCESS_TOKEN\n"


def test_reprs_hold_no_secret_even_where_nothing_redacts(leaky):
    leaky.write("tests/test_own.py", OWN_TEST)
    result = leaky.run("tests", "-s", "--tb=no")
    assert leaks(written_by(result)) == []


def test_workers_show_no_secret(leaky):
    arguments = ("-n", "2", "-vv", "--showlocals", "--endpoint-results=out.json", "--junitxml=out.xml")
    result = leaky.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints", *arguments)
    result.assert_outcomes(failed=7)
    assert leaks(written_by(result, leaky.root / "out.json", leaky.root / "out.xml")) == []


def test_a_secret_in_an_environment_file_is_refused_without_being_shown(project):
    project.get()
    project.environment("tokens: {staff: pl4in-t0ken}\n")
    result = project.run()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *test.yaml:4: /tokens/staff: found a text that is not shown here*"])
    assert "pl4in-t0ken" not in written_by(result)


def test_yaml_that_is_broken_at_a_secret_does_not_show_it(project):
    project.get()
    project.environment("tokens: {staff: 'pl4in-t0ken}\n")
    result = project.run()
    assert result.ret == 4
    assert "pl4in-t0ken" not in written_by(result)


# Ctrl-C while an answer is waited for, and a hook of the project that fails with what it has seen.
_ENDS = {
    "KeyboardInterrupt": """
import pytest_endpoint_docs.http.direct_connections as connections

def interrupted(first):
    raise KeyboardInterrupt

connections.plain_head = interrupted
""",
    "INTERNALERROR": """
SEEN = []

def pytest_endpoint_docs_after_response(exchange):
    SEEN.append(str(exchange.request.headers) + exchange.response.text)

def pytest_runtest_logreport(report):
    if SEEN:
        text = SEEN[-1]
        raise RuntimeError(text)
""",
}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=" ".join)
@pytest.mark.parametrize("ends", _ENDS)
def test_what_ends_a_run_is_told_without_secrets(leaky, ends, workers):
    leaky.write("conftest.py", PROJECT + _ENDS[ends])
    arguments = ("endpoints", "--endpoint-env", "test", "--full-trace", "--showlocals", "--junitxml=out.xml", *workers)
    result = leaky.pytester.runpytest_subprocess(*arguments)
    shown = written_by(result, *leaky.root.glob("out.xml"))
    assert ends in shown or workers
    assert leaks(shown.replace("&quot;", '"').replace("&amp;", "&")) == []
