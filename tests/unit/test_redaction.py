"""The boundary of texts: what is learned, in which forms it is found, what stays as it is."""

from __future__ import annotations

import base64
import copy
import html
import json
import logging
import os
import pickle
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from pytest_endpoint_docs.environment.environment_file import load_environment
from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.environment import Environment, Redaction
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.model.secret import SafeText, Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.redaction import secret_forms
from pytest_endpoint_docs.redaction.exchanges import learn_headers, learn_json
from pytest_endpoint_docs.redaction.known_secrets import KnownSecrets
from pytest_endpoint_docs.redaction.log_records import redacted_logs
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.secret_names import is_secret_field
from pytest_endpoint_docs.redaction.secret_values import is_strong
from pytest_endpoint_docs.reporting.curl_line import render_curl
from pytest_endpoint_docs.reporting.exchange_text import LONGEST_RENDERED, render_body, render_uri

VALUE = 'st4ff/t0k+en=&"q\\z'
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLWE"


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        VALUE.upper(),
        base64.b64encode(VALUE.encode()).decode(),
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
        quote(VALUE, safe=""),
        quote(quote(VALUE, safe="")),
        quote_plus(VALUE),
        html.escape(VALUE),
        json.dumps(VALUE)[1:-1],
        json.dumps(json.dumps(VALUE))[3:-3],
        repr(VALUE)[1:-1],
        "".join(f"\\u{ord(character):04x}" for character in VALUE),
        "".join(f"\\\\u{ord(character):04X}" for character in VALUE),
        "".join(f"\\x{ord(character):02x}" for character in VALUE),
        "".join(f"&#{ord(character)};" for character in VALUE),
        "".join(f"&#x{ord(character):X};" for character in VALUE),
        "".join(f"%2525{ord(character):02x}" for character in VALUE),
        VALUE[:8] + "\n" + VALUE[8:],
        VALUE[:8] + "\\n" + VALUE[8:],
        VALUE[:8] + "\nE     " + VALUE[8:],
        VALUE[:8] + "'\n '" + VALUE[8:],
        VALUE[:13],
        VALUE[-13:],
    ],
)
def test_a_known_secret_is_found_in_every_form(form: str) -> None:
    assert Redactor([Secret("TOKEN", VALUE)]).text(f"<{form}>") == "<$TOKEN>"


@pytest.mark.parametrize(
    "form",
    [
        *("pa(ss%2Bwo[r$d", "pa%28ss+wo%5Br%24d", "pa%28ss%2bwo%5br$d", "pa%2528ss+wo%255Br%2524d", "pa(ss&#43;wo[r$d"),
        *("pa(ss\\u002bwo[r$d", "pa(ss\\\\u002Bwo[r\\\\u0024d", "pa(ss\\x2bwo[r\\x24d"),
    ],
)
def test_a_known_secret_is_found_whichever_of_its_characters_are_escaped(form: str) -> None:
    redactor = Redactor([Secret("PASSWORD", "pa(ss+wo[r$d")])
    assert redactor.text(f"x%20{form}&amp;y\n{form}%") == "x%20$PASSWORD&amp;y\n$PASSWORD%"
    assert redactor.text(form[:-1]) == form[:-1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("name\na1b2c\nname", "name\n$PIN\nname"),
        ("utf-8\r\n\r\na1b2c\r\n--8", "utf-8\n\n$PIN\n--8"),
        ("xa1b2c a1b2cx a1b2c_ a1b2c", "xa1b2c a1b2cx a1b2c_ $PIN"),
        ("pin=a1b2c&x%20A1B2C%20", "pin=$PIN&x%20$PIN%20"),
    ],
)
def test_a_short_secret_is_a_word_of_its_own_in_its_line(text: str, shown: str) -> None:
    assert Redactor([Secret("PIN", "a1b2c")]).text(text) == shown


@pytest.mark.parametrize("before", [b"", b"u", b"us", b"user:"])
@pytest.mark.parametrize("after", [b"", b"!", b"!!"])
def test_a_known_secret_is_found_inside_base64(before: bytes, after: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        written = encode(before + VALUE.encode() + after).decode()
        shown = Redactor([Secret("TOKEN", VALUE)]).text(f"Basic {written}")
        assert "$TOKEN" in shown
        # Of the letters at both ends a neighbour has a share.
        assert len(shown) <= len("Basic $TOKEN") + len(encode(before + after)) + 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [(f"'{VALUE[:8]}...'", "'$TOKEN...'"), (f"…{VALUE[-7:]} x", "…$TOKEN x"), (f"{VALUE[:4]}...", f"{VALUE[:4]}...")],
)
def test_pieces_at_a_cut_are_found(text: str, shown: str) -> None:
    assert Redactor([Secret("TOKEN", VALUE)]).text(text) == shown


@pytest.mark.parametrize(
    "name",
    [
        *("device_code", "session_token", "webhook_secret", "new_password", "SecretAccessKey", "X-Amz-Signature"),
        *("Private-Token", "accessToken", "X-Vault-Token", "user[password]", "clientsecret", "password_confirmation"),
        *("api_key", "apiKeys", "refresh_tokens", "totp_secret", "sessionid", "X-Hub-Signature-256", "PASSWORD2"),
        *("passPhrase", "passWord", "Pass-Codes", "token_v2", "sessionKey", "private_key_pem", "client-key-data"),
    ],
)
def test_words_of_a_name_say_that_it_holds_a_secret(name: str) -> None:
    assert is_secret_field(name)


@pytest.mark.parametrize(
    "name",
    [
        *("token_type", "token_url", "expires_in", "next_page_token", "nextPageToken", "sort_key", "error_code", "id"),
        *("password_policy", "secretary", "keyboard", "public_key", "broken", "status_code", "monkey", ""),
        *("phrase", "public_key_pem", "sort_key_v2", "api_v2", "bypass_code", "data"),
    ],
)
def test_other_names_do_not(name: str) -> None:
    assert not is_secret_field(name)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "expected status",
            "string",
            "**********",
            "invalid_grant",
            "2026-01-01T00:00:00Z",
            "$ACCESS_TOKEN",
            "aaaaaaaaaa",
        ),
        *("https://api.example.com/token", "Bearer", "hunter2", "a b c d e f", "application/json", "1111111111", ""),
    ],
)
def test_words_rows_and_instants_are_not_looked_for_elsewhere(value: str) -> None:
    assert not is_strong(value)


def test_a_server_cannot_take_our_words_out_of_reports() -> None:
    redactor = Redactor()
    learn_json(redactor, {"token": "expected status", "password": "**********", "secret": "the response body"})
    told = "expected status 200, got 500; the response body is ********** long"
    assert redactor.text(told) == told
    assert redactor.json({"token": "expected status", "other": "expected status"}) == {
        "token": "***",
        "other": "expected status",
    }


S = "zR8w-4Kq1_Tn7"


def test_a_value_at_an_ordinary_header_field_is_a_secret_at_another_one() -> None:
    redactor = Redactor()
    learn_headers(redactor, {"Server": S, "X-Trace": S})
    learn_headers(redactor, {"Server": S, "X-Trace": S})
    assert redactor.text(f"<{S}>") == f"<{S}>"
    learn_headers(redactor, {"Server": S, "X-Api-Key": S})
    assert redactor.text(f"<{S}>") == "<$X_API_KEY>"


def test_the_name_of_a_header_field_is_a_text_too() -> None:
    redactor = Redactor([Secret("TOKEN", VALUE)])
    assert redactor.headers([(f"X-{VALUE[:14]}", "yes"), ("Via", "proxy")]) == {"X-$TOKEN": "yes", "Via": "proxy"}


def test_a_header_field_that_was_ordinary_is_a_secret_once_the_project_says_so() -> None:
    redactor = Redactor()
    learn_headers(redactor, {"X-Trace": S})
    redaction = Redaction(names=("trace", "x-trace"))
    redactor.know(Environment(name="e", file=None, base_url="http://localhost", redaction=redaction))
    learn_headers(redactor, {"X-Trace": S})
    assert redactor.text(f"<{S}>") == "<$X_TRACE>"


@pytest.mark.parametrize("name", ["pin", "user_pin", "APIKEY", "JWT", "Sig", "id_token", "sessionID", "device-code"])
def test_the_shortest_names_of_secrets_give_a_text_away(name: str) -> None:
    redactor = Redactor()
    redactor.learn_text(f"{name}={S}")
    assert S not in redactor.text(f"<{S}>")


@pytest.mark.parametrize(
    "text",
    [
        f'{{"access_token": "{S}", "expires_',
        f'{{"access_token": "{S}",}}',
        f"{{'access_token': '{S}'}}",
        f"access_token={S}&scope=all",
        f"<response><access_token>{S}</access_token></response>",
        f'<session token="{S}"/>',
        f'<input type="hidden" name="csrf_token" value="{S}">',
        f"<input value='{S}' id=csrf_token>",
        json.dumps({"message": json.dumps({"access_token": S})}),
        f"client_secret: {S}\nother: 1",
        f"set password => {S};",
        f"GET http://a.example/cb?code={S}&state=1 HTTP/1.1",
        f"Authorization: Bearer {S}",
        f"authorization = Token {S}",
        f"postgres://admin:{S}@db.example/x",
        f"sent with Bearer {S}",
        f"sent with DPoP {S} today",
        f"sent with Basic {S}",
        f"access_token%3D{S}",
        f"access_token%3a{S}",
        f"<access_token>{S}</access_token>",
        f"<access_token><![CDATA[{S}]]></access_token>",
        f'<add key="ApiKey" value="{S}"/>',
        f'<property value="{S}" name="db.password" />',
        f"deploy --access-token={S} --to=staging",
        f"git clone https://{S}@git.example/a.git",
        f"posts to https://hooks.slack.com/services/T0ABCDEFG/B0HIJKLMN/{S}",
        f"posts to https://discord.com/api/webhooks/123456789012345678/{S}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{S.replace('-', '/').replace('_', '+') * 3}\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_content_of_any_kind_gives_its_secrets_away(text: str) -> None:
    redactor = Redactor()
    secret = S.replace("-", "/").replace("_", "+") if "BEGIN" in text else S
    assert secret not in redactor.text(text)
    # It is known from now on, by itself too.
    assert secret not in redactor.text(f"and {secret * 3 if 'BEGIN' in text else secret}")


@pytest.mark.parametrize(
    "first", [{"note": "n"}, {"note": None, "count": 3, "rate": 0.5, "is_open": True, "of": [1, 2]}]
)
def test_a_member_is_looked_through_whatever_it_held_before(first: JSONValue) -> None:
    redactor = Redactor()
    learn_json(redactor, [first, {"note": {"access_token": S}, "count": [f"Bearer {JWT}"], "of": {"code": S[::-1]}}])
    for secret in (S, JWT, S[::-1]):
        assert secret not in redactor.text(f"got {secret}")


@pytest.mark.parametrize(
    "value",
    [
        {"variables": [{"key": "REGION", "value": "eu"}, {"key": "API_TOKEN", "value": S}]},
        {"headers": [{"name": "X-Api-Key", "value": S}]},
        {"Parameters": [{"Name": "db/password", "Value": S}]},
        {"parameters": [{"parameter": "DB_PASSWORD", "value": S}]},
        {"auth": {"type": "bearer", "bearer": S}},
        {"access_token": {"data": S}},
        {"password": {"value": S, "length": 16}},
        {"tokens": {"access": {"raw": S}, "type": "opaque"}},
        {"tokens": [{"kind": "staff", "value": S}]},
        {"key": {"kty": "oct", "k": S}},
        {"headers": {"Cookie": S}},
        {"user": "ada", "pass": S},
    ],
)
def test_a_member_is_a_secret_by_what_stands_around_it(value: JSONValue) -> None:
    redactor = Redactor()
    learn_json(redactor, [{"key": "k", "value": "v", "d": 1}, value])
    assert S not in redactor.text(f"got {S}")
    assert S not in json.dumps(Redactor().json(value))


@pytest.mark.parametrize(
    "value",
    [
        ["api_key", S],
        {"args": ["serve", "--port", "80", "--db-password", S, "--verbose"]},
        {"tokens": {S: {"expires_in": 3600}}},
    ],
)
def test_an_item_or_a_key_is_a_secret_by_what_stands_around_it(value: JSONValue) -> None:
    redactor = Redactor()
    learn_json(redactor, value)
    assert S not in json.dumps(redactor.json(value))


@pytest.mark.parametrize(
    "value",
    [
        {"names": ["api_key", S, "token", S]},
        {"args": ["--token", "--verbose", "password", S]},
        {"tokens": {"access_2": {"kind": "opaque"}}, "things": {S: 1}},
    ],
)
def test_other_items_and_keys_are_not(value: JSONValue) -> None:
    redactor = Redactor()
    learn_json(redactor, value)
    assert redactor.json(value) == value


@pytest.mark.parametrize(
    "value",
    [
        {"name": "Ada", "value": "eu-west-1-value-4711"},
        {"value": "eu-west-1-value-4711", "tokens": {"type": "eu-west-1-value-4711"}},
        {"d": "eu-west-1-value-4711", "key": "token"},
        {"pass": "yes", "url": "https://ada@example.com/eu-west-1-value-4711"},
    ],
)
def test_what_stands_around_other_members_says_nothing_of_them(value: JSONValue) -> None:
    redactor = Redactor()
    learn_json(redactor, value)
    assert redactor.json(value) == value


def test_a_member_that_was_plain_is_a_secret_once_the_project_says_so() -> None:
    redactor = Redactor()
    learn_json(redactor, {"note": S})
    redaction = Redaction(names=("note",))
    redactor.know(Environment(name="e", file=None, base_url="http://localhost", redaction=redaction))
    learn_json(redactor, {"note": S})
    assert S not in redactor.text(f"got {S}")


def test_the_user_code_of_a_device_is_masked_in_the_link_for_the_person_too() -> None:
    link = "https://as.example.com/device?code=WDJB-MJHT"
    answer: JSONValue = {"device_code": S, "user_code": "WDJB-MJHT", "verification_uri_complete": link}
    redactor = Redactor()
    learn_json(redactor, answer)
    assert redactor.json(answer) == {
        "device_code": "$DEVICE_CODE",
        "user_code": "$USER_CODE",
        "verification_uri_complete": "https://as.example.com/device?code=$USER_CODE",
    }


def test_a_mock_of_a_device_authorization_takes_no_word_out_of_other_texts() -> None:
    redactor = Redactor()
    learn_json(redactor, {"device_code": "string", "user_code": "string"})
    assert redactor.text("expected a string") == "expected a string"


def test_a_json_web_token_is_known_by_its_looks() -> None:
    redactor = Redactor()
    learn_json(redactor, {"data": [{"anything": f"see {JWT} here"}]})
    assert redactor.text(f"got {JWT}") == "got $JWT"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("token=abc&x=1", "token=***&x=1"),
        ("<password>hunter2</password>", "<password>***</password>"),
        ('{"pin": "4711", "a": 1', '{"pin": "***", "a": 1'),
        (f"password: {S}", "password: $PASSWORD"),
    ],
)
def test_what_is_weak_is_masked_in_its_place_only(content: str, shown: str) -> None:
    redactor = Redactor()
    assert redactor.content(content) == shown
    assert redactor.text("abc hunter2 4711") == "abc hunter2 4711"


def test_what_a_doc_says_is_no_secret_beside_it() -> None:
    redactor = Redactor([Secret("STAFF_TOKEN", "d3clared-value-9")])
    learn_json(redactor, {"password": "wr0ng-Pa55word"})
    doc = redactor.beside('body: {password: "wr0ng-Pa55word", token: d3clared-value-9, otp: "0815"}')
    assert doc.text("password: wr0ng-Pa55word") == "password: wr0ng-Pa55word"
    assert doc.json({"password": "wr0ng-Pa55word", "otp": "0815"}) == {"password": "wr0ng-Pa55word", "otp": "0815"}
    assert doc.text("token: d3clared-value-9") == "token: $STAFF_TOKEN"
    assert redactor.text("wr0ng-Pa55word") == "$PASSWORD"


def test_a_secret_may_begin_with_words_of_a_doc() -> None:
    redactor = Redactor([Secret("STAFF_TOKEN", "staff-token-9876543")])
    doc = redactor.beside("cases:\n  - id: Staff-token-is-refused\n")
    told = "step staff-token-is-refused: "
    assert doc.text(told) == told
    assert doc.text(f"{told}staff-token-9876543 came") == f"{told}$STAFF_TOKEN came"
    assert doc.text("staff-token-98765...") == "$STAFF_TOKEN..."


def test_characters_that_steer_a_terminal_are_escapes() -> None:
    text = Redactor().text("\x1b]0;title\x07 \u202eabc\u2066 a\rb\r\nc\td\x9b \ud800")
    assert text == "\\x1b]0;title\\x07 \\u202eabc\\u2066 a\\rb\nc\td\\x9b \\ud800"
    assert Redactor().captured("\x1b[32mINFO\x1b[0m \x1b[2J") == "\x1b[32mINFO\x1b[0m \\x1b[2J"


def test_a_secret_is_neither_copied_nor_pickled() -> None:
    @dataclass
    class Holder:
        secret: Secret

    secret = Secret("STAFF_TOKEN", VALUE)
    for shown in (
        repr(secret),
        str(secret),
        f"{secret:>30}",
        repr(asdict(Holder(secret))),
        repr(copy.deepcopy([secret])),
    ):
        assert VALUE not in shown
        assert "$STAFF_TOKEN" in shown
    assert copy.copy(secret) is secret
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    assert not hasattr(secret, "__dict__")


class Counted(str):
    """A text that counts the groups that are looked at."""

    __slots__ = ()
    looked_at = 0

    def __getitem__(self, key: object) -> str:  # type: ignore[override]
        Counted.looked_at += 1
        return super().__getitem__(key)  # type: ignore[index]


@pytest.mark.parametrize("secrets", [1, 100, 1000])
def test_a_text_is_looked_through_once_however_many_secrets_there_are(
    secrets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KnownSecrets()
    for number in range(secrets):
        known.add("T", f"{number:04x}-pR3fix-{number * 7919:08x}", is_declared=True)
    text = "The quick brown fox jumps over the lazy dog. " * 200
    monkeypatch.setattr("pytest_endpoint_docs.redaction.known_secrets.folded", lambda _: secret_forms.folded(text))
    Counted.looked_at = 0
    assert list(known._in_full(Counted(text), lambda _: True)) == []
    assert Counted.looked_at == len(text) - 5


def test_a_new_secret_costs_what_it_is_long_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    known, indexed = KnownSecrets(), []
    index = KnownSecrets._index
    monkeypatch.setattr(
        KnownSecrets, "_index", lambda self, form, secret: indexed.append(form) or index(self, form, secret)
    )
    for number in range(300):
        known.add("T", f"tok3n{number:06x}q{number * 7919:08x}", is_declared=True)
        known.places("a text between two secrets")
    assert len(indexed) == sum(len(secret_forms.forms_of(f"tok3n{n:06x}q{n * 7919:08x}")) for n in range(300))


def test_what_is_shown_of_overlapping_secrets_is_the_same_in_every_process() -> None:
    """The order of their forms decides, and that of a set is another one in every process."""
    code = f"from pytest_endpoint_docs.redaction.secret_forms import forms_of; print(*forms_of({VALUE!r}))"
    shown = {
        subprocess.check_output([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("1", "2", "3")
    }
    assert len(shown) == 1


def test_of_a_huge_answer_the_beginning_is_rendered() -> None:
    read: list[int] = []

    class Counting(Redactor):
        def text(self, text: str) -> SafeText:
            read.append(len(text))
            return super().text(text)

    for kind, content in (
        ("application/json", json.dumps({"a": "x" * 500_000, "token": S, "rest": ["y"] * 500_000}).encode()),
        ("text/plain", f"token={S} ".encode() + b"x" * 2_000_000),
    ):
        read.clear()
        response = Response(status_code=200, headers=HeaderFields({"Content-Type": kind}), content=content)
        shown = render_body(response, Counting())
        assert sum(read) < 10 * LONGEST_RENDERED
        assert S not in shown
        assert "token" in shown


def test_two_secrets_of_one_command_line_have_two_names() -> None:
    redactor = Redactor()
    learn_json(redactor, [{"access_token": f"{S}-one-1"}, {"access_token": f"{S}-two-2"}])
    request = Request(
        method="GET", url="http://a.example/", params=(("a", f"{S}-one-1"), ("b", f"{S}-two-2"), ("c", f"{S}-one-1"))
    )
    line = render_curl(request, redactor)
    assert line == 'curl -i "http://a.example/?a=$ACCESS_TOKEN&b=$ACCESS_TOKEN_2&c=$ACCESS_TOKEN"'


def test_half_a_surrogate_pair_is_rendered() -> None:
    request = Request(
        method="POST", url="http://a.example/", params=(("\ud800", "\ud800"),), body={"a": "\ud800"}, has_body=True
    )
    for shown in (render_curl(request, Redactor()), render_uri(request, Redactor())):
        assert shown.encode()
        assert "ud800" in shown


def test_tokens_that_begin_alike_are_all_found() -> None:
    head = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjEifQ"
    tokens = [f"{head}.{number:05d}{'x' * (number % 7)}Zq{number * 7919:09d}" for number in range(200)]
    redactor = Redactor([Secret(f"T{number}", token) for number, token in enumerate(tokens)])
    for token in tokens:
        assert re.fullmatch(r"a \$T\d+ b", redactor.text(f"a {token} b"))


def test_log_records_hold_no_secret_in_traceback_stack_and_misfit_arguments(caplog: pytest.LogCaptureFixture) -> None:
    log, redactor = logging.getLogger("own"), Redactor([Secret("T", VALUE)])
    with redacted_logs(redactor):
        try:
            raise ValueError(f"no such token {VALUE}")
        except ValueError:
            log.exception("failed with %s", VALUE, stack_info=True)
        misfit = logging.getLogRecordFactory()("own", logging.INFO, "f", 1, "too %s many", (VALUE, [VALUE]), None)
        log.warning("GET /cb?code=%s", S)
    assert caplog.text.count("$T") >= 2
    assert (misfit.msg, misfit.args) == ("too %s many", ("$T", "['$T']"))
    shown = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert VALUE not in shown
    assert repr(VALUE)[1:-1] not in shown
    assert S not in shown


def test_what_an_environment_calls_secret_is_one(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(
        "base_url: ${SERVER}\nparams: {region: '${REGION}', account: '${ACCOUNT}'}\n"
        "redact: {names: [tenantCode], patterns: ['acct_[0-9a-f]{6}']}\n"
    )
    environ = {"SERVER": "http://127.0.0.1:8000/k3y-Zx81Qp00/v1", "REGION": "eu-west", "ACCOUNT": "Zx9-qqW3-7"}
    environment = load_environment(str(tmp_path / "e.yaml"), root=tmp_path, environ=environ)
    redactor = Redactor()
    redactor.know(environment)
    told = "http://127.0.0.1:8000/k3y-Zx81Qp00/v1 eu-west Zx9-qqW3-7 acct_12ab9f tenant_code=T7-33-zQ tenant_code=x"
    assert redactor.text(told) == (
        "http://127.0.0.1:8000/$SERVER/v1 eu-west $ACCOUNT $SECRET tenant_code=$TENANT_CODE tenant_code=x"
    )
    assert redactor.json({"tenantCode": "x"}) == {"tenantCode": "***"}
    assert "Zx9-qqW3-7" not in repr(environment)


def test_what_a_projects_pattern_matches_is_masked_in_its_place_if_it_is_too_short_to_look_for(tmp_path: Path) -> None:
    file = tmp_path / "e.yaml"
    file.write_text("base_url: http://a.example\nredact: {patterns: ['room (\\d+)', 'q{2}']}\n", encoding="utf-8")
    redactor = Redactor()
    redactor.know(load_environment(str(file), root=tmp_path, environ={}))
    assert redactor.text("room 12 of 12 qq; room 4711x, 4711") == "room *** of 12 ***; room ***x, $SECRET"
    assert redactor.json({"a": "room 7", "b": ["7"]}) == {"a": "room ***", "b": ["7"]}


def test_secrets_are_the_same_by_name_and_value() -> None:
    secrets = [Secret("A", "x"), Secret("A", "x"), Secret("B", "x"), Secret("A", "y")]
    assert (len(set(secrets)), secrets[0] == secrets[1]) == (3, True)


def test_a_server_cannot_have_secrets_learned_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_endpoint_docs.redaction.known_secrets._MOST_LEARNED", 3)
    redactor = Redactor()
    answer = [{"token": f"first-{number}-4711"} for number in range(4)]
    learn_json(redactor, answer)
    assert redactor.text("first-0-4711 first-2-4711") == "$TOKEN $TOKEN"
    # What is not known is masked where its name stands, and a text with it altogether.
    assert redactor.json(answer)[3] == {"token": "***"}  # type: ignore[index, call-overload]
    assert redactor.text("it said token=first-3-4711") == "***"
    redactor.add(Secret("DECLARED", "declared-4711"))
    assert redactor.text("declared-4711") == "$DECLARED"


def test_a_pattern_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text("base_url: http://a.example\nredact:\n  patterns: ['a(']\n")
    with pytest.raises(ConfigError, match=r"e\.yaml:3: /redact/patterns/0: is not a regular expression: missing \)"):
        load_environment(str(tmp_path / "e.yaml"), root=tmp_path, environ={})


def test_only_the_boundary_makes_safe_text() -> None:
    source = Path(sys.modules[Redactor.__module__].__file__ or "").parent.parent
    makers = {file.parent.name for file in source.rglob("*.py") if re.search(r"\bSafeText\(", file.read_text("utf-8"))}
    assert makers == {"redaction", "model"}


def test_a_quote_inside_a_value_does_not_end_it() -> None:
    text = Redactor().text('{"password": "Xk9$w\\"longs3cret12345-tail", "a": tru')
    assert "longs3cret" not in text


def test_a_declared_secret_is_hidden_inside_what_the_doc_says() -> None:
    redactor = Redactor([Secret("PASSWORD", "hunter2-s3cret99")])
    learn_json(redactor, {"client_secret": "client-hunter2-s3cret99-xyz"})
    shown = redactor.beside("secret: client-hunter2-s3cret99-xyz").text("client-hunter2-s3cret99-xyz came")
    assert shown == "client-$PASSWORD-xyz came"


def test_what_a_projects_pattern_takes_too_long_for_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_endpoint_docs.model.pattern.LONGEST_SEARCH_S", 0.05)
    file = tmp_path / "e.yaml"
    file.write_text("base_url: http://127.0.0.1:9\nredact: {patterns: ['(x+x+)+y']}\n", encoding="utf-8")
    redactor = Redactor()
    redactor.know(load_environment(str(file), root=tmp_path, environ={}))
    assert redactor.text("x" * 60_000) == redactor.content("x" * 60_000) == "***"


def test_an_ordinary_word_before_dots_is_not_a_piece_of_a_secret() -> None:
    redactor = Redactor([Secret("T", "staging-token-4711abc")])
    assert redactor.text("waiting for staging...") == "waiting for staging..."


def test_a_coloured_log_record_without_a_secret_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    with redacted_logs(Redactor()):
        logging.getLogger("app").warning("\x1b[31m%s\x1b[0m", "red")
    assert caplog.records[-1].args == ("red",)


def test_what_a_machine_made_up_is_a_secret_even_if_it_looks_like_a_word() -> None:
    redactor = Redactor()
    redactor.add(Secret("PASSWORD", "WDJBMJHT"))
    assert redactor.text("the code WDJBMJHT") == "the code WDJBMJHT"
    redactor.add(Secret("OAUTH_USER_CODE", "WDJBMJHT"), is_random=True)
    assert redactor.text("the code WDJBMJHT, wdjbmjht") == "the code $OAUTH_USER_CODE, $OAUTH_USER_CODE"
