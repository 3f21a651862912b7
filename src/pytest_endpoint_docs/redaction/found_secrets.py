"""Secrets that give themselves away in a text, whatever its format and however broken it is.

By the name before them (``name: value``, ``name=value``, ``<name>value</name>``, in quotes or escaped ones) or beside
them, and by their looks: JSON Web Tokens, PEM blocks, a password in a URL, tokens of well-known services.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TypeAlias
from urllib.parse import unquote_plus

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.secret_names import DOUBTFUL, IN_NAMES, one_of, words_of
from pytest_endpoint_docs.redaction.secret_values import is_made_up, is_strong
from pytest_endpoint_docs.words import late

# Every repetition is bounded, or ends at the first character that does not fit: the search is linear. That of a name's
# characters is possessive: most words have no value, and would be tried again at each of their lengths.
_NAME = r"(?<![\w.\-$])-{0,2}(?P<name>[A-Za-z_\u017f\u212a][\w.\-\[\]]{1,63}+)"
# In plain quotes a backslash takes the next character along; in escaped ones the same escaped quote ends the value.
_QUOTED = r"""(?P<quote>["'])(?P<quoted>(?:\\.|(?!(?P=quote))[^\n\\]){0,8192})"""
_ESCAPED = r"""(?P<mark>\\{1,8}["'])(?P<escaped>(?:(?!(?P=mark))[^\n]){0,8192})"""
_BARE = r"""(?P<bare>[^\s"'\\<>&,;(){}\[\]]{1,8192})"""
_NAMED = late(rf"""{_NAME}(?:\\{{0,8}}["'])?+[ \t]{{0,8}}+(?:=>|:=|[:=]|%3[ADad])[ \t]{{0,8}}""")
_VALUE = late(rf"\[?(?:[bruBRU]{{1,2}}(?=[\"']))?(?:{_QUOTED}|{_ESCAPED}|{_BARE})")
_ELEMENT = late(
    r"<(?P<name>[A-Za-z_][\w.:\-]{1,63})(?:\s[^<>]{0,512})?>(?:\s{0,64}<!\[CDATA\[)?(?P<bare>[^<>]{1,8192}?)(?=\]\]>|[<>]|\Z)"
)
_FIELD = late(r"<[a-z][\w.:\-]{0,63}\s(?=[^<>]{0,2048}?\b(?:value|content)\s{0,4}=)[^<>]{1,2048}>?", re.IGNORECASE)
_ATTRIBUTE = late(
    r"""\b(name|key|id|value|content)\s{0,4}=\s{0,4}(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE
)
_SAYS_SOMETHING = late(r"[^*`|_\-+:]")
_AFTER_WORD = late(r"[ \t]{1,8}(?P<value>[^\s\"',;]{1,8192})")
_CREDENTIALS = late(r"(?:[A-Za-z][\w\-]{1,30}[ \t]+)?(?P<value>\S[^\n]*)")
_AFTER_SCHEME = late(r"\b(?:Bearer|Basic|DPoP)[ \t]+(?P<value>[\w\-.~+/]{8,8192}=*)")
_JWT = late(r"(?<![\w\-])eyJ[\w\-]{8,8192}(?:\.[\w\-]{2,16384}){1,4}")
_PARAMETER = late(r"[?&#;](?P<name>[\w.\-\[\]%]{1,64})=(?P<bare>[^\s&#\"'<>;]{1,8192})")
_PEM = late(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?P<value>[A-Za-z0-9+/=\s\\]{16,16384})")
_USER_ALONE = late(r"://(?P<value>[^\s/?#@:\"'<>]{8,256})@")
_USER_INFO = late(r"://[^\s/?#@:\"'<>]{0,256}:(?P<value>[^\s/?#@\"'<>]{1,256})@")
# As their services document them, and secret scanners look for them.
_SERVICE_TOKEN = late(
    r"(?<![\w\-])(?:gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_\w{60,255}"
    r"|gl(?:pat|dt|rt|cbt|ptt|ft|oas|soat|imt|agent)-[\w\-]{20,255}(?:\.[\w\-]{2,64}){0,2}"
    r"|(?:AKIA|ASIA)[A-Z2-7]{16}|AIza[\w\-]{35}|ya29\.[\w\-]{20,2048}|xox[a-z]-[\w\-]{20,255}|xapp-\d-[\w\-]{20,255}"
    r"|[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/]{24,255}|npm_[A-Za-z0-9]{36}|pypi-AgE[\w\-]{40,2048}"
    r"|SG\.[\w\-]{22}\.[\w\-]{43}|hf_[A-Za-z]{34}|sk-[A-Za-z0-9]{32,255}|sk-(?:ant|proj|svcacct)-[\w\-]{20,255}"
    r"|dop_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|hvs\.[\w\-]{24,255})(?![\w\-])"
)
_SERVICE_SIGNS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-"),
    *("gloas-", "glsoat-", "glimt-", "glagent-", "AKIA", "ASIA", "AIza", "ya29.", "xox", "xapp-", "_live_", "_test_"),
    *("whsec_", "npm_", "pypi-AgE", "SG.", "hf_", "sk-", "dop_v1_", "shpat_", "shpca_", "shppa_", "shpss_", "hvs."),
)
# How a link from a mail ends: /reset-password/VALUE, /verify/email/VALUE, and Django's /reset/MQ/VALUE. And the address
# of a webhook of a chat, which lets everybody post there.
_LINK = late(
    r"(?i)/(?:(?:reset|forgot|forgotten|recover|new|set|change)[_\-/]?passwords?"
    r"|passwords?[_\-/]?(?:reset|recovery|forgot|new|edit)|(?:magic|login)[_\-/]?links?"
    r"|(?:verify|confirm|activate)[_\-/](?:e-?mail|account|user)"
    r"|(?:e-?mail|account)[_\-/](?:verification|verify|confirm|confirmation|activation)"
    r"|reset(?=/[\w\-]{1,40}/[a-z0-9]{5,8}-[0-9a-f]{20,64})"
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/\w{1,40}|api/webhooks(?=/\d))"
    r"(?:/[\w.\-~%]{1,40})?/(?P<value>[\w.\-~%+=:]{12,2048})"
)
_LINK_SIGNS = (
    *("/reset/", "password", "hooks.slack.com", "/webhooks/"),
    *(f"/{kind}{between}link" for kind in ("magic", "login") for between in ("", "_", "-", "/")),
    *(f"/{act}{between}" for act in ("verify", "confirm", "activate") for between in "_-/"),
    *(
        f"{what}{between}{act}"
        for what in ("mail", "account")
        for between in "_-/"
        for act in ("verif", "confirm", "activat")
    ),
)
_USER_OPTION = late(
    r"\bcurl\b(?:[^\n\\]|\\[^\n]|\\\n){0,2048}?[\s\"'](?:-u|-U|--(?:proxy-)?user(?![\w-]))(?:=|[\"'],?)?\s{0,8}[\"']?"
    r"[^\s:\"'$]{0,256}:(?P<value>[^\s\"'\\]{1,256})"
)
_USER_SIGN = "-u"
_LEAST_CHARACTERS = 8
# Each look with the signs of which every such text holds one: finding a sign takes a hundredth of the time.
_LOOKS = (
    ("JWT", _JWT, ("eyJ",)),
    ("PRIVATE_KEY", _PEM, ("PRIVATE KEY-----",)),
    ("PASSWORD", _USER_INFO, ("@",)),
    ("TOKEN", _AFTER_SCHEME, ("Bearer", "Basic", "DPoP")),
)
_OF_NAMES = ("=", ":", "%3")
# Every text that gives a secret away by a name or by its looks holds one of these words in lower case; most texts hold
# none, and are looked at no further.
_SIGNS = chain(*(signs for *_, signs in _LOOKS), _SERVICE_SIGNS, _LINK_SIGNS, (_USER_SIGN,))
MAY_HOLD_A_SECRET = one_of({*IN_NAMES, *DOUBTFUL, *(sign.lower() for sign in _SIGNS)})


Search: TypeAlias = Callable[[str, Callable[[str], bool]], Iterable[tuple[str, int, int]]]
"""Finds secrets in a text: the name, the beginning and the end of each."""


@value_class(kw_only=False)
class Found:
    """A value that stands at a secret's name, from ``start`` to ``end``; ``readings`` are what it may mean."""

    name: str
    start: int
    end: int
    readings: tuple[str, ...]

    @property
    def is_strong(self) -> bool:
        """Whether one of its readings is worth looking for elsewhere."""
        return any(map(is_strong, self.readings))


def found_secrets(text: str, is_secret: Callable[[str], bool], *more: Search) -> Iterator[Found]:
    """Everything in a text that is, by its name or its looks, a secret; in no order, and places may overlap.

    ``is_secret`` tells whether a name is that of a secret; ``more`` look where its value stands farther from it.
    """
    for name, pattern, signs in _LOOKS:
        for match in pattern.finditer(text) if _holds(text, signs) else ():
            group = "value" if "value" in pattern.groupindex else 0
            yield _found(name, text, *match.span(group))
    if _holds(text, _SERVICE_SIGNS):
        for match in _SERVICE_TOKEN.finditer(text):
            if len(set(match[0])) >= _LEAST_CHARACTERS and is_made_up(match[0]):  # else it stands for one: ghp_xxxx
                yield _found("TOKEN", text, *match.span())
    lower = text.lower()
    if "curl" in text and _USER_SIGN in lower:
        for match in _USER_OPTION.finditer(text):
            yield _found("PASSWORD", text, *match.span("value"))
    if _holds(lower, _LINK_SIGNS):
        for match in _LINK.finditer(text):
            if is_made_up(unquote_plus(match["value"])):
                yield _found("LINK", text, *match.span("value"))
    if "@" in text:
        # A token in the place of the user's name: https://TOKEN@git.example.com.
        for match in _USER_ALONE.finditer(text):
            if is_strong(unquote_plus(match["value"])):
                yield _found("PASSWORD", text, *match.span("value"))
    if _holds(text, _OF_NAMES):
        for match in _PARAMETER.finditer(text):
            if match["name"].lower() in DOUBTFUL and is_strong(unquote_plus(match["bare"])):
                yield _found(match["name"], text, *match.span("bare"))
        yield from _named(text, is_secret)
    for search in more:
        yield from (_found(name, text, start, end) for name, start, end in search(text, is_secret))
    if "<" not in text:
        return
    for match in _ELEMENT.finditer(text):
        if is_secret(match["name"].rpartition(":")[2]):
            yield _found(match["name"].rpartition(":")[2], text, *match.span("bare"))
    for field in _FIELD.finditer(text):
        yield from _in_field(text, field.start(), field[0], is_secret)


def _holds(text: str, signs: Iterable[str]) -> bool:
    return any(map(text.__contains__, signs))


def _named(text: str, is_secret: Callable[[str], bool]) -> Iterator[Found]:
    done = 0
    for name in _NAMED.finditer(text):
        value = _VALUE.match(text, name.end()) if name.start() >= done and is_secret(name["name"]) else None
        if value is None:
            continue
        start, end = value.span(next(kind for kind in ("quoted", "escaped", "bare") if value[kind] is not None))
        if value["bare"]:
            if not _SAYS_SOMETHING.search(value["bare"]):
                continue  # a mark of Markdown, or of a block in YAML
            end -= len(value["bare"]) - len(value["bare"].rstrip(":.!?"))  # the sentence goes on, or ends
        done = end
        credentials = _CREDENTIALS.fullmatch(text, start, end)
        if credentials and words_of(name["name"])[-1] == "authorization":
            start = credentials.start("value")
            after = _AFTER_WORD.match(text, end) if value["bare"] else None
            if after:
                yield _found(name["name"], text, *after.span("value"))
        if end > start:
            yield _found(name["name"], text, start, end)


def _in_field(text: str, offset: int, field: str, is_secret: Callable[[str], bool]) -> Iterator[Found]:
    """The value of a form's field in HTML, whose name is an attribute beside it."""
    attributes = {match[1].lower(): match for match in _ATTRIBUTE.finditer(field)}
    names = (attributes[key] for key in ("name", "key", "id") if key in attributes)
    name = next((_attribute(match) for match in names if is_secret(_attribute(match))), None)
    value = attributes.get("value") or attributes.get("content")
    if name and value and value.lastindex:
        start, end = value.span(value.lastindex)
        if end > start:
            yield _found(name, text, offset + start, offset + end)


def _attribute(match: re.Match[str]) -> str:
    return match[match.lastindex or 0]


def _found(name: str, text: str, start: int, end: int) -> Found:
    written = text[start:end].strip()
    readings = {written: None, html.unescape(written): None, unquote_plus(written): None}
    unescaped = written
    for _ in range(3):
        if "\\" not in unescaped:
            break
        with suppress(ValueError):
            unescaped = json.loads(f'"{unescaped}"')
            readings[unescaped] = None
            continue
        break
    return Found(name, start, end, tuple(readings))
