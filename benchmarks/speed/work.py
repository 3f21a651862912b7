"""The work that is measured: N cases, each one GET, status 200, and 490 bytes of JSON against a JSON Schema.

Functions return the files of one project, path to text; nothing is written here.
"""

from __future__ import annotations

import json
from typing import Any

DOCS_PER_FOLDER = 100
"""Docs lie in folders by domain; one folder with thousands of files would be a project that nobody has."""

ANSWER_BYTES = 490
_NOTE = (
    "Booked by phone. Comes with a guide dog and asks for the room on the ground floor; pays by invoice. "
    "Please call back the day before, between nine and noon: the last two appointments were moved at short notice, "
    "and the bus is often late, so keep ten minutes free."
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "status", "count", "tags", "owner"],
    "properties": {
        "id": {"type": "string", "pattern": "^itm_[0-9a-f]+$"},
        "name": {"type": "string", "minLength": 1},
        "status": {"enum": ["draft", "active", "closed"]},
        "count": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"type": "string"}},
        "owner": {
            "type": "object",
            "required": ["id", "email"],
            "properties": {"id": {"type": "string"}, "email": {"type": "string"}, "note": {"type": "string"}},
        },
    },
}

_PYTEST_INI = "[pytest]\ntestpaths = {}\n"
_ENVIRONMENT = "base_url: {}\nwrites: false\ndeletes: false\n"

_DOC = """\
---
endpoint: GET {path}
domain: {domain}
tags: [items, smoke]
status: verified
owner: items team
---
# Read item {number}

## Summary

Everything about one item: who owns it, how many there are, and what the desk has to know before the client comes.

## Test Request

```yaml
steps:
  - id: read_item
    description: Read the item as the desk sees it
    method: GET
    path: {path}
    expect:
      status: 200
```

## Response Schema

```json
{schema}
```
"""

_BY_HAND = """\
import json
from pathlib import Path

import jsonschema
import pytest
import requests

SCHEMA = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(scope="session")
def session():
    with requests.Session() as opened:
        yield opened


@pytest.mark.parametrize("path", [f"/items/{{number}}" for number in range(1, {count} + 1)])
def test_get(session, path):
    response = session.get("{base_url}" + path, timeout=30)
    assert response.status_code == 200
    VALIDATOR.validate(response.json())
"""

_BY_HAND_OWN_SCHEMAS = """\
import json
from pathlib import Path

import jsonschema
import pytest
import requests

SCHEMAS = json.loads(Path(__file__).with_name("schemas.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def session():
    with requests.Session() as opened:
        yield opened


@pytest.mark.parametrize("path", list(SCHEMAS))
def test_get(session, path):
    response = session.get("{base_url}" + path, timeout=30)
    assert response.status_code == 200
    jsonschema.Draft202012Validator(SCHEMAS[path]).validate(response.json())
"""

_IDS_ALONE = """\
import pytest


@pytest.mark.parametrize("path", [f"/items/{{number}}" for number in range(1, {count} + 1)])
def test_get(path):
    pass
"""

_SANDBOX_DOC = """\
---
endpoint: GET /platform/v1/clients
domain: clients
status: verified
---
# List clients

## Test Request

```yaml
steps:
  - id: list_clients
    method: GET
    path: /platform/v1/clients
    expect: {status: 200, body: {status: OK}}
```
"""


def answer(*, valid: bool = True) -> str:
    """What the server says to every request; one that is not valid has a text where a number belongs."""
    return json.dumps(
        {
            "id": "itm_27ae41f3a5c8",
            "name": "Consultation, sixty minutes",
            "status": "active",
            "count": 12 if valid else "12",
            "tags": ["first-visit", "ground-floor", "invoice"],
            "owner": {"id": "stf_9b1d", "email": "ines.alvarez@example.com", "note": _NOTE},
        }
    )


def paths(count: int) -> list[str]:
    """What is asked for, one path a case."""
    return [f"/items/{number}" for number in range(1, count + 1)]


def docs(count: int, base_url: str, *, own_schemas: bool = False) -> dict[str, str]:
    """A project of endpoint docs, with its environment ``bench``.

    With ``own_schemas`` no two docs have the same schema, as if each was written for its endpoint alone.
    """
    files = {
        "pytest.ini": _PYTEST_INI.format("endpoints"),
        "fixtures/environments/bench.yaml": _ENVIRONMENT.format(base_url),
    }
    for number, path in enumerate(paths(count), start=1):
        domain = f"domain_{(number - 1) // DOCS_PER_FOLDER:03}"
        written = json.dumps(_schema(path, own=own_schemas), indent=2)
        files[f"endpoints/{domain}/get_items_{number}.md"] = _DOC.format(
            path=path, domain=domain, number=number, schema=written
        )
    return files


def by_hand(count: int, base_url: str, *, own_schemas: bool = False) -> dict[str, str]:
    """The same work as one parametrized test: one session, one validator, or one for each schema."""
    ini = {"pytest.ini": _PYTEST_INI.format("tests")}
    if own_schemas:
        schemas = {path: _schema(path, own=True) for path in paths(count)}
        return ini | {
            "tests/schemas.json": json.dumps(schemas),
            "tests/test_items.py": _BY_HAND_OWN_SCHEMAS.format(base_url=base_url),
        }
    return ini | {
        "tests/schema.json": json.dumps(SCHEMA),
        "tests/test_items.py": _BY_HAND.format(base_url=base_url, count=count),
    }


def ids_alone(count: int) -> dict[str, str]:
    """A parametrized test with as many ids, that needs no library and tests nothing."""
    return {"pytest.ini": _PYTEST_INI.format("tests"), "tests/test_items.py": _IDS_ALONE.format(count=count)}


def no_docs() -> dict[str, str]:
    """A project with one empty test and no endpoint doc."""
    return {"pytest.ini": _PYTEST_INI.format("tests"), "tests/test_nothing.py": "def test_nothing():\n    pass\n"}


def sandbox_doc() -> dict[str, str]:
    """One doc of the embedded sandbox."""
    return {"pytest.ini": _PYTEST_INI.format("endpoints"), "endpoints/clients/get_clients.md": _SANDBOX_DOC}


def _schema(path: str, *, own: bool) -> dict[str, Any]:
    return {"title": f"The item at {path}", **SCHEMA} if own else SCHEMA
