"""A doc's items: a quick look at its Markdown for them, what its status makes of them, the marks that they get."""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import NamedTuple

from pytest_endpoint_docs.loading.block_scanner import closing_fence
from pytest_endpoint_docs.loading.markdown import CASES_TITLES, REQUEST_LANGUAGES, REQUEST_TITLES, fold_title
from pytest_endpoint_docs.model.case import NO_REASON, RUN, ContractCase, Disposition
from pytest_endpoint_docs.model.doc import CaseOutline, DocStatus, EndpointDoc
from pytest_endpoint_docs.model.source import Endpoint, Severity, SourceLocation
from pytest_endpoint_docs.words import late

SYNONYMS = {
    "verified": DocStatus.VERIFIED,
    "success": DocStatus.VERIFIED,
    "pass": DocStatus.VERIFIED,
    "pending": DocStatus.PENDING,
    "failed": DocStatus.FAILED,
    "skip": DocStatus.SKIP,
    "skipped": DocStatus.SKIP,
    "deprecated": DocStatus.DEPRECATED,
}

# The lines that matter, each after its newline: fences, with what they stand after (indentation, quotation marks, the
# markers of list items); headings of level 2, and what may underline one; what may be HTML.
_NOTABLE = late(
    r"\n(?=[^\S\n]*[`~#\-*+><0-9])"
    r"(?:(?P<container>[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<mark>`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})(?P<info>.*)"
    r"|(?P<heading> {0,3}##)(?:[ \t]+(?P<title>.*)|(?=\n|\Z))"
    r"|(?P<underline> {0,3}-+[ \t]*(?=\n|\Z))"
    r"|(?P<html>[^\S\n]*<))"
)

# Of what stands outside of fences: the titles of headings of level 2, and what may underline one.
_HEADINGS = re.compile(r"\n {0,3}(?:##(?:[ \t]+(.*)|(?=\n|\Z))|(-+)[ \t]*(?=\n|\Z))")
_FENCE = "\n```"
_CLOSING_MARKS = late(r"(?:^|[ \t])#+[ \t]*\Z")


def scan_outline(
    text: str, *, head_end: int, endpoint: Endpoint, location: SourceLocation
) -> tuple[CaseOutline, ...] | None:
    """The one item of a doc without cases and with a single fence under its request heading; ``None``: parse to know.

    Whatever could be read in two ways is left to the parser: this only has to be right where it answers.
    """
    request = _plain_request(text, head_end) or _request(text, head_end)
    words = request.info.split() if request else []
    if request is None or not words or words[0].lower() not in REQUEST_LANGUAGES:
        return None
    line = text.count("\n", 0, request.begin) + 1
    return (CaseOutline(name=endpoint.name, location=location.at(line)),)


def _plain_request(text: str, head_end: int) -> _Fence | None:
    """The fence with the request of a doc whose fences all stand at the margin; ``None``: it takes a closer look."""
    body = text[head_end:]
    if "<" in body or "~" in body:
        return None
    in_request, request, begin = False, None, head_end
    # What stands outside of fences, and what stands inside, in turns.
    parts = body.split(_FENCE)
    for number, part in enumerate(parts):
        first, _, _ = part.partition("\n")
        if ("`" in part and "```" in part) or ("`" in first and number % 2):
            return None
        if number % 2:
            if in_request and request:
                return None
            if in_request:
                request = _Fence("```", first, "", begin + 1)
        elif number and first.strip(" \t"):
            return None
        else:
            for title, underline in _HEADINGS.findall(part):
                if underline or (folded := _title(title)) in CASES_TITLES:
                    return None
                in_request = folded in REQUEST_TITLES
        begin += len(part) + (len(_FENCE) if number else 0)
    return request if len(parts) % 2 else None


def _request(text: str, head_end: int) -> _Fence | None:
    """The only fence under the heading of the request; ``None``: parse to know."""
    in_request = False
    open_fence: _Fence | None = None
    request: _Fence | None = None
    at = head_end
    while notable := _NOTABLE.search(text, at):
        kind, begin, at = notable.lastgroup, notable.start() + 1, notable.end()
        if kind == "html":
            # HTML may swallow what follows.
            return None
        if kind == "info":
            fence = _Fence(notable["mark"], notable["info"].strip(), notable["container"], begin)
            if open_fence:
                if not fence.closes(open_fence):
                    # The item that it stands in may have ended, and the fence with it.
                    return None
                open_fence = None
                continue
            if fence.may_be_code or (in_request and request):
                return None
            if in_request:
                request = fence
            if fence.container:
                open_fence = fence
                continue
            closing = closing_fence(text, at, fence.mark)
            if closing is None:
                break  # it reaches to the end
            at = closing.end() - 1
            continue
        if kind == "underline":
            if _line_above(text, head_end, begin):
                return None  # it makes a heading of that line, or divides what stands around it
            continue
        if open_fence:
            return None
        title = _title(notable["title"] or "")
        in_request = title in REQUEST_TITLES
        if title in CASES_TITLES:
            return None
    return request


def _title(written: str) -> str:
    """The folded title of a heading, without the marks that may close it."""
    return fold_title(_CLOSING_MARKS.sub("", written) if "#" in written else written)


def _line_above(text: str, head_end: int, begin: int) -> str:
    """The line before the one that begins at a place, without white space around it; empty above the body."""
    return text[max(head_end, text.rfind("\n", head_end, begin - 1)) : begin - 1].strip()


class _Fence(NamedTuple):
    """The opening or closing of a fence: it begins at a place in the text, and stands after a container."""

    mark: str
    info: str
    container: str
    begin: int

    @property
    def may_be_code(self) -> bool:
        """Whether it is so far right that, outside a list, it is not a fence."""
        return "\t" in self.container or (len(self.container) > 3 and not self.container.strip())

    def closes(self, opening: _Fence) -> bool:
        """Whether it closes a fence for sure."""
        long_enough = self.mark[0] == opening.mark[0] and len(self.mark) >= len(opening.mark)
        return long_enough and not self.info and self.container == opening.container


def cases_of(doc: EndpointDoc) -> tuple[ContractCase, ...]:
    """The items of a doc, in the order of its text, each with what its doc's head and status make of it."""
    by_status = disposition_of(doc)
    return tuple(
        [
            ContractCase(doc=doc, outline=outline, disposition=_broken(doc, outline) or by_status)
            for outline in doc.outlines
        ]
    )


def _broken(doc: EndpointDoc, outline: CaseOutline) -> Disposition | None:
    """What becomes of an item with errors in what concerns it; ``None``: there are none."""
    if not doc.findings:
        return None
    errors = [
        finding
        for finding in doc.findings
        if finding.severity is Severity.ERROR and finding.case_id in (None, outline.name)
    ]
    if not errors:
        return None
    return Disposition(action="broken", reason="\n".join(map(str, errors)), location=errors[0].location)


def disposition_of(doc: EndpointDoc) -> Disposition:
    """What the status says.

    ``location`` is the line of the reason where one is recorded, else of the status; a doc that simply runs has none.
    """
    if doc.status is DocStatus.VERIFIED:
        return RUN
    reason = doc.skip_reason
    location = doc.line_of(
        "skipReason" if "skipReason" in doc.lines else "skip_reason" if "skip_reason" in doc.lines else _status_key(doc)
    )
    match doc.status:
        case DocStatus.PENDING:
            return Disposition(action="xfail", reason=f"pending: {reason}" if reason else "pending", location=location)
        case DocStatus.FAILED:
            return Disposition(action="xfail", strict=True, reason=reason or "status: failed", location=location)
        case DocStatus.DEPRECATED:
            text = f"deprecated: {reason}" if reason else "deprecated"
            return Disposition(action="skip", reason=text, cause="deprecated", location=location)
        case DocStatus.SKIP:
            return Disposition(
                action="skip",
                reason=reason or NO_REASON,
                cause="manual" if doc.is_manual else "recorded",
                location=location,
            )
        case _:
            return Disposition(action="broken", reason=f'unknown status "{doc.raw_status}"', location=location)


def _status_key(doc: EndpointDoc) -> str:
    return "status" if "status" in doc.lines else "skip"


# Marks that pytest or a widely used plugin gives a meaning to: a tag of that name must not get it.
RESERVED_MARKS = frozenset(
    ["skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "tryfirst", "trylast", "hookwrapper",
     "optionalhook", "pytestmark", "asyncio", "anyio", "trio", "tornado_asyncio", "flaky", "timeout", "order", "run",
     "first", "last", "second", "dependency", "depends", "repeat", "forked", "xdist_group", "no_cover", "benchmark",
     "django_db", "urls", "ignore_template_errors", "httpx_mock", "vcr", "block_network", "enable_socket",
     "disable_socket", "allow_hosts", "freeze_time", "freezegun", "random_order", "incremental", "limit_memory",
     "limit_leaks", "no_retry", "base_url", "nondestructive", "browser_context_args", "only_browser", "skip_browser",
     "endpoint"]
)  # fmt: skip


def marker_name(tag: str) -> str:
    """The marker of a tag or domain: ``Communication Messages (SMS)`` -> ``communication_messages_sms``.

    A name that already means something to pytest or a plugin, or that is not an identifier, gets the prefix ``tag_``.
    Empty where nothing of the tag can stand in a name.
    """
    name = slug(tag, separator="_")
    if not name:
        return ""
    # Python's keywords and pytest's own operators cannot stand in a -m expression.
    if (
        name in RESERVED_MARKS
        or not name.isidentifier()
        or keyword.iskeyword(name)
        or name in ("true", "false", "none")
    ):
        return f"tag_{name}"
    return name


def slug(text: str, *, separator: str = "-") -> str:
    """Lower-case letters and digits of any script, everything else one ``separator``."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\W_]+", separator, folded).strip(separator)
