"""Which browser is taken, which hosts it refuses, and when a window can be shown."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentJob
from pytest_endpoint_docs.oauth.browser.capture import resolver_rules, same_server
from pytest_endpoint_docs.oauth.browser.journey import Journey
from pytest_endpoint_docs.oauth.browser.launch import has_display, system_browsers


def _install(folder: Path, *names: str) -> dict[str, str]:
    for name in names:
        file = folder / name
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
    return {"PATH": str(folder)}


def test_the_headless_shell_comes_first_and_never_for_a_window(tmp_path: Path) -> None:
    environ = _install(tmp_path, "chromium", "chromium-headless-shell", "google-chrome")

    def names(*, headless: bool) -> list[str]:
        found = [Path(path) for path in system_browsers(headless=headless, environ=environ)]
        return [path.name for path in found if path.parent == tmp_path]

    assert names(headless=True) == ["chromium-headless-shell", "google-chrome", "chromium"]
    assert names(headless=False) == ["google-chrome", "chromium"]


@pytest.mark.parametrize(
    ("redirect_uri", "rules"),
    [
        ("https://myapp.example.com/cb", {"MAP myapp.example.com:443 ~NOTFOUND"}),
        ("http://myapp.example.com/cb", {"MAP myapp.example.com:80 ~NOTFOUND"}),
        ("http://127.0.0.1:8000/cb", {"MAP 127.0.0.1:8000 ~NOTFOUND"}),
        ("http://[::1]:8000/cb", {"MAP [::1]:8000 ~NOTFOUND"}),
        ("myapp://cb", set()),
        ("com.example.app:/cb", set()),
        ("urn:ietf:wg:oauth:2.0:oob", set()),
    ],
)
def test_the_host_and_port_of_the_redirect_uri_are_refused(redirect_uri: str, rules: set[str]) -> None:
    assert resolver_rules(redirect_uri) == rules


def test_another_port_of_a_host_is_another_server() -> None:
    assert same_server("https://a.example/authorize", "https://A.example:443/cb")
    assert not same_server("http://127.0.0.1:8000/authorize", "http://127.0.0.1:8001/cb")


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="a window can always be shown there")
def test_a_display_is_what_the_environment_names() -> None:
    assert has_display({"DISPLAY": ":0"})
    assert has_display({"WAYLAND_DISPLAY": "wayland-0"})
    assert not has_display({})
    assert not has_display({"DISPLAY": ""})


def test_a_saved_login_is_not_shown_with_what_a_consent_needs() -> None:
    journey = Journey(url="https://as.example.com/authorize?state=st4te-4711", state="st4te-4711")
    login: Any = {"cookies": [{"name": "sid", "value": "c00kie-4711", "domain": "as.example.com", "path": "/"}]}
    job = ConsentJob(
        journey=journey,
        timeout_s=1.0,
        pilot=None,
        state=login,
        announce=print,
        mask=str,
        screenshots=Path("shots"),
        secrets=(Secret("PASSWORD", "hunter2-4711"),),
    )
    assert "ConsentJob(" in repr(job)
    assert not re.search("c00kie-4711|st4te-4711|hunter2-4711", repr(job))
