"""A server that is not there, for as long as a test needs it not to be."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def refusing_port(number: int = 0) -> Iterator[int]:
    """A port of 127.0.0.1 (``number``, or any) that refuses connections.

    It is taken and nobody listens. A port that is merely free may be given to a server of another test at any moment.
    """
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", number))
        port: int = taken.getsockname()[1]
        yield port
