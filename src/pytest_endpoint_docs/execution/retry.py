"""Which requests may be repeated, and when: 429 and 503 with ``Retry-After``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pytest_endpoint_docs.model import Response

IDEMPOTENT = frozenset(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"])
"""Methods that may be repeated by a client on its own (RFC 9110 section 9.2.2)."""

MAX_ATTEMPTS = 3


def wait_before_repeat_s(response: Response, *, max_s: float, clock: Callable[[], datetime]) -> float | None:
    """Seconds to wait until the server asks to be tried again, or ``None`` where it should not be.

    Only 429 (RFC 6585 section 4) and 503 with a ``Retry-After`` in seconds or as an HTTP-date (RFC 9110 section
    10.2.3), of at most ``max_s``.
    """
    if response.status_code not in (429, 503):
        return None
    written = response.headers.get("Retry-After", "").strip()
    wait_s = _seconds(written, clock)
    return wait_s if wait_s is not None and wait_s <= max_s else None


def _seconds(written: str, clock: Callable[[], datetime]) -> float | None:
    if written.isascii() and written.isdigit():
        return float(written)
    try:
        moment = parsedate_to_datetime(written)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - clock()).total_seconds())
