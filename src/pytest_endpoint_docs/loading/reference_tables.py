"""What the tables of a doc say for people: status codes and parameters. Nothing of it runs; drift compares it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_endpoint_docs.loading.markdown import Block, Document, fold_title, parse_markdown
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.yaml_source import lines_of

ParameterPlace = Literal["path", "query", "header", "body"]

_STATUS_TITLES = re.compile(r"(?:response|status|error|http) (?:status )?codes?|(?:error )?responses?")
_PLACES: dict[str, ParameterPlace] = {
    "path": "path",
    "query": "query",
    "header": "header",
    "headers": "header",
    "body": "body",
    "request body": "body",
}
_PLACE_TITLE = re.compile(r"(path|query|headers?|(?:request )?body)(?: (?:parameters?|params|fields?|properties))?\b.*")
_NAME_COLUMNS = ("parameter", "name", "field", "property", "param")
_NAME = re.compile(r"[A-Za-z_$][\w$-]*(?:\[\])?(?:\.[A-Za-z_$][\w$-]*(?:\[\])?)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStatus:
    """A status code of a table such as ``Response Codes``."""

    status: int
    location: SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldParameter:
    """A row of a table of parameters; ``required`` is ``None`` where the row does not say."""

    name: str
    place: ParameterPlace
    required: bool | None
    location: SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTables:
    """The status codes and parameters that a doc's tables list."""

    statuses: tuple[ToldStatus, ...] = ()
    parameters: tuple[ToldParameter, ...] = ()


def read_reference_tables(doc: EndpointDoc) -> ReferenceTables:
    """Read the tables below ``Response Codes``, ``Query Parameters`` and the like; others say nothing here."""
    document = parse_markdown(doc.text, body_line=doc.body_line, path=doc.path, lines_of=lines_of)
    return ReferenceTables(
        statuses=tuple(_statuses(document, doc)),
        parameters=tuple(_parameters(document, doc)),
    )


def _tables(document: Document) -> Iterator[tuple[str, Block]]:
    """Every table with the folded title of its nearest heading."""
    for section in document.sections:
        title = section.title
        for block in section.blocks:
            if block.kind == "heading":
                title = fold_title(block.text)
            elif block.kind == "table" and len(block.rows) > 1:
                yield title, block


def _statuses(document: Document, doc: EndpointDoc) -> Iterator[ToldStatus]:
    for title, table in _tables(document):
        if _STATUS_TITLES.fullmatch(title):
            for row in table.rows[1:]:
                found = re.match(r"[`*]*([1-5]\d\d)\b", row.cells[0]) if row.cells else None
                if found:
                    yield ToldStatus(status=int(found[1]), location=doc.location.at(row.line))


def _parameters(document: Document, doc: EndpointDoc) -> Iterator[ToldParameter]:
    for title, table in _tables(document):
        place = _PLACE_TITLE.fullmatch(title)
        head = [fold_title(cell) for cell in table.rows[0].cells]
        if place is None or not head or head[0] not in _NAME_COLUMNS:
            continue
        required = head.index("required") if "required" in head else None
        for row in table.rows[1:]:
            name = row.cells[0].strip("`* ") if row.cells else ""
            if _NAME.fullmatch(name):
                said = row.cells[required] if required is not None and required < len(row.cells) else ""
                yield ToldParameter(
                    name=name, place=_PLACES[place[1]], required=_yes_or_no(said), location=doc.location.at(row.line)
                )


def _yes_or_no(text: str) -> bool | None:
    word = re.match(r"\W*(yes|no|true|false|required|optional)\b\W*$", text.strip(), re.IGNORECASE)
    if "✅" in text or "❌" in text:
        return "✅" in text
    return word[1].lower() in ("yes", "true", "required") if word else None
