"""The requests of a doc's items, as a run sends them and as drift sees them, before variables are filled in."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.drift import static
from pytest_endpoint_docs.errors import CaseSkipped, DocError
from pytest_endpoint_docs.loading.documented import DocumentedRequest, documented_requests, plan_of, refuse_findings
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.body import DocBody, RequestTemplate
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.openapi.descriptions import Descriptions


def sent_by_run(doc: EndpointDoc) -> dict[str, RequestTemplate]:
    """The subject of the plan of every item that can run, by its id in ``Cases`` or its place among the requests."""
    found = {}
    for case in cases_of(doc):
        try:
            refuse_findings(case, doc.body)
            subject = plan_of(case, doc.body).subject.step
        except (DocError, CaseSkipped):
            continue
        found[case.outline.case_id or str(subject.location)] = subject.request
    return found


def seen_by_drift(
    doc: EndpointDoc, descriptions: Descriptions, monkeypatch: pytest.MonkeyPatch
) -> dict[str, RequestTemplate]:
    """What drift takes for the request of every item, by the same names."""
    seen: list[DocumentedRequest] = []

    def watched(body: DocBody) -> list[DocumentedRequest]:
        seen.extend(documented_requests(body))
        return seen

    monkeypatch.setattr(static, "documented_requests", watched)
    static.find_drift([doc], descriptions)
    return {
        one.step.id if one.step.phase == "case" else str(one.step.location): one.step.request
        for one in seen
        if one.role == "subject"
    }
