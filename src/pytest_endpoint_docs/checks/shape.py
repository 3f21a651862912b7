"""The shape of the documented example: its keys and types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_endpoint_docs.checks.input import CheckInput
from pytest_endpoint_docs.checks.wording import content_of, join, json_type, keys_of, not_json, shown
from pytest_endpoint_docs.model import ExampleResponse, JSONValue, Mismatch
from pytest_endpoint_docs.redaction import Redactor


def check_shape(given: CheckInput) -> list[Mismatch]:
    """Hold the content against the shape of ``Expected Response``, where no schema is given for the step or the doc.

    Keys of the example must be there, with values of the same type, at every depth; the first element of an example
    list is the shape of all elements, an empty one says nothing of them; ``null`` in the example matches anything;
    other keys may be there. An example counts whose status code is the answer's, or one without a code for any 2xx.
    Where several count, one that matches is enough.
    """
    if not given.is_subject or given.body.response_schema or given.step.expect.has_schema:
        return []
    examples = _examples(given)
    if not examples:
        return []
    actual, is_json = content_of(given.response)
    found = (_mismatches(example, actual, is_json=is_json, given=given) for example in examples)
    return min(found, key=len)


def _examples(given: CheckInput) -> list[ExampleResponse]:
    status = given.response.status_code
    exact = [example for example in given.body.examples if example.status == status]
    if exact or not given.is_success:
        return exact
    return [example for example in given.body.examples if example.status is None and not example.is_error]


def _mismatches(example: ExampleResponse, actual: JSONValue, *, is_json: bool, given: CheckInput) -> list[Mismatch]:
    if not is_json:
        if example.body is None:
            return []
        got = not_json(given.response)
        differences = iter([("", "is not JSON", f"JSON as in the example: {json_type(example.body)}", got)])
    else:
        differences = _differences(example.body, actual, "", given.redactor)
    return [
        Mismatch(
            check="shape", message=message, pointer=pointer, expected=wanted, actual=got, location=example.location
        )
        for pointer, message, wanted, got in differences
    ]


def _differences(
    example: JSONValue, actual: JSONValue, pointer: str, redactor: Redactor
) -> Iterator[tuple[str, str, str, str]]:
    if example is None:
        return
    if _kind(example) != _kind(actual):
        yield pointer, "has another type than in the example", _kind(example), shown(actual, redactor, pointer=pointer)
    elif isinstance(example, Mapping) and isinstance(actual, Mapping):
        for key, value in example.items():
            here = join(pointer, key)
            if key in actual:
                yield from _differences(value, actual[key], here, redactor)
            else:
                yield here, "is missing", _kind(value), f"missing from {keys_of(actual)}"
    elif isinstance(example, list) and isinstance(actual, list) and example:
        for index, item in enumerate(actual):
            yield from _differences(example[0], item, join(pointer, index), redactor)


def _kind(value: JSONValue) -> str:
    # An example that shows 5 documents a number, not that every price is whole.
    return "number" if (kind := json_type(value)) == "integer" else kind
