"""``match()`` and ``search()`` of path expressions (RFC 9535 sections 2.4.6 and 2.4.7), with an end."""

from __future__ import annotations

import re
from typing import ClassVar

from iregexp_check import check
from jsonpath_rfc9535 import JSONPathEnvironment
from jsonpath_rfc9535.function_extensions import ExpressionType, FilterFunction

from pytest_endpoint_docs.model.pattern import Pattern

_PARTS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\.|[^\\.\[]+|.", re.DOTALL)


class _Search(FilterFunction):
    """Whether a text holds what an I-Regexp (RFC 9485) matches; nothing where one of the two is none."""

    arg_types: ClassVar[list[ExpressionType]] = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL
    is_whole = False

    def __call__(self, text: object, pattern: object) -> bool:
        """Raises: ``TooSlow``, a ``ValueError``."""
        if not isinstance(text, str) or not isinstance(pattern, str) or not check(pattern):
            return False
        try:
            compiled = Pattern(_as_python(pattern))
        except ValueError:
            return False
        return compiled.is_whole(text) if self.is_whole else compiled.found_in(text)


class _Match(_Search):
    """The same for a text as a whole."""

    is_whole = True


class PathEnvironment(JSONPathEnvironment):
    """JSONPath with these two functions."""

    def setup_function_extensions(self) -> None:
        """Register the functions of the standard."""
        super().setup_function_extensions()
        self.function_extensions["match"] = _Match()
        self.function_extensions["search"] = _Search()


def _as_python(pattern: str) -> str:
    """In an I-Regexp, a dot matches all but line feed and carriage return (RFC 9485 section 5.3)."""
    return _PARTS.sub(lambda part: r"[^\n\r]" if part[0] == "." else part[0], pattern)
