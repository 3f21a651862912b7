"""The words that messages share: counts, ages, kinds, near names, values and lists cut to what a reader needs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, AnyStr


class _Late(partial[Any]):
    """Becomes what it stands for method by method, each when it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(self(), name)
        setattr(self, name, found)
        return found


if TYPE_CHECKING:

    def late(pattern: AnyStr, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[AnyStr]:
        """A regular expression that few runs need, compiled when one does: hundreds take longer than a short run."""

else:
    late = partial(_Late, re.compile)


# Control characters but tab and line feed, and those that turn the direction of writing.
_STEERING = late("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Spaces of other widths, or of none, and marks of byte order.
_HIDDEN = late("[\u00a0\u00ad\u180e\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff\ufffe]")


def visible(text: str) -> str:
    """The text, each character in it that steers a terminal, or has no UTF-8 form, as an escape such as ``\\x1b``."""
    if text.isprintable():
        return text
    return _STEERING.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "\\r" if match[0] == "\r" else f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def hidden_in(text: str) -> str:
    """The characters that no editor shows, or shows as a plain space: ``U+200B, U+00A0``; empty without any."""
    if text.isascii():
        return ""
    found = dict.fromkeys(_HIDDEN.findall(text))
    return ", ".join(f"U+{ord(char):04X}" for char in found)


def kind_of(value: object) -> str:
    """What a value is, for a message; never the value of a mapping or list itself."""
    match value:
        case None:
            return "empty"
        case bool() | int() | float():
            return str(value).lower()
        case str():
            return f'the text "{value}"'
        case list() | tuple():
            return "a list"
        case _:
            return "a mapping"


def count(number: int, noun: str) -> str:
    """``1 doc``, ``1,234 docs``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def render_days(age_days: float) -> str:
    """How long something took or lies back: ``12 days``, ``1 day``, ``5 hours``, ``less than an hour``."""
    if age_days >= 1:
        return count(int(age_days), "day")
    hours = int(age_days * 24)
    return count(hours, "hour") if hours >= 1 else "less than an hour"


def first_line(told: object) -> str:
    """The first line of a text, of an error's for example; empty if it has none."""
    return str(told).partition("\n")[0]


def cut(text: str, longest: int) -> str:
    """The text, or its beginning with a note of how much is left out: ``begin… (120 more characters)``."""
    return text if len(text) <= longest else f"{text[:longest]}… ({count(len(text) - longest, 'more character')})"


def cut_line(text: str, width: int) -> str:
    """The text, or its beginning with an ellipsis; never wider than ``width``."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def cut_lines(text: str, *, most: int, width: int) -> list[str]:
    """The lines of a text, at most so many, each at most so wide; what is left out is counted."""
    lines = text.splitlines()
    shown = [cut_line(line, width) for line in lines[:most]]
    return shown if len(lines) <= most else [*shown, f"… ({count(len(lines) - most, 'more line')})"]


def and_more(left: int) -> str:
    """The last line of a list that is cut: ``... and 1,234 more``."""
    return f"... and {left:,} more"


def capped(lines: Sequence[str], most: int | None, *, indent: str = "", hint: str = "") -> list[str]:
    """The lines, or the first ``most`` of them with ``... and 12 more`` and a hint below."""
    if most is None or len(lines) <= most:
        return list(lines)
    return [*lines[:most], f"{indent}{and_more(len(lines) - most)}{hint}"]


def listed(names: Iterable[str], most: int) -> str:
    """``a, b, c``, or the first ``most`` of them: ``a, b and 12 more``."""
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return f"{', '.join(every[:most])}{more}"


def near_names(name: str, known: Iterable[str], *, most: int, cutoff: float = 0.6) -> tuple[str, ...]:
    """The known names that look like ``name``, the nearest first, compared without case and separators.

    ``cutoff`` is how like they must be, from 0 to 1, by the ratio of :mod:`difflib`.
    """
    by_form: dict[str, list[str]] = {}
    for candidate in sorted(known):
        by_form.setdefault(folded(candidate), []).append(candidate)
    forms = difflib.get_close_matches(folded(name), by_form, n=most, cutoff=cutoff)
    return tuple(candidate for form in forms for candidate in by_form[form])[:most]


def near(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known name that looks most like ``name``, or ``None``."""
    return next(iter(near_names(name, known, most=1, cutoff=cutoff)), None)


def did_you_mean(name: str, known: Collection[str]) -> str:
    """`` Did you mean "x"?`` or, where nothing is near, `` Known: a, b.``, to be put after a sentence."""
    nearest = near(name, known)
    return f' Did you mean "{nearest}"?' if nearest else f" Known: {', '.join(sorted(known))}."


def or_known(name: str, known: Collection[str]) -> str:
    """The end of a message: ``; did you mean 'x'?`` where a known name is near, else ``; known are a, b``."""
    return or_near(name, known, otherwise=f"; known are {', '.join(sorted(known))}" if known else "")


def or_near(
    name: str,
    known: Iterable[str],
    *,
    otherwise: str = "",
    shown: Callable[[str], str] = repr,
    cutoff: float = 0.6,
) -> str:
    """The end of a message: ``; did you mean 'x'?`` where a known name is near, else ``otherwise``.

    ``shown`` writes that name as the person would have to.
    """
    nearest = near(name, known, cutoff=cutoff)
    return f"; did you mean {shown(nearest)}?" if nearest else otherwise


def folded(name: str) -> str:
    """A name without case and separators: ``createdAt`` and ``created_at`` are one."""
    return re.sub(r"[\W_]+", "", name).casefold()
