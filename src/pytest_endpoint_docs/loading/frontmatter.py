"""The YAML between the ``---`` lines; where it is not valid, read line by line (doc format, section 1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.json_source import SourceProblem
from pytest_endpoint_docs.loading.blocks import FindingLog
from pytest_endpoint_docs.loading.envelope import Envelope
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer, split_pointer
from pytest_endpoint_docs.yaml_source import SourceText, parse_yaml

_KEY = re.compile(r"(?P<key>[A-Za-z_][\w.-]*|\"[^\"]+\"|'[^']+')[ \t]*:(?:[ \t]+(?P<rest>.*))?")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*")


class UnreadableLine(Exception):
    """A line that is neither ``key: value`` nor an item of a list; ``line`` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class LenientMapping:
    """The fields with the line (from 1) of each, and the keys that stand twice with the line of the later one."""

    values: dict[str, JSONValue]
    lines: dict[str, int]
    duplicates: dict[str, int]


def read_lines(text: str) -> LenientMapping:
    """Read ``key: rest of line``, with ``- item`` and ``- k: v`` lists under an empty key.

    Raises:
        UnreadableLine: a line that is none of these.
    """
    values: dict[str, JSONValue] = {}
    lines: dict[str, int] = {}
    duplicates: dict[str, int] = {}
    below: dict[str, list[tuple[int, str]]] = {}
    current: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _KEY.fullmatch(line.rstrip())
        if match:
            current = match["key"].strip("\"'")
            if current in values:
                duplicates[current] = number
            values[current], lines[current], below[current] = (match["rest"] or "").strip(), number, []
        elif current is not None and line[0] in " \t-":
            below[current].append((number, line))
        else:
            raise UnreadableLine(number, line)
    for key, following in below.items():
        values[key] = _value(str(values[key]), following)
    return LenientMapping(values=values, lines=lines, duplicates=duplicates)


def _value(rest: str, following: list[tuple[int, str]]) -> JSONValue:
    if not following:
        return _scalar(rest)
    if rest and not rest.startswith("#"):
        # A text that goes on below its key, or a block scalar.
        first = "" if _BLOCK_SCALAR.fullmatch(rest) else rest
        return " ".join(part for part in (first, *(line.strip() for _, line in following)) if part)
    return _items(following)


def _items(following: list[tuple[int, str]]) -> JSONValue:
    items: list[JSONValue] = []
    for number, line in following:
        stripped = line.strip()
        entry = re.match(r"-(?:[ \t]+(.*))?$", stripped)
        text = (entry[1] or "") if entry else stripped
        pair = _KEY.fullmatch(text)
        last = items[-1] if items else None
        if entry:
            items.append({pair["key"].strip("\"'"): _scalar(pair["rest"] or "")} if pair else _scalar(text))
        elif pair and isinstance(last, dict):
            last[pair["key"].strip("\"'")] = _scalar(pair["rest"] or "")
        else:
            raise UnreadableLine(number, line)
    return items


def _scalar(text: str) -> JSONValue:
    """A value as YAML reads it where it can stand alone; else the text as it is, which is what its writer meant."""
    text = text.strip()
    if ": " in text and text[:1] not in ("[", "{", '"', "'"):
        return text
    try:
        value = parse_yaml(text).value
    except SourceProblem:
        return text
    return text if isinstance(value, (dict, list)) and text[:1] not in ("[", "{") else value


# Where these stand twice with different values, nobody can say what should run.
RUN_KEYS = frozenset(["endpoint", "status", "skip", "useFallbackApi", "expectedOutcome", "requires", "knownIssues"])
_FIRST_LINE = 2
_TOP_KEY = re.compile(r"^[\"']?endpoint[\"']?[ \t]*:|^\{", re.MULTILINE)
_PAIR = re.compile(r"[ \t]*(?:-[ \t]+)?(?P<key>[\w.-]+)[ \t]*:[ \t]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontmatter:
    """The raw fields, the file line of each, and a way to the line of what stands inside one."""

    values: Mapping[str, JSONValue]
    lines: Mapping[str, int]
    line_at: Callable[[str], int]


def read_frontmatter(envelope: Envelope, location: SourceLocation, findings: FindingLog) -> Frontmatter | None:
    """Read the YAML, or where it is broken its lines; ``None`` where there is no ``endpoint`` key at the top after all.

    Raises:
        FrontmatterError: neither way works.
    """
    try:
        parsed = envelope.parse()
    except SourceProblem as problem:
        if not _TOP_KEY.search(envelope.frontmatter):
            return None
        if problem.kind == "hostile":
            raise FrontmatterError(
                f"the frontmatter cannot be read: {problem.message}.", location=_at(location, problem)
            ) from problem
        return _read_leniently(envelope, problem, location, findings)
    if not isinstance(parsed.value, dict) or "endpoint" not in parsed.value:
        return None
    _log_duplicates(parsed, location, findings)

    def line_at(pointer: str) -> int:
        return (parsed.lines.line(pointer) or 1) + _FIRST_LINE - 1

    lines = {key: line_at(join_pointer("", key)) for key in parsed.value}
    return Frontmatter(values=parsed.value, lines=lines, line_at=line_at)


def _read_leniently(
    envelope: Envelope, problem: SourceProblem, location: SourceLocation, findings: FindingLog
) -> Frontmatter | None:
    at = _at(location, problem)
    try:
        fields = read_lines(envelope.frontmatter)
    except UnreadableLine as error:
        raise FrontmatterError(
            f"the frontmatter is not valid YAML (line {at.line}, column {problem.column}: {problem.message}), and line "
            f"{error.line + _FIRST_LINE - 1} is no `key: value` either: {error.text.strip()!r}.",
            location=at,
        ) from problem
    if "endpoint" not in fields.values:
        return None
    lines = {key: line + _FIRST_LINE - 1 for key, line in fields.lines.items()}
    # YAML may count more lines than "\n" makes (U+2028, or one behind the end).
    pair = _PAIR.match(envelope.frontmatter.split("\n")[: problem.line][-1])
    key = pair["key"] if pair else "key"
    findings.warning(
        "broken-yaml",
        f"the frontmatter is not valid YAML (line {at.line}, column {problem.column}: {problem.message}); it was read "
        f'line by line. Put the value of `{key}` in quotes: {key}: "..." (a quote inside becomes \\").',
        at,
    )
    for key, line in fields.duplicates.items():
        findings.error(
            "duplicate-key", f"`{key}` stands twice in the frontmatter: keep one.", location.at(line + _FIRST_LINE - 1)
        )

    def line_at(pointer: str) -> int:
        return lines.get(split_pointer(pointer)[0], location.line)

    return Frontmatter(values=fields.values, lines=lines, line_at=line_at)


def _at(start: SourceLocation, problem: SourceProblem) -> SourceLocation:
    return start.at((problem.line or 1) + _FIRST_LINE - 1)


def _log_duplicates(parsed: SourceText, location: SourceLocation, findings: FindingLog) -> None:
    for duplicate in parsed.duplicates:
        first_line = duplicate.first_line + _FIRST_LINE - 1
        message = f"`{duplicate.key}` stands twice in the frontmatter (first in line {first_line}): keep one."
        matters = duplicate.differs and split_pointer(duplicate.pointer)[0] in RUN_KEYS
        report = findings.error if matters else findings.warning
        report("duplicate-key", message, location.at(duplicate.line + _FIRST_LINE - 1))
