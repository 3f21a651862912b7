"""Answers that are not plain, as http.client and urllib3 read them, also from a connection that is not theirs."""

from __future__ import annotations

import http.client
import io
import re
import socket
from http import HTTPStatus
from typing import Any

from urllib3 import HTTPHeaderDict, HTTPResponse

from pytest_endpoint_docs.http.deadline import Ending

# A line of a field that goes on in the next one (RFC 9112 section 5.2).
_FOLD = re.compile(r"\r?\n[ \t]+")


class FinalResponse(http.client.HTTPResponse):
    """Reads on where an answer is an interim one: 102, 103 (RFC 9110 section 15.2); http.client knows 100 alone.

    A server may send them without end, as it may any octets: the exchange's deadline ends them.
    """

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            read: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # no public way leads here
            if not HTTPStatus.SWITCHING_PROTOCOLS < read[1] < HTTPStatus.OK:
                return read
            http.client.parse_headers(self.fp)


def urllib3_answer(used: socket.socket, first: bytes, ending: Ending, *, method: str) -> tuple[HTTPResponse, bool]:
    """The answer that begins with ``first``, its content still to be read; and whether its connection stays then.

    Raises: what ``http.client`` and sockets raise.
    """
    response: Any = FinalResponse(_Beginning(used, ending, first), method=method)  # type: ignore[arg-type]
    response.begin()
    will_close = response.will_close
    answer = HTTPResponse(
        body=response,
        headers=HTTPHeaderDict((name, _FOLD.sub(" ", value)) for name, value in response.msg.items()),
        status=response.status,
        version=response.version,
        reason=response.reason,
        preload_content=False,
        decode_content=False,
        original_response=response,
        request_method=method,
    )
    return answer, not will_close


class _Beginning(io.RawIOBase):
    """What came of an answer, then what comes of it until its deadline: what a library takes for a socket."""

    def __init__(self, used: socket.socket, ending: Ending, first: bytes) -> None:
        self._socket = used
        self._ending = ending
        self._first = memoryview(first)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """A file to read from, as a socket gives one."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, or what comes next."""
        if self._first:
            count = min(len(self._first), len(buffer))
            buffer[:count] = self._first[:count]
            self._first = self._first[count:]
            return count
        return self._ending.bound(self._socket).recv_into(buffer)
