"""Built-in variables in a doc's requests: their form is known without a run, and descriptions may want another one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pytest_endpoint_docs.loading.documented import documented_requests
from pytest_endpoint_docs.model.body import RequestTemplate
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.openapi.request_difference import RequestDifference
from pytest_endpoint_docs.pointers import value_at
from pytest_endpoint_docs.variables.builtin import Builtins, UniqueClock
from pytest_endpoint_docs.variables.template import as_text

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
# Any moment will do: what counts is the form of a value.
_MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def builtin_values(doc: EndpointDoc, environment: Environment | None) -> Mapping[str, JSONValue]:
    """A value for each built-in variable that has its own meaning in a doc.

    Extracts, rows of UID resolution, the environment's parameters and what required docs extract go before built-ins
    of the same name.
    """
    if doc.requires:
        return {}
    others = {extract.name for documented in documented_requests(doc.body) for extract in documented.step.extracts}
    others |= {row.field for row in doc.body.resolutions}
    others |= set(environment.params) if environment is not None else set()
    builtins = Builtins(_MOMENT, "drift", UniqueClock(lambda: _MOMENT))
    return {name: value for name, value in builtins.items() if name not in others}


def with_builtins(request: RequestTemplate, values: Mapping[str, JSONValue]) -> RequestTemplate:
    """The request with built-in variables filled in; all others stay as they are."""
    path, question, query = request.path.partition("?")
    return replace(
        request,
        path=f"{path}{question}{_filled(query, values) if '{{' in query else query}",
        params=_filled(request.params, values),
        headers={name: as_text(_filled(value, values)) for name, value in request.headers.items()},
        body=_filled(request.body, values),
        form_fields=_filled(request.form_fields, values),
    )


def with_variable(
    found: RequestDifference, request: RequestTemplate, values: Mapping[str, JSONValue]
) -> RequestDifference:
    """A difference that shows the built-in variable of the doc there, and its value as one that it may have."""
    if found.kind not in ("type", "enum", "format", "constraint"):
        return found  # about a name, not about a value
    written = {"body": request.form_fields or request.body, "query": request.params, "headers": request.headers}
    try:
        text = value_at(written, found.pointer)
    except KeyError:
        return found
    if not isinstance(text, str) or not any(name in values for name in _VARIABLE.findall(text)):
        return found
    return replace(found, actual=f"{text}, such as {found.actual}")


def _filled(value: Any, values: Mapping[str, JSONValue]) -> Any:
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value.strip())
        if whole is not None:
            return values.get(whole[1], value)
        return _VARIABLE.sub(lambda match: as_text(values.get(match[1], match[0])), value)
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, Mapping):
        return {key: _filled(item, values) for key, item in value.items()}
    return value
