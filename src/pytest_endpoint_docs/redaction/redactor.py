"""The one boundary through which every text about an exchange passes on its way to a person or a file.

In this order: what looks like a secret in the text is learned, known secrets are replaced by ``$NAME``, so that a curl
line stays usable, and characters that would steer a terminal are written as escapes. Whoever cuts a text cuts it after
that. Only here :data:`SafeText` is made.

Secrets are known by value (tokens, passwords, codes: :meth:`Redactor.add`), by their field's name
(:meth:`Redactor.is_secret`), and by their looks. What stands at a secret's name and is too weak to be looked for
elsewhere is masked in that place only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pytest_endpoint_docs.model.environment import Environment, Redaction
from pytest_endpoint_docs.model.pattern import Pattern, TooSlow
from pytest_endpoint_docs.model.secret import MASK, NO_TEXT, HeaderValue, SafeText, Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.redaction.found_secrets import MAY_HOLD_A_SECRET, Found, found_secrets
from pytest_endpoint_docs.redaction.known_secrets import SHORTEST_INSIDE, KnownSecret, KnownSecrets, Part
from pytest_endpoint_docs.redaction.secret_columns import columns_in
from pytest_endpoint_docs.redaction.secret_forms import folded
from pytest_endpoint_docs.redaction.secret_names import (
    COOKIES,
    DOUBTFUL,
    SECRET_HEADERS,
    is_secret_field,
    name_of,
    words_of,
)
from pytest_endpoint_docs.redaction.secret_values import is_strong, is_strong_secret
from pytest_endpoint_docs.redaction.secrets_beside import secrets_beside
from pytest_endpoint_docs.words import late, visible

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_COLOURS = late(r"(\x1b\[[0-9;]{0,32}m)")
_SECRET = "SECRET"
_SHORTEST_FORM = 12
_SHORTEST_WITH_NAME = 8
# Texts that come again (header fields, a verdict in a report and in a record) are looked through once.
_LONGEST_TEXT = 2_000
_MOST_TEXTS = 500
_MOST_DOCS = 64
MOST_NAMES = 10_000


def keep(kept: dict[_Key, _Value], key: _Key, value: _Value, *, most: int) -> None:
    """Keep a value for a while; when there are too many, all go."""
    if len(kept) >= most:
        kept.clear()
    kept[key] = value


class SecretRules:
    """What a project takes for secrets, beyond what everybody does; and what was decided by that.

    ``decided`` has which names are a secret's, ``ordinary`` the header fields that hold neither credentials nor cookies
    nor addresses, ``plain`` the members of JSON objects that are not a secret, whatever they hold, ``clean`` the texts
    that hold none.
    """

    __slots__ = ("clean", "decided", "names", "ordinary", "patterns", "plain")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.patterns: list[Pattern] = []
        self.decided: dict[str, bool] = {}
        self.ordinary: dict[str, None] = {}
        self.plain: dict[str, None] = {}
        self.clean: dict[str, None] = {}

    def add(self, redaction: Redaction) -> None:
        """Take further names and patterns for those of secrets; what was decided before is decided anew."""
        self.names.update("_".join(words_of(name)) for name in redaction.names)
        self.patterns += redaction.patterns
        for kept in (self.decided, self.ordinary, self.plain, self.clean):
            kept.clear()


class Redactor:
    """Knows the secrets of a run, and takes them out of texts. Safe to use from several threads."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self.rules = SecretRules()
        self._known = KnownSecrets()
        self._written = ""
        # By how many secrets are known, since a further one may stand in a text that was looked through.
        self._texts: dict[tuple[int, str], SafeText] = {}
        self._views: dict[str, Redactor] = {}
        for secret in secrets:
            self.add(secret)

    def beside(self, written: str) -> Redactor:
        """The same boundary for texts about a doc: what it says itself stays as it is, but for declared secrets."""
        view = self._views.get(written)
        if view is None:
            view = object.__new__(Redactor)
            vars(view).update(vars(self), _written=written, _texts={})
            keep(self._views, written, view, most=_MOST_DOCS)
        return view

    def know(self, environment: Environment, further: Iterable[Secret] = ()) -> None:
        """Know the secrets of an environment, and what it and its project call one."""
        for secret in (*environment.secrets, *further):
            self.add(secret)
        self.rules.add(environment.redaction)

    def is_secret(self, name: str) -> bool:
        """Whether what stands at a field of this name is a secret."""
        rules = self.rules
        decided = rules.decided.get(name)
        if decided is None:
            decided = is_secret_field(name) or (bool(rules.names) and "_".join(words_of(name)) in rules.names)
            keep(rules.decided, name, decided, most=MOST_NAMES)
        return decided

    def name_of(self, key: str, members: Mapping[str, Any], inside: str) -> str:
        """What a member is called; inside of a secret, ``password.value`` is one, too, and ``token.type`` is not."""
        name = name_of(key, members)
        return joined if inside and self.is_secret(joined := f"{inside}_{name}") else name

    def add(self, secret: Secret, *, is_random: bool = False) -> Secret:
        """Remember a secret, shown as ``$NAME`` from now on, and return it; ``is_random``: it is never a word."""
        value = secret.reveal()
        if is_random or is_strong_secret(value):
            self._known.add(secret.name, value, is_declared=True)
        return secret

    def learn_text(self, text: str) -> bool:
        """Remember the secrets that a text of any format holds.

        Returns: whether all of them; a pattern of the project may take too long, and too many may be known already.
        """
        rules = self.rules
        if text in rules.clean:
            return True
        is_long = len(text) >= _SHORTEST_WITH_NAME
        if not (is_long or rules.patterns):
            return True
        may_hold = is_long and (rules.names or MAY_HOLD_A_SECRET.search(text.lower()))
        every = [*self._found(text)] if may_hold else ()
        if every or rules.patterns:
            learned = [
                self.learn_secret(found.name, reading, is_form=found.is_strong)
                for found in every
                for reading in found.readings
            ]
            try:
                matches = [value for pattern in rules.patterns for value in pattern.all_in(text)]
            except TooSlow:
                return False
            for value in matches:
                self._known.add(_SECRET, value, is_declared=True)
            if every or matches:
                return all(learned)
        if len(text) <= _LONGEST_TEXT:
            keep(rules.clean, text, None, most=_MOST_TEXTS)
        return True

    def learn_secret(self, name: str, value: str, *, is_form: bool = False, is_random: bool = False) -> bool:
        """Remember what stands at a secret's name, unless it is weak, or the doc says it itself.

        ``is_form``: it is one of the forms in which a strong secret is written; ``is_random``: it is never a word.
        Returns: whether that went well; too many may be known already.
        """
        counts = is_random or is_strong(value) or (is_form and len(value) >= _SHORTEST_FORM)
        if not counts or self.is_written(value):
            return True
        shown = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper() or _SECRET
        return self._known.add(shown, value, is_declared=False)

    def text(self, text: str) -> SafeText:
        """The text, safe to show: every secret as ``$NAME``, and nothing in it steers a terminal."""
        if not text:
            return NO_TEXT
        if not self.learn_text(text):
            return MASK
        if not (self._known.known or self.rules.patterns):
            return self._shown(text)  # nothing is looked for in it
        key = (self._known.known, text)
        shown = self._texts.get(key)
        if shown is None:
            shown = self._shown(text)
            if len(text) <= _LONGEST_TEXT:
                keep(self._texts, key, shown, most=_MOST_TEXTS)
        return shown

    def content(self, text: str) -> SafeText:
        """Content of a request or an answer that is not JSON, safe to show.

        What stands at a secret's name is masked there, too, even if it is weak.
        """
        if not self.learn_text(text):
            return MASK
        pieces: list[str] = []
        end = 0
        for found in sorted(self._found(text), key=lambda one: one.start):
            if found.start >= end and not found.is_strong and not self.is_written(*found.readings):
                pieces += [self._shown(text[end : found.start]), self.masked(found.readings[0])]
                end = found.end
        return SafeText("".join([*pieces, self._shown(text[end:])]))

    def lines(self, texts: Iterable[str]) -> tuple[SafeText, ...]:
        """Several texts, each safe to show."""
        return tuple(map(self.text, texts))

    def values(self, values: Iterable[object]) -> list[object]:
        """Values of any kind: each the same, unless its text holds a secret, and else that text, safe to show."""
        told = [(value, str(value)) for value in values]
        return [value if (shown := self.text(text)) == text else shown for value, text in told]

    def masked(self, text: str) -> SafeText:
        """What to show of a text that is a secret for certain: ``$NAME`` where it is known, nothing of it otherwise.

        A text that stands in the doc itself is shown as it is.
        """
        parts = [*self.parts(text)]
        if len(parts) == 1 and parts[0].name:
            return SafeText(f"${parts[0].name}")
        return self.text(text) if not text or self.is_written(text) else MASK

    def parts(self, text: str) -> Iterator[Part]:
        """The text in parts, in order."""
        return self._known.parts(text, self._counts)

    def json(self, value: JSONValue, inside: str = "") -> JSONValue:
        """A copy of a JSON value without secrets: known values anywhere, and what stands at a secret's field name."""
        if isinstance(value, Mapping):
            named = ((key, self.name_of(str(key), value, inside), item) for key, item in value.items())
            return {self.text(str(key)): self.field(name, item) for key, name, item in named}
        if isinstance(value, (list, tuple)):
            return [self.json(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def field(self, name: str, item: JSONValue) -> JSONValue:
        """A copy of the JSON value at a field of this name, without secrets: as :meth:`json`."""
        if not self.is_secret(name):
            if isinstance(item, str) and name.lower() in DOUBTFUL and is_strong(item):
                return self.masked(item)
            return self.json(item)
        if isinstance(item, str):
            return self.masked(item)
        if isinstance(item, list):
            return [self.field(name, one) for one in item]
        if isinstance(item, Mapping):
            return self.json(item, inside=name)
        return item if item is None or isinstance(item, bool) or self.is_written(str(item)) else MASK

    def header(self, name: str, value: HeaderValue) -> SafeText:
        """A header field's value, safe to show."""
        if isinstance(value, Secret):
            return SafeText(str(value))
        shown = self.text(value)
        if name.lower() in COOKIES or (self.is_credentials(name) and shown == value and not self.is_written(value)):
            return MASK
        return shown

    def headers(self, fields: Iterable[tuple[str, HeaderValue]]) -> dict[str, SafeText]:
        """Header fields, safe to show."""
        return {self.text(name): self.header(name, value) for name, value in fields}

    def captured(self, text: str) -> SafeText:
        """Output of a test, safe to show: as :meth:`text`, and its colours stay."""
        pieces = enumerate(_COLOURS.split(text))
        return SafeText("".join(piece if index % 2 else self.text(piece) for index, piece in pieces))

    def is_written(self, *readings: str) -> bool:
        """Whether one of these stands in the boundary's doc, and its owner calls none of them a secret."""
        if any((secret := self._known.get(reading)) and secret.is_declared for reading in readings):
            return False
        return any(map(self._stands_there, readings))

    def is_credentials(self, name: str) -> bool:
        """Whether a header field of this name holds credentials."""
        return name.lower() in SECRET_HEADERS or self.is_secret(name)

    def _found(self, text: str) -> Iterator[Found]:
        return found_secrets(text, self.is_secret, secrets_beside, columns_in)

    def _shown(self, text: str) -> SafeText:
        for pattern in self.rules.patterns:
            text = pattern.masked(text, MASK, shorter_than=SHORTEST_INSIDE)
        if self._known.known:
            text = "".join(f"${part.name}" if part.name else part.text for part in self.parts(text))
        return SafeText(text if text.isascii() and text.isprintable() else visible(text))

    def _counts(self, secret: KnownSecret, piece: str | None) -> bool:
        # A secret may begin with ordinary words.
        is_of_doc = piece is not None and piece in folded(self._written).text
        return not is_of_doc and (secret.is_declared or not self._stands_there(secret.value))

    def _stands_there(self, value: str) -> bool:
        return bool(value) and (value in self._written or json.dumps(value)[1:-1] in self._written)
