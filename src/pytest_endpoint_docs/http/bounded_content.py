"""An answer of the library, read within its bounds: so many octets, so much time."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import RequestTimeout, ResponseTooLarge
from pytest_endpoint_docs.http.plain_answer import Received
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import count

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

    from pytest_endpoint_docs.http.deadline import Ending, Watched

CONNECT_TIMEOUT_S = 10.0
CHUNK = 65536
"""As many octets as are asked for at once."""


def library_errors() -> tuple[type[Exception], ...]:
    """What urllib3, ``http.client`` and sockets raise; to be asked for when something was raised.

    To import the libraries takes longer than a hundred plain exchanges, which do without them.
    """
    from http.client import HTTPException

    from urllib3.exceptions import HTTPError

    return HTTPError, HTTPException, OSError


def too_late(url: str, timeout_s: float, *, came: int | None = None) -> RequestTimeout:
    """The error for an answer that is not complete in time; ``came`` counts the octets of its content, where known."""
    beginning = "" if came is None else f" ({count(came, 'byte')} came)"
    return RequestTimeout(f"{url}: no complete answer within {timeout_s:g} s{beginning}")


@value_class
class Bounds:
    """What holds for one exchange: the time until its last octet came, and how long its decoded content may be.

    ``shown_url`` is how messages name it.
    """

    shown_url: str = field(repr=False)
    timeout_s: float
    max_bytes: int

    def too_large(self) -> ResponseTooLarge:
        """The error for content that is longer."""
        return ResponseTooLarge(f"the answer of {self.shown_url} is longer than {self.max_bytes} bytes")

    def too_late(self, *, came: int | None = None) -> RequestTimeout:
        """The error for an answer that is not complete in time: see :func:`too_late`."""
        return too_late(self.shown_url, self.timeout_s, came=came)


def read_answer(answer: BaseHTTPResponse, bounds: Bounds, deadline: Ending | Watched) -> Received:
    """An answer of urllib3 with its decoded content; it is closed then. Raises: what :func:`_read_content` raises."""
    content = _read_content(answer, bounds, deadline)
    fields = HeaderFields((name, answer.headers[name]) for name in answer.headers)
    return Received(status=answer.status, reason=answer.reason or "", fields=fields, content=content)


def _read_content(answer: BaseHTTPResponse, bounds: Bounds, deadline: Ending | Watched) -> bytes:
    """The decoded content of an answer.

    Raises: ``RequestTimeout``, ``ResponseTooLarge``; what urllib3, ``http.client`` and sockets raise before the
    deadline. After it, whatever they raise is its doing, and so is an end without an error.
    """
    chunks: list[bytes] = []
    size = 0
    try:
        # read1 returns what is there, so that the bound holds for what came, not for what was asked for.
        while chunk := answer.read1(CHUNK, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > bounds.max_bytes:
                raise bounds.too_large()
            if deadline.is_over:
                break
    except library_errors() as error:
        if not deadline.is_over:
            raise
        raise bounds.too_late(came=size) from error
    finally:
        answer.close()
    if deadline.is_over:
        raise bounds.too_late(came=size)
    return b"".join(chunks)
