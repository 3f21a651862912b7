"""Numbers and booleans of YAML that may be meant as texts: ``01234``, ``+1555``, ``1.10``, ``NO``.

YAML 1.1 and 1.2 read some of them in different ways, and people read all of them as they are written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pytest_endpoint_docs.json_source import OddScalar
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.pointers import split_pointer
from pytest_endpoint_docs.words import late

# What is sent as text, so that a number can be sent as it is written; and what holds data besides.
_TEXTS = frozenset(["params", "headers", "form_fields"])
_DATA = _TEXTS | {"body", "create_body", "enum", "const"}
_DECIMAL = late(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def with_written_numbers(value: JSONValue, odd: Iterable[OddScalar]) -> JSONValue:
    """The value of a fence, in which the numbers of parameters and header fields are texts, as they are written."""
    for scalar in odd:
        if _holder(scalar) in _TEXTS and not isinstance(scalar.value, bool):
            value = _replaced(value, split_pointer(scalar.pointer), scalar.text)
    return value


def doubtful(odd: Iterable[OddScalar]) -> Iterator[tuple[int, str]]:
    """What to say of scalars that may be meant as texts, with the line of each in its fence."""
    for scalar in odd:
        holder, is_word = _holder(scalar), isinstance(scalar.value, bool)
        if holder not in _DATA or (not is_word and (holder in _TEXTS or _DECIMAL.fullmatch(scalar.text))):
            continue
        value = json.dumps(scalar.value)
        what = value if is_word else f"the number {value}"
        message = f'`{scalar.text}` without quotes is {what} in YAML: write "{scalar.text}" for the text, or {value}.'
        yield scalar.line, message


def _holder(scalar: OddScalar) -> str:
    """The part of a request, expectation or schema that a scalar stands in; empty for any other place."""
    for key in split_pointer(scalar.pointer):
        # The changes of a case have pointers for keys.
        for name in split_pointer(key) if key.startswith("/") else (key,):
            if name in _DATA:
                return name
    return ""


def _replaced(value: Any, way: Sequence[str], text: str) -> Any:
    """A value with another one at the end of a way; what YAML's aliases share is left alone."""
    if not way:
        return text
    key, rest = way[0], way[1:]
    if isinstance(value, list):
        return [_replaced(item, rest, text) if str(index) == key else item for index, item in enumerate(value)]
    if isinstance(value, dict) and key in value:
        return {**value, key: _replaced(value[key], rest, text)}
    return value
