"""Query parameters that are objects: ``filter[status]=open`` (deepObject), or each member a parameter (form)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_endpoint_docs.openapi.parameter_values import object_from
from pytest_endpoint_docs.openapi.parameters import Parameter
from pytest_endpoint_docs.openapi.schema_shape import is_open, object_schemas, property_schemas, schema_types

_BRACKETED = re.compile(r"([^\[\]]+)\[([^\[\]]+)\]")


def parameter_of(name: str, described: Mapping[str, Parameter]) -> str:
    """The name of the described parameter that a query parameter is, or is a part of; else the name itself.

    ``ids[]`` is also described as ``ids``; ``filter[status]`` also as ``filter``.
    """
    base = name.split("[")[0]
    known = next((one for one in (name, base, f"{base}[]") if one in described), None)
    if known is None:
        written_out = (one for one, parameter in described.items() if _is_written_out(parameter))
        known = next((one for one in written_out if _may_have(described[one], name)), name)
    return known


def is_object(parameter: Parameter) -> bool:
    """Whether a parameter's value may be an object that is not written as the text of a media type."""
    return parameter.schema is not None and not parameter.media_type and "object" in schema_types(parameter.schema)


def is_spread(parameter: Parameter) -> bool:
    """Whether each member of an object is a query parameter of its own."""
    return is_object(parameter) and (parameter.style == "deepObject" or _is_written_out(parameter))


def object_of(members: Sequence[tuple[str, str]], parameter: Parameter) -> dict[str, Any] | None:
    """The object that query parameters make; ``None`` where one of them is more than a text can tell."""
    named = [(name, text) for written, text in members if (name := _member(parameter, written)) is not None]
    if parameter.schema is None or len(named) < len(members):
        return None
    return object_from(named, parameter.schema)


def written_name(parameter: Parameter, member: str) -> str:
    """The name of the query parameter that a member is; of the whole where it is empty."""
    if not member:
        return parameter.name
    return f"{parameter.name}[{member}]" if parameter.style == "deepObject" else member


def _member(parameter: Parameter, name: str) -> str | None:
    """Which member a query parameter of this name is; ``None`` where that cannot be told."""
    found = _BRACKETED.fullmatch(name)
    if found is None or found[1] != parameter.name:
        return name if _is_written_out(parameter) else None
    return found[2] if parameter.style == "deepObject" else None


def _is_written_out(parameter: Parameter) -> bool:
    return parameter.style == "form" and parameter.explode and is_object(parameter)


def _may_have(parameter: Parameter, name: str) -> bool:
    schemas = object_schemas(parameter.schema) if parameter.schema is not None else ()
    return bool(property_schemas(schemas, name)) or is_open(schemas)
