"""What keeps an item that was derived from a doc from running on an environment; never what its doc says."""

from __future__ import annotations

from pytest_endpoint_docs.environment import NO_CREDENTIALS
from pytest_endpoint_docs.errors import CaseSkipped
from pytest_endpoint_docs.model import ContractCase, Environment


def refuse_variant(case: ContractCase, environment: Environment) -> None:
    """Raise ``CaseSkipped`` for a negative where nothing may be written, and for a token kind without a value."""
    kind = case.outline.token
    if case.outline.negative is not None and not environment.writes:
        file = environment.file or f"environment {environment.name!r}"
        raise CaseSkipped(
            f"a negative may change what it should not: 'writes: true' in {file} allows it",
            location=case.location,
            cause="environment",
        )
    if kind is None or kind == NO_CREDENTIALS:
        return
    known = environment.tokens.get(kind)
    if known is None or not known.value:
        raise CaseSkipped(
            f"environment {environment.name!r} has no value for token kind {kind!r}",
            location=case.location,
            cause="environment",
        )
