"""Where a command's text goes: standard output and standard error, or a file. The one place in ``cli/`` that writes."""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.secret import SafeText


def say(text: SafeText) -> None:
    """Write a text to standard output at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def warn(text: SafeText) -> None:
    """Write a text to standard error."""
    sys.stderr.write(text)


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
