"""The official JSON Schema Test Suite: the fast verdict is jsonschema's, on every test that it gives one for.

It lies in the folder that ``JSON_SCHEMA_TEST_SUITE`` names; ``tests/run.py`` fetches it, since tests reach no network.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

from pytest_endpoint_docs.checks.schema_verdicts import compile_verdict

DRAFTS = {
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft4": "http://json-schema.org/draft-04/schema#",
}


SUITE = os.environ.get("JSON_SCHEMA_TEST_SUITE")

pytestmark = pytest.mark.skipif(not SUITE, reason="no suite: set JSON_SCHEMA_TEST_SUITE to its folder")


@pytest.mark.parametrize("draft", DRAFTS)
def test_agreement(draft: str) -> None:
    assert SUITE is not None
    judged, total = 0, 0
    more_in_python: set[str] = set()
    for file, schema, value in _tests(Path(SUITE) / "tests" / draft, DRAFTS[draft]):
        total += 1
        verdict = compile_verdict(schema)
        fits = verdict(value) if verdict else None
        if fits is None:
            continue
        judged += 1
        if fits != _is_explained(schema, value):
            assert not fits, f"{file}: {schema} and {value!r}"
            more_in_python.add(file)
    # Where digits and letters of other scripts are no digits and letters for JSON Schema, but for Python.
    assert more_in_python == {"ecmascript-regex.json"}
    assert judged > 0.75 * total > 500


def _tests(folder: Path, uri: str) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for file in sorted(folder.rglob("*.json")):
        for group in json.loads(file.read_text("utf-8")):
            if isinstance(group["schema"], dict):
                for test in group["tests"]:
                    yield file.name, {"$schema": uri, **group["schema"]}, test["data"]


def _is_explained(schema: dict[str, Any], value: Any) -> bool:
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    checker = validator_class.FORMAT_CHECKER
    return not list(validator_class(schema, registry=REGISTRY, format_checker=checker).iter_errors(value))
