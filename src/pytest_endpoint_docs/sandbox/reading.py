"""Reading request bodies: JSON that fits a schema, or an answer that says for each field what is wrong."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from flask import request

from pytest_endpoint_docs.sandbox.answers import ApiError, problem
from pytest_endpoint_docs.sandbox.store import Record

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

EMAIL = {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "maxLength": 200}
CURRENCY = {"enum": ["USD", "EUR", "GBP"]}
CODES = {
    "type": "wrong_type",
    "enum": "not_allowed",
    "pattern": "bad_format",
    "format": "bad_format",
    "minLength": "too_short",
    "maxLength": "too_long",
    "minimum": "out_of_range",
    "maximum": "out_of_range",
    "minItems": "too_few",
    "maxItems": "too_many",
    "minProperties": "nothing_given",
}


class BodySchema:
    """The JSON Schema of a request body. Unknown members are ignored."""

    def __init__(self, properties: Record, *, required: tuple[str, ...] = (), **more: Any) -> None:
        self.names = frozenset(properties)
        self._schema = {"type": "object", "properties": properties, "required": list(required), **more}

    @cached_property
    def validator(self) -> Draft202012Validator:
        """What holds bodies against the schema. Its library takes a while to import: when the first body comes."""
        from jsonschema import Draft202012Validator, FormatChecker

        return Draft202012Validator(self._schema, format_checker=FormatChecker())

    def read(self, *, optional: bool = False) -> Record:
        """The known members of the request's body.

        Raises: ApiError 415 (not JSON by its Content-Type), 400 (not JSON by its text), 422 (one error per field).
        """
        if optional and not request.get_data():
            return {}
        if not request.is_json:
            raise wrong_media_type("application/json")
        try:
            body = json.loads(request.get_data())
        except (ValueError, RecursionError) as error:
            raise ApiError(400, problem("invalid_json", f"The body is not JSON: {error}.")) from error
        errors = sorted(self.validator.iter_errors(body), key=lambda error: [str(part) for part in error.path])
        if errors:
            problems = {entry["message"]: entry for error in errors for entry in _explain(error)}
            raise ApiError(422, *problems.values())
        return {name: value for name, value in body.items() if name in self.names}


def wrong_media_type(expected: str) -> ApiError:
    """415 for the request at hand."""
    found = request.mimetype or "a body without a Content-Type"
    return ApiError(415, problem("unsupported_media_type", f"Send {expected}, not {found}.", "Content-Type"))


def _explain(error: ValidationError) -> list[Record]:
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required":
        required = error.schema["required"] if isinstance(error.schema, dict) else []
        missing = [".".join([*path, name]) for name in required if name not in cast("Record", error.instance)]
        return [problem("missing", f"{name} is required.", name) for name in missing]
    field = ".".join(path) or None
    subject = field or "The body"
    expectation = {
        "type": f"is of type {error.validator_value}",
        "enum": f"is one of {error.validator_value}",
        "pattern": f"matches {error.validator_value}",
        "format": f"is a {error.validator_value}",
        "minLength": f"has at least {error.validator_value} characters",
        "maxLength": f"has at most {error.validator_value} characters",
        "minimum": f"is at least {error.validator_value}",
        "maximum": f"is at most {error.validator_value}",
        "minItems": f"has at least {error.validator_value} items",
        "maxItems": f"has at most {error.validator_value} items",
        "minProperties": "has at least one member",
    }.get(str(error.validator), "is valid")
    found = json.dumps(error.instance, ensure_ascii=False)
    message = f"{subject} {expectation}, but it is {found if len(found) <= 60 else found[:57] + '...'}."
    return [problem(CODES.get(str(error.validator), "invalid"), message, field)]
