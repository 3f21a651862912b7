"""The one boundary through which every text about an exchange passes on its way to a person or a file.

Secrets are known in two ways: by value (tokens, passwords, client secrets, codes: :meth:`Redactor.add`) and by the
name of the field that they stand in (:data:`SECRET_FIELDS`). A value is shown as ``$NAME``, so that a curl line stays
usable.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import quote, quote_plus

from pytest_endpoint_docs.model import HeaderValue, JSONValue, Secret

SECRET_FIELDS = frozenset(
    [
        "access_token",
        "refresh_token",
        "id_token",
        "token",
        "client_secret",
        "password",
        "passwd",
        "secret",
        "api_key",
        "apikey",
        "private_key",
        "code_verifier",
        "authorization_code",
        "assertion",
        "client_assertion",
        "otp",
        "totp",
        "totp_secret",
        "session_id",
    ]
)
SECRET_HEADERS = frozenset(
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token", "x-csrf-token"]
)
MASK = "***"

# Short values (a one-letter password in a test) would blank out ordinary text.
_SHORTEST_VALUE = 4
_LONGEST_WORD = 15


class Redactor:
    """Knows the secrets of a run, and takes them out of texts. Safe to use from several threads."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> Secret:
        """Remember a secret; from now on its value, also percent-encoded, is shown as ``$NAME``. Returns it."""
        value = secret.reveal()
        if len(value) < _SHORTEST_VALUE:
            return secret
        forms = {value}
        with suppress(UnicodeEncodeError):  # a lone surrogate has no percent-encoded form
            forms |= {quote(value, safe=""), quote(value), quote_plus(value)}
        with self._lock:
            if not forms <= self._names.keys():
                for form in forms:
                    self._names.setdefault(form, secret.name)
                self._pattern = None
        return secret

    def learn(self, value: JSONValue) -> None:
        """Remember every text that stands at a secret's field name inside a JSON value (a token response, an app).

        A single plain word (``"token": "string"`` of a mock) is not remembered: it would blank out ordinary text.
        """
        if isinstance(value, Mapping):
            for key, item in value.items():
                if isinstance(item, str) and is_secret_field(key):
                    if item.isalpha() and len(item) <= _LONGEST_WORD:
                        continue
                    self.add(Secret(re.sub(r"\W+", "_", key).upper(), item))
                else:
                    self.learn(item)
        elif isinstance(value, list):
            for item in value:
                self.learn(item)

    def text(self, text: str) -> str:
        """The text with every known secret replaced by ``$NAME``; a lone surrogate is written as an escape."""
        pattern = self._known()
        shown = pattern.sub(lambda match: f"${self._names[match.group()]}", text) if pattern else text
        return shown if shown.isascii() else shown.encode(errors="backslashreplace").decode()

    def parts(self, text: str) -> tuple[tuple[str, bool], ...]:
        """The text in parts, in order: (text, ``False``), and (``NAME``, ``True``) for each known secret in it."""
        pattern = self._known()
        found: list[tuple[str, bool]] = []
        end = 0
        for match in pattern.finditer(text) if pattern else ():
            found += [(text[end : match.start()], False), (self._names[match.group()], True)]
            end = match.end()
        return tuple(part for part in (*found, (text[end:], False)) if part[0])

    def json(self, value: JSONValue) -> JSONValue:
        """A copy of a JSON value without secrets: known values anywhere, and what stands at a secret's field name."""
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): self._field(item) if is_secret_field(str(key)) else self.json(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.json(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def header(self, name: str, value: HeaderValue) -> str:
        """A header field's value, safe to show."""
        if isinstance(value, Secret):
            return str(value)
        if name.lower() in SECRET_HEADERS:
            shown = self.text(value)
            return shown if "$" in shown else MASK
        return self.text(value)

    def _known(self) -> re.Pattern[str] | None:
        """A pattern of all known secrets, longest first; made when it is next needed, not for each new one."""
        with self._lock:
            if self._pattern is None and self._names:
                forms = sorted(self._names, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, forms)))
            return self._pattern

    def _field(self, item: JSONValue) -> JSONValue:
        if isinstance(item, str):
            shown = self.text(item)
            return shown if shown.startswith("$") or not item else MASK
        return self.json(item) if isinstance(item, (Mapping, list)) else item


def is_secret_field(name: str) -> bool:
    """Whether a field of this name holds a secret; compared without case, separators and brackets."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") in SECRET_FIELDS
