"""``match()`` and ``search()`` of path expressions (RFC 9535 sections 2.4.6 and 2.4.7), with an end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from iregexp_check import check
from jsonpath_rfc9535 import JSONPathEnvironment

from pytest_endpoint_docs.model.pattern import Pattern

_PARTS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\.|[^\\.\[]+|.", re.DOTALL)


def _registry(environment: JSONPathEnvironment) -> dict[str, Any]:
    """The functions by name; the attribute has another name in each of the library's two major versions."""
    found: dict[str, Any] = getattr(environment, "functions", None) or vars(environment)["function_extensions"]
    return found


def _with_an_end(standard: object, matches: Callable[[Pattern, str], bool]) -> type:
    """A class of functions of the same name and types as a standard one, which search with a time limit."""

    def call(_self: object, text: object, pattern: object) -> bool:
        """Whether the text fits an I-Regexp (RFC 9485); nothing fits where one of the two is not what it must be."""
        if not isinstance(text, str) or not isinstance(pattern, str) or not check(pattern):
            return False
        try:
            compiled = Pattern(_as_python(pattern))
        except ValueError:
            return False
        return matches(compiled, text)

    of_library = type(standard)
    return type(of_library.__name__, (of_library,), {"__call__": call})


def _as_python(pattern: str) -> str:
    """In an I-Regexp, a dot matches all but line feed and carriage return (RFC 9485 section 5.3)."""
    return _PARTS.sub(lambda part: r"[^\n\r]" if part[0] == "." else part[0], pattern)


PATHS = JSONPathEnvironment()
"""JSONPath with our own ``match`` and ``search``; one that takes too long raises ``TooSlow``, a ``ValueError``."""
_FUNCTIONS = _registry(PATHS)
_FUNCTIONS["match"] = _with_an_end(_FUNCTIONS["match"], Pattern.is_whole)()
_FUNCTIONS["search"] = _with_an_end(_FUNCTIONS["search"], Pattern.found_in)()
