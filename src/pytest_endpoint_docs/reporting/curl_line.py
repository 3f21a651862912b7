"""The command line that sends a request again."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from pytest_endpoint_docs.http.targets import encoded
from pytest_endpoint_docs.http.wire import form_pairs, query_pair
from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.body import MEDIA_TYPES
from pytest_endpoint_docs.model.exchange import Request, WrittenValue
from pytest_endpoint_docs.model.secret import SafeText, Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import visible

# Private-use characters around a secret's name: neither JSON nor percent-encoding touches them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKED = re.compile(f"{_OPEN}(.*?){_CLOSE}")
# How a shell brings the value of a variable into the form in which a URL or a JSON string holds it.
_URL_FORM = 'import sys, urllib.parse as url; print(url.quote(sys.argv[1], safe="[]"))'
_JSON_FORM = "import json, sys; print(json.dumps(sys.argv[1])[1:-1])"
_NEEDS_SINGLE_QUOTES = re.compile(r"[\"\\$`!]")


@dataclass(slots=True)
class _Line:
    """A command line in which two secrets have two names, also where their fields are called the same.

    ``before`` are the assignments that come first: a secret that a URL or a JSON text holds in another form than the
    variable does is brought into that form by the shell.
    """

    redactor: Redactor
    before: dict[str, str] = field(default_factory=dict)
    _values: dict[str, str] = field(default_factory=dict)

    def is_secret(self, name: str) -> bool:
        return self.redactor.is_secret(name)

    def is_written(self, text: str) -> bool:
        return self.redactor.is_written(text)

    def parts(self, text: str) -> Iterator[tuple[str, str]]:
        """The text in order, each part with the name of the secret that it is, or with no name."""
        for part in self.redactor.parts(text):
            yield part.text, "" if part.name is None else self.name(part.name, part.value)

    def name(self, name: str, value: str) -> str:
        """The variable that holds a value; ``name`` is what it would like to be called."""
        words = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper() or "SECRET"
        first = f"_{words}" if words[0].isdigit() else words
        numbered = (first if number == 1 else f"{first}_{number}" for number in itertools.count(1))
        return next(one for one in numbered if self._values.setdefault(one, value) == value)

    def in_url(self, name: str) -> str:
        """The variable that holds the value of another one, percent-encoded."""
        return self._in_form(name, "URL", _quote(self._values[name]), _URL_FORM)

    def in_json(self, name: str) -> str:
        """The variable that holds the value of another one as it stands between the quotes of a JSON string."""
        return self._in_form(name, "JSON", json.dumps(self._values[name], ensure_ascii=False)[1:-1], _JSON_FORM)

    def _in_form(self, name: str, form: str, text: str, script: str) -> str:
        if text == self._values[name]:
            return name
        variable = self.name(f"{name}_IN_{form}", text)
        self.before[variable] = f'{variable}=$(python3 -c {shlex.quote(script)} "${name}")'
        return variable


def render_curl(request: Request, redactor: Redactor) -> SafeText:
    """The curl command that reproduces a request, for a POSIX shell; secrets stand in it as ``"$NAME"``.

    Files of a multipart request are named by their file name: run it where they lie.
    """
    line = _Line(redactor)
    url = _marked_url(request.url, line) + _query(request, line)
    words = ["curl", "-i", *_method(request)]
    if re.search(r"[\[\]{}]", url):
        words.append("-g")  # curl would expand brackets
    words.append(_quoted(url))
    for name, value in request.headers.items():
        words += ["-H", _quoted(_header_line(name, _header(name, value, line)))]
    words += _content(request, line)
    return redactor.text(" && ".join([*line.before.values(), " ".join(words)]))


def _query(request: Request, line: _Line) -> str:
    query = "&".join(_parameter(name, text, line) for name, text in request.params)
    return f"{'&' if '?' in request.url else '?'}{query}" if query else ""


def _parameter(name: str, text: str, line: _Line) -> str:
    marked = _field(name, text, line)
    if isinstance(text, WrittenValue) and _OPEN not in marked:
        return query_pair(name, text)
    return f"{_quote(name)}={_with_names(marked, _quote, line.in_url)}"


def _quote(text: str) -> str:
    return quote(text, safe="[]", errors="backslashreplace")


def _with_names(marked: str, around: Callable[[str], str], name: Callable[[str], str]) -> str:
    """A marked text with something done to its names, and something to what stands around them."""
    pieces = _MARKED.split(marked)
    return "".join(
        f"{_OPEN}{name(piece)}{_CLOSE}" if index % 2 else around(piece) for index, piece in enumerate(pieces)
    )


def _method(request: Request) -> list[str]:
    if request.method == "GET" and not request.has_body:
        return []
    return ["--head"] if request.method == "HEAD" else ["-X", shlex.quote(request.method)]


def _header_line(name: str, marked: str) -> str:
    # curl leaves a field out if nothing follows its colon.
    return f"{name}: {marked}" if marked.strip(" \t") else f"{name};"


def _content(request: Request, line: _Line) -> Iterator[str]:
    if not request.has_body:
        return
    if request.content_type == "multipart":
        for name, text in form_pairs(request.body):
            yield from ("--form-string", _quoted(f"{name}={_field(name, text, line)}"))
        for part in request.files:
            filename = part.filename.replace('"', '\\"')
            yield from ("-F", _quoted(f'{part.field_name}=@"{filename}";type={part.content_type}'))
    elif request.content_type == "form" and not isinstance(request.body, str):
        fields = [_form_field(name, text, line) for name, text in form_pairs(request.body)]
        yield from itertools.chain.from_iterable(fields or [("--data-raw", "''")])
    else:
        if not any(name.lower() == "content-type" for name in request.headers):
            yield from ("-H", f"'Content-Type: {MEDIA_TYPES[request.content_type]}'")
        if request.content_type != "json" and isinstance(request.body, str):
            yield from ("--data-raw", _quoted(_text(request.body, line)))
        else:
            yield from ("--data-raw", _quoted(_json_text(_json(request.body, line))))


def _form_field(name: str, text: str, line: _Line) -> tuple[str, str]:
    marked = _field(name, text, line)
    if visible(marked) != marked:  # the line could not show it as it is
        return "--data-raw", _quoted(f"{_quote(name)}={_with_names(marked, _quote, line.in_url)}")
    # curl encodes what stands after the equals sign alone.
    return "--data-urlencode", _quoted(f"{_quote(name)}={marked}")


def _json_text(marked: JSONValue) -> str:
    """JSON in which what the line could not show as it is stands as an escape of JSON."""
    text = json.dumps(marked, ensure_ascii=False)
    if visible(text) == text:
        return text
    return "".join(char if visible(char) == char else json.dumps(char)[1:-1] for char in text)


def _text(text: str, line: _Line) -> str:
    """A text with its secrets marked; masked where it holds one that is too ordinary to have a name."""
    shown = line.redactor.content(text)
    return _marked(text, line) if shown == line.redactor.text(text) else _unmarked(shown)


def _header(name: str, value: str | Secret, line: _Line) -> str:
    if isinstance(value, Secret):
        return re.sub(r"\$(\w+)", rf"{_OPEN}\1{_CLOSE}", str(value))
    marked = _marked(value, line)
    # A cookie field holds several values, of which some may be unknown.
    is_open = line.redactor.is_credentials(name) and not line.is_written(value)
    if is_open and (_OPEN not in marked or name.lower() == "cookie"):
        return _name(name, value, line)
    return marked


def _json(value: JSONValue, line: _Line, field: str = "") -> JSONValue:
    """A JSON value with every secret marked: known ones anywhere, and whatever stands at a secret's field name."""
    if isinstance(value, Mapping):
        return {key: _json(item, line, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item, line, field) for item in value]
    if is_number(value) and line.is_secret(field):
        return value if line.is_written(str(value)) else _name(field, json.dumps(value), line)
    return _with_names(_field(field, value, line), str, line.in_json) if isinstance(value, str) else value


def _field(name: str, text: str, line: _Line) -> str:
    marked = _marked(text, line)
    is_known = not text or _OPEN in marked or line.is_written(text)
    return _name(name, text, line) if line.is_secret(name) and not is_known else marked


def _name(field: str, value: str, line: _Line) -> str:
    return f"{_OPEN}{line.name(field, value)}{_CLOSE}"


def _marked(text: str, line: _Line) -> str:
    return "".join(f"{_OPEN}{name}{_CLOSE}" if name else part for part, name in line.parts(_unmarked(text)))


def _marked_url(url: str, line: _Line) -> str:
    """A URL, encoded as it is sent, with its secrets marked; those that stand in it as they are need no encoding."""
    marked = ""
    for part in line.redactor.parts(_unmarked(url)):
        if part.name is None:
            marked += encoded(part.text)
        else:
            name = line.name(part.name, part.value)
            marked += f"{_OPEN}{name if part.text == part.value else line.in_url(name)}{_CLOSE}"
    return marked


def _unmarked(text: str) -> str:
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def _quoted(marked: str) -> str:
    """A word of the command line: the shell fills in the marked names, and touches nothing else."""
    pieces = _MARKED.split(marked)
    literals, names = pieces[::2], [re.sub(r"\W", "_", name) for name in pieces[1::2]]
    if not names:
        return shlex.quote(marked)
    if any(_NEEDS_SINGLE_QUOTES.search(literal) for literal in literals):
        words = [shlex.quote(literals[0])] if literals[0] else []
        for name, literal in zip(names, literals[1:], strict=True):
            words += [f'"${name}"', *([shlex.quote(literal)] if literal else [])]
        return "".join(words)
    text = literals[0]
    for name, literal in zip(names, literals[1:], strict=True):
        text += (f"${{{name}}}" if re.match(r"\w", literal) else f"${name}") + literal
    return f'"{text}"'
