"""Media types: which described one a content is of, and whether that is JSON (RFC 9110 section 8.3.1)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import TypeVar

from pytest_endpoint_docs.model.header_fields import is_json_type, media_type_of

_Described = TypeVar("_Described")
_TEXTS = frozenset(["application/xml", "application/yaml", "application/javascript", "application/jwt"])
_JSON_LINES = re.compile(r"application/(?:x-)?(?:ndjson|json-?lines?|jsonl|json-seq)|application/.+\+json-seq")
FORMS = frozenset(["application/x-www-form-urlencoded", "multipart/form-data"])
"""The media types whose content is a list of named fields."""


def media_type_for(content: Mapping[str, _Described], written: str) -> tuple[str, _Described] | None:
    """The described media type that a Content-Type is of, with what is described for it.

    Exact before ``application/*+json`` before ``*/*``; of the same type, the one with the same parameters
    (``version=2``). No parameter alone keeps a content from being of a described type, for servers leave them out.
    """
    media_type, given = media_type_of(written), _parameters(written)
    fitting = [key for key in content if fnmatch.fnmatchcase(media_type, media_type_of(key))]
    if not fitting:
        return None

    def distance(key: str) -> tuple[int, int, int]:
        wanted = _parameters(key)
        other = sum(given.get(name) != value for name, value in wanted.items())
        plain = media_type_of(key)
        return plain.count("*") * 100 - len(plain) if "*" in plain else -1000, other, -len(wanted)

    best = min(fitting, key=distance)
    return best, content[best]


def is_json_media_type(media_type: str) -> bool:
    """``application/json`` and whatever ends in ``+json`` (RFC 6839 section 3.1)."""
    return is_json_type(media_type_of(media_type))


def is_json_lines(media_type: str) -> bool:
    """Whether a content of this type is a sequence of JSON values: one in each line, or by RFC 7464."""
    return _JSON_LINES.fullmatch(media_type_of(media_type)) is not None


def is_xml(media_type: str) -> bool:
    """Whether a content of this type is XML (RFC 7303 section 4.2)."""
    plain = media_type_of(media_type)
    return plain in ("application/xml", "text/xml") or plain.endswith("+xml")


def is_text(media_type: str) -> bool:
    """Whether a content of this type is text that a schema of a string can speak of; JSON and forms are none."""
    plain = media_type_of(media_type)
    return plain.startswith("text/") or plain in _TEXTS or plain.endswith(("+xml", "+yaml"))


def fits_any(written: str, media_types: str) -> bool:
    """Whether a media type is one of a list with commas, as in ``encoding.contentType``: ``image/png, image/*``."""
    plain = media_type_of(written)
    return any(fnmatch.fnmatchcase(plain, media_type_of(each)) for each in media_types.split(","))


def _parameters(written: str) -> Mapping[str, str]:
    """The parameters that tell two contents of one type apart, as ``version`` does; ``charset`` does not."""
    pairs = (part.partition("=") for part in written.split(";")[1:])
    found = {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}
    return {name: value for name, value in found.items() if name not in ("charset", "boundary", "q", "")}
