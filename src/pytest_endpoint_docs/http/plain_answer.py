"""Plain answers: those of HTTP/1.1 (RFC 9112) that say how long their content is.

Reading fields with the email package, as the libraries do, takes longer than all the rest of an exchange. Whatever is
not plain is left to them: other framings, content codings, folded lines, interim answers, connections that end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.model.value_class import value_class

_HEAD = re.compile(
    rb"HTTP/1\.1 (?P<status>[2-5][0-9]{2})(?: (?P<reason>[^\r\n\0]*))?\r\n"
    rb"(?P<fields>(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*\r\n){0,100})\r\n"
)
_FIELD = re.compile(r"([^:]+):[ \t]*([^\r]*)\r\n")
_NO_CONTENT = frozenset([204, 304])


@value_class
class Received:
    """An answer, its content decoded."""

    status: int
    reason: str
    fields: HeaderFields
    content: bytes = field(repr=False)


@value_class
class PlainHead:
    """The beginning of a plain answer: ``end`` is where its content begins, ``length`` how many octets that has."""

    status: int
    reason: str
    fields: HeaderFields
    end: int
    length: int


def plain_head(octets: bytes) -> PlainHead | None:
    """The beginning of an answer; ``None``: it is not plain, or not all there yet."""
    head = _HEAD.match(octets)
    if head is None:
        return None
    status = int(head["status"])
    fields = HeaderFields(_FIELD.findall(head["fields"].decode("latin-1")))
    length = _length(status, fields.by_name)
    if length is None:
        return None
    reason = (head["reason"] or b"").decode("latin-1").strip()
    return PlainHead(status=status, reason=reason, fields=fields, end=head.end(), length=length)


def _length(status: int, by_name: Mapping[str, str]) -> int | None:
    """How many octets of content come; ``None`` where that is not said, or more is said of it than that."""
    if "transfer-encoding" in by_name or "content-encoding" in by_name or "upgrade" in by_name:
        return None
    if "connection" in by_name and by_name["connection"].strip().lower() != "keep-alive":
        return None
    if "content-length" not in by_name:
        return 0 if status in _NO_CONTENT else None
    length = by_name["content-length"].strip()
    if not (length.isascii() and length.isdecimal() and len(length) < 16) or status in _NO_CONTENT:
        return None
    return int(length)
