"""Which server and which credentials a request gets."""

from __future__ import annotations

import copy
import pickle

import pytest

from pytest_endpoint_docs.environment.authorization import Credentials, authorization, server_for
from pytest_endpoint_docs.errors import MissingToken, RequestError
from pytest_endpoint_docs.model.environment import Environment, Server, TokenKind
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.redaction.redactor import Redactor

WHERE = SourceLocation("stage.yaml", 4)
PARTNERS = Server(path="*/partners/*", base_url="http://partners", auth='Token token="{token}"')
ENVIRONMENT = Environment(
    name="stage",
    file=None,
    base_url="http://base",
    fallback_url="http://fallback",
    servers=(
        PARTNERS,
        Server(path="*/partners/late/*", base_url="http://late"),
        Server(path="/V2/*", base_url="http://v2"),
    ),
    default_token="staff",
    tokens={
        "staff": TokenKind(name="staff", value=Secret("STAFF_TOKEN", "s3cret"), variables=("STAFF_TOKEN",)),
        "admin": TokenKind(name="admin", value=Secret("ADMIN_TOKEN", "4dmin"), auth="Admin {token}"),
        "client": TokenKind(name="client", value=None, variables=("CLIENT_TOKEN",), location=WHERE),
        "broken": TokenKind(name="broken", value=Secret("BROKEN", "s3cret\nX: y"), variables=("BROKEN",)),
    },
)
BASE = server_for(ENVIRONMENT, "/v1/apps")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/apps", "http://base"),
        ("/partners/apps", "http://partners"),
        ("/v1/partners/late/x", "http://partners"),
        ("/v1/partners", "http://base"),
        ("/V2/apps", "http://v2"),
        ("/v2/apps", "http://base"),
    ],
)
def test_the_first_server_whose_glob_matches_is_taken(path: str, expected: str) -> None:
    assert server_for(ENVIRONMENT, path).base_url == expected


def test_the_fallback_is_taken_where_no_server_is_listed_for_the_path() -> None:
    assert server_for(ENVIRONMENT, "/v1/apps", use_fallback=True).base_url == "http://fallback"
    assert server_for(ENVIRONMENT, "/partners/apps", use_fallback=True) == PARTNERS


def test_an_environment_without_fallback_says_so() -> None:
    environment = Environment(name="plain", file=None, base_url="http://base")
    with pytest.raises(RequestError, match="environment 'plain' has no fallback_url") as caught:
        server_for(environment, "/v1/apps", use_fallback=True, location=WHERE)
    assert caught.value.location == WHERE


@pytest.mark.parametrize(
    ("kind", "server", "shown", "sent"),
    [
        (None, BASE, "Bearer $STAFF_TOKEN", "Bearer s3cret"),
        ("staff", BASE, "Bearer $STAFF_TOKEN", "Bearer s3cret"),
        ("admin", BASE, "Admin $ADMIN_TOKEN", "Admin 4dmin"),
        ("staff", PARTNERS, 'Token token="$STAFF_TOKEN"', 'Token token="s3cret"'),
        ("admin", PARTNERS, "Admin $ADMIN_TOKEN", "Admin 4dmin"),
    ],
)
def test_credentials_are_shown_by_name_and_sent_by_value(
    kind: str | None, server: Server, shown: str, sent: str
) -> None:
    credentials = authorization(ENVIRONMENT, kind, server)
    assert credentials is not None
    assert str(credentials) == f"{credentials}" == shown
    assert repr(credentials) == f"Credentials({shown})"
    assert credentials.reveal() == sent
    assert Redactor().header("Authorization", credentials) == shown


def test_credentials_are_values() -> None:
    credentials = Credentials("STAFF_TOKEN", "s3cret", "Bearer {token}")
    assert copy.copy(credentials) == copy.deepcopy(credentials) == credentials
    with pytest.raises(TypeError, match=r"\$STAFF_TOKEN is a secret, and is not pickled"):
        pickle.dumps(credentials)
    assert credentials != Credentials("STAFF_TOKEN", "other", "Bearer {token}")


def test_no_credentials_where_none_are_asked_for() -> None:
    assert authorization(ENVIRONMENT, "none", BASE) is None
    assert authorization(Environment(name="plain", file=None, base_url="http://base"), None, BASE) is None


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            "client",
            (
                "no value for token kind 'client' (stage.yaml:4): "
                "set CLIENT_TOKEN in the process environment or in the .env file"
            ),
        ),
        (
            "staf",
            "no token kind 'staf': environment 'stage' has admin, broken, client, staff; did you mean 'staff'?",
        ),
        (
            "operator",
            (
                "no token kind 'operator': environment 'stage' has admin, broken, client, staff; "
                "add it under tokens in the environment file"
            ),
        ),
        (
            "broken",
            (
                "the value for token kind 'broken' cannot be sent in a header field: BROKEN holds a line break, "
                "another control character or a character that is not ASCII"
            ),
        ),
    ],
)
def test_what_cannot_be_sent_is_told_before_sending(kind: str, message: str) -> None:
    with pytest.raises(MissingToken) as caught:
        authorization(ENVIRONMENT, kind, BASE, location=WHERE)
    assert caught.value.message == message
    assert caught.value.location == WHERE
    assert "s3cret" not in str(caught.value)
