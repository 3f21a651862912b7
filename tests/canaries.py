"""A secret of its own for every place where one can be, docs that fail in every way, and how to look for secrets.

``<<name>>`` in a text below stands for the secret called ``name``; :func:`planted` fills it in and notes it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import unquote, unquote_plus

_HALF = 13
# More than half of a secret: they are made of letters and digits alone.
_LONG = re.compile(f"[a-z0-9]{{{_HALF},}}")
_MARK = re.compile(r"<<([\w.-]+?)(?:\|(\w+))?>>")
_FORMS: Mapping[str, Callable[[str], str]] = {
    "base64": lambda value: base64.b64encode(f"user:{value}!".encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "upper": str.upper,
    "twice": lambda value: "".join(f"%25{octet:02X}" for octet in value.encode()),
    "lines": lambda value: f"{value[:11]}\\n      {value[11:]}",
    "pem": lambda value: "\\n".join([value.replace("-", "/").replace("_", "+") * 2] * 2),
}


def canary(name: str) -> str:
    """The secret of a place."""
    digest = hashlib.sha256(name.encode()).digest()
    return "k" + base64.urlsafe_b64encode(digest[:18]).decode().replace("-", "x").replace("_", "y")


def planted(text: str, places: dict[str, str]) -> str:
    """The text with its secrets filled in; ``places`` gets their names and values."""

    def fill(match: re.Match[str]) -> str:
        value = places.setdefault(match[1], canary(match[1]))
        return _FORMS[match[2]](value) if match[2] else value

    return _MARK.sub(fill, text)


ENVIRON = {
    name: f"<<{name}>>"
    for name in ("STAFF_TOKEN", "ADMIN_TOKEN", "PARTNER_TOKEN", "REGION_KEY", "ACCOUNT", "SERVER_PART", "CLIENT_SECRET")
} | {"TESTER_PASSWORD": "<<TESTER_PASSWORD>>", "TESTER_NAME": "<<TESTER_NAME>>", "TESTER_TOTP": "<<TESTER_TOTP>>"}
DOTENV = "DOTENV_TOKEN=<<DOTENV_TOKEN>>\n"

ENVIRONMENT = """\
base_url: URL
writes: true
deletes: true
timeout_s: 2
servers: [{path: "/other/*", base_url: "URL/part/${SERVER_PART}"}]
default_token: staff
tokens:
  staff: ${STAFF_TOKEN}
  admin: {value: "${ADMIN_TOKEN}", auth: "Admin {token}"}
  partner: {value: "${PARTNER_TOKEN}", auth: 'Token token="{token}"'}
  file: ${DOTENV_TOKEN}
params: {account: "${ACCOUNT}", region_key: "${REGION_KEY}"}
redact: {names: [tenant_line], patterns: ["kp_[0-9A-Za-z]{20,}"]}
oauth:
  authorize_url: URL/authorize
  token_url: URL/token
  client_id: app
  client_secret: ${CLIENT_SECRET}
  redirect_uri: http://127.0.0.1/cb
  users: {default: {username: "${TESTER_NAME}", password: "${TESTER_PASSWORD}", totp_secret: "${TESTER_TOTP}"}}
"""

_NAMES = (
    *("access_token", "refresh_token", "id_token", "client_secret", "password", "device_code", "session_token"),
    *("user_code", "client_assertion"),
    *("webhook_secret", "new_password", "SecretAccessKey", "api_key", "Private-Token", "otp", "code", "tenant_line"),
)
# Header fields and content of an answer, by its path. Each stands in a doc that does not expect it.
ANSWERS: Mapping[str, tuple[str, str]] = {
    "json": (
        (
            "Set-Cookie: sid=<<cookie>>; Path=/\nSet-Cookie: other=<<cookie2>>\nX-Auth-Token: <<x-auth-token>>\n"
            "Private-Token: <<private-token>>\nX-Request-Id: token=<<request-id>>"
        ),
        json.dumps({**{name: f"<<answered.{name}>>" for name in _NAMES}, "deep": [{"a": {"token": "<<nested>>"}}]}),
    ),
    "strings": (
        "",
        json.dumps(
            {
                "inner": json.dumps({"access_token": "<<json-in-json>>", "x": json.dumps({"secret": "<<json-3>>"})}),
                "jwt": "see eyJhbGciOiJIUzI1NiJ9.<<jwt>>.c2ln",
                "link": "https://admin:<<user-info>>@a.example/x?X-Amz-Signature=<<signature>>&code=<<code-in-link>>",
                "log": "authorization: Bearer <<bearer-in-text>>",
                "tokens": ["<<token-in-list>>"],
                "project": "kp_<<by-pattern>>",
                "pem": "-----BEGIN PRIVATE KEY-----\n<<pem|pem>>\n-----END PRIVATE KEY-----\n",
            }
        ),
    ),
    "echo": (
        "X-<<STAFF_TOKEN>>: x",
        json.dumps(
            {
                "plain": "<<STAFF_TOKEN>> <<TESTER_PASSWORD>> <<TESTER_NAME>> <<TESTER_TOTP>> <<CLIENT_SECRET>>",
                "base64": "<<ADMIN_TOKEN|base64>> <<STAFF_TOKEN|base64>>",
                "hex": "<<PARTNER_TOKEN|hex>>",
                "upper": "<<DOTENV_TOKEN|upper>>",
                "twice": "<<ACCOUNT|twice>>",
                "lines": "<<REGION_KEY|lines>>",
            }
        ),
    ),
    "ordinary": ("", json.dumps({"data": {"value": "<<extracted-as-token>>"}})),
    "cut-off": ("", '{"access_token": "<<cut-off>>", "expires_in": 36'),
    "comma": ("", '{"access_token": "<<trailing-comma>>",}'),
    "single": ("", "{'access_token': '<<single-quotes>>'}"),
    "text": ("Content-Type: text/plain", "access_token=<<text>>\nset password: <<text-password>> now"),
    "form": ("Content-Type: application/x-www-form-urlencoded", "access_token=<<form>>&code=<<form-code>>"),
    "html": (
        "Content-Type: text/html",
        (
            '<form><input type="hidden" name="csrf_token" value="<<html-input>>">'
            '<meta name="api-key" content="<<meta>>">'
            "<a href='/cb?token=<<html-link>>'>x</a></form>"
        ),
    ),
    "xml": ("Content-Type: text/xml", '<r><accessToken>\n<<xml>></accessToken><s token="<<xml-attribute>>"/></r>'),
    "location": ("Location: https://u:<<in-user>>@a.example/cb?code=<<in-location>>#access_token=<<fragment>>", ""),
    "reason": ("", '{"a": 1}'),
    "hop": ("Location: /hop2?token=<<hop>>&code=<<hop-code>>", ""),
    "hop2": ("", '{"a": 1}'),
    "round": ("Location: /round?token=<<round>>", ""),
    "lost": ("", "LOST"),
    "slow": ("", "SLOW"),
    "ok": ("", '{"ok": true, "id": "7"}'),
    "part": ("", '{"a": 1}'),
    "left": ("", '{"token": "<<nested>>"}'),
    "own_session": ("Location: /own_hop?code=<<own-hop>>\nSet-Cookie: sid=<<own-cookie>>", ""),
    "own_hop": ("X-Auth-Token: <<own-header>>", '{"refresh_token": "<<own-answered>>"}'),
    "own_client": ("Private-Token: <<own-header-2>>", '{"refresh_token": "<<own-answered-2>>"}'),
}
STATUS = {
    "own_session": "302 Found",
    "location": "302 Found",
    "hop": "302 Found",
    "round": "302 Found",
    "reason": "500 token=<<reason>>",
}


def _step(path: str, method: str = "GET", status: int = 299, **keys: object) -> dict[str, object]:
    return {"id": "main", "method": method, "path": path, "expect": {"status": status}, **keys}


_SCHEMA = {"properties": {"password": {"maxLength": 3}, "deep": {"type": "string"}}}
_SENT = {name: f"{{{{sent_{name}}}}}" for name in _NAMES}
_FORM = {f"f_{name}": f"{{{{form_{name}}}}}" for name in _NAMES if name not in ("code", "tenant_line")}
DOCS: Mapping[str, list[dict[str, object]]] = {
    **{
        f"answer_{name}": [_step(f"/{name}")]
        for name in ANSWERS
        if name not in ("hop2", "ok", "part", "left", "ordinary") and "own" not in name
    },
    "sent_json": [_step("/ok", "POST", body={"a": _SENT, "grant_type": "authorization_code"})],
    "sent_form": [_step("/ok", "POST", body=_FORM, content_type="form")],
    "sent_code": [_step("/ok", "POST", body={"code": "{{sent_code_alone}}"}, content_type="form", token="partner")],
    "sent_multipart": [_step("/ok", "POST", form_fields={"password": "{{sent_multipart}}"}, content_type="multipart")],
    "sent_query": [_step("/ok", params={"api_key": "{{sent_query}}", "x": "{{account}}"}, token="admin")],
    "sent_path": [_step("/ok?access_token={{sent_path}}&region={{region_key}}", token="file")],
    "sent_headers": [
        _step(
            "/ok",
            headers={
                "X-Api-Key": "{{sent_header}}",
                "Private-Token": "{{sent_private}}",
                "Authorization": "Basic {{sent_basic}}",
                "Cookie": "theme=dark; sid={{sent_cookie}}",
            },
        )
    ],
    "other_server": [_step("/other/thing")],
    "wrong_value": [_step("/json", expect={"body": {"access_token": 5, "deep": [{"a": 1}]}})],
    "wrong_header": [_step("/json", expect={"headers": {"X-Auth-Token": "x", "Private-Token": "/^y/"}})],
    "wrong_schema": [_step("/json", expect={"schema": _SCHEMA})],
    "lost_extract": [
        {"id": "first", "method": "GET", "path": "/json", "extract": {"x": "$.nothing"}, "expect": {"status": 200}},
        _step("/ok?x={{x}}"),
    ],
    "variable_of_an_answer": [
        {"id": "first", "method": "GET", "path": "/ordinary", "extract": {"access_token": "$.data.value"}},
        _step("/ok"),
    ],
    "variable_of_a_hook": [_step("/ok", headers={"X-Line": "{{sent_vault_token}}"})],
    "hook_fails": [_step("/ok", "POST", headers={"X-Fail": "yes"}, body={"password": "{{sent_hook}}"})],
    "passes": [_step("/json", status=200)],
}

CONFTEST = """
import logging, warnings
import pytest
VARIABLES = {variables!r}

def pytest_endpoint_docs_variable(config, name, case):
    return VARIABLES.get(name)

def pytest_endpoint_docs_secrets(config):
    return {{"VAULT": {vault!r}}}

def pytest_endpoint_docs_before_request(config, case, request):
    logging.getLogger("own").debug("sends %s %s %s", request.url, dict(request.headers), request.body)
    if "X-Fail" in request.headers:
        raise RuntimeError("password: " + VARIABLES["sent_hook"])

def pytest_endpoint_docs_after_response(config, case, exchange):
    log = logging.getLogger("own")
    try:
        raise KeyError(exchange.response.text)
    except KeyError:
        log.exception("got %s from %s", exchange.response.headers, exchange.response.url, stack_info=True)
    warnings.warn(f"answered {{exchange.response.text}}")
    print(exchange.response.text)

class Reader:
    '''What plugins for reports do: they read exceptions and captured output by themselves.'''
    def __init__(self):
        self.read = []
    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        if call.excinfo:
            import traceback
            self.read += traceback.format_exception(call.excinfo.value)
            self.read += [repr(call.excinfo.value), call.excinfo.exconly(), str(vars(call.excinfo.value))]
        self.read += [report.capstdout, report.capstderr, report.caplog, str(report.longrepr)]
        self.read.append(repr(report.user_properties))
    @pytest.hookimpl
    def pytest_warning_recorded(self, warning_message):
        self.read.append(str(warning_message.message))
    @pytest.hookimpl
    def pytest_sessionfinish(self, session):
        import os, pickle, pathlib
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        file = pathlib.Path(session.config.rootpath, f"reader-{{worker}}.pickle")
        file.write_bytes(pickle.dumps(self.read))

def pytest_configure(config):
    config.pluginmanager.register(Reader(), "reader")
{switched_off}
"""

OWN_TEST = """
import dataclasses, json, logging, warnings

import pytest
from pytest_endpoint_docs import Request

OWN = {"code": "<<own-code>>", "grant_type": "authorization_code", "x": {"token": "<<own-token>>"}}

@pytest.mark.parametrize("way", ["session", "client"])
def test_of_its_own(endpoint_session, endpoint_client, endpoint_environment, way):
    place, key = endpoint_environment.base_url + "/own_" + way, "<<own-key>>"
    if way == "session":
        answer = endpoint_session.post("/own_session", params={"api_key": key}, json=OWN)
        got = answer.text
    else:
        sent = Request(method="POST", url=place, params=(("api_key", key),), body=OWN, has_body=True)
        answer = endpoint_client.send(sent).response
        got = answer.text
    assert (got, dict(answer.headers), [dict(hop.headers) for hop in getattr(answer, "history", ())], OWN, key) == ()

@pytest.mark.parametrize("way", ["lost", "nowhere"])
def test_of_its_own_without_answer(endpoint_session, way):
    key = "<<own-lost>>"
    endpoint_session.put("/lost" if way == "lost" else "http://elsewhere.test/", params={"api_key": key})

def test_shows_everything(endpoint_case, endpoint_environment, endpoint_client, record_property):
    answer = None
    try:
        endpoint_case.run()
    except Exception as error:
        print(repr(error), str(error), getattr(error, "__notes__", ""))
    try:
        answer = endpoint_case.response
    except Exception:
        return
    print(answer.text, dict(answer.headers), endpoint_environment, endpoint_client)
    print(json.dumps(dataclasses.asdict(endpoint_environment), default=str))
    record_property("answer", answer.text)
    seen = "<<VAULT>>"
    assert (answer.text, dict(answer.headers), seen) == ()
"""


def searched(content: bytes) -> str:
    """What an output says, and what it holds, decoded in every way, that is long enough for a secret; lower case."""
    found: list[str] = []
    _decode(content, found)
    said = content.decode("utf-8", errors="replace").lower()
    return "\n".join([said, *{run for text in found for run in _LONG.findall(text.lower())}])


def _decode(content: bytes, found: list[str]) -> None:
    with suppress(OSError, EOFError, zlib.error):
        if content[:2] == b"\x1f\x8b":
            _decode(gzip.decompress(content), found)
    text = content.decode("utf-8", errors="replace")
    forms = {text, unquote(text), unquote(unquote(text)), unquote_plus(text), html.unescape(text), _unescaped(text)}
    # Without what breaks a secret in two, a form still holds those that are whole.
    found += [re.sub(r"(?:\nE)?\s+|\\n|[\"']", "", form) for form in forms]
    for run in {run for form in forms for run in re.findall(r"[A-Za-z0-9+/_-]{24,}", form)}:
        for start in range(4):
            piece = run[start:].replace("-", "+").replace("_", "/")
            decoded = base64.b64decode(piece[: len(piece) // 4 * 4])
            found.append(decoded.decode("latin-1"))
        with suppress(ValueError):
            found.append(bytes.fromhex(run[: len(run) // 2 * 2]).decode("latin-1"))


def _unescaped(text: str) -> str:
    plain = re.sub(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})", lambda match: chr(int(match[1] or match[2], 16)), text)
    return plain.replace("\\", "")


def found_in(content: str, places: Mapping[str, str]) -> set[str]:
    """The places whose secret an output holds, whole or more than half of it."""
    return {
        name for name, value in places.items() if value[:_HALF].lower() in content or value[-_HALF:].lower() in content
    }


def hits(written: dict[str, str], places: dict[str, str]) -> dict[str, list[str]]:
    """The places whose secrets the outputs hold, by output; without those that hold none."""
    found = {output: sorted(found_in(content, places)) for output, content in written.items()}
    return {output: names for output, names in found.items() if names}


@contextmanager
def answering(answers: Mapping[str, tuple[str, str]], status: Mapping[str, str]) -> Iterator[str]:
    """A server that says exactly what it is told, octet by octet. Yields its URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection:
            asked = connection.recv(65536)
            head, _, content = asked.partition(b"\r\n\r\n")
            length = int((re.search(rb"(?i)content-length: (\d+)", head) or [0, 0])[1])
            while len(content) < length:
                content += connection.recv(65536)
            name = re.split(r"[/?]", head.split(b" ")[1].decode())[1]
            fields, body = answers.get(name, ("", "{}"))
            if body == "SLOW":
                ended.wait(30)
            if body in ("SLOW", "LOST"):
                return
            kind = "" if "Content-Type" in fields else "Content-Type: application/json\n"
            lines = [f"HTTP/1.1 {status.get(name, '200 OK')}", *(kind + fields).strip().split("\n")]
            length_field = f"Content-Length: {len(body.encode())}\r\nConnection: close"
            connection.sendall(("\r\n".join([*lines, length_field]) + "\r\n\r\n" + body).encode())

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=[listening.accept()[0]], daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)
