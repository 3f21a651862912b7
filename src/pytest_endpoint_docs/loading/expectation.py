"""``expect`` of a step or a case."""

from __future__ import annotations

from pytest_endpoint_docs.loading.mapping_reader import MappingReader, kind_of
from pytest_endpoint_docs.model.body import Expectation

_KEYS = frozenset(["status", "headers", "body", "schema"])


def read_expectation(owner: MappingReader) -> Expectation:
    """Read ``expect``; empty where there is none."""
    location = owner.at("expect") if "expect" in owner.values else owner.at()
    raw = owner.values.get("expect")
    if raw is not None and not isinstance(raw, dict):
        owner.error(
            "wrong-type",
            f"`expect` must be a mapping, and is {kind_of(raw)}: write `expect: {{status: 200}}`.",
            "expect",
        )
        return Expectation(location=location)
    reader = owner.below("expect", "expect")
    reader.check_keys(_KEYS)
    statuses = _statuses(reader)
    schema = reader.values.get("schema")
    has_schema = isinstance(schema, (dict, bool))
    if schema is not None and not has_schema:
        reader.error("wrong-type", f"`expect.schema` must be a JSON Schema, and is {kind_of(schema)}.", "schema")
    return Expectation(
        location=location,
        statuses=statuses,
        headers=_headers(reader),
        body=reader.values.get("body"),
        has_body="body" in reader.values,
        schema=schema if has_schema else None,
        has_schema=has_schema,
    )


def _statuses(reader: MappingReader) -> tuple[int, ...]:
    value = reader.values.get("status")
    if value is None:
        return ()
    codes: list[int] = []
    for item in value if isinstance(value, list) else [value]:
        number = int(item) if isinstance(item, str) and item.isdecimal() else item
        if isinstance(number, bool) or not isinstance(number, int) or not 100 <= number <= 599:
            hint = " Leave `status` out for any 2xx." if isinstance(item, str) and item.lower() == "2xx" else ""
            reader.error(
                "wrong-type",
                f"`expect.status` must be a status code (100 to 599) or a list of them, and is {kind_of(item)}.{hint}",
                "status",
            )
            continue
        if isinstance(item, str):
            reader.warning("wrong-type", f"`expect.status` is a number: write {number} without quotes.", "status")
        codes.append(number)
    return tuple(codes)


def _headers(reader: MappingReader) -> dict[str, str | None]:
    absent = {name for name, value in reader.mapping("headers").items() if value is None}
    present = MappingReader(
        values={"headers": {name: value for name, value in reader.mapping("headers").items() if name not in absent}},
        block=reader.block,
        pointer=reader.pointer,
        subject=reader.subject,
        findings=reader.findings,
        case_id=reader.case_id,
    ).texts("headers")
    return {name: present.get(name) for name in reader.mapping("headers") if name in present or name in absent}
