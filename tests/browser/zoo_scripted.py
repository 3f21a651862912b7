"""Pages of the zoo that scripts draw or move, and those that ask more than once."""

from __future__ import annotations

from zoo import ALLOW, DENY, PASSWORD, USER, ZooPage, consent, login

_GO = "location.href='/decide?decision=allow'"
_NO = "location.href='/decide?decision=deny'"
_POST = """<script>
const post = async (username, password) => {
  const body = new URLSearchParams({username, password});
  const answer = await fetch('/login', {method: 'POST', redirect: 'manual', body});
  if (answer.type === 'opaqueredirect') location.href = '/authorize';
};
const send = (event) => { event.preventDefault(); post(u.value, p.value) };
</script>"""
_FORM = (
    "<div id=r><form id=f><label>User name <input name=username id=u></label>"
    "<label>Password <input name=password id=p type=password></label><button>Log in</button></form></div>"
)
_FIELDS = "<input placeholder='User name' id=u><input type=password placeholder=Password id=p>"
_COMPONENTS = """<script>
const part = (name, html) => customElements.define(name, class extends HTMLElement {
  connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML = html(this) }
});
part('x-field', (e) => `<label>${e.title} <input type=${e.getAttribute('type')}></label>`);
part('x-button', () => '<button type=button><slot></slot></button>');
</script>"""
_SECOND = (
    "<form method=post action=/login><label>{user}</label><a href=/authorize aria-label='Restart login'>↺</a>"
    "<input type=hidden name=username value={user}><label>Password <input type=password name=password></label>"
    "<button type=button aria-label='Show password'>o</button><input type=submit value='Sign In'></form>"
)
_NAME = "<form method=post action=/start><label>User name <input name=username></label><button>Next</button></form>"
_BOTH = consent(DENY + ALLOW)
_OVER = "style='position:fixed;inset:0;background:#fff'"


def _script(code: str) -> str:
    return f"<script>{code}</script>"


def _wired(inner: str) -> str:
    """Scripts are attached to ``data-go`` and ``data-no`` without a trace in the HTML."""
    return f"<h1>Contract tests</h1>{inner}" + _script(
        f"document.querySelectorAll('[data-go]').forEach(e => e.addEventListener('click', () => {{ {_GO} }}));"
        f"document.querySelectorAll('[data-no]').forEach(e => e.addEventListener('click', () => {{ {_NO} }}))"
    )


def _late(milliseconds: int, code: str) -> str:
    return _script(f"setTimeout(() => {{ {code} }}, {milliseconds})")


STARTING = [
    ZooPage(id="a form whose script comes later", login=_POST + _FORM + _late(700, "f.onsubmit = send")),
    ZooPage(id="a form that is drawn anew when its script comes",
            login=_POST + _FORM + _late(900, "r.innerHTML = r.innerHTML; f.onsubmit = send")),
    ZooPage(id="the password's field appears two seconds after the name", login=(
        "<form id=f><label>User name <input id=u></label><div id=s></div><button>Next</button></form>" + _POST
        + _script("f.onsubmit = (event) => { event.preventDefault(); setTimeout(() => {"
                  "s.innerHTML = '<label>Password <input type=password id=p></label>'; f.onsubmit = send }, 2000) }"))),
    ZooPage(id="a button that listens to keys", login=login().replace("<button>", "<button disabled id=b>") + _script(
        "document.forms[0].onkeyup = (e) => { const f = e.currentTarget; "
        "b.disabled = !(f.username.value && f.password.value) }")),
    ZooPage(id="a clock over the login", login="<h1 id=c>0</h1>" + login()
            + _script("setInterval(() => { c.innerText = Date.now() }, 50)")),
    ZooPage(id="a clock over the consent", consent="<p id=c>0</p>" + _BOTH
            + _script("setInterval(() => { c.innerText = Date.now() }, 50)")),
    ZooPage(id="a page goes on by its script after six seconds",
            after="<h1>One moment</h1>" + _late(6000, "location.href='/authorize'")),
    ZooPage(id="terms to scroll", after="<h1>Terms</h1><div id=s style='height:90px;overflow:auto'>"
            "<p style='height:1500px'>Long</p></div><form method=post action=/kept>"
            "<button id=b disabled>Accept</button><button formaction=/logout>Decline</button></form>"
            + _script("s.onscroll = () => { b.disabled = s.scrollTop + s.clientHeight < s.scrollHeight - 5 }")),
    ZooPage(id="a button that does nothing", login=_FIELDS + "<div role=button>Log in</div>",
            outcome='the page sent nothing (fill in the user name, the password, click "Log in")', attempts=0),
]  # fmt: skip
PARTS = [
    ZooPage(id="fields and buttons with trees of their own",
            login=_POST + "<form><x-field id=a title='User name' type=text></x-field><x-field id=b title=Password "
            "type=password></x-field><x-button onclick='go()'>Log in</x-button></form>" + _COMPONENTS + _script(
                "const value = (e) => e.shadowRoot.querySelector('input').value;"
                "const go = () => post(value(a), value(b))"),
            consent=_wired("<x-button data-no>Deny</x-button><x-button data-go>Allow</x-button>") + _COMPONENTS),
    ZooPage(id="what looks like a button to the pointer alone",
            login=_POST + _FIELDS + "<div style=cursor:pointer onmousedown=1 id=b>Log in</div>"
            + _script("b.addEventListener('click', send)"),
            consent=_wired("<style>div { cursor: pointer }</style><div data-no>Deny</div><div data-go>Allow</div>")),
    ZooPage(id="links without an address",
            consent=_wired("<a role=button data-no>Deny</a><a role=button data-go>Allow</a>")),
    ZooPage(id="a password that styles cover",
            login=login(f"{USER}<label>Secret <input name=password style='-webkit-text-security:disc'></label>")),
    ZooPage(id="a field that nobody sees, for robots", login=login(
        f"<input name=email style='opacity:0'><label>User name {USER}</label>{PASSWORD}")),
    ZooPage(id="a second password in a box without height",
            login=login(f"<div style='height:0;overflow:hidden'><input type=password name=x></div>{USER}{PASSWORD}")),
    ZooPage(id="the login is folded away", login="<a href=/never>Continue with Google</a><details><summary>"
            "Log in with password</summary>" + login() + "</details>"),
    ZooPage(id="frames", login="<iframe src=/in width=500 height=300></iframe>",
            consent="<iframe src=/ask width=500 height=300></iframe>",
            pages={"/in": login().replace("<form", "<form target=_top"),
                   "/ask": _BOTH.replace("<form", "<form target=_top")}),
]  # fmt: skip
WAYS = [
    ZooPage(id="the password is one of the methods", login=_NAME, pages={"/pw": _SECOND, "/start":
            "<h1>Choose a method</h1>Email <a href=/never role=button aria-label='Select Email.'>Select</a> Password "
            "<a href=/pw role=button aria-label='Select Password.'>Select</a><a href=/authorize>Back to sign in</a>"}),
    ZooPage(id="a code by mail first, the password below", login=_NAME, pages={"/pw": _SECOND, "/start":
            "<h1>We mail you a code</h1><form method=post action=/never><button>Send code</button></form>"
            "<a href=/pw>Use your password instead</a>"}),
    ZooPage(id="to trust the browser", after="<h1>Trust this browser?</h1><form method=post action=/kept>"
            "<button formaction=/never>Don't trust</button><button>Trust</button></form>"),
    ZooPage(id="to confirm the address later", after="<h1>Verify your email address</h1>"
            "<form method=post action=/never><button>Send email</button></form>"
            "<a href=/authorize>I'll do it later</a>"),
    ZooPage(id="the login leads home", after="<h1>Welcome back</h1><a href=/orders>Orders</a><a href=/me>Profile</a>"),
    ZooPage(id="the login waits for the phone", failed="<h1>Approve the sign-in on your phone</h1>",
            outcome='the page says: "Approve the sign-in on your phone"; opened again, the authorization URL asks for'),
    ZooPage(id="rejected in words that are not known, without a form", failed="<h1>Nem sikerült</h1><a href=/x>X</a>",
            outcome="opened again, the authorization URL asks for the login again"),
]  # fmt: skip
ASKING = [
    ZooPage(id="classes of the browser speak of cookies", consent="<html class='js cookies svg'>" + _BOTH),
    ZooPage(id="an app is called Cookie Shop", consent=consent(
        DENY.replace("Cancel", "Deny Cookie Shop") + ALLOW.replace("Allow", "Allow Cookie Shop"))),
    ZooPage(id="an app is called Cookies, and only one button names it",
            consent=consent(DENY.replace("Cancel", "Deny Cookies") + ALLOW)),
    ZooPage(id="a form stands in something called after cookies",
            consent="<div class=cookie-auth>" + _BOTH + "</div>"),
    ZooPage(id="one box of several is not ticked", consent=consent(
        "<label><input type=checkbox checked disabled>Profile</label><label><input type=checkbox name=s checked>Mail"
        "</label><label><input type=checkbox name=mail>Calendar</label>" + DENY + ALLOW)),
    ZooPage(id="a layer over the page, with a tree of its own", consent=_BOTH
            + f"<div id=h {_OVER}></div>" + _script(
                "const s = h.attachShadow({mode: 'open'}); s.innerHTML = '<button>Accept all</button>"
                "<button>Reject all</button>'; s.onclick = () => h.remove()")),
    ZooPage(id="a frame over the page", consent=_BOTH
            + f"<div id=h {_OVER}><iframe src=/over></iframe></div>" + _script("onmessage = () => h.remove()"),
            pages={"/over": "<button onclick=\"parent.postMessage(1, '*')\">Accept all</button>"}),
    ZooPage(id="a layer asks once more",
            consent=consent(DENY + "<button type=button onclick='l.hidden=false'>Allow</button>")
            + f"<div id=l hidden><div {_OVER}>Are you sure?<button onclick='l.hidden=true'>Cancel</button>"
            f'<button onclick="{_GO}">OK</button></div></div>'),
    ZooPage(id="a dialog asks once more",
            consent=consent(DENY + "<button type=button onclick='d.showModal()'>Allow</button>")
            + f"<dialog id=d>Sure?<button onclick='d.close()'>Go back</button>"
            f'<button onclick="{_GO}">Yes</button></dialog>'),
]  # fmt: skip
SCRIPTED = (*STARTING, *PARTS, *WAYS, *ASKING)
