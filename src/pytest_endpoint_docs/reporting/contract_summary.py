"""What a run found between docs, descriptions and answers that failed nothing; and how the negatives went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord
from pytest_endpoint_docs.pointers import without_indices
from pytest_endpoint_docs.words import and_more, capped, count, first_line, listed

_FROM_DESCRIPTIONS = {"openapi-request": "request", "openapi": "answer"}


def render_drift_summary(items: Sequence[ItemRecord], *, most: int | None = None) -> list[str]:
    """One line for each difference that only warned, at the doc's line, with its place in the description below.

    The same difference in several items of a doc, or in several members of a list, is told once. ``most`` bounds how
    many are told; empty where there is none.
    """
    told: dict[tuple[str, ...], bool] = {}
    for item in items:
        for found in item.mismatches:
            of_description = found.check in _FROM_DESCRIPTIONS and found.kind not in ("unread", "unjudged")
            if found.severity == "warn" and of_description and not found.known:
                lines = tuple(_lines(item, found))
                told[lines] = told.get(lines, False) or not found.step
    unread = [*_unread(items, most), *_unjudged(items)]
    if not told:
        return unread
    shown = sorted(told)[:most]
    text = [f"{count(len(told), 'difference')} from the OpenAPI descriptions, {_consequence(told.values())}:"]
    text += [line for entry in shown for line in entry]
    if len(shown) < len(told):
        text.append(f"{and_more(len(told) - len(shown))}; -v shows all")
    return text + unread


def _consequence(of_tested: Collection[bool]) -> str:
    """What differences do, by whether they are about tested requests."""
    if not any(of_tested):
        if len(of_tested) > 1:
            return "reported as warnings because they are not about tested requests"
        return "reported as a warning because it is not about a tested request"
    if all(of_tested):
        return f"which {'warns, and fails' if len(of_tested) == 1 else 'warn, and fail'} with --endpoint-strict"
    return "which warn; those about tested requests fail with --endpoint-strict"


def _unread(items: Sequence[ItemRecord], most: int | None) -> Iterator[str]:
    """One line for all that was checked in part, because a ``$ref`` could not be followed; below, each reason once."""
    sources: dict[str, str] = {}
    places: set[tuple[str, str, str]] = set()
    for item in items:
        for found in item.mismatches:
            if found.kind == "unread":
                sources[found.source or found.message] = found.message
                places.add((item.nodeid, found.step, found.check))
    if not places:
        return
    counts = Counter(_FROM_DESCRIPTIONS[check] for _, _, check in places)
    checked = " and ".join(count(counts[about], about) for about in ("answer", "request") if counts[about])
    were = "was" if len(places) == 1 else "were"
    yield (
        f"{count(len(sources), 'reference')} of the OpenAPI descriptions could not be followed, so that {checked} "
        f"{were} checked in part:"
    )
    reasons = sorted(set(sources.values()))
    yield from capped([f"    {reason}" for reason in reasons], 3 if most is not None else None, indent="    ")


def _unjudged(items: Sequence[ItemRecord]) -> Iterator[str]:
    """One line for the answers that have a schema and no content that is read."""
    found = [(item.nodeid, one) for item in items for one in item.mismatches if one.kind == "unjudged"]
    answers = {(nodeid, one.step) for nodeid, one in found}
    if answers:
        whose = "its schema" if len(answers) == 1 else "their schemas"
        media_types = sorted({str(one.actual) for _, one in found})
        verb = "was" if len(answers) == 1 else "were"
        yield f"{count(len(answers), 'answer')} {verb} not checked against {whose}: {listed(media_types, 5)}"


def known_differences(items: Sequence[ItemRecord]) -> list[str]:
    """One line for each difference that is known or accepted, at the doc's line, with what is known of it.

    Members of a list differ in the same way, and the first one stands for all.
    """
    found: dict[tuple[str, str, str], str] = {}
    for item in items:
        for one in item.mismatches:
            if one.known:
                place = _place(item, one)
                key = (place, without_indices(one.pointer), one.message)
                found.setdefault(key, f"{place}: {one.headline} [{one.known}]")
    return sorted(found.values())


def render_known_title(differences: int) -> str:
    """How many differences are known or accepted, and what they do."""
    return f"{count(differences, 'known difference')}, which {'does' if differences == 1 else 'do'} not fail the run"


def render_known(items: Sequence[ItemRecord], *, most: int | None = None) -> Iterator[str]:
    """How many differences are known or accepted, and which; nothing where there is none."""
    found = known_differences(items)
    if found:
        yield f"{render_known_title(len(found))}:"
        yield from capped([f"  {line}" for line in found], most, indent="  ", hint=" (-v shows all)")


def warned(items: Sequence[ItemRecord]) -> tuple[tuple[ItemRecord, MismatchRecord], ...]:
    """What only warned although a check found it: duties of the endpoints, by their level or the environment's word."""
    return tuple(
        (item, found)
        for item in items
        for found in item.mismatches
        if found.severity == "warn" and not found.known and found.check not in _FROM_DESCRIPTIONS
    )


def render_warned(items: Sequence[ItemRecord], *, most: int | None = None) -> tuple[str, list[str]] | None:
    """A headline, and one line for each violation that only warned; ``None`` where there is none."""
    found = [f"  {_place(item, one)}: {first_line(one.message)}" for item, one in warned(items)]
    if not found:
        return None
    them = "a warning" if len(found) == 1 else "warnings"
    return f"{count(len(found), 'violation')}, reported as {them} only:", capped(found, most, indent="  ")


def _place(item: ItemRecord, found: MismatchRecord) -> str:
    return found.location or f"{item.doc}:{item.line}"


def render_negatives(items: Sequence[ItemRecord]) -> Iterator[str]:
    """One line that counts the items that were derived from docs; nothing where there are none."""
    counts: Counter[str] = Counter(item.outcome for item in items if item.kind == "negative")
    total = sum(counts.values())
    if not total:
        return
    told = [("passed", "refused as expected"), ("failed", "failed"), ("error", "with errors"), ("skipped", "skipped")]
    numbers = ", ".join(f"{counts[outcome]:,} {words}" for outcome, words in told if counts[outcome])
    yield f"{count(total, 'negative case')}: {numbers}"


def render_left_out(items: Sequence[ItemRecord]) -> Iterator[str]:
    """Which negative cases were not derived, and why; nothing where that is none."""
    told = [
        f"  {item.doc}:{item.line}: {name}: {why}"
        for item in items
        if isinstance(left_out := item.extra.get("negatives_left_out"), dict)
        for name, why in left_out.items()
    ]
    if told:
        yield f"{count(len(told), 'negative case')} not derived:"
        yield from told


def _lines(item: ItemRecord, found: MismatchRecord) -> Iterator[str]:
    # Members of a list differ in the same way.
    pointer = without_indices(found.pointer)
    about = _FROM_DESCRIPTIONS[found.check]
    place = f"{pointer} " if pointer.startswith("/") and about == "answer" else ""
    yield f"{_place(item, found)}: {about}: {place}{found.message}"
    if found.source:
        yield f"    {found.source}"
