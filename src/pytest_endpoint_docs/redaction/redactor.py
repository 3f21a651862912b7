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
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.pattern import Pattern, TooSlow
from pytest_endpoint_docs.model.secret import NO_TEXT, HeaderValue, SafeText, Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.redaction.found_secrets import MAY_HOLD_A_SECRET, found_secrets
from pytest_endpoint_docs.redaction.known_secrets import SHORTEST_INSIDE, KnownSecret, KnownSecrets, Part
from pytest_endpoint_docs.redaction.secret_forms import folded
from pytest_endpoint_docs.redaction.secret_names import (
    COOKIES,
    DOUBTFUL,
    MASK,
    MOST_NAMES,
    NAMED_BESIDE,
    SECRET_HEADERS,
    SecretRules,
    cookies_in,
    is_strong,
    is_strong_secret,
    keep,
    name_of,
    words_of,
)
from pytest_endpoint_docs.words import visible

_ADDRESSES = frozenset(["location", "content-location"])
_COLOURS = re.compile(r"(\x1b\[[0-9;]{0,32}m)")
_SECRET = "SECRET"
_SHORTEST_WITH_NAME = 8
# Texts that come again (header fields, a verdict in a report and in a record) are looked through once.
_MOST_DOCS, _MOST_TEXTS, _LONGEST_TEXT = 64, 500, 2_000


class Redactor:
    """Knows the secrets of a run, and takes them out of texts. Safe to use from several threads."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._known = KnownSecrets()
        self._rules = SecretRules()
        self._patterns: list[Pattern] = []
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
        self._patterns += environment.redaction.patterns
        self._rules.add({"_".join(words_of(name)) for name in environment.redaction.names})

    def is_secret(self, name: str) -> bool:
        """Whether what stands at a field of this name is a secret."""
        return self._rules.is_secret(name)

    def add(self, secret: Secret, *, is_random: bool = False) -> Secret:
        """Remember a secret, shown as ``$NAME`` from now on, and return it; ``is_random``: it is never a word."""
        value = secret.reveal()
        if is_random or is_strong_secret(value):
            self._known.add(secret.name, value, is_declared=True)
        return secret

    def learn(self, value: JSONValue, inside: str = "") -> None:
        """Remember every secret inside a JSON value: by its field's name, or by its looks.

        What is weak (``"token": "string"`` of a mock) is not remembered: it would blank out ordinary text.
        """
        if isinstance(value, str):
            self.learn_text(value)
        elif isinstance(value, list):
            for item in value:
                self.learn(item)
        elif isinstance(value, (dict, Mapping)):  # in this order: to ask the second takes long
            plain = self._rules.plain
            for key, item in value.items():
                if key in plain and not inside:
                    self.learn(item)
                else:
                    self._learn_field(self._name_of(str(key), value, inside), item)

    def learn_text(self, text: str) -> bool:
        """Remember the secrets that a text of any format holds.

        Returns: whether all of them; a pattern of the project may take too long, and too many may be known already.
        """
        rules = self._rules
        if text in rules.clean or (len(text) < _SHORTEST_WITH_NAME and not self._patterns):
            return True
        may_hold = len(text) >= _SHORTEST_WITH_NAME and (rules.names or MAY_HOLD_A_SECRET.search(text.lower()))
        every = [*found_secrets(text, self.is_secret)] if may_hold else ()
        if every or self._patterns:
            learned = [self._learn(found.name, reading) for found in every for reading in found.readings]
            try:
                matches = [value for pattern in self._patterns for value in pattern.all_in(text)]
            except TooSlow:
                return False
            for value in matches:
                self._known.add(_SECRET, value, is_declared=True)
            if every or matches:
                return all(learned)
        if len(text) <= _LONGEST_TEXT:
            keep(rules.clean, text, None, most=_MOST_TEXTS)
        return True

    def learn_parameters(self, encoded: str) -> None:
        """Remember every secret in parameters as they stand in a query, a fragment or a form (``a=b&c=d``).

        Those at a secret's name, and the authorization code of a redirect (RFC 6749 section 4.1.2).
        """
        pairs = [pair.partition("=")[::2] for pair in encoded.split("&") if pair]
        names = {name for name, _ in pairs}
        for name, written in pairs:
            if self.is_secret(unquote_plus(name)) or (name.lower() in DOUBTFUL and "error" not in names):
                self._learn(name, unquote_plus(written))
                self._learn(name, written)

    def learn_uri(self, uri: str) -> None:
        """Remember the secrets in a URI: its parameters in query and fragment, its password."""
        if not ("?" in uri or "#" in uri or "@" in uri):
            return  # it has none of them (RFC 3986 section 3)
        try:
            parts = urlsplit(uri)
        except ValueError:
            return
        self.learn_parameters(parts.query)
        self.learn_parameters(parts.fragment)
        if parts.password or parts.username:
            self._learn("password", parts.password or parts.username or "")

    def learn_headers(self, fields: Mapping[str, Any]) -> None:
        """Remember the secrets in header fields: credentials, cookies, the parameters of a redirect's target."""
        rules = self._rules
        for name, value in fields.items():
            # Most fields come with every answer, and most of these with the same value.
            if not isinstance(value, str) or (name in rules.ordinary and value in rules.clean):
                continue
            lowered = name.lower()
            if lowered in COOKIES:
                for cookie in cookies_in(lowered, value):
                    self._learn(*cookie)
            elif lowered in _ADDRESSES:
                self.learn_uri(value)
            elif self.is_credentials(name):
                credentials = value.partition(" ")[2] if lowered.endswith("authorization") else ""
                self._learn(name, credentials.strip() or value)
            else:
                keep(rules.ordinary, name, None, most=MOST_NAMES)
                self.learn_text(value)

    def text(self, text: str) -> SafeText:
        """The text, safe to show: every secret as ``$NAME``, and nothing in it steers a terminal."""
        if not text:
            return NO_TEXT
        if not self.learn_text(text):
            return SafeText(MASK)
        if not (self._known.known or self._patterns):
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
            return SafeText(MASK)
        pieces, end = [], 0
        for found in sorted(found_secrets(text, self.is_secret), key=lambda one: one.start):
            if found.start >= end and not found.is_strong and not self.is_written(*found.readings):
                pieces += [self._shown(text[end : found.start]), self.masked(found.readings[0])]
                end = found.end
        return SafeText("".join([*pieces, self._shown(text[end:])]))

    def lines(self, texts: Iterable[str]) -> tuple[SafeText, ...]:
        """Several texts, each safe to show."""
        return tuple(map(self.text, texts))

    def masked(self, text: str) -> SafeText:
        """What to show of a text that is a secret for certain: ``$NAME`` where it is known, nothing of it otherwise.

        A text that stands in the doc itself is shown as it is.
        """
        parts = [*self.parts(text)]
        if len(parts) == 1 and parts[0].name:
            return SafeText(f"${parts[0].name}")
        return self.text(text) if not text or self.is_written(text) else SafeText(MASK)

    def parts(self, text: str) -> Iterator[Part]:
        """The text in parts, in order."""
        return self._known.parts(text, self._counts)

    def json(self, value: JSONValue, inside: str = "") -> JSONValue:
        """A copy of a JSON value without secrets: known values anywhere, and what stands at a secret's field name."""
        if isinstance(value, Mapping):
            named = ((key, self._name_of(str(key), value, inside), item) for key, item in value.items())
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
            return SafeText(MASK)
        return shown

    def headers(self, fields: Iterable[tuple[str, HeaderValue]]) -> dict[str, SafeText]:
        """Header fields, safe to show."""
        return {name: self.header(name, value) for name, value in fields}

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

    def _learn_field(self, name: str, item: JSONValue) -> None:
        is_secret = self.is_secret(name)
        if not is_secret and name.lower() not in DOUBTFUL and name not in NAMED_BESIDE:
            keep(self._rules.plain, name, None, most=MOST_NAMES)
        if isinstance(item, str):
            if is_secret or (name.lower() in DOUBTFUL and is_strong(item)):
                self._learn(name, item)
            self.learn_text(item)
        elif is_secret and isinstance(item, int) and not isinstance(item, bool):
            self._learn(name, str(item))
        elif is_secret and isinstance(item, list):
            for one in item:
                self._learn_field(name, one)
        else:
            self.learn(item, inside=name if is_secret else "")

    def _name_of(self, key: str, members: Mapping[str, Any], inside: str) -> str:
        """What a member is called; inside of a secret, ``password.value`` is one, too, and ``token.type`` is not."""
        name = name_of(key, members)
        return joined if inside and self.is_secret(joined := f"{inside}_{name}") else name

    def _learn(self, name: str, value: str) -> bool:
        if not is_strong(value) or self.is_written(value):
            return True
        shown = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper() or _SECRET
        return self._known.add(shown, value, is_declared=False)

    def _shown(self, text: str) -> SafeText:
        for pattern in self._patterns:
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
