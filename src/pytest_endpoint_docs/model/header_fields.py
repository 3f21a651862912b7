"""The header fields of a message (RFC 9110 section 5)."""

from __future__ import annotations

import re
from collections.abc import ItemsView, Iterable, Iterator, Mapping

# Between two Set-Cookie fields that were joined; a date has a comma, too.
_NEXT_COOKIE = r",\s*(?=[^;,=\s]+=)"
_MEDIA_TYPE = r"[\w!#$&^.+-]+/[\w!#$&^.+-]+"


class HeaderFields(Mapping[str, str]):
    """Header fields by name without case (RFC 9110 section 5.1); several lines of one field are joined with a comma.

    ``by_name`` are their values by names in lower case.
    """

    __slots__ = ("_names", "by_name")

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        by_name: dict[str, str] = {}
        names: dict[str, str] = {}
        pairs = fields if isinstance(fields, list) or not isinstance(fields, Mapping) else fields.items()
        for name, value in pairs:
            # Blanks around a value are no part of it (RFC 9110 section 5.5).
            lowered, value = name.lower(), value.strip(" \t")
            if lowered in by_name:
                by_name[lowered] += f", {value}"
            else:
                by_name[lowered], names[lowered] = value, name
        self.by_name: Mapping[str, str] = by_name
        self._names = names

    def __getitem__(self, name: str) -> str:
        return self.by_name[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.by_name

    def items(self) -> ItemsView[str, str]:
        """Names as they were written, with their values."""
        return dict(zip(self._names.values(), self.by_name.values(), strict=True)).items()

    def __repr__(self) -> str:
        return f"HeaderFields({list(self)})"


def single_fields(name: str, value: str) -> list[str]:
    """The values of a field as it was sent: those of several ``Set-Cookie``, which are no list (RFC 9110 section 5.3).

    Of any other field there is one.
    """
    return re.split(_NEXT_COOKIE, value) if name.lower() == "set-cookie" else [value]


def media_type_of(value: str) -> str:
    """The media type of a Content-Type field (RFC 9110 section 8.3.1), without its parameters, in lower case."""
    return value.partition(";")[0].strip().lower()


def media_type_in(fields: Mapping[str, str]) -> str:
    """The media type that header fields declare; empty where they declare none, or by a variable."""
    written = next((media_type_of(value) for name, value in fields.items() if name.lower() == "content-type"), "")
    return written if is_media_type(written) else ""


def is_media_type(text: str) -> bool:
    """Whether a text is a media type without parameters (RFC 6838 section 4.2)."""
    return re.fullmatch(_MEDIA_TYPE, text) is not None


def is_json_type(media_type: str) -> bool:
    """Whether the content of a media type is one JSON value: registered ones (RFC 6839 section 3.1), and text/json."""
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")
