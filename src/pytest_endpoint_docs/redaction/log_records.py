"""Log records of this process without secrets, whoever logs: urllib3 writes whole target URIs."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytest_endpoint_docs.redaction.redactor import Redactor


@contextmanager
def redacted_logs(redactor: Redactor) -> Iterator[None]:
    """Take secrets out of every log record: of its message, its traceback and its stack.

    A record without a secret stays as it is; in one with a secret, the finished text replaces what it was made from.
    """
    made = logging.getLogRecordFactory()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = made(*args, **kwargs)
        if record.exc_info and record.exc_info[0] is not None:
            told = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            shown = redactor.text(told)
            if shown != told:
                record.exc_info, record.exc_text = None, shown
        if record.stack_info:
            record.stack_info = redactor.text(record.stack_info)
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # its arguments do not fit: the handler says so, and shows them
            record.msg = redactor.text(str(record.msg))
            shown_arguments = (one if isinstance(one, str) else repr(one) for one in _arguments(record.args))
            record.args = redactor.lines(shown_arguments)
            return record
        shown = redactor.captured(message)
        if shown != message:
            record.msg, record.args = shown, ()
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        if logging.getLogRecordFactory() is make:
            logging.setLogRecordFactory(made)


def _arguments(given: object) -> tuple[object, ...]:
    return given if isinstance(given, tuple) else (given,)
