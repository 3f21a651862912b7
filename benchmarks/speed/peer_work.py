"""The same work for the other tools, each in the way that its own documentation shows.

Functions return the files of one project, path to text. JSON is written where a tool reads YAML, which holds it.
"""

from __future__ import annotations

import json

from speed.work import SCHEMA, paths

_TAVERN_TEST = """\
---
test_name: GET {path}
stages:
  - name: read
    request:
      method: GET
      url: {base_url}{path}
    response:
      status_code: 200
      verify_response_with:
        function: item_schema:validate
"""

_TAVERN_FUNCTION = """\
import json
from pathlib import Path

import jsonschema

SCHEMA = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def validate(response):
    VALIDATOR.validate(response.json())
"""

_JAVASCRIPT_TEST = """\
const schema = {schema};
test("status and schema", function () {{
  expect(res.getStatus()).to.equal(200);
  expect(res.getBody()).to.have.jsonSchema(schema);
}});
"""

_POSTMAN_TEST = """\
const schema = {schema};
pm.test("status and schema", () => {{
  pm.response.to.have.status(200);
  pm.response.to.have.jsonSchema(schema);
}});
"""


def tavern(count: int, base_url: str) -> dict[str, str]:
    """One YAML file with a test a case; the schema is checked by a function, with a reused validator."""
    tests = (_TAVERN_TEST.format(path=path, base_url=base_url) for path in paths(count))
    return {
        "pytest.ini": "[pytest]\n",
        "conftest.py": "",
        "item_schema.py": _TAVERN_FUNCTION,
        "schema.json": json.dumps(SCHEMA),
        "test_items.tavern.yaml": "".join(tests),
    }


def schemathesis(count: int, base_url: str) -> dict[str, str]:
    """An OpenAPI description with an operation a case."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
    operation = {"get": {"responses": {"200": {"description": "The item", "content": content}}}}
    description = {
        "openapi": "3.1.0",
        "info": {"title": "Items", "version": "1"},
        "servers": [{"url": base_url}],
        "paths": dict.fromkeys(paths(count), operation),
        "components": {"schemas": {"Item": SCHEMA}},
    }
    return {"openapi.json": json.dumps(description), "schemathesis.toml": f'base-url = "{base_url}"\n'}


def step_ci(count: int, base_url: str) -> dict[str, str]:
    """A workflow with a test a case."""
    check = {"status": 200, "schema": {"$ref": "#/components/schemas/Item"}}
    tests = {
        f"item_{number}": {
            "steps": [{"name": "read", "http": {"url": base_url + path, "method": "GET", "check": check}}]
        }
        for number, path in enumerate(paths(count), start=1)
    }
    workflow = {"version": "1.1", "name": "Items", "components": {"schemas": {"Item": SCHEMA}}, "tests": tests}
    return {"workflow.yml": json.dumps(workflow)}


def newman(count: int, base_url: str) -> dict[str, str]:
    """A Postman collection with a request a case, and the test written once for all of them."""
    script = _POSTMAN_TEST.format(schema=json.dumps(SCHEMA)).splitlines()
    collection = {
        "info": {"name": "Items", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": script}}],
        "item": [{"name": path, "request": {"method": "GET", "url": base_url + path}} for path in paths(count)],
    }
    return {"collection.json": json.dumps(collection)}


def bruno(count: int, base_url: str) -> dict[str, str]:
    """A collection with a file a case, and the test written once for all of them."""
    test = _JAVASCRIPT_TEST.format(schema=json.dumps(SCHEMA))
    files = {
        "bruno.json": json.dumps({"version": "1", "name": "items", "type": "collection"}),
        "collection.bru": "tests {\n" + "".join(f"  {line}\n" for line in test.splitlines()) + "}\n",
    }
    for number, path in enumerate(paths(count), start=1):
        files[f"item_{number}.bru"] = (
            f"meta {{\n  name: {path}\n  type: http\n  seq: {number}\n}}\n\n"
            f"get {{\n  url: {base_url}{path}\n  body: none\n  auth: none\n}}\n"
        )
    return files
