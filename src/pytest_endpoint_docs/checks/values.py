"""How values, their types and their places are written in a mismatch."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import quote

from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.pointers import last_key
from pytest_endpoint_docs.redaction import MASK, Redactor, is_secret_field
from pytest_endpoint_docs.words import cut, listed

_LONGEST_VALUE = 200
_DEEPEST = 200


def json_type(value: JSONValue) -> str:
    """The JSON type's name; ``integer`` is told apart from ``number`` as JSON Schema does."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def shown(value: JSONValue, redactor: Redactor, *, pointer: str = "") -> str:
    """A value as JSON with its type behind it, without secrets, cut: ``"3600" (string)``."""
    field = last_key(pointer)
    if isinstance(value, str) and value and is_secret_field(field):
        text = redactor.masked(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and is_secret_field(field):
        text = MASK
    else:
        text = cut(json.dumps(redactor.json(value), ensure_ascii=False), _LONGEST_VALUE)
    return f"{text} ({json_type(value)})" if value is not None else text


def not_json(response: Response) -> str:
    """What to call an answer's content that is not JSON."""
    if not response.content:
        return "no content"
    if _is_too_deep(response.content):
        return f"content nested deeper than {_DEEPEST} levels"
    kind = f"content of type {response.media_type}" if response.media_type else "content without a Content-Type"
    return f"{kind}{_what_breaks_it(response)}" if "json" in response.media_type else kind


def _what_breaks_it(response: Response) -> str:
    try:
        response.json()
    except json.JSONDecodeError as error:
        return f" that is no JSON in line {error.lineno}, column {error.colno} ({error.msg})"
    except UnicodeDecodeError:
        return " that is not UTF-8"
    except ValueError:
        return " that is no JSON"
    return ""


def content_of(response: Response) -> tuple[JSONValue, bool]:
    """The answer's content as a JSON value, and whether it is one; what is nested too deeply to be walked is none."""
    if _is_too_deep(response.content):
        return None, False
    try:
        return response.json(), True
    except ValueError:
        return None, False


def _is_too_deep(content: bytes) -> bool:
    if content.count(b"[") + content.count(b"{") <= _DEEPEST:
        return False
    depth = 0
    for char in re.sub(rb'"(?:[^"\\]|\\.)*"', b"", content):
        depth += (char in b"[{") - (char in b"]}")
        if depth > _DEEPEST:
            return True
    return False


def keys_of(value: JSONValue) -> str:
    """The keys of an object, for a message about one that is not there."""
    if not isinstance(value, Mapping):
        return json_type(value)
    names = list(value)
    return f"an object with {listed((quote(name, safe=' -._') for name in names), 8)}" if names else "{}"
