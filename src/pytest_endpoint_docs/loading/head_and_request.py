"""Whether the requests of a doc are those that its head speaks of: its own endpoint, and the outcome given there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_endpoint_docs.loading.documented import line_of_part
from pytest_endpoint_docs.model.body import MainRequest, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Endpoint, Finding, Severity
from pytest_endpoint_docs.words import late

_VARIABLE = late(r"\{\{.*?\}\}|\{[^{}]*\}")


def with_expected_outcome(main: MainRequest, doc: EndpointDoc) -> MainRequest:
    """The main request, its documented status ``expectedOutcome`` where the last step expects none of its own."""
    if not doc.expected_outcome or not main.steps or main.steps[-1].expect.statuses:
        return main
    *earlier, last = main.steps
    expect = replace(last.expect, statuses=doc.expected_outcome, status_location=doc.line_of("expectedOutcome"))
    return replace(main, steps=(*earlier, replace(last, expect=expect)))


def contradicted_outcome(main: MainRequest, doc: EndpointDoc) -> Iterator[Finding]:
    """A warning where ``expectedOutcome`` and ``expect.status`` contradict each other."""
    explicit = {code for step in main.steps for code in step.expect.statuses}
    if doc.expected_outcome and explicit and not explicit & set(doc.expected_outcome):
        yield Finding(
            code="contradicting-outcome",
            message=f"`expectedOutcome` says {_codes(doc.expected_outcome)}, `expect.status` "
            f"{_codes(sorted(explicit))}; `expect.status` decides.",
            location=doc.line_of("expectedOutcome"),
            severity=Severity.WARNING,
        )


def other_endpoint(main: MainRequest, doc: EndpointDoc, case_id: str | None) -> Iterator[Finding]:
    """An error where none of the requests is the one that the doc is about.

    A known issue at ``/path`` says that it is meant so.
    """
    if not main.steps or not doc.endpoint.method or any(_is_endpoint(step, doc.endpoint) for step in main.steps):
        return
    if any(issue.path == "/path" for issue in doc.known_issues):
        return
    step = main.steps[-1]
    yield Finding(
        code="other-endpoint",
        message=f"this request is {step.request.method} {step.request.path}, and the doc is about {doc.endpoint}: "
        "send that one, or correct `endpoint`. If it is meant so, list {path: /path, reason: ...} in `knownIssues`.",
        location=line_of_part(step, "/path"),
        case_id=case_id,
    )


def _is_endpoint(step: Step, endpoint: Endpoint) -> bool:
    """Whether a request is for an endpoint; one of the two paths may have a base path before it."""
    written = step.request.path.partition("?")[0]
    if not step.request.method or not written.startswith("/"):
        # What cannot be read is told already; what starts with a variable can be any path.
        return True
    if step.request.method != endpoint.method:
        return False
    if written == endpoint.path:
        return True
    sent, documented = written.strip("/").split("/"), endpoint.path.strip("/").split("/")
    shorter = min(len(sent), len(documented))
    pairs = list(zip(sent[-shorter:], documented[-shorter:], strict=True))
    alike = all(_may_be(one, other) for one, other in pairs)
    named = len(sent) == len(documented) or any(one == other for one, other in pairs)
    return alike and named


def _may_be(sent: str, documented: str) -> bool:
    """Whether a segment of a path may be that of another path; a variable may be anything."""
    if sent == documented:
        return True
    if "{" not in documented:
        return "{" in sent and bool(_VARIABLE.search(sent))
    literal = "\0".join(map(re.escape, _VARIABLE.split(documented))).replace("\0", ".+")
    return bool(_VARIABLE.search(sent)) or bool(re.fullmatch(literal, sent))


def _codes(codes: Iterable[int]) -> str:
    return ", ".join(str(code) for code in codes)
