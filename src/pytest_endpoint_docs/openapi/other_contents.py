"""Contents with a structure that are not one JSON value: lines of JSON, and XML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_endpoint_docs.json_source import SourceProblem, read_json_lines
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.media_types import is_json_lines, is_xml
from pytest_endpoint_docs.openapi.schema_shape import schema_types


class NotAsDeclared(ValueError):
    """A content that is not of its media type; ``expected`` says what it should be, and the message what is wrong."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.expected = expected


def structured_values(text: str, media_type: str, schema: Node) -> Sequence[tuple[str, Any]] | None:
    """The values to hold against a schema of an object or array, each with its JSON Pointer in the content.

    Of lines of JSON, a schema of arrays is that of all of them, any other that of each. ``None``: not to be told.
    Raises: ``NotAsDeclared``.
    """
    if is_json_lines(media_type):
        try:
            values = read_json_lines(text)
        except SourceProblem as problem:
            raise NotAsDeclared(f"line {problem.line}: {problem.message}", "a JSON value in each line") from problem
        if schema_types(schema) == {"array"}:
            return [("", values)]
        return [(f"/{index}", value) for index, value in enumerate(values)]
    if not is_xml(media_type):
        return None
    from pytest_endpoint_docs.openapi.xml_values import NotXML, Untold, xml_value

    try:
        return [("", xml_value(text, schema))]
    except NotXML as error:
        raise NotAsDeclared(str(error), "XML") from error
    except Untold:
        return None
