"""Awkward consent pages: what is clicked, what is waited for, how a refusal is found, how a dead end is told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from local_site import Answer, Asked, AuthorizationServer, Site, html, to, with_code, with_error
from processes import kill_renderers
from refusing_port import refusing_port

from pytest_endpoint_docs.oauth.consent_errors import (
    AuthorizationErrorResponse,
    ConsentStuck,
    ConsentTimeout,
    ErrorNotReturned,
    IssuerMismatch,
    NoWayToDeny,
    PageCrashed,
    RedirectMalformed,
    StateMismatch,
)
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]

ALLOW = "<button name=decision value=allow>Allow</button>"
CANCEL = "<button name=decision value=deny>Cancel</button>"


def _consent(inner: str, after: str = "") -> str:
    return f"<h1>Contract tests wants access</h1><form method=post action=/decide>{inner}</form>{after}"


@pytest.mark.parametrize(
    "consent_html",
    [
        pytest.param(_consent(CANCEL + ALLOW), id="cancel first"),
        pytest.param(
            "<button onclick='document.body.hidden=true'>Toggle theme</button>" + _consent(CANCEL + ALLOW),
            id="toy first",
        ),
        pytest.param(
            _consent(
                "<button formaction=/out>Log out</button><button formaction=/switch>Switch account</button>" + ALLOW
            ),
            id="away first",
        ),
        pytest.param(
            _consent("<input type=submit name=no value=Decline><input type=submit name=decision value=allow>"),
            id="inputs",
        ),
        pytest.param(_consent(f"<p>Signed in as <a href=/me>alice</a></p>{CANCEL}{ALLOW}"), id="own name is a link"),
        pytest.param(_consent("<button name=decision value=allow>Weiter</button>"), id="another language, one button"),
        pytest.param(
            _consent(
                "<label><input type=radio name=decision value=deny>Deny</label>"
                "<label><input type=radio name=decision value=allow>Allow</label><button>Submit</button>"
            ),
            id="yes and no as radio buttons",
        ),
        pytest.param(
            _consent(
                "<input type=hidden name=decision value=deny>"
                "<button type=button id=a onclick=\"this.form.decision.value='allow';"
                " confirm('Are you sure?') && this.form.submit()\">Authorize app</button>"
            ),
            id="asks again in a dialog",
        ),
        pytest.param(
            _consent(
                "<button name=decision value=deny>Cancel</button>" + ALLOW.replace("<button", "<button disabled id=ok")
            )
            + "<script>setTimeout(() => { ok.disabled = false }, 1800)</script>",
            id="disabled for a while",
        ),
    ],
)
def test_the_button_that_grants_is_found(
    consent_html: str, server: AuthorizationServer, make_session: MakeSession
) -> None:
    server.consent_html = consent_html

    assert make_session(server.site.origin).authorize().code == "code-1234567890"
    assert not {"/out", "/switch", "/me"} & {asked.path for asked in server.site.asked}


def test_a_page_that_changes_under_the_click(server: AuthorizationServer, make_session: MakeSession) -> None:
    """The page is drawn anew a few times, and the buttons change places as it settles."""
    server.consent_html = (
        "<h1>Allow?</h1><div id=box></div><script>let n = 0; const draw = () => { n += 1; const swap = n % 2;"
        "const a = '<button name=decision value=allow>Allow</button>';"
        "const c = '<button name=decision value=deny>Cancel</button>';"
        "box.innerHTML = '<form method=post action=/decide>' + (swap ? c + a : a + c) + '</form>';"
        "if (n < 12) setTimeout(draw, 97) }; draw()</script>"
    )

    assert make_session(server.site.origin).authorize().code == "code-1234567890"
    assert [asked.form for asked in server.site.asked if asked.path == "/decide"] == [{"decision": "allow"}]


def test_boxes_are_ticked_once_where_the_page_comes_back(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    server.consent_html = _consent(
        "<label><input type=checkbox name=terms> I accept the terms</label>"
        "<label><input type=checkbox name=scope style='opacity:0; width:0; height:0'> openid</label>" + CANCEL + ALLOW
    )
    granted = server.decide

    def decide(asked: Asked) -> Answer:
        ticked = asked.form.get("terms") == "on" and asked.form.get("scope") == "on"
        return (
            granted(asked)
            if ticked
            else html("<p role=alert>Accept the terms</p>" + server.consent_html, title="Consent")
        )

    server.site.pages["/decide"] = decide

    assert make_session(server.site.origin).authorize().code == "code-1234567890"
    assert server.site.count("POST", "/decide") == 2


def test_the_only_entry_of_a_list_that_is_required_is_chosen(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    shop = "<select name=shop required><option value=''>Which shop?</option><option value=7>Mine</option></select>"
    free = "<select name=colour><option value=''>Any</option><option value=red>Red</option></select>"
    server.consent_html = _consent(shop + free + CANCEL + ALLOW)

    assert make_session(server.site.origin).authorize().code == "code-1234567890"
    (sent,) = [asked.form for asked in server.site.asked if asked.path == "/decide"]
    assert sent == {"shop": "7", "colour": "", "decision": "allow"}


@pytest.mark.parametrize("where", ["consent", "login"])
def test_a_list_that_is_required_and_has_more_entries_is_told(
    server: AuthorizationServer, make_session: MakeSession, where: str
) -> None:
    shops = "<option value=''>Which?</option><option value=7>Mine</option><option value=8>Yours</option>"
    asking = f"<label>Shop <select name=shop required>{shops}</select></label>"
    if where == "consent":
        server.consent_html = _consent(asking + CANCEL + ALLOW)
    else:
        server.login_html = server.login_html.replace("<button", asking + "<button")

    with pytest.raises(ConsentStuck, match="is required, and nothing says which of its 2 entries to choose; a recipe"):
        make_session(server.site.origin).authorize()

    assert server.site.count("POST", "/decide") == server.site.count("POST", "/login") - (where == "consent") == 0


def test_a_button_whose_script_needs_no_entry_of_a_list_is_clicked(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    shops = "<option value=''>Which?</option><option value=7>Mine</option><option value=8>Yours</option>"
    sending = (
        "onclick=\"event.preventDefault(); this.form.querySelector('select').required = false;"
        ' this.form.requestSubmit(this)"'
    )
    asking = f"<select name=shop required>{shops}</select>"
    server.consent_html = _consent(asking + CANCEL + ALLOW.replace("<button", f"<button {sending}"))

    assert make_session(server.site.origin).authorize().code == "code-1234567890"


def test_a_consent_in_a_popup(site: Site, make_session: MakeSession) -> None:
    requests: list[Asked] = []

    def authorize(asked: Asked) -> Answer:
        requests.append(asked)
        return html(
            "<h1>Welcome</h1><button onclick=\"window.open('/consent', 'p', 'width=500,height=400')\">Continue</button>"
        )

    site.pages |= {
        "/authorize": authorize,
        "/consent": lambda asked: html(_consent(CANCEL + ALLOW)),
        "/decide": lambda asked: to(with_code(requests[0])),
    }

    assert make_session(site.origin).authorize().code == "code-1234567890"


@pytest.mark.parametrize(
    "consent_html",
    [
        pytest.param(_consent(ALLOW + CANCEL), id="button"),
        pytest.param(_consent(ALLOW, "<a href=/no>No thanks</a>"), id="link"),
        pytest.param(_consent("<button name=decision value=deny>Don't allow</button>" + ALLOW), id="negated grant"),
        pytest.param(
            _consent(
                "<label><input type=checkbox name=decision value=allow checked> openid</label><button>Submit</button>"
            ),
            id="unticked",
        ),
        pytest.param(
            _consent(
                "<label><input type=radio name=decision value=allow checked>Yes</label>"
                "<label><input type=radio name=decision value=deny>No</label><button>Continue</button>"
            ),
            id="radio button",
        ),
    ],
)
def test_refusing(consent_html: str, server: AuthorizationServer, make_session: MakeSession) -> None:
    server.consent_html = consent_html
    server.site.pages["/no"] = lambda asked: to(with_error(server.request))

    error = make_session(server.site.origin).authorize(expect_error="access_denied")

    assert (error.error, error.description, error.state_matches) == ("access_denied", "The person said no", True)


def test_a_page_that_cannot_be_refused_says_so(server: AuthorizationServer, make_session: MakeSession) -> None:
    server.consent_html = _consent(ALLOW)

    with pytest.raises(NoWayToDeny, match="no way to deny here"):
        make_session(server.site.origin).authorize(expect_error="access_denied")

    assert server.site.count("POST", "/decide") == 0


def test_remembered_consent_and_its_refusal(server: AuthorizationServer, make_session: MakeSession) -> None:
    session = make_session(server.site.origin)
    session.authorize()

    assert session.authorize().code == "code-1234567890"
    assert (server.site.count("POST", "/login"), server.site.count("POST", "/decide")) == (1, 1)
    # Refusing needs the page: it is asked for with prompt=consent.
    assert session.authorize(expect_error="access_denied").error == "access_denied"


def test_consent_that_is_always_remembered_cannot_be_refused(site: Site, make_session: MakeSession) -> None:
    site.pages["/authorize"] = lambda asked: to(with_code(asked))

    with pytest.raises(ErrorNotReturned, match="a code came back"):
        make_session(site.origin).authorize(expect_error="access_denied")


def test_a_dead_end_is_told_with_a_masked_picture(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path
) -> None:
    server.consent_html = (
        "<h1>Something is missing</h1><p>Your secret is correct horse, call us</p>"
        "<input name=note value='correct horse'>"
        "<a href=/help>Help</a>"
    )
    session = make_session(server.site.origin, storage=tmp_path)

    with pytest.raises(ConsentStuck) as failure:
        session.authorize()

    text = str(failure.value)
    assert "Something is missing" in text
    assert 'link "Help"' in text
    assert "/authorize" in failure.value.url
    assert "correct horse" not in text
    assert failure.value.screenshot is not None
    assert failure.value.screenshot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("status", [200, 400])
def test_a_page_that_goes_on_by_itself_is_waited_for(site: Site, make_session: MakeSession, status: int) -> None:
    left = []

    def leave(asked: Asked) -> Answer:
        left.append(asked)
        going = f"<meta http-equiv=Refresh content='5; url={with_code(asked)}'><h1>One moment</h1>"
        return Answer(status=status, body=going)

    site.pages["/authorize"] = leave

    assert make_session(site.origin).authorize().code == "code-1234567890"
    assert len(left) == 1


def test_a_page_that_only_loads_itself_again_is_not_waited_for(site: Site, make_session: MakeSession) -> None:
    site.pages["/authorize"] = lambda asked: html("<meta http-equiv=refresh content=12><h1>Not today</h1>")
    began = time.monotonic()

    with pytest.raises(ConsentStuck, match="Not today"):
        make_session(site.origin).authorize()

    assert time.monotonic() - began < 9


def test_an_error_page_ends_the_walk_soon(site: Site, make_session: MakeSession) -> None:
    site.pages["/authorize"] = lambda asked: Answer(status=400, body="<h1>Unknown client</h1>")
    session = make_session(site.origin)
    session.follow()
    began = time.monotonic()

    followed = session.follow(client_id="nobody")

    assert time.monotonic() - began < 3
    assert followed.redirect is None
    assert followed.pages[-1].status_code == 400
    assert "Unknown client" in followed.ending
    # That the pages end is what was asked here; only failures are pictured.
    assert session.pictures == []


def test_a_page_that_comes_back_each_time_is_not_clicked_for_ever(site: Site, make_session: MakeSession) -> None:
    site.pages |= {"/authorize": lambda asked: html(_consent(ALLOW)), "/decide": lambda asked: html(_consent(ALLOW))}

    with pytest.raises(ConsentStuck, match="came back each time"):
        make_session(site.origin).authorize()

    assert site.count("POST", "/decide") <= 4


def test_time_runs_out(site: Site, make_session: MakeSession) -> None:
    site.pages["/authorize"] = lambda asked: html(_consent(ALLOW.replace("<button", "<button disabled")))

    with pytest.raises(ConsentTimeout, match="no redirect within 2 s"):
        make_session(site.origin, timeout_s=2.0).authorize()


def test_a_page_whose_script_never_ends(site: Site, make_session: MakeSession) -> None:
    site.pages["/authorize"] = lambda asked: html("<script>setTimeout(() => { for (;;) {} }, 50)</script>")
    session = make_session(site.origin, timeout_s=2.0)

    with pytest.raises(ConsentTimeout):
        session.authorize()

    site.pages["/authorize"] = lambda asked: to(with_code(asked))
    assert session.authorize().code == "code-1234567890"


def test_a_page_that_crashes(site: Site, make_session: MakeSession) -> None:
    session = make_session(site.origin, environ={**os.environ, "CRASH_TEST": str(id(site))})

    def crash(asked: Asked) -> Answer:
        # Answered by the site's thread: the page that asks is the one that dies.
        kill_renderers(marked=f"CRASH_TEST={id(site)}")
        return html("never seen")

    site.pages |= {"/authorize": lambda asked: html("<h1>Fine</h1><script>fetch('/crash')</script>"), "/crash": crash}

    with pytest.raises(PageCrashed, match="the page crashed"):
        session.authorize()

    site.pages["/authorize"] = lambda asked: to(with_code(asked))
    assert session.authorize().code == "code-1234567890"


def test_a_server_that_is_not_there(make_session: MakeSession) -> None:
    with refusing_port() as port, pytest.raises(ConsentStuck, match=r"could not be opened: .*ERR_CONNECTION_REFUSED"):
        make_session(f"http://127.0.0.1:{port}").authorize()


def test_a_page_that_does_not_load_later_on(server: AuthorizationServer, make_session: MakeSession) -> None:
    not_loaded = r"could not be loaded: GET .*/next: net::ERR_CONNECTION_REFUSED"
    with refusing_port() as port, pytest.raises(ConsentStuck, match=not_loaded):
        server.consent_html = f"<h1>Allow?</h1><a href=http://127.0.0.1:{port}/next>Allow</a>"
        make_session(server.site.origin).authorize()


def test_what_the_redirect_says_is_judged(site: Site, make_session: MakeSession) -> None:
    session = make_session(site.origin, issuer="https://issuer.example.com")
    state = {"state": "another"}
    site.pages["/authorize"] = lambda asked: to(
        with_code(Asked(**{**_fields(asked), "query": {**asked.query, **state}}))
    )
    with pytest.raises(StateMismatch):
        session.authorize()

    site.pages["/authorize"] = lambda asked: to(with_code(asked) + "&iss=https%3A%2F%2Fissuer.example.com%2F")
    with pytest.raises(IssuerMismatch):
        session.authorize()

    site.pages["/authorize"] = lambda asked: to(with_error(asked, "invalid_scope"))
    with pytest.raises(AuthorizationErrorResponse, match="invalid_scope: The person said no"):
        session.authorize()
    assert session.authorize(expect_error=["invalid_scope", "invalid_request"]).error == "invalid_scope"
    with pytest.raises(ErrorNotReturned, match="invalid_scope"):
        session.authorize(expect_error="invalid_request")

    site.pages["/authorize"] = lambda asked: to(asked.query["redirect_uri"])
    with pytest.raises(RedirectMalformed, match="neither code nor error"):
        session.authorize()


def _fields(asked: Asked) -> dict[str, object]:
    return {name: getattr(asked, name) for name in ("method", "path", "query", "form", "cookies")}


def test_one_picture_of_the_last_page_is_kept(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path
) -> None:
    make_session(server.site.origin, storage=tmp_path, options=ConsentOptions(pictures=True)).authorize()

    assert len(list((tmp_path / "screenshots").glob("*.png"))) == 1


def test_an_error_at_the_redirect_uri_says_how_it_came_about(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path
) -> None:
    server.site.pages["/decide"] = lambda asked: to(with_error(server.request, "server_error"))

    with pytest.raises(AuthorizationErrorResponse) as failure:
        make_session(server.site.origin, storage=tmp_path, options=ConsentOptions(pictures=True)).authorize()

    first, *trail = str(failure.value).splitlines()
    assert first == (
        "the authorization endpoint answered with an error instead of a code: server_error: The person said no "
        "(RFC 6749 section 4.1.2.1)"
    )
    assert trail[0].startswith(f"  page: {server.site.origin}/authorize")
    assert trail[1:4] == ["  controls on it:", '    button "Cancel" name=decision', '    button "Allow" name=decision']
    assert [line.strip() for line in trail if 'click "' in line] == [
        f'fill in the user name, the password, click "Log in" on {server.site.origin}/authorize',
        f'click "Allow" on {server.site.origin}/authorize',
    ]
    picture = Path(trail[-1].removeprefix("  screenshot (secrets masked): "))
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_timeout_names_no_button_that_was_clicked_since(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    released = Event()
    server.site.pages["/decide"] = lambda _asked: (released.wait(20), html("late"))[1]
    server.consent_html = _consent(ALLOW.replace("<button", "<button id=b disabled"))
    server.consent_html += "<script>setTimeout(() => { b.disabled = false }, 900)</script>"

    with pytest.raises(ConsentTimeout) as failure:
        make_session(server.site.origin, timeout_s=6.0).authorize()
    released.set()

    assert server.site.count("POST", "/decide") == 1
    assert str(failure.value).splitlines()[0].endswith("within 6 s (timeout_s of the oauth block)")


_COUNTING = """<script>
const { getComputedStyle: ask } = window;
let asked = 0;
let most = 0;
window.getComputedStyle = (...more) => {
  if (!asked) setTimeout(() => { most = Math.max(most, asked); asked = 0 });
  asked += 1;
  return ask(...more);
};
addEventListener('submit', (event) => { event.target.most.value = most });
</script>"""


def test_a_look_at_a_big_page_asks_each_element_a_few_times(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    depth, rows = 60, 300
    server.consent_html = _consent(f"<input type=hidden name=most>{CANCEL}{ALLOW}") + _COUNTING
    server.consent_html += "<div>" * depth + "<p style=cursor:pointer><b>Row</b></p>" * rows + "</div>" * depth

    assert make_session(server.site.origin).authorize().code == "code-1234567890"
    most = int(server.site.asked[-1].form["most"])
    assert 0 < most < 6 * (depth + 2 * rows)
