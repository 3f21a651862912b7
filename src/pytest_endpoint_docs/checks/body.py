"""The body as a subset: what the doc names must be there, what it does not name may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_endpoint_docs.checks.input import CheckInput
from pytest_endpoint_docs.checks.wording import content_of, join, json_type, keys_of, not_json, shown
from pytest_endpoint_docs.model import JSONValue, Mismatch
from pytest_endpoint_docs.redaction import Redactor


def check_body(given: CheckInput) -> list[Mismatch]:
    """Hold the content against ``expect.body``: a subset match with strict types.

    Every key of an expected object must be there with a matching value; other keys may be. Every element of an expected
    list is held against the element at the same index; the answer's list may be longer. ``"3600"`` is not ``3600``,
    ``true`` is not ``1``; ``1`` and ``1.0`` are the same number, as in JSON Schema.
    """
    expect = given.step.expect
    if not expect.has_body:
        return []
    actual, is_json = content_of(given.response)
    if not is_json:
        got = not_json(given.response)
        return [Mismatch(check="body", message="is not JSON", expected="JSON", actual=got, location=expect.location)]
    return [
        Mismatch(check="body", message=message, pointer=pointer, expected=wanted, actual=got, location=expect.location)
        for pointer, message, wanted, got in _differences(expect.body, actual, "", given.redactor)
    ]


def same_json(expected: JSONValue, actual: JSONValue) -> bool:
    """Whether two JSON scalars are equal: booleans are no numbers, ``1`` and ``1.0`` are one number."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return expected == actual


def _differences(
    expected: JSONValue, actual: JSONValue, pointer: str, redactor: Redactor
) -> Iterator[tuple[str, str, str, str]]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key, wanted in expected.items():
            if key in actual:
                yield from _differences(wanted, actual[key], join(pointer, key), redactor)
            else:
                here = join(pointer, key)
                yield here, "is missing", shown(wanted, redactor, pointer=here), f"missing from {keys_of(actual)}"
    elif isinstance(expected, list) and isinstance(actual, list):
        for index, wanted in enumerate(expected):
            if index < len(actual):
                yield from _differences(wanted, actual[index], join(pointer, index), redactor)
            else:
                here = join(pointer, index)
                yield here, "is missing", shown(wanted, redactor), f"a list of {len(actual)}"
    elif isinstance(expected, (Mapping, list)) or not same_json(expected, actual):
        number = {"integer", "number"}
        types = json_type(expected), json_type(actual)
        kind = "has another value" if types[0] == types[1] or set(types) <= number else "has another type"
        yield pointer, kind, shown(expected, redactor, pointer=pointer), shown(actual, redactor, pointer=pointer)
