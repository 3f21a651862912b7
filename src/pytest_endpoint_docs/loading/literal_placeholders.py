"""Placeholders that a doc would send as they stand: variables in other notations, and words for somebody to replace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set

from pytest_endpoint_docs.loading.documented import line_of_part
from pytest_endpoint_docs.loading.instructions import Instructions
from pytest_endpoint_docs.model.body import Change, DerivedCase, DocBody, RequestTemplate, Resolution, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Finding, Severity, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import fits_pattern, pointer_of, split_pointer
from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES
from pytest_endpoint_docs.variables.template import PATH
from pytest_endpoint_docs.words import late

_CODE = "literal-placeholder"
_NAME = r"(?P<name>[A-Za-z_][\w.]*)"
# `{name}`, also with a format (`{name:s}`). `{{name}}` is a variable, `\{name}` an escape.
_BRACES = late(rf"(?<![{{$\\])\{{{_NAME}(?::\w{{1,3}})?\}}(?!\}})")
_DOLLAR = late(rf"(?<!\\)\$\{{{_NAME}(?P<default>:?-[^{{}}]*)?\}}")
_ANGLE = late(rf"<{_NAME}>")
_OF_PATH = late(rf"(?<=/):{_NAME}(?=[/?]|$)")
# Of `${{name}}` the `$` is sent, too. In a longer text it may be a price.
_DOLLAR_TOO = late(r"\$\{\{[^{}]*\}\}")
_TO_REPLACE = late(
    r"<\s*(?i:your|my|insert|enter|replace|put|some|any)\b[^<>\n]*>|<[A-Z][A-Z0-9]*[_ -][A-Z0-9_ -]*>"
    r"|<[a-z][a-z0-9]*(?:_[a-z0-9]+)+>|\bYOUR_[A-Z0-9_]+\b|\b(?:REPLACE|CHANGE)_?ME\b"
)


@value_class
class _Placeholder:
    """A placeholder as written.

    ``name``: what it names, where it may be another notation of a variable. ``is_plain``: it is hardly anything but a
    placeholder, whether something has that name or not. ``is_of_path``: it is ``:name``, the parameter of a path.
    """

    text: str
    name: str = ""
    is_plain: bool = True
    is_of_path: bool = False


@value_class
class _Sent:
    """Parts of a request, and the line of the value at a JSON Pointer into them."""

    parts: Mapping[str, object]
    at: Callable[[str], SourceLocation]
    case_id: str | None = None


def literal_placeholders(doc: EndpointDoc, body: DocBody, instructions: Instructions) -> Iterator[Finding]:
    """What is wrong with the texts that a doc sends: one finding for each.

    An error for the name of a built-in or of a variable that the doc defines, for the parameter of a path, and for what
    the doc says to replace; a warning for what looks like a placeholder.
    """
    to_replace = instructions.named()
    known: set[str] | None = None
    for sent in _all_sent(body, everything=bool(to_replace)):
        for pointer, text in _texts(sent.parts, to_replace):
            is_path = pointer == f"/{PATH}"
            found = tuple(_placeholders(text, is_path=is_path))
            named = sorted(to_replace.intersection(text.split("/") if is_path else [text]))
            if not (found or named) or _is_meant(doc, pointer):
                continue
            location = sent.at(pointer)
            asked = named or [one.text for one in found if instructions.ask_for(one.text, location.line)]
            known = known or _known(body)
            error = named_placeholder(found, known, pointer) or (_asked(asked[0], pointer) if asked else None)
            plain = next((one.text for one in found if one.is_plain), None)
            if error:
                yield Finding(code=_CODE, message=error, location=location, case_id=sent.case_id)
            elif plain:
                yield Finding(
                    code=_CODE,
                    message=_plain(plain),
                    location=location,
                    severity=Severity.WARNING,
                    case_id=sent.case_id,
                )


def refused_placeholder(doc: EndpointDoc, step: Step, defined: Callable[[str], bool]) -> Finding | None:
    """The error for the first placeholder of a step that has the name of a variable, wherever that is defined."""
    for pointer, text in _texts(_parts(step.request)):
        found = tuple(_placeholders(text, is_path=pointer == f"/{PATH}"))
        known = {one.name for one in found if one.name and defined(one.name)}
        error = named_placeholder(found, known, pointer)
        if error and not _is_meant(doc, pointer):
            return Finding(code=_CODE, message=error, location=line_of_part(step, pointer))
    return None


def named_placeholder(found: tuple[_Placeholder, ...], known: Collection[str], pointer: str) -> str | None:
    """The message about the first placeholder that is another notation of a variable."""
    for one in found:
        if one.is_of_path or one.name in known:
            return f"`{one.text}` is sent as it stands: write `{{{{{one.name}}}}}` for the variable.{_way_out(pointer)}"
    return None


def _asked(text: str, pointer: str) -> str:
    return (
        f"`{text}` is sent as it stands, and the doc says to replace it: write a variable (`{{{{name}}}}`) or a value."
        + _way_out(pointer)
    )


def _way_out(pointer: str) -> str:
    return f" If it is meant so, list {{path: {pointer}, reason: ...}} in `knownIssues`."


def _plain(text: str) -> str:
    if text.startswith("${{"):
        return f"of `{text}` the `$` is sent, too: a variable is written `{text[1:]}`."
    return f"`{text}` is sent as it stands: if it is to be replaced, write a variable (`{{{{name}}}}`)."


def _is_meant(doc: EndpointDoc, pointer: str) -> bool:
    return any(fits_pattern(pointer, issue.path) for issue in doc.known_issues)


def _known(body: DocBody) -> set[str]:
    """The built-in variables, and those that a doc defines."""
    steps = (*body.prerequisites, *(step for main in body.requests for step in main.steps))
    extracted = (extract.name for step in steps for extract in step.extracts)
    return {*BUILTIN_NAMES, *(row.field for row in body.resolutions), *extracted}


def _parts(template: RequestTemplate) -> dict[str, object]:
    return {
        PATH: template.path,
        "params": template.params,
        "headers": template.headers,
        "body": template.body,
        "form_fields": template.form_fields,
    }


def _all_sent(body: DocBody, *, everything: bool) -> Iterator[_Sent]:
    """All parts that are sent; without ``everything``, not those of steps in which a look finds no placeholder."""
    steps = list(body.prerequisites)
    for main in body.requests:
        steps += main.steps
    steps += body.cleanup
    for step in steps:
        if everything or _may_send_placeholder(step):
            yield _of_step(step)
    for case in body.cases:
        for step in case.steps:
            if everything or _may_send_placeholder(step):
                yield _of_step(step, case.id)
        yield from (_of_change(change, case) for change in case.changes if change.place)
    for row in body.resolutions:
        yield _of_row(row)


def _may_send_placeholder(step: Step) -> bool:
    """Whether the text of a step has the sign of a placeholder, or an escape that may stand for one."""
    if step.source is None:
        return True
    written = step.source.text
    return "\\" in written or _may_hold_placeholder(written) or _may_hold_placeholder(step.request.path)


def _of_row(row: Resolution) -> _Sent:
    bodies = {"create_body": row.create_body, "source_body": row.source_body}
    return _Sent(parts=bodies, at=lambda _: row.location)


def _of_step(step: Step, case_id: str | None = None) -> _Sent:
    return _Sent(parts=_parts(step.request), at=lambda pointer: line_of_part(step, pointer), case_id=case_id)


def _of_change(change: Change, case: DerivedCase) -> _Sent:
    def at(pointer: str) -> SourceLocation:
        place = change.place + pointer.removeprefix(change.pointer)
        return case.source.at(place) if case.source else case.location

    part, *way = split_pointer(change.pointer) or [""]
    value = change.value
    for key in reversed(way):
        value = {key: value}
    return _Sent(parts={part: value}, at=at, case_id=case.id)


def _may_hold_placeholder(text: str) -> bool:
    """Whether a text has one of the signs that every placeholder has; most texts have none."""
    return "<" in text or "{" in text or "/:" in text or "YOUR_" in text or "REPLACE" in text or "CHANGE" in text


def _texts(parts: Mapping[str, object], to_replace: Set[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """The texts in the parts of a request that may hold a placeholder, with their JSON Pointers: ``/body/email``.

    And those that somebody says are to be replaced, as a whole or as a segment of a path.
    """
    for keys, text in _texts_in(parts.items(), ()):
        if _may_hold_placeholder(text) or (to_replace and not to_replace.isdisjoint((text, *text.split("/")))):
            yield pointer_of(keys), text


def _placeholders(text: str, *, is_path: bool = False) -> Iterator[_Placeholder]:
    """The placeholders of a text. In a path, ``{name}`` is a variable."""
    if is_path:
        for found in _OF_PATH.finditer(text):
            yield _Placeholder(text=found[0], name=found["name"], is_of_path=True)
    else:
        for found in _BRACES.finditer(text):
            yield _Placeholder(text=found[0], name=found["name"])
    for found in _DOLLAR_TOO.finditer(text):
        if is_path or found[0] == text:
            yield _Placeholder(text=found[0])
    for found in _DOLLAR.finditer(text):
        yield _Placeholder(text=found[0], name=found["name"], is_plain=found["default"] is not None)
    plain = {found[0] for found in _TO_REPLACE.finditer(text)}
    for found in (*_TO_REPLACE.finditer(text), *_ANGLE.finditer(text)):
        # With an end tag it is XML.
        if f"</{found[0][1:]}" not in text:
            name = _ANGLE.fullmatch(found[0])
            yield _Placeholder(text=found[0], name=name["name"] if name else "", is_plain=found[0] in plain)


def _texts_in(
    members: Iterable[tuple[str | int, object]], keys: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key, member in members:
        if not member:
            continue
        if isinstance(member, str):
            yield (*keys, key), member
        elif isinstance(member, Mapping):
            yield from _texts_in(member.items(), (*keys, key))
        elif isinstance(member, list):
            yield from _texts_in(enumerate(member), (*keys, key))
