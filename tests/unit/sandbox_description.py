"""The sandbox's OpenAPI description, as something that answers can be held against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from sandbox_flow import Flow
from werkzeug.test import TestResponse

FILE = Path(__file__).parents[2] / "fixtures" / "openapi" / "sandbox.yaml"
METHODS = ("get", "post", "put", "patch", "delete")


class Description:
    def __init__(self) -> None:
        self.content: dict[str, Any] = yaml.load(FILE.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        resource = Resource(contents=self.content, specification=DRAFT202012)
        self.registry = Registry().with_resource("urn:sandbox", resource)

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, item in self.content["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def find(self, method: str, target: str) -> tuple[str, dict[str, Any]]:
        path = re.sub(r"^/(api2|partners-api)(?=/)", "", urlsplit(target).path)
        # A path without parameters comes before one with (OpenAPI, Paths Object).
        for template in sorted(self.content["paths"], key=lambda path: path.count("{")):
            operation = self.content["paths"][template].get(method.lower())
            if operation and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path):
                return template, operation
        raise AssertionError(f"not described: {method} {path}")

    def check(self, method: str, target: str, answer: TestResponse) -> None:
        """The status code, the header fields and the body are as described."""
        template, operation = self.find(method, target)
        where = f"{method} {template} {answer.status_code}"
        response = operation["responses"].get(str(answer.status_code))
        assert response, f"{where}: not described; body: {answer.text}"
        path = template.replace("~", "~0").replace("/", "~1")
        pointer = f"/paths/{path}/{method.lower()}/responses/{answer.status_code}"
        if "$ref" in response:
            pointer = response["$ref"].removeprefix("#")
            response = self.content["components"]["responses"][pointer.rpartition("/")[2]]
        for name, header in response.get("headers", {}).items():
            if "$ref" in header:
                header = self.content["components"]["headers"][header["$ref"].rpartition("/")[2]]
            assert name in answer.headers or not header.get("required"), f"{where}: no header field {name}"
        content = response.get("content")
        if content is None:
            assert answer.status_code in (204, 301, 302, 304, 307), where
        elif "*/*" not in content:
            assert answer.mimetype in content, f"{where}: {answer.mimetype}"
            if answer.mimetype == "application/json":
                schema = {"$ref": f"urn:sandbox#{quote(pointer)}/content/application~1json/schema"}
                validator = Draft202012Validator(schema, registry=self.registry, format_checker=FormatChecker())
                errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.json)]
                assert not errors, f"{where}: {errors}"


class DescribedFlow(Flow):
    def __init__(self, description: Description, **settings: Any) -> None:
        super().__init__(**settings)
        self.description = description

    def call(self, method: str, path: str, kind: str | None = "staff", **kwargs: Any) -> TestResponse:
        answer = super().call(method, path, kind, **kwargs)
        self.description.check(method, path, answer)
        return answer

    def made(self, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
        answer = self.call("POST", path, json=body)
        assert answer.status_code == status, answer.text
        data: dict[str, Any] = answer.json["data"]
        return data


def only_error(answer: TestResponse) -> dict[str, Any]:
    (error,) = answer.json["errors"]
    return dict(error)
