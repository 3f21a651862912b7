"""Wrong input of every kind: one clear line with ``path:line``, the other docs run, nothing half-filled is sent."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import jsonpath_rfc9535  # noqa: F401 - it is native in part: it cannot be imported anew by each run in this process
import pytest

from pytest_endpoint_docs.cli.main import main
from pytest_endpoint_docs.loading.head import load_doc

DOC = "endpoints/doc.md"
HEAD = "---\nendpoint: GET /things\nstatus: verified\n---\n"


def steps(*lines: str) -> str:
    """A doc whose request section holds these lines; the first one is line 9."""
    return "\n".join([f"{HEAD}# Doc\n\n## Test Request\n\n```yaml", *lines, "```", ""]).replace("# Doc\n\n", "")


def template(*lines: str) -> str:
    """A doc in the request-template dialect; the first line is line 8."""
    return "\n".join([f"{HEAD}## Request Template\n\n```json", *lines, "```", ""])


def bomb() -> list[str]:
    """YAML that is small, and a thousand million strings with its aliases written out."""
    letters = "abcdefghi"
    pairs = pairwise(letters)
    return ["a: &a [x,x,x,x,x,x,x,x,x,x]", *(f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]" for a, b in pairs)]


def failed_with(project, text: str | bytes, *, file: str = DOC) -> list[str]:
    """Run a project with one wrong doc beside a good one: the wrong one fails alone, and nothing of it is sent."""
    project.get("other", "/other")
    path = project.root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = project.run("endpoints", "-rf")
    # A variable that nothing defines is an error.
    assert result.parseoutcomes() in ({"passed": 1, "failed": 1}, {"passed": 1, "errors": 1})
    assert project.server.requests == ["GET /other"]
    return result.stdout.lines


TOO_LONG = "more than 1,000,000 characters with its aliases written out (a YAML bomb)"

WRONG_DOCS = {
    "a YAML bomb in the frontmatter": (
        "---\nendpoint: GET /things\n" + "\n".join(bomb()) + "\n---\n",
        f"{DOC}:7: the frontmatter cannot be read: {TOO_LONG}.",
    ),
    "too large": (
        HEAD + "lorem ipsum\n" * 500_000,
        f"{DOC}:1: the file has 5.7 MiB; an endpoint doc may have 5 MiB. Move attachments and logs out of it.",
    ),
    "binary": (
        b"---\nendpoint: GET /things\n---\n\x89PNG\r\n\xff\xfe",
        f"{DOC}:4: not UTF-8: byte 0x89 at offset 30 (invalid start byte). Save the file as UTF-8.",
    ),
    "not UTF-8": (
        f"{HEAD}Grüße\n".encode("latin-1"),
        f"{DOC}:5: not UTF-8: byte 0xfc at offset 49 (invalid start byte). Save the file as UTF-8.",
    ),
    "UTF-16": (HEAD.encode("utf-16"), f"{DOC}:1: the file is UTF-16, at byte offset 0. Save it as UTF-8."),
    "a NUL character": (
        steps("steps:", '  - {id: a, method: GET, path: "/a\0b"}'),
        f"{DOC}:9: a NUL character, which no text holds: the file is damaged or binary. Remove it.",
    ),
    "a frontmatter without end": (
        "---\nendpoint: GET /things\n\n# Doc\n",
        f"{DOC}:1: the frontmatter that starts here has no end: write a line `---` after its last key.",
    ),
    "an endpoint that is a list": (
        "---\nendpoint: [GET, /x]\n---\n",
        f"{DOC}:2: `endpoint` is a list; write `endpoint: METHOD /path`.",
    ),
    "an empty endpoint": ("---\nendpoint:\n---\n", f"{DOC}:2: `endpoint` is empty; write `endpoint: METHOD /path`."),
    "an endpoint without method": (
        "---\nendpoint: things\n---\n",
        f'{DOC}:2: `endpoint` is "things": no method. Write METHOD /path, such as GET /v1/clients.',
    ),
    "no request": (
        HEAD + "Prose.\n",
        f"{DOC}:2: no request: the doc has no section `Test Request` or `Request Template`.",
    ),
    "nothing but a frontmatter": (
        HEAD,
        f"{DOC}:2: no request: the doc has no section `Test Request` or `Request Template`.",
    ),
    "a YAML bomb in the steps": (
        steps(*bomb(), "steps: []"),
        f"{DOC}:12: the YAML cannot be read: {TOO_LONG} (column 4).",
    ),
    "YAML that holds itself": (
        steps("steps:", "  - {id: a, method: POST, path: /a, body: &x {me: *x}}"),
        f"{DOC}:9: the YAML cannot be read: an alias that contains itself (column 43).",
    ),
    "tabs in YAML": (
        steps("steps:", "\t- id: a"),
        (
            f"{DOC}:9: the YAML cannot be read: while scanning for the next token, "
            "found character that cannot start any token (column 1). YAML is indented with spaces, not tabs."
        ),
    ),
    "JSON with a comma too many": (
        template("{", '  "method": "GET",', '  "path": "/a",', "}"),
        f"{DOC}:10: the JSON cannot be read: JSON allows no comma after the last value (line 10, column 15).",
    ),
    "JSON that is none": (
        template('{"method": "GET", path: /a}'),
        f"{DOC}:8: the JSON cannot be read: Expecting property name enclosed in double quotes (line 8, column 19).",
    ),
    "a step with unknown keys": (
        steps("steps:", "  - {id: a, methd: GET, path: /a}"),
        f'{DOC}:9: unknown key "methd" of a step. Did you mean "method"?',
    ),
    "an unknown method": (
        steps("steps:", "  - {id: a, method: GETT, path: /a}"),
        f'{DOC}:9: unknown method "GETT". Did you mean "GET"?',
    ),
    "a URL as path": (
        steps("steps:", "  - {id: a, method: GET, path: http://evil.example/x}"),
        f'{DOC}:9: the path "http://evil.example/x" must start with "/"; the server comes from the environment.',
    ),
    "an extract that is no path": (
        steps("steps:", '  - {id: a, method: GET, path: /a, extract: {x: "$.a[?(@.b == "}}'),
        (
            f"{DOC}:9: `extract.x`: '$.a[?(@.b ==' is not a path expression (RFC 9535), "
            "at character 13: it ends before it is complete"
        ),
    ),
    "a filter": (
        steps("steps:", '  - {id: a, method: GET, path: "/a/{{ id | slice: -4 }}"}').replace(
            "GET /things", "GET /a/{id}"
        ),
        (
            f"{DOC}:9: undefined variable {{{{ id | slice: -4 }}}} in step a: filters ('| slice: -4') "
            "are not supported: extract the value in the form that is needed"
        ),
    ),
    "braces that are not closed": (
        steps("steps:", '  - {id: a, method: GET, path: "/a/{{id"}').replace("GET /things", "GET /a/{id}"),
        f"{DOC}:9: undefined variable {{{{id in step a: '{{{{id' has no closing braces",
    ),
    "an undefined variable": (
        steps("steps:", '  - {id: a, method: GET, path: "/a/{{unique_idd}}"}').replace("GET /things", "GET /a/{id}"),
        DOC + ":9: undefined variable {{unique_idd}} in step a: nothing defines it; did you mean {{unique_id}}?",
    ),
    "an unknown requirement": (
        steps("steps:", "  - {id: a, method: GET, path: /a}").replace("status: verified", "requires: [GET /othr]"),
        f'{DOC}:3: requires GET /othr, and no doc has that endpoint. Did you mean "GET /other" (endpoints/other.md)?',
    ),
}


@pytest.mark.parametrize("case", WRONG_DOCS)
def test_a_wrong_doc_fails_alone_with_one_clear_line(project, case):
    text, message = WRONG_DOCS[case]
    lines = failed_with(project, text)
    assert any(line.startswith(message) for line in lines)
    assert "Traceback" not in "\n".join(lines)


def test_an_unclosed_fence_is_named_where_it_opens(project):
    lines = failed_with(
        project,
        f"{HEAD}## Test Request\n\n```yaml\nsteps:\n  - {{id: a, method: GET, path: /a}}\n\n## Notes\n\nsome prose\n",
    )
    assert any(
        line.startswith(f"{DOC}:") and "The fence that opens in line 7 is never closed." in line for line in lines
    )


@pytest.mark.parametrize(
    "content",
    [b"", bytes(range(256)) * 50, b"\x89PNG\r\n\x1a\n" + bytes(500), b"# A README\n", b"---\ntitle: x\n---\n"],
    ids=["empty", "binary", "picture", "prose", "other frontmatter"],
)
def test_a_file_that_is_no_endpoint_doc_is_left_alone(project, content):
    project.get()
    (project.root / "endpoints/other.md").write_bytes(content)
    project.run().assert_outcomes(passed=1)


def test_an_unnamed_uid_is_told_with_the_rows_there_are(project):
    row = {"source_endpoint": "GET /things", "extract_from": "data.id"}
    rows = json.dumps({"client_uid": row, "staff_uid": row})
    text = (
        template('{"method": "GET", "path": "/x/{{resolved.uid}}"}').replace("GET /things", "GET /x/{id}")
        + f"\n## UID Resolution Procedure\n\n```json\n{rows}\n```\n"
    )
    lines = failed_with(project, text)
    assert (
        f"{DOC}:7: undefined variable {{{{resolved.uid}}}} in step request: nothing defines it; the rows of "
        "UID Resolution are client_uid, staff_uid: use the row's own name"
    ) in lines


def test_an_extract_that_selects_nothing_is_named_at_the_extract(project):
    project.doc(
        "doc",
        '## Test Request\n\n```yaml\nsteps:\n  - {id: one, method: GET, path: /one, extract: {uid: "$.data[0].id"}}\n'
        '  - {id: two, method: GET, path: "/two/{{uid}}"}\n```\n',
        endpoint="GET /two/{uid}",
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    expected = (
        "undefined variable {{uid}} in step two (line 12): extracted by step one with $.data[0].id, "
        "which selected nothing"
    )
    assert any(line.startswith(f"{DOC}:11: {expected}") for line in result.stdout.lines)
    assert project.server.requests == ["GET /one"]


def test_an_unquoted_colon_in_a_skip_reason_still_skips(project):
    project.write(
        DOC, "---\nendpoint: GET /things\nstatus: skip\nskipReason: Needs a person: see the wiki\n---\n# Doc\n"
    )
    result = project.run("-rs")
    result.assert_outcomes(skipped=1)
    assert f"SKIPPED [1] {DOC}:4: Needs a person: see the wiki" in result.stdout.lines


# several docs


def test_a_cycle_is_printed_once_with_its_line(project):
    for name, other in ("ab", "bc", "ca"):
        project.get(name, f"/{name}", head=f"requires: [GET /{other}]")
    result = project.run()
    result.assert_outcomes(failed=3)
    assert (
        "endpoints/a.md:3: these docs require each other: GET /a -> GET /b -> GET /c -> GET /a" in result.stdout.lines
    )
    assert project.server.requests == []


def test_two_docs_for_one_endpoint_both_run(project):
    project.get("a", "/things")
    project.get("b", "/things")
    project.run().assert_outcomes(passed=2)


CASES = (
    "## Test Request\n\n```yaml\nsteps:\n  - {id: main, method: GET, path: /things}\n```\n\n"
    "## Cases\n\n```yaml\ncases:\n"
    "  - {id: one, expect: {status: 200}}\n"
    "  - {id: one, expect: {status: 404}}\n"
    "  - {id: GET /things, expect: {status: 200}}\n"
    "  - {id: 'a::b', expect: {status: 200}}\n"
    "  - {id: 'x [y] / z', expect: {status: 200}}\n```\n"
)


def test_every_item_of_a_doc_has_an_id_of_its_own(project):
    project.doc("doc", CASES)
    result = project.run("endpoints", "-v")
    result.assert_outcomes(passed=3, failed=3)
    assert (
        f'{DOC}:19: another item of this doc is called "one" already: give this case an id of its own.'
        in result.stdout.lines
    )
    doc = load_doc(project.root / DOC, display_path=DOC)
    assert doc is not None
    assert [f"{finding.location}: {finding.message}" for finding in doc.findings] == [
        f'{DOC}:19: another item of this doc is called "one" already: give this case an id of its own.',
        f'{DOC}:20: another item of this doc is called "GET /things" already: give this case an id of its own.',
        f'{DOC}:21: the id "a::b" holds "::", which separates the parts of a test\'s id: write it without.',
    ]
    listed = project.run("endpoints", "--collect-only", "-q").stdout.lines
    ids = [line for line in listed if line.startswith(DOC)]
    assert len(ids) == 6
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["one", "x [y] / z"])
def test_an_item_can_be_named_on_the_command_line(project, name):
    project.doc("doc", CASES.replace("  - {id: one, expect: {status: 404}}\n", ""))
    project.run(f"{DOC}::{name}").assert_outcomes(passed=1)


def test_brackets_braces_and_queries_in_a_node_id(project):
    body = '## Test Request\n\n```yaml\nsteps:\n  - {id: main, method: GET, path: "/things/{id}?a=b"}\n```\n'
    project.doc("doc", body, endpoint="GET /things/{id}?a=b")
    project.environment("params: {id: 4}\n")
    project.run(f"{DOC}::GET /things/{{id}}?a=b").assert_outcomes(passed=1)
    assert project.server.requests == ["GET /things/4?a=b"]


# odd files


def test_odd_files_do_not_disturb_the_docs(project):
    project.get()
    folder = project.root / "endpoints"
    (folder / ".#things.md").symlink_to("ana@laptop.4711:1795000000")  # Emacs, while somebody edits the doc
    (folder / "folder.md").mkdir()
    os.mkfifo(folder / "pipe.md")
    project.get("folder.md/inside", "/inside")
    project.run().assert_outcomes(passed=2)
    project.write("tests/test_own.py", "def test_own(endpoint_case):\n    endpoint_case.run()\n")
    project.run("tests").assert_outcomes(passed=2)


def test_a_doc_behind_a_symbolic_link_runs(project):
    project.get("real", "/real").rename(project.root / "real.md")
    (project.root / "endpoints/link.md").symlink_to("../real.md")
    project.run("endpoints/link.md").assert_outcomes(passed=1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_doc_that_may_not_be_read_fails_alone(project):
    project.get()
    project.get("secret", "/secret").chmod(0)
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    assert "endpoints/secret.md:1: the file cannot be read: Permission denied." in result.stdout.lines


def test_names_with_blanks_and_letters_of_any_script(project):
    project.get("with blank/ünïcödé 文", "/things")
    project.run("endpoints/with blank/ünïcödé 文.md::GET /things").assert_outcomes(passed=1)


def test_windows_line_endings_and_a_byte_order_mark(project):
    file = project.get(expect="{status: 201}")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "endpoints/things.md:14: expected status 201, got 200 OK" in result.stdout.lines


# environments

ENVIRONMENTS = {
    "timeout: 3": "fixtures/environments/test.yaml:4: /timeout: unknown key 'timeout'; did you mean 'timeout_s'?",
    "timeout_s: fast": "fixtures/environments/test.yaml:4: /timeout_s: found 'fast' (a text), expected a number",
    "limits: {requests_per_secnd: 5}": "fixtures/environments/test.yaml:4: /limits/requests_per_secnd: unknown key "
    "'requests_per_secnd'; did you mean 'requests_per_second'?",
    "default_token: stuff\ntokens: {staff: '${X}'}": "fixtures/environments/test.yaml:4: /default_token: no token kind "
    "'stuff' under tokens; did you mean 'staff'?",
    "params:\n\tx: 1": "fixtures/environments/test.yaml:5: is not YAML: while scanning for the next token, found "
    "character that cannot start any token (column 1). YAML is indented with spaces, not tabs.",
    "params: &p {x: *p}": "fixtures/environments/test.yaml:4: cannot be read: an alias that contains itself",
    "params: {x: '}": "fixtures/environments/test.yaml:4: is not YAML: while scanning a quoted scalar, "
    "found unexpected end of stream (column 13).",
}


@pytest.mark.parametrize("extra", ENVIRONMENTS)
def test_a_wrong_environment_is_one_usage_error(project, extra):
    project.get()
    project.environment(f"{extra}\n")
    result = project.run()
    assert result.ret == 4
    assert [line for line in result.stderr.lines if line] == [f"ERROR: {ENVIRONMENTS[extra]}"]
    assert project.server.requests == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "fixtures/environments/test.yaml:1: is empty; expected a mapping, with a base_url at least"),
        (b"- a\n", "fixtures/environments/test.yaml:1: /: found a list, expected a mapping"),
        (
            b"\xff\xfe\x00",
            (
                "fixtures/environments/test.yaml:1: is not UTF-8: byte 0xff at offset 0 (invalid start byte). "
                "Save it as UTF-8."
            ),
        ),
        (
            b"base_url: ${NOT_SET_ANYWHERE}\n",
            (
                "fixtures/environments/test.yaml:1: /base_url: the variable NOT_SET_ANYWHERE is not set; "
                "set it in the process environment or in the .env file"
            ),
        ),
    ],
)
def test_a_file_that_is_no_environment_is_one_usage_error(project, content, message):
    project.get()
    (project.root / "fixtures/environments/test.yaml").write_bytes(content)
    result = project.run()
    assert result.ret == 4
    assert f"ERROR: {message}" in result.stderr.lines


# servers


@contextmanager
def raw_server(*, answer: bytes = b"", reset: bool = False, hold_s: float = 0) -> Iterator[str]:
    """A server that answers every connection with these octets, whatever it was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    continue
                ended.wait(hold_s)
                try:
                    connection.sendall(answer)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.close()


SERVERS = {
    "resets": ({"reset": True}, "the server closed the connection without a complete answer: Connection reset by peer"),
    "closes": (
        {},
        "the server closed the connection without a complete answer: Remote end closed connection without response",
    ),
    "speaks no HTTP": (
        {"answer": b"SSH-2.0-x\r\n"},
        "the answer cannot be read as HTTP: SSH-2.0-x",
    ),
    "stops in the middle": (
        {"answer": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc"},
        "the server closed the connection without a complete answer: IncompleteRead(3 bytes read, 96 more expected)",
    ),
    "hangs": ({"hold_s": 30}, "no complete answer within 0.3 s"),
}


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_gives_no_answer_is_named(project, kind):
    behaviour, message = SERVERS[kind]
    project.get(head="status: pending")
    with raw_server(**behaviour) as url:
        project.write("fixtures/environments/test.yaml", f"base_url: {url}\ntimeout_s: 0.3\n")
        result = project.run()
    result.assert_outcomes(failed=1)
    assert f"endpoints/things.md:11: step main: {url}/things: {message}" in result.stdout.lines


def test_an_unreachable_server(project):
    project.get()
    project.write("fixtures/environments/test.yaml", "base_url: http://127.0.0.1:9\n")
    result = project.run()
    expected = (
        "endpoints/things.md:11: step main: http://127.0.0.1:9/things: connection refused; is the server running?"
    )
    assert expected in result.stdout.lines


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"<html>", "text/html", "content of type text/html"),
        (b"", "application/json", "no content"),
        (
            b'{"a": 1, b}',
            "application/json",
            "content of type application/json that is not JSON: ",
        ),
        (b"[" * 5000, "application/json", "content nested deeper than 200 levels"),
        (
            b"\xff\xfe\x00\x01",
            "application/json",
            "content of type application/json that is not JSON: Expecting value (line 1, column 1)",
        ),
        (b"[NaN]", "application/json", "content of type application/json that is not JSON: NaN is not a JSON value"),
    ],
)
def test_an_answer_that_is_not_json(project, content, kind, message):
    project.get(expect="{status: 200, body: {a: 1}}")
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    with raw_server(answer=head.encode() + content) as url:
        project.write("fixtures/environments/test.yaml", f"base_url: {url}\n")
        result = project.run()
    result.assert_outcomes(failed=1)
    line = next(line for line in result.stdout.lines if line.startswith("endpoints/things.md:14: "))
    assert line.startswith(f"endpoints/things.md:14: the body is not JSON: expected JSON, got {message}")


def test_a_huge_answer_is_not_read_to_its_end(project):
    project.get()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\nConnection: close\r\n\r\n"
    with raw_server(answer=head + b"x" * 20_000_000) as url:
        project.write("fixtures/environments/test.yaml", f"base_url: {url}\n")
        result = project.run()
    assert (
        f"endpoints/things.md:11: step main: the answer of {url}/things is longer than 10000000 bytes"
        in result.stdout.lines
    )


# redirects


def test_a_redirect_that_goes_round(project):
    project.server.on("GET /things", 302, {}, Location="/things")
    project.get()
    result = project.run()
    expected = (
        f"endpoints/things.md:11: step main: more than 5 redirects, the last one from {project.server.url}/things"
    )
    assert expected in result.stdout.lines
    assert len(project.server.seen) == 6


def test_a_token_does_not_follow_a_redirect_to_another_host(project, monkeypatch):
    monkeypatch.setenv("THINGS_TOKEN", "s3cr3t-of-the-things")
    elsewhere = project.server.url.replace("127.0.0.1", "localhost")
    project.environment(
        f"default_token: staff\ntokens: {{staff: '${{THINGS_TOKEN}}'}}\nallowed_origins: ['{elsewhere}']\n"
    )
    project.server.on("GET /things", 302, {}, Location=elsewhere + "/landed")
    project.get()
    project.run().assert_outcomes(passed=1)
    first, second = project.server.seen
    assert first["headers"]["Authorization"] == "Bearer s3cr3t-of-the-things"
    assert (second["path"], second["headers"].get("Authorization")) == ("/landed", None)


def test_a_redirect_to_a_page_of_which_nothing_is_documented_is_told(project):
    project.server.on("GET /things", 302, {}, Location="/login")
    project.server.on("GET /login", body={"page": "Please log in"})
    project.get(expect="{status: 200}")
    result = project.run("-rw")
    result.assert_outcomes(passed=1)
    expected = (
        f"a redirect led to {project.server.url}/login, and of the answer there only the status code was checked. "
        "Document its content, or expect the redirect itself, for example `expect: {status: 302}`"
    )
    assert expected in result.stdout.str()
    project.run("--endpoint-strict").assert_outcomes(failed=1)
    project.get(expect="{status: 200, body: {page: Please log in}}")
    result = project.run("--endpoint-strict")
    result.assert_outcomes(passed=1)
    assert "a redirect led to" not in result.stdout.str()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://[bad/", "it is not a URL"),
        ("http://127.0.0.1:99999/", "its port is not between 1 and 65535"),
        ("javascript:alert(1)", "it is not an http or https URL"),
        ("file:///etc/passwd", "it is not an http or https URL"),
    ],
)
def test_a_redirect_to_nowhere_is_the_answer_itself(project, target, reason):
    project.server.on("GET /things", 302, {"a": 1}, Location=target)
    project.get(expect="{status: 302, body: {a: 1}}")
    project.get("other", "/other")
    project.server.on("GET /other", 302, {}, Location=target)
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    assert (
        "endpoints/other.md:14: expected status 200, got 302 Found; "
        f"redirect is not followed because of its Location: {reason}" in result.stdout.lines
    )


def test_a_redirect_to_a_server_that_is_gone_names_that_server(project):
    project.environment("allowed_origins: ['http://127.0.0.1:9']\n")
    project.server.on("GET /things", 302, {}, Location="http://127.0.0.1:9/gone")
    project.get()
    result = project.run()
    expected = "endpoints/things.md:11: step main: http://127.0.0.1:9/gone: connection refused; is the server running?"
    assert expected in result.stdout.lines


def test_a_redirect_to_a_name_that_is_not_ascii(project):
    project.server.on("GET /things", 302, {}, Location="/größe".encode().decode("latin-1"))
    project.get()
    project.run().assert_outcomes(passed=1)
    assert project.server.requests == ["GET /things", "GET /gr%C3%B6%C3%9Fe"]


# cleanup

CLEANED = """\
## Test Request

```yaml
steps:
  - id: make
    method: POST
    path: /things
    expect: {status: 201}
    extract: {uid: $.id}
```

## Cleanup

```yaml
steps:
  - id: drop
    method: DELETE
    path: /things/{{uid}}
```
"""


@pytest.mark.parametrize("arguments", [(), ("-x",), ("--maxfail=1",)], ids=" ".join)
def test_cleanup_that_fails_is_told_beside_the_failure(project, arguments):
    project.doc("doc", CLEANED, endpoint="POST /things")
    project.server.on("POST /things", 200, {"id": 7})
    project.server.on("DELETE /things/7", 500, {})
    result = project.run("endpoints", *arguments)
    result.assert_outcomes(failed=1)
    lines = result.stdout.lines
    assert f"{DOC}:14: expected status 201, got 200 OK" in lines
    place = lines.index("cleanup failed too:")
    assert lines[place + 1].startswith(f"  {DOC}:22: cleanup failed: step drop: expected ")
    assert project.server.requests == ["POST /things", "DELETE /things/7"]


def test_cleanup_that_fails_alone_fails_the_case(project):
    project.doc("doc", CLEANED, endpoint="POST /things")
    project.server.on("POST /things", 201, {"id": 7})
    project.server.on("DELETE /things/7", 500, {})
    result = project.run()
    result.assert_outcomes(failed=1)
    assert any(line.startswith(f"{DOC}:22: cleanup failed: step drop: expected ") for line in result.stdout.lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "cleanup fails"])
def test_an_interrupted_run_cleans_up_and_says_so(project, number, is_removed):
    slow = CLEANED.replace("```\n\n## Cleanup", "  - {id: slow, method: GET, path: /slow}\n```\n\n## Cleanup")
    project.doc("doc", slow, endpoint="POST /things")
    project.server.on("POST /things", 201, {"id": 7})
    project.server.on("DELETE /things/7", 204 if is_removed else 500)
    answer = project.server.answers
    asked = threading.Event()

    class Slow(dict):  # type: ignore[type-arg]
        def get(self, key, default=None):
            if key == "GET /slow":
                asked.set()
                time.sleep(2)
            return super().get(key, default)

    project.server.answers = Slow(answer)
    command = [sys.executable, "-m", "pytest", "--endpoint-env", "test", "--endpoint-results", "r.json", "endpoints"]
    run = subprocess.Popen(command, cwd=project.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert asked.wait(30)
        run.send_signal(number)
        output, _ = run.communicate(timeout=30)
    finally:
        run.kill()
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "!!! KeyboardInterrupt" in output
    assert "INTERNALERROR" not in output
    assert "Traceback" not in output
    assert project.server.requests == ["POST /things", "GET /slow", "DELETE /things/7"]
    assert json.loads((project.root / "r.json").read_text())["exit_status"] == pytest.ExitCode.INTERRUPTED
    assert ("warning: cleaning up after the interrupted endpoints/doc.md::" in output) == (not is_removed)


def test_nothing_that_a_doc_or_a_server_says_steers_the_terminal(project, monkeypatch, capsys):
    title = "\\x1b]0;owned\\x07 \\u202e"
    project.get("skipped", head=f'status: skip\nskipReason: "{title}"\nskipUntil: "2999-01-01"')
    steps = '{"steps": [{"id": "main", "method": "GET", "path": "/things", "expect": {"status": 418}}]}'
    case = f'- id: "{title}"\n  description: "{title}"\n  expect: {{status: 418}}\n'
    project.doc("named", f"## Test Request\n\n```yaml\n{steps}\n```\n\n## Cases\n\n```yaml\n{case}```\n")
    project.server.on("GET /things", 200, {"a": "\x1b[2J\u202e"}, X_Request_Id="a\x1b[2Jb")
    result = project.run("-rA", "-vv", "endpoints")
    assert result.ret == 1
    shown = result.stdout.str() + result.stderr.str()
    assert [name for name in ("\x1b", "\x07", "\u202e") if name in shown] == []
    assert "\\x1b" in shown
    monkeypatch.chdir(project.root)
    capsys.readouterr()
    for command in (["list", "endpoints"], ["lint", "endpoints"]):
        main(command)
        told = capsys.readouterr().out
        assert [name for name in ("\x1b", "\x07", "\u202e") if name in told] == [], command


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode there")
@pytest.mark.parametrize("parallel", [(), ("-n", "1")], ids=["one process", "xdist"])
@pytest.mark.parametrize(
    ("name", "shown"), [(b"f\xff.md", "f\\udcff.md"), (b"d\xff/f.md", "d\\udcff/f.md"), (b"\x1b[2J.md", "\\x1b[2J.md")]
)
def test_a_name_that_is_not_utf_8_or_steers_a_terminal_is_shown_with_escapes(project, parallel, name, shown):
    if parallel:
        pytest.importorskip("xdist")
    failing = project.get("failing", expect="{status: 201}")
    file = project.root / "endpoints" / os.fsdecode(name)
    file.parent.mkdir(exist_ok=True)
    failing.rename(file)
    project.get("passing")
    project.write("test_own.py", "def test_over_docs(endpoint_case): endpoint_case.run()\n")
    written = ("--junitxml=j.xml", "--endpoint-results=r.json", "--endpoint-report=r.html")
    result = project.run(*parallel, *written, "-v", "-rf", "endpoints", "test_own.py")
    result.assert_outcomes(passed=2, failed=2)
    output = result.stdout.str()
    assert f"FAILED endpoints/{shown}::GET /things - expected status 201, got 200" in output
    assert "\x1b" not in output
    items = json.loads((project.root / "r.json").read_text())["items"]
    assert f"endpoints/{shown}::GET /things" in [item["nodeid"] for item in items]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files may hold anything there")
def test_a_doc_that_failed_is_run_again_whatever_its_name(project):
    project.write("pytest.ini", "[pytest]\n")  # with the cache
    for name in ("plain.md", "\x1b[2J.md", "d\x07/f.md", "a::b.md"):
        file = project.root / "endpoints" / name
        file.parent.mkdir(exist_ok=True)
        project.get("failing", expect="{status: 201}").rename(file)
    project.get("passing")
    project.run("endpoints").assert_outcomes(passed=1, failed=4)
    again = project.run("endpoints", "--lf", "-rf")
    again.assert_outcomes(failed=4)
    assert "FAILED endpoints/a:\\x3ab.md::GET /things - expected status 201" in again.stdout.str()
