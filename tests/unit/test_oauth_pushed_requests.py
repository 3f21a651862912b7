"""Authorization requests that are pushed before a browser opens them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from oauth_http_probe import LOCATION, REDIRECT_URI, create_client
from running_docs import environment

from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.consent_errors import PushRefused
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest, build_request
from pytest_endpoint_docs.oauth.outcome import refused_push
from pytest_endpoint_docs.oauth.pushed_requests import PushedRequests
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.sandbox.running import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start() as running:
        yield running


def settings(sandbox: Sandbox, **more: Any) -> OAuthSettings:
    given: dict[str, Any] = {
        "authorize_url": f"{sandbox.url}/oauth/authorize",
        "token_url": f"{sandbox.url}/oauth/token",
        "par_url": f"{sandbox.url}/oauth/par",
        "location": LOCATION,
        **more,
    }
    return OAuthSettings(**given)


def pushing(sandbox: Sandbox, redactor: Redactor, **more: Any) -> PushedRequests:
    return PushedRequests(settings(sandbox, **more), HttpClient(environment(sandbox.url)), redactor)


def request(sandbox: Sandbox, client_id: str) -> AuthorizationRequest:
    url = f"{sandbox.url}/oauth/authorize"
    return build_request(url, client_id=client_id, redirect_uri=REDIRECT_URI, scope="openid")


@pytest.mark.parametrize("token_auth", ["basic", "post", "json"])
def test_the_browser_carries_the_client_and_the_reference_alone(sandbox: Sandbox, token_auth: str) -> None:
    client, redactor = create_client(sandbox, f"pushes-by-{token_auth}"), Redactor()
    pushed = pushing(sandbox, redactor, token_auth=token_auth, client_id=client.client_id)
    pushed.know(client.client_id, client.client_secret)
    asked = request(sandbox, client.client_id)

    opened = pushed.push(asked)

    carried = dict(parse_qsl(urlsplit(opened.url).query))
    assert carried.keys() == {"client_id", "request_uri"}
    assert carried["client_id"] == client.client_id
    assert (opened.state, opened.code_verifier, opened.parameters) == (
        *(asked.state, asked.code_verifier, asked.parameters),
    )
    assert redactor.text(opened.url).endswith("request_uri=$OAUTH_REQUEST_URI")


def test_a_client_that_nobody_told_of_is_asked_for(sandbox: Sandbox) -> None:
    pushed = pushing(sandbox, Redactor(), client_id="own", client_secret=Secret("CLIENT_SECRET", "s3cret value"))
    assert (pushed.lacks("own"), pushed.lacks("made-by-a-doc")) == (False, True)
    pushed.know("made-by-a-doc", None)
    assert not pushed.lacks("made-by-a-doc")
    assert not pushing(sandbox, Redactor(), token_auth="none").lacks("public-client")
    assert not pushing(sandbox, Redactor(), par_url=None).lacks("made-by-a-doc")


def test_without_an_endpoint_for_them_requests_stay_as_they_are(sandbox: Sandbox) -> None:
    asked = request(sandbox, "app")
    assert pushing(sandbox, Redactor(), par_url=None).push(asked) is asked


def test_a_refusal_is_an_answer_of_the_server(sandbox: Sandbox) -> None:
    pushed, asked = pushing(sandbox, Redactor()), request(sandbox, "no-such-app")
    with pytest.raises(PushRefused) as failure:
        pushed.push(asked)
    url = f"{sandbox.url}/oauth/par"
    said = "401 invalid_client (Client authentication failed.)"
    assert str(failure.value) == f"the authorization request was pushed to {url}, which answered {said}"
    followed = refused_push(asked, failure.value)
    assert (followed.redirect, followed.dead_end, [page.status_code for page in followed.pages]) == (None, True, [401])


def test_a_server_that_does_not_answer_says_nothing(sandbox: Sandbox) -> None:
    pushed = pushing(sandbox, Redactor(), par_url="http://127.0.0.1:9/par")
    asked = request(sandbox, "app")
    with pytest.raises(PushRefused, match="could not be pushed") as failure:
        pushed.push(asked)
    followed = refused_push(asked, failure.value)
    assert (followed.dead_end, followed.pages) == (False, ())
