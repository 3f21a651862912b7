"""Environment files that are wrong: every problem at its line, and no secret in any of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_endpoint_docs.environment.environment_file import load_environment
from pytest_endpoint_docs.errors import ConfigError

HERE = "fixtures/environments/stage.yaml"


def refusal(root: Path, content: str | bytes, environ: dict[str, str] | None = None) -> str:
    file = root / HERE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        load_environment("stage", root=root, environ=environ or {})
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tokns: {}", "2: /tokns: unknown key 'tokns'; did you mean 'tokens'?"),
        ("baseUrl: x", "2: /baseUrl: unknown key 'baseUrl'; did you mean 'base_url'?"),
        ("writes: maybe", "2: /writes: found 'maybe' (a text), expected true or false"),
        ("timeout_s: 0", "2: /timeout_s: found 0 (a number), expected more than 0"),
        ("timeout_s: true", "2: /timeout_s: found true, expected a number"),
        ("params:", "2: /params: found nothing, expected a mapping"),
        ("openapi: a.json", "2: /openapi: found 'a.json' (a text), expected a list"),
        ("default_token: ''", "2: /default_token: is empty; give it a value, or leave the key out"),
        ("limits: {max_in_flight: 0}", "2: /limits/max_in_flight: found 0 (a number), expected at least 1"),
        (
            "limits: {requests_per_second: fast}",
            "2: /limits/requests_per_second: found 'fast' (a text), expected a number or nothing",
        ),
        (
            "limits: {max_inflight: 3}",
            "2: /limits/max_inflight: unknown key 'max_inflight'; did you mean 'max_in_flight'?",
        ),
        ("servers:\n- path: '*'", "3: /servers/0: the key 'base_url' is missing"),
        (
            "servers:\n- path: '*'\n  base_url: http://h\n  auth: Bearer",
            "5: /servers/0/auth: found 'Bearer' (a text), expected {token} in it, like 'Bearer {token}'",
        ),
        ("on_behalf_of: {header: X Y}", "2: /on_behalf_of/header: found 'X Y' (a text), expected a header field name"),
        ("oauth: {token_url: http://h}", "2: /oauth: the key 'authorize_url' is missing"),
        ("oauth: {grant: device_code, token_url: http://h}", "2: /oauth: the key 'device_url' is missing"),
        (
            "oauth: {grant: device, device_url: http://h, authorize_url: http://h, token_url: http://h}",
            "2: /oauth/grant: found 'device' (a text), expected one of authorization_code, device_code; did you mean",
        ),
        (
            "oauth: {grant: device_code, device_url: h, token_url: http://h}",
            "2: /oauth/device_url: cannot be used: it is not an http",
        ),
        (
            "oauth: {authorize_url: http://h, token_url: http://h, pkce: s256}",
            "2: /oauth/pkce: found 's256' (a text), expected one of S256, none; did you mean 'S256'?",
        ),
        (
            "oauth: {authorize_url: http://h, token_url: http://h, checks: {T1: warm}}",
            (
                "2: /oauth/checks/T1: found 'warm' (a text), expected one of ignore, warn, fail, known: TICKET;"
                " did you mean 'warn'?"
            ),
        ),
        ("default_token: stuff\ntokens: {staff: '${S}'}", "2: /default_token: no token kind 'stuff' under tokens;"),
        ("openapi:\n- '*.json'", "3: /openapi/0: no file matches '*.json' (paths are relative to this file)"),
        (
            "openapi_refs: {'https://h/': entities}",
            "2: /openapi_refs/https:~1~1h~1: the folder 'entities' does not exist (paths are relative to this file)",
        ),
        (
            "params:\n  id: ${NOT_SET}",
            "3: /params/id: the variable NOT_SET is not set; set it in the process environment or in the .env file",
        ),
        (
            "params: {id: '${A:-b}'}",
            "2: /params/id: '${A:-b}' is not a reference; expected ${NAME}, defaults are not supported",
        ),
        ("params: {id: '${A'}", "2: /params/id: '${A' is not a reference"),
        (
            "fallback_url: ftp://h",
            "2: /fallback_url: cannot be used: it is not an http or https URL; expected a server like",
        ),
        ("fallback_url: http://h/?a=1", "2: /fallback_url: has a query or a fragment"),
        ("fallback_url: http://h:port", "2: /fallback_url: cannot be used: it has no host that can be read"),
        ("fallback_url: http://me@h", "2: /fallback_url: cannot be used: it holds a user name or a password"),
        (
            "fallback_url: 'http://a\\@h'",
            "2: /fallback_url: cannot be used: it holds a backslash or a control character",
        ),
        ("fallback_url: http://bücher.example", "2: /fallback_url: cannot be used: its host is not in ASCII; write it"),
        ("allowed_origins: [ftp://h]", "2: /allowed_origins/0: cannot be used: it is not an http or https URL"),
        (
            "oauth: {authorize_url: h, token_url: http://h}",
            "2: /oauth/authorize_url: cannot be used: it is not an http",
        ),
        ("base_url: http://again", "2: /base_url: is given twice, first in line 1"),
        ("params: {a: 1, b: {c: 1, c: 2}}", "2: /params/b/c: is given twice, first in line 2"),
        ("timeout_s: .inf", "2: /timeout_s: is a value that JSON does not have"),
        ("params: {a: !!binary aGk=}", "2: /params/a: is a value that JSON does not have"),
        (
            "params: [a\nx: y",
            "2: is not YAML: while parsing a flow sequence, did not find expected ',' or ']' (column 9).",
        ),
        (
            "oauth: known: T",
            (
                "2: is not YAML: mapping values are not allowed in this context (column 13). "
                "Put a text with `: ` in it in quotes."
            ),
        ),
        ("params: &a [*a]", "2: cannot be read: an alias that contains itself"),
        (
            "---\nb: 1",
            "2: is not YAML: expected a single document in the stream, but found another document (column 1).",
        ),
    ],
)
def test_a_problem_is_told_at_its_line(tmp_path: Path, line: str, expected: str) -> None:
    assert f"{HERE}:{expected}" in refusal(tmp_path, f"base_url: http://h\n{line}\n")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ":1: is empty"),
        ("# only a comment\n", ":1: is empty"),
        ("- a\n", ":1: /: found a list, expected a mapping"),
        ("writes: true\n", ":1: /: the key 'base_url' is missing"),
        (b"\xff\xfe\x00", ":1: is not UTF-8: byte 0xff at offset 0 (invalid start byte). Save it as UTF-8."),
        (
            b"a: \x00\n",
            ":1: is not YAML: a character that YAML does not allow: control characters are not allowed (column 1).",
        ),
        ("a: !!int text\n", ":1: /a: is a value that JSON does not have; quote it"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: str | bytes, expected: str) -> None:
    assert HERE + expected in refusal(tmp_path, content)


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    lines = refusal(tmp_path, "tokns: {}\nwrites: maybe\nlimits: {a: 1}\n").splitlines()
    assert [line.split(" ")[0] for line in lines] == [f"{HERE}:1:", f"{HERE}:1:", f"{HERE}:2:", f"{HERE}:3:"]


@pytest.mark.parametrize(
    "line",
    [
        "tokens: {staff: hunter2hunter2}",
        "tokens: {staff: {value: hunter2hunter2}}",
        "tokens: {staff: 'hunter2hunter2${A}'}",
        "tokens: {staff: '${A}hunter2hunter2'}",
        "tokens: {staff: 220022002200}",
        "tokens: {staff: {value: 220022002200}}",
        "oauth: {authorize_url: http://h, token_url: http://h, client_secret: hunter2hunter2}",
        "oauth: {authorize_url: http://h, token_url: http://h, users: {a: {username: a, password: 220022002200}}}",
        "oauth: {authorize_url: http://h, token_url: http://h, users: {a: {username: a, totp_secret: hunter2hunter2}}}",
    ],
)
def test_a_literal_secret_is_refused_and_not_shown(tmp_path: Path, line: str) -> None:
    message = refusal(tmp_path, f"base_url: http://h\n{line}\n", {"A": "x"})
    assert f"{HERE}:2: /" in message
    assert "expected a ${NAME} reference" in message
    assert "hunter2" not in message
    assert "2200" not in message


@pytest.mark.parametrize(
    "content",
    [
        "base_url: http://h\ntokens: {staff: *hunter2}\n",
        "base_url: http://h\ntokens: {staff: !hunter2 x}\n",
        "base_url: http://h\nfallback_url: http://user:hunter2@h\n",
    ],
)
def test_other_problems_show_no_secret_either(tmp_path: Path, content: str) -> None:
    assert "hunter2" not in refusal(tmp_path, content)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("default_token: ${STAFF_TOKEN}", "/default_token: no token kind '$STAFF_TOKEN' under tokens"),
        ("openapi: ['${STAFF_TOKEN}/*.json']", "/openapi/0: no file matches '$STAFF_TOKEN/*.json'"),
        ("ca_bundle: ${STAFF_TOKEN}", "/ca_bundle: the file '$STAFF_TOKEN' does not exist"),
        ("openapi_refs: {'http://h': '${STAFF_TOKEN}'}", "the folder '$STAFF_TOKEN' does not exist"),
    ],
)
def test_what_fills_in_a_reference_is_not_shown(tmp_path: Path, line: str, expected: str) -> None:
    token = "Zx9-qqW3-7pLm"
    told = refusal(tmp_path, f"base_url: http://h\n{line}\n", {"STAFF_TOKEN": token})
    assert expected in told
    assert token not in told


def test_an_unknown_name_lists_what_there_is(tmp_path: Path) -> None:
    folder = tmp_path / "fixtures" / "environments"
    folder.mkdir(parents=True)
    for name in ("staging.yaml", "sandbox.yml", "notes.txt"):
        (folder / name).touch()
    with pytest.raises(ConfigError) as caught:
        load_environment("stagin", root=tmp_path, environ={})
    assert str(caught.value) == (
        "no environment 'stagin' in fixtures/environments; there are sandbox, staging; did you mean 'staging'?"
    )
    with pytest.raises(ConfigError, match=r"there are sandbox, staging$"):
        load_environment("production", root=tmp_path, environ={})


def test_no_folder_of_environments_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"write fixtures/environments/stage\.yaml, or give the path of a file"):
        load_environment("stage", root=tmp_path, environ={})


@pytest.mark.parametrize("path", ["./stage", "none.yaml", "sub/none.yml"])
def test_a_path_without_file_is_told(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"there is no environment file '{path}'")):
        load_environment(path, root=tmp_path, environ={})


def test_a_dotenv_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    assert refusal(tmp_path, "base_url: http://h\n") == ".env: is not UTF-8 (byte 2)"
