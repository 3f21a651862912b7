"""What an item says about its doc as a whole, told to the process that makes stamps and evidence of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_endpoint_docs.verification.evidence import contract_hash

if TYPE_CHECKING:
    import pytest

    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.plugin.session import EndpointSession

ATTRIBUTE = "endpoint_docs_standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One item as a part of its doc. ``names`` are all of the doc's items, ``name`` is this one's.

    ``live``: a server answered it, or a person went through it. ``by``: who was needed besides the plugin.
    """

    file: str
    doc: str
    endpoint: str
    contract_hash: str
    name: str
    names: tuple[str, ...]
    live: bool
    by: Literal["", "manual", "consent"] = ""
    screenshots: tuple[str, ...] = ()


def _was_answered(result: CaseResult) -> bool:
    return result.sent is not None and result.sent.response is not None


def attach_standing(
    report: pytest.TestReport, case: ContractCase, result: CaseResult | None, session: EndpointSession
) -> None:
    """Put an item's standing on its report, where the end of the run will ask for it."""
    consented = is_consent_run(case, result, session)
    if not (session.options.stamp or consented):
        return
    doc = case.doc
    standing = Standing(
        file=str(doc.file),
        doc=doc.path,
        endpoint=str(doc.endpoint),
        contract_hash=contract_hash(doc.text),
        name=case.name,
        names=session.docs.case_names.get(doc.file, ()),
        live=result is not None and (result.by_hand or _was_answered(result) or bool(case.outline.check)),
        by="manual" if result is not None and result.by_hand else "consent" if consented else "",
        screenshots=_screenshots(case, session) if consented else (),
    )
    # Lists: execnet, which carries xdist's messages, and JSON know no dataclasses.
    setattr(
        report, ATTRIBUTE, asdict(standing) | {"names": list(standing.names), "screenshots": list(standing.screenshots)}
    )


def keeps_exchanges(case: ContractCase, result: CaseResult | None, session: EndpointSession) -> bool:
    """Whether somebody wants the exchanges of an item that passed, too."""
    options = session.options
    return bool(options.results or options.report) or is_consent_run(case, result, session)


def is_consent_run(case: ContractCase, result: CaseResult | None, session: EndpointSession) -> bool:
    """Whether a consent in a browser was a part of the item's run."""
    if result is None or result.by_hand or result.outcome == "skipped" or session.options.manual == "skip":
        return False
    consent = session.consent_so_far
    return consent is not None and (case.is_manual or consent.served(case))


def _screenshots(case: ContractCase, session: EndpointSession) -> tuple[str, ...]:
    consent = session.consent_so_far
    return tuple(str(path) for path in consent.screenshots_of(case)) if consent else ()


def standing_on(report: pytest.TestReport) -> Standing | None:
    """The standing that a report carries, if any."""
    value: dict[str, Any] | None = getattr(report, ATTRIBUTE, None)
    if value is None:
        return None
    return Standing(**(value | {"names": tuple(value["names"]), "screenshots": tuple(value["screenshots"])}))
