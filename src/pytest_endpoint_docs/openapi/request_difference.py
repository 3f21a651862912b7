"""One difference between a request and the operation that describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from pytest_endpoint_docs.model.source import MismatchKind
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import split_pointer
from pytest_endpoint_docs.redaction.redactor import Redactor

Part = Literal["body", "query", "headers", "path"]

# The name of the drift that a schema's problem with a body is, and what is wrong by the name of a drift.
_BODY_DRIFT: Mapping[MismatchKind, str] = {
    "missing": "body-property-missing",
    "undescribed": "body-property-unknown",
    "unexpected": "read-only-sent",
    "type": "wrong-type",
    "enum": "enum",
    "format": "format",
    "constraint": "constraint",
}
_KINDS: Mapping[str, MismatchKind] = {
    **{drift: kind for kind, drift in _BODY_DRIFT.items()},
    "parameter-missing": "missing",
    "header-missing": "missing",
    "body-missing": "missing",
    "parameter-unknown": "undescribed",
    "body-undescribed": "undescribed",
    "content-type": "media-type",
    "trailing-slash": "operation",
}


class _Problem(Protocol):
    """What a schema says of a value: a ``SchemaProblem``."""

    @property
    def kind(self) -> MismatchKind: ...
    @property
    def text(self) -> str: ...
    @property
    def pointer(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def source(self) -> str: ...
    def actual_at(self, pointer: str, redactor: Redactor) -> str: ...


@value_class
class RequestDifference:
    """One difference between a request and its operation.

    ``part`` and ``pointer`` say where: ``/body/...``, ``/query/name``, ``/headers/name``, ``/path/name``.
    ``drift`` is the name of the drift.
    """

    drift: str
    part: Part
    pointer: str
    message: str
    expected: str
    actual: str
    source: str

    @property
    def kind(self) -> MismatchKind:
        """What is wrong, in whatever part it is."""
        return _KINDS.get(self.drift, "other")


def difference_of(problem: _Problem, *, part: Part, prefix: str, subject: str, redactor: Redactor) -> RequestDifference:
    """What a schema says of a value, as a difference; ``prefix`` is the pointer of the value, ``subject`` its name."""
    place = f"{prefix}{problem.pointer}"
    actual = problem.actual_at(place, redactor)
    return RequestDifference(
        drift="parameter-missing" if problem.kind == "missing" and part != "body" else _BODY_DRIFT[problem.kind],
        part=part,
        pointer=place,
        message=f"{subject} {problem.text}",
        expected=problem.expected,
        actual=redactor.header(split_pointer(prefix)[-1], actual) if part == "headers" else actual,
        source=problem.source,
    )


def body_difference(
    drift: str, message: str, expected: str, actual: str, source: str, pointer: str = ""
) -> RequestDifference:
    """A difference of a body; ``pointer`` is the place in it."""
    return RequestDifference(
        drift=drift,
        part="body",
        pointer=f"/body{pointer}",
        message=message,
        expected=expected,
        actual=actual,
        source=source,
    )
