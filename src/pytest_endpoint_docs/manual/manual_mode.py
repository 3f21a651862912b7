"""Docs that need a person: which of them a consent can run, and how the others are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pytest_endpoint_docs.errors import CaseSkipped, DocError
from pytest_endpoint_docs.loading.documented import plan_of
from pytest_endpoint_docs.model.body import DocBody, RequestTemplate
from pytest_endpoint_docs.model.case import RUN, ContractCase, Disposition
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.template import OF_A_CONSENT, references

_OF_A_CODE = {"oauth.code", "oauth.code_verifier", "oauth.state"}
NEEDS_A_PERSON = "needs a person, by its Manual Testing Procedure"
NEEDS_A_CONSENT = "needs a login and a consent in a browser"


def with_manual_mode(case: ContractCase, mode: str) -> ContractCase:
    """The case as it is in this mode: one that lacks only what a consent gives runs where a consent can be had."""
    case = _without_request(case)
    disposition = case.disposition
    if mode == "skip":
        return _without_consent(case)
    if disposition.action != "skip" or disposition.cause != "manual":
        return case
    if not lacks_only_a_code(case.doc.body):
        return case
    return replace(case, disposition=RUN)


def mode_for(case: ContractCase) -> Literal["automated", "attended", ""]:
    """The mode that runs a doc which needs a person; empty where it has neither a consent nor a procedure to go by."""
    body = case.doc.body
    if lacks_only_a_code(body):
        return "automated"
    return "attended" if body.procedure else ""


def _without_request(case: ContractCase) -> ContractCase:
    """A doc that needs a person and has no request is not a broken one: nobody but the person can run it."""
    if not case.is_manual or case.disposition.action != "run":
        return case
    body = case.doc.body
    if not body.procedure or any(main.steps for main in body.requests):
        return case
    return _skipped(case, NEEDS_A_PERSON)


def _without_consent(case: ContractCase) -> ContractCase:
    """Where nobody consents, nothing is known of a doc that needs a person for it, whatever its status says."""
    if not case.is_manual or case.disposition.action not in ("run", "xfail") or not _needs_consent(case):
        return case
    return _skipped(case, NEEDS_A_CONSENT)


def _skipped(case: ContractCase, reason: str) -> ContractCase:
    location = case.doc.line_of("tags")
    return replace(case, disposition=Disposition(action="skip", reason=reason, cause="manual", location=location))


def lacks_only_a_code(body: DocBody) -> bool:
    """Whether what the doc lacks is an authorization code: a row for the redirect of a consent, or ``{{oauth...}}``."""
    if not any(main.steps for main in body.requests):
        return False
    if any(row.kind == "authorization" for row in body.resolutions):
        return True
    steps = (*body.prerequisites, *(step for main in body.requests for step in main.steps))
    return any(name.startswith(OF_A_CONSENT) for step in steps for name in _names(step.request))


def asks_for_code(case: ContractCase) -> bool:
    """Whether the case's own requests take an authorization code, so that somebody has to consent for it."""
    return not _OF_A_CODE.isdisjoint(_names_sent(case))


def _needs_consent(case: ContractCase) -> bool:
    """Whether the case's own requests take anything that only a consent gives."""
    sent = _names_sent(case)
    rows = {row.field for row in case.doc.body.resolutions if row.kind == "authorization"}
    return not rows.isdisjoint(sent) or any(name.startswith(OF_A_CONSENT) for name in sent)


def _names_sent(case: ContractCase) -> set[str]:
    """The variables of the case's own requests; none where they cannot be told."""
    try:
        plan = plan_of(case, case.doc.body)
    except (DocError, CaseSkipped):
        return set()
    return {name for request in plan.steps for name in _names(request.step.request)}


def _names(request: RequestTemplate) -> set[str]:
    written: list[JSONValue] = [request.path, dict(request.params), [*request.headers.values()], request.body]
    return {reference.name for reference in references(written)}


def sends_code(body: DocBody) -> bool:
    """Whether the doc's request exchanges an authorization code (RFC 6749 section 4.1.3)."""
    sent = (main.subject.request.body for main in body.requests if main.subject)
    return any(isinstance(body, dict) and body.get("grant_type") == "authorization_code" for body in sent)
