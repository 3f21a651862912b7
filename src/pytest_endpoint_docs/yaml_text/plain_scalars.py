"""Which value a scalar of YAML is: as people's docs are read, and by the core schema of YAML 1.2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from yaml import SafeLoader as _BaseLoader
else:
    _BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

TAG = "tag:yaml.org,2002:"
MERGE = TAG + "merge"

# What a plain text may be.
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)\Z")
_EXPONENT = r"[eE][-+]?[0-9]+"
_NUMBER = re.compile(
    rf"(?:[-+]?[0-9][0-9_]*(?:\.[0-9_]*(?:{_EXPONENT})?|{_EXPONENT})|\.[0-9][0-9_]*(?:{_EXPONENT})?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
_CORE_BOOLEANS = {"true": True, "false": False}
_BOOLEANS = {**_CORE_BOOLEANS, "yes": True, "on": True, "no": False, "off": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalars:
    """How scalars are read: ``loader`` finds the tag of a plain one; ``booleans`` are words in lower case.

    ``has_old_octals``: a zero at the beginning makes a whole number octal, as in ``017``.
    """

    loader: Any
    booleans: Mapping[str, bool]
    has_old_octals: bool


class _WrittenLoader(_BaseLoader):
    """Takes plain scalars for JSON's types alone."""


def _take(loader: Any, *kept: str) -> None:
    """Leave a loader nothing but the tags that are kept: not dates, nor "=", nor sexagesimal numbers such as 10:30."""
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if tag in kept]
        for first, pairs in _BaseLoader.yaml_implicit_resolvers.items()
    }


_take(_WrittenLoader, TAG + "bool", TAG + "null", MERGE)
_WrittenLoader.add_implicit_resolver(TAG + "int", _INTEGER, list("-+0123456789"))
_WrittenLoader.add_implicit_resolver(TAG + "float", _NUMBER, list("-+0123456789."))
AS_WRITTEN = Scalars(loader=_WrittenLoader, booleans=_BOOLEANS, has_old_octals=True)
"""As docs are written: ``yes``, ``NO`` and ``on`` are booleans."""


@cache
def core_scalars() -> Scalars:
    """As the core schema of YAML 1.2 has them (its section 10.3): ``NO`` is Norway. Made where a file needs it."""

    class CoreLoader(_BaseLoader):
        """Takes plain scalars for what that schema has."""

    number = rf"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:{_EXPONENT})?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    _take(CoreLoader, TAG + "null", MERGE)
    for kind, pattern, first in (
        ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", number, "-+0123456789."),
    ):
        CoreLoader.add_implicit_resolver(TAG + kind, re.compile(rf"(?:{pattern})\Z"), list(first))
    return Scalars(loader=CoreLoader, booleans=_CORE_BOOLEANS, has_old_octals=False)
