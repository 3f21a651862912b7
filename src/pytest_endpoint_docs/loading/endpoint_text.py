"""``METHOD /path`` texts: in frontmatter, in resolution rows, in prose."""

from __future__ import annotations

import re

from pytest_endpoint_docs.model.source import Endpoint

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

# A path ends at a blank, a quote or a table's bar; a trailing sentence mark is no part of it.
MENTION = re.compile(rf"\b(?P<method>{'|'.join(METHODS)})\s+(?P<path>/[^\s`'\"|<>]*)")
_WHOLE = re.compile(rf"(?P<method>{'|'.join(METHODS)})\s+(?P<path>/\S*)")


def endpoint_from(method: str, target: str) -> Endpoint:
    """An endpoint of a method and a path that may have a query string."""
    path, _, query = target.partition("?")
    return Endpoint(method, path, query)


def read_endpoint(text: object) -> Endpoint | None:
    """The endpoint that a text is, as a whole (code marks allowed), or ``None``: prose."""
    if not isinstance(text, str):
        return None
    match = _WHOLE.fullmatch(text.strip().strip("`").strip())
    return endpoint_from(match["method"], match["path"]) if match else None


def mentioned_endpoint(text: str) -> Endpoint | None:
    """The first endpoint that a text mentions."""
    match = MENTION.search(text)
    return endpoint_from(match["method"], match["path"].rstrip(".,;:)*")) if match else None


def same_template(one: str, other: str) -> bool:
    """Whether two path templates are the same one; parameter names may differ."""
    return path_key(one) == path_key(other)


def path_key(path: str) -> str:
    """A path template without the names of its parameters: ``{id}`` and ``{{client_id}}`` become ``{}``."""
    return re.sub(r"\{\{.*?\}\}|\{[^{}]*\}", "{}", path)
