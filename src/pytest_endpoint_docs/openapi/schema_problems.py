"""Values against schemas: compiled once per schema, every difference with its kind, its words and both its places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.checks.json_schema import UNFINISHED, errors_of
from pytest_endpoint_docs.model.secret import MASK
from pytest_endpoint_docs.model.source import MismatchKind
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.alternatives import alike, closest
from pytest_endpoint_docs.openapi.documents import DescriptionFault, Node, UnresolvedReference
from pytest_endpoint_docs.openapi.parameter_values import Misread, parameter_values
from pytest_endpoint_docs.openapi.parameters import Parameter
from pytest_endpoint_docs.openapi.schema_faults import SchemaFaults
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, object_schemas, property_schemas
from pytest_endpoint_docs.openapi.unknowns import Unknown
from pytest_endpoint_docs.pointers import join_pointer, last_key, pointer_of, split_pointer, without_indices
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.secret_names import is_secret_field
from pytest_endpoint_docs.words import cut_line, listed

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from pytest_endpoint_docs.openapi.dialects import Direction

_LONGEST_VALUE = 120
_LONGEST_EXPECTATION = 160
_MOST_NAMES = 5

_TEXTS = {
    "required": "is missing",
    "type": "has another type than described",
    "enum": "is not among the described values",
    "format": "does not have the described format",
    "additionalProperties": "has properties that the description does not allow",
    "unevaluatedProperties": "has properties that the description does not allow",
    "readOnly": "is read-only and must not be sent",
    "writeOnly": "is write-only and must not be in an answer",
    "oneOf": "matches several alternatives where one is described",
    "discriminator": "names none of the described alternatives",
    "style": "is not written in the described style",
    "content": "is not of the described media type",
}

# The errors of these keywords have names in place of the keyword's value.
_NAMING = frozenset(["oneOf", "unevaluatedProperties"])
# A keyword beside a bound may say that the bound itself is out of it.
_EXCLUSIVE = {"minimum": ("exclusiveMinimum", "more than"), "maximum": ("exclusiveMaximum", "less than")}
_KINDS: Mapping[str, MismatchKind] = {
    "required": "missing",
    "type": "type",
    "enum": "enum",
    "const": "enum",
    "format": "format",
    "additionalProperties": "undescribed",
    "unevaluatedProperties": "undescribed",
    "readOnly": "unexpected",
    "writeOnly": "unexpected",
    "discriminator": "enum",
    "style": "format",
    "content": "format",
}


@value_class
class SchemaProblem:
    """A difference between a value and a schema.

    ``keyword`` is the schema's (``required``, ``type``, ``enum`` ...), ``pointer`` the JSON Pointer of the value (of
    the missing one for ``required``), ``expected`` in words, ``instance`` the value itself (not redacted), ``source``
    the description's place, ``note`` how the schema was reached,
    ``names`` those of the alternatives that fit where only one may, and of the properties that may not be there.
    """

    keyword: str
    pointer: str
    expected: str
    instance: Any
    source: str
    note: str = ""
    names: tuple[str, ...] = ()

    @property
    def kind(self) -> MismatchKind:
        """What is wrong, as a value."""
        return _KINDS.get(self.keyword, "constraint")

    @property
    def text(self) -> str:
        """What is wrong, without place and values: the second half of a sentence."""
        if self.keyword == UNFINISHED:
            return f"could not be checked against the description: {self.note}"
        words = _TEXTS.get(self.keyword, f"violates '{self.keyword}' of the description")
        which = f": {listed(self.names, _MOST_NAMES)}" if self.names else ""
        return f"{words}{which}{self.note}"

    @property
    def surplus(self) -> tuple[str, ...]:
        """The pointers of the properties that may not be there, where they are what is wrong."""
        return tuple(join_pointer(self.pointer, name) for name in self.names) if self.kind == "undescribed" else ()

    def actual(self, redactor: Redactor) -> str:
        """What stands there, in words and without secrets."""
        return self.actual_at(self.pointer, redactor)

    def actual_at(self, pointer: str, redactor: Redactor) -> str:
        """As :meth:`actual`, where the value is a part of something: its names say what is secret."""
        named = without_indices(pointer).removesuffix("/*")
        return "missing" if self.keyword == "required" else shown_value(self.instance, named, redactor)


class SchemaValidators:
    """The compiled validators of a run."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str, str], Any] = {}
        self._faults: dict[str, tuple[DescriptionFault, ...]] = {}
        self._every_fault = SchemaFaults()

    def faults(self, schema: Node) -> tuple[DescriptionFault, ...]:
        """What is wrong with the schema itself."""
        if schema.uri not in self._faults:
            self._faults[schema.uri] = self._every_fault.of(schema)
        return self._faults[schema.uri]

    def problems(self, schema: Node, value: Any, *, version: str, direction: Direction) -> list[SchemaProblem]:
        """Every difference; none where the schema cannot be used (see :meth:`faults`)."""
        if any(fault.is_fatal for fault in self.faults(schema)):
            return []
        validator = self._validator(schema, version, direction)
        errors = sorted(errors_of(validator, value), key=lambda error: [str(part) for part in error.absolute_path])
        found = [problem for error in errors for problem in _problems(error, schema, "")]
        other = "readOnly" if direction == "request" else "writeOnly"
        found = [
            problem for problem in found if problem.keyword != "required" or not _is_marked(schema, problem, other)
        ]
        return list({(problem.pointer, problem.keyword, problem.expected): problem for problem in found}.values())

    def problems_of_texts(
        self, parameter: Parameter, texts: Sequence[str], *, version: str, direction: Direction
    ) -> list[SchemaProblem]:
        """Every difference of a parameter's texts; none where they cannot be read as one value for sure.

        A text may stand for several values (``5`` for a number and for a text): none of them may fit.
        """
        told: list[SchemaProblem] | None = None
        try:
            for value in parameter_values(parameter, texts):
                found = self.problems(parameter.schema or parameter.node, value, version=version, direction=direction)
                if not found:
                    return []
                told = told or found
        except Misread as error:
            return [_misread(parameter, texts, error)]
        return told or []

    def _validator(self, schema: Node, version: str, direction: Direction) -> Any:
        from pytest_endpoint_docs.openapi.dialects import format_checker, validator_class

        key = (schema.uri, version, direction)
        if key not in self._compiled:
            is_partial = any(fault.is_unread for fault in self.faults(schema))
            self._compiled[key] = validator_class(version, direction, is_partial=is_partial)(
                {"$ref": schema.uri}, registry=schema.store.registry(), format_checker=format_checker()
            )
        return self._compiled[key]


def _misread(parameter: Parameter, texts: Sequence[str], error: Misread) -> SchemaProblem:
    keyword = "content" if parameter.media_type else "style"
    written = texts[0] if len(texts) == 1 else list(texts)
    return SchemaProblem(
        keyword=keyword, pointer="", expected=str(error), instance=written, source=parameter.node.source
    )


def _is_marked(schema: Node, problem: SchemaProblem, keyword: str) -> bool:
    """Whether some part of a schema says of a property that is missing that it belongs in the other direction."""
    nodes = object_schemas(schema)
    for segment in split_pointer(problem.pointer):
        nodes = object_schemas(*(property_schemas(nodes, segment) or item_schemas(nodes)))
    return any(node.value.get(keyword) is True for node in nodes)


def shown_value(value: Any, pointer: str, redactor: Redactor) -> str:
    """A value as JSON with its type, without secrets, cut: ``"3600" (string)``; objects and arrays by size alone."""
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        names = ", ".join(list(value)[:6])
        return f"object with {names}{', …' if len(value) > 6 else ''}" if value else "empty object"
    if isinstance(value, list):
        return f"array of {len(value)}"
    field = last_key(pointer)
    text = json.dumps(redactor.json(value), ensure_ascii=False)
    if isinstance(value, str) and value and is_secret_field(field) and not text.startswith('"$'):
        text = MASK
    return f"{cut_line(text, _LONGEST_VALUE)} ({_type_name(value)})"


def _type_name(value: bool | float | str) -> str:
    if isinstance(value, Unknown):
        return "a variable" if value.whole else "string"
    names = ((bool, "boolean"), (int, "integer"), (float, "number"))
    return next((name for kind, name in names if isinstance(value, kind)), "string")


def _problems(error: ValidationError, schema: Node, note: str) -> Iterator[SchemaProblem]:
    if error.validator in ("anyOf", "oneOf") and error.context:
        if same := alike(error):
            yield from _problems(same, schema, note)
            return
        branch, count = closest(error), len(error.validator_value)  # type: ignore[arg-type]
        own = f" (the closest of {count} alternatives)" if count > 1 else note
        for inner in error.context:
            if inner.relative_schema_path and inner.relative_schema_path[0] == branch:
                yield from _problems(inner, schema, own)
        return
    path = list(error.absolute_path)
    keyword = str(error.validator)
    if keyword in ("readOnly", "writeOnly") and not (path and isinstance(path[-1], str)):
        return  # said of what is no property, such as a parameter, it means nothing (OpenAPI 3.0.4, 4.7.24)
    if keyword == "required":
        path.append(error.validator_value[0])  # type: ignore[index]
    yield SchemaProblem(
        keyword=keyword,
        pointer=pointer_of(path),
        expected=_expected(keyword, error.validator_value, error.schema),
        instance=None if keyword == "required" else error.instance,
        source=_source(schema, list(error.absolute_schema_path)),
        note=error.message if keyword == UNFINISHED else note,
        names=tuple(error.validator_value if keyword in _NAMING else _surplus(error)),  # type: ignore[arg-type]
    )


def _surplus(error: ValidationError) -> Iterator[str]:
    """The names of the properties that ``additionalProperties`` does not let be there."""
    value, schema = error.instance, error.schema
    is_closed = error.validator == "additionalProperties" and error.validator_value is False
    if is_closed and isinstance(value, dict) and isinstance(schema, Mapping) and "patternProperties" not in schema:
        named = schema.get("properties")
        yield from (name for name in value if not isinstance(named, Mapping) or name not in named)


def _source(schema: Node, path: Sequence[str | int]) -> str:
    node = schema
    for position, key in enumerate(path):
        if position == 0 and key == "$ref":
            continue  # the reference that a validator starts from
        try:
            found = node.child(key)
        except UnresolvedReference:  # a validator may know a name that a description's reader does not
            found = None
        if found is None:
            return join_pointer(node.source, *path[position:])
        node = found
    return node.source


def _expected(keyword: str, value: Any, schema: Any) -> str:
    bound = _EXCLUSIVE.get(keyword)
    if bound and isinstance(schema, Mapping) and schema.get(bound[0]) is True:
        return f"{bound[1]} {value}"
    if keyword == "type":
        return " or ".join(value) if isinstance(value, list) else str(value)
    if keyword == "required":
        return "present"
    if keyword in ("enum", "discriminator"):
        return "one of " + cut_line(
            ", ".join(json.dumps(member, ensure_ascii=False) for member in value), _LONGEST_EXPECTATION
        )
    if keyword in ("readOnly", "writeOnly"):
        return f"absent, for it is {keyword}"
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        return "no other properties"
    if keyword in ("oneOf", "not"):
        return "exactly one alternative" if keyword == "oneOf" else "anything but what 'not' describes"
    if keyword == "None":
        return "nothing"
    return f"{keyword} {cut_line(json.dumps(value, ensure_ascii=False, default=str), _LONGEST_EXPECTATION)}"
