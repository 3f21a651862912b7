"""The curl line of a request: run by a shell, it sends the request again."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from scripted_server import Asked, Reply, scripted_server

from pytest_endpoint_docs.environment.authorization import Credentials
from pytest_endpoint_docs.model.exchange import MultipartFile, Request
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.exchange_text import render_curl

SECRETS = {"STAFF_TOKEN": "to$ken 'x' \"y\" 1", "CLIENT_SECRET": "client-secret-1"}
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


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
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


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
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
