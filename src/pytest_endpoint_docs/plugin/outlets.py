"""Where words of this plugin reach people by way of pytest: its terminal, usage errors, skips.

Nobody else calls what pytest has for them, and a text that is not known to be safe has the wrong type here.
"""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.model.secret import SafeText


def tell(reporter: pytest.TerminalReporter, line: SafeText, **markup: bool) -> None:
    """Write a line of the terminal."""
    reporter.write_line(line, **markup)


def begin_section(reporter: pytest.TerminalReporter, title: SafeText, **markup: bool) -> None:
    """Begin a section of the terminal."""
    reporter.write_sep("=", title, **markup)


def usage_error(message: SafeText) -> pytest.UsageError:
    """What ends a run with exit code 4, to be raised."""
    return pytest.UsageError(message)


def skipped(reason: SafeText) -> BaseException:
    """What skips the test that runs, to be raised."""
    return pytest.skip.Exception(reason)


def failed(reason: SafeText) -> BaseException:
    """What fails the test that runs, without the way through this package; to be raised."""
    return pytest.fail.Exception(reason, pytrace=False)


def skip_mark(reason: SafeText) -> pytest.MarkDecorator:
    """The mark of an item that does not run."""
    return pytest.mark.skip(reason=reason)
