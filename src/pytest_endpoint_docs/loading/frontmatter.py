"""A file's bytes -> its frontmatter as a mapping and its Markdown, or the answer that it is not an endpoint doc."""

from __future__ import annotations

import codecs
import re
import sys
from dataclasses import field
from pathlib import Path

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.json_source import DuplicateKey, SourceProblem
from pytest_endpoint_docs.loading.doc_files import leads_nowhere
from pytest_endpoint_docs.loading.mapping_reader import FindingLog, ParsedBlock
from pytest_endpoint_docs.model.source import Finding, JSONValue, SourceBlock, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import Lines, join_pointer, split_pointer
from pytest_endpoint_docs.words import late
from pytest_endpoint_docs.yaml_text.plain_yaml import AnyLines, read_yaml

DOC_SIZE_MAX = 5 * 1024 * 1024
_PROBE_SIZE = 64 * 1024

_BOUNDARY = late(r"^-{3,}[ \t]*$", re.MULTILINE)
_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?-{3,}[ \t]*(?:\r\n?|\n)")
_ENDPOINT_KEY = re.compile(r"(?:^|[{,])[ \t]*[\"']?endpoint[\"']?[ \t]*:", re.MULTILINE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@value_class
class Envelope:
    """A doc's parts. ``frontmatter`` starts on line 2; ``text`` is the whole file, newlines as ``\\n``, without BOM.

    ``head_end`` is where the line ends that closes the frontmatter, ``body_line`` the number of the line after it.
    """

    text: str = field(repr=False)
    frontmatter: str
    head_end: int
    body_line: int


def read_envelope(file: Path, location: SourceLocation) -> Envelope | None:
    """Read a file as far as needed to say whether it has a frontmatter with an ``endpoint`` key, then the rest of it.

    Raises:
        FrontmatterError: it cannot be opened; or it looks like an endpoint doc, and is too large, no text in UTF-8, or
            its frontmatter has no end.
    """
    try:
        return _read(file, location)
    except OSError as error:
        why = error.strerror or str(error)
        if leads_nowhere(file):
            why = f"it is a link to {file.readlink()}, which is not there"
        raise FrontmatterError(f"the file cannot be read: {why}.", location=location) from error


def unreadable(error: FrontmatterError) -> Finding:
    """The finding that a file cannot be read as a doc."""
    return Finding(code="unreadable-doc", message=error.message, location=error.location)


def read_text(file: Path) -> str:
    """The text of a doc, as its envelope has it, once more.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is no text in UTF-8 any more.
    """
    with file.open("rb", buffering=0) as stream:
        return _text(stream.readall())


def _text(written: bytes) -> str:
    return decode_newlines(written.removeprefix(codecs.BOM_UTF8).decode())


def _read(file: Path, location: SourceLocation) -> Envelope | None:
    with file.open("rb") as stream:
        probe = stream.read(_PROBE_SIZE)
        if probe.startswith(_UTF16):
            _refuse_utf16(probe, location)
            return None
        if not _OPENING.match(probe):
            return None
        if len(probe) == _PROBE_SIZE:
            size = file.stat().st_size
            if size > DOC_SIZE_MAX:
                _refuse_size(probe, size, location)
                return None
            probe += stream.read(DOC_SIZE_MAX)
    return _split(probe, location)


def _split(written: bytes, location: SourceLocation) -> Envelope | None:
    data = written.removeprefix(codecs.BOM_UTF8)
    try:
        text = decode_newlines(data.decode())
    except UnicodeDecodeError as error:
        readable = decode_newlines(data.decode(errors="replace"))
        if not _has_endpoint_key(readable):
            return None
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        message = f"not UTF-8: {what} ({error.reason}). Save the file as UTF-8."
        raise FrontmatterError(message, location=location.at(line)) from error
    try:
        frontmatter, content = _halves(text)
    except ValueError:
        if not _has_endpoint_key(text):
            return None
        raise FrontmatterError(
            "the frontmatter that starts here has no end: write a line `---` after its last key.", location=location
        ) from None
    if not _ENDPOINT_KEY.search(frontmatter):
        return None
    _refuse_nul(text, location)
    # The content starts after the dashes, on the delimiter's own line.
    head_end = len(text) - len(content)
    body_line = text.count("\n", 0, head_end) + 2
    return Envelope(text=text, frontmatter=frontmatter[1:], head_end=head_end, body_line=body_line)


def _halves(text: str) -> tuple[str, str]:
    """Frontmatter and content, as python-frontmatter splits them; plain delimiters need no library.

    Raises: ``ValueError`` where the frontmatter has no end.
    """
    end = text.find("\n---", 3)
    if end > 0 and text.startswith("---\n") and text[end + 4 : end + 5] == "\n":
        return text[3 : end + 1], text[end + 4 :]
    from frontmatter.default_handlers import YAMLHandler

    handler = YAMLHandler()
    handler.FM_BOUNDARY = _BOUNDARY  # its own swallows the empty lines after a delimiter
    frontmatter, content = handler.split(text)
    return frontmatter, content


def _has_endpoint_key(text: str) -> bool:
    """Whether the frontmatter has the key. One without end is read up to its first empty line or heading."""
    try:
        frontmatter, _ = _halves(text)
    except ValueError:
        frontmatter = re.split(r"^(?:[ \t]*|#{1,6}[ \t].*)$", text.partition("\n")[2], maxsplit=1, flags=re.MULTILINE)[
            0
        ]
    return _ENDPOINT_KEY.search(frontmatter) is not None


def _refuse_size(probe: bytes, size: int, location: SourceLocation) -> None:
    if not _has_endpoint_key(decode_newlines(probe.decode("utf-8-sig", errors="replace"))):
        return
    mib = 1024 * 1024
    raise FrontmatterError(
        f"the file has {size / mib:.1f} MiB; an endpoint doc may have {DOC_SIZE_MAX // mib} MiB. "
        "Move attachments and logs out of it.",
        location=location,
    )


def _refuse_nul(text: str, location: SourceLocation) -> None:
    # Markdown and YAML parsers would each make something else of it.
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        message = "a NUL character, which no text holds: the file is damaged or binary. Remove it."
        raise FrontmatterError(message, location=location.at(line))


def _refuse_utf16(probe: bytes, location: SourceLocation) -> None:
    text = decode_newlines(probe[: len(probe) // 2 * 2].decode("utf-16", errors="replace"))
    if text.startswith("---") and _has_endpoint_key(text):
        raise FrontmatterError("the file is UTF-16, at byte offset 0. Save it as UTF-8.", location=location)


def decode_newlines(text: str) -> str:
    """A text with ``\\n`` for the newlines of every system."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


# Where these stand twice with different values, nobody can say what should run.
_RUN_KEYS = frozenset(["endpoint", "status", "skip", "useFallbackApi", "expectedOutcome", "requires", "knownIssues"])
_FIRST_LINE = 2
_TOP_KEY = late(r"^[\"']?endpoint[\"']?[ \t]*:|^\{", re.MULTILINE)
_PAIR = late(r"[ \t]*(?:-[ \t]+)?(?P<key>[\w.-]+)[ \t]*:[ \t]")


@value_class
class Frontmatter:
    """The fields of a frontmatter, and the line of each in the file."""

    block: ParsedBlock
    lines: dict[str, int]


def read_frontmatter(envelope: Envelope, location: SourceLocation, findings: FindingLog) -> Frontmatter | None:
    """Read the YAML, or where it is broken its lines; ``None`` where there is no ``endpoint`` key at the top after all.

    ``location`` is the first line of the file. Raises: ``FrontmatterError`` where neither way works.
    """
    text = envelope.frontmatter
    try:
        parsed = read_yaml(text)
    except SourceProblem as problem:
        if not _TOP_KEY.search(text):
            return None
        if problem.kind == "hostile":
            at = location.at((problem.line or 1) + _FIRST_LINE - 1)
            raise FrontmatterError(f"the frontmatter cannot be read: {problem.message}.", location=at) from problem
        return _read_leniently(text, problem, location, findings)
    if not isinstance(parsed.value, dict) or "endpoint" not in parsed.value:
        return None
    for duplicate in parsed.duplicates:
        _log_duplicate(duplicate, location, findings)
    return _frontmatter(text, location, parsed.value, parsed.lines)


def _read_leniently(
    text: str, problem: SourceProblem, location: SourceLocation, findings: FindingLog
) -> Frontmatter | None:
    from pytest_endpoint_docs.loading.broken_frontmatter import UnreadableLine, read_lines

    at = location.at((problem.line or 1) + _FIRST_LINE - 1)
    what = f"the frontmatter is not valid YAML (line {at.line}, column {problem.column}: {problem.message})"
    try:
        fields = read_lines(text)
    except UnreadableLine as error:
        number = error.line + _FIRST_LINE - 1
        message = f"{what}, and line {number} is not `key: value` either: {error.text.strip()!r}."
        raise FrontmatterError(message, location=at) from problem
    if "endpoint" not in fields.values:
        return None
    # YAML may count more lines than "\n" makes (U+2028, or one after the end).
    pair = _PAIR.match(text.split("\n")[: problem.line][-1])
    key = pair["key"] if pair else "key"
    advice = f'Put the value of `{key}` in quotes: {key}: "..." (a quote inside becomes \\").'
    findings.warning("broken-yaml", f"{what}; it was read line by line. {advice}", at)
    for key, line in fields.duplicates.items():
        message = f"`{key}` is given twice in the frontmatter: keep one."
        findings.error("duplicate-key", message, location.at(line + _FIRST_LINE - 1))
    lines = Lines(lambda: {join_pointer("", key): line for key, line in fields.lines.items()})
    return _frontmatter(text, location, fields.values, lines)


def _frontmatter(text: str, location: SourceLocation, value: JSONValue, lines: AnyLines) -> Frontmatter:
    source = SourceBlock(text, "yaml", location, lines.line)
    # The doc keeps them, and most docs have the same few.
    in_file = {sys.intern(key): line + _FIRST_LINE - 1 for key, line in lines.keys().items()}
    return Frontmatter(block=ParsedBlock(source, value), lines=in_file)


def _log_duplicate(duplicate: DuplicateKey, location: SourceLocation, findings: FindingLog) -> None:
    first_line = duplicate.first_line + _FIRST_LINE - 1
    message = f"`{duplicate.key}` is given twice in the frontmatter (first in line {first_line}): keep one."
    matters = duplicate.differs and split_pointer(duplicate.pointer)[0] in _RUN_KEYS
    report = findings.error if matters else findings.warning
    report("duplicate-key", message, location.at(duplicate.line + _FIRST_LINE - 1))
