"""The checks of what a doc itself says: status code, header fields, body, schema, shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pytest_endpoint_docs.checks.checking import Check, CheckInput, Difference
from pytest_endpoint_docs.checks.content_basis import shown_examples
from pytest_endpoint_docs.checks.schema_check import SchemaCheck
from pytest_endpoint_docs.checks.values import json_type, keys_of, shown
from pytest_endpoint_docs.model.body import ExampleResponse
from pytest_endpoint_docs.model.header_fields import single_fields
from pytest_endpoint_docs.model.pattern import Pattern, TooSlow
from pytest_endpoint_docs.model.source import JSONValue, Mismatch, MismatchKind
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.redaction.redactor import Redactor


def check_status(given: CheckInput) -> list[Mismatch]:
    """Hold the status code against the documented ones."""
    expect, response = given.step.expect, given.exchange.response
    if response.is_expected(expect):
        return []
    not_followed = f"; {response.not_followed}" if response.not_followed else ""
    expected = expect.status_words
    return [
        Mismatch(
            check="status",
            message=f"expected status {expected}, got {response.status}{not_followed}",
            kind="status",
            expected=expected,
            actual=response.status,
            location=expect.status_location or expect.location,
        )
    ]


def check_headers(given: CheckInput) -> list[Mismatch]:
    """Hold the header fields against ``expect.headers``.

    Names are compared without case (RFC 9110 section 5.1), values exactly; a value between slashes is a regular
    expression that matches anywhere in the field's value; ``null`` means that the field is absent. Of several cookies
    that are set, one has to be as expected.
    """
    found: list[Mismatch] = []
    for name, expected in given.step.expect.headers.items():
        actual = given.exchange.response.headers.get(name)
        values = [None] if actual is None else {actual: None, **dict.fromkeys(single_fields(name, actual))}
        differences = [_header_difference(expected, value) for value in values]
        if all(differences):
            difference = differences[0]
            found.append(
                Mismatch(
                    check="header",
                    message=f"header field {name}: {difference}",
                    kind="unexpected" if expected is None else "missing" if actual is None else "value",
                    pointer=name,
                    expected="absent" if expected is None else expected,
                    actual="absent" if actual is None else given.redactor.header(name, actual),
                    location=given.step.expect.location,
                )
            )
    return found


def _header_difference(expected: str | None, actual: str | None) -> str:
    if expected is None:
        return "" if actual is None else "is present, but must be absent"
    if actual is None:
        return "is missing"
    if len(expected) > 1 and expected.startswith("/") and expected.endswith("/"):
        try:
            pattern = Pattern(expected[1:-1])
        except ValueError as error:
            return f"{expected} is not a regular expression: {error}"
        try:
            return "" if pattern.found_in(actual) else "does not match"
        except TooSlow as slow:
            return str(slow)
    return "" if expected == actual else "has another value"


def check_body(given: CheckInput) -> list[Mismatch]:
    """Hold the content against ``expect.body``: a subset match with strict types.

    Every key of an expected object must be there with a matching value; other keys may be. Every element of an expected
    list is held against the element at the same index; the answer's list may be longer. ``"3600"`` is not ``3600``,
    ``true`` is not ``1``; ``1`` and ``1.0`` are the same number, as in JSON Schema.
    """
    expect = given.step.expect
    if not expect.has_body:
        return []
    actual, is_json = given.exchange.response.as_json()
    if not is_json:
        found = iter([Difference("not-json", "", "is not JSON", "JSON", given.exchange.response.not_json())])
    else:
        found = _body_differences(expect.body, actual, "", given.redactor)
    return [difference.as_mismatch("body", expect.location) for difference in found]


def same_json(expected: JSONValue, actual: JSONValue) -> bool:
    """Whether two JSON scalars are equal: booleans are no numbers, ``1`` and ``1.0`` are one number."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return expected == actual


def _body_differences(expected: JSONValue, actual: JSONValue, pointer: str, redactor: Redactor) -> Iterator[Difference]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key, wanted in expected.items():
            if key in actual:
                yield from _body_differences(wanted, actual[key], join_pointer(pointer, key), redactor)
            else:
                here = join_pointer(pointer, key)
                value = shown(wanted, redactor, pointer=here)
                yield Difference("missing", here, "is missing", value, f"missing from {keys_of(actual)}")
    elif isinstance(expected, list) and isinstance(actual, list):
        for index, wanted in enumerate(expected):
            if index < len(actual):
                yield from _body_differences(wanted, actual[index], join_pointer(pointer, index), redactor)
            else:
                here = join_pointer(pointer, index)
                got = f"missing from a list of {len(actual)}"
                yield Difference("missing", here, "is missing", shown(wanted, redactor), got)
    elif isinstance(expected, (Mapping, list)) or not same_json(expected, actual):
        number = {"integer", "number"}
        types = json_type(expected), json_type(actual)
        kind: MismatchKind = "value" if types[0] == types[1] or set(types) <= number else "type"
        wanted, got = shown(expected, redactor, pointer=pointer), shown(actual, redactor, pointer=pointer)
        yield Difference(kind, pointer, f"has another {kind}", wanted, got)


def check_shape(given: CheckInput) -> list[Mismatch]:
    """Hold the content against the shape of ``Expected Response``, where no schema is given for the step or the doc.

    Keys of the example must be there, with values of the same type, at every depth; the first element of an example
    list is the shape of all elements, an empty one says nothing of them; ``null`` in the example matches anything;
    other keys may be there. An example counts whose status code is the answer's, or one without a code for any 2xx.
    Where several count, one that matches is enough.
    """
    examples = shown_examples(given)
    if not examples:
        return []
    actual, is_json = given.exchange.response.as_json()
    found = (_shape_mismatches(example, actual, is_json=is_json, given=given) for example in examples)
    return min(found, key=len)


def _shape_mismatches(
    example: ExampleResponse, actual: JSONValue, *, is_json: bool, given: CheckInput
) -> list[Mismatch]:
    if not is_json:
        if example.body is None:
            return []
        got = given.exchange.response.not_json()
        wanted = f"JSON as in the example: {json_type(example.body)}"
        return [Difference("not-json", "", "is not JSON", wanted, got).as_mismatch("shape", example.location)]
    found = _shape_differences(example.body, actual, _Places("", ""), given.redactor)
    return [difference.as_mismatch("shape", example.at(place)) for difference, place in found]


class _Places(NamedTuple):
    """The JSON Pointers of one place in an answer and in its example; all members of a list have one example."""

    actual: str
    example: str

    def below(self, key: str | int, shown: str | int) -> _Places:
        return _Places(join_pointer(self.actual, key), join_pointer(self.example, shown))


def _shape_differences(
    example: JSONValue, actual: JSONValue, places: _Places, redactor: Redactor
) -> Iterator[tuple[Difference, str]]:
    """The differences, each with the place of the example that shows otherwise."""
    pointer, place = places
    if example is None:
        return
    if _shape_kind(example) != _shape_kind(actual):
        got = shown(actual, redactor, pointer=pointer)
        yield Difference("type", pointer, "has another type than in the example", _shape_kind(example), got), place
    elif isinstance(example, Mapping) and isinstance(actual, Mapping):
        for key, value in example.items():
            below = places.below(key, key)
            if key in actual:
                yield from _shape_differences(value, actual[key], below, redactor)
            else:
                got = f"missing from {keys_of(actual)}"
                yield Difference("missing", below.actual, "is missing", _shape_kind(value), got), below.example
    elif isinstance(example, list) and isinstance(actual, list) and example:
        for index, item in enumerate(actual):
            yield from _shape_differences(example[0], item, places.below(index, 0), redactor)


def _shape_kind(value: JSONValue) -> str:
    # An example that shows 5 documents a number, not that every price is whole.
    return "number" if (kind := json_type(value)) == "integer" else kind


def standard_checks() -> tuple[Check, ...]:
    """The checks for one run, in the order of the failure text."""
    return (check_status, check_headers, check_body, SchemaCheck(), check_shape)
