"""The fences of a section as values, and the log of what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_endpoint_docs.json_source import SourceProblem, parse_json
from pytest_endpoint_docs.loading.markdown import YAML_LANGUAGES, Block
from pytest_endpoint_docs.model.source import Finding, JSONValue, Severity, SourceBlock, SourceLocation
from pytest_endpoint_docs.yaml_source import Lines, lines_of, parse_yaml


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

    def all(self) -> tuple[Finding, ...]:
        """All of them, by line."""
        return tuple(sorted(self._findings, key=lambda finding: finding.location.line))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedBlock:
    """A fence and its value."""

    source: SourceBlock
    value: JSONValue
    lines: Lines = field(repr=False)

    def at(self, pointer: str) -> SourceLocation:
        """The line of the value at a JSON Pointer, or of its nearest ancestor."""
        line = self.lines.line(pointer)
        return self.source.location if line is None else self.source.line(line)


def parse_block(
    block: Block, findings: FindingLog, *, case_id: str | None = None, required: bool = True
) -> ParsedBlock | None:
    """Parse a JSON or YAML fence. What is wrong becomes a finding (an error if ``required``) and ``None``."""
    source = block.source
    assert source is not None
    report = findings.error if required else findings.warning
    is_yaml = source.language in YAML_LANGUAGES
    try:
        if not is_yaml:
            value = parse_json(source.text, unique_names=True)
            return ParsedBlock(source=source, value=value, lines=lines_of(source.text, source.language))
        parsed = parse_yaml(source.text)
    except SourceProblem as problem:
        code, message = _told(problem, block, is_yaml=is_yaml)
        at = source.line(problem.line) if problem.line and source.text.strip() else source.location
        report(code, message, at, case_id=case_id)
        return None
    for duplicate in parsed.duplicates:
        report(
            "duplicate-key",
            f"`{duplicate.key}` stands twice in one mapping (first in line "
            f"{source.first_line + duplicate.first_line - 1}): keep one.",
            source.line(duplicate.line),
            case_id=case_id,
        )
    return ParsedBlock(source=source, value=parsed.value, lines=parsed.lines)


def _told(problem: SourceProblem, block: Block, *, is_yaml: bool) -> tuple[str, str]:
    """The code and the message of a finding about a fence that cannot be read."""
    assert block.source is not None
    if problem.kind == "duplicate":
        return "duplicate-key", f"{problem.message}."
    unclosed = "" if block.closed else f" The fence that opens in line {block.line} is never closed."
    if is_yaml:
        hint = f" {problem.hint}" if problem.hint else ""
        return "bad-yaml", f"the YAML cannot be read: {problem.message} (column {problem.column}).{unclosed}{hint}"
    place = ""
    if problem.line is not None:
        place = f" (line {block.source.first_line + problem.line - 1}, column {problem.column})"
    hint = _json_hint(block.source.text, problem)
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
    return ""
