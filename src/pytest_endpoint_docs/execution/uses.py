"""Where a step uses variables, and the line of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pytest_endpoint_docs.loading.documented import line_of_part
from pytest_endpoint_docs.model.body import RequestTemplate, Step
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import split_pointer
from pytest_endpoint_docs.variables.template import Reference, path_references, references


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A variable where a step uses it.

    ``field`` is the part of the request (``path``, ``params``, ``headers``, ``body``, ``form_fields``, ``file_fields``)
    or of the expectation; ``key`` is the name that the variable stands at where it is the whole value (``code`` in
    ``"code": "{{x}}"``).
    """

    reference: Reference
    field: str
    key: str = ""

    @property
    def name(self) -> str:
        """The variable's dotted name."""
        return self.reference.name


def uses_of(template: RequestTemplate) -> Iterator[Use]:
    """Every variable of a request, in the order in which it is filled in."""
    for reference in path_references(template.path):
        yield Use(reference=reference, field="path")
    for field, value in (
        ("params", template.params),
        ("headers", template.headers),
        ("body", template.body if template.has_body else None),
        ("form_fields", template.form_fields),
    ):
        yield from _uses_in(field, _plain(value))
    for index, part in enumerate(template.file_parts):
        for reference in references([part.file_path, part.filename]):
            yield Use(reference=replace(reference, pointer=f"/{index}"), field="file_fields")


def expectation_uses(step: Step) -> Iterator[Use]:
    """Every variable of a step's expected body and header fields."""
    yield from _uses_in("expect_headers", _plain(step.expect.headers))
    yield from _uses_in("expect_body", step.expect.body if step.expect.has_body else None)


_PLACES = {"expect_body": "expect/body", "expect_headers": "expect/headers"}


def location_of(use: Use, step: Step) -> SourceLocation:
    """The line of a variable where a step uses it."""
    if step.source is None:
        return step.request.location
    return line_of_part(step, f"/{_PLACES.get(use.field, use.field)}{use.reference.pointer}")


def _uses_in(field: str, value: JSONValue) -> Iterator[Use]:
    for reference in references(value):
        yield Use(reference=reference, field=field, key=_key(value, reference))


def _key(value: JSONValue, reference: Reference) -> str:
    """The dotted name of the member whose whole value a reference is."""
    way: list[str] = []
    for key in split_pointer(reference.pointer):
        if isinstance(value, Mapping):
            value = value.get(key)
            way.append(key)
        elif isinstance(value, list):
            value = value[int(key)]
    return ".".join(way) if value == reference.text else ""


def _plain(value: object) -> JSONValue:
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else value  # type: ignore[return-value]
