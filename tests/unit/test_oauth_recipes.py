"""Recipes are validated with the line at fault, and what is recorded is a recipe without secrets."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

import pytest
import yaml

from pytest_endpoint_docs.model.environment import OAuthUser
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.recipe_recording import Recorder
from pytest_endpoint_docs.oauth.browser.recipes import Recipe, RecipePage, load_recipe
from pytest_endpoint_docs.oauth.consent_errors import RecipeError

HEAD = 'pages:\n  - match: "https://a.example/*"\n'


def _load(tmp_path: Path, text: str) -> Recipe:
    (tmp_path / "r.yaml").write_text(text)
    with chdir(tmp_path):
        return load_recipe(Path("r.yaml"))


def test_the_example_is_a_recipe() -> None:
    recipe = load_recipe(Path(__file__).parents[2] / "fixtures" / "consent" / "example.yaml")

    assert [page.optional for page in recipe.pages] == [False, True, True]
    assert recipe.pages[0].do[2].credentials == {"password"}
    assert [command.kind for command in recipe.pages[2].deny] == ["click"]


def test_every_command(tmp_path: Path) -> None:
    recipe = _load(
        tmp_path,
        HEAD + "    do:\n"
        '      - fill: {label: Email, value: "a-{{ secret.user }}"}\n'
        "      - click: {role: button, name: Log in, optional: true}\n"
        "      - check: {css: '#terms'}\n"
        "      - uncheck: {test_id: news}\n"
        "      - press: {key: Enter}\n"
        "      - wait_for: {text: Welcome}\n"
        "      - goto: https://a.example/next\n",
    )
    commands = recipe.pages[0].do

    assert [command.kind for command in commands] == ["fill", "click", "check", "uncheck", "press", "wait_for", "goto"]
    assert [command.location.line for command in commands] == [4, 5, 6, 7, 8, 9, 10]
    assert commands[0].credentials == {"user"}
    assert commands[1].optional
    assert commands[6].value == "https://a.example/next"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "r.yaml:1: the file is empty"),
        ("pages: [\n", "r.yaml:2: this is not YAML"),
        ("pages: " + "[" * 5000, "r.yaml:1: this cannot be read: nested deeper than 64 levels"),
        ("pages: &a [*a]\n", "r.yaml:1: this cannot be read: an alias that contains itself"),
        ("page: []\n", "r.yaml:1: 'page' is not a key of a recipe; did you mean 'pages'?"),
        ("pages: []\n", "r.yaml:1: the recipe has no pages"),
        ("pages:\n  - do: []\n", "r.yaml:2: a page needs match"),
        (
            "pages:\n  - match: app.example.com/login\n    do: []\n",
            "r.yaml:2: match 'app.example.com/login' can match no URL",
        ),
        (
            HEAD + "    do:\n      - clik: {text: Go}\n",
            "r.yaml:4: 'clik' is not a key of a command; did you mean 'click'?",
        ),
        (HEAD + "    do:\n      - click: {txt: Go}\n", "r.yaml:4: 'txt' is not a key of click; did you mean 'text'?"),
        (HEAD + "    do:\n      - click: {}\n", "r.yaml:4: click needs an element: one of label, role"),
        (HEAD + "    do:\n      - click: Go\n", "r.yaml:4: found 'Go', expected click is a mapping"),
        (HEAD + "    do:\n      - fill: {label: Email}\n", "r.yaml:4: fill needs value"),
        (
            HEAD + "    do:\n      - fill: {label: P, value: '{{secret.pasword}}'}\n",
            "r.yaml:4: 'secret.pasword' is not a reference; did you mean 'secret.password'?",
        ),
        (
            HEAD + "    do:\n      - fill: {label: Email, value: '{{" + " " * 100_000 + "'}\n      - clik: {}\n",
            "r.yaml:5: 'clik' is not a key of a command",
        ),
        (HEAD + "    do:\n      - fill: {label: Password, value: hunter2}\n", "r.yaml:4: a recipe holds no secrets"),
        (HEAD + "    optional: perhaps\n    do: []\n", "r.yaml:3: found 'perhaps', expected true or false"),
        (HEAD + "    do: []\n    do: []\n", "r.yaml:4: do is given twice"),
        ("pages: []\notherwise: heuristic\n", "r.yaml:2: 'heuristic' is not a value here; did you mean 'heuristics'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as failure:
        _load(tmp_path, text)

    assert str(failure.value).startswith(message)
    assert "hunter2" not in str(failure.value)


def test_a_recipe_that_is_not_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_bytes(b"pages:\n\xff")
    with pytest.raises(RecipeError, match=r"r\.yaml:2: the recipe is not UTF-8: byte 0xff at offset 7"):
        load_recipe(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"nowhere\.yaml:1: the recipe cannot be read: No such file"):
        load_recipe(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("match", "url", "matches"),
    [
        ("https://a.example/login*", "https://a.example/login?next=/x", True),
        ("https://a.example/login", "https://a.example/login?next=/x", False),
        ("https://a.example/login?next=*", "https://a.example/login?next=/x", True),
        ("https://a.example/lo?in", "https://a.example/login", False),
        ("/login*", "https://a.example/login?x=1", True),
        ("/login", "https://a.example/x/login", False),
        ("*/authorize*", "http://127.0.0.1:8000/o/authorize/?a=b", True),
    ],
)
def test_matching_urls(match: str, url: str, matches: bool, tmp_path: Path) -> None:
    recipe = _load(tmp_path, f'pages:\n  - match: "{match}"\n    do: []\n')

    page: RecipePage = recipe.pages[0]
    assert page.matches(url) is matches


def test_what_a_person_does_becomes_a_recipe_with_references(tmp_path: Path) -> None:
    user = OAuthUser(
        name="default",
        username="alice",
        password=Secret("P", "correct horse"),
        totp_secret=Secret("T", "JBSWY3DPEHPK3PXP"),
    )
    recorder = Recorder(credentials=Credentials(user=user), redact=lambda text: text.replace("tenant-key", "$KEY"))
    url = "https://a.example/login?next=%2Fauthorize%3Fstate%3Dsecret-state"

    def act(action: str, label: str, value: str | None = None, secret: str | None = None, at: str = url) -> None:
        told = {"action": action, "url": at, "locator": {"label": label}}
        recorder.add(told if value is None else {**told, "value": value, "secret": secret})

    act("fill", "Name", "ali")
    act("fill", "Name", "alice")
    act("fill", "Tenant", "tenant-key")
    act("fill", "Pass", "", "password")
    act("fill", "Repeat it", "correct horse")
    act("click", "Log in")
    act("click", "Allow", at="https://a.example/authorize?state=secret-state")
    text = recorder.recipe()

    for secret in ("alice", "correct horse", "tenant-key", "secret-state"):
        assert secret not in text
    assert yaml.safe_load(text)["pages"] == [
        {
            "match": "https://a.example/login*",
            "do": [
                {"fill": {"label": "Name", "value": "{{secret.user}}"}},
                {"fill": {"label": "Tenant", "value": "$KEY"}},
                {"fill": {"label": "Pass", "value": "{{secret.password}}"}},
                {"fill": {"label": "Repeat it", "value": "{{secret.password}}"}},
                {"click": {"label": "Log in"}},
            ],
        },
        {"match": "https://a.example/authorize*", "do": [{"click": {"label": "Allow"}}], "optional": True},
    ]
    assert len(_load(tmp_path, text).pages) == 2


def test_a_path_with_a_null_character_is_told() -> None:
    with pytest.raises(RecipeError, match="the recipe cannot be read: embedded null"):
        load_recipe(Path("a\0b"))


@pytest.mark.parametrize("typed", ["WDJB-MJHT", "wdjb mjht", "WDJBMJHT"])
@pytest.mark.parametrize("taken_for", [None, "totp"])
def test_the_code_of_a_device_becomes_a_reference(typed: str, taken_for: str | None) -> None:
    user = OAuthUser(name="default", username="alice", password=Secret("P", "correct horse"))
    credentials = Credentials(user=user, user_code=Secret("OAUTH_USER_CODE", "WDJB-MJHT"))
    recorder = Recorder(credentials=credentials, redact=lambda text: text)
    act = {"action": "fill", "url": "https://a.example/device", "locator": {"label": "Code"}}

    recorder.add({**act, "value": typed, "secret": taken_for})

    assert "{{secret.user_code}}" in recorder.recipe()
    assert typed not in recorder.recipe()


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("https://id.example.com/login?x=1", True),
        ("https://id.example.com.evil.example/login", False),
        ("http://id.example.com/login", False),
        ("https://id.example.com:8443/login", False),
    ],
)
@pytest.mark.parametrize("match", ["https://id.example.com/login*", "https://id.example.com*", "*/login*", "/login*"])
def test_only_a_match_with_the_whole_host_means_a_frame(match: str, url: str, meant: bool) -> None:
    page = RecipePage(match=match, do=(), location=SourceLocation("r.yaml", 1))

    assert page.matches_frame(url) == (meant and match == "https://id.example.com/login*")
