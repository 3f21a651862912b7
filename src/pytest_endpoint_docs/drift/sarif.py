"""Drift as SARIF 2.1.0 (OASIS), for code scanning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from pytest_endpoint_docs.drift.causes import DriftCause, drift_causes
from pytest_endpoint_docs.drift.drift_finding import DRIFT_KINDS, DriftFinding
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "SRCROOT"


def render_drift_sarif(findings: Sequence[DriftFinding], *, version: str) -> str:
    """One run with a rule for each kind (3.49) and a result for each finding (3.27).

    ``version`` is this package's. Paths are relative to ``SRCROOT``; a fingerprint makes a result the same one
    when lines move.
    """
    kinds = list(DRIFT_KINDS)
    cause_of = {finding.fingerprint: cause for cause in drift_causes(findings) for finding in cause.findings}
    driver: dict[str, JSONValue] = {
        "name": "endpoint-docs",
        "version": version,
        "rules": [
            {
                "id": kind,
                "shortDescription": {"text": title},
                "defaultConfiguration": {"level": severity},
            }
            for kind, (severity, title) in DRIFT_KINDS.items()
        ],
    }
    run: dict[str, JSONValue] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, kinds.index(finding.kind), cause_of[finding.fingerprint]) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(finding: DriftFinding, rule: int, cause: DriftCause) -> dict[str, JSONValue]:
    details = f" ({finding.values})" if finding.values else ""
    verdict = f" {finding.verdict[:1].upper()}{finding.verdict[1:]}." if finding.verdict else ""
    properties: dict[str, JSONValue] = {
        "operation": finding.operation,
        "pointer": finding.pointer,
        "cause": {"id": cause.id, "message": cause.message, "docs": list(cause.docs), "to_mend": cause.to_mend},
    }
    documented = _physical(finding.location)
    related: list[JSONValue] = []
    if finding.source:
        name, _, pointer = finding.source.partition("#")
        properties["description"] = finding.source
        described: dict[str, JSONValue] = {
            "physicalLocation": _physical(finding.described_at)
            if finding.described_at is not None
            else {"artifactLocation": _artifact(name)},
            "logicalLocations": [{"fullyQualifiedName": pointer or "/", "kind": "member"}],
            "message": {"text": f"described at #{pointer}"},
        }
        related = [described]
        if _is_to_be_mended_there(finding, cause):
            documented, related = (
                _physical(finding.described_at or finding.location),
                [{"physicalLocation": documented, "message": {"text": "documented here"}}, described],
            )
    return {
        "ruleId": finding.kind,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": f"{finding.message}{details}.{verdict}"},
        "locations": [{"physicalLocation": documented}],
        "relatedLocations": related,
        "partialFingerprints": {"endpointDocsDrift/v1": finding.fingerprint},
        "properties": properties,
    }


def _is_to_be_mended_there(finding: DriftFinding, cause: DriftCause) -> bool:
    """Whether it is the description that is to be mended: the result then stands at its line."""
    return finding.described_at is not None and (finding.alone == "description" or bool(cause.to_mend))


def _physical(location: SourceLocation) -> dict[str, JSONValue]:
    return {"artifactLocation": _artifact(location.path), "region": {"startLine": max(1, location.line)}}


def _artifact(path: str) -> dict[str, JSONValue]:
    uri = quote(path)
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}
