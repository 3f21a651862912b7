"""Where a command's text goes: standard output and standard error, or a file. The one place in ``cli/`` that writes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.secret import SafeText


def say(text: SafeText) -> None:
    """Write a text to standard output at once. Raises: ``ConfigError`` where that cannot be done, as on a full disk."""
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:  # who reads it has read enough
        _give_up_output()
        raise
    except OSError as error:
        _give_up_output()
        raise ConfigError(f"standard output cannot be written: {error.strerror or error}") from error


def warn(text: SafeText) -> None:
    """Write a text to standard error."""
    _write(sys.stderr, text)


def _write(stream: TextIO | None, text: SafeText) -> None:
    if stream is None:  # the shell closed it: >&-
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:  # LC_ALL=C, or a terminal with few characters
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))
    stream.flush()


def _give_up_output() -> None:
    """What is still in the buffer goes nowhere, or the interpreter would complain about it when it ends."""
    with open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), sys.stdout.fileno())


def write_output(file: Path | None, text: SafeText) -> None:
    """Write a command's result to a file, or to standard output. Raises: ``ConfigError`` where that cannot be done."""
    if file is None:
        say(text)
        return
    from pytest_endpoint_docs.files import write_safe_text

    try:
        write_safe_text(file, text)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror or error}") from error
