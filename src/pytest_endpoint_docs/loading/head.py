"""File -> :class:`EndpointDoc`: what collection needs, and no more."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pytest_endpoint_docs.loading.block_scanner import MarkdownLibrary
from pytest_endpoint_docs.loading.frontmatter import read_envelope, read_frontmatter, read_text
from pytest_endpoint_docs.loading.head_fields import fields_of
from pytest_endpoint_docs.loading.items import scan_outline
from pytest_endpoint_docs.loading.mapping_reader import FindingLog
from pytest_endpoint_docs.loading.schema_findings import GoodSchemas
from pytest_endpoint_docs.model.body import DocBody
from pytest_endpoint_docs.model.doc import NOT_RUN, DocReader, DocStatus, EndpointDoc, Reads
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation
from pytest_endpoint_docs.model.value_class import Alike


def doc_reader() -> partial[EndpointDoc | None]:
    """:func:`load_doc` for many docs, which have a Markdown parser in common, known schemas, and what is equal."""
    library = MarkdownLibrary()
    reads = Reads(text=read_text, body=partial(read_body, good=GoodSchemas(), library=library))
    return partial(load_doc, reads=reads, library=library, alike=Alike())


def read_body(doc: EndpointDoc, *, good: GoodSchemas | None = None, library: MarkdownLibrary | None = None) -> DocBody:
    """The body of a doc. ``good`` keeps what those of many docs have in common, ``library`` reads them all."""
    # What reads bodies costs more to import than collecting needs.
    from pytest_endpoint_docs.loading.doc_body import parse_body

    return parse_body(doc, good, library)


READS = Reads(text=read_text, body=read_body)
"""How a doc is read that has nothing in common with others."""


def load_doc(
    file: Path,
    *,
    display_path: str,
    reads: Reads = READS,
    library: MarkdownLibrary | None = None,
    alike: Alike | None = None,
) -> EndpointDoc | None:
    """Read the head of an endpoint doc; ``None`` for a file that is none, and does not look like one.

    ``display_path`` is what locations show, ``reads`` what is asked for later, ``library`` its Markdown
    where the items are not plain to see; ``alike`` keeps what it has in common with the doc before. What is wrong but
    readable becomes a finding of the doc.

    Raises:
        FrontmatterError: the file cannot be opened; or it is meant as an endpoint doc, and its head cannot be read.
    """
    start = SourceLocation(display_path, 1)
    findings = FindingLog()
    envelope = read_envelope(file, start)
    frontmatter = read_frontmatter(envelope, start, findings) if envelope is not None else None
    if envelope is None or frontmatter is None:
        from pytest_endpoint_docs.loading.lookalikes import refuse_lookalike

        refuse_lookalike(file, start)
        return None
    fields, lines = fields_of(frontmatter.block, findings), frontmatter.lines
    endpoint: Endpoint = fields["endpoint"]
    location = start.at(lines["endpoint"])
    needs_reason = fields["status"] in NOT_RUN and fields.get("skip_reason") is None
    outlines = scan_outline(envelope.text, head_end=envelope.head_end, endpoint=endpoint, location=location)
    if outlines is None or needs_reason:
        from pytest_endpoint_docs.loading.doc_body import parse_outline

        text, line = envelope.text, envelope.body_line
        outlines, reason = parse_outline(
            text, body_line=line, endpoint=endpoint, location=location, findings=findings, library=library
        )
        fields |= {"skip_reason": reason} if needs_reason else {}
    if fields["status"] is DocStatus.SKIP and fields.get("skip_reason") is None:
        message = 'no reason recorded: add `skipReason: "..."` that says why, and what would change it.'
        findings.warning("no-skip-reason", message, start.at(lines.get("status", lines.get("skip", location.line))))
    if alike is not None:
        lines, fields["tags"] = alike.as_before("lines", lines), alike.as_before("tags", fields.get("tags", ()))
    return EndpointDoc(
        file=file,
        path=display_path,
        location=location,
        outlines=outlines,
        findings=findings.all(),
        lines=lines,
        body_line=envelope.body_line,
        reader=DocReader(reads, envelope.text),
        **fields,
    )
