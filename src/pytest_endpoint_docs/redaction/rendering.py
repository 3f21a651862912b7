"""Safe texts that are not about an exchange, or are made of safe ones: nothing is looked for in them again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar, overload

from pytest_endpoint_docs.model.secret import SafeRecord, SafeText
from pytest_endpoint_docs.words import cut, visible

_Record = TypeVar("_Record", bound=SafeRecord)
_Kind = TypeVar("_Kind")


@overload
def public(text: str) -> SafeText: ...
@overload
def public(text: None) -> None: ...
def public(text: str | None) -> SafeText | None:
    """A text of the project's files or of this package, whose readers may know it: only what steers a terminal changes.

    Never for what a server said, or a request sent. ``None`` stays ``None``.
    """
    if text is None or text.isprintable():
        return text  # type: ignore[return-value]  # to call SafeText takes longer than to look, and each item has many
    return SafeText(visible(text))


def joined(*texts: SafeText) -> SafeText:
    """Safe texts, one after the other."""
    return SafeText("".join(texts))


def shortened(text: SafeText, longest: int) -> SafeText:
    """A safe text cut to so many characters; it says how many are left out."""
    return SafeText(cut(text, longest))


def rendered(render: Callable[[_Record], str], record: _Record) -> SafeText:
    """The text that is made of a record alone."""
    return SafeText(render(record))


def rendered_lines(render: Callable[[_Record], Iterable[str]], record: _Record) -> tuple[SafeText, ...]:
    """The lines that are made of a record alone; what steers a terminal, as in the name of a file, is escaped."""
    return tuple(map(public, render(record)))


def rendered_kinds(
    render: Callable[[_Record], Iterable[tuple[_Kind, str]]], record: _Record
) -> tuple[tuple[_Kind, SafeText], ...]:
    """As :func:`rendered_lines`, each line with its kind."""
    return tuple((kind, public(line)) for kind, line in render(record))
