"""What items that are over leave behind, and when it is let go of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.plugin.session import CASE, RESULT

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.doc import DocReader


class SpentResults:
    """Lets go of what items that are over have no use for: a run of thousands would hold all of it to its end.

    These are their results with the answers, and the bodies of docs whose items are all over; who asks for such a body
    later has it read again. ``needs_bodies``: they are needed at the end.
    """

    def __init__(self, *, needs_bodies: bool) -> None:
        self._needs_bodies = needs_bodies
        self._before: pytest.Item | None = None
        self._items_left: Counter[DocReader] | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """The item before has been reported, by whoever runs items again and again, too."""
        if self._items_left is None:
            cases = (each.stash.get(CASE, None) for each in item.session.items)
            self._items_left = Counter(case.doc.reader for case in cases if case is not None)
        if self._before is not None:
            self._let_go(self._before, self._items_left)
        self._before = item

    def _let_go(self, item: pytest.Item, items_left: Counter[DocReader]) -> None:
        if RESULT in item.stash:
            del item.stash[RESULT]
        case = item.stash.get(CASE, None)
        if case is None or self._needs_bodies:
            return
        items_left[case.doc.reader] -= 1
        if items_left[case.doc.reader] <= 0:
            case.doc.reader.let_go()
