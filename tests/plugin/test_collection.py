"""What pytest sees: items, node ids, selection, reports."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET

import pytest

from pytest_endpoint_docs.cli.main import main

CASES = """
## Cases

```yaml
cases:
  - id: unknown-thing
    request: {/path: /things/none}
    expect: {status: 404}
```
"""


def test_a_doc_is_collected_without_code(project):
    project.get()
    project.run("--collect-only", "-q").stdout.fnmatch_lines(["endpoints/things.md::GET /things", "*1 test collected*"])


def test_node_ids_select_items(project):
    project.get()
    project.get("others", "/others")
    result = project.run("endpoints/things.md::GET /things", "-v")
    result.assert_outcomes(passed=1)
    assert project.server.requests == ["GET /things"]


def test_cases_are_items_of_their_own(project):
    file = project.get()
    file.write_text(file.read_text() + CASES)
    project.server.on("GET /things/none", 404, {"error": "not_found"})
    result = project.run("-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["endpoints/things.md::GET /things PASSED*", "endpoints/things.md::unknown-thing PASSED*"]
    )


@pytest.mark.parametrize("ending", ["MD", "markdown"])
def test_a_doc_with_another_ending_is_one_for_all_that_read_docs(project, capsys, monkeypatch, ending):
    project.get("things").rename(project.root / "endpoints" / f"THINGS.{ending}")
    project.get("others", "/others", head="requires: [GET /things]")
    project.write(f"endpoints/README.{ending}", "# How to write docs\n")
    result = project.run("endpoints/others.md")
    result.assert_outcomes(passed=1)
    assert project.server.requests == ["GET /things", "GET /others"]

    project.run().stdout.fnmatch_lines(["1 Markdown file is not an endpoint doc and gave no test (-v: which)"])
    monkeypatch.chdir(project.root)
    capsys.readouterr()
    assert main(["lint"]) == 0
    assert capsys.readouterr().out == "2 docs: no findings\n"


def test_markdown_that_is_no_endpoint_doc_is_left_alone(project):
    project.get()
    project.write("endpoints/README.md", "# How to write docs\n")
    project.write("endpoints/notes.md", "---\ntitle: notes\n---\n# Notes\n")
    (project.root / "endpoints" / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    result = project.run()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["3 Markdown files are not endpoint docs and gave no test (-v: which)"])
    project.run("-v").stdout.fnmatch_lines(["*gave no test", "  endpoints/README.md", "  endpoints/notes.md", "*.md"])
    project.run("-q").stdout.no_fnmatch_line("*Markdown*")


@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_is_left_alone_is_told_by_every_report(project, processes):
    project.get()
    project.write("endpoints/README.md", "# How to write docs\n")
    project.write("endpoints/notes.md", "---\ntitle: notes\n---\n# Notes\n")
    told = ("--endpoint-results", "r.json", "--endpoint-report", "r.md", "--endpoint-report", "r.html")
    result = project.pytester.runpytest_subprocess("--endpoint-env", "test", "-n", processes, *told, "endpoints")
    result.stdout.fnmatch_lines(["2 Markdown files are not endpoint docs and gave no test (-v: which)"])
    record = json.loads((project.root / "r.json").read_text("utf-8"))
    assert record["left_alone"] == ["endpoints/README.md", "endpoints/notes.md"]
    line = "2 Markdown files are not endpoint docs and gave no test: endpoints/README.md, endpoints/notes.md"
    assert line in (project.root / "r.md").read_text("utf-8").splitlines()
    page = (project.root / "r.html").read_text("utf-8")
    assert "<h2>2 Markdown files are not endpoint docs and gave no test</h2>" in page
    assert "<code>endpoints/notes.md</code>" in page


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_file_that_the_command_line_names_says_why_it_gave_no_item(project, processes):
    project.write("endpoints/README.md", "# How to write docs\n")
    project.write("endpoints/notes.md", "---\ntitle: notes\n---\n# Notes\n")
    result = project.run("endpoints/README.md", "endpoints/notes.md", "-n", processes)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(
        [
            "endpoints/README.md:1: not an endpoint doc: it has no frontmatter: its first line is not `---`",
            "endpoints/notes.md:1: not an endpoint doc: its frontmatter has no `endpoint`",
        ]
    )


def test_a_file_that_looks_like_a_doc_is_an_item_that_fails(project):
    file = project.get()
    project.write("endpoints/misspelt.md", file.read_text().replace("endpoint:", "endpiont:"))
    result = project.run("endpoints/misspelt.md")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ['endpoints/misspelt.md:2: expected the frontmatter key "endpoint", found "endpiont". Did you mean "endpoint"?']
    )
    assert project.server.requests == []


def test_a_broken_doc_fails_alone_with_its_line(project):
    project.get()
    project.write("endpoints/broken.md", "---\nendpoint: GET /x\ntags: [a\n  - : ]\n\tb\n---\n# X\n")
    result = project.run("-rf")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["endpoints/broken.md:2: *", "FAILED endpoints/broken.md::GET /x - no request: *"])


@pytest.mark.parametrize("target", ["../gone/get_thing.md", "get_thing.md"], ids=["nowhere", "round"])
def test_a_doc_that_is_a_link_to_nowhere_fails_for_all_that_read_docs(project, capsys, monkeypatch, target):
    project.get("a", "/a")
    (project.root / "endpoints" / "get_thing.md").symlink_to(target)
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    told = f"the file cannot be read: it is a link to {target}, which is not there."
    result.stdout.fnmatch_lines([f"endpoints/get_thing.md:1: {told}"])
    project.run("--ignore", "endpoints/get_thing.md").assert_outcomes(passed=1)
    monkeypatch.chdir(project.root)
    assert main(["lint", "endpoints"]) == 1
    assert f"endpoints/get_thing.md:1: error: {told} [unreadable-doc]" in capsys.readouterr().out


def test_a_folder_that_is_a_link_is_looked_into_by_all_that_read_docs(project, capsys, monkeypatch):
    project.get("a", "/a")
    (project.root / "shared").mkdir()
    (project.root / "endpoints" / "a.md").replace(project.root / "shared" / "a.md")
    (project.root / "endpoints" / "linked").symlink_to("../shared")
    (project.root / "shared" / "round").symlink_to("..")
    project.write("test_own.py", "def test_own(endpoint_case):\n    endpoint_case.run()\n")
    project.run("test_own.py").assert_outcomes(passed=1)
    monkeypatch.chdir(project.root)
    assert main(["list", "endpoints"]) == 0
    assert "endpoints/linked/a.md" in capsys.readouterr().out


def test_tags_and_domain_are_strict_markers(project):
    project.get(head="status: verified\ndomain: clients\ntags: [Messages (SMS), read-only, skip]")
    project.get("others", "/others")
    project.run("-m", "messages_sms and read_only and clients").assert_outcomes(passed=1, deselected=1)


def test_keywords_select(project):
    project.get()
    project.get("others", "/others")
    project.run("-k", "others").assert_outcomes(passed=1, deselected=1)


def test_exit_first_stops(project):
    project.get("a", "/a", expect="{status: 201}")
    project.get("b", "/b")
    project.run("-x").assert_outcomes(failed=1)
    assert project.server.requests == ["GET /a"]


def test_last_failed_runs_only_what_failed(project):
    project.write("pytest.ini", "[pytest]\naddopts = --strict-markers\n")
    project.get("a", "/a", expect="{status: 201}")
    project.get("b", "/b")
    project.run().assert_outcomes(failed=1, passed=1)
    project.server.seen.clear()
    project.run("--lf").assert_outcomes(failed=1)
    assert project.server.requests == ["GET /a"]


def test_last_failed_finds_every_name_again(project):
    project.write("pytest.ini", "[pytest]\naddopts = --strict-markers\n")
    ids = ("items[0]", "a [b] c", "a::b", "plain")
    cases = "\n".join(f'  - {{id: "{each}", expect: {{status: 201}}}}' for each in ids)
    doc = project.get()
    doc.write_text(f"{doc.read_text()}\n## Cases\n\n```yaml\ncases:\n{cases}\n```\n")
    project.run().assert_outcomes(passed=1, failed=4)
    project.run("--lf").assert_outcomes(failed=4)


def test_stepwise_continues_where_it_failed(project):
    project.write("pytest.ini", "[pytest]\naddopts = --strict-markers\n")
    project.get("a", "/a")
    project.get("b", "/b", expect="{status: 201}")
    project.get("c", "/c")
    project.run("--sw").assert_outcomes(passed=1, failed=1)
    project.server.on("GET /b", 201, {})
    project.run("--sw").assert_outcomes(passed=2, deselected=1)


def test_junit_report_names_the_doc(project):
    project.get(expect="{status: 201}")
    project.run("--junitxml=out.xml")
    (case,) = ET.parse(project.root / "out.xml").iter("testcase")
    assert case.get("name") == "GET /things"
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "expected status 201, got 200 OK"
    assert (failure.text or "").startswith("endpoints/things.md:14: expected status 201, got 200 OK\n")


@pytest.mark.parametrize("distribution", ["load", "loadfile"])
def test_two_workers_run_every_doc_once(project, distribution):
    for name in "abcdef":
        project.get(name, f"/{name}")
    result = project.pytester.runpytest_subprocess(
        "--endpoint-env", "test", "-n", "2", f"--dist={distribution}", "endpoints"
    )
    result.assert_outcomes(passed=6)
    assert sorted(project.server.requests) == [f"GET /{name}" for name in "abcdef"]


def test_a_failure_under_workers_keeps_its_verdict(project):
    project.get(expect="{status: 201}")
    result = project.pytester.runpytest_subprocess("--endpoint-env", "test", "-n", "2", "endpoints", "-rf")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAILED endpoints/things.md::GET /things - expected status 201, got 200 OK"])


def test_module_scoped_fixtures_of_a_project_work_beside_docs(project):
    project.get()
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture(scope='module', autouse=True)\ndef around():\n    yield\n",
    )
    project.run().assert_outcomes(passed=1)


def test_a_line_per_failure_where_a_line_is_asked_for(project):
    project.get(expect="{status: 201}")
    result = project.run("--tb=line", "-r", "")
    lines = [line for line in result.stdout.lines if "things.md" in line]
    assert lines[1:] == [f"{project.root}/endpoints/things.md:14: expected status 201, got 200 OK"]


def test_the_nodes_of_a_doc_are_those_that_pytest_makes(project):
    project.get("a/things")
    project.get("a/b/others", "/others")
    project.write(
        "conftest.py",
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        print(' > '.join(f'{type(node).__name__} {node.nodeid}' for node in item.listchain()))\n",
    )
    lines = project.run("--collect-only", "-q").stdout.lines
    above = "Session  > Dir . > Dir endpoints > DocsFolder endpoints/a > "
    others = "EndpointDocFile endpoints/a/b/others.md > ContractItem endpoints/a/b/others.md::GET /others"
    things = "EndpointDocFile endpoints/a/things.md > ContractItem endpoints/a/things.md::GET /things"
    project.run("--collect-only").stdout.fnmatch_lines(["*<Dir a>", "*<EndpointDocFile things.md>"])
    chains = [line.removeprefix(above) for line in lines if line.startswith("Session")]
    assert chains == [f"DocsFolder endpoints/a/b > {others}", things]


def test_the_last_failures_run_again_and_the_other_files_are_counted(project):
    project.write("pytest.ini", "[pytest]\n")  # with the cache
    for name in ("one", "two", "three"):
        project.get(name, f"/{name}")
        project.server.on(f"GET /{name}", 200, {})
    project.server.on("GET /two", 500, {})
    project.run().assert_outcomes(passed=2, failed=1)
    project.server.seen.clear()
    result = project.run("--lf", "-v")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["run-last-failure: rerun previous 1 failure (skipped 2 files)"])
    assert project.server.requests == ["GET /two"]


def test_what_is_deselected_does_not_run(project):
    for name in ("one", "two"):
        project.get(name, f"/{name}")
        project.server.on(f"GET /{name}", 200, {})
    project.run("--deselect", "endpoints/two.md::GET /two").assert_outcomes(passed=1, deselected=1)
    project.run("--deselect", "endpoints/two.md").assert_outcomes(passed=1, deselected=1)
    project.run("--ignore", "endpoints/two.md").assert_outcomes(passed=1)
    assert project.server.requests == ["GET /one"] * 3


def test_a_hook_that_fails_for_one_doc_spoils_no_other(project):
    for name in ("one", "two"):
        project.get(name, f"/{name}")
    project.write(
        "conftest.py",
        "def pytest_endpoint_docs_modify_cases(cases):\n    assert cases[0].doc.path != 'endpoints/two.md', 'no two'\n",
    )
    result = project.run("--continue-on-collection-errors")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ERROR collecting endpoints/two.md*", "*no two*"])


def test_a_hook_that_skips_one_doc_takes_no_other_along(project):
    for name in ("one", "two"):
        project.get(name, f"/{name}")
    project.write(
        "conftest.py",
        "import pytest\n\ndef pytest_endpoint_docs_modify_cases(cases):\n"
        "    if cases[0].doc.path == 'endpoints/two.md':\n        pytest.skip('not two')\n",
    )
    project.run("endpoints").assert_outcomes(passed=1, skipped=1)


def test_a_folder_that_cannot_be_read_spoils_no_other(project, monkeypatch):
    project.get("a/things")
    project.get("b/things")

    def without_b(real):
        def listed(path):
            if str(path).endswith("endpoints/b"):
                raise PermissionError(13, "Permission denied", str(path))
            return real(path)

        return listed

    monkeypatch.setattr("os.listdir", without_b(os.listdir))
    monkeypatch.setattr("os.scandir", without_b(os.scandir))
    result = project.run("--continue-on-collection-errors", "endpoints")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ERROR collecting endpoints/b*", "*Permission denied*"])


CONFTEST = "endpoints/a/conftest.py"
LEAVING_OUT = {
    "collect_ignore": ({CONFTEST: "collect_ignore = ['left.md']\n"}, []),
    "collect_ignore_glob": ({CONFTEST: "collect_ignore_glob = ['le*']\n"}, []),
    "set later": (
        {"conftest.py": "def pytest_configure():\n    globals()['collect_ignore'] = ['endpoints/a/left.md']\n"},
        [],
    ),
    "hook": (
        {CONFTEST: "def pytest_ignore_collect(collection_path):\n    return collection_path.stem == 'left' or None\n"},
        [],
    ),
    "--ignore": ({}, ["--ignore=endpoints/a/left.md"]),
    "--ignore-glob": ({}, ["--ignore-glob=*/a/le*"]),
}


@pytest.mark.parametrize(("files", "options"), LEAVING_OUT.values(), ids=LEAVING_OUT)
def test_a_doc_that_a_project_leaves_out_is_left_out(project, files, options):
    for name in ("a/left", "a/things", "b/left"):
        project.get(name)
    for name, text in files.items():
        project.write(name, text)
    result = project.run("--collect-only", "-q", *options)
    collected = [line for line in result.stdout.lines if "::" in line]
    assert collected == ["endpoints/a/things.md::GET /things", "endpoints/b/left.md::GET /things"]


def test_the_hooks_of_a_folder_hold_for_its_docs_alone(project):
    hooks = (
        "def pytest_itemcollected(item):\n    print('{0} collected', item.nodeid)\n"
        "def pytest_runtest_setup(item):\n    print('{0} set up', item.nodeid)\n"
    )
    for name in ("a/one", "a/two", "b/three", "four"):
        project.get(name)
    for folder in ("a", "b"):
        project.write(f"endpoints/{folder}/conftest.py", hooks.format(folder))
    lines = project.run("-s", "-q").stdout.lines
    assert [line.partition("::")[0] for line in lines if " collected " in line] == [
        "a collected endpoints/a/one.md",
        "a collected endpoints/a/two.md",
        "b collected endpoints/b/three.md",
    ]
    assert [line.partition("::")[0].lstrip(".") for line in lines if " set up " in line] == [
        "a set up endpoints/a/one.md",
        "a set up endpoints/a/two.md",
        "b set up endpoints/b/three.md",
    ]
