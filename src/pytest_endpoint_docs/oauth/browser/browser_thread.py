"""The thread that owns the browser: it needs an event loop of its own, and the caller may be inside another one."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_END_LIMIT_S = 12.0


class BrowserThread:
    """An event loop in a daemon thread. :meth:`run` may be called from any thread, also inside a running event loop."""

    def __init__(self, *, at_end: Callable[[], Awaitable[None]]) -> None:
        self._at_end = at_end
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def run(self, work: Coroutine[Any, Any, T], *, limit_s: float) -> T:
        """Run to the end and return the result; whatever interrupts the caller (Ctrl-C) cancels the work first.

        Raises: ``TimeoutError`` after ``limit_s`` seconds, and whatever ``work`` raises.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._started())
        try:
            return future.result(limit_s)
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Run ``at_end`` on the loop, then end the thread. Closing twice is fine."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        atexit.unregister(self.close)
        ending = asyncio.run_coroutine_threadsafe(self._end(), loop)
        try:
            ending.result(_END_LIMIT_S)
        except TimeoutError:
            ending.cancel()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_END_LIMIT_S)

    async def _end(self) -> None:
        await self._at_end()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_serve, args=(self._loop,), name="endpoint-docs-browser", daemon=True
                )
                self._thread.start()
                # A run that ends without close() (os.abort apart) must not leave a browser behind.
                atexit.register(self.close)
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
