"""The result file: a run's records as JSON, and back (``results.schema.json`` beside this module describes it)."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import read_text, write_safe_text
from pytest_endpoint_docs.json_source import GENERATED, SourceProblem, parse_json
from pytest_endpoint_docs.model.record import (
    ExchangeRecord,
    FindingRecord,
    ItemRecord,
    ManualVerification,
    MismatchRecord,
    ObstacleRecord,
    RunRecord,
)
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.pointers import pointer_of
from pytest_endpoint_docs.redaction.rendering import rendered
from pytest_endpoint_docs.reporting.failure_causes import FailureCause, failure_causes

SCHEMA_VERSION = 1
SCHEMA_ID = "urn:pytest-endpoint-docs:results:1"

_HINT = "write one with: pytest --endpoint-results FILE.json"
_T = TypeVar("_T")


def results_schema() -> dict[str, JSONValue]:
    """The JSON Schema (2020-12) of the result file."""
    text = Path(__file__).with_name("results.schema.json").read_text(encoding="utf-8")
    return cast("dict[str, JSONValue]", json.loads(text))


def write_records(run: RunRecord, path: Path) -> None:
    """Write the result file, in one stroke. Raises: ``ConfigError`` where the place cannot be written to."""
    try:
        write_safe_text(path, rendered(_render, run))
    except OSError as error:
        raise ConfigError(f"{path}: cannot write the result file: {error.strerror or error}") from error


def _render(run: RunRecord) -> str:
    return json.dumps(run_to_json(run), indent=1) + "\n"


def read_records(path: Path) -> RunRecord:
    """Read a result file back.

    Raises: ``ConfigError`` where it is absent, not JSON, of another version, or not a result file.
    """
    if not path.exists():
        raise ConfigError(f"{path}: no such result file; {_HINT}")
    try:
        value = parse_json(read_text(path, GENERATED), GENERATED)
    except SourceProblem as problem:
        if problem.kind == "file":
            raise ConfigError(f"{path}: the result file {problem.message}") from problem
        at = f"{path}:{problem.line}" if problem.line else path
        raise ConfigError(f"{at}: not JSON ({problem.message}), so not a result file; {_HINT}") from problem
    _check(value, path)
    return run_from_json(cast("dict[str, Any]", value))


def run_to_json(run: RunRecord) -> dict[str, JSONValue]:
    """A run as JSON types, with the ``$schema`` that it follows."""
    return {"$schema": SCHEMA_ID, **_plain(run), "causes": [_cause(one) for one in failure_causes(run.items)]}


def _cause(cause: FailureCause) -> dict[str, JSONValue]:
    return {
        "message": cause.text,
        "obstacle": cause.obstacle.kind if cause.obstacle else None,
        "items": [item.nodeid for item in cause.items],
        "not_tried": [item.nodeid for item in cause.not_tried],
    }


def run_from_json(value: dict[str, Any]) -> RunRecord:
    """The inverse of :func:`run_to_json`, unknown keys left aside. Raises: ``TypeError``, ``KeyError``."""
    return _build(
        RunRecord,
        value,
        items=tuple(item_from_json(item) for item in value["items"]),
        findings=tuple(_build(FindingRecord, finding) for finding in value.get("findings", ())),
        left_alone=tuple(value.get("left_alone", ())),
    )


def item_to_json(item: ItemRecord) -> dict[str, JSONValue]:
    """An item as JSON types: what may cross the boundary between an xdist worker and its controller."""
    return _plain(item)


def item_from_json(value: dict[str, Any]) -> ItemRecord:
    """The inverse of :func:`item_to_json`. Unknown keys are left aside. Raises: ``TypeError`` on another shape."""
    evidence, obstacle = value.get("evidence"), value.get("obstacle")
    return _build(
        ItemRecord,
        value,
        tags=tuple(value.get("tags", ())),
        statuses=tuple(value.get("statuses", ())),
        checked=tuple(value.get("checked", ())),
        notes=tuple(value.get("notes", ())),
        mismatches=tuple(_build(MismatchRecord, mismatch) for mismatch in value.get("mismatches", ())),
        findings=tuple(_build(FindingRecord, finding) for finding in value.get("findings", ())),
        exchanges=tuple(_build(ExchangeRecord, exchange) for exchange in value.get("exchanges", ())),
        evidence=_build(ManualVerification, evidence) if evidence else None,
        obstacle=_build(ObstacleRecord, obstacle) if obstacle else None,
    )


def _build(kind: type[_T], value: dict[str, Any], **converted: object) -> _T:
    names: Any = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**({key: item for key, item in value.items() if key in names} | converted))


def _plain(record: Any) -> dict[str, JSONValue]:
    return {name: _json(getattr(record, name)) for name in record.__dataclass_fields__}


def _json(value: Any) -> JSONValue:
    if value is None or isinstance(value, (str, int, float)):
        return value
    # execnet, which carries xdist's messages, keeps tuples apart from lists, and JSON does not.
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if is_dataclass(value):
        return _plain(value)
    return cast("JSONValue", value)


def _check(value: Any, path: Path) -> None:
    if not isinstance(value, dict) or "schema_version" not in value or "items" not in value:
        raise ConfigError(f"{path}: JSON, but not a result file (no schema_version and items); {_HINT}")
    version = value["schema_version"]
    if version != SCHEMA_VERSION:
        advice = "update pytest-endpoint-docs" if isinstance(version, int) and version > SCHEMA_VERSION else _HINT
        raise ConfigError(
            f"{path}: result file of version {version!r}, this release reads version {SCHEMA_VERSION}; {advice}"
        )
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(results_schema()).iter_errors(value))
    if error is not None:
        pointer = pointer_of(error.absolute_path)
        raise ConfigError(f"{path}: not a valid result file: at {pointer or 'the top'}: {error.message[:200]}")
