"""The curl line of a request: run by a shell, it sends the request again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from scripted_server import Asked, Reply, scripted_server

from pytest_endpoint_docs.environment.authorization import Credentials
from pytest_endpoint_docs.http.targets import parse_target
from pytest_endpoint_docs.http.wire import wire_request
from pytest_endpoint_docs.model.exchange import MultipartFile, Request, WrittenValue
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.curl_line import render_curl

SECRETS = {"STAFF_TOKEN": "to$ken 'x' \"y\" 1", "CLIENT_SECRET": "client-secret-1"}
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
REDACTOR = Redactor(Secret(name, value) for name, value in SECRETS.items())


def request(method: str = "POST", **given: Any) -> Request:
    return Request(method=method, url="http://127.0.0.1:8000/a", **given)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (request("GET"), "curl -i http://127.0.0.1:8000/a"),
        (request("HEAD"), "curl -i --head http://127.0.0.1:8000/a"),
        (
            request("GET", params=(("f[x]", "a b"),)),
            "curl -i -g 'http://127.0.0.1:8000/a?f[x]=a%20b'",
        ),
        (
            request("GET", params=(("token", "abc"), ("q", "client-secret-1"), ("n", "1&2"))),
            'curl -i "http://127.0.0.1:8000/a?token=$TOKEN&q=$CLIENT_SECRET&n=1%262"',
        ),
        (
            request("GET", params=(("q", WrittenValue.of("q", "a:b c", written="q=a:b+c")),)),
            "curl -i 'http://127.0.0.1:8000/a?q=a:b+c'",
        ),
        (
            request("GET", params=(("q", WrittenValue.of("q", "client-secret-1", written="q=client-secret-1")),)),
            'curl -i "http://127.0.0.1:8000/a?q=$CLIENT_SECRET"',
        ),
        (
            request("GET", headers={"Authorization": Credentials("STAFF_TOKEN", "x", "Bearer {token}")}),
            'curl -i http://127.0.0.1:8000/a -H "Authorization: Bearer $STAFF_TOKEN"',
        ),
        (
            request("DELETE", headers={"Cookie": "session=1"}),
            'curl -i -X DELETE http://127.0.0.1:8000/a -H "Cookie: $COOKIE"',
        ),
        (
            request(body={"it's": "$HOME", "key": "client-secret-1", "password": "x1"}, has_body=True),
            (
                """curl -i -X POST http://127.0.0.1:8000/a -H 'Content-Type: application/json' --data-raw """
                """'{"it'"'"'s": "$HOME", "key": "'"$CLIENT_SECRET"'", "password": "'"$PASSWORD"'"}'"""
            ),
        ),
        (
            request(body={"code": "a b", "client_secret": "client-secret-1"}, has_body=True, content_type="form"),
            (
                "curl -i -X POST http://127.0.0.1:8000/a --data-urlencode 'code=a b'"
                ' --data-urlencode "client_secret=$CLIENT_SECRET"'
            ),
        ),
    ],
)
def test_the_line(given: Request, line: str) -> None:
    assert render_curl(given, REDACTOR) == line


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("a=1&client_secret=hunter2", "a=1&client_secret=***"),
        ("<r><password>hunter2</password></r>", "<r><password>***</password></r>"),
        ("<r><password>client-secret-1</password></r>", "<r><password>$CLIENT_SECRET</password></r>"),
    ],
)
def test_a_text_shows_no_secret(body: str, shown: str) -> None:
    line = render_curl(request(body=body, has_body=True, content_type="text"), REDACTOR)
    assert shown in line
    assert "hunter2" not in line


@needs_curl
@pytest.mark.parametrize(
    "given",
    [
        {"headers": {"X-Key": Credentials("STAFF_TOKEN", "x", "Key {token}!")}, "body": {"a": "`id` $(id) \\"}},
        {"body": {"b": f"x{SECRETS['CLIENT_SECRET']}y", "name": 'O\'Neil "Zoë"\n'}},
        {"body": {"f[0]": "1 & 2", "client_secret": SECRETS["CLIENT_SECRET"]}, "content_type": "form"},
    ],
)
def test_a_shell_sends_the_same_again(given: dict[str, Any]) -> None:
    with scripted_server({"POST /a": Reply()}) as server:
        sent = Request(method="POST", url=f"{server.url}/a", has_body=True, **given)
        subprocess.run(["sh", "-c", render_curl(sent, REDACTOR)], env=SECRETS, check=True, capture_output=True)
        (asked,) = server.asked
    if given.get("content_type") == "form":
        assert parse_qsl(asked.content.decode()) == list(given["body"].items())
    else:
        assert asked.json() == given["body"]
    if "headers" in given:
        assert asked.headers["X-Key"] == f"Key {SECRETS['STAFF_TOKEN']}!"


@needs_curl
@pytest.mark.parametrize(
    ("path", "given", "part"),
    [
        ("/a|b/é", {}, "/a%7Cb/%C3%A9"),
        ("/100%", {}, "/100%25"),
        ("/a", {"headers": {"X-None": ""}}, "-H 'X-None;'"),
        ("/a", {"body": {}, "has_body": True, "content_type": "form"}, "--data-raw ''"),
        (
            "/a",
            {"body": {"x": "1\r\n2", "y": "\x7f", "z": "&"}, "has_body": True, "content_type": "form"},
            "--data-raw x=1%0D%0A2 --data-raw y=%7F --data-urlencode 'z=&'",
        ),
        (
            "/a",
            {"body": {"a\x7f": f"\r\u200e{SECRETS['CLIENT_SECRET']}"}, "has_body": True},
            """'{"a\\u007f": "\\r\\u200e'"$CLIENT_SECRET"'"}'""",
        ),
    ],
)
def test_the_line_says_what_is_sent(path: str, given: dict[str, Any], part: str) -> None:
    with scripted_server({}) as server:
        sent = Request(method="POST", url=f"{server.url}{path}", **given)
        line = render_curl(sent, REDACTOR)
        subprocess.run(["sh", "-c", line], env=SECRETS, check=True, capture_output=True)
        (asked,) = server.asked
    wire = wire_request(sent)
    assert part in line
    assert asked.target == parse_target(wire.url).path
    for name in {*sent.headers, "Content-Type"} & wire.headers.keys():
        assert asked.headers[name] == wire.headers[name]
    if sent.has_body and sent.content_type == "json":
        assert asked.json() == sent.body
    else:
        assert asked.content == (wire.content or b"")


AWKWARD = {"ODD": 'q"1\\2\n3&4+5%6 é$x', "SLASHED": "aB+cd/e9=f0=="}


def test_a_secret_in_another_form_than_its_variable_is_brought_into_it_by_the_shell() -> None:
    redactor = Redactor(Secret(name, value) for name, value in AWKWARD.items())
    sent = request(params=(("q", AWKWARD["SLASHED"]),), body={"a": AWKWARD["ODD"]}, has_body=True)
    assert render_curl(sent, redactor) == (
        """SLASHED_IN_URL=$(python3 -c 'import sys, urllib.parse as url; print(url.quote(sys.argv[1], safe="[]"))' """
        """"$SLASHED") && ODD_IN_JSON=$(python3 -c 'import json, sys; print(json.dumps(sys.argv[1])[1:-1])' "$ODD") """
        """&& curl -i -X POST "http://127.0.0.1:8000/a?q=$SLASHED_IN_URL" -H 'Content-Type: application/json' """
        """--data-raw '{"a": "'"$ODD_IN_JSON"'"}'"""
    )


@needs_curl
@pytest.mark.parametrize("value", AWKWARD.values(), ids=AWKWARD)
@pytest.mark.parametrize("content_type", ["json", "form", "multipart"])
def test_awkward_secrets_arrive_as_they_are(value: str, content_type: Any) -> None:
    redactor = Redactor(Secret(name, value) for name, value in AWKWARD.items())
    with scripted_server({f"POST /{quote(value, safe='')}": Reply()}) as server:
        sent = Request(
            method="POST",
            url=f"{server.url}/{quote(value, safe='')}",
            params=(("token", value), ("q", f"<{value}>")),
            body={"a": value, "x & y": f"'{value}'"},
            has_body=True,
            content_type=content_type,
        )
        line = render_curl(sent, redactor)
        env = {**AWKWARD, "PATH": os.environ["PATH"]}
        subprocess.run(["sh", "-c", line], env=env, check=True, capture_output=True)
        (asked,) = server.asked
    assert value not in line
    assert asked.target.partition("?")[0] == f"/{quote(value, safe='')}"
    assert parse_qsl(asked.target.partition("?")[2]) == list(sent.params)
    if content_type == "json":
        assert asked.json() == sent.body
    elif content_type == "form":
        assert dict(parse_qsl(asked.content.decode())) == sent.body
    else:
        assert f'name="a"\r\n\r\n{value}\r\n'.encode() in asked.content


def test_two_weak_secrets_of_one_name_have_two_variables() -> None:
    sent = request("GET", params=(("pin", "1"), ("pin", "2"), ("2fa_code", "3"), ("2fa_token", "4")))
    assert render_curl(sent, Redactor()) == (
        'curl -i "http://127.0.0.1:8000/a?pin=$PIN&pin=$PIN_2&2fa_code=3&2fa_token=$_2FA_TOKEN"'
    )


@needs_curl
def test_a_multipart_line_sends_the_file(tmp_path: Path) -> None:
    (tmp_path / "my file.pdf").write_bytes(b"%PDF")
    file = MultipartFile(field_name="docs[0]", filename="my file.pdf", content=b"", content_type="application/pdf")
    with scripted_server({"POST /a": Reply()}) as server:
        sent = Request(
            method="POST",
            url=f"{server.url}/a",
            body={"title": "@T;x"},
            has_body=True,
            content_type="multipart",
            files=(file,),
        )
        line = render_curl(sent, REDACTOR)
        subprocess.run(["sh", "-c", line], cwd=tmp_path, env={}, check=True, capture_output=True)
        (asked,) = server.asked
    assert_parts(asked)


def assert_parts(asked: Asked) -> None:
    assert b'name="title"\r\n\r\n@T;x' in asked.content
    assert b'name="docs[0]"; filename="my file.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF' in asked.content
