"""What pytest shows of reports and exceptions, without secrets: what own tests raise, print and say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from pytest_endpoint_docs.redaction.redactor import Redactor


def redact_subtest(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take secrets out of what a subtest's report has beside that of its item: its description, and its own output."""
    report.sections = _sections(report, redactor)
    context: Any = getattr(report, "context", None)
    given = getattr(context, "kwargs", None) or {}
    shown = {name: _shown(value, redactor) for name, value in given.items()}
    # Its class is frozen, and would write each value once more as Python's.
    for name, value in {"msg": _shown(getattr(context, "msg", None), redactor), "kwargs": shown}.items():
        if hasattr(context, name):
            object.__setattr__(context, name, value)


def without_secrets(named: tuple[str, object], redactor: Redactor) -> tuple[str, object]:
    """A property as it may be shown; the same where it says the same: reports share it."""
    name, value = _shown(named[0], redactor), _shown(named[1], redactor)
    return named if (name, value) == tuple(named) else (str(name), value)


def _shown(value: object, redactor: Redactor) -> object:
    """The value itself, unless its text holds a secret."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    told = str(value)
    shown = redactor.text(told)
    return value if shown == told else shown


def redact_report(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take secrets out of what a report shows."""
    if report.sections:
        report.sections = _sections(report, redactor)
    shown: Any = report.longrepr
    if isinstance(shown, tuple):
        report.longrepr = (shown[0], shown[1], redactor.text(str(shown[2])))
    elif shown is not None:
        text = str(shown)
        redacted = redactor.text(text)
        if redacted != text:
            report.longrepr = redacted


def _sections(report: pytest.TestReport, redactor: Redactor) -> list[tuple[str, str]]:
    return [(redactor.text(name), redactor.captured(content)) for name, content in report.sections]


def redact_error(error: BaseException, redactor: Redactor) -> None:
    """Take secrets out of an exception itself: tools that make reports of their own read it.

    One that cannot be changed stays as it is; pytest's own text of it is redacted with the report.
    """
    args, attributes, notes = error.args, dict(vars(error)), getattr(error, "__notes__", None) or []
    texts = [value for value in (*args, *attributes.values(), *notes) if isinstance(value, str)]
    shown = dict(zip(texts, redactor.lines(texts), strict=True))
    if all(shown[text] == text for text in shown):
        return
    with suppress(AttributeError, TypeError):
        error.args = tuple(shown[value] if isinstance(value, str) else value for value in args)
    for name, value in attributes.items():
        if isinstance(value, str) and shown[value] != value:
            with suppress(AttributeError, TypeError):
                setattr(error, name, shown[value])
    notes[:] = [shown[note] if isinstance(note, str) else note for note in notes]


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, those that led to it, and those that it groups, each once."""
    seen: dict[int, BaseException] = {}
    open_: list[BaseException | None] = [error]
    while open_:
        found = open_.pop()
        if found is not None and id(found) not in seen:
            seen[id(found)] = found
            open_ += [found.__cause__, found.__context__, *getattr(found, "exceptions", ())]
            yield found
