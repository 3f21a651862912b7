"""Holds verdicts on answers beside those of schemathesis: the same answers, valid ones and ones with a planted error.

    python benchmarks/agreement_with_schemathesis.py DESCRIPTION... [--limit N]

Needs schemathesis 4 in the same environment. For every response with a JSON schema: one answer that follows the schema,
and one for each kind of error that can be planted in it. Both verdicts are about the content alone: does it conform to
the schema? Prints the numbers and every disagreement.
"""

from __future__ import annotations

import argparse
import copy
import json
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import Operation, is_json_media_type
from pytest_endpoint_docs.openapi.response_check import ResponseCheck
from pytest_endpoint_docs.openapi.schema_shape import object_schemas, property_schemas
from pytest_endpoint_docs.redaction.redactor import Redactor

DEPTH = 6
FORMATS = {
    "date": "2026-02-03",
    "date-time": "2026-02-03T04:05:06Z",
    "time": "04:05:06Z",
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "email": "someone@example.com",
    "uri": "https://example.com/a",
    "url": "https://example.com/a",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "aGVsbG8=",
}


def sample(nodes: tuple[Node, ...], depth: int = 0) -> Any:
    """A value that follows a schema, as far as simple means go."""
    schemas = [node.value for start in nodes for node in object_schemas(start)]
    every = tuple(node for start in nodes for node in object_schemas(start))
    for schema in schemas:
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return schema["enum"][0]
        if "const" in schema:
            return schema["const"]
    types = [name for schema in schemas for name in _types(schema)]
    kind = next(
        (name for name in types if name != "null"), "object" if any("properties" in s for s in schemas) else None
    )
    if kind == "object":
        names = {name: None for schema in schemas for name in (schema.get("properties") or {})}
        required = {
            name
            for schema in schemas
            for name in schema.get("required") or []
            if isinstance(schema.get("required"), list)
        }
        kept = names if depth < DEPTH else [name for name in names if name in required]
        found = {
            name: sample(property_schemas(every, name), depth + 1) for name in kept if not _write_only(every, name)
        }
        return {**dict.fromkeys(required - found.keys(), "x"), **found} if depth < DEPTH else found
    if kind == "array":
        items = tuple(item for node in every if (item := node.step("items")) is not None)
        count = max([schema.get("minItems", 1) for schema in schemas])
        return [sample(items, depth + 1) for _ in range(count)] if items and depth < DEPTH else []
    if kind in ("integer", "number"):
        low = max(
            [schema.get("minimum", 1) for schema in schemas if isinstance(schema.get("minimum", 1), (int, float))]
        )
        return int(low) + 1
    if kind == "boolean":
        return True
    if kind == "string":
        named = next((schema["format"] for schema in schemas if schema.get("format") in FORMATS), None)
        return FORMATS[named] if named else "text" * (1 + max([schema.get("minLength", 0) for schema in schemas]) // 4)
    return "anything"


def _types(schema: Mapping[str, Any]) -> list[str]:
    written = schema.get("type")
    return [str(name) for name in (written if isinstance(written, list) else [written] if written else [])]


def _write_only(nodes: tuple[Node, ...], name: str) -> bool:
    return any(node.value.get("writeOnly") for start in property_schemas(nodes, name) for node in object_schemas(start))


def planted(schema: Node, value: Any) -> Iterator[tuple[str, Any]]:
    """The value itself, and copies of it with one error each."""
    yield "valid", value
    for kind, way, wrong in _errors((schema,), value, ()):
        changed = copy.deepcopy({"": value})
        target: Any = changed
        for key in ("", *way[:-1]) if way else ():
            target = target[key]
        last = way[-1] if way else ""
        if kind == "missing":
            del target[last]
        else:
            target[last] = wrong
        yield kind, changed[""]


def _errors(starts: tuple[Node, ...], value: Any, way: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """At most one error of each kind, the deepest first."""
    nodes = tuple(node for start in starts for node in object_schemas(start))
    found: dict[str, tuple[tuple[Any, ...], Any]] = {}
    if isinstance(value, dict):
        for name, member in value.items():
            for kind, where, wrong in _errors(property_schemas(nodes, name), member, (*way, name)):
                found.setdefault(kind, (where, wrong))
        required = [
            name
            for node in nodes
            for name in node.value.get("required") or []
            if isinstance(node.value.get("required"), list)
        ]
        for name in required:
            if name in value:
                found.setdefault("missing", ((*way, name), None))
    elif isinstance(value, list) and value:
        items = tuple(item for node in nodes if (item := node.step("items")) is not None)
        for kind, where, wrong in _errors(items, value[0], (*way, 0)):
            found.setdefault(kind, (where, wrong))
    types = {name for node in nodes for name in _types(node.value)}
    if types:
        found.setdefault("type", (way, next(wrong for name, wrong in _WRONG.items() if name not in types)))
        found.setdefault("null", (way, None))
    if any(isinstance(node.value.get("enum"), list) for node in nodes):
        found.setdefault("enum", (way, "no-such-member"))
    if any(node.value.get("format") in FORMATS for node in nodes) and isinstance(value, str):
        found.setdefault("format", (way, "not of this format"))
    for kind, (where, wrong) in found.items():
        yield kind, where, wrong


_WRONG = {
    "object": {"a": 1},
    "string": "text",
    "integer": 7,
    "boolean": True,
    "array": [1],
    "number": 1.5,
    "null": None,
}


def verdicts(file: Path, unusable: Counter[str]) -> Iterator[tuple[str, str, str, bool, bool]]:
    """(operation, status, kind of error, our verdict, schemathesis' verdict); true: it conforms.

    ``unusable`` counts answers whose schema schemathesis cannot use.
    """
    import requests
    import schemathesis
    import urllib3

    descriptions = Descriptions([file], root=file.parent)
    check = ResponseCheck(descriptions)
    other = schemathesis.openapi.from_path(str(file))
    for operation in descriptions.operations():
        try:
            theirs = other[_written_path(operation)][operation.method.lower()]
        except (LookupError, ValueError):
            continue
        for key, described in operation.responses.items():
            status = 200 if key == "default" else int(key[0]) * 100 if not key.isdecimal() else int(key)
            for media, schema in described.content.items():
                if schema is None or not (is_json_media_type(media) or media == "*/*"):
                    continue
                for kind, value in planted(schema, sample((schema,))):
                    answer = requests.Response()
                    answer.status_code, answer._content = status, json.dumps(value).encode()
                    answer.headers["Content-Type"] = "application/json"
                    answer.raw = urllib3.HTTPResponse(headers={"Content-Type": "application/json"})
                    answer.request = requests.Request(operation.method, "http://127.0.0.1/").prepare()
                    try:
                        conforms = theirs.is_valid_response(answer)
                    except Exception as error:  # noqa: BLE001 -- whatever the other side raises is its verdict on the schema
                        unusable[f"{file.name} {operation} {key}: {type(error).__name__}"] += 1
                        continue
                    given = Response(
                        status_code=status,
                        headers=HeaderFields({"Content-Type": "application/json"}),
                        content=json.dumps(value).encode(),
                    )
                    ours = [
                        found for found in check.mismatches(operation, given, Redactor()) if found.severity == "fail"
                    ]
                    ours = [found for found in ours if "header field" not in found.message]
                    yield f"{operation}", key, kind, not ours, conforms


def _written_path(operation: Operation) -> str:
    return operation.node.pointer[1]


def main() -> None:
    """Read the command line, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=40, help="disagreements to print")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    counts: Counter[tuple[str, bool, bool]] = Counter()
    differing: list[str] = []
    unusable: Counter[str] = Counter()
    pairs: set[tuple[str, str, str]] = set()
    for file in arguments.files:
        for operation, status, kind, ours, theirs in verdicts(file, unusable):
            counts[kind, ours, theirs] += 1
            pairs.add((file.name, operation, status))
            if ours != theirs:
                sides = "we accept, schemathesis refuses" if ours else "we refuse, schemathesis accepts"
                differing.append(f"{file.name} {operation} {status} [{kind}]: {sides}")
    total = sum(counts.values())
    print(f"{len(pairs)} responses, {total} answers, {total - len(differing)} agreements, {len(differing)} differences")
    for kind in sorted({kind for kind, _, _ in counts}):
        numbers = {(ours, theirs): counts[kind, ours, theirs] for ours in (True, False) for theirs in (True, False)}
        print(
            f"  {kind:10} both accept {numbers[True, True]:4}  both refuse {numbers[False, False]:4}  "
            f"only we accept {numbers[True, False]:3}  only schemathesis accepts {numbers[False, True]:3}"
        )
    print(f"not judged by schemathesis: {sum(unusable.values())} answers to {len(unusable)} responses")
    print(*unusable, sep="\n")
    print(*differing[: arguments.limit], sep="\n")


if __name__ == "__main__":
    main()
