"""The browser lives in a thread of its own, and never outlives the run."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bounded_reads import read_until
from local_site import Answer, Asked, AuthorizationServer, Site, html, to, with_code
from processes import alive, browser_processes, eventually

from pytest_endpoint_docs.oauth.browser.launch import BROWSER_VARIABLE
from pytest_endpoint_docs.oauth.consent_errors import BrowserMissing, DisplayMissing
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]


def test_it_works_inside_a_running_event_loop(site: Site, make_session: MakeSession) -> None:
    site.pages["/authorize"] = lambda asked: to(with_code(asked))
    session = make_session(site.origin)

    async def inside() -> str:
        return session.authorize().code

    assert asyncio.run(inside()) == "code-1234567890"
    # And the loop that was there is left alone.
    assert asyncio.run(inside()) == "code-1234567890"


def test_it_works_beside_somebody_elses_playwright(site: Site, make_session: MakeSession) -> None:
    from playwright.sync_api import sync_playwright

    site.pages["/authorize"] = lambda asked: to(with_code(asked))
    with sync_playwright():
        assert make_session(site.origin).authorize().code == "code-1234567890"


def test_one_browser_serves_all_codes_and_is_gone_after_close(site: Site, make_session: MakeSession) -> None:
    site.pages["/authorize"] = lambda asked: to(with_code(asked))
    mark = {"CONSENT_TEST": uuid.uuid4().hex}
    marked = f"CONSENT_TEST={mark['CONSENT_TEST']}"
    session = make_session(site.origin, environ={**os.environ, **mark})

    session.authorize()
    first = browser_processes(marked=marked)
    session.authorize()
    second = browser_processes(marked=marked)
    session.close()
    session.close()

    assert _mains(first) == _mains(second) != set()
    assert eventually(lambda: not alive([*first, *second]))


def _mains(processes: dict[int, str]) -> set[int]:
    return {pid for pid, command in processes.items() if "--type=" not in command}


PROGRAM = """
import os, sys
from pathlib import Path
from pytest_endpoint_docs.model.environment import OAuthSettings, OAuthUser
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.consent_options import ConsentContext
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.redaction.redactor import Redactor

origin, storage, ending = sys.argv[1:]
settings = OAuthSettings(
    authorize_url=origin + "/authorize", token_url=origin + "/token", location=SourceLocation("local.yaml", 1),
    client_id="contract-client", redirect_uri="https://myapp.example.com/cb",
    users={"default": OAuthUser(name="default", username="alice", password=Secret("P", "correct horse"))},
)
session = ConsentSession(
    settings, ConsentContext(environment="local", storage=Path(storage), redactor=Redactor(), environ=os.environ)
)
session.authorize()
print("started", flush=True)
if ending == "hang":
    session.authorize(extra_params={"hang": "yes"})
elif ending == "error":
    raise RuntimeError("a test run that dies")
"""


@pytest.fixture
def start(site: Site, tmp_path: Path) -> Iterator[Callable[[str], tuple[subprocess.Popen[str], str]]]:
    """Start a program that gets a code and then ends in some way; returns it, and what marks its processes."""
    site.pages["/authorize"] = lambda asked: (
        html("<h1>Nothing here yet</h1><script>fetch('/never')</script>")
        if "hang" in asked.query
        else to(with_code(asked))
    )
    site.pages["/never"] = lambda asked: (time.sleep(20), html(""))[1]

    programs: list[subprocess.Popen[str]] = []

    def start(ending: str) -> tuple[subprocess.Popen[str], str]:
        mark = uuid.uuid4().hex
        program = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(PROGRAM), site.origin, str(tmp_path), ending],
            env={**os.environ, "CONSENT_TEST": mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        programs.append(program)
        return program, f"CONSENT_TEST={mark}"

    yield start
    for program in programs:
        with program:
            program.kill()


@pytest.mark.parametrize("ending", ["end", "error"])
def test_a_program_that_ends_without_closing_leaves_no_browser(
    ending: str, start: Callable[[str], tuple[subprocess.Popen[str], str]]
) -> None:
    program, marked = start(ending)
    _, errors = program.communicate(timeout=30)

    assert program.returncode == (1 if ending == "error" else 0), errors
    assert ("RuntimeError" in errors) == (ending == "error")
    assert "Warning" not in errors
    assert eventually(lambda: not browser_processes(marked=marked))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_program_that_is_interrupted_leaves_no_browser(
    number: signal.Signals, site: Site, start: Callable[[str], tuple[subprocess.Popen[str], str]]
) -> None:
    program, marked = start("hang")
    assert program.stdout is not None
    read_until(program.stdout, "started\n")
    assert eventually(lambda: site.count("GET", "/never") > 0)
    family = browser_processes(marked=marked)
    assert any("--type=renderer" in command for command in family.values())

    # To the whole group, as a terminal does with Ctrl-C.
    os.killpg(program.pid, number)
    _, errors = program.communicate(timeout=30)

    assert program.returncode != 0
    assert ("KeyboardInterrupt" in errors) == (number == signal.SIGINT)
    assert eventually(lambda: not alive(family)), [family[pid] for pid in alive(family)]


def test_parallel_workers_log_in_once(server: AuthorizationServer, make_session: MakeSession, tmp_path: Path) -> None:
    sessions = [make_session(server.site.origin, storage=tmp_path) for _ in range(2)]
    codes: list[str] = []
    workers = [threading.Thread(target=lambda each=each: codes.append(each.authorize().code)) for each in sessions]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert codes == ["code-1234567890"] * 2
    assert server.site.count("POST", "/login") == 1


def test_a_login_is_kept_for_the_next_run_unless_a_fresh_one_is_asked_for(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path
) -> None:
    make_session(server.site.origin, storage=tmp_path).authorize()
    make_session(server.site.origin, storage=tmp_path).authorize()
    assert server.site.count("POST", "/login") == 1
    files = list((tmp_path / "sessions").glob("*.json"))
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600]
    assert (tmp_path / "sessions").stat().st_mode & 0o777 == 0o700

    fresh = ConsentOptions(not_before=time.time())
    make_session(server.site.origin, storage=tmp_path, options=fresh).authorize()
    assert server.site.count("POST", "/login") == 2
    # Another worker of that run takes over its login.
    make_session(server.site.origin, storage=tmp_path, options=fresh).authorize()
    assert server.site.count("POST", "/login") == 2


def test_a_saved_login_that_the_server_forgot_is_made_anew(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path
) -> None:
    make_session(server.site.origin, storage=tmp_path).authorize()
    server.username = "alice2"
    session = make_session(server.site.origin, storage=tmp_path, username="alice2")

    assert session.authorize().code == "code-1234567890"
    assert server.site.count("POST", "/login") == 2


def test_without_a_browser_the_message_names_three_ways(site: Site, make_session: MakeSession) -> None:
    session = make_session(site.origin, environ={"PATH": "/nonexistent", "HOME": "/nonexistent"})

    with pytest.raises(BrowserMissing) as failure:
        session.authorize()

    for way in (BROWSER_VARIABLE, "playwright install chromium", "apt-get install chromium"):
        assert way in str(failure.value)


def test_a_setting_that_names_no_browser_is_not_passed_over(site: Site, make_session: MakeSession) -> None:
    session = make_session(site.origin, environ={**os.environ, BROWSER_VARIABLE: "/nonexistent/chrome"})

    with pytest.raises(BrowserMissing, match=f"{BROWSER_VARIABLE}=/nonexistent/chrome"):
        session.authorize()


def test_a_window_needs_a_display(site: Site, make_session: MakeSession) -> None:
    without = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    session = make_session(site.origin, environ=without, options=ConsentOptions(headed=True))

    with pytest.raises(DisplayMissing, match="xvfb-run"):
        session.authorize()


def test_a_login_that_ends_is_renewed_by_one_of_two_processes(
    site: Site, make_session: MakeSession, tmp_path: Path
) -> None:
    server = AuthorizationServer(site)
    sessions = [make_session(site.origin, storage=tmp_path) for _ in range(2)]
    assert all(session.authorize().code for session in sessions)
    assert site.count("POST", "/login") == 1
    # The server forgets the login, and lets nobody log in before both have seen that.
    both_ask = threading.Barrier(2, timeout=20)
    forgotten, asking = "alice-again", iter((True, True))

    def authorize(asked: Asked) -> Answer:
        if "client_id" in asked.query:
            server.request = asked
        if asked.cookies.get("who") == forgotten:
            return to(with_code(asked if "client_id" in asked.query else server.request))
        if next(asking, False):
            both_ask.wait()
        return html(server.login_html)

    site.pages["/authorize"] = authorize
    site.pages["/login"] = lambda asked: to("/authorize", **{"Set-Cookie": f"who={forgotten}; Path=/"})

    with ThreadPoolExecutor() as pool:
        codes = [grant.code for grant in pool.map(lambda session: session.authorize(), sessions)]

    assert len(codes) == 2
    assert site.count("POST", "/login") == 2
