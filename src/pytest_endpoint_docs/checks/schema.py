"""JSON Schema: the doc's ``Response Schema`` and a step's ``expect.schema``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_endpoint_docs.checks.input import CheckInput
from pytest_endpoint_docs.checks.schema_errors import mismatches_of
from pytest_endpoint_docs.checks.wording import content_of, cut, not_json
from pytest_endpoint_docs.model import JSONValue, Mismatch, SourceLocation

if TYPE_CHECKING:
    from pytest_endpoint_docs.redaction import Redactor


def check_schema(given: CheckInput) -> list[Mismatch]:
    """Hold the content against the step's ``expect.schema`` and, for the doc's own 2xx answer, its ``Response Schema``.

    Every error is reported with its JSON Pointer; formats are asserted; for ``anyOf`` and ``oneOf`` the errors of the
    alternative that comes closest are. The draft is the schema's ``$schema``, else 2020-12. References to the network
    are not followed.
    """
    found: list[Mismatch] = []
    for schema, location in _schemas(given):
        content, is_json = content_of(given.response)
        if is_json:
            found += validate(schema, content, location=location, redactor=given.redactor)
        else:
            got = not_json(given.response)
            found.append(
                Mismatch(check="schema", message="is not JSON", expected="JSON", actual=got, location=location)
            )
    return found


def _schemas(given: CheckInput) -> Iterator[tuple[JSONValue, SourceLocation]]:
    if given.step.expect.has_schema:
        yield given.step.expect.schema, given.step.expect.location
    documented = given.body.response_schema
    if documented and given.is_subject and given.is_success:
        yield documented.schema, documented.location


def validate(schema: JSONValue, content: JSONValue, *, location: SourceLocation, redactor: Redactor) -> list[Mismatch]:
    """Every violation of a JSON Schema; a schema that is itself wrong is one mismatch that says so."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
    from referencing.exceptions import Unresolvable

    if schema is True:
        return []
    if not isinstance(schema, dict):
        return [_broken("it is not an object", location)]
    validator_class = validator_for(schema, default=Draft202012Validator)
    try:
        validator_class.check_schema(schema)
        # An explicit registry: without one, jsonschema would fetch what a $ref names.
        validator = validator_class(schema, registry=REGISTRY, format_checker=validator_class.FORMAT_CHECKER)
        return list(mismatches_of(validator.iter_errors(content), location=location, redactor=redactor))
    except SchemaError as error:
        return [_broken(f"at {error.json_path}: {cut(error.message, 200)}", location)]
    except Unresolvable as error:
        return [_broken(f"its $ref {error.ref!r} leads nowhere; references to the network are not followed", location)]
    except RecursionError:
        return [_broken("its references go round in circles, or the answer is nested too deeply", location)]


def _broken(reason: str, location: SourceLocation) -> Mismatch:
    return Mismatch(check="schema", message=f"the schema itself is not valid: {reason}", location=location)
