"""Requests of the next items are under way while the current one is reported: waiting is done in parallel.

Only requests leave early, and only those of items that change nothing, one after the other in the order of the run; an
item that may change something, or that somebody else has a say in, holds back all after it. Everything else happens
where it always does: in the item's turn, in the main thread. Where answers come too fast for all that, the next doc is
read while one is waited for.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeGuard

import pytest

from pytest_endpoint_docs.execution.ahead import CaseAhead
from pytest_endpoint_docs.plugin.composition import Composition
from pytest_endpoint_docs.plugin.item_fixtures import HARMLESS, further_fixtures
from pytest_endpoint_docs.plugin.nodes import ContractItem
from pytest_endpoint_docs.plugin.project_hooks import FixtureVariables, HookVariables, ProjectHooks
from pytest_endpoint_docs.plugin.session import RESULT

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.case_execution import CaseExecution
    from pytest_endpoint_docs.execution.context import Client, RunContext
    from pytest_endpoint_docs.http.client import Answer, HttpClient
    from pytest_endpoint_docs.http.under_way import Departure
    from pytest_endpoint_docs.model.case import CaseResult
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.exchange import Request

WINDOW = 32
# Below it, handing requests to other threads costs more than waiting for their answers.
_SLOW_S = 0.0025
# Sending ahead begins when the first three answers are slow, or all but one of the latest ten; it ends when three of
# ten are fast. On a busy machine some answers of a fast server are late, never all; to send ahead costs more there.
_SAMPLES, _LATEST, _MOST_FAST, _ENOUGH_FAST = 3, 10, 1, 3
# However many are fast: where they take so many times as long on average, most of a run is waiting.
_SLOW_ON_AVERAGE = 4
# A longer doc takes more than some milliseconds to read, and fast answers would seem to take as long.
_LONGEST_READ = 4096
# So many times as long, and one answer is enough: no opening of a connection and no warming up takes that.
_SURELY_SLOW = 20

# With one of these, a project or a plugin of its own does something for an item that may have to come first.
_CONCERNING = (
    *("pytest_runtest_protocol", "pytest_runtest_setup", "pytest_runtest_call", "pytest_runtest_teardown"),
    *("pytest_pyfunc_call", "pytest_fixture_setup"),
)
_OURS = (
    *("pytest_endpoint_docs_before_request", "pytest_endpoint_docs_after_response"),
    "pytest_endpoint_docs_variable",
)


class LookAhead:
    """Sends ahead; ``window`` requests are under way at most. ``is_asked``: always, not only while answers are slow.

    Whether they are is known after the first few of them; if the very first one does not come, while it is waited for.
    """

    def __init__(
        self,
        *,
        window: int,
        is_asked: bool,
        client: Callable[[], HttpClient],
        context: Callable[[ContractItem, Client], RunContext],
    ) -> None:
        self._under_way = window
        # So many are made: answers come in bursts, and the places that they leave are taken at once.
        self._window = 2 * window
        self._is_asked = self._is_open = self._is_tried = is_asked
        self._has_read = False
        self._client = client
        self._context = context
        self._pool: ThreadPoolExecutor | None = None
        self._latest: Future[Answer] | None = None
        self._in_pool: list[Future[Answer]] = []
        self._before: pytest.Item | None = None
        self._ahead: dict[pytest.Item, CaseAhead] = {}
        self._left: dict[pytest.Item, Departure] = {}
        self._places: dict[pytest.Item, int] = {}
        self._items: Sequence[pytest.Item] = ()
        self._reached = self._end = 0
        self._with_hooks: dict[Path, bool] = {}
        self._tried: dict[pytest.Item, bool] = {}
        self._took_s: deque[float] = deque(maxlen=_LATEST)
        self._read_s = 0.0

    def take(self, item: pytest.Item) -> CaseExecution | None:
        """The execution of an item whose request is under way; ``None`` for the others, and for a second run."""
        ahead = self._ahead.pop(item, None)
        return ahead.execution if ahead else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Send the item's request and those of the next ones before the item has its turn."""
        if self._before is not None:
            self._leave(self._before)
        self._before = item
        if not self._is_tried and isinstance(item, ContractItem):
            self._is_tried = True
            self._is_open = self._waits_for(item)
        if self._is_open:
            if self._left:
                self._client().look()
            self._fill_window(item, nextitem)
        elif self._took_s and _is_run(item) and _is_run(nextitem):
            self._client().do_meanwhile(partial(self._read, nextitem.case.doc))

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        """Send nothing more; what is under way is safe, and nobody waits for it."""
        self._ahead.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, doc: EndpointDoc) -> None:
        """Read a doc before its turn; what is wrong with it is told then."""
        started = time.monotonic()
        with suppress(Exception):
            if len(doc.text) <= _LONGEST_READ:
                doc.reader.body_of(doc)
        self._read_s = time.monotonic() - started

    def _waits_for(self, item: ContractItem) -> bool:
        """Send the first item's request. Returns: whether its answer lets wait for itself."""
        self._fill([item])
        return self._latest is not None and bool(wait([self._latest], _SURELY_SLOW * _SLOW_S).not_done)

    def _fill_window(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Send the requests of the items that this process runs now and next, as far as it knows them."""
        if hasattr(item.config, "workerinput"):
            # A worker of pytest-xdist has the list of all items, and may get any of them.
            self._fill([item] if nextitem is None else [item, nextitem])
            return
        if not self._places:
            self._places = {each: place for place, each in enumerate(item.session.items)}
        place = self._places.get(item)
        if place is None:
            self._fill([item])
            return
        self._reached = max(self._reached, place)
        self._items, self._end = item.session.items, place + self._window
        self._fill_up()

    def _fill_up(self) -> None:
        # Go on at the first item not tried, or that has to wait: asking for all of them takes as long as sending one.
        self._reached += self._fill(self._items[self._reached : self._end])

    def _fill(self, items: Sequence[pytest.Item]) -> int:
        """Send the requests of items, up to the first one that has to wait. Returns: how many come before that."""
        for before, item in enumerate(items):
            if item not in self._tried and isinstance(item, ContractItem):
                if self._is_full():
                    return before
                if not self._is_concerned(item):
                    self._tried[item] = self._send(item)
            if not self._tried.get(item, False):
                return before
        return len(items)

    def _send(self, item: ContractItem) -> bool:
        """Send an item's first request. Returns: whether the items after it may be sent too."""
        case = item.case
        marks = {mark.name for mark in item.iter_markers()}
        if case.disposition.action in ("skip", "broken") or "skip" in marks:
            return True
        if case.outline.check or "skipif" in marks or "xfail" in marks:
            return False
        try:
            ahead = CaseAhead(case, self._client(), partial(self._context, item))
            outcome = ahead.send_first(partial(self._promise, item))
        except Exception:  # noqa: BLE001 - the item fails with it in its turn, where it is reported
            return False
        if outcome == "sent":
            self._ahead[item] = ahead
        return outcome != "has to wait"

    def _is_concerned(self, item: ContractItem) -> bool:
        """Whether a hook or a fixture of somebody else may have to run before the item's request."""
        folder = item.path.parent
        if folder not in self._with_hooks:
            self._with_hooks[folder] = _has_hooks(item)
        return self._with_hooks[folder] or any(further_fixtures(item))

    def _promise(self, item: pytest.Item, request: Request, documented: Collection[int]) -> Callable[[], Answer]:
        client = self._client()
        departure = client.leave(request)
        if departure is not None:
            self._left[item] = departure

            def answer() -> Answer:
                found = client.arrived(departure, request, documented=documented)
                del self._left[item]
                self._has_read = True
                self._fill_up()  # the next one need not wait until this one is checked and reported
                return found

            return answer
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._under_way, thread_name_prefix="endpoint-docs-ahead")
        self._latest = self._pool.submit(client.send, request, documented=documented)
        self._in_pool.append(self._latest)
        return self._latest.result

    def _is_full(self) -> bool:
        """Whether no more requests can leave; where all need a thread, half as many again wait for one."""
        self._in_pool = [each for each in self._in_pool if not each.done()]
        if not (self._in_pool or self._left):
            return False  # and items that are skipped need no client
        client, most = self._client(), self._under_way
        # What has begun to come is still under way, unless answers come in one piece: the first one that is read tells.
        have_left = client.awaited if self._has_read and client.may_leave else len(self._left)
        return have_left + len(self._in_pool) >= (most if have_left or client.may_leave else most + most // 2)

    def _leave(self, item: pytest.Item) -> None:
        """An item is over: whoever lets go of its result has not done so yet."""
        if not self._is_asked and (result := item.stash.get(RESULT, None)):
            self._measure(result)
        self._ahead.pop(item, None)
        self._tried.pop(item, None)
        if (departure := self._left.pop(item, None)) is not None:
            self._client().forget(departure)  # where something else has skipped it or failed it

    def _measure(self, result: CaseResult) -> None:
        for exchange in result.exchanges:
            if exchange.response is not None:
                self._took_s.append(exchange.response.elapsed_s - self._read_s)
                self._read_s = 0.0
        count, fast = len(self._took_s), sum(map(_SLOW_S.__gt__, self._took_s))
        if count >= _SAMPLES and sum(self._took_s) >= _SLOW_ON_AVERAGE * _SLOW_S * count:
            self._is_open = True
        elif self._is_open:
            self._is_open = fast < _ENOUGH_FAST
        else:
            self._is_open = count >= _SAMPLES and fast <= (_MOST_FAST if count == _LATEST else 0)


def _is_run(item: pytest.Item | None) -> TypeGuard[ContractItem]:
    return isinstance(item, ContractItem) and item.case.disposition.action not in ("skip", "broken")


def look_ahead(parts: Composition) -> LookAhead | None:
    """What sends ahead in this process; ``None`` where nothing is."""
    options = parts.session.options
    # With --setup-only and --setup-plan no item has its turn.
    if options.concurrency == 1 or options.manual != "skip" or parts.config.getoption("setuponly", False):
        return None

    def context(item: ContractItem, client: Client) -> RunContext:
        hooks = ProjectHooks(parts.config, parts.docs.hooks_around, (item, item.case))
        return parts.run_context(hooks, (FixtureVariables({}), HookVariables(hooks)), client)

    return LookAhead(
        window=options.concurrency or WINDOW,
        is_asked=options.concurrency is not None,
        client=lambda: parts.client,
        context=context,
    )


def _has_hooks(item: ContractItem) -> bool:
    """Whether a hook of somebody else may have to run before the requests of items in this folder."""
    ours = _implementations(item.ihook, _OURS, lambda _: True)
    is_of_project = partial(_is_of_project, item.config.rootpath)
    return any(ours) or any(_implementations(item.ihook, _CONCERNING, is_of_project))


def _implementations(relay: Any, hooks: Sequence[str], counts: Callable[[object], bool]) -> Iterator[bool]:
    for name in hooks:
        for implementation in getattr(relay, name).get_hookimpls():
            if counts(implementation.plugin):
                yield True


def _is_of_project(root: Path, plugin: object) -> bool:
    """Whether a plugin is a project's own: a conftest.py, or a module or an object of a file below the root."""
    module = plugin if isinstance(plugin, ModuleType) else sys.modules.get(type(plugin).__module__)
    file = Path(getattr(module, "__file__", None) or "/")
    if module is None or module.__name__.startswith(HARMLESS) or "site-packages" in file.parts:
        return False
    return file.name == "conftest.py" or file.is_relative_to(root)
