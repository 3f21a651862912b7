"""Which described answer a doc speaks of, its schema, and the way of a path expression through it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pytest_endpoint_docs.model.body import SUCCESSES, ExampleResponse
from pytest_endpoint_docs.model.exchange import is_success
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.media_types import is_json_media_type
from pytest_endpoint_docs.openapi.operations import Operation, ResponseDescription

_SIMPLE = re.compile(r"\$?(?:\.?[A-Za-z_][\w-]*|\[\d+\]|\[\*\]|\.\d+)+")
_STEP = re.compile(r"[A-Za-z_][\w-]*|\[(?:\d+|\*)\]|(?<=\.)\d+")


def success_response(accepted: Iterable[int], operation: Operation) -> ResponseDescription | None:
    """The described answer that comes with a success among the accepted status codes; ``None``: there is none.

    An answer that is described for a code of its own says more than one for a class of them, or for all others.
    """
    successes = [status for status in accepted if is_success(status)]
    named = (operation.responses.get(str(status)) for status in successes)
    return next(filter(None, named), None) or next(filter(None, map(operation.response_for, successes)), None)


def response_of_example(example: ExampleResponse, operation: Operation) -> ResponseDescription | None:
    """The described answer that an example of a doc is one of."""
    if example.status is not None:
        return operation.response_for(example.status)
    return None if example.is_error else success_response(SUCCESSES, operation)


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
