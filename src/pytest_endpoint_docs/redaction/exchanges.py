"""What the boundary learns from the requests that leave and the answers that come, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.header_fields import HeaderFields, single_fields
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.redaction.redactor import MOST_NAMES, Redactor, keep
from pytest_endpoint_docs.redaction.secret_names import COOKIES, DOUBTFUL, NAMED_BESIDE
from pytest_endpoint_docs.redaction.secret_values import is_made_up, is_strong

_ADDRESSES = frozenset(["location", "content-location"])
_USER_CODE = "user_code"


def learn_request(redactor: Redactor, request: Request) -> None:
    """Remember the secrets of a request, wherever they stand in it."""
    learn_uri(redactor, request.url)
    for name, value in request.params:
        learn_json(redactor, {name: value})
    learn_headers(redactor, request.headers)
    learn_json(redactor, request.body)


def learn_sent(redactor: Redactor, url: str, headers: Mapping[str, str | bytes], content: bytes | None) -> None:
    """Remember the secrets of a request as it goes over the wire: its target URI, header fields and content."""
    fields = {name: value if isinstance(value, str) else value.decode("latin-1") for name, value in headers.items()}
    # A message is a message: content is read by the same fields, whichever way it goes.
    learn_response(redactor, Response(status_code=0, url=url, headers=HeaderFields(fields), content=content or b""))


def learn_response(redactor: Redactor, response: Response) -> None:
    """Remember the secrets of an answer, wherever they stand in it."""
    learn_uri(redactor, response.url)
    learn_headers(redactor, response.headers)
    content, is_json = response.as_json()
    redactor.learn_text(response.reason)
    if is_json:
        learn_json(redactor, content)
    else:
        redactor.learn_text(response.text)
    if response.media_type == "application/x-www-form-urlencoded":
        _learn_parameters(redactor, response.text)


def learn_uri(redactor: Redactor, uri: str) -> None:
    """Remember the secrets in a URI: its parameters in query and fragment, its password, the end of a link."""
    redactor.learn_text(uri)
    if not ("?" in uri or "#" in uri or "@" in uri):
        return  # it has none of them (RFC 3986 section 3)
    try:
        parts = urlsplit(uri)
    except ValueError:
        return
    _learn_parameters(redactor, parts.query)
    _learn_parameters(redactor, parts.fragment)
    if parts.password or parts.username:
        redactor.learn_secret("password", parts.password or parts.username or "")


def learn_headers(redactor: Redactor, fields: Mapping[str, Any]) -> None:
    """Remember the secrets in header fields: credentials, cookies, the parameters of a redirect's target."""
    rules = redactor.rules
    for name, value in fields.items():
        # Most fields come with every answer, and most of these with the same value.
        if not isinstance(value, str) or (name in rules.ordinary and value in rules.clean):
            continue
        lowered = name.lower()
        if lowered in COOKIES:
            for key, text in _cookies_in(lowered, value):
                redactor.learn_secret(key, text)
        elif lowered in _ADDRESSES:
            learn_uri(redactor, value)
        elif redactor.is_credentials(name):
            credentials = value.partition(" ")[2] if lowered.endswith("authorization") else ""
            redactor.learn_secret(name, credentials.strip() or value)
        else:
            keep(rules.ordinary, name, None, most=MOST_NAMES)
            redactor.learn_text(value)


def learn_json(redactor: Redactor, value: JSONValue, inside: str = "") -> None:
    """Remember every secret inside a JSON value: by its field's name, or by its looks.

    ``inside`` is the name of the secret that the value is, if it is one.

    What is weak (``"token": "string"`` of a mock) is not remembered: it would blank out ordinary text.
    """
    rules = redactor.rules
    if isinstance(value, str):
        if value not in rules.clean:
            redactor.learn_text(value)
    elif isinstance(value, list):
        for name, text in _named_items(value):
            if redactor.is_secret(name) and is_made_up(text):
                redactor.learn_secret(name, text)
        for item in value:
            learn_json(redactor, item)
    elif isinstance(value, (dict, Mapping)):  # in this order: to ask the second takes long
        plain, clean = rules.plain, rules.clean
        for key, item in value.items():
            if inside or key not in plain:
                if inside and is_made_up(str(key)):
                    redactor.learn_secret(inside, str(key))  # {"tokens": {"k3y...": {"expires": ...}}}
                _learn_member(redactor, redactor.name_of(str(key), value, inside), item)
                if key == _USER_CODE:
                    _learn_user_code(redactor, item, value.get("device_code"))
            # Most members are texts, and many of them come with every answer.
            elif not isinstance(item, str):
                learn_json(redactor, item)
            elif item not in clean:
                redactor.learn_text(item)


def _named_items(items: list[JSONValue]) -> Iterator[tuple[str, str]]:
    """Texts that follow their names: in a pair, or after an option of a command line; in other lists nobody knows."""
    for name, text in pairwise(items):
        if isinstance(name, str) and isinstance(text, str) and (len(items) == 2 or name.startswith("--")):
            yield name, text


def _learn_user_code(redactor: Redactor, code: JSONValue, device_code: JSONValue) -> None:
    """Remember the code of a device authorization response, short as it is: the link for the person has it, too."""
    if isinstance(code, str) and isinstance(device_code, str) and is_strong(device_code):
        redactor.learn_secret(_USER_CODE, code, is_random=bool(code))


def _learn_member(redactor: Redactor, name: str, item: JSONValue) -> None:
    is_secret = redactor.is_secret(name)
    is_doubtful = name.lower() in DOUBTFUL
    if not (is_secret or is_doubtful or name in NAMED_BESIDE):
        keep(redactor.rules.plain, name, None, most=MOST_NAMES)
    if isinstance(item, str):
        if is_secret or (is_doubtful and is_strong(item)):
            redactor.learn_secret(name, item)
        redactor.learn_text(item)
    elif is_secret and isinstance(item, int) and not isinstance(item, bool):
        redactor.learn_secret(name, str(item))
    elif is_secret and isinstance(item, list):
        for one in item:
            _learn_member(redactor, name, one)
    else:
        learn_json(redactor, item, inside=name if is_secret else "")


def _cookies_in(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The names and values of the cookies in a header field."""
    for cookie in single_fields(name, value) if name == "set-cookie" else value.split(";"):
        key, _, text = cookie.partition(";")[0].strip().partition("=")
        yield key, text.strip('"')


def _learn_parameters(redactor: Redactor, encoded: str) -> None:
    """Remember every secret in parameters as they stand in a query, a fragment or a form (``a=b&c=d``).

    Those at a secret's name, and the authorization code of a redirect (RFC 6749 section 4.1.2).
    """
    pairs = [pair.partition("=")[::2] for pair in encoded.split("&") if pair]
    names = {name for name, _ in pairs}
    for name, written in pairs:
        if redactor.is_secret(unquote_plus(name)) or (name.lower() in DOUBTFUL and "error" not in names):
            redactor.learn_secret(name, unquote_plus(written))
            redactor.learn_secret(name, written)
