"""Every way in which a code can arrive is caught, and none lets it reach a callback server that listens there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from local_site import Answer, Asked, Site, html, running_site, to, with_code

from pytest_endpoint_docs.oauth.consent_session import ConsentSession

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def callback() -> Iterator[Site]:
    """A live callback server at the redirect URI; the codes must not come here."""
    with running_site() as live:
        live.pages["/callback"] = lambda asked: html("<h1>The live app</h1>")
        yield live


@pytest.fixture(scope="module")
def module_site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture(scope="module")
def session(module_site: Site, make_module_session: Callable[..., ConsentSession]) -> ConsentSession:
    return make_module_session(module_site.origin)


def _form_post(asked: Asked) -> Answer:
    state = asked.query["state"]
    return html(
        f"<form method=post action='{asked.query['redirect_uri']}'><input type=hidden name=code value=code-1234567890>"
        f"<input type=hidden name=state value='{state}'></form><script>document.forms[0].submit()</script>"
    )


def _click_through(inner: str) -> Callable[[Asked], Answer]:
    def page(asked: Asked) -> Answer:
        return html(inner.replace("TARGET", with_code(asked)))

    return page


WAYS: dict[str, Callable[[Asked], Answer]] = {
    "302": lambda asked: to(with_code(asked)),
    "303": lambda asked: to(with_code(asked), status=303),
    "307": lambda asked: to(with_code(asked), status=307),
    "fragment": lambda asked: to(with_code(asked, mark="#")),
    "form_post": _form_post,
    "javascript": _click_through("<script>location.href = 'TARGET'</script>"),
    "javascript-replace": _click_through("<script>setTimeout(() => location.replace('TARGET'), 150)</script>"),
    "meta-refresh": _click_through("<meta http-equiv=refresh content='0;url=TARGET'>"),
    "link": _click_through("<h1>Almost there</h1><a href='TARGET'>Continue</a>"),
    "popup": _click_through("<button onclick=\"window.open('TARGET')\">Continue</button>"),
    "frame": _click_through("<iframe src='TARGET'></iframe>"),
    "post-307": lambda asked: html(
        f"<form method=post action='/seven?to={_escaped(with_code(asked))}'><button>Allow</button></form>"
    ),
    "fetch": lambda asked: html(f"<script>fetch('/three?to={_escaped(with_code(asked))}').catch(() => 0)</script>"),
    "chained": lambda asked: to(
        f"/three?code=not-this-one&state={asked.query['state']}&to={_escaped(with_code(asked))}"
    ),
}


def _escaped(url: str) -> str:
    return url.replace("%", "%25").replace("&", "%26").replace("?", "%3F").replace("#", "%23")


@pytest.mark.parametrize("way", WAYS)
def test_a_code_is_caught_and_a_live_callback_server_never_sees_it(
    way: str, module_site: Site, callback: Site, session: ConsentSession
) -> None:
    module_site.pages |= {
        "/authorize": WAYS[way],
        "/three": lambda asked: to(asked.query["to"]),
        "/seven": lambda asked: to(asked.query["to"], status=307),
    }

    grant = session.authorize(redirect_uri=f"{callback.origin}/callback")

    assert grant.code == "code-1234567890"
    assert callback.asked == []


@pytest.mark.parametrize(
    "redirect_uri", ["myapp://callback", "com.example.app:/callback", "https://myapp.example.com/cb"]
)
@pytest.mark.parametrize("way", ["302", "fragment", "javascript", "form_post", "popup"])
def test_a_redirect_uri_that_leads_nowhere_is_caught_too(
    way: str, redirect_uri: str, module_site: Site, session: ConsentSession
) -> None:
    module_site.pages["/authorize"] = WAYS[way]

    assert session.authorize(redirect_uri=redirect_uri).code == "code-1234567890"


@pytest.mark.parametrize("way", ["302", "form_post", "javascript", "link"])
def test_a_redirect_uri_on_the_authorization_server_itself_is_not_asked_either(
    way: str, module_site: Site, session: ConsentSession
) -> None:
    module_site.pages |= {"/authorize": WAYS[way], "/own-callback": lambda asked: html("<h1>The live app</h1>")}

    grant = session.authorize(redirect_uri=f"{module_site.origin}/own-callback")

    assert grant.code == "code-1234567890"
    assert module_site.count("GET", "/own-callback") + module_site.count("POST", "/own-callback") == 0


def test_a_page_below_the_redirect_uri_is_not_the_redirect(
    module_site: Site, callback: Site, session: ConsentSession
) -> None:
    module_site.pages["/authorize"] = lambda asked: html(
        f"<img src='{asked.query['redirect_uri']}/logo.png?code=not-this-one'>"
        f"<script>setTimeout(() => location.href = '{with_code(asked)}', 200)</script>"
    )

    assert session.authorize(redirect_uri=f"{callback.origin}/callback").code == "code-1234567890"


def test_the_pages_on_the_way_are_kept_with_status_and_header_fields(
    module_site: Site, session: ConsentSession
) -> None:
    module_site.pages["/authorize"] = lambda asked: html(
        f"<h1>Allow?</h1><a href='{with_code(asked)}'>Allow</a>", **{"X-Frame-Options": "DENY"}
    )

    grant = session.authorize()

    assert [(page.method, page.status_code, page.headers["x-frame-options"]) for page in grant.pages] == [
        ("GET", 200, "DENY")
    ]
    assert grant.state not in grant.pages[0].url
