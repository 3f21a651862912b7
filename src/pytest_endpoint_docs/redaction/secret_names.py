"""Which fields hold secrets, by the words of their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Any

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
            "session",
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
        *("access", "refresh", "bearer", "data", "pem", "v1", "v2", "v3"),
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
# Names that hold a secret in one place and an ordinary value in another: the value decides, if it is a strong one.
DOUBTFUL = frozenset([*_LOGIN_PARAMETERS, "key", "auth", "session", "pass", "bearer"])
# Of pairs ({"name": "X-Api-Key", "value": ...}) the name stands beside; the key of a JSON Web Key says what "d" is.
_NAMES_OF_PAIRS = ("name", "key", "Name", "Key")
# Where there is none of them, one of these may say it: {"type": "password", "value": ...}.
_OTHER_NAMES_OF_PAIRS = ("field", "header", "parameter", "variable", "property", "label", "type", "id")
NAMES_OF_PAIRS = (*_NAMES_OF_PAIRS, *_OTHER_NAMES_OF_PAIRS)
"""The keys of members that say what the value beside them is."""
_PRIVATE_IN_KEYS = frozenset(["d", "p", "q", "dp", "dq", "qi", "k"])
NAMED_BESIDE = frozenset(["value", "Value", *_PRIVATE_IN_KEYS])
"""The keys of members whose name is told by their neighbours."""

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Every name of a secret holds one of these in lower case; most names hold none.
IN_NAMES = {*_SECRETS, *_SECRETS_AFTER, *_ENDINGS}


def one_of(words: AbstractSet[str]) -> re.Pattern[str]:
    """What finds one of these words in a text of lower case; a search without case takes twenty times as long."""
    shortest: list[str] = []
    for word in sorted(words, key=len):
        if not any(map(word.__contains__, shortest)):  # else one of those finds it
            shortest.append(word)
    return re.compile(_alternatives(shortest))


def _alternatives(words: Iterable[str]) -> str:
    """A pattern of words none of which begins with another; at a place, each letter is compared once."""
    found = []
    for letter, group in groupby(sorted(words), key=lambda word: word[0]):
        rests = [word[1:] for word in group]
        found.append(re.escape(letter) + (_alternatives(rests) if len(rests) > 1 else re.escape(rests[0])))
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"


MAY_NAME_A_SECRET = one_of(IN_NAMES)


def words_of(name: str) -> list[str]:
    """The words of a name, lower case: of ``SecretAccessKey``, ``X-Amz-Signature``, ``user[new_password]``."""
    return re.findall(r"[a-z0-9]+", _WORD_STARTS.sub("_", name).lower())


def name_of(key: str, members: Mapping[Any, Any]) -> str:
    """What the member of an object at a key is called: its key, or what stands beside it."""
    if key not in NAMED_BESIDE:
        return key
    if key in _PRIVATE_IN_KEYS:
        return "private_key" if "kty" in members else key
    for one in _NAMES_OF_PAIRS:
        if isinstance(members.get(one), str):
            return str(members[one])
    others = (members[one] for one in _OTHER_NAMES_OF_PAIRS if isinstance(members.get(one), str))
    return next(filter(is_secret_field, others), key)


def is_secret_field(name: str) -> bool:
    """Whether what stands at a field of this name is a secret."""
    if not MAY_NAME_A_SECRET.search(name.lower()):
        return False
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
    return last.endswith(_ENDINGS) or before + single in _SECRETS  # passPhrase


def is_secret_parameter(name: str) -> bool:
    """Whether a parameter of this name in the address of a login is never shown: a secret, a code, a state ..."""
    return name.lower() in _LOGIN_PARAMETERS or is_secret_field(name)
