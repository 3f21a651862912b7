"""The fences of a section as values, and the log of what is wrong with them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from pytest_endpoint_docs.loading.markdown import YAML_LANGUAGES, Block
from pytest_endpoint_docs.model.source import Finding, JSONValue, Severity, SourceBlock, SourceLocation
from pytest_endpoint_docs.yaml_source import DEPTH_MAX, YamlProblem, line_in, node_tree, parse_yaml, pointer_line

if TYPE_CHECKING:
    import yaml

_LAST_COMMA = re.compile(r",\s*[}\]]")


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
    root: yaml.Node | None = field(repr=False)

    def at(self, pointer: str) -> SourceLocation:
        """The line of the value at a JSON Pointer, or of its nearest ancestor."""
        return self.source.location if self.root is None else line_in(self.source, pointer_line(self.root, pointer))


def parse_block(
    block: Block, findings: FindingLog, *, case_id: str | None = None, required: bool = True
) -> ParsedBlock | None:
    """Parse a JSON or YAML fence. What is wrong becomes a finding (an error if ``required``) and ``None``."""
    source = block.source
    assert source is not None
    report = findings.error if required else findings.warning
    hint = "" if block.closed else f" The fence that opens in line {block.line} is never closed."
    if source.language in YAML_LANGUAGES:
        try:
            parsed = parse_yaml(source.text)
        except YamlProblem as problem:
            hint += _yaml_hint(source, problem)
            message = f"the YAML cannot be read: {problem.message} (column {problem.column}).{hint}"
            report("bad-yaml", message, line_in(source, problem.line), case_id=case_id)
            return None
        for duplicate in parsed.duplicates:
            report(
                "duplicate-key",
                f"`{duplicate.key}` stands twice in one mapping (first in line "
                f"{source.first_line + duplicate.first_line - 1}): keep one.",
                line_in(source, duplicate.line),
                case_id=case_id,
            )
        return ParsedBlock(source=source, value=parsed.value, root=parsed.root)
    try:
        value = json.loads(source.text, object_pairs_hook=_unique_pairs, parse_constant=_no_constant)
    except json.JSONDecodeError as failure:
        error = _at_a_last_comma(failure)
        place = f"line {source.first_line + error.lineno - 1}, column {error.colno}"
        message = f"the JSON cannot be read: {error.msg} ({place}).{hint}"
        at = line_in(source, error.lineno) if source.text.strip() else source.location
        report("bad-json", message + _json_hint(source, error), at, case_id=case_id)
        return None
    except _DuplicateName as error:
        report(
            "duplicate-key", f"`{error}` stands twice in one JSON object: keep one.", source.location, case_id=case_id
        )
        return None
    except (RecursionError, ValueError) as error:
        report("bad-json", f"the JSON cannot be read: {error}.{hint}", source.location, case_id=case_id)
        return None
    if _is_deeper(value, DEPTH_MAX):
        report("bad-json", f"the JSON is nested deeper than {DEPTH_MAX} levels.", source.location, case_id=case_id)
        return None
    return ParsedBlock(source=source, value=value, root=node_tree(source))


def _is_deeper(value: JSONValue, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [
            member
            for item in level
            for member in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(member, (dict, list))
        ]
        if not level:
            return False
    return True


class _DuplicateName(Exception):
    pass


def _unique_pairs(pairs: list[tuple[str, JSONValue]]) -> dict[str, JSONValue]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DuplicateName(next(name for name in names if names.count(name) > 1))
    return mapping


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _json_hint(source: SourceBlock, error: json.JSONDecodeError) -> str:
    lines = source.text.split("\n")
    line = lines[error.lineno - 1] if error.lineno <= len(lines) else ""
    if "{{" in line[max(0, error.colno - 3) : error.colno + 2]:
        return ' Put the variable in quotes: "{{name}}"; a value that is one variable keeps its type.'
    if "//" in line or "/*" in line or line.lstrip().startswith("#"):
        return " JSON has no comments."
    if not source.text.strip():
        return " The fence is empty; write `null` where no request is recorded."
    return ""


def _at_a_last_comma(error: json.JSONDecodeError) -> json.JSONDecodeError:
    """The error at a comma before a closing bracket, in our words; Python before 3.13 has the bracket's place."""
    text, place = error.doc, error.pos
    comma = len(text[:place].rstrip()) - 1 if text[place : place + 1] in ("}", "]") else place
    if _LAST_COMMA.match(text, max(0, comma)):
        return json.JSONDecodeError("JSON allows no comma after the last value", text, comma)
    return error


def _yaml_hint(source: SourceBlock, problem: YamlProblem) -> str:
    lines = source.text.split("\n")
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return " YAML is indented with blanks, not tabs."
    if "mapping values are not allowed" in problem.message:
        return " Put a text with `: ` in it in quotes."
    return ""
