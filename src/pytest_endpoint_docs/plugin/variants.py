"""Further items that follow from a doc's main request: one for each token kind, and those that must be refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model.body import DerivedCase
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.doc import CaseOutline

if TYPE_CHECKING:
    from pytest_endpoint_docs.openapi.operations import Operation
    from pytest_endpoint_docs.plugin.session import EndpointSession

_SUFFIX = re.compile(r"\[(?P<suffix>[^\[\]]*)\]$")


def with_variants(cases: list[ContractCase], session: EndpointSession) -> list[ContractCase]:
    """The cases of a doc, with its token variants in the place of its main items, and its negatives at the end."""
    negatives = list(_negatives(cases, session))
    if session.options.tokens == "all":
        cases = [variant for case in cases for variant in _token_variants(case)]
    return [*cases, *negatives]


def _token_variants(case: ContractCase) -> Iterator[ContractCase]:
    kinds = tuple(dict.fromkeys(case.doc.tokens))
    if case.outline.kind != "main" or case.disposition.action not in ("run", "xfail") or not kinds:
        yield case
        return
    for kind in kinds:
        yield replace(case, outline=replace(case.outline, name=_with_suffix(case.name, kind), token=kind))


def _with_suffix(name: str, kind: str) -> str:
    """``POST /things[kind]``; ``POST /things[first-kind]`` where the name has a suffix already."""
    match = _SUFFIX.search(name)
    return f"{name}[{kind}]" if match is None else f"{name[: match.start()]}[{match['suffix']}-{kind}]"


def _negatives(cases: Iterable[ContractCase], session: EndpointSession) -> Iterator[ContractCase]:
    cases = tuple(cases)
    taken = {case.name for case in cases}
    for case in cases:
        if not _wants_negatives(case, session):
            continue
        match = _SUFFIX.search(case.name)
        for derived in _derived(case, session):
            name = _free(derived.id + (match[0] if match else ""), taken)
            taken.add(name)
            outline = CaseOutline(
                name=name,
                location=derived.location,
                request_index=case.outline.request_index,
                tags=derived.tags,
                negative=derived,
            )
            yield replace(case, outline=outline)


def _wants_negatives(case: ContractCase, session: EndpointSession) -> bool:
    """Whether the doc, else the option, asks for them; a request that costs a person's consent has its own checks."""
    wanted = case.doc.negative if case.doc.negative is not None else session.options.negative
    return wanted and case.outline.kind == "main" and case.disposition.action == "run" and not case.is_manual


def _derived(case: ContractCase, session: EndpointSession) -> tuple[DerivedCase, ...]:
    from pytest_endpoint_docs.openapi.negatives import derive_negatives

    body = case.doc.body
    return derive_negatives(case, body, _operation(case, session), tokens=session.target.usable_tokens)


def _operation(case: ContractCase, session: EndpointSession) -> Operation | None:
    if session.target.descriptions is None:
        return None
    return session.target.descriptions.of_doc(case.doc)


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
