"""Which fields hold secrets, by the words of their names; and which values are worth looking for elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

MASK = "***"

SECRET_HEADERS = frozenset(
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token", "x-csrf-token"]
)
COOKIES = frozenset(["cookie", "set-cookie"])

# The last word of a name says what it is: new_password, X-Vault-Token, DeviceCode.
_SECRETS = frozenset(
    [
        *("password", "passwd", "pwd", "passphrase", "passcode", "pin", "secret", "token", "otp", "totp", "jwt", "sig"),
        *("credential", "assertion", "verifier", "signature", "authorization", "csrf", "xsrf", "apikey", "sessionid"),
        "cookie",
    ]
)
# The last word means a secret after these: api_key, but not sort_key.
_SECRETS_AFTER = {
    "key": frozenset(
        [
            *("api", "access", "private", "secret", "account", "shared", "signing", "encryption", "master", "auth"),
            *("subscription", "storage", "functions", "app", "application", "service", "license", "ssh", "client"),
        ]
    ),
    "code": frozenset(
        [
            *("authorization", "auth", "device", "user", "verification", "recovery", "backup", "security", "login"),
            *("sms", "mfa", "confirmation", "access", "time", "otp", "activation", "pairing", "pin"),
        ]
    ),
    "id": frozenset(["session", "secret"]),
}
# What may follow: password_confirmation, token_hash, secret_value, otp_text, {"tokens": {"access": ...}}.
_MAY_FOLLOW = frozenset(
    [
        *("value", "text", "string", "raw", "plain", "plaintext", "hash", "digest", "encrypted", "encoded", "base64"),
        *("confirm", "confirmation", "again", "repeat", "repeated", "verify", "old", "new", "current"),
        *("access", "refresh", "bearer"),
    ]
)
# Tokens of lists that are read page by page open nothing.
_OF_PAGES = frozenset(["page", "next", "continuation", "pagination", "cursor"])
_ENDINGS = (
    *("password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "secretkey", "privatekey"),
    *("sessionid", "sessid"),
)
# What stands at these names of a parameter is good for getting in, or identifies one run of a login.
_LOGIN_PARAMETERS = frozenset(
    [
        *("code", "state", "nonce", "code_challenge", "session_state", "id_token_hint", "login_hint", "ticket", "sid"),
        "response",
    ]
)
# Names that hold a secret in one place and an ordinary value in another: the value decides (:func:`is_strong`).
DOUBTFUL = frozenset([*_LOGIN_PARAMETERS, "key", "auth", "session", "pass"])
# Of pairs ({"name": "X-Api-Key", "value": ...}) the name stands beside; the key of a JSON Web Key says what "d" is.
_NAMES_OF_PAIRS = ("name", "key", "Name", "Key")
_PRIVATE_IN_KEYS = frozenset(["d", "p", "q", "dp", "dq", "qi", "k"])
NAMED_BESIDE = frozenset(["value", "Value", *_PRIVATE_IN_KEYS])
"""The keys of members whose name is told by their neighbours."""
# HeaderFields joins several lines of a field with commas; a cookie's date holds one, too.
_NEXT_COOKIE = re.compile(r",\s*(?=[^;,=\s]+=)")

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST_WORD = 15
_SHORTEST = 8
_LEAST_CHARACTERS = 5
_LONG = 12
_PIECE = re.compile(r"[^\W_]+")
_WORDS = re.compile(
    rf"(?:[A-Z]?[a-z]{{1,{_LONGEST_WORD}}}|[A-Z]{{1,{_LONGEST_WORD}}})?\d{{0,4}}|(?:[A-Z]?[a-z]{{2,{_LONGEST_WORD}}})+"
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.,]*(?:Z|[+-][\d:]*)?)?")
# What stands in the place of a secret already.
_SHOWN = re.compile(r"(?:[\w-]+ )?(?:\$|%24)\{?[A-Z][A-Z0-9_]*\}?")
_LEAST_DIGITS = 6
# So many names are kept, with what was decided of them.
MOST_NAMES = 10_000


# Every name of a secret holds one of these in lower case; most names hold none.
IN_NAMES = {*_SECRETS, *_SECRETS_AFTER, *_ENDINGS}


def one_of(words: AbstractSet[str]) -> re.Pattern[str]:
    """What finds one of these words in a text of lower case; a search without case takes twenty times as long."""
    shortest: list[str] = []
    for word in sorted(words, key=len):
        if not any(map(word.__contains__, shortest)):  # else one of those finds it
            shortest.append(word)
    # By their first letters: few words are compared at a place.
    by_letter = groupby(sorted(shortest), key=lambda word: word[0])
    return re.compile("|".join(f"{letter}(?:{'|'.join(word[1:] for word in words)})" for letter, words in by_letter))


MAY_NAME_A_SECRET = one_of(IN_NAMES)


@dataclass(slots=True)
class SecretRules:
    """What a project takes for secrets, beyond what everybody does.

    ``decided`` keeps which names are a secret's, ``ordinary`` which header fields hold neither credentials nor cookies
    nor addresses, ``plain`` which members of JSON objects are not a secret, whatever they hold, ``clean`` which texts
    hold none by name or looks.
    """

    names: set[str] = field(default_factory=set)
    decided: dict[str, bool] = field(default_factory=dict)
    ordinary: dict[str, None] = field(default_factory=dict)
    plain: dict[str, None] = field(default_factory=dict)
    clean: dict[str, None] = field(default_factory=dict)

    def is_secret(self, name: str) -> bool:
        """Whether what stands at a field of this name is a secret."""
        found = self.decided.get(name)
        if found is None:
            found = bool(MAY_NAME_A_SECRET.search(name.lower())) and is_secret_field(name)
            found = found or "_".join(words_of(name)) in self.names
            keep(self.decided, name, found, most=MOST_NAMES)
        return found

    def add(self, names: AbstractSet[str]) -> None:
        """Take further names for those of secrets; what was decided before may be another thing now."""
        self.names |= names
        for kept in (self.decided, self.ordinary, self.plain, self.clean):
            kept.clear()


def keep(kept: dict[Any, Any], key: object, value: object, *, most: int) -> None:
    """Keep a value for a while; when there are too many, all go."""
    if len(kept) >= most:
        kept.clear()
    kept[key] = value


def words_of(name: str) -> list[str]:
    """The words of a name, lower case: of ``SecretAccessKey``, ``X-Amz-Signature``, ``user[new_password]``."""
    return re.findall(r"[a-z0-9]+", _WORD_STARTS.sub("_", name).lower())


def name_of(key: str, members: Mapping[Any, Any]) -> str:
    """What the member of an object at a key is called: its key, or what stands beside it."""
    if key not in NAMED_BESIDE:
        return key
    if key in _PRIVATE_IN_KEYS:
        return "private_key" if "kty" in members else key
    return next((members[one] for one in _NAMES_OF_PAIRS if isinstance(members.get(one), str)), key)


def cookies_in(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The names and values of the cookies in a header field."""
    for cookie in _NEXT_COOKIE.split(value) if name == "set-cookie" else value.split(";"):
        key, _, text = cookie.partition(";")[0].strip().partition("=")
        yield key, text.strip('"')


def is_secret_field(name: str) -> bool:
    """Whether what stands at a field of this name is a secret."""
    words = words_of(name[-200:])
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _MAY_FOLLOW):
        words.pop()
    if not words:
        return False
    last = words[-1].rstrip("0123456789") or words[-1]
    before = words[-2] if len(words) > 1 else ""
    single = last.removesuffix("s")
    if single == "token" and before in _OF_PAGES:
        return False
    if last in _SECRETS or single in _SECRETS:
        return True
    if before in _SECRETS_AFTER.get(last, ()) or before in _SECRETS_AFTER.get(single, ()):
        return True
    return last.endswith(_ENDINGS)


def is_secret_parameter(name: str) -> bool:
    """Whether a parameter of this name in the address of a login is never shown: a secret, a code, a state ..."""
    return name.lower() in _LOGIN_PARAMETERS or is_secret_field(name)


def is_strong(value: str) -> bool:
    """Whether a value is worth looking for wherever it may stand.

    Long and mixed enough that ordinary text does not hold it by chance. Words, instants and rows of one character are
    not, however long: a server that answers ``"token": "expected status"`` would take these words out of every text.
    """
    if value.isdigit():
        return len(value) >= _LEAST_DIGITS and len(set(value)) >= 3
    if len(value) < _SHORTEST or len(set(value)) < _LEAST_CHARACTERS:
        return False
    if _INSTANT.fullmatch(value) or _SHOWN.fullmatch(value):
        return False
    return _is_no_prose(value) or not all(_WORDS.fullmatch(piece) for piece in _PIECE.findall(value))


def _is_no_prose(value: str) -> bool:
    """Words and numbers without a space, such as ``at-4711-value``; an address is told with every failure."""
    if len(value) < _LONG or "://" in value or not re.search("[A-Za-z]", value):
        return False
    return bool(re.search(r"\d", value)) and not re.search(r"\s", value)


def is_strong_secret(value: str) -> bool:
    """Whether a value that its owner calls a secret is worth looking for: anything but rows and single short words."""
    if is_strong(value):
        return True
    if len(value) < 4 or len(set(value)) < 3:
        return False
    return not (value.isalpha() and len(value) <= _LONGEST_WORD) and not (value.isdigit() and len(value) < 4)
