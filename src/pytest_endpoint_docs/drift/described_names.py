"""What a description says of a name that people write down: whether it is known, whether required, of which type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_endpoint_docs.loading.reference_tables import ParameterPlace
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.parameters import Parameter
from pytest_endpoint_docs.openapi.schema_shape import (
    is_open,
    item_schemas,
    known_names,
    object_schemas,
    property_schemas,
    schema_types,
)

_EVERYWHERE: tuple[ParameterPlace, ...] = ("path", "query", "header", "body")
# OpenAPI describes these elsewhere than among the parameters.
_OTHER_HEADERS = ("authorization", "content-type", "accept", "cookie")


@value_class
class DescribedName:
    """What is described of a name: whether it is, as required or not (``None``: it depends), its types, what else is.

    ``types`` is empty where nothing is said of them.
    """

    is_known: bool
    source: str
    required: bool | None = None
    types: frozenset[str] = frozenset()
    known: tuple[str, ...] = ()


def described_name(operation: Operation, place: ParameterPlace, name: str) -> DescribedName | None:
    """What is described of a parameter or a property of the body (``a.b[].c``); ``None``: nobody can say.

    Without a ``place``, whatever part of a request has it.
    """
    if place:
        return _at(operation, place, name)
    found = [_at(operation, part, name) for part in _EVERYWHERE]
    known = next((each for each in found if each is not None and each.is_known), None)
    if known is not None or None in found:
        return known
    names = sorted({name for each in found if each is not None for name in each.known})
    return DescribedName(is_known=False, source=operation.source, known=tuple(names))


def _at(operation: Operation, place: ParameterPlace, name: str) -> DescribedName | None:
    if place == "body":
        return _property(operation, name)
    if "parameters" in operation.unread or (place == "header" and name.lower() in _OTHER_HEADERS):
        return None
    found = {parameter.name.lower(): parameter for parameter in operation.parameters if parameter.location == place}
    own = found.get(name.lower()) or found.get(name.partition("[")[0].lower())
    if own is None:
        return DescribedName(is_known=False, source=f"{operation.source}/parameters", known=tuple(sorted(found)))
    # What is JSON in a text may be listed as a text.
    is_own = own.schema is not None and not own.media_type and own.name.lower() == name.lower()
    return DescribedName(
        is_known=True,
        source=own.node.source,
        # A parameter of the path is required anyhow.
        required=None if place == "path" else own.required,
        types=_types([own.schema] if is_own and own.schema is not None else []),
    )


def _property(operation: Operation, name: str) -> DescribedName | None:
    form: Sequence[Parameter] = operation.body.form if operation.body else ()
    if form:
        return _form_field(form, name, operation)
    nodes = object_schemas(*body_schemas(operation))
    if not nodes:
        # A body without a schema may have anything, and where there is none, no property is described.
        return (
            None
            if operation.body or "requestBody" in operation.unread
            else DescribedName(is_known=False, source=operation.source)
        )
    whole = property_schemas(nodes, name)
    *around, last = [name] if whole else name.split(".")
    for segment in around:
        nodes = object_schemas(*property_schemas(nodes, segment.removesuffix("[]")))
        if segment.endswith("[]"):
            nodes = object_schemas(*item_schemas(nodes))
        if not nodes:
            return None
    last = last if whole else last.partition("[")[0]
    below = property_schemas(nodes, last)
    if below:
        is_choice = any({"anyOf", "oneOf"} & node.value.keys() for node in nodes)
        required = any(last in names for node in nodes if isinstance(names := node.value.get("required"), list))
        return DescribedName(
            is_known=True,
            source=below[0].source,
            required=None if is_choice else required,
            types=_types(below) if name.endswith(last) else frozenset(),
        )
    if is_open(nodes):
        return None
    return DescribedName(is_known=False, source=nodes[0].source, known=known_names(nodes))


def _form_field(form: Sequence[Parameter], name: str, operation: Operation) -> DescribedName:
    own = next((field for field in form if field.name in (name, first_name(name))), None)
    if own is None:
        names = tuple(sorted(field.name for field in form))
        return DescribedName(is_known=False, source=operation.source, known=names)
    types = _types([own.node]) if own.name == name else frozenset()
    return DescribedName(is_known=True, source=own.node.source, required=own.required, types=types)


def _types(schemas: Iterable[Node]) -> frozenset[str]:
    return frozenset().union(*(schema_types(schema) for schema in schemas)) - {"null"}


def first_name(name: str) -> str:
    """The name that stands at the top: ``a`` of ``a.b`` and of ``a[b]``."""
    return name.partition(".")[0].partition("[")[0]


def body_schemas(operation: Operation) -> list[Node]:
    """The schemas of a request's body, in whatever media type."""
    return [schema for schema in (operation.body.content.values() if operation.body else ()) if schema]
