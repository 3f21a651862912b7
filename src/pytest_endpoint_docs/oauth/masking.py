"""URLs as they may be shown: without codes, states and tokens."""

from __future__ import annotations

import re
from urllib.parse import unquote

from pytest_endpoint_docs.redaction import MASK, is_secret_field

# What stands at these names is good for getting in, or identifies one run of the flow.
_MASKED_PARAMETERS = frozenset(
    [
        "code",
        "state",
        "nonce",
        "code_challenge",
        "session_state",
        "id_token_hint",
        "login_hint",
        "ticket",
        "sid",
        "response",
    ]
)
_LONGEST_PATH_SEGMENT = 24


def mask_url(url: str) -> str:
    """The URL with ``***`` for the values of codes, states, nonces and secrets, also in URLs inside parameters."""
    bare, mark, fragment = url.partition("#")
    address, question, query = bare.partition("?")
    return _mask_path(address) + (question + _mask_pairs(query)) + (mark + _mask_pairs(fragment))


def is_masked_parameter(name: str) -> bool:
    """Whether a parameter of this name is never shown."""
    return name.lower() in _MASKED_PARAMETERS or is_secret_field(name)


def _mask_pairs(pairs: str) -> str:
    masked = []
    for pair in pairs.split("&"):
        name, equals, value = pair.partition("=")
        if equals and is_masked_parameter(unquote(name)):
            value = MASK
        elif "%3D" in value.upper() or "=" in value:
            # A URL inside a parameter (next=/authorize?...): it carries the same state once more.
            value = mask_url(unquote(value)).replace("&", "%26").replace("#", "%23")
        masked.append(f"{name}{equals}{value}")
    return "&".join(masked)


def _mask_path(address: str) -> str:
    # One-time tickets stand in paths too (/interaction/kX3...); words and numbers are short or have separators.
    head, slash, path = address.partition("://")
    if not slash:
        head, path = "", address
    segments = [
        f"{segment[:4]}{MASK}" if len(segment) > _LONGEST_PATH_SEGMENT and re.search(r"\d", segment) else segment
        for segment in path.split("/")
    ]
    return head + slash + "/".join(segments)
