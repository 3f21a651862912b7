"""An API of things: its description, a doc for each of its operations, and answers that are as described."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

DESCRIPTION = """\
openapi: 3.1.0
info: {title: Things, version: "1"}
security: [{bearer: []}]
paths:
  /things:
    get:
      parameters:
        - {name: page, in: query, schema: {type: integer}}
      responses:
        "200":
          description: All things.
          headers: {X-Total: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Things"}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewThing"}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
        "422": {description: Refused.}
  /things/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: One thing.
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
        "404": {description: No such thing.}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
  schemas:
    Things: {type: array, items: {$ref: "#/components/schemas/Thing"}}
    Thing:
      type: object
      required: [id, name]
      properties:
        id: {type: string}
        name: {type: string}
        kind: {type: string, enum: [tool, toy]}
        made: {type: string, format: date}
    NewThing:
      type: object
      required: [name]
      properties:
        name: {type: string}
        kind: {type: string, enum: [tool, toy]}
        size: {type: integer}
"""

THING = {"id": "1", "name": "Spade", "kind": "tool"}


def describe(project: Any, description: str = DESCRIPTION, extra: str = "") -> None:
    """Write the description, and name it in the environment; the server answers as described."""
    project.write("openapi/things.yaml", description)
    project.environment(f"openapi: [../../openapi/things.yaml]\n{extra}")
    project.server.on("GET /things", body=[THING], X_Total="1")
    project.server.on("POST /things", status=201, body=THING)
    project.server.on("GET /things/1", body=THING)


def post(
    project: Any, body: str, *, expect: str = "{status: 201}", head: str = "status: verified", name: str = "make"
) -> Any:
    """A doc that makes a thing with this body; the body stands in line 14."""
    steps = f"steps:\n  - id: make\n    method: POST\n    path: /things\n    body: {body}\n    expect: {expect}\n"
    return project.doc(name, f"## Test Request\n\n```yaml\n{steps}```\n", endpoint="POST /things", head=head)


def records(file: Path) -> list[dict[str, Any]]:
    """The items of a result file."""
    items: list[dict[str, Any]] = json.loads(file.read_text())["items"]
    return items


def section(result: Any, title: str) -> list[str]:
    """The lines of a section of pytest's output."""
    lines = [line.rstrip() for line in result.stdout.lines]
    start = next(number for number, line in enumerate(lines) if line.strip("= ") == title and line.startswith("="))
    rest = enumerate(lines[start + 1 :], start=start + 1)
    end = next(number for number, line in rest if line.startswith("=") or re.search(r" in \d+\.\d+s", line))
    return lines[start + 1 : end]
