"""The text of an environment file: its value with the line of everything in it, ``${NAME}`` references filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from functools import partial
from pathlib import Path

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import read_text
from pytest_endpoint_docs.json_source import SourceProblem
from pytest_endpoint_docs.model.environment import Redaction
from pytest_endpoint_docs.model.pattern import Pattern
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import pointer_of
from pytest_endpoint_docs.redaction.secret_names import is_secret_field
from pytest_endpoint_docs.redaction.secret_values import is_strong
from pytest_endpoint_docs.words import late
from pytest_endpoint_docs.yaml_text.plain_yaml import AnyLines, read_yaml

_REFERENCE = late(r"\$\{([^}]*)\}?")
_NAME = late(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRETS = late(
    r"/tokens/[^/]+(/value)?|/oauth/(second_client/)?client_(secret|key)|/oauth/users/[^/]+/(username|password|totp_secret)"
)


@value_class
class EnvironmentSource:
    """The JSON value of an environment file. ``path`` is the file as people read it."""

    path: str
    data: JSONValue
    lines: AnyLines = field(repr=False)

    def location(self, pointer: str) -> SourceLocation:
        """Where a value stands, or the nearest value around it."""
        return SourceLocation(self.path, self.lines.line(pointer) or 1)


def read_source(file: Path, *, display_path: str) -> EnvironmentSource:
    """Read an environment file.

    Raises: ``ConfigError`` at ``path:line``: not readable, not YAML, a key twice, a value that JSON does not have.
    """
    try:
        parsed = read_yaml(read_text(file))
    except SourceProblem as problem:
        raise ConfigError(_told(problem, display_path)) from None
    if parsed.lines.line("") is None:  # not even that of `null`
        raise ConfigError(f"{display_path}:1: is empty; expected a mapping, with a base_url at least")
    if parsed.duplicates:
        raise ConfigError(
            "\n".join(
                f"{display_path}:{found.line}: {found.pointer}: is given twice, first in line {found.first_line}"
                for found in parsed.duplicates
            )
        )
    return EnvironmentSource(path=display_path, data=parsed.value, lines=parsed.lines)


def _told(problem: SourceProblem, path: str) -> str:
    at = path if problem.line is None else f"{path}:{problem.line}"
    hint = f" {problem.hint}" if problem.hint else ""
    match problem.kind:
        case "file":
            return f"{at}: {problem.message}.{hint}"
        case "value":
            # Its tag may be a secret that nobody quoted: !x9f3.
            return f"{at}: {problem.pointer}: is a value that JSON does not have; quote it"
        case "hostile":
            return f"{at}: cannot be read: {problem.message}"
        case _:
            # A YAML parser quotes the file's text, which may be a secret; its own <token names> may not.
            message = re.sub(r" '(?!<)[^']{2,}'", "", problem.message)
            return f"{at}: is not YAML: {message} (column {problem.column}).{hint}"


def read_variables(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that ``${NAME}`` may name: those of ``root/.env``, overridden by ``environ``. Nothing is exported.

    Raises: ``ConfigError`` where ``.env`` is not readable.
    """
    file = root / ".env"
    if not file.is_file():
        return dict(environ)
    from dotenv import dotenv_values

    try:
        written = dotenv_values(file, interpolate=False)
    except UnicodeDecodeError as error:
        raise ConfigError(f".env: is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise ConfigError(f".env: cannot be read: {error.strerror}") from error
    return {name: value for name, value in written.items() if value is not None} | dict(environ)


def names_in(text: str) -> tuple[str, ...]:
    """The names inside ``${...}``, each once."""
    return tuple(dict.fromkeys(_REFERENCE.findall(text)))


@value_class
class References:
    """Fills in the references of one file; what is missing is collected in ``problems``."""

    source: EnvironmentSource
    variables: Mapping[str, str] = field(repr=False)
    problems: list[str] = field(default_factory=list)
    _filled_in: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def filled_in(self) -> tuple[Secret, ...]:
        """The variables that :meth:`fill` used and whose values must not be shown, a server's address aside."""
        found = ((name, part) for name, value in self._filled_in.items() for part in _parts_of(value))
        return tuple(Secret(name, part) for name, part in found if is_strong(part) or is_secret_field(name))

    def fill(self, value: JSONValue, keys: tuple[str | int, ...] = ()) -> JSONValue:
        """A copy with every reference filled in, apart from secrets, which :meth:`secret` looks up.

        ``keys`` lead to the value.
        """
        if isinstance(value, dict):
            return {key: self.fill(item, (*keys, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, (*keys, index)) for index, item in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        pointer = pointer_of(keys)
        return value if _SECRETS.fullmatch(pointer) else _REFERENCE.sub(partial(self._variable, pointer), value)

    def secret(self, text: str) -> Secret | None:
        """The secret that references stand for, named after them; ``None`` where a variable is not set or empty."""
        values = [self.variables.get(name, "").strip() for name in _REFERENCE.findall(text)]
        if not values or not all(values):
            return None
        shown = _REFERENCE.sub(r"$\1", text).removeprefix("$")
        return Secret(shown, _REFERENCE.sub(lambda match: self.variables[match[1]].strip(), text))

    def redaction(self, given: Mapping[str, list[str]]) -> Redaction:
        """What a file says of secrets beyond its own."""
        patterns = []
        for index, text in enumerate(given.get("patterns", [])):
            try:
                patterns.append(Pattern(text))
            except ValueError as error:
                pointer = f"/redact/patterns/{index}"
                self.problems.append(
                    f"{self.source.location(pointer)}: {pointer}: is not a regular expression: {error}"
                )
        return Redaction(names=tuple(given.get("names", [])), patterns=tuple(patterns))

    def _variable(self, pointer: str, match: re.Match[str]) -> str:
        at = f"{self.source.location(pointer)}: {pointer}:"
        if not match[0].endswith("}") or not _NAME.fullmatch(match[1]):
            self.problems.append(
                f"{at} {match[0]!r} is not a reference; expected ${{NAME}}, defaults are not supported"
            )
            return match[0]
        if match[1] not in self.variables:
            self.problems.append(
                f"{at} the variable {match[1]} is not set; set it in the process environment or in the .env file"
            )
            return match[0]
        self._filled_in[match[1]] = self.variables[match[1]]
        return self.variables[match[1]]


def _parts_of(value: str) -> tuple[str, ...]:
    """A value, or what may be secret in the URL that it is: where it leads is told with every failure."""
    if not value.startswith(("http://", "https://")):
        return (value,)
    _, _, path = value.partition("://")[2].partition("/")
    return tuple(part for part in re.split(r"[/?&#=]", path) if is_strong(part))
