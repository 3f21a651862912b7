"""Getting through login pages of many shapes, with one attempt only."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import escape
from pathlib import Path

import pyotp
import pytest
from local_site import Answer, Asked, AuthorizationServer, Site, html, running_site, to, with_code

from pytest_endpoint_docs.oauth.consent_errors import ConsentStuck, ConsentTimeout, LoginRejected
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_login_and_consent(server: AuthorizationServer, make_session: MakeSession) -> None:
    grant = make_session(server.site.origin).authorize()

    assert grant.code == "code-1234567890"
    assert server.site.count("POST", "/login") == 1


@pytest.mark.parametrize(
    "login_html",
    [
        pytest.param(
            "<form action=/search><input type=search name=q><button>Search</button></form>"
            "<form method=post action=/login>"
            "<input name=f1 placeholder=Identity><input name=username style='display:none'>"
            "<input type=password name=f2><button type=button>Show password</button><button>Continue</button></form>"
            "<script>document.forms[1].onsubmit = () => { const f = document.forms[1];"
            " f.username.value = f.f1.value; f.f2.name = 'password' }</script>",
            id="names that say nothing",
        ),
        pytest.param(
            "<form method=post action=/login>"
            "<div style='position:absolute; left:-4000px'><input name=username_trap></div>"
            "<input name=email_trap tabindex=-1><input name=username autocomplete='section-a username'>"
            "<input name=password type=password autocomplete=current-password>"
            "<input type=submit value='Sign in'></form>",
            id="traps for robots",
        ),
        pytest.param(
            "<form method=post action=/register><input name=email type=email><input type=password name=p1 "
            "autocomplete=new-password><input type=password name=p2 autocomplete=new-password>"
            "<button>Create account</button>"
            "</form><form method=post action=/login><input name=username><input type=password name=password>"
            "<button>Sign in</button></form>",
            id="registration beside it",
        ),
        pytest.param(
            "<form method=post action=/login><button formaction=/forgot>Forgot password?</button>"
            "<button type=button onclick=\"location='/google'\">Continue with Google</button>"
            "<input name=username><input type=password name=password><button>Go</button></form>",
            id="other buttons first",
        ),
        pytest.param(
            "<form method=post action=/login><input name=username><input type=password name=password "
            "onkeydown=\"event.key === 'Enter' && this.form.submit()\"></form>",
            id="no button at all",
        ),
        pytest.param(
            "<div id=cookie-banner style='position:fixed; inset:0; background:#fff'><p>We use cookies</p>"
            "<button onclick='this.parentNode.remove()'>Accept all cookies</button></div>"
            "<form method=post action=/login><input name=username><input type=password name=password>"
            "<button>Log in</button></form>",
            id="behind a cookie banner",
        ),
    ],
)
def test_login_forms_of_other_shapes(login_html: str, server: AuthorizationServer, make_session: MakeSession) -> None:
    server.login_html = login_html

    assert make_session(server.site.origin).authorize().code == "code-1234567890"
    assert server.site.count("POST", "/login") == 1
    assert not {"/register", "/forgot", "/google"} & {asked.path for asked in server.site.asked}


def test_a_wrong_password_is_sent_once_and_fails_clearly(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    session = make_session(server.site.origin, password="wrong horse battery")
    began = time.monotonic()

    with pytest.raises(LoginRejected) as failure:
        session.authorize()

    assert time.monotonic() - began < 15
    assert server.site.count("POST", "/login") == 1
    assert "Wrong user name or password" in str(failure.value)
    assert failure.value.screenshot is not None
    assert failure.value.screenshot.stat().st_mode & 0o777 == 0o600
    assert "wrong horse battery" not in str(failure.value)
    assert re.search(r"done so far:\n(    .*\n)*    (submit|fill in)", str(failure.value))


@pytest.mark.parametrize("delay_s", [0.0, 4.0, 8.0])
def test_a_wrong_password_is_sent_once_however_long_the_server_thinks(
    delay_s: float, server: AuthorizationServer, make_session: MakeSession
) -> None:
    refuse = server.site.pages["/login"]

    def thinking(asked: Asked) -> Answer:
        time.sleep(delay_s)
        return refuse(asked)

    server.site.pages["/login"] = thinking
    session = make_session(server.site.origin, password="wrong horse battery")

    for run in (session, session, session.afresh()):
        with pytest.raises(LoginRejected):
            run.authorize()
        run.close()

    assert server.site.count("POST", "/login") == 1


@pytest.mark.parametrize("delay_s", [4.0, 8.0])
def test_a_wrong_password_on_a_slow_javascript_page_is_sent_once(
    delay_s: float, site: Site, make_session: MakeSession
) -> None:
    _javascript_pages(site, delay_s=delay_s)
    session = make_session(site.origin, password="wrong horse")

    for _ in range(2):
        with pytest.raises(LoginRejected):
            session.authorize()

    assert site.count("POST", "/api/login") == 1


def test_a_login_that_is_never_answered_is_not_tried_again(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    server.site.pages["/login"] = lambda _asked: time.sleep(12) or html("late")
    session = make_session(server.site.origin, timeout_s=4.0)

    with pytest.raises(ConsentTimeout):
        session.authorize()
    with pytest.raises(LoginRejected, match="not tried again"):
        session.authorize()

    assert server.site.count("POST", "/login") == 1


JS_LOGIN = """<div id=app>Loading</div><script>
const app = document.getElementById('app');
const show = (message) => {
  app.innerHTML = `<h1>Welcome</h1><p role=alert>${message}</p><label>E-mail or phone <input id=user></label>
    <label>Password <input id=pass type=password></label><div role=button tabindex=0 id=go>Sign in</div>`;
  document.getElementById('go').onclick = async () => {
    const body = new URLSearchParams({ username: user.value, password: pass.value });
    document.getElementById('go').textContent = 'Please wait';
    const answer = await fetch('/api/login', { method: 'POST', body });
    if (answer.ok) consent(); else show('Wrong user name or password');
  };
};
const consent = () => {
  app.innerHTML = '<h1>Contract tests wants access</h1>' +
    '<button id=no>Not now</button><button id=yes>Yes, allow</button>';
  document.getElementById('yes').onclick = async () => {
    const answer = await fetch('/api/decide', { method: 'POST' });
    location.href = (await answer.json()).redirect;
  };
};
setTimeout(() => show(''), 250);
</script>"""


def _javascript_pages(site: Site, *, delay_s: float = 0.0) -> None:
    requests: list[Asked] = []

    def authorize(asked: Asked) -> Answer:
        requests.append(asked)
        return html(JS_LOGIN)

    def login(asked: Asked) -> Answer:
        time.sleep(delay_s)
        return Answer(status=200 if asked.form.get("password") == "correct horse" else 401, body="{}")

    site.pages |= {
        "/authorize": authorize,
        "/api/login": login,
        "/api/decide": lambda asked: Answer(body=f'{{"redirect": "{with_code(requests[0])}"}}'),
    }


def test_pages_that_are_javascript_only(site: Site, make_session: MakeSession) -> None:
    _javascript_pages(site)

    assert make_session(site.origin).authorize().code == "code-1234567890"
    assert site.count("POST", "/api/login") == 1


def test_a_slow_javascript_login_is_not_taken_for_a_rejected_one(site: Site, make_session: MakeSession) -> None:
    _javascript_pages(site, delay_s=3.0)

    assert make_session(site.origin).authorize().code == "code-1234567890"
    assert site.count("POST", "/api/login") == 1


def test_a_wrong_password_on_a_javascript_page_is_sent_once(site: Site, make_session: MakeSession) -> None:
    _javascript_pages(site)
    began = time.monotonic()

    with pytest.raises(LoginRejected):
        make_session(site.origin, password="wrong horse").authorize()

    assert time.monotonic() - began < 15
    assert site.count("POST", "/api/login") == 1


def _two_pages(server: AuthorizationServer, *, known: str = "alice") -> None:
    name_page = (
        "<form method=post action=/name><label>E-mail <input type=email name=username></label>"
        "<button>Next</button></form>"
    )
    password_page = (
        "<form method=post action=/login><input type=email name=username value=alice@example.com readonly>"
        "<input type=password name=password><button>Sign in</button></form>"
    )
    server.login_html = name_page
    server.site.pages["/name"] = lambda asked: html(password_page if asked.form["username"] == known else name_page)


def test_a_login_on_two_pages(server: AuthorizationServer, make_session: MakeSession) -> None:
    server.username = "alice@example.com"
    _two_pages(server, known="alice@example.com")

    session = make_session(server.site.origin, username="alice@example.com")

    assert session.authorize().code == "code-1234567890"
    assert (server.site.count("POST", "/name"), server.site.count("POST", "/login")) == (1, 1)


def test_a_login_on_two_hosts(server: AuthorizationServer, make_session: MakeSession) -> None:
    with running_site() as identity:
        elsewhere = identity.origin.replace("127.0.0.1", "localhost")
        server.login_html = (
            "<h1>Sign in</h1><form method=post action=/name><input type=email name=username autocomplete=username>"
            "<button>Next</button></form>"
        )
        server.site.pages["/name"] = lambda _asked: to(f"{elsewhere}/password")
        identity.pages |= {
            "/password": lambda _asked: html(
                "<h1>Example Identity</h1><form method=post action=/password-sent>"
                "<input type=password name=password><button>Sign in</button></form>"
            ),
            "/password-sent": lambda asked: to(
                f"{server.site.origin}/back?{'ok' if asked.form['password'] == server.password else 'no'}"
            ),
        }
        server.site.pages["/back"] = lambda asked: to("/authorize", **{"Set-Cookie": f"who={server.username}; Path=/"})

        server.username = "alice@example.com"
        session = make_session(server.site.origin, username=server.username)

        assert session.authorize().code == "code-1234567890"
        assert (server.site.count("POST", "/name"), identity.count("POST", "/password-sent")) == (1, 1)


def test_a_user_name_that_is_not_known_is_sent_once(server: AuthorizationServer, make_session: MakeSession) -> None:
    _two_pages(server, known="bob@example.com")

    with pytest.raises(LoginRejected, match="asks for the user name again"):
        make_session(server.site.origin, username="alice@example.com").authorize()

    assert server.site.count("POST", "/name") == 1


def _with_code_page(server: AuthorizationServer, code_html: str) -> list[str]:
    typed: list[str] = []

    def login(asked: Asked) -> Answer:
        return html(
            f"<h1>Two-step verification</h1><form method=post action=/otp>{code_html}<button>Verify</button></form>"
        )

    def otp(asked: Asked) -> Answer:
        typed.append("".join(asked.form[name] for name in sorted(asked.form)))
        if not pyotp.TOTP(TOTP_SECRET).verify(typed[-1], valid_window=1):
            return login(asked)
        return to("/authorize", **{"Set-Cookie": "who=alice; Path=/"})

    server.site.pages |= {"/login": login, "/otp": otp}
    return typed


@pytest.mark.parametrize(
    "code_html",
    [
        pytest.param("<label>Enter the 6-digit code <input name=token inputmode=numeric></label>", id="one field"),
        pytest.param("<input name=x type=password autocomplete=one-time-code>", id="hidden as a password"),
        pytest.param(
            "".join(f"<input name=d{n} maxlength=1 oninput='this.nextElementSibling?.focus()'>" for n in range(6)),
            id="a field per digit",
        ),
    ],
)
def test_a_one_time_code(code_html: str, server: AuthorizationServer, make_session: MakeSession) -> None:
    typed = _with_code_page(server, code_html)

    assert make_session(server.site.origin, totp_secret=TOTP_SECRET).authorize().code == "code-1234567890"
    assert len(typed) == 1


@pytest.mark.parametrize("has_totp", [True, False])
def test_a_menu_of_second_factors(server: AuthorizationServer, make_session: MakeSession, *, has_totp: bool) -> None:
    typed = _with_code_page(server, "<label>Verification code <input name=code></label>")
    asks = server.site.pages["/login"]
    telephone = "<h1>Approve on your phone</h1><a href=/menu>Try another way</a>"
    menu = "<a href=/sms>Text message</a><a href=/app>Authenticator app</a><a href=/new>Set up an authenticator</a>"
    server.site.pages |= {
        "/login": lambda _: html(telephone),
        "/menu": lambda _: html(f"<h1>Choose a second factor</h1>{menu}"),
        "/app": asks,
    }
    session = make_session(server.site.origin, totp_secret=TOTP_SECRET if has_totp else None)

    if has_totp:
        assert session.authorize().code == "code-1234567890"
    else:
        with pytest.raises(ConsentStuck, match='"Approve on your phone"; opened again, the authorization URL'):
            session.authorize()
        with pytest.raises(LoginRejected, match="is not tried again"):
            session.authorize()
        assert server.site.count("POST", "/login") == 1

    assert len(typed) == has_totp
    assert {"/sms", "/new"}.isdisjoint(asked.path for asked in server.site.asked)


def test_a_one_time_code_that_is_rejected_is_sent_once(server: AuthorizationServer, make_session: MakeSession) -> None:
    typed = _with_code_page(server, "<label>Verification code <input name=code></label>")

    with pytest.raises(LoginRejected, match="one-time code was rejected"):
        make_session(server.site.origin, totp_secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").authorize()

    assert len(typed) == 1


def test_a_one_time_code_without_a_secret_says_what_to_configure(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    _with_code_page(server, "<label>Verification code <input name=code></label>")

    with pytest.raises(ConsentStuck, match="totp_secret"):
        make_session(server.site.origin).authorize()


def test_an_account_chooser(server: AuthorizationServer, make_session: MakeSession) -> None:
    server.login_html = (
        "<h1>Choose an account</h1><ul><li tabindex=0 onclick=\"location='/as?who=bob'\">bob</li>"
        "<li tabindex=0 onclick=\"location='/as?who=alice'\">alice</li></ul><a href=/other>Use another account</a>"
    )
    server.site.pages["/as"] = lambda asked: to("/authorize", **{"Set-Cookie": f"who={asked.query['who']}; Path=/"})

    assert make_session(server.site.origin).authorize().code == "code-1234567890"
    assert [asked.query for asked in server.site.asked if asked.path == "/as"] == [{"who": "alice"}]


def test_a_login_form_in_a_frame_and_one_in_a_shadow_tree(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    form = server.login_html
    server.login_html = "<h1>Welcome</h1><iframe src=/widget width=600 height=400></iframe>"
    server.site.pages["/widget"] = lambda asked: html(form.replace("<form", "<form target=_top"))
    server.consent_html = (
        "<h1>Allow?</h1><div id=host></div><script>host.attachShadow({mode: 'open'}).innerHTML = "
        "'<form method=post action=/decide><button name=decision value=deny>Cancel</button>"
        "<button name=decision value=allow>Allow</button></form>'</script>"
    )

    assert make_session(server.site.origin).authorize().code == "code-1234567890"


def test_a_start_page_that_only_leads_to_the_login(server: AuthorizationServer, make_session: MakeSession) -> None:
    form = server.login_html
    server.login_html = (
        "<h1>Hello</h1><a href=/join>Sign up</a> <a href=/google>Sign in with Google</a> <a href=/form>Sign in</a>"
    )
    server.site.pages["/form"] = lambda asked: html(form)

    assert make_session(server.site.origin).authorize().code == "code-1234567890"


def test_a_server_that_asks_for_the_password_every_time_is_walked_once_for_each_further_code(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    decide = server.decide

    def forget(asked: Asked) -> Answer:
        answer = decide(asked)
        server.remembered = False
        return Answer(status=answer.status, headers={**answer.headers, "Set-Cookie": "who=; Path=/; Max-Age=0"})

    server.site.pages["/decide"] = forget
    session = make_session(server.site.origin)
    opened = []
    for _ in range(4):
        session.authorize()
        # The login leads back to the same address, without its query.
        opened.append(sum("client_id" in asked.query for asked in server.site.asked))

    # The second code shows that the login is not kept; from then on nobody tries to do without.
    assert [after - before for before, after in zip([0, *opened], opened, strict=False)] == [1, 2, 1, 1]
    assert server.site.count("POST", "/login") == 4


def test_a_rejected_login_is_not_tried_again_in_the_run(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path
) -> None:
    started = time.time()
    for _ in range(2):  # two workers of one run
        session = make_session(
            server.site.origin,
            password="wrong",
            storage=tmp_path,
            options=ConsentOptions(run_started=started),
        )
        for _ in range(2):
            with pytest.raises(LoginRejected):
                session.authorize()
    assert server.site.count("POST", "/login") == 1


def test_a_login_that_worked_is_tried_again_after_a_request_that_led_nowhere(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path
) -> None:
    """A server that keeps no login, and shows nothing where it takes no redirect URI."""
    began = time.time()
    asked_last: list[Asked] = []

    def authorize(asked: Asked) -> Answer:
        asked_last.append(asked)
        return html(server.login_html)

    def login(_asked: Asked) -> Answer:
        is_known = not asked_last[-1].query["redirect_uri"].endswith("/more")
        return to(with_code(asked_last[-1])) if is_known else html("<p>Example</p>")

    server.site.pages |= {"/authorize": authorize, "/login": login}
    options = ConsentOptions(run_started=began)
    session = make_session(server.site.origin, storage=tmp_path, options=options)
    known = session.authorize().redirect_uri

    assert session.follow(redirect_uri=f"{known}/more").redirect is None
    assert session.authorize().code == "code-1234567890"
    assert server.site.count("POST", "/login") == 3
    # Who has not seen the login work does not know why it leads nowhere.
    another = make_session(server.site.origin, storage=tmp_path / "other", options=options)
    another.follow(redirect_uri=f"{known}/more")
    with pytest.raises(LoginRejected, match="failed earlier in this run, and is not tried again"):
        another.authorize()


WIDGET = (
    "<h3>Chat with us</h3><form method=post action=/stolen><label>Email <input name=username></label>"
    "<label>Password <input type=password name=password></label><button>Log in</button></form>"
)


def test_a_form_in_a_frame_of_another_host_is_never_filled_in(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path
) -> None:
    server.site.pages["/widget"] = lambda _asked: html(WIDGET)
    elsewhere = server.site.origin.replace("127.0.0.1", "localhost")
    server.consent_html += f"<iframe src={elsewhere}/widget width=400 height=200></iframe>"

    assert make_session(server.site.origin, storage=tmp_path).authorize().code == "code-1234567890"
    server.remembered = False
    assert make_session(server.site.origin, storage=tmp_path).authorize().code == "code-1234567890"
    assert server.site.count("GET", "/widget") == 2
    assert server.site.count("POST", "/stolen") == 0
    assert server.site.count("POST", "/login") == 1


def test_a_login_that_is_in_a_frame_of_another_host_alone_is_told(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    server.site.pages["/widget"] = lambda _asked: html(WIDGET)
    elsewhere = server.site.origin.replace("127.0.0.1", "localhost")
    server.login_html = f"<h1>Portal</h1><iframe src={elsewhere}/widget width=400 height=200></iframe>"

    told = "a frame of localhost has fields, and those of other hosts are only filled in by a recipe"
    with pytest.raises(ConsentStuck, match=told):
        make_session(server.site.origin).authorize()

    assert server.site.count("POST", "/stolen") == 0


def test_a_document_without_an_address_belongs_to_the_frame_that_it_stands_in(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    inner = escape(WIDGET, quote=True)
    server.site.pages["/widget"] = lambda _asked: html(f'<iframe srcdoc="{inner}" width=300 height=150></iframe>')
    elsewhere = server.site.origin.replace("127.0.0.1", "localhost")
    server.login_html = f"<h1>Portal</h1><iframe src={elsewhere}/widget width=400 height=200></iframe>"

    with pytest.raises(ConsentStuck, match="a frame of localhost has fields"):
        make_session(server.site.origin).authorize()

    assert server.site.count("POST", "/stolen") == 0


def test_a_login_in_a_frame_of_another_host_of_the_same_owner(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    form = server.login_html

    def host(name: str) -> str:
        return server.site.origin.replace("127.0.0.1", f"{name}.shop.localhost")

    action = f"<form target=_top method=post action={host('www')}/login>"
    server.site.pages["/in"] = lambda _asked: html(form.replace("<form method=post action=/login>", action))
    server.login_html = f"<h1>Portal</h1><iframe src={host('id')}/in width=500 height=300></iframe>"

    assert make_session(host("www")).authorize().code == "code-1234567890"
    assert server.site.count("POST", "/login") == 1
