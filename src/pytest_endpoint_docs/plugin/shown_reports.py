"""What pytest shows of reports and exceptions, without secrets: what own tests raise, print and say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from pytest_endpoint_docs.redaction.redactor import Redactor

# What built-in exceptions say beside their arguments: OSError, SyntaxError, ImportError.
_MEMBERS = ("strerror", "filename", "filename2", "msg", "text", "path")


def redact_subtest(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take secrets out of what a subtest's report has beside that of its item: its description, and its own output."""
    report.sections = _sections(report, redactor)
    context: Any = getattr(report, "context", None)
    given = getattr(context, "kwargs", None) or {}
    told, *values = redactor.values([getattr(context, "msg", None), *given.values()])
    # Its class is frozen, and would write each value once more as Python's.
    for name, value in {"msg": told, "kwargs": dict(zip(given, values, strict=True))}.items():
        if hasattr(context, name):
            object.__setattr__(context, name, value)


def without_secrets(named: Sequence[tuple[str, object]], redactor: Redactor) -> list[tuple[str, object]]:
    """Properties as they may be shown; each the same where it says the same: reports share it."""
    shown = redactor.values([part for each in named for part in each])
    pairs = zip(named, shown[::2], shown[1::2], strict=True)
    return [each if (name, value) == tuple(each) else (str(name), value) for each, name, value in pairs]


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


def redact_output(kept: list[tuple[str, str, str]], redactor: Redactor) -> None:
    """Take secrets out of the output that pytest keeps for an item's reports."""
    kept[:] = [(when, name, redactor.captured(content)) for when, name, content in kept]


def redact_errors(error: BaseException, redactor: Redactor) -> None:
    """Take secrets out of an exception, those that led to it, and those that it groups."""
    for each in _chain(error):
        redact_error(each, redactor)


def redact_error(error: BaseException, redactor: Redactor) -> None:
    """Take secrets out of an exception itself: tools that make reports of their own read it.

    One that cannot be changed stays as it is; pytest's own text of it is redacted with the report.
    """
    notes = getattr(error, "__notes__", None) or []
    notes[:] = redactor.values(notes)
    args = tuple(redactor.values(error.args))
    if args != error.args:
        with suppress(AttributeError, TypeError):
            error.args = args
    members = {name: getattr(error, name, None) for name in _MEMBERS} | vars(error)
    texts = {name: value for name, value in members.items() if isinstance(value, str)}
    for name, shown in zip(texts, redactor.lines(texts.values()), strict=True):
        if shown != texts[name]:
            with suppress(AttributeError, TypeError):
                setattr(error, name, shown)
    told = _told(error)
    if (words := redactor.text(told)) != told:
        _speak(error, words)


def _told(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - pytest tells it with the report
        return ""


def redact_traceback(shown: object, redactor: Redactor) -> None:
    """Take secrets out of what pytest made of an exception that ends the run: its frames, what they got and hold."""
    told = str(shown)
    if (words := redactor.text(told)) != told:
        _change(shown, {"toterminal": lambda _, writer: writer.line(words)})


def _speak(error: BaseException, words: str) -> None:
    """Have an exception say these words, whatever else it is made of; the built-in ones say what they say."""
    _change(error, {"__str__": lambda _: words, "__repr__": lambda _: words})


def _change(value: object, says: Mapping[str, Callable[..., object]]) -> None:
    made: Any = type(value)
    members = {"__slots__": (), "__module__": made.__module__, **says}
    with suppress(AttributeError, TypeError):
        object.__setattr__(value, "__class__", type(made)(made.__name__, (made,), members))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, those that led to it, and those that it groups, each once."""
    seen: dict[int, BaseException] = {}
    open_: list[BaseException | None] = [error]
    while open_:
        found = open_.pop()
        if found is not None and id(found) not in seen:
            seen[id(found)] = found
            open_ += [found.__cause__, found.__context__, *getattr(found, "exceptions", ())]
            yield found
