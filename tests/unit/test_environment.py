"""Environment files that load: references, secrets, paths, overrides."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from corpus_folder import CORPUS

from pytest_endpoint_docs.environment.environment_file import load_environment
from pytest_endpoint_docs.environment.keys import environment_schema
from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.http.targets import allowed_origins, parse_target
from pytest_endpoint_docs.model.environment import CheckPolicy, Environment, Limits, OAuthClient, OnBehalfOf, Server
from pytest_endpoint_docs.model.secret import Secret

EVERY_KEY = """\
base_url: ${BASE}/v1/
fallback_url: http://127.0.0.1:8001/old
servers:
  - path: "*/partners/*"
    base_url: http://127.0.0.1:8002/partners
    auth: 'Token token="{token}"'
default_token: staff
tokens:
  staff: ${STAFF_TOKEN}
  admin: {value: "${ADMIN_TOKEN}", auth: "Admin {token}"}
  pair: "${KEY}:${STAFF_TOKEN}"
params:
  {business_id: b1, since: 2026-02-03, opens: 10:30, 404: gone, owner: "${OWNER}", nested: {list: [1, "${OWNER}!"]}}
on_behalf_of: {header: X-Acts-For, value: "{{business_id}}", tokens: [admin]}
openapi: ["api/*.json", "api/b.json", "../environments/**/a.json"]
openapi_refs: {"https://schemas.example.com/": api}
files: ../files
writes: true
deletes: true
stamps: true
timeout_s: 5
limits: {requests_per_second: 2.5, max_in_flight: 3, retry_after_max_s: 10, retry_after_total_s: 90, sleep_max_s: 5}
allowed_origins: [https://files.example.com]
oauth:
  authorize_url: http://127.0.0.1:8003/oauth/authorize/
  token_url: http://127.0.0.1:8003/oauth/token/
  issuer: http://127.0.0.1:8003
  client_id: contract-client
  client_secret: ${CLIENT_SECRET}
  client_key: ${CLIENT_KEY}
  token_auth: post
  redirect_uri: myapp://callback
  scope: openid
  pkce: none
  authorize_params: {prompt: login, max_age: 5, claims: true}
  users:
    default: {username: alice, password: "${PASSWORD}", totp_secret: "${TOTP}"}
    other: {username: "${OTHER_USER}"}
  recipe: ../consent/app.yaml
  checks: {T1: fail, T6: ignore, T16: "known: TICKET-1", T10: {known: TICKET-2}}
  timeout_s: 12.5
  code_lifetime_s: 60
  second_client: {client_id: other-client, client_secret: "${SECOND_SECRET}"}
  protected_resource: http://127.0.0.1:8004/me
"""
VARIABLES = {
    "BASE": "http://127.0.0.1:8000",
    "STAFF_TOKEN": "staff-value-1\n",
    "ADMIN_TOKEN": "admin-value-2",
    "KEY": "key-value-3",
    "OWNER": "olga",
    "CLIENT_SECRET": "client-value-4",
    "PASSWORD": "password-value-5",
    "TOTP": "totp-value-6",
    "OTHER_USER": "bob-value-7",
    "SECOND_SECRET": "second-value-8",
    "CLIENT_KEY": "key-value-9",
}
SECRET_VALUES = [value.strip() for name, value in VARIABLES.items() if name not in ("BASE", "OWNER")]


def write(root: Path, text: str, name: str = "stage.yaml") -> Path:
    file = root / "fixtures" / "environments" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def load(root: Path, text: str, environ: dict[str, str] | None = None, base_url: str | None = None) -> Environment:
    write(root, text)
    return load_environment("stage", root=root, environ=environ or {}, base_url=base_url)


@pytest.fixture
def every_key(tmp_path: Path) -> Environment:
    api = tmp_path / "fixtures" / "environments" / "api"
    api.mkdir(parents=True)
    for name in ("b.json", "a.json", "c.yaml"):
        (api / name).touch()
    return load(tmp_path, EVERY_KEY, VARIABLES)


def test_every_key_is_read(every_key: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "fixtures" / "environments"
    assert every_key.name == "stage"
    assert every_key.file == folder / "stage.yaml"
    assert every_key.base_url == "http://127.0.0.1:8000/v1"
    assert every_key.fallback_url == "http://127.0.0.1:8001/old"
    assert every_key.servers == (
        Server(path="*/partners/*", base_url="http://127.0.0.1:8002/partners", auth='Token token="{token}"'),
    )
    assert every_key.default_token == "staff"
    assert every_key.params == {
        "business_id": "b1",
        "since": "2026-02-03",
        "opens": "10:30",
        "404": "gone",
        "owner": "olga",
        "nested": {"list": [1, "olga!"]},
    }
    assert every_key.on_behalf_of == OnBehalfOf(header="X-Acts-For", value="{{business_id}}", tokens=("admin",))
    assert every_key.openapi == (folder / "api" / "a.json", folder / "api" / "b.json")
    assert every_key.openapi_refs == {"https://schemas.example.com/": folder / "api"}
    assert every_key.files == tmp_path / "fixtures" / "files"
    assert (every_key.writes, every_key.deletes, every_key.stamps) == (True, True, True)
    assert every_key.timeout_s == 5.0
    assert every_key.limits == Limits(
        requests_per_second=2.5, max_in_flight=3, retry_after_max_s=10, retry_after_total_s=90, sleep_max_s=5
    )
    assert every_key.allowed_origins == ("https://files.example.com",)


def test_tokens_are_secrets_with_their_scheme(every_key: Environment) -> None:
    staff, admin, pair = (every_key.tokens[name] for name in ("staff", "admin", "pair"))
    assert staff.value == Secret("STAFF_TOKEN", "staff-value-1")
    assert (staff.auth, staff.variables, str(staff.location)) == (
        "Bearer {token}",
        ("STAFF_TOKEN",),
        "fixtures/environments/stage.yaml:9",
    )
    assert (str(admin.value), admin.auth) == ("$ADMIN_TOKEN", "Admin {token}")
    assert pair.value is not None
    assert (str(pair.value), pair.value.reveal()) == ("$KEY:$STAFF_TOKEN", "key-value-3:staff-value-1")
    assert pair.variables == ("KEY", "STAFF_TOKEN")


def test_the_oauth_block_is_read(every_key: Environment, tmp_path: Path) -> None:
    oauth = every_key.oauth
    assert oauth is not None
    assert (oauth.authorize_url, oauth.token_url, oauth.issuer) == (
        "http://127.0.0.1:8003/oauth/authorize/",
        "http://127.0.0.1:8003/oauth/token/",
        "http://127.0.0.1:8003",
    )
    assert (oauth.client_id, str(oauth.client_secret)) == ("contract-client", "$CLIENT_SECRET")
    assert oauth.client_key == Secret("CLIENT_KEY", "key-value-9")
    assert oauth.client_variables == ("CLIENT_SECRET", "CLIENT_KEY")
    assert (oauth.token_auth, oauth.redirect_uri, oauth.scope, oauth.pkce) == (
        "post",
        "myapp://callback",
        "openid",
        "none",
    )
    assert oauth.authorize_params == {"prompt": "login", "max_age": "5", "claims": "true"}
    assert oauth.recipe == tmp_path / "fixtures" / "consent" / "app.yaml"
    assert oauth.checks == {
        "T1": CheckPolicy(action="fail"),
        "T6": CheckPolicy(action="ignore"),
        "T16": CheckPolicy(action="known", ticket="TICKET-1"),
        "T10": CheckPolicy(action="known", ticket="TICKET-2"),
    }
    assert oauth.timeout_s == 12.5
    assert oauth.code_lifetime_s == 60
    assert oauth.second_client == OAuthClient(
        client_id="other-client", client_secret=Secret("SECOND_SECRET", "second-value-8")
    )
    assert oauth.protected_resource == "http://127.0.0.1:8004/me"
    assert str(oauth.location) == "fixtures/environments/stage.yaml:24"
    alice, other = oauth.users["default"], oauth.users["other"]
    assert (alice.username, alice.password, alice.totp_secret) == (
        "alice",
        Secret("PASSWORD", "password-value-5"),
        Secret("TOTP", "totp-value-6"),
    )
    assert alice.variables == ("PASSWORD", "TOTP")
    assert other.username == Secret("OTHER_USER", "bob-value-7")


def test_no_secret_is_seen_and_all_are_known_for_redaction(every_key: Environment) -> None:
    assert not [value for value in SECRET_VALUES if value in repr(every_key)]
    revealed = " ".join(secret.reveal() for secret in every_key.secrets)
    assert not [value for value in SECRET_VALUES if value not in revealed]


def test_a_base_url_alone_gives_defaults_that_write_nothing(tmp_path: Path) -> None:
    environment = load(tmp_path, "base_url: https://api.example.com")
    assert environment.base_url == "https://api.example.com"
    assert (environment.writes, environment.deletes, environment.stamps) == (False, False, False)
    assert (environment.timeout_s, environment.limits) == (30.0, Limits())
    assert (environment.oauth, environment.on_behalf_of, environment.default_token) == (None, OnBehalfOf(), None)


def test_an_empty_oauth_block_is_none(tmp_path: Path) -> None:
    assert load(tmp_path, "base_url: http://h\noauth: {}").oauth is None


def test_tokens_by_a_device_need_no_authorization_endpoint(tmp_path: Path) -> None:
    block = "{grant: device_code, device_url: https://as.example.com/device?tv=1, token_url: https://as.example.com/t}"
    environment = load(tmp_path, f"base_url: http://h\noauth: {block}")
    assert environment.oauth is not None
    assert (environment.oauth.grant, environment.oauth.authorize_url) == ("device_code", "")
    assert environment.oauth.login_url == environment.oauth.device_url == "https://as.example.com/device?tv=1"
    assert parse_target("https://as.example.com/").origin in allowed_origins(environment)


def test_an_empty_on_behalf_of_has_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "base_url: http://h\non_behalf_of: {}").on_behalf_of == OnBehalfOf()


@pytest.mark.parametrize("environ", [{}, {"STAFF_TOKEN": ""}, {"STAFF_TOKEN": " \n"}])
def test_a_token_without_value_is_kept_and_names_its_variable(tmp_path: Path, environ: dict[str, str]) -> None:
    kind = load(tmp_path, "base_url: http://h\ntokens: {staff: '${STAFF_TOKEN}'}", environ).tokens["staff"]
    assert kind.value is None
    assert kind.variables == ("STAFF_TOKEN",)


def test_a_missing_secret_of_the_oauth_block_is_none_and_named(tmp_path: Path) -> None:
    text = (
        "base_url: http://h\noauth: {authorize_url: http://h/a, token_url: http://h/t, client_secret: '${CS}',"
        " users: {default: {username: '${U}', password: '${P}'}}}"
    )
    oauth = load(tmp_path, text).oauth
    assert oauth is not None
    assert (oauth.client_secret, oauth.client_variables) == (None, ("CS",))
    user = oauth.users["default"]
    assert (bool(user.username), user.password, user.variables) == (False, None, ("U", "P"))


def test_the_dotenv_file_fills_in_and_the_process_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FROM_FILE", raising=False)
    (tmp_path / ".env").write_text("FROM_FILE='pa$$wo${rd}'\nBOTH=file\nEMPTY\n", encoding="utf-8")
    text = "base_url: http://h\ntokens: {a: '${FROM_FILE}', b: '${BOTH}', c: '${EMPTY}'}"
    tokens = load(tmp_path, text, {"BOTH": "process"}).tokens
    values = {name: kind.value.reveal() if kind.value else None for name, kind in tokens.items()}
    assert values == {"a": "pa$$wo${rd}", "b": "process", "c": None}
    assert "FROM_FILE" not in os.environ


def test_the_given_base_url_overrides_the_file_and_nothing_else(tmp_path: Path) -> None:
    text = "base_url: ${NOT_SET}\nfallback_url: http://old\nservers: [{path: '/a/*', base_url: http://a}]"
    environment = load(tmp_path, text, base_url="http://127.0.0.1:9/x/")
    assert environment.base_url == "http://127.0.0.1:9/x"
    assert (environment.fallback_url, environment.servers[0].base_url) == ("http://old", "http://a")


def test_the_given_base_url_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    assert load(tmp_path, "writes: true", base_url="http://h").base_url == "http://h"


def test_a_given_base_url_that_is_no_server_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the base URL that was given cannot be used: it is not an http or https URL"):
        load(tmp_path, "base_url: http://h", base_url="localhost:8000")


def test_an_environment_is_found_by_path_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "base_url: http://h")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.yml").write_text("base_url: http://mine", encoding="utf-8")
    for path in (elsewhere / "mine.yml", "elsewhere/mine.yml"):
        assert load_environment(str(path), root=tmp_path, environ={}).base_url == "http://mine"
    monkeypatch.chdir(elsewhere)
    assert load_environment("mine.yml", root=tmp_path, environ={}).base_url == "http://mine"


def test_the_shipped_schema_is_a_valid_schema_and_knows_exactly_these_keys() -> None:
    from jsonschema import Draft202012Validator

    schema = environment_schema()
    Draft202012Validator.check_schema(schema)
    assert sorted(schema["properties"]) == [
        "allowed_origins",
        "base_url",
        "ca_bundle",
        "client_cert",
        "default_token",
        "deletes",
        "fallback_url",
        "files",
        "knownIssues",
        "limits",
        "oauth",
        "on_behalf_of",
        "openapi",
        "openapi_checks",
        "openapi_refs",
        "params",
        "production",
        "redact",
        "servers",
        "stamps",
        "timeout_s",
        "tokens",
        "writes",
    ]


TARGET = CORPUS.parent / "target" / "environment.yaml"


@pytest.mark.skipif(not TARGET.is_file(), reason="no target/environment.yaml beside the corpus of endpoint docs")
def test_the_environment_of_the_corpus_target_loads() -> None:
    environment = load_environment(str(TARGET), root=Path.cwd(), environ={"TARGET_TOKEN": "anything"})
    assert environment.openapi
    assert all(kind.value for kind in environment.tokens.values())
