"""A sandbox that listens, asked by a real client."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import yaml
from sandbox_flow import CALLBACK, form_fields, query_of

from pytest_endpoint_docs.sandbox import running
from pytest_endpoint_docs.sandbox.running import Sandbox, serve
from pytest_endpoint_docs.sandbox.settings import ENVIRONMENT_FILE, SandboxSettings, User

REPOSITORY_FILE = Path(__file__).parents[2] / "fixtures" / "environments" / "sandbox.yaml"


def test_the_whole_flow_with_a_real_client() -> None:
    with Sandbox.start() as sandbox, requests.Session() as person:
        environ = sandbox.environ()
        directory = {"Authorization": f"Bearer {environ['SANDBOX_DIRECTORY_TOKEN']}"}
        body = {"name": "My app", "app_code_name": "myapp", "redirect_uri": CALLBACK}
        app = person.post(f"{sandbox.url}/platform/v1/apps", json=body, headers=directory).json()["data"]
        query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": CALLBACK, "state": "x"}
        login = person.get(f"{sandbox.url}/oauth/authorize", params=query)
        fields = {**form_fields(login.text), "username": "alice@example.com", "password": environ["SANDBOX_PASSWORD"]}
        consent = person.post(f"{sandbox.url}/login", data=fields)
        decision = {**form_fields(consent.text), "decision": "allow"}
        answer = query_of(person.post(consent.url, data=decision, allow_redirects=False).headers["Location"])
        assert (answer["state"], answer["iss"]) == ("x", sandbox.url)
        exchange = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "redirect_uri": CALLBACK,
        }
        token = requests.post(f"{sandbox.url}/oauth/token", json=exchange, timeout=5).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        claims = requests.get(f"{sandbox.url}/oauth/userinfo", headers=bearer, timeout=5).json()
        assert claims["preferred_username"] == "alice@example.com"


def test_simultaneous_requests_do_not_break_uniqueness() -> None:
    with Sandbox.start() as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.environ()['SANDBOX_STAFF_TOKEN']}"}

        def create(number: int) -> int:
            body = {"first_name": f"N{number}", "email": "same@example.com"}
            url = f"{sandbox.url}/platform/v1/clients"
            return requests.post(url, json=body, headers=headers, timeout=5).status_code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(create, range(8))) == [201] + [409] * 7


def test_a_large_upload_is_refused_with_an_answer() -> None:
    with Sandbox.start() as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.environ()['SANDBOX_STAFF_TOKEN']}"}
        files = {"file": ("big.txt", b"x" * 1_000_000, "text/plain")}
        url = f"{sandbox.url}/platform/v1/documents"
        answer = requests.post(url, data={"client_id": "cli_1"}, files=files, headers=headers, timeout=10)
        assert answer.status_code == 413


def test_it_stops_and_is_new_at_every_start() -> None:
    with Sandbox.start() as first:
        port, environ = int(first.url.rpartition(":")[2]), first.environ()
    first.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    with Sandbox.start(port=port) as second:
        assert second.url == first.url
        assert not set(second.environ().values()) & (set(environ.values()) - {first.url})


def test_a_port_that_is_taken_is_an_error_of_the_caller() -> None:
    with Sandbox.start() as first, pytest.raises(OSError, match="in use"):
        Sandbox.start(port=int(first.url.rpartition(":")[2]))


def test_nothing_secret_is_in_a_repr() -> None:
    settings = SandboxSettings(users=(User(username="eve", password="topsecret"),), tokens={"staff": "topsecret"})
    with Sandbox.start(settings) as sandbox:
        assert "topsecret" not in repr(sandbox) + repr(settings)


@pytest.mark.parametrize("file", [REPOSITORY_FILE, ENVIRONMENT_FILE])
def test_environment_files_refer_to_what_the_sandbox_sets(file: Path) -> None:
    with Sandbox.start() as sandbox:
        content = yaml.safe_dump(yaml.safe_load(file.read_text(encoding="utf-8")))
        assert set(re.findall(r"\$\{(\w+)\}", content)) == set(sandbox.environ())


def test_the_packaged_environment_is_the_repository_one_without_its_files() -> None:
    here, packaged = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in (REPOSITORY_FILE, ENVIRONMENT_FILE))
    assert {name: value for name, value in here.items() if name not in ("openapi", "files")} == packaged


def test_serving_announces_what_a_person_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []

    def interrupted(server: object, poll_interval: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running.BaseWSGIServer, "serve_forever", interrupted)
    serve(0, SandboxSettings(users=(User(username="eve", password="pw"),)), lines.append)
    assert re.match(r"The sandbox answers at http://127\.0\.0\.1:\d+", lines[0])
    assert "Log in as eve" in lines[1]
    assert "  export SANDBOX_PASSWORD=pw" in lines
    assert lines[-1] == "Stopped."
