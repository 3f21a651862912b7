"""What steps, request templates and cases have in common: method, path, ``extract`` and ``expect``."""

from __future__ import annotations

from pytest_endpoint_docs.loading.foreign_keys import OF_EXPECT
from pytest_endpoint_docs.loading.mapping_reader import MappingReader
from pytest_endpoint_docs.model.body import Expectation, Extract
from pytest_endpoint_docs.model.pattern import Pattern
from pytest_endpoint_docs.model.source import METHODS, JSONValue
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.words import did_you_mean, hidden_in, kind_of

_EXPECT_KEYS = frozenset(["status", "headers", "body", "schema"])
_OF_THE_STEP_BEFORE = frozenset(["expect", "extract", "body", "params", "headers"])


def read_method(reader: MappingReader) -> str:
    """The method in capitals; empty where there is none."""
    method = reader.text("method")
    if method is None:
        if reader.values.get("method") is None:
            stray = reader.values.keys() & _OF_THE_STEP_BEFORE if "path" not in reader.values else ()
            hint = f" If `{min(stray)}` belongs to the step before, indent it there, without `-`." if stray else ""
            reader.error("no-method", f"{reader.subject} needs a `method`: add one of {', '.join(METHODS)}.{hint}")
        return ""
    if method.upper() not in METHODS:
        reader.error("unknown-method", f'unknown method "{method}".' + did_you_mean(method, METHODS), "method")
        return ""
    return method.upper()


def read_path(reader: MappingReader) -> str:
    """The path template: it starts with ``/`` or with a variable. Empty where there is none."""
    path = reader.text("path")
    if path is None:
        if reader.values.get("path") is None:
            reader.error("no-path", f"{reader.subject} needs a `path`, such as `path: /v1/clients`.")
        return ""
    if hidden := hidden_in(path):
        message = f"the path holds a character that editors do not show ({hidden}): remove it, or write it `%..`."
    elif not path.startswith(("/", "{")):
        message = f'the path "{path}" must start with "/"; the server comes from the environment.'
    else:
        return path
    reader.error("bad-path", message, "path")
    return ""


def read_fallback(reader: MappingReader, *, default: bool) -> bool:
    """Whether the fallback server is asked: what either of its two names says, else what the doc's head says."""
    written = reader.flag("useFallback"), reader.flag("useFallbackApi")
    return True in written or (default and False not in written)


def read_extracts(owner: MappingReader) -> tuple[Extract, ...]:
    """``variable: path expression`` pairs, each parsed to see that it can be."""
    if "extract" not in owner.values:
        return ()
    pairs = owner.mapping("extract")
    from pytest_endpoint_docs.variables.extraction import parse_expression

    reader = owner.below("/extract", pairs, prefix="extract.")
    extracts: list[Extract] = []
    for name, value in pairs.items():
        if not isinstance(value, str):
            reader.wrong(name, value, "a path expression such as $.data.id")
            continue
        try:
            parse_expression(value)
        except ValueError as error:
            reader.error("bad-extract", f"`extract.{name}`: {error}", name)
            continue
        extracts.append(Extract(name=name, expression=value, location=reader.at(name)))
    return tuple(extracts)


def read_expectation(owner: MappingReader) -> Expectation:
    """Read ``expect``; empty where there is none."""
    values = owner.values.get("expect")
    if values is None and "expect" not in owner.values:
        return Expectation(location=owner.at())
    if values is None:
        values = {}
    if not isinstance(values, dict):
        message = f"`expect` must be a mapping, but is {kind_of(values)}: write `expect: {{status: 200}}`."
        owner.error("wrong-type", message, "expect")
        return Expectation(location=owner.at("expect"))
    if not values:
        owner.warning(
            "empty-expect", "`expect` is empty, so any 2xx passes: write what is expected, or leave it out.", "expect"
        )
    reader = owner.below("/expect", values, subject="`expect`", prefix="expect.")
    reader.check_keys(_EXPECT_KEYS, other_names=OF_EXPECT)
    schema = values.get("schema")
    has_schema = isinstance(schema, (dict, bool))
    if schema is not None and not has_schema:
        reader.wrong("schema", schema, "a JSON Schema")
    elif has_schema:
        _check_schema(reader, schema)
    return Expectation(
        location=reader.at(),
        statuses=_statuses(reader),
        headers=_headers(reader) if "headers" in values else {},
        body=values.get("body"),
        has_body="body" in values,
        schema=schema if has_schema else None,
        has_schema=has_schema,
    )


def _check_schema(reader: MappingReader, schema: JSONValue) -> None:
    from pytest_endpoint_docs.loading.schema_findings import schema_findings

    place = join_pointer(reader.pointer, "schema")
    reader.findings.extend(
        schema_findings(schema, lambda pointer: reader.block.at(place + pointer), case_id=reader.case_id)
    )


def _statuses(reader: MappingReader) -> tuple[int, ...]:
    written = reader.values.get("status")
    if "status" in reader.values and written in (None, []):
        reader.warning("empty-expect", "`expect.status` is empty, so any 2xx passes: write the status code.", "status")
    if not isinstance(written, int):
        for item in written if isinstance(written, list) else [written]:
            if isinstance(item, str) and item.isdecimal():
                reader.warning("wrong-type", f"`expect.status` is a number: write {item} without quotes.", "status")
    return reader.statuses("status")


def _headers(reader: MappingReader) -> dict[str, str | None]:
    """The expected fields; ``None`` for one that must be absent."""
    written = reader.mapping("headers")
    absent = {name for name, value in written.items() if value is None}
    present = reader.texts("headers", without=absent)
    for name, value in present.items():
        if len(value) > 1 and value.startswith("/") and value.endswith("/"):
            try:
                Pattern(value[1:-1])
            except ValueError as error:
                message = f"`expect.headers.{name}`: {value} is not a regular expression: {error}."
                reader.error("bad-pattern", message, "headers")
    return {name: present.get(name) for name in written if name in present or name in absent}
