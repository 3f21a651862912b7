"""The secrets of a run, and where a text holds them, whole or in pieces, in whichever form.

Every form of a secret lies in an index by the groups of six characters in it. A text is looked through once, group by
group, and where one is known the text is held against the form that it belongs to. So a new secret costs what it is
long, and a text what it is long, however many secrets there are; docs/decisions/redaction.md has the reasons.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import TypeAlias

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.secret_forms import Folded, folded, forms_of
from pytest_endpoint_docs.words import late

SHORTEST_INSIDE = 6
"""What has fewer characters is found as a word of its own alone: other words hold it by chance."""

_GROUP = SHORTEST_INSIDE
# A piece of a secret this long is one of its own, a shorter one may be an ordinary word.
_LEAST_PIECE = 12
# Long secrets are indexed less densely; a piece of this share of them is found for certain.
_GROUPS_PER_SECRET = 40
# So many secrets may begin alike (tokens with the same header) before the next one is found by its other groups alone.
_MOST_OWNERS = 8
# A server that sends more than this would take the run's time and memory. What comes after is masked in its place.
_MOST_LEARNED = 50_000
_ENDS_OF_A_CUT = late(r"\.\.\.|…")


@value_class(kw_only=False)
class KnownSecret:
    """A secret by the name that is shown in its place. ``is_declared``: its owner says that it is one."""

    name: str
    value: str
    is_declared: bool


Counts: TypeAlias = Callable[[KnownSecret, str | None], bool]
"""Whether a secret counts; of a piece of one also that piece, lower case and without line breaks."""


@value_class(kw_only=False)
class Part:
    """A piece of a text; ``name`` is ``None``, or that of the secret that it is, whose value is ``value``."""

    text: str
    name: str | None = None
    value: str = ""


@value_class(kw_only=False)
class Place:
    """Where a text holds a secret, or a piece of it."""

    start: int
    end: int
    secret: KnownSecret


@value_class(kw_only=False)
class _Form:
    text: str
    secret: KnownSecret
    least: int


class KnownSecrets:
    """Secrets by value. Safe to use from several threads.

    ``known`` counts how often one was added: a text that was looked through since is known to hold no other.
    """

    def __init__(self) -> None:
        self.known = 0
        self._lock = threading.Lock()
        self._by_value: dict[str, KnownSecret] = {}
        self._owners: dict[str, tuple[tuple[_Form, int], ...]] = {}
        self._whole: dict[str, KnownSecret] = {}
        self._short: dict[str, KnownSecret] = {}

    def add(self, name: str, value: str, *, is_declared: bool) -> bool:
        """Know a value from now on. What was declared keeps its name, and so does what was known first.

        Returns: whether it is known; when too many are, only declared ones are taken.
        """
        with self._lock:
            known = self._by_value.get(value)
            if known is not None and (known.is_declared or not is_declared):
                return True
            if len(self._by_value) >= _MOST_LEARNED and not is_declared:
                return False
            secret = self._by_value[value] = KnownSecret(name, value, is_declared)
            for form in forms_of(value):
                self._index(form, secret)
            self.known += 1
            return True

    def get(self, value: str) -> KnownSecret | None:
        """The secret with exactly this value."""
        return self._by_value.get(value)

    def parts(self, text: str, counts: Counts = lambda *_: True) -> Iterator[Part]:
        """The text in parts, in order: secrets that count, and what stands between them."""
        end = 0
        for place in self.places(text, counts):
            if place.start > end:
                yield Part(text[end : place.start])
            yield Part(text[place.start : place.end], place.secret.name, place.secret.value)
            end = place.end
        if end < len(text):
            yield Part(text[end:])

    def places(self, text: str, counts: Counts = lambda *_: True) -> list[Place]:
        """Where the text holds secrets that count, from left to right; places do not overlap."""
        if not self._owners and not self._short:
            return []
        searched = folded(text)
        found = [*self._in_full(searched.text, counts), *self._at_cuts(searched.text), *self._short_ones(searched)]
        if not found:
            return []
        return [
            Place(*searched.span(place.start, place.end), place.secret)
            for run in _runs([place for place in found if self._is_counted(searched.text, place, counts)])
            for place in self._named(searched.text, run, counts)
        ]

    def _is_counted(self, text: str, place: Place, counts: Counts) -> bool:
        found = text[place.start : place.end]
        return counts(place.secret, None if found in self._whole or found in self._short else found)

    def _named(self, text: str, run: list[Place], counts: Counts) -> list[Place]:
        """Places that touch: one where they are a secret together, whose beginning is that of another one, too."""
        start, end = run[0].start, max(place.end for place in run)
        whole = self._whole.get(text[start:end])
        if whole is not None and counts(whole, None):
            return [Place(start, end, whole)]
        apart: list[Place] = []
        for place in run:
            if place.end > start:
                apart.append(Place(start, place.end, place.secret))
                start = place.end
        return apart

    def _index(self, form: str, secret: KnownSecret) -> None:
        if len(form) < _GROUP:
            if len(form) >= 4 and len(form) == len(secret.value):
                self._short[form] = secret
            return
        self._whole[form] = secret
        # In hex, two letters are one character.
        least = _LEAST_PIECE * max(len(form), len(secret.value)) // len(secret.value)
        entry = _Form(form, secret, min(len(form), least))
        last = len(form) - _GROUP
        step = max(_GROUP, len(form) // _GROUPS_PER_SECRET)
        if len(form) > len(secret.value):
            # A piece that counts is longer there, and holds one of these groups, too.
            step = max(step, entry.least - _GROUP + 1)
        for offset in {*range(0, last, step), last}:
            group = form[offset : offset + _GROUP]
            owners = self._owners.get(group)
            if owners is None:
                self._owners[group] = ((entry, offset),)
                continue
            others = tuple(owner for owner in owners if owner[0].text != form)
            if len({id(owner.secret) for owner, _ in others} - {id(secret)}) < _MOST_OWNERS:
                self._owners[group] = (*others, (entry, offset))

    def _in_full(self, text: str, counts: Counts) -> Iterator[Place]:
        owners = self._owners
        index, last, done = 0, len(text) - _GROUP, 0
        while index <= last:
            # Most groups are nobody's.
            known = next((at for at in range(index, last + 1) if text[at : at + _GROUP] in owners), None)
            if known is None:
                return
            index, entries = known, owners[text[known : known + _GROUP]]
            grown = (_grown(text, index, done, *entry) for entry in entries if counts(entry[0].secret, None))
            best = max(grown, key=_length, default=None)
            if best is None or not _is_whole(text, best):
                index += 1
                continue
            yield best
            # The next group may reach back into this place: two secrets can share their ends.
            done = best.end
            index = max(index + 1, done - _GROUP + 1)

    def _at_cuts(self, text: str) -> Iterator[Place]:
        """Pieces that stand at a mark where a text was cut: the beginning of a secret before it, its end after it."""
        for mark in _ENDS_OF_A_CUT.finditer(text):
            start, end = mark.span()
            for length in range(_LEAST_PIECE - 1, _GROUP - 1, -1):
                piece = text[max(0, start - length) : start]
                # What is all letters may be a word: `staging...`.
                for form, offset in self._owners.get(piece[:_GROUP], ()):
                    if offset == 0 and form.text.startswith(piece) and not piece.isalpha():
                        yield Place(start - len(piece), start, form.secret)
                piece = text[end : end + length]
                for form, _ in self._owners.get(piece[-_GROUP:], ()):
                    if form.text.endswith(piece) and not piece.isalpha():
                        yield Place(end, end + len(piece), form.secret)

    def _short_ones(self, searched: Folded) -> Iterator[Place]:
        text = searched.text
        for value, secret in list(self._short.items()):
            for match in re.finditer(re.escape(value), text):
                start, end = match.span()
                begins = not _is_word(text[start - 1 : start]) or searched.is_apart(start)
                if begins and (not _is_word(text[end : end + 1]) or searched.is_apart(end)):
                    yield Place(start, end, secret)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _grown(text: str, index: int, done: int, form: _Form, offset: int) -> Place:
    """How much of a form the text holds around a group of it; no further to the left than what is found already."""
    start, end = index, index + _GROUP
    inside = offset + _GROUP
    while end < len(text) and inside < len(form.text) and text[end] == form.text[inside]:
        end, inside = end + 1, inside + 1
    before = offset
    while start > done and before > 0 and text[start - 1] == form.text[before - 1]:
        start, before = start - 1, before - 1
    is_enough = end - start >= form.least or (start == done and inside == len(form.text))
    return Place(start, end if is_enough else start, form.secret)


def _length(place: Place) -> int:
    return place.end - place.start


def _is_whole(text: str, place: Place) -> bool:
    """Whether a place counts: a number inside a longer one is not a secret."""
    if place.start >= place.end:
        return False
    if not place.secret.value.isdigit():
        return True
    return not (text[place.start - 1 : place.start].isdigit() or text[place.end : place.end + 1].isdigit())


def _runs(found: list[Place]) -> Iterator[list[Place]]:
    """Places from left to right, those that touch or overlap together."""
    run: list[Place] = []
    end = 0
    for place in sorted(found, key=lambda one: (one.start, -one.end)):
        if run and place.start > end:
            yield run
            run = []
        run.append(place)
        end = max(end, place.end) if len(run) > 1 else place.end
    if run:
        yield run
