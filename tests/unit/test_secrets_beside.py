"""Secrets whose names stand beside them, tokens of well-known services; and what is harmless all the same."""

from __future__ import annotations

import time

import pytest

from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.redaction.exchanges import learn_json, learn_response, learn_uri
from pytest_endpoint_docs.redaction.redactor import Redactor

VALUE = "q8Zt3LmN5vXw7RbK2pHs9YdF"


@pytest.mark.parametrize(
    "token",
    [
        *("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "gho_16C7e42F292c6912E7710c838347Ae178B4a"),
        "github_pat_11ABCDEFG0q8Zt3LmN5vXw_7RbK2pHs9YdF7RbK2pHs9YdF7RbK2pHs9YdF7RbK2pHs9Yd",
        *("AKIAIOSFODNN7EXAMPLE", "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"),
        *("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "glpat-q8Zt3LmN5vXw7RbK2pHs", "npm_q8Zt3LmN5vXw7RbK2pHs9YdFq8Zt3LmN5vXw"),
        *(
            "AIzaSyA1234567890abcdefghijklmnopqrstuv",
            "sk-ant-api03-q8Zt3LmN5vXw7RbK2pHs",
            "hvs.CAESIq8Zt3LmN5vXw7RbK2pHs",
        ),
    ],
)
@pytest.mark.parametrize("text", ["{}", "it was {}.", '{{"note": "{}"}}', "https://a.example/?x={}&y=1", "'{}'"])
def test_tokens_of_well_known_services_are_known_by_their_looks(token: str, text: str) -> None:
    assert Redactor().text(text.format(token)) == text.format("$TOKEN")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_16C7",
            "sk-learn",
            "task-20260101-abcdef123456abcdef123456ab",
        ),
        *(
            "npm_config_registry",
            "xoxb-your-token-goes-here-please",
            "glpat-",
            "sk_test_",
            "AKIA",
            "NAKIAIOSFODNN7EXAMPLE",
        ),
        *(
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    ],
)
def test_what_only_begins_like_them_stays(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("password: |\n  {}\n", "client_secret: >-\n    {}\nother: x", "tokens:\n  - {}\n", 'tokens:\n- a\n- "{}"\n'),
        *("- name: API_KEY\n  value: {}\n", '{{"name": "API_KEY", "value": "{}"', "name=password&value={}&a=b"),
        *("fields[0][name]=password&fields[0][value]={}", "f%5B0%5D%5Bname%5D=password&f%5B0%5D%5Bvalue%5D={}"),
        *("id,access_token\n1,{}\n", '"id";"access_token"\n"1";"{}"\n', "id\tpassword\n1\t{}\n2\tx"),
        "<table><tr><th>id<th>Password</tr><tr><td>1<td><code>{}</code></td></tr></table>",
        *("<tr><th>API key</th><td>{}</td></tr>", "<dl><dt>Client secret</dt>\n<dd><tt>{}</tt></dd></dl>"),
        *("| API key | {} |", "| Id | Token |\n|---|:--|\n| 1 | `{}` |\n", "**Password:** `{}`"),
        *("<p>Your API key: <code>{}</code></p>", "<b>Password</b>: {}", "Your new password is {}.", "api key = {}"),
        'Content-Disposition: form-data; name="password"\r\n\r\n{}\r\n--b--',
        *('<property name="password">{}</property>', '<textarea rows="2" name="client_secret">{}</textarea>'),
        *("<entry><key>password</key><value>{}</value></entry>", "<key>Password</key>\n<string>{}</string>"),
        *("('password', '{}')", "[(b'x-api-key', b'{}')]", "{{'password': b'{}'}}", "run --password {} now"),
    ],
)
def test_a_secret_is_known_by_the_name_beside_it(text: str) -> None:
    shown = Redactor().text(text.format(VALUE))
    before, after = text.format("\0").split("\0")
    assert shown.startswith(before.replace("\r\n", "\n")[:1])
    assert shown.endswith(after.replace("\r\n", "\n")[-3:])
    assert "$" in shown
    assert VALUE[:12] not in shown


def test_it_is_known_from_then_on_wherever_it_stands() -> None:
    redactor = Redactor()
    content = f"id,access_token\n1,{VALUE}\n".encode()
    learn_response(
        redactor, Response(status_code=200, url="http://a.example/", headers=HeaderFields(), content=content)
    )
    assert redactor.text(f"got {VALUE}") == "got $ACCESS_TOKEN"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("id,password\n1,hunter2\n", "id,password\n1,***\n"),
        ('<textarea name="password">hunter2</textarea>', '<textarea name="password">***</textarea>'),
        ("password: |\n  hunter2\nother: x", "password: |\n  ***\nother: x"),
        ("name: password\nvalue: hunter2\n", "name: password\nvalue: ***\n"),
    ],
)
def test_what_is_weak_is_masked_where_the_place_is_certain(content: str, shown: str) -> None:
    assert Redactor().content(content) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("The token is valid until 2026-01-01T00:00:00Z.", "Your password is too short: 12 characters at least"),
        *(
            "The API key is missing",
            "Authorization code is invalid_grant_2",
            "the secret is at a/b/c2",
        ),
        *("<tr><th>Token</th><th>Oauth2ClientId-2024</th></tr>", "<td>access_token</td><td>oauth2_client_id</td>"),
        *(
            "<dt>Token endpoint</dt><dd>https://a.example/oauth2/3f2504e04f89</dd>",
            "<label>Password</label> <b>Login</b>",
        ),
        *('["refresh_token", "oauth2_client_id", "3f2504e04f89"]', '["access_token", "token_type_2024"]'),
        *("Invalid token, sorry\nPlease log in, again", "| Token | needed |\n|---|---|\n| admin | staff-2024 |\n"),
        *("| Kind | Token |\n|---|---|\n| staff | directory_2 |\n", '<a name="token">Token</a>'),
        *("id,name\n1,3f2504e04f89abcd\n", "name=limit&value=3f2504e04f89abcd", "error code is 3f2504e04f89abcd"),
        *("--output 3f2504e04f89abcd", "**Note:** `3f2504e04f89abcd`", "items:\n  - 3f2504e04f89abcd\n"),
    ],
)
def test_what_only_tells_of_secrets_stays(text: str) -> None:
    assert Redactor().text(text) == text
    assert Redactor().content(text) == text


@pytest.mark.parametrize(
    "value",
    [
        {"type": "password", "value": VALUE},
        {"id": "7", "field": "api_key", "value": VALUE},
        [["password", VALUE]],
    ],
)
def test_a_json_value_is_a_secret_by_the_name_beside_it(value: JSONValue) -> None:
    redactor = Redactor()
    learn_json(redactor, value)
    assert redactor.text(VALUE) in ("$PASSWORD", "$API_KEY")


def test_of_names_beside_a_value_the_plainest_decides() -> None:
    value: JSONValue = {"name": "limit", "type": "token", "value": "plain-words-2024"}
    assert Redactor().json(value) == value


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/reset-password/{}",
            "/password/reset/{}",
            "/users/7/forgot_password/{}",
            "/auth/magic-link/{}",
            "/verify/email/{}",
        ),
        *("/accounts/password/reset/key/4-{}/", "/email-verification/7/{}?next=/", "/confirm-account/{}#top"),
    ],
)
def test_the_end_of_a_link_that_is_mailed_is_a_secret(path: str) -> None:
    uri = f"https://shop.example.com{path}".format(VALUE)
    for redactor in (Redactor(), Redactor()):
        assert VALUE not in redactor.text(f"open {uri} at once")
        learn_uri(redactor, uri)
        assert redactor.text(f"token {VALUE}") == "token $LINK"


def test_the_end_of_the_link_that_django_mails_is_a_secret() -> None:
    link = "https://shop.example.com/accounts/reset/{}/c8k2jd-9f8e7d6c5b4a39281706f5e4d3c2b1a0/"
    assert Redactor().text(link.format("MQ")) == "https://shop.example.com/accounts/reset/MQ/$LINK/"


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/reset-password",
            "/password/reset/confirmation-page",
            "/verify/email/alice@example.com",
            "/new/password/rules",
        ),
        *("/orders/reset/0b9e4a1c77d2", "/accounts/7b0c9e4a1c77d2", "/settings/notifications"),
    ],
)
def test_the_end_of_another_path_stays(path: str) -> None:
    assert Redactor().text(f"https://shop.example.com{path}") == f"https://shop.example.com{path}"


@pytest.mark.parametrize(
    "command",
    [
        *("curl -u bob:{} https://a", "curl -s --user 'bob:{}' https://a", 'curl https://a \\\n  -u "bob:{}"'),
        *("curl --user=bob:{} https://a", '["curl", "-u", "bob:{}"]', "curl -x http://proxy -U bob:{} https://a"),
    ],
)
def test_the_password_of_a_curl_line_is_a_secret(command: str) -> None:
    assert Redactor().text(command.format(VALUE)) == command.format("$PASSWORD")
    assert Redactor().content(command.format("hunter2")) == command.format("***")


@pytest.mark.parametrize("base", ["&#{};", "&#x{:x};"])
def test_a_secret_is_known_in_the_form_in_which_it_came(base: str) -> None:
    written = "".join(base.format(ord(character)) for character in VALUE)
    redactor = Redactor()
    shown = redactor.content(f"<input type=hidden name=access_token value='{written}'>")
    assert shown == "<input type=hidden name=access_token value='$ACCESS_TOKEN'>"
    assert redactor.text(f"{written} {VALUE}") == "$ACCESS_TOKEN $ACCESS_TOKEN"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32-le"])
def test_a_secret_is_found_among_the_zero_octets_of_its_encoding(encoding: str) -> None:
    redactor = Redactor()
    redactor.learn_secret("password", VALUE)
    octets = f"it is {VALUE}, is it".encode(encoding)
    for text in (repr(octets), str([octets]), octets.decode("latin-1")):
        assert VALUE[:6] not in redactor.text(text).replace("\\x00", "").replace("\0", "")
        assert "$PASSWORD" in redactor.text(text)


def test_a_curl_line_without_a_password_stays() -> None:
    text = "curl -u bob https://a -d 'a:b' -H 'Accept: text/html'; curl -u $USER:$PASSWORD https://a"
    assert Redactor().content(text) == text
    text = f"curl --user-agent=app:{VALUE} https://a"
    assert Redactor().content(text) == text


def test_what_a_doc_says_itself_stays_beside_it() -> None:
    text = f"Your new password is {VALUE}"
    assert Redactor().beside(text).text(text) == text


@pytest.mark.parametrize(
    "unit",
    [
        "token is ",
        "curl -s ",
        "/reset-password/a",
        "<td>token</td>",
        "| token | b |\n|---|---|\n",
        "password:\n",
        "token,b\n",
    ],
)
def test_a_text_is_looked_through_in_linear_time(unit: str) -> None:
    def taken(count: int) -> float:
        began = time.process_time()
        Redactor().text(unit * (count // len(unit)))
        return time.process_time() - began

    taken(10_000)
    assert taken(400_000) < max(16 * taken(50_000), 2)
