"""File -> :class:`EndpointDoc`: what collection needs, and no more."""

from __future__ import annotations

from pathlib import Path

from pytest_endpoint_docs.loading.envelope import read_envelope
from pytest_endpoint_docs.loading.fields import FieldReader
from pytest_endpoint_docs.loading.finding_log import FindingLog
from pytest_endpoint_docs.loading.frontmatter import read_frontmatter
from pytest_endpoint_docs.loading.markdown import parse_markdown
from pytest_endpoint_docs.loading.outline import parse_outline, scan_outline
from pytest_endpoint_docs.loading.prose import read_skip_reason
from pytest_endpoint_docs.model import DocStatus, EndpointDoc, SourceLocation


def load_doc(file: Path, *, display_path: str) -> EndpointDoc | None:
    """Read the head of an endpoint doc; ``None`` for a file that is none (no frontmatter, or one without ``endpoint``).

    ``display_path`` is what locations show. What is wrong but readable becomes a finding of the doc.

    Raises:
        FrontmatterError: the file cannot be opened; or it is meant as an endpoint doc, and its head cannot be read.
    """
    start = SourceLocation(display_path, 1)
    envelope = read_envelope(file, start)
    if envelope is None:
        return None
    findings = FindingLog()
    frontmatter = read_frontmatter(envelope, start, findings)
    if frontmatter is None:
        return None
    fields = FieldReader(frontmatter, start, findings).fields()
    location = start.at(frontmatter.lines["endpoint"])
    outlines = scan_outline(envelope.text, body_line=envelope.body_line, endpoint=fields["endpoint"], location=location)
    needs_reason = fields["status"] in (DocStatus.SKIP, DocStatus.DEPRECATED) and fields["skip_reason"] is None
    if outlines is None or needs_reason:
        document = parse_markdown(envelope.text, body_line=envelope.body_line, path=display_path)
        outlines = parse_outline(document, endpoint=fields["endpoint"], location=location, findings=findings)
        if needs_reason:
            fields["skip_reason"] = read_skip_reason(document)
    if fields["status"] is DocStatus.SKIP and fields["skip_reason"] is None:
        line = frontmatter.lines.get("status", frontmatter.lines.get("skip", location.line))
        findings.warning(
            "no-skip-reason",
            'no reason recorded: add `skipReason: "..."` that says why, and what would change it.',
            start.at(line),
        )
    return EndpointDoc(
        file=file,
        path=display_path,
        location=location,
        outlines=outlines,
        findings=findings.all(),
        lines=frontmatter.lines,
        text=envelope.text,
        body_line=envelope.body_line,
        **fields,
    )
