"""The YAML between the ``---`` lines -> raw fields with their lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.loading.envelope import Envelope
from pytest_endpoint_docs.loading.finding_log import FindingLog
from pytest_endpoint_docs.loading.lenient import UnreadableLine, read_lines
from pytest_endpoint_docs.loading.yaml_text import YamlProblem, YamlText
from pytest_endpoint_docs.model import JSONValue, SourceLocation

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
    except YamlProblem as problem:
        if not _TOP_KEY.search(envelope.frontmatter):
            return None
        if problem.hostile:
            raise FrontmatterError(
                f"the frontmatter cannot be read: {problem.message}.",
                location=location.at(problem.line + _FIRST_LINE - 1),
            ) from problem
        return _read_leniently(envelope, problem, location, findings)
    if not isinstance(parsed.value, dict) or "endpoint" not in parsed.value:
        return None
    _log_duplicates(parsed, location, findings)
    lines = {key: parsed.line(_pointer(key)) + _FIRST_LINE - 1 for key in parsed.value}
    return Frontmatter(values=parsed.value, lines=lines, line_at=lambda pointer: parsed.line(pointer) + _FIRST_LINE - 1)


def _read_leniently(
    envelope: Envelope, problem: YamlProblem, location: SourceLocation, findings: FindingLog
) -> Frontmatter | None:
    at = location.at(problem.line + _FIRST_LINE - 1)
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
        return lines.get(pointer.split("/")[1].replace("~1", "/").replace("~0", "~"), location.line)

    return Frontmatter(values=fields.values, lines=lines, line_at=line_at)


def _log_duplicates(parsed: YamlText, location: SourceLocation, findings: FindingLog) -> None:
    for duplicate in parsed.duplicates:
        first_line = duplicate.first_line + _FIRST_LINE - 1
        message = f"`{duplicate.key}` stands twice in the frontmatter (first in line {first_line}): keep one."
        matters = duplicate.differs and duplicate.pointer.split("/")[1] in RUN_KEYS
        report = findings.error if matters else findings.warning
        report("duplicate-key", message, location.at(duplicate.line + _FIRST_LINE - 1))


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
