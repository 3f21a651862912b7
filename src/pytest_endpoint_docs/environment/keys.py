"""The JSON Schema of environment files, and its errors in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.environment.file_source import EnvironmentSource
from pytest_endpoint_docs.pointers import join_pointer, pointer_of, split_pointer
from pytest_endpoint_docs.redaction.secret_names import is_secret_field
from pytest_endpoint_docs.words import or_known, or_near

if TYPE_CHECKING:
    from jsonschema import ValidationError

_ARTICLES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_PYTHON_TYPES: Mapping[str, type | tuple[type, ...]] = MappingProxyType(
    {"object": dict, "array": list, "string": str, "number": (int, float)}
)
_SECRET_HINT = (
    "expected a ${NAME} reference; a secret comes from the process environment or the .env file, never from here"
)


def environment_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of environment files, as it ships with the package."""
    text = files("pytest_endpoint_docs.environment").joinpath("environment.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def schema_problems(source: EnvironmentSource) -> list[str]:
    """Everything that the schema finds, one ``path:line: /pointer: problem`` each, in the order of the lines."""
    if _is_valid(source.data):
        return []
    from jsonschema import Draft202012Validator

    found = [
        (source.location(pointer), pointer, message)
        for error in Draft202012Validator(environment_schema()).iter_errors(source.data)
        for pointer, message in _problems(error)
    ]
    return [f"{location}: {pointer or '/'}: {message}" for location, pointer, message in dict.fromkeys(sorted(found))]


def _is_valid(data: object) -> bool:
    """Whether there is nothing to tell: jsonschema, which would tell it, takes as long to import as a short run."""
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(environment_schema()).is_valid(data)
    except (ValueError, RecursionError):  # values that it cannot hold
        return False


def _problems(error: ValidationError) -> Iterator[tuple[str, str]]:
    pointer = pointer_of(error.absolute_path)
    schema: Any = error.schema
    instance: Any = error.instance
    expected: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known = schema.get("properties", {})
            for key in instance:
                if key not in known:
                    yield join_pointer(pointer, key), f"unknown key {key!r}{or_known(key, known)}"
        case "required":
            # One error comes for every missing key, and says which in its message alone.
            missing = next(key for key in expected if error.message.startswith(repr(key)))
            yield pointer, f"the key {missing!r} is missing"
        case "type" if _is_secret(pointer) and not isinstance(instance, (dict, list)):
            yield pointer, f"found {_found(error, pointer)}, {_SECRET_HINT}"
        case "type":
            types = [expected] if isinstance(expected, str) else list(expected)
            yield pointer, f"found {_found(error, pointer)}, expected {' or '.join(_ARTICLES[name] for name in types)}"
        case "enum":
            yield pointer, _not_one_of(expected, error, pointer)
        case "minimum" | "exclusiveMinimum":
            bound = "at least" if error.validator == "minimum" else "more than"
            yield pointer, f"found {_found(error, pointer)}, expected {bound} {expected}"
        case "minLength":
            yield pointer, "is empty; give it a value, or leave the key out"
        case "pattern":
            yield pointer, _pattern_problem(error, pointer)
        case _:
            yield pointer, f"found {_found(error, pointer)}, which does not fit {error.validator}"


def _pattern_problem(error: ValidationError, pointer: str) -> str:
    if _is_secret(pointer):
        return f"found {_found(error, pointer)}, {_SECRET_HINT}"
    if pointer.endswith("/auth"):
        return f"found {_found(error, pointer)}, expected {{token}} in it, like 'Bearer {{token}}'"
    if pointer.startswith("/oauth/checks/"):
        return _not_one_of(("ignore", "warn", "fail", "known: TICKET"), error, pointer)
    return f"found {_found(error, pointer)}, expected a header field name"


def _not_one_of(choices: Iterable[object], error: ValidationError, pointer: str) -> str:
    names = [str(choice) for choice in choices]
    hint = or_near(str(error.instance), names)
    return f"found {_found(error, pointer)}, expected one of {', '.join(names)}{hint}"


def _found(error: ValidationError, pointer: str) -> str:
    value = error.instance
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return json.dumps(value)
    kind = next(_ARTICLES[name] for name, python in _PYTHON_TYPES.items() if isinstance(value, python))
    if isinstance(value, (dict, list)):
        return kind
    return f"{kind} that is not shown here" if _is_secret(pointer) else f"{value!r} ({kind})"


def _is_secret(pointer: str) -> bool:
    keys = split_pointer(pointer)
    if keys[:1] == ["tokens"]:
        return keys[-1] != "auth"
    return any(is_secret_field(key) for key in keys)
