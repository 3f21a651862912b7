"""Reading the requests of clients: a form, or the same as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import request

from pytest_endpoint_docs.sandbox.oauth_rules import Rules

PARAMETERS = frozenset(
    {
        *("grant_type", "client_id", "client_secret", "code", "redirect_uri", "code_verifier", "scope"),
        *("refresh_token", "token", "token_type_hint", "device_code"),
        *("response_type", "state", "nonce", "code_challenge", "code_challenge_method", "request_uri"),
    }
)


def read_parameters(rules: Rules) -> Mapping[str, str]:
    """The parameters of a client's request. Raises: OAuth2Error ``invalid_request``."""
    if request.method == "GET":
        return request.args.to_dict()
    from_uri = rules.parameters_in_uri(request.args.to_dict())
    if request.is_json:
        pairs = _json_pairs()
    elif request.mimetype == "application/x-www-form-urlencoded" or not request.get_data():
        pairs = list(request.form.items(multi=True))
    else:
        raise InvalidRequestError("Send a form (application/x-www-form-urlencoded) or JSON.")
    counts = Counter(name for name, _ in pairs)
    rules.check_repeated(name for name, count in counts.items() if count > 1 and name in PARAMETERS)
    rules.check_unknown(counts)
    parameters: dict[str, str] = {}
    for name, value in pairs:
        parameters.setdefault(name, value)
    return {**from_uri, **(rules.read_json(parameters) if request.is_json else parameters)}


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object in order, doubles and all."""


def _json_pairs() -> list[tuple[str, str]]:
    try:
        members = json.loads(request.get_data(), object_pairs_hook=_Members)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The body is not JSON.") from error
    if not isinstance(members, _Members):
        raise InvalidRequestError("The body is not a JSON object.")
    if wrong := sorted({name for name, value in members if name in PARAMETERS and not isinstance(value, str | None)}):
        raise InvalidRequestError(f"{', '.join(wrong)}: a string is expected.")
    return [(name, value) for name, value in members if isinstance(value, str)]
