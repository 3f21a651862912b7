"""What is kept between runs: for its owner only, apart by environment, shared between workers."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.environment import OAuthSettings, OAuthUser
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.oauth.apps import AppStore, KeptApp, KeptApps
from pytest_endpoint_docs.oauth.browser.credentials import Credentials, choose_user
from pytest_endpoint_docs.oauth.browser.saved_sessions import SavedSession
from pytest_endpoint_docs.oauth.consent_errors import TokenRequestFailed
from pytest_endpoint_docs.oauth.token_cache import TokenCache

APP = KeptApp(client_id="app-1", client_secret=Secret("APP_CLIENT_SECRET", "shown-once"), values={"uid": "u1"})


def _session(directory: Path, **more: object) -> SavedSession:
    values: dict[str, object] = {
        "environment": "local",
        "authorize_url": "https://as.example.com/authorize",
        "username": "alice",
        **more,
    }
    return SavedSession(directory, **values)  # type: ignore[arg-type]


def test_a_saved_login_is_private_and_apart_by_environment_server_and_user(tmp_path: Path) -> None:
    session = _session(tmp_path)
    session.save({"cookies": [], "origins": []})

    assert session.load() == {"cookies": [], "origins": []}
    assert session.file.stat().st_mode & 0o777 == 0o600
    assert session.file.parent.stat().st_mode & 0o777 == 0o700
    assert "alice" not in session.file.name
    others = (
        _session(tmp_path, environment="staging"),
        _session(tmp_path, username="bob"),
        _session(tmp_path, authorize_url="https://other.example.com/authorize"),
    )
    assert [other.load() for other in others] == [None, None, None]


def test_a_fresh_login_ignores_older_files_and_takes_newer_ones(tmp_path: Path) -> None:
    _session(tmp_path).save({"cookies": [], "origins": []})

    assert _session(tmp_path, not_before=time.time() + 60).load() is None
    assert _session(tmp_path, not_before=time.time() - 60).load() is not None


def test_a_file_that_a_killed_run_left_half_written_counts_as_none(tmp_path: Path) -> None:
    session = _session(tmp_path)
    session.save({"cookies": [], "origins": []})
    session.file.write_text('{"saved_at": 1, "sta')

    assert session.load() is None


def test_an_app_is_kept_with_its_secret(tmp_path: Path) -> None:
    store = AppStore(tmp_path, environment="local")
    store.keep("POST /platform/v1/apps", APP)
    kept = AppStore(tmp_path, environment="local").lookup("POST /platform/v1/apps")

    assert kept is not None
    assert kept.client_secret is not None
    assert (kept.client_id, kept.client_secret.reveal(), kept.values) == ("app-1", "shown-once", {"uid": "u1"})
    assert "shown-once" not in repr(kept)
    assert store.file.stat().st_mode & 0o777 == 0o600
    assert AppStore(tmp_path, environment="staging").lookup("POST /platform/v1/apps") is None


def test_parallel_workers_create_one_app(tmp_path: Path) -> None:
    created: list[int] = []

    def create() -> JSONValue:
        created.append(1)
        time.sleep(0.05)
        return {"data": {"client_id": "app-1", "client_secret": "shown-once"}}

    def ask() -> None:
        store = AppStore(tmp_path, environment="local")
        KeptApps(store, run_started=0.0, is_known=lambda _: True).answer("key", create)

    workers = [threading.Thread(target=ask) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(created) == 1


def test_an_app_of_an_earlier_run_is_tried_once(tmp_path: Path) -> None:
    store, tried = AppStore(tmp_path, environment="local"), []
    store.keep("key", replace(APP, created_at=1.0, values={"answer": {"client_id": "app-1"}}))

    def is_known(app: KeptApp) -> bool:
        tried.append(app.client_id)
        return True

    apps = KeptApps(store, run_started=2.0, is_known=is_known)
    answers = [apps.answer("key", lambda: {"client_id": "app-2"}) for _ in range(2)]
    assert (answers, tried) == ([{"client_id": "app-1"}] * 2, ["app-1"])


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_obtained_once_per_identity_and_again_when_it_expires(tmp_path: Path) -> None:
    clock, obtained = Clock(), []
    cache = TokenCache(tmp_path, environment="local", clock=clock)

    def obtain() -> dict[str, object]:
        obtained.append(1)
        return {"access_token": f"token-{len(obtained)}", "expires_in": 3600}

    def token(*identity: str) -> str:
        return cache.access_token(*identity, obtain=obtain).reveal()  # type: ignore[arg-type]

    assert [token("app-1", "alice"), token("app-1", "alice"), token("app-1", "bob")] == [
        "token-1",
        "token-1",
        "token-2",
    ]
    clock.now += 3580
    assert token("app-1", "alice") == "token-3"
    assert "token" not in repr(cache.access_token("app-1", "alice", obtain=obtain))  # type: ignore[arg-type]
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "tokens").glob("*.json")} == {0o600}


def test_an_expired_token_is_refreshed_and_obtained_where_that_fails(tmp_path: Path) -> None:
    clock = Clock()
    cache = TokenCache(tmp_path, environment="local", clock=clock)
    used: list[str] = []

    def refresh(refresh_token: str) -> dict[str, object]:
        used.append(refresh_token)
        if len(used) > 1:
            raise TokenRequestFailed("used up", status_code=400, error="invalid_grant")
        return {"access_token": "refreshed", "expires_in": "60"}

    def token() -> str:
        first = {"access_token": "first", "refresh_token": "again", "expires_in": 60}
        return cache.access_token("a", obtain=lambda: first, refresh=refresh).reveal()  # type: ignore[arg-type, return-value]

    assert token() == "first"
    clock.now += 60
    assert token() == "refreshed"
    clock.now += 60
    assert token() == "first"
    assert used == ["again", "again"]


def _settings(*names: str) -> OAuthSettings:
    users = {name: OAuthUser(name=name, username=name) for name in names}
    return OAuthSettings(authorize_url="a", token_url="t", location=SourceLocation("e.yaml", 4), users=users)


def test_which_user_logs_in() -> None:
    assert choose_user(_settings("default", "admin"), None).name == "default"
    assert choose_user(_settings("admin"), None).name == "admin"
    assert choose_user(_settings("default", "admin"), "admin").name == "admin"
    with pytest.raises(ConfigError, match=r"e.yaml:4: the oauth block has no user 'admim'; did you mean 'admin'\?"):
        choose_user(_settings("default", "admin"), "admim")


def test_one_time_codes_of_short_and_long_secrets() -> None:
    """80-bit secrets, as servers give them out, with blanks as they show them."""

    def credentials(secret: str) -> Credentials:
        return Credentials(user=OAuthUser(name="default", username="alice", totp_secret=Secret("OAUTH_TOTP", secret)))

    for secret in ("JBSW Y3DP EHPK 3PXP", "jbswy3dpehpk3pxpjbswy3dpehpk3pxp"):
        made = credentials(secret)
        code = asyncio.run(made.value("totp"))
        assert len(code) == 6
        assert made.recognizes_code(code)
        assert not made.recognizes_code("000000" if code != "000000" else "000001")
    with pytest.raises(ConfigError, match=r"\$OAUTH_TOTP is not a TOTP secret"):
        asyncio.run(credentials("not base 32 !!!").value("totp"))


def test_a_missing_password_names_the_variable_to_set() -> None:
    user = OAuthUser(name="default", username="alice", variables=("OAUTH_PASSWORD",))

    with pytest.raises(ConfigError, match=r"has no password \(set OAUTH_PASSWORD\)"):
        asyncio.run(Credentials(user=user).value("password"))
