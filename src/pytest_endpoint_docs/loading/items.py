"""A doc's items: what its status makes of them, and the marks that they get."""

from __future__ import annotations

import keyword
import re
import unicodedata

from pytest_endpoint_docs.model.case import ContractCase, Disposition
from pytest_endpoint_docs.model.doc import DocStatus, EndpointDoc
from pytest_endpoint_docs.model.source import Severity

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
NO_REASON = "no reason recorded"


def cases_of(doc: EndpointDoc) -> tuple[ContractCase, ...]:
    """The items of a doc, in the order of its text, each with what its doc's head and status make of it."""
    cases = []
    for outline in doc.outlines:
        broken = [
            finding
            for finding in doc.findings
            if finding.severity is Severity.ERROR and finding.case_id in (None, outline.name)
        ]
        if broken:
            disposition = Disposition(
                action="broken", reason="\n".join(str(finding) for finding in broken), location=broken[0].location
            )
        else:
            disposition = disposition_of(doc)
        cases.append(ContractCase(doc=doc, outline=outline, disposition=disposition))
    return tuple(cases)


def disposition_of(doc: EndpointDoc) -> Disposition:
    """What the status says; ``location`` is the line of the reason where one is recorded, else of the status."""
    reason = doc.skip_reason
    location = doc.line_of(
        "skipReason" if "skipReason" in doc.lines else "skip_reason" if "skip_reason" in doc.lines else _status_key(doc)
    )
    match doc.status:
        case DocStatus.VERIFIED:
            return Disposition(action="run", location=location)
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
    [
        "skip",
        "skipif",
        "xfail",
        "parametrize",
        "usefixtures",
        "filterwarnings",
        "tryfirst",
        "trylast",
        "hookwrapper",
        "optionalhook",
        "pytestmark",
        "asyncio",
        "anyio",
        "trio",
        "tornado_asyncio",
        "flaky",
        "timeout",
        "order",
        "run",
        "first",
        "last",
        "second",
        "dependency",
        "depends",
        "repeat",
        "forked",
        "xdist_group",
        "no_cover",
        "benchmark",
        "django_db",
        "urls",
        "ignore_template_errors",
        "httpx_mock",
        "vcr",
        "block_network",
        "enable_socket",
        "disable_socket",
        "allow_hosts",
        "freeze_time",
        "freezegun",
        "random_order",
        "incremental",
        "limit_memory",
        "limit_leaks",
        "no_retry",
        "base_url",
        "nondestructive",
        "browser_context_args",
        "only_browser",
        "skip_browser",
        "endpoint",
    ]
)


def marker_name(tag: str) -> str:
    """The marker of a tag or domain: ``Communication Messages (SMS)`` -> ``communication_messages_sms``.

    A name that already means something to pytest or a plugin, or that is no identifier, gets the prefix ``tag_``.
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
