"""Mismatches in one line, and as the error that they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import ContractFailure

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.body import Step
    from pytest_endpoint_docs.model.source import Mismatch


def failing(mismatches: Sequence[Mismatch]) -> tuple[Mismatch, ...]:
    """The mismatches that fail a case."""
    return tuple(mismatch for mismatch in mismatches if mismatch.severity == "fail")


def verdict_of(mismatches: Sequence[Mismatch]) -> str:
    """The first mismatch in one line, and how many more there are."""
    first, *others = mismatches
    more = f" (and {len(others)} more)" if others else ""
    return f"{line_of(first)}{more}"


def line_of(mismatch: Mismatch) -> str:
    """One mismatch in one line."""
    if mismatch.check in ("status", "header") or not mismatch.expected:
        return mismatch.message
    if mismatch.check == "openapi-request":
        return f"{mismatch.message}: expected {mismatch.expected}, got {mismatch.actual}"
    place = mismatch.pointer or "the body"
    return f"{place} {mismatch.message}: expected {mismatch.expected}, got {mismatch.actual}"


def contract_failure(mismatches: Sequence[Mismatch], step: Step, *, name_step: bool) -> ContractFailure:
    """The failure of a step whose answer is not the documented one."""
    prefix = f"step {step.id}: " if name_step else ""
    location = mismatches[0].location or step.location
    return ContractFailure(prefix + verdict_of(mismatches), location=location, mismatches=mismatches)
