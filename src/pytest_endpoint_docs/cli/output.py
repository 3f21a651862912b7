"""Where a command's text goes: standard output and standard error, or a file. The one place in ``cli/`` that writes."""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.words import visible


def say(text: str) -> None:
    """Write a text to standard output at once, what steers a terminal as escapes."""
    sys.stdout.write(visible(text))
    sys.stdout.flush()


def warn(text: str) -> None:
    """Write a text to standard error, what steers a terminal as escapes."""
    sys.stderr.write(visible(text))


def write_output(file: Path | None, text: str) -> None:
    """Write a command's result to a file, or to standard output. Raises: ``ConfigError`` where that cannot be done."""
    if file is None:
        say(text)
        return
    from pytest_endpoint_docs.files import write_atomically

    try:
        write_atomically(file, text.encode())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror or error}") from error
