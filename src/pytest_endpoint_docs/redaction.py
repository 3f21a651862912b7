"""The one boundary through which every text about an exchange passes on its way to a person or a file.

Secrets are known in two ways: by value (tokens, passwords, client secrets, codes: :meth:`Redactor.add`) and by the
name of the field that they stand in (:data:`SECRET_FIELDS`). A value is shown as ``$NAME``, so that a curl line stays
usable.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus, urlsplit

from pytest_endpoint_docs.model.secret import HeaderValue, Secret
from pytest_endpoint_docs.model.source import JSONValue

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
# What stands at these names of a parameter is good for getting in, or identifies one run of a login.
_LOGIN_PARAMETERS = frozenset(
    [
        "code",
        "state",
        "nonce",
        "code_challenge",
        "session_state",
        "id_token_hint",
        "login_hint",
        "ticket",
        "sid",
        "response",
    ]
)
MASK = "***"

_COOKIES = frozenset(["cookie", "set-cookie"])
_ADDRESSES = frozenset(["location", "content-location"])
# HeaderFields joins several lines of a field with commas; a cookie's date holds one, too.
_NEXT_COOKIE = re.compile(r",\s*(?=[^;,=\s]+=)")

# Short values (a one-letter password in a test) would blank out ordinary text.
_SHORTEST_VALUE = 4
_LONGEST_WORD = 15
# Cookies hold preferences, too.
_SHORTEST_COOKIE = 8


class Redactor:
    """Knows the secrets of a run, and takes them out of texts. Safe to use from several threads."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> Secret:
        """Remember a secret and return it; from now on it is shown as ``$NAME``, percent-encoded or escaped too."""
        value = secret.reveal()
        if len(value) < _SHORTEST_VALUE:
            return secret
        forms = {value, repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
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
            exchanges_code = value.get("grant_type") == "authorization_code"
            for key, item in value.items():
                if isinstance(item, str) and (is_secret_field(key) or (key == "code" and exchanges_code)):
                    self._learn(key, item)
                elif _is_long_number(item) and is_secret_field(key):
                    self._learn(key, str(item))
                else:
                    self.learn(item)
        elif isinstance(value, list):
            for item in value:
                self.learn(item)

    def learn_parameters(self, encoded: str) -> None:
        """Remember every secret in parameters as they stand in a query, a fragment or a form (``a=b&c=d``).

        Those at a secret's name, and the authorization code of a redirect (RFC 6749 section 4.1.2).
        """
        pairs = [pair.partition("=")[::2] for pair in encoded.split("&")]
        names = {name for name, _ in pairs}
        for name, written in pairs:
            if is_secret_field(unquote_plus(name)) or (name == "code" and "error" not in names):
                self._learn(name, unquote_plus(written))
                self._learn(name, written)

    def learn_uri(self, uri: str) -> None:
        """Remember the secrets in a URI: its parameters in query and fragment, its password."""
        try:
            parts = urlsplit(uri)
        except ValueError:
            return
        self.learn_parameters(parts.query)
        self.learn_parameters(parts.fragment)
        if parts.password:
            self._learn("password", parts.password)

    def learn_headers(self, fields: Mapping[str, Any]) -> None:
        """Remember the secrets in header fields: credentials, cookies, the parameters of a redirect's target."""
        for name, value in fields.items():
            lowered = name.lower()
            if not isinstance(value, str):
                continue
            if lowered in _COOKIES:
                for cookie in _NEXT_COOKIE.split(value) if lowered == "set-cookie" else value.split(";"):
                    key, _, text = cookie.partition(";")[0].strip().partition("=")
                    if len(text) >= _SHORTEST_COOKIE:
                        self._learn(key, text.strip('"'))
            elif lowered in _ADDRESSES:
                self.learn_uri(value)
            elif lowered in SECRET_HEADERS:
                credentials = value.partition(" ")[2] if lowered.endswith("authorization") else ""
                self._learn(name, credentials.strip() or value)

    def _learn(self, name: str, value: str) -> None:
        if not (value.isalpha() and len(value) <= _LONGEST_WORD):
            self.add(Secret(re.sub(r"\W+", "_", name).strip("_").upper(), value))

    def text(self, text: str) -> str:
        """The text with every known secret replaced by ``$NAME``; a lone surrogate is written as an escape."""
        pattern = self._known()
        shown = pattern.sub(lambda match: f"${self._names[match.group()]}", text) if pattern else text
        return shown if shown.isascii() else shown.encode(errors="backslashreplace").decode()

    def masked(self, text: str) -> str:
        """What to show of a text that is a secret for certain: ``$NAME`` where it is known, nothing of it otherwise."""
        parts = self.parts(text)
        return f"${parts[0][0]}" if len(parts) == 1 and parts[0][1] else MASK if text else ""

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
        shown = self.text(value)
        if name.lower() in _COOKIES or (name.lower() in SECRET_HEADERS and shown == value):
            return MASK
        return shown

    def _known(self) -> re.Pattern[str] | None:
        """A pattern of all known secrets, longest first; made when it is next needed, not for each new one."""
        with self._lock:
            if self._pattern is None and self._names:
                forms = sorted(self._names, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, forms)))
            return self._pattern

    def _field(self, item: JSONValue) -> JSONValue:
        if isinstance(item, str):
            return self.masked(item)
        if isinstance(item, list):
            return [self._field(one) for one in item]
        if isinstance(item, Mapping):
            return self.json(item)
        return item if item is None or isinstance(item, bool) else MASK


def _is_long_number(item: JSONValue) -> bool:
    # A one-time password; a short number would be taken out of status codes and lines.
    return isinstance(item, int) and not isinstance(item, bool) and item >= 10**5


def is_secret_field(name: str) -> bool:
    """Whether a field of this name holds a secret; compared without case, separators and brackets."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") in SECRET_FIELDS


def is_secret_parameter(name: str) -> bool:
    """Whether a parameter of this name in the address of a login is never shown: a secret, a code, a state ..."""
    return name.lower() in _LOGIN_PARAMETERS or is_secret_field(name)


@contextmanager
def redacted_logs(redactor: Redactor) -> Iterator[None]:
    """Take known secrets out of every log record of this process, whoever logs it: urllib3 writes whole target URIs.

    A record without a secret stays as it is; in one with a secret, the finished message replaces message and arguments.
    """
    made = logging.getLogRecordFactory()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = made(*args, **kwargs)
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # its arguments do not fit: the handler says so
            return record
        shown = redactor.text(message)
        if shown != message:
            record.msg, record.args = shown, ()
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        if logging.getLogRecordFactory() is make:
            logging.setLogRecordFactory(made)
