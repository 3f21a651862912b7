"""The ``oauth`` block of an environment file as :class:`OAuthSettings`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.environment.file_source import References, names_in
from pytest_endpoint_docs.model.environment import CheckPolicy, OAuthClient, OAuthSettings, OAuthUser
from pytest_endpoint_docs.model.secret import Secret


def oauth_settings(
    given: dict[str, Any], *, references: References, beside: Callable[[str], Path]
) -> OAuthSettings | None:
    """The settings of a block that fits the schema; ``None`` for an empty one. ``beside`` makes its paths absolute."""
    if not given:
        return None
    client_secret, client_key = given.get("client_secret", ""), given.get("client_key", "")
    built: dict[str, Any] = {
        "location": references.source.location("/oauth"),
        "client_secret": references.secret(client_secret),
        "client_key": references.secret(client_key),
        "client_variables": (*names_in(client_secret), *names_in(client_key)),
        "users": {name: _user(name, user, references) for name, user in given.get("users", {}).items()},
        "checks": {name: _policy(policy) for name, policy in given.get("checks", {}).items()},
        "authorize_params": {name: _text(value) for name, value in given.get("authorize_params", {}).items()},
        "recipe": beside(given["recipe"]) if "recipe" in given else None,
        "timeout_s": float(given.get("timeout_s", 30)),
        "second_client": _client(given.get("second_client"), references),
    }
    return OAuthSettings(**{**given, **built})


def _client(given: dict[str, str] | None, references: References) -> OAuthClient | None:
    if given is None:
        return None
    secret = references.secret(given["client_secret"]) if "client_secret" in given else None
    return OAuthClient(client_id=given["client_id"], client_secret=secret)


def _user(name: str, given: dict[str, str], references: References) -> OAuthUser:
    username: str | Secret = given["username"]
    variables = names_in(given["username"])
    if variables:
        # A name that comes from a variable is treated as a secret; an empty one is what is missing.
        username = references.secret(given["username"]) or Secret(variables[0], "")
    password, totp_secret = given.get("password", ""), given.get("totp_secret", "")
    return OAuthUser(
        name=name,
        username=username,
        password=references.secret(password),
        totp_secret=references.secret(totp_secret),
        variables=tuple(dict.fromkeys((*variables, *names_in(password), *names_in(totp_secret)))),
    )


def _policy(given: str | dict[str, str]) -> CheckPolicy:
    if isinstance(given, dict):
        return CheckPolicy(action="known", ticket=given["known"])
    action, _, ticket = given.partition(":")
    return CheckPolicy(action=action.strip(), ticket=ticket.strip() or None)  # type: ignore[arg-type]


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
