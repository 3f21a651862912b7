"""What keeps cases from being tested, in a row: after too many, the others are not tried."""

from __future__ import annotations

from pytest_endpoint_docs.errors import CaseSkipped
from pytest_endpoint_docs.http.targets import server_of
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.source import Obstacle, ObstacleKind
from pytest_endpoint_docs.words import count


class Obstacles:
    """Counts the cases of a process that met the same obstacle; ``most`` of them are tried, ``None``: all.

    An answer of a server ends the row of those that it did not answer.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._rows: dict[tuple[ObstacleKind, str], tuple[Obstacle, set[str]]] = {}

    def refuse(self, case: ContractCase, url: str) -> None:
        """Raise ``CaseSkipped`` for a request to a server that too many other cases got no answer from."""
        if self._rows:
            self._raise_if_over(case, "connection", server_of(url))

    def answered(self, url: str) -> None:
        """Note that a server answers."""
        if self._rows:
            self._rows.pop(("connection", server_of(url)), None)

    def meet(self, case: ContractCase, obstacle: Obstacle) -> None:
        """Count a case that met an obstacle; raise ``CaseSkipped`` for one that need not have been tried."""
        if self._most is None:
            return
        # Of one server it is one, whatever went wrong; a variable of one name may lack for several reasons.
        subject = obstacle.subject if obstacle.kind == "connection" else obstacle.message
        self._raise_if_over(case, obstacle.kind, subject)
        _, cases = self._rows.setdefault((obstacle.kind, subject), (obstacle, set()))
        cases.add(case.id)

    def would_refuse(self, case: ContractCase, url: str) -> bool:
        """Whether :meth:`refuse` would raise."""
        return bool(self._rows) and self._is_over(case, "connection", server_of(url))

    def _is_over(self, case: ContractCase, kind: ObstacleKind, subject: str) -> bool:
        _, cases = self._rows.get((kind, subject), (None, frozenset[str]()))
        return self._most is not None and len(cases) >= self._most and case.id not in cases

    def _raise_if_over(self, case: ContractCase, kind: ObstacleKind, subject: str) -> None:
        if self._is_over(case, kind, subject):
            obstacle, cases = self._rows[kind, subject]
            raise CaseSkipped(
                f"not run: {obstacle.title} ({obstacle.message}), tried with {count(len(cases), 'item')}",
                location=case.location,
                cause=kind,
                obstacle=obstacle,
            )
