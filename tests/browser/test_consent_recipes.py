"""Recipes against pages that the heuristics cannot read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from local_site import AuthorizationServer, html, to, with_error

from pytest_endpoint_docs.oauth.consent_errors import ConsentStuck, LoginRejected, NoWayToDeny, RecipeError
from pytest_endpoint_docs.oauth.consent_session import ConsentSession

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]

RECIPE = """\
pages:
  - match: "*/authorize*"
    do:
      - click: {text: Skip the tour, optional: true}
      - fill: {placeholder: Kennung, value: "{{secret.user}}"}
      - fill: {name: password, value: "{{secret.password}}"}
      - click: {role: button, name: Weiter}
  - match: "*/authorize*"
    optional: true
    do:
      - check: {label: Ich stimme zu}
      - press: {label: Code word, key: Tab, optional: true}
      - wait_for: {css: "#go"}
      - click: {css: "#go"}
    deny:
      - click: {role: link, name: Nein}
"""


@pytest.fixture
def odd_server(server: AuthorizationServer) -> AuthorizationServer:
    server.login_html = (
        "<form method=post action=/login><input name=username placeholder=Kennung><input name=password type=password>"
        "<button name=a>Abbrechen</button><button name=b>Weiter</button></form>"
    )
    server.consent_html = (
        "<form method=post action=/decide><label><input type=checkbox name=decision value=allow> Ich stimme zu</label>"
        "<button id=go>Los</button><button name=x>Halt</button></form><a href=/no>Nein</a>"
    )
    server.site.pages["/no"] = lambda asked: to(with_error(server.request))
    return server


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "odd.yaml"
    file.write_text(RECIPE)
    return file


def test_a_recipe_leads_through(odd_server: AuthorizationServer, make_session: MakeSession, recipe: Path) -> None:
    session = make_session(odd_server.site.origin, recipe=recipe)
    lines: list[str] = []
    session.on_event = lambda event: lines.append(event.text)

    assert session.authorize().code == "code-1234567890"
    assert session.authorize().code == "code-1234567890"
    told = " ".join(lines)
    assert "odd.yaml:2" in told
    assert "correct horse" not in told


def test_a_recipe_refuses(odd_server: AuthorizationServer, make_session: MakeSession, recipe: Path) -> None:
    session = make_session(odd_server.site.origin, recipe=recipe)

    assert session.authorize(expect_error="access_denied").error == "access_denied"


def test_a_recipe_without_deny_never_grants_instead(
    odd_server: AuthorizationServer, make_session: MakeSession, recipe: Path
) -> None:
    recipe.write_text(RECIPE.partition("    deny:")[0])

    with pytest.raises(NoWayToDeny, match=r"odd.yaml:1: no page of the recipe says how to refuse"):
        make_session(odd_server.site.origin, recipe=recipe).authorize(expect_error="access_denied")

    assert odd_server.site.count("POST", "/decide") == 0


@pytest.mark.parametrize("value", ["8", "Yours"])
def test_a_recipe_chooses_from_a_list(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path, value: str
) -> None:
    shops = "<option value=''>Which?</option><option value=7>Mine</option><option value=8>Yours</option>"
    server.consent_html = (
        f"<form method=post action=/decide><label>Shop <select name=shop required>{shops}</select></label>"
        "<button name=decision value=allow>Allow</button></form>"
    )
    recipe = tmp_path / "list.yaml"
    recipe.write_text(
        "otherwise: heuristics\npages:\n  - match: '*/authorize*'\n    do:\n"
        f"      - select: {{label: Shop, value: '{value}'}}\n      - click: {{role: button, name: Allow}}\n"
    )

    assert make_session(server.site.origin, recipe=recipe).authorize().code == "code-1234567890"
    assert [asked.form["shop"] for asked in server.site.asked if asked.path == "/decide"] == ["8"]


def test_a_wrong_password_is_sent_once_by_a_recipe_too(
    odd_server: AuthorizationServer, make_session: MakeSession, recipe: Path
) -> None:
    with pytest.raises(LoginRejected, match=r"odd\.yaml:2"):
        make_session(odd_server.site.origin, recipe=recipe, password="wrong horse").authorize()

    assert odd_server.site.count("POST", "/login") == 1


def test_a_page_that_no_recipe_page_matches_is_left_alone(
    server: AuthorizationServer, make_session: MakeSession, recipe: Path
) -> None:
    recipe.write_text('pages:\n  - match: "https://other.example.com/*"\n    do:\n      - click: {text: Go}\n')

    with pytest.raises(ConsentStuck, match=r"it expects https://other.example.com/\* \(.*odd.yaml:2\)"):
        make_session(server.site.origin, recipe=recipe).authorize()
    assert server.site.count("POST", "/login") == 0

    recipe.write_text(recipe.read_text() + "otherwise: heuristics\n")
    assert make_session(server.site.origin, recipe=recipe).authorize().code == "code-1234567890"


def test_an_element_that_is_not_there_is_told_with_its_line(
    server: AuthorizationServer, make_session: MakeSession, recipe: Path
) -> None:
    recipe.write_text(
        'pages:\n  - match: "/authorize*"\n    do:\n      - fill: {name: username, value: "{{secret.user}}"}\n'
        "      - click: {role: button, name: Enter the site}\n"
    )

    with pytest.raises(ConsentStuck, match=r"odd.yaml:5: click \{role: button, name: Enter the site\} is not possible"):
        make_session(server.site.origin, recipe=recipe).authorize()


def test_a_recipe_that_is_wrong_fails_before_any_page_is_opened(
    server: AuthorizationServer, make_session: MakeSession, recipe: Path
) -> None:
    recipe.write_text('pages:\n  - match: "/authorize*"\n    do:\n      - clik: {text: Go}\n')

    with pytest.raises(RecipeError, match=r"odd.yaml:4: 'clik' is not a key of a command; did you mean 'click'\?"):
        make_session(server.site.origin, recipe=recipe).authorize()

    assert server.site.asked == []


def test_the_example_recipe_fits_the_usual_pages(server: AuthorizationServer, make_session: MakeSession) -> None:
    example = Path(__file__).parents[2] / "fixtures" / "consent" / "example.yaml"
    form = server.login_html
    server.site.pages |= {
        "/oauth/authorize/": lambda asked: (
            server.authorize(asked) if "who" in asked.cookies else to(f"/login/?{_kept(server, asked)}")
        ),
        "/login/": lambda asked: html(form),
    }

    session = make_session(server.site.origin, authorize_url=f"{server.site.origin}/oauth/authorize/", recipe=example)

    assert session.authorize().code == "code-1234567890"


def _kept(server: AuthorizationServer, asked: object) -> str:
    server.request = asked  # type: ignore[assignment]
    return "next=%2Foauth%2Fauthorize%2F"


FRAMED = """\
pages:
  - match: "{origin}/in*"
    do:
      - fill: {{name: username, value: "{{{{secret.user}}}}"}}
      - fill: {{name: password, value: "{{{{secret.password}}}}"}}
      - click: {{role: button, name: Log in}}
otherwise: heuristics
"""


@pytest.mark.parametrize("named", [True, False])
def test_a_recipe_fills_in_the_form_of_a_frame_if_it_names_its_host(
    server: AuthorizationServer, make_session: MakeSession, tmp_path: Path, named: bool
) -> None:
    elsewhere = server.site.origin.replace("127.0.0.1", "localhost")
    action = f"<form target=_top method=post action={server.site.origin}/login>"
    form = server.login_html.replace("<form method=post action=/login>", action)
    server.site.pages["/in"] = lambda _asked: html(form)
    server.login_html = f"<h1>Portal</h1><iframe src={elsewhere}/in width=500 height=300></iframe>"
    recipe = tmp_path / "framed.yaml"
    recipe.write_text(FRAMED.format(origin=elsewhere if named else ""))
    session = make_session(server.site.origin, recipe=recipe)

    if named:
        assert session.authorize().code == "code-1234567890"
    else:
        with pytest.raises(ConsentStuck, match="only filled in by a recipe"):
            session.authorize()
    assert server.site.count("POST", "/login") == named
