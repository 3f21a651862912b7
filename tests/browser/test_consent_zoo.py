"""Every page of the zoo: what comes of it, and that no password is sent twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from local_site import Answer, Asked, Site, html, running_site, to, with_code, with_error
from zoo import ZOO as ORDINARY
from zoo import ZooPage
from zoo_scripted import SCRIPTED

from pytest_endpoint_docs.errors import ConsentError
from pytest_endpoint_docs.model.environment import OAuthUser
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.consent_session import ConsentSession

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]
PASSWORD = "correct horse"
ZOO = (*ORDINARY, *SCRIPTED)


class Zoo:
    """A server whose pages are those of one row at a time; every row has a user of its own, hence no saved login."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.row = ZOO[0]
        self.request: Asked | None = None
        site.pages |= {
            "/authorize": self.authorize,
            "/start": lambda _asked: html(
                "<form method=post action=/login><input name=username><input type=password name=password>"
                "<button>Log in</button></form>"
            ),
            "/login": self.login,
            "/who": lambda _asked: to("/authorize", **{"Set-Cookie": f"who={self.user}; Path=/"}),
            "/kept": lambda _asked: to("/authorize"),
            "/decide": self.decide,
        }
        self.ordinary = dict(site.pages)

    def show(self, row: ZooPage) -> None:
        self.row = row
        self.site.pages.clear()
        self.site.pages |= self.ordinary | {path: self.serve(text) for path, text in row.pages.items()}
        self.site.asked.clear()

    def serve(self, text: str) -> Callable[[Asked], Answer]:
        return lambda _asked: html(text.replace("{user}", self.user))

    @property
    def user(self) -> str:
        return f"visitor{ZOO.index(self.row)}"

    @property
    def attempts(self) -> int:
        return sum(PASSWORD in asked.form.values() for asked in self.site.asked if asked.method == "POST")

    def authorize(self, asked: Asked) -> Answer:
        if "client_id" in asked.query:
            self.request = asked
        return html(self.row.consent if asked.cookies.get("who") == self.user else self.row.login)

    def login(self, asked: Asked) -> Answer:
        if self.row.failed or self.row.failed_status != 200:
            return Answer(status=self.row.failed_status, body=self.row.failed)
        assert (asked.form["username"], asked.form["password"]) == (self.user, PASSWORD)
        assert "stay" not in asked.form
        cookie = {"Set-Cookie": f"who={self.user}; Path=/"}
        return html(self.row.after, **cookie) if self.row.after else to("/authorize", **cookie)

    def decide(self, asked: Asked) -> Answer:
        assert self.request is not None
        if (asked.form or asked.query).get("decision") != "allow":
            return to(with_error(self.request))
        if "name=agreed" in self.row.consent and asked.form.get("agreed") != "yes":
            return html(self.row.consent)
        assert "mail" not in asked.form
        return to(with_code(self.request))


@pytest.fixture(scope="module")
def zoo() -> Iterator[Zoo]:
    with running_site() as site:
        yield Zoo(site)


@pytest.fixture(scope="module")
def visits(zoo: Zoo, make_module_session: MakeSession) -> ConsentSession:
    users = {
        f"visitor{number}": OAuthUser(
            name=f"visitor{number}", username=f"visitor{number}", password=Secret("OAUTH_PASSWORD", PASSWORD)
        )
        for number in range(len(ZOO))
    }
    return make_module_session(zoo.site.origin, users=users)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ZOO])
def test_a_page_of_the_zoo(row: ZooPage, zoo: Zoo, visits: ConsentSession) -> None:
    zoo.show(row)

    try:
        outcome = "code" if visits.authorize(user=zoo.user).code else "nothing"
    except ConsentError as error:
        outcome = str(error)

    assert row.outcome in outcome
    assert zoo.attempts == row.attempts


def test_the_ids_of_the_zoo_are_unique() -> None:
    assert len({row.id for row in ZOO}) == len(ZOO) >= 60
