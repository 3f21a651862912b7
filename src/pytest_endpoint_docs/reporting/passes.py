"""What passes checked, in words: by the status code alone, or by the content too, and by what of the docs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pytest_endpoint_docs.model.record import COUNTED, ItemRecord
from pytest_endpoint_docs.model.source import CONTENT_PARTS
from pytest_endpoint_docs.words import count

# In the order in which they are told.
_CONTENT = ("values", "schema", "example", "description")


def render_checked(checked: Sequence[str]) -> str:
    """``status, content against schema``, ``status only``; empty where nothing was checked."""
    if not checked:
        return ""
    words = ["status", *(["header fields"] if "headers" in checked else [])]
    content = [part for part in _CONTENT if part in checked]
    if content:
        return f"{', '.join(words)}, content against {' and '.join(content)}"
    if "no-content" in checked:
        return f"{' and '.join(words)}, and no content came"
    return f"{' and '.join(words)} only"


def render_passes(items: Iterable[ItemRecord]) -> Iterator[str]:
    """One line that says how much the passes of a run say; nothing where none was answered.

    Requests that must be refused and checks of OAuth endpoints are not counted: what they check is fixed.
    """
    passed = [item for item in items if item.outcome == "passed" and item.kind in COUNTED and item.checked]
    if not passed:
        return
    by_part: Counter[str] = Counter(part for item in passed for part in item.checked)
    by_content = [item for item in passed if CONTENT_PARTS & {*item.checked}]
    alone = [item for item in passed if item.is_by_status_alone]
    told = []
    if by_content:
        against = ", ".join(f"{part} {by_part[part]:,}" for part in _CONTENT if by_part[part])
        told.append(f"{len(by_content):,} by status and content ({against})")
    if alone:
        told.append(f"{len(alone):,} by status only")
    if len(passed) > len(by_content) + len(alone):
        told.append(f"{len(passed) - len(by_content) - len(alone):,} without content")
    yield f"{count(len(passed), 'item')} passed: {', '.join(told)}"
