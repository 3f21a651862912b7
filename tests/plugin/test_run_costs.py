"""What a run of many docs does once, and what it does not need at all. Nothing here is timed."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from pytest_endpoint_docs.checks import schema_check
from pytest_endpoint_docs.loading import doc_body

SCHEMA = '## Response Schema\n\n```json\n{{"type": "object", "title": "{title}"}}\n```\n'
# Each takes longer to import than some items to run.
NOT_NEEDED = (
    *("urllib3", "ssl", "jsonschema", "requests", "markdown_it", "filelock", "flask", "playwright", "jinja2", "rich"),
    *("openapi", "sandbox", "verification.evidence", "verification.doc_part", "reporting.reports"),
)
# And what nothing but a run needs.
ROOMS_OF_RUNS = ("checks", "environment", "execution", "http", "redaction.redactor", "reporting", "verification")
NOT_LISTED = tuple(f"pytest_endpoint_docs.{name}" for name in (*ROOMS_OF_RUNS, "model.environment", "model.record"))


@pytest.fixture
def twelve(project):
    """Twelve docs, ten of them with the same schema, one of them with a case."""
    for number in range(12):
        file = project.get(f"t{number:02}", f"/t{number:02}")
        file.write_text(file.read_text() + "\n" + SCHEMA.format(title="own" if number > 9 else "all"))
    case = (
        "\n## Cases\n\n```yaml\ncases:\n  - id: again\n    request: {/params: {a: b}}\n    expect: {status: 200}\n```\n"
    )
    file.write_text(file.read_text() + case)
    return project


@pytest.mark.parametrize("in_flight", ["1", "32"])
def test_a_body_is_parsed_once_and_a_schema_compiled_once(twelve, monkeypatch, in_flight):
    parsed, looked_at, compiled = Counter(), Counter(), Counter()
    parse, look_at, compile_ = doc_body.parse_body, doc_body.schema_findings, schema_check.compile_verdict
    monkeypatch.setattr(doc_body, "parse_body", lambda doc, *more: parsed.update([doc.path]) or parse(doc, *more))
    monkeypatch.setattr(
        doc_body, "schema_findings", lambda schema, at: looked_at.update([schema["title"]]) or look_at(schema, at)
    )
    monkeypatch.setattr(
        schema_check, "compile_verdict", lambda schema: compiled.update([schema["title"]]) or compile_(schema)
    )
    twelve.run("--endpoint-concurrency", in_flight, "--endpoint-results", "results.json", "endpoints").assert_outcomes(
        passed=13
    )
    assert set(parsed.values()) == {1}
    assert len(parsed) == 12
    assert looked_at == compiled == {"all": 1, "own": 1}


@pytest.mark.parametrize("in_flight", ["1", "32"])
def test_a_body_is_let_go_when_the_items_of_its_doc_are_over(twelve, monkeypatch, in_flight):
    """Whatever their order is; so it is parsed once all the same."""
    parsed = Counter()
    parse = doc_body.parse_body
    monkeypatch.setattr(doc_body, "parse_body", lambda doc, *more: parsed.update([doc.path]) or parse(doc, *more))
    twelve.write(
        "conftest.py",
        "from pytest_endpoint_docs.plugin.session import CASE\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items.insert(0, items.pop())\n"
        "def pytest_sessionfinish(session):\n"
        "    docs = {item.stash[CASE].doc.path: item.stash[CASE].doc for item in session.items}\n"
        "    kept = [path for path, doc in docs.items() if doc.reader._body]\n"
        "    print('\\nkept:', *kept, 'of', len(docs))\n",
    )
    result = twelve.run("-s", "--endpoint-concurrency", in_flight, "endpoints")
    result.assert_outcomes(passed=13)
    result.stdout.fnmatch_lines(["kept: endpoints/t11.md of 12"])  # of the last item: there is no next one
    assert set(parsed.values()) == {1}


def test_the_reports_of_what_passed_hold_no_record_at_the_end(twelve):
    """Whoever records the run has it; of what failed, the end of the run asks the report."""
    twelve.get("wrong", "/t00", expect="{status: 201}")
    twelve.write(
        "conftest.py",
        "def pytest_terminal_summary(terminalreporter):\n"
        "    for outcome in ('passed', 'failed'):\n"
        "        reports = [each for each in terminalreporter.stats[outcome] if each.when == 'call']\n"
        "        print(outcome, len(reports), sum(hasattr(each, 'endpoint_docs_record') for each in reports))\n",
    )
    result = twelve.run("-s", "--endpoint-results", "results.json", "endpoints")
    result.assert_outcomes(passed=13, failed=1)
    result.stdout.fnmatch_lines(["passed 13 0", "failed 1 1"])


def test_what_reports_and_records_say_alike_is_kept_once(twelve):
    """pytest keeps the three reports of each item to the end."""
    twelve.write(
        "conftest.py",
        "def pytest_terminal_summary(terminalreporter, config):\n"
        "    every = [each for name in ('', 'passed') for each in terminalreporter.stats[name]]\n"
        "    later = [each for each in every if each.when != 'setup']\n"
        "    for name, reports in (('keywords', every), ('user_properties', later)):\n"
        "        print(name, len(reports), len({id(getattr(each, name)) for each in reports}))\n"
        "    records = config.pluginmanager.getplugin('endpoint_docs_recorder').items.values()\n"
        "    print('checked', len({id(each.checked) for each in records}))\n",
    )
    result = twelve.run("-s", "endpoints")
    result.assert_outcomes(passed=13)
    result.stdout.fnmatch_lines(["keywords 39 13", "user_properties 26 13", "checked 2"])


def test_further_keywords_of_items_are_there_for_who_asks(twelve):
    twelve.write(
        "conftest.py",
        "def pytest_collection_modifyitems(items):\n"
        "    items[2].extra_keyword_matches.add('chosen')\n"
        "    items[3].parent.extra_keyword_matches.add('chosen')\n",
    )
    twelve.run("-k", "chosen", "endpoints").assert_outcomes(passed=2, deselected=11)


def test_what_is_wrong_in_a_schema_is_told_in_each_doc_at_its_line(project):
    for name in ("one", "two"):
        file = project.get(name, f"/{name}", head="status: verified" + "\nowner: a" * (name == "two"))
        file.write_text(file.read_text() + "\n" + SCHEMA.format(title="all").replace('"object"', '"strng"'))
    result = project.run("endpoints")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["endpoints/one.md:20: *unknown `type`*", "endpoints/two.md:21: *unknown `type`*"])


def test_collecting_parses_no_body_that_has_no_cases(project, monkeypatch):
    parsed = []
    monkeypatch.setattr(doc_body, "parse_body", parsed.append)
    for number in range(3):
        project.get(f"t{number}", f"/t{number}")
    assert project.run("--collect-only", "-q").ret == 0
    assert parsed == []


def test_requests_one_after_the_other_share_a_connection(twelve, monkeypatch):
    opened = Counter()
    handler = twelve.server.httpd.RequestHandlerClass
    answer = handler.answer

    def counted(request):
        opened.update([request.client_address])
        answer(request)

    monkeypatch.setattr(handler, "do_GET", counted)
    twelve.run("--endpoint-concurrency", "1").assert_outcomes(passed=13)
    assert sorted(opened.values()) == [13]


def say_imported(project, names):
    project.write(
        "conftest.py",
        "import sys\n"
        f"COSTLY = {names!r}\n"
        "def pytest_unconfigure():\n"
        "    print('imported:', *sorted(name for name in COSTLY if name in sys.modules\n"
        "        or f'pytest_endpoint_docs.{name}' in sys.modules))\n",
    )


def test_docs_that_pass_need_none_of_the_costly_libraries(twelve):
    say_imported(twelve, NOT_NEEDED)
    result = twelve.pytester.runpytest_subprocess("--endpoint-env", "test", "-p", "no:xdist", "endpoints")
    result.assert_outcomes(passed=13)
    result.stdout.fnmatch_lines(["imported:"])


def test_a_doc_that_fails_needs_nothing_of_consents(project):
    project.get("wrong", "/wrong", expect="{status: 201}")
    say_imported(project, ("oauth.consent_errors", "oauth.grant", "http.pace", "jsonschema", "requests"))
    result = project.pytester.runpytest_subprocess("--endpoint-env", "test", "-p", "no:xdist", "endpoints")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["imported: http.pace"])


def test_what_is_written_plainly_needs_no_library(project):
    """Neither docs and an environment in plain YAML, nor a project without a file of variables."""
    for number in range(3):
        file = project.get(f"t{number}", f"/t{number}")
        schema = SCHEMA.format(title="all").replace(
            '"title"', '"properties": {"id": {"pattern": "^itm_[0-9a-f]{8}$"}}, "title"'
        )
        file.write_text(file.read_text() + "\n" + schema)
    say_imported(project, ("yaml", "dotenv", "frontmatter", "regex"))
    result = project.pytester.runpytest_subprocess("--endpoint-env", "test", "-p", "no:xdist", "endpoints")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["imported:"])


@pytest.mark.parametrize("option", ["--collect-only", "--fixtures-per-test"])
def test_docs_that_are_listed_need_nothing_that_runs_them(twelve, option):
    say_imported(twelve, (*NOT_NEEDED, *NOT_LISTED))
    result = twelve.pytester.runpytest_subprocess(option, "-q", "-p", "no:xdist", "endpoints")
    result.stdout.fnmatch_lines(["imported:"])


def test_the_sandbox_needs_no_library_before_a_request_asks_for_it(project):
    project.get("clients", "/platform/v1/clients")
    say_imported(project, ("jsonschema", "joserfc", "requests"))
    result = project.pytester.runpytest_subprocess("--endpoint-env", "sandbox", "-p", "no:xdist", "endpoints")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["imported:"])


def test_pytest_rewrites_the_modules_of_the_project_and_not_ours(twelve):
    """To import a module with its assertions rewritten takes four times as long."""
    twelve.write("own_plugin.py", "def pytest_runtest_setup(item):\n    import checked.values\n")
    twelve.write("checked/__init__.py", "")
    twelve.write("checked/values.py", "FOUND = {}\n")
    twelve.write(
        "conftest.py",
        "import sys, pytest\n"
        "pytest.register_assert_rewrite('checked')\n"
        "pytest_plugins = ['own_plugin']\n"
        "def pytest_unconfigure(config):\n"
        "    rewritten = [name for name, module in sys.modules.items()\n"
        "        if type(getattr(module, '__loader__', None)).__name__ == 'AssertionRewritingHook']\n"
        "    print('own:', *sorted(name for name in rewritten if name in ('own_plugin', 'checked.values')))\n"
        "    print('loaded late:', [name for name in rewritten if name.startswith('pytest_endpoint_docs.execution')])\n"
        "    print('finders:', [type(finder).__name__ for finder in sys.meta_path].count('OwnModules'))\n",
    )
    result = twelve.pytester.runpytest_subprocess("--endpoint-env", "test", "-p", "no:xdist", "endpoints")
    result.assert_outcomes(passed=13)
    result.stdout.fnmatch_lines(["own: checked.values own_plugin", "loaded late: []", "finders: 1"])


def test_the_finder_of_our_modules_goes_with_the_run(twelve):
    before = list(sys.meta_path)
    assert pytest.main(["-q", "--endpoint-env", "test", "-p", "no:cacheprovider", "endpoints"]) == 0
    assert sys.meta_path == before
