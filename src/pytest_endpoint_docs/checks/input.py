"""What a check is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pytest_endpoint_docs.model import ContractCase, DocBody, Exchange, Mismatch, Response, Step
from pytest_endpoint_docs.redaction import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInput:
    """An answered exchange beside the documentation that it is held against.

    ``step`` is the step that was sent, with its expectation. ``is_subject``: it is the request that the doc is about,
    and not one that runs before, after or instead of it; only there the doc's response schema, examples and
    ``expectedOutcome`` speak.
    """

    case: ContractCase
    body: DocBody
    step: Step
    exchange: Exchange
    redactor: Redactor
    is_subject: bool = True

    @property
    def response(self) -> Response:
        """The answer. Raises: ``ValueError`` where none came: there is nothing to check then."""
        if self.exchange.response is None:
            raise ValueError(f"step {self.step.id!r} got no answer")
        return self.exchange.response

    @property
    def is_success(self) -> bool:
        """Whether the status code is of the class 2xx (RFC 9110 section 15.3)."""
        return 200 <= self.response.status_code < 300


Check: TypeAlias = Callable[[CheckInput], Sequence[Mismatch]]
