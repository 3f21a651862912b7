"""Scopes: who may define a variable, in which order; and dotted names: ``resolved.permissions[0].key``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import step_into
from pytest_endpoint_docs.words import late, near_names

_SEGMENT = late(r"\[\s*(?P<index>\d+)\s*\]|(?P<name>[^.\[\]]+)")
PARAM_PREFIXES = ("config.params.", "config.", "params.")
"""The names under which docs also know the environment's ``params``."""


@value_class
class Scope:
    """One place that defines variables; ``name`` says which, for whoever debugs (``environment params``).

    ``values`` is a mapping, or a function of a name that raises ``KeyError`` for what it does not define.
    ``prefixes`` are dotted prefixes that may stand before the scope's own names.
    """

    name: str
    values: Mapping[str, JSONValue] | Callable[[str], JSONValue]
    prefixes: tuple[str, ...] = ()

    def lookup(self, name: str) -> JSONValue:
        """The value of a dotted name: of the longest variable that it starts with, then further into that value.

        Raises: ``KeyError`` where this scope does not define it.
        """
        for own in self._own_names(name):
            for variable, way in prefixes(own):
                try:
                    return _follow(self._value(variable), way)
                except KeyError:
                    continue
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are defined here; none where a function decides."""
        return tuple(self.values) if isinstance(self.values, Mapping) else ()

    def _own_names(self, name: str) -> Iterator[str]:
        yield name
        for prefix in self.prefixes:
            if name.startswith(prefix):
                yield name.removeprefix(prefix)

    def _value(self, variable: str) -> JSONValue:
        return self.values[variable] if isinstance(self.values, Mapping) else self.values(variable)


@value_class(kw_only=False)
class Scopes:
    """Scopes in order: the first one that defines a name decides."""

    scopes: tuple[Scope, ...] = ()

    def lookup(self, name: str) -> JSONValue:
        """The value of a dotted name. Raises: ``KeyError`` where no scope defines it."""
        for scope in self.scopes:
            try:
                return scope.lookup(name)
            except KeyError:
                continue
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that is known beforehand, in the order of the scopes, each once."""
        return tuple(dict.fromkeys(name for scope in self.scopes for name in scope.names))

    def near(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        """Known names that look like ``name``, or like its last segment; the nearest first, at most ``limit``."""
        known: dict[str, list[str]] = {}
        for candidate in self.names:
            known.setdefault(candidate, []).append(candidate)
            known.setdefault(last_segment(candidate), []).append(candidate)
        sought = dict.fromkeys((name, last_segment(name)))
        matches = [match for form in sought for match in near_names(form, known, most=limit, cutoff=0.7)]
        return tuple(dict.fromkeys(near for match in matches for near in known[match]))[:limit]


def segments(name: str) -> tuple[str | int, ...]:
    """The parts of a dotted name: ``a.b[0].c`` gives ``("a", "b", 0, "c")``."""
    return tuple(
        match["name"].strip() if match["index"] is None else int(match["index"]) for match in _SEGMENT.finditer(name)
    )


def last_segment(name: str) -> str:
    """The last part that is no index: ``client_id`` of ``app.client_id``, ``uids`` of ``a.uids[0]``."""
    named = [segment for segment in segments(name) if isinstance(segment, str)]
    return named[-1] if named else name


def prefixes(name: str) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Every way to cut a dotted name into a variable and a way into its value, the longest variable first."""
    cuts = [match.start() for match in re.finditer(r"[.\[]", name)]
    for cut in [len(name), *reversed(cuts)]:
        if name[:cut]:
            yield name[:cut], segments(name[cut:])


def _follow(value: JSONValue, way: Sequence[str | int]) -> JSONValue:
    """The value that a way of member names and indices leads to. Raises: ``KeyError`` where it leads nowhere."""
    for segment in way:
        if isinstance(segment, int) and not isinstance(value, list):
            raise KeyError(segment)
        value = step_into(value, str(segment))
    return value
