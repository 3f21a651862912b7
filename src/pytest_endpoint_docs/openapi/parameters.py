"""What stands under a name in a request or an answer: parameters and header fields, files and fields of forms."""

from __future__ import annotations

from typing import Any, Literal

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import Node

ParameterLocation = Literal["path", "query", "header", "cookie", "formData", "body"]


@value_class
class Parameter:
    """A parameter, a header field of an answer, or a whole content (``body``).

    ``media_type`` is that of ``content``, and empty where ``style`` and ``explode`` say how a value is written.
    """

    name: str
    location: ParameterLocation
    required: bool
    schema: Node | None
    node: Node
    style: str = "form"
    explode: bool = True
    media_type: str = ""

    @property
    def own_schema(self) -> Node | None:
        """Its schema, where it is not itself one, as in 2.0, where ``required`` has another meaning."""
        return None if self.schema is self.node else self.schema


@value_class(kw_only=False)
class SentFile:
    """A file field of a form; ``media_type`` is empty and ``content`` ``None`` where they are not known."""

    name: str
    media_type: str = ""
    content: bytes | None = None


def text_of(value: Any) -> str:
    """The text that a parameter or a form field is sent as."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(value)
