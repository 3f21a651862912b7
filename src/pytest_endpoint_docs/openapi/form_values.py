"""Forms as the objects that their schemas speak of, field by field (OpenAPI 3.1.1, 4.8.15)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pytest_endpoint_docs.http.wire import named_values
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.media_types import fits_any, is_json_media_type
from pytest_endpoint_docs.openapi.parameter_values import (
    Misread,
    content_values,
    member_schemas,
    object_from,
    parameter_values,
)
from pytest_endpoint_docs.openapi.parameters import Parameter, SentFile, text_of
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, object_schemas, property_schemas, schema_types
from pytest_endpoint_docs.openapi.unknowns import Unknown, holds_unknown

Fits = Callable[[Node, Any], bool]

_STRUCTURED = frozenset(["array", "object"])
_MEMBER = re.compile(r"[^\[\]]+\[([^\[\]]+)\]")
_STYLED = frozenset(["style", "explode", "allowReserved"])
# Stands for what only the server can read: a file, a field without a schema, text with a variable in it.
_ANYTHING = Unknown("", whole=True)

Field = tuple[str, Any]
"""A name as it is written (``tags[]``, ``address[city]``), and the text or value there."""


def form_value(
    fields: Sequence[Field], files: Sequence[SentFile], schema: Node, encoding: Node | None, fits: Fits
) -> dict[str, Any]:
    """The object that the fields of a form make; what cannot be told for sure is unknown.

    ``encoding`` is the media type's; ``fits`` says whether a value is one of a schema.
    """
    schemas = object_schemas(schema)
    found: dict[str, Any] = {}
    for name, written in _by_name(fields, schemas).items():
        own = member_schemas(schemas, name)
        found[name] = (
            _value(_as_parameter(name, own[0], encoding), own[0], written, fits) if len(own) == 1 else _ANYTHING
        )
    for file in files:
        of_file = next(iter(property_schemas(schemas, file.name)), None)
        value = _of_file(file, of_file)
        is_list = of_file is not None and "array" in schema_types(of_file)
        found[file.name] = [*_list_of(found.get(file.name)), value] if is_list else value
    return found


def form_fields(body: Any) -> list[Field]:
    """The fields of a form, with the names that they are sent with."""
    members = body.items() if isinstance(body, Mapping) else ()
    return [field for name, value in members for field in named_values(name, value)]


def wrong_files(files: Sequence[SentFile], encoding: Node | None) -> Iterator[tuple[SentFile, str, str]]:
    """Files of another media type than ``encoding`` has for them, with the media types that it has, and its place."""
    for file in files:
        about = encoding.step(file.name) if encoding is not None else None
        wanted = about.value.get("contentType") if about is not None and isinstance(about.value, Mapping) else None
        if about is not None and isinstance(wanted, str) and file.media_type and not fits_any(file.media_type, wanted):
            yield file, wanted, about.source


def _by_name(fields: Sequence[Field], schemas: Sequence[Node]) -> dict[str, list[Field]]:
    """The fields by the property that each is, or is a part of: ``tags[]`` is also ``tags``."""
    found: dict[str, list[Field]] = {}
    for written, value in fields:
        names = (written, written.partition("[")[0])
        name = next((name for name in names if property_schemas(schemas, name)), written)
        found.setdefault(name, []).append((written, value))
    return found


def _as_parameter(name: str, schema: Node, encoding: Node | None) -> Parameter:
    """A field as the parameter that ``encoding`` makes of it; without one, objects are JSON."""
    written = encoding.step(name) if encoding is not None else None
    about: Mapping[str, Any] = written.value if written is not None and isinstance(written.value, Mapping) else {}
    media_type = str(about.get("contentType", "")) if not _STYLED & about.keys() else ""
    if not media_type and not _STYLED & about.keys() and schema_types(schema) == {"object"}:
        media_type = "application/json"
    style = str(about.get("style", "form"))
    return Parameter(
        name=name,
        location="formData",
        required=False,
        schema=schema,
        node=schema,
        style=style,
        explode=about.get("explode", style == "form") is True,
        media_type=media_type if is_json_media_type(media_type) else "",
    )


def _value(parameter: Parameter, schema: Node, fields: Sequence[Field], fits: Fits) -> Any:
    if holds_unknown([value for _, value in fields]) or any("{{" in name for name, _ in fields):
        return _ANYTHING
    texts = [text_of(value) for _, value in fields]
    if any(name not in (parameter.name, f"{parameter.name}[]") for name, _ in fields):
        found = [_MEMBER.fullmatch(name) for name, _ in fields]
        members = [(member[1], text) for member, text in zip(found, texts, strict=True) if member is not None]
        value = object_from(members, schema) if len(members) == len(texts) else None
        return _ANYTHING if value is None or "object" not in schema_types(schema) else value
    try:
        values = list(_values(parameter, schema, texts))
    except Misread:
        return texts[-1]  # a text, where the schema has something else
    return next((value for value in values if fits(schema, value)), values[0] if values else _ANYTHING)


def _values(parameter: Parameter, schema: Node, texts: Sequence[str]) -> Iterator[Any]:
    items = next(iter(item_schemas(object_schemas(schema))), None)
    if not parameter.media_type and items is not None and schema_types(items) == {"object"}:
        yield [next(content_values(text, "application/json", items)) for text in texts]
    else:
        yield from parameter_values(parameter, texts)


def _of_file(file: SentFile, schema: Node | None) -> Any:
    """What a file field is: its JSON, where an object is described and it is declared as JSON, else anything."""
    is_json = schema is not None and schema_types(schema) == {"object"} and is_json_media_type(file.media_type)
    if schema is None or file.content is None or not is_json:
        return _ANYTHING
    text = file.content.decode("utf-8", errors="replace")
    try:
        return next(content_values(text, file.media_type, schema))
    except Misread:
        return text


def _list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
