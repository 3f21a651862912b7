"""Which row of ``UID Resolution`` a variable means: never by guess (doc format, section 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from pytest_endpoint_docs.model.body import DocBody, Resolution
from pytest_endpoint_docs.model.source import Endpoint
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.variables.scopes import last_segment
from pytest_endpoint_docs.variables.template import PATH, Reference
from pytest_endpoint_docs.words import late

Rule = Literal["name", "key", "placeholder", "only row"]
_RESOLVED = "resolved."
_BARE = frozenset(["resolved.uid", "resolved.id"])
_PLACEHOLDER = late(r"\{([^{}]+)\}")
_WORDS = late(r"[^\W_]+")
_KINDS_OF_ID = frozenset(["uid", "id", "uuid"])
NOTHING = "nothing defines it"


class Reason(NamedTuple):
    """Why a variable is undefined; ``is_unknown``: nothing has its name, so that another one may be meant."""

    text: str
    is_unknown: bool = False


@value_class
class Meaning:
    """What a variable means where nothing defines its whole name, and by which rule.

    Several ``rows``: it is ambiguous. ``elsewhere`` is the placeholder of ``endpoint`` that is looked up outside of the
    rows. Neither: it is undefined.
    """

    rule: Rule | None = None
    rows: tuple[Resolution, ...] = ()
    elsewhere: str = ""


@value_class
class Rows:
    """The rows of ``UID Resolution``: those that a machine can read, and those that are prose for people."""

    endpoint: Endpoint
    rows: tuple[Resolution, ...] = ()
    prose: tuple[Resolution, ...] = ()

    @classmethod
    def of(cls, body: DocBody, endpoint: Endpoint) -> Rows:
        """The rows of a doc's body."""
        if not body.resolutions:
            return cls(endpoint=endpoint)
        return cls(
            endpoint=endpoint,
            rows=tuple(row for row in body.resolutions if row.kind != "prose"),
            prose=tuple(row for row in body.resolutions if row.kind == "prose"),
        )

    def named(self, name: str) -> Resolution | None:
        """The row whose field is the variable's whole name."""
        return next((row for row in self.rows if row.field == name), None)

    def meaning(self, reference: Reference, path: str, defines: Callable[[str], bool]) -> Meaning:
        """What a variable means in a request with that path template; ``defines`` says what the environment has.

        By its last segment (``app.client_id``), by the key that it stands at (``"code": "{{the_code}}"``), by the
        placeholder of ``endpoint`` at the same place, or, for a bare ``resolved.uid``, the only row there is where the
        path segment before speaks of it.
        """
        for rule, name in self._names(reference, path):
            found = _matching(self.rows, name)
            if found:
                return Meaning(rule=rule, rows=found)
            if _matching(self.prose, name):
                return Meaning(rule=rule)
            if rule == "placeholder" and reference.name.startswith(_RESOLVED) and defines(name):
                return Meaning(rule=rule, elsewhere=name)
        only = (*self.rows, *self.prose)
        if reference.name in _BARE and len(only) == 1 and self.rows and _speaks_of(only[0], reference, path):
            return Meaning(rule="only row", rows=only)
        return Meaning()

    def unnamed(self, reference: Reference, path: str) -> Reason:
        """Why no row gives an otherwise undefined variable a value."""
        for _, name in self._names(reference, path):
            for row in _matching(self.prose, name):
                note = f': "{row.note}"' if row.note else ""
                return Reason(f"its row of UID Resolution ({row.location}) is written for people{note}")
        if not (self.rows or self.prose):
            return Reason(NOTHING, is_unknown=True)
        there = [row.field for row in self.rows]
        there += [f"{row.field} (written for people)" for row in self.prose]
        rows = f"the rows of UID Resolution are {', '.join(there)}: use the row's own name"
        return Reason(f"{NOTHING}; {rows}", is_unknown=True)

    def _names(self, reference: Reference, path: str) -> Iterator[tuple[Rule, str]]:
        yield "name", last_segment(reference.name)
        if reference.key:
            yield "key", reference.key
            yield "key", reference.key.rpartition(".")[2]
        placeholder = _placeholder(self.endpoint.path, reference, path)
        if placeholder:
            yield "placeholder", placeholder


def ambiguous(rows: tuple[Resolution, ...]) -> str:
    """Why none of several rows is taken."""
    names = ", ".join(row.field for row in rows)
    return f"it may be any of these rows of UID Resolution: {names}; use the row's own name"


def _matching(rows: tuple[Resolution, ...], name: str) -> tuple[Resolution, ...]:
    exact = tuple(row for row in rows if row.field == name)
    return exact or tuple(row for row in rows if last_segment(row.field) == name)


def _place(reference: Reference, path: str) -> int | None:
    """The index of the path segment that a variable is, as a whole."""
    segments = path.partition("?")[0].split("/")
    index = path.count("/", 0, reference.offset) if reference.offset >= 0 else len(segments)
    return index if reference.part == PATH and index < len(segments) and segments[index] == reference.text else None


def _placeholder(endpoint_path: str, reference: Reference, path: str) -> str | None:
    """The name that ``endpoint`` has for the place of a variable in a path that is the endpoint's up to there."""
    place = _place(reference, path)
    documented = endpoint_path.split("/")
    if place is None or place >= len(documented):
        return None
    same = all(
        expected == written or _PLACEHOLDER.fullmatch(expected)
        for expected, written in zip(documented[:place], path.split("/"), strict=False)
    )
    match = _PLACEHOLDER.fullmatch(documented[place])
    return match[1].strip() if match and same else None


def _speaks_of(row: Resolution, reference: Reference, path: str) -> bool:
    """Whether the path segment before a variable names what the row is the id of: ``/clients/`` for ``client_uid``."""
    place = _place(reference, path)
    words = _singular(last_segment(row.field))
    if not place or len(words) < 2 or words[-1] not in _KINDS_OF_ID:
        return False
    stem, before = words[:-1], _singular(path.split("/")[place - 1])
    return any(before[start : start + len(stem)] == stem for start in range(len(before)))


def _singular(name: str) -> list[str]:
    """The words of a name in lower case, without the ending of a plural."""
    return [re.sub(r"(?<=..)(?<!s)s$", "", re.sub(r"ies$", "y", word)) for word in _WORDS.findall(name.lower())]
