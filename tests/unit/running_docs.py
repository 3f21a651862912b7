"""Docs from text, and what is needed to run them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

from pytest_endpoint_docs.checks.standard import standard_checks
from pytest_endpoint_docs.execution.case_execution import CaseExecution
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.execution.requirements import RequirementStore
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.loading.doc_index import DocIndex
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.body import DocBody, Step
from pytest_endpoint_docs.model.case import CaseResult, ContractCase
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.environment import Environment, TokenKind
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import METHODS
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.variables.builtin import UniqueClock

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def environment(url: str, **changes: Any) -> Environment:
    """An environment whose every method is allowed, with a staff and an admin token."""
    values: dict[str, Any] = {
        "name": "test",
        "file": None,
        "base_url": url,
        "writes": True,
        "deletes": True,
        "timeout_s": 10.0,
        "default_token": "staff",
        "tokens": {
            "staff": TokenKind(name="staff", value=Secret("STAFF_TOKEN", "staff-secret-1")),
            "admin": TokenKind(name="admin", value=Secret("ADMIN_TOKEN", "admin-secret-1"), auth="Admin {token}"),
        },
        "params": {"client_id": "cli_1", "business_id": "biz_1"},
    }
    return Environment(**(values | changes))


def endpoint_of(markdown: str, otherwise: str) -> str:
    """``METHOD /path`` of the last request of a doc's request section, ``otherwise`` where it has none."""
    sections = re.findall(r"(?ms)^## (?:Test Request|Request Template)$(.*?)(?=^## |\Z)", markdown)
    methods = re.findall(r'\bmethod"?: "?([A-Za-z]+)', "".join(sections))
    paths = re.findall(r"""\bpath"?: ["']?(/(?:\{\{.*?\}\}|\{\w+\}|[^\s"',}?])*)""", "".join(sections))
    is_known = bool(methods and paths) and methods[-1].upper() in METHODS
    return f"{methods[-1].upper()} {paths[-1]}" if is_known else otherwise


def write_doc(folder: Path, text: str, *, name: str = "doc.md") -> EndpointDoc:
    """A doc from text, as it is loaded."""
    file = folder / name
    file.write_text(dedent(text).lstrip(), encoding="utf-8")
    doc = load_doc(file, display_path=name)
    assert doc is not None
    return doc


def case_of(doc: EndpointDoc, name: str | None = None) -> ContractCase:
    """The case of a doc with that name, or its first."""
    return next(case for case in cases_of(doc) if name in (None, case.name))


def run_context(
    where: Environment, docs: list[EndpointDoc], *, sleep: Callable[[float], None] = lambda _: None, **changes: Any
) -> RunContext:
    """A context with a fixed clock and seed; ``sleep`` returns at once."""

    def clock() -> datetime:
        return NOW

    return RunContext(
        environment=where,
        client=changes.pop("client", None) or HttpClient(where, clock=clock, sleep=sleep),
        index=lambda: DocIndex(docs),
        redactor=changes.pop("redactor", None) or Redactor(where.secrets),
        clock=clock,
        seed="seed",
        unique=UniqueClock(clock),
        sleep=sleep,
        checks=changes.pop("checks", standard_checks()),
        requirements=changes.pop("requirements", None) or RequirementStore(CaseExecution),
        **changes,
    )


def run_case(case: ContractCase, context: RunContext) -> CaseResult:
    """A case, run to its end."""
    return CaseExecution(case, context).run()


def only_step(body: DocBody) -> Step:
    """The one step of the one main request."""
    (main,) = body.requests
    (step,) = main.steps
    return step


def found(body: DocBody) -> list[tuple[str, str, int]]:
    """Code, severity and line of each finding of a body."""
    return [(finding.code, finding.severity.value, finding.location.line) for finding in body.findings]
