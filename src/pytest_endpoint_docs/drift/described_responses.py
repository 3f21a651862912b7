"""Which described answer a doc speaks of, its schema, and the way of a path expression through it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_endpoint_docs.model.body import ExampleResponse
from pytest_endpoint_docs.model.exchange import is_success
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import Operation, ResponseDescription, is_json_media_type

_SIMPLE = re.compile(r"\$?(?:\.?[A-Za-z_][\w-]*|\[\d+\]|\[\*\]|\.\d+)+")
_STEP = re.compile(r"[A-Za-z_][\w-]*|\[(?:\d+|\*)\]|(?<=\.)\d+")


def success_response(expected: Sequence[int], operation: Operation) -> ResponseDescription | None:
    """The described answer that a doc expects: of the expected statuses, or any of success; ``None``: there is none."""
    successes = [status for status in expected if is_success(status)] or list(range(200, 208))
    if expected and not any(is_success(status) for status in expected):
        return None
    named = [operation.responses[str(status)] for status in successes if str(status) in operation.responses]
    return (
        named[0] if named else next((found for status in successes if (found := operation.response_for(status))), None)
    )


def response_of_example(example: ExampleResponse, operation: Operation) -> ResponseDescription | None:
    """The described answer that an example of a doc is one of."""
    if example.status is not None:
        return operation.response_for(example.status)
    return None if example.is_error else success_response((), operation)


def json_schema_of(response: ResponseDescription | None) -> Node | None:
    """The schema of an answer's JSON, where one is described."""
    content = response.content if response is not None else {}
    return next(
        (
            schema
            for media, schema in content.items()
            if schema is not None and (is_json_media_type(media) or media == "*/*")
        ),
        None,
    )


def steps_of_expression(expression: str) -> list[str]:
    """The steps of a simple path expression, ``[0]`` and ``.0`` among them; none for others.

    What filters and defaults select depends on values.
    """
    text = expression.strip()
    return _STEP.findall(text.removeprefix("$")) if _SIMPLE.fullmatch(text) else []
