"""Fences as values, typed access to their mappings, and the log of what is wrong with them, at its own line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Set

from pytest_endpoint_docs.json_source import SourceProblem, parse_json
from pytest_endpoint_docs.loading.block_scanner import Block
from pytest_endpoint_docs.loading.foreign_keys import NOTES
from pytest_endpoint_docs.loading.markdown import YAML_LANGUAGES
from pytest_endpoint_docs.loading.odd_scalars import doubtful, with_written_numbers
from pytest_endpoint_docs.model.source import Finding, JSONValue, Severity, SourceBlock, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.words import did_you_mean, hidden_in, kind_of, near
from pytest_endpoint_docs.yaml_text.plain_yaml import lines_of, read_yaml

_INDENTED_ODDLY = r"(?m)^[ \t]*[\u00a0\u2000-\u200b\u202f\u205f\u3000]+"
_JSON_WORDS = {"None": "null", "True": "true", "False": "false", "undefined": "null"}


class FindingLog:
    """Findings in the order in which they are met; the same one is kept once."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}

    def error(self, code: str, message: str, location: SourceLocation, *, case_id: str | None = None) -> None:
        """Note something that fails the doc's cases, or the one named."""
        self._findings[Finding(code=code, message=message, location=location, case_id=case_id)] = None

    def warning(self, code: str, message: str, location: SourceLocation, *, case_id: str | None = None) -> None:
        """Note something that is reported and lets the cases run."""
        finding = Finding(code=code, message=message, location=location, severity=Severity.WARNING, case_id=case_id)
        self._findings[finding] = None

    def extend(self, findings: Iterable[Finding]) -> None:
        """Note findings that are made already."""
        for finding in findings:
            self._findings[finding] = None

    def all(self) -> tuple[Finding, ...]:
        """All of them, by line."""
        if not self._findings:
            return ()
        return tuple(sorted(self._findings, key=lambda finding: finding.location.line))


@value_class(kw_only=False)
class ParsedBlock:
    """A fence and its value."""

    source: SourceBlock
    value: JSONValue

    @property
    def fence(self) -> SourceLocation:
        """The line of the fence."""
        return self.source.location

    def at(self, pointer: str) -> SourceLocation:
        """The line of the value at a JSON Pointer, or of its nearest ancestor."""
        return self.source.at(pointer)


def parse_block(
    block: Block, findings: FindingLog, *, case_id: str | None = None, required: bool = True
) -> ParsedBlock | None:
    """Parse a JSON or YAML fence. What is wrong becomes a finding (an error if ``required``) and ``None``."""
    report = findings.error if required else findings.warning
    text, is_yaml = block.text, block.language in YAML_LANGUAGES
    indented = None if text.isascii() else re.search(_INDENTED_ODDLY, text)
    if is_yaml and indented:
        message = f"the line is indented with {hidden_in(indented[0])}, and YAML takes plain spaces only."
        report("bad-yaml", message, _place(block, text.count("\n", 0, indented.start()) + 1), case_id=case_id)
        return None
    try:
        if not is_yaml:
            return ParsedBlock(source_of(block), parse_json(text, unique_names=True))
        parsed = read_yaml(text)
    except SourceProblem as problem:
        code, message = _told(problem, block, is_yaml=is_yaml)
        at = _place(block, problem.line) if problem.line and text.strip() else _place(block)
        report(code, message, at, case_id=case_id)
        return None
    for duplicate in parsed.duplicates:
        report(
            "duplicate-key",
            f"`{duplicate.key}` is given twice in one mapping (first in line "
            f"{block.line + duplicate.first_line}): keep one.",
            _place(block, duplicate.line),
            case_id=case_id,
        )
    if parsed.odd:
        for line, message in doubtful(parsed.odd):
            findings.warning("doubtful-value", message, _place(block, line), case_id=case_id)
    # What is parsed need not be read again to find a line.
    value = with_written_numbers(parsed.value, parsed.odd) if parsed.odd else parsed.value
    return ParsedBlock(source_of(block, parsed.lines.line), value)


def source_of(fence: Block, line_of: Callable[[str], int | None] | None = None) -> SourceBlock:
    """A fence as what its values were read from; ``line_of`` gives their lines where they are known already."""
    language = fence.language or ""
    return SourceBlock(fence.text, language, _place(fence), line_of or lines_of(fence.text, language))


def _place(fence: Block, number: int = 0) -> SourceLocation:
    """Where a line (from 1) of the content of a fence stands; without a number, where the fence opens."""
    return SourceLocation(fence.path, fence.line + number)


def _told(problem: SourceProblem, block: Block, *, is_yaml: bool) -> tuple[str, str]:
    """The code and the message of a finding about a fence that cannot be read."""
    if problem.kind == "duplicate":
        return "duplicate-key", f"{problem.message}."
    unclosed = "" if block.closed else f" The fence that opens in line {block.line} is never closed."
    if is_yaml:
        hint = f" {problem.hint}" if problem.hint else ""
        return "bad-yaml", f"the YAML cannot be read: {problem.message} (column {problem.column}).{unclosed}{hint}"
    place = ""
    if problem.line is not None:
        place = f" (line {block.line + problem.line}, column {problem.column})"
    hint = _json_hint(block.text, problem)
    return "bad-json", f"the JSON cannot be read: {problem.message}{place}.{unclosed}{hint}"


def _json_hint(text: str, problem: SourceProblem) -> str:
    if not text.strip():
        return " The fence is empty; write `null` where no request is recorded."
    if problem.line is None or problem.column is None:
        return ""
    line = "".join(text.split("\n")[problem.line - 1 : problem.line])
    if "{{" in line[max(0, problem.column - 3) : problem.column + 2]:
        return ' Put the variable in quotes: "{{name}}"; a value that is one variable keeps its type.'
    if "//" in line or "/*" in line or line.lstrip().startswith("#"):
        return " JSON has no comments."
    there = line[problem.column - 1 :]
    if there.startswith(("'", "\u2018", "\u2019", "\u201c", "\u201d", "\u201e")):
        return ' JSON puts names and texts in straight double quotes: "name".'
    if word := re.match(r"None|True|False|undefined", there):
        return f" JSON writes `{_JSON_WORDS[word[0]]}`, not `{word[0]}`."
    if "..." in line or "…" in line:
        return " Leave out what `...` stands for: an example need not be complete."
    return ""


@value_class(kw_only=False)
class MappingReader:
    """Reads the mapping at ``pointer`` of ``block``.

    Messages call it by its ``subject`` (``a step``), or its keys by a ``prefix`` (``expect.``).
    """

    values: Mapping[str, JSONValue]
    block: ParsedBlock
    pointer: str
    subject: str
    findings: FindingLog
    case_id: str | None = None
    prefix: str = ""

    def at(self, key: str | None = None) -> SourceLocation:
        """The line of a member, or of the mapping."""
        return self.block.source.at(self.pointer if key is None else join_pointer(self.pointer, key))

    def below(self, way: str, values: Mapping[str, JSONValue], *, subject: str = "", prefix: str = "") -> MappingReader:
        """A reader of a mapping further down; ``way`` is the JSON Pointer to it from here."""
        pointer = self.pointer + way
        return MappingReader(values, self.block, pointer, subject, self.findings, self.case_id, prefix)

    def error(self, code: str, message: str, key: str | None = None) -> None:
        """An error at a member's line."""
        self.findings.error(code, message, self.at(key), case_id=self.case_id)

    def warning(self, code: str, message: str, key: str | None = None) -> None:
        """A warning at a member's line."""
        self.findings.warning(code, message, self.at(key), case_id=self.case_id)

    def wrong(self, key: str, value: object, expected: str, hint: str = "") -> None:
        """The finding for a value of a wrong type."""
        name = f"`{self.prefix}{key}`" if self.prefix else f"`{key}` of {self.subject}"
        message = f"{name} must be {expected}, but is {kind_of(value)}.{hint}"
        self.error("wrong-type", message, key)

    def check_keys(self, known: Set[str], *, other_names: Mapping[str, str] | None = None) -> None:
        """Report unknown keys: what nothing reads must not pass for a check.

        ``other_names`` says for names of other tools which key is meant, or in a sentence what to write. Notes for
        people and keys that start with ``x-`` are let through, unless they look like a known key.
        """
        if self.values.keys() <= known:
            return
        for key in self.values:
            if key in known or key in NOTES:
                continue
            told = (other_names or {}).get(key) or near(key, known, cutoff=0.7)
            if told and " " in told:
                self.error("unknown-key", f'unknown key "{key}" of {self.subject}. {told}', key)
            elif told:
                self.error("unknown-key", f'unknown key "{key}" of {self.subject}. Did you mean "{told}"?', key)
            elif not key.lower().startswith("x-"):
                message = f'unknown key "{key}" of {self.subject}. Known: {", ".join(sorted(known))}; notes: `x-...`.'
                self.error("unknown-key", message, key)

    def text(self, key: str) -> str | None:
        """A text; numbers are taken as written."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        self.wrong(key, value, "text")
        return None

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(key, value, "true or false")
        return None

    def number(self, key: str) -> float | None:
        """A number that is not negative."""
        value = self.values.get(key)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0):
            return value
        self.wrong(key, value, "a number that is not negative")
        return None

    def mapping(self, key: str) -> Mapping[str, JSONValue]:
        """A mapping; empty where absent."""
        value = self.values.get(key)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.wrong(key, value, "a mapping")
        return {}

    def items(self, key: str) -> list[JSONValue]:
        """A list; empty where absent."""
        value = self.values.get(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self.wrong(key, value, "a list")
        return []

    def texts(self, key: str, *, without: Collection[str] = ()) -> Mapping[str, str]:
        """A mapping to texts, such as header fields; numbers and booleans become text as JSON writes them."""
        texts: dict[str, str] = {}
        for name, value in self.mapping(key).items():
            if isinstance(value, bool):
                texts[name] = str(value).lower()
            elif isinstance(value, (str, int, float)):
                texts[name] = str(value)
            elif name not in without:
                self.below(f"/{key}", {}, prefix=f"{key}.").wrong(name, value, "text")
        return texts

    def statuses(self, key: str) -> tuple[int, ...]:
        """A status code or a list of them, also in quotes."""
        value = self.values.get(key)
        if value is None:
            return ()
        codes: list[int] = []
        for item in value if isinstance(value, list) else [value]:
            number = int(item) if isinstance(item, str) and item.isdecimal() else item
            if isinstance(number, int) and not isinstance(number, bool) and 100 <= number <= 599:
                codes.append(number)
            else:
                hint = f" Leave `{key}` out for any 2xx." if str(item).lower() == "2xx" else ""
                self.wrong(key, item, "a status code (100 to 599) or a list of them", hint)
        return tuple(codes)

    def choice(self, key: str, choices: Collection[str]) -> str | None:
        """One of the texts."""
        value = self.text(key)
        if value is None or value in choices:
            return value
        message = f'unknown `{key}` "{value}" of {self.subject}.{did_you_mean(value, choices)}'
        self.error("unknown-value", message, key)
        return None
