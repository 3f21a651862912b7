"""Further items that follow from a doc: token variants, requests that must be refused, OAuth checks, walk-throughs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.manual.manual_mode import sends_code
from pytest_endpoint_docs.model.case import RUN, ContractCase
from pytest_endpoint_docs.model.doc import CaseOutline
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import late

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.oauth.checks.check import Check
    from pytest_endpoint_docs.openapi.descriptions import Descriptions
    from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators
    from pytest_endpoint_docs.plugin.options import Options

_SUFFIX = late(r"\[(?P<suffix>[^\[\]]*)\]$")


@value_class
class FurtherCases:
    """Makes the cases that the options ask for out of those that a doc has.

    ``validators`` are the compiled schemas of the ``descriptions``; ``known_environment`` gives what is known of the
    target, which ``starts_sandbox`` or not; ``why_nobody`` says why nobody can be asked at the terminal, if so;
    ``checks`` are those of the endpoints of a consent.
    """

    options: Options
    descriptions: Callable[[], Descriptions | None]
    validators: Callable[[], SchemaValidators | None]
    known_environment: Callable[[], Environment | None]
    starts_sandbox: bool
    why_nobody: Callable[[], str]
    checks: Callable[[], Sequence[Check]]

    def __call__(self, cases: list[ContractCase], by_consent: bool) -> list[ContractCase]:
        """The cases, with token variants in the place of main items, and negatives at the end.

        ``by_consent``: a consent makes the first one run, so that the endpoints of the consent can be checked too.
        """
        if by_consent:
            cases = [*cases, *_oauth_checks(cases[0], self.checks)]
        if self.options.manual == "attended":
            from pytest_endpoint_docs.manual.attended_run import with_walkthrough

            cases = [with_walkthrough(case, self.why_nobody) for case in cases]
        cases, negatives = self._with_negatives(cases)
        if self.options.tokens == "all":
            cases = [variant for case in cases for variant in _token_variants(case)]
        return [*cases, *negatives]

    def _with_negatives(self, cases: Iterable[ContractCase]) -> tuple[list[ContractCase], list[ContractCase]]:
        """The cases, each with what was not derived from it and why, and the negatives that were."""
        taken = {case.name for case in cases}
        kept, negatives = [], []
        for case in cases:
            if not self._wants_negatives(case):
                kept.append(case)
                continue
            from pytest_endpoint_docs.openapi.negatives import derive_negatives

            descriptions = self.descriptions()
            operation = descriptions.of_doc(case.doc) if descriptions else None
            suffix = _SUFFIX.search(case.name)
            known = self.known_environment()
            default = known.default_token if known else None
            tokens = self._usable_tokens(known)
            found = derive_negatives(
                case,
                case.doc.body,
                operation,
                tokens=tokens,
                default_token=default,
                validators=self.validators(),
            )
            kept.append(replace(case, outline=replace(case.outline, left_out=found.left_out)))
            for derived in found.cases:
                name = _free(derived.id + (suffix[0] if suffix else ""), taken)
                taken.add(name)
                outline = CaseOutline(
                    name=name,
                    location=derived.location,
                    request_index=case.outline.request_index,
                    tags=derived.tags,
                    negative=derived,
                )
                negatives.append(replace(case, outline=outline))
        return kept, negatives

    def _usable_tokens(self, known: Environment | None) -> tuple[str, ...]:
        """The token kinds of the target that have a value; the sandbox gives them all one when it starts."""
        kinds = known.tokens.values() if known else ()
        return tuple(kind.name for kind in kinds if kind.value or self.starts_sandbox)

    def _wants_negatives(self, case: ContractCase) -> bool:
        """Whether the doc, else the option, asks for them; a request that costs a consent has checks of its own."""
        wanted = case.doc.negative if case.doc.negative is not None else self.options.negative
        return wanted and case.outline.kind == "main" and case.disposition.action == "run" and not case.is_manual


def _oauth_checks(case: ContractCase, checks: Callable[[], Sequence[Check]]) -> list[ContractCase]:
    """The items of all checks, for the main case of a doc whose request exchanges an authorization code."""
    if not sends_code(case.doc.body):
        return []
    outlines = (CaseOutline(name=check.name, location=case.location, check=check.id) for check in checks())
    return [replace(case, outline=outline, disposition=RUN) for outline in outlines]


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


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
