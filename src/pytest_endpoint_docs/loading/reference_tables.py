"""What a doc says for people: tables of status codes, parameters, tokens, discrepancies. Drift compares it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from pytest_endpoint_docs.loading.block_scanner import Block, Row
from pytest_endpoint_docs.loading.markdown import Document, fold_title, parse_markdown
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.model.value_class import value_class

# Empty: the table does not say where its parameters are.
ParameterPlace = Literal["", "path", "query", "header", "body"]

_STATUS_TITLES = re.compile(r"(?:response|status|error|http) (?:status )?codes?|(?:error )?responses?")
_PLACES: dict[str, ParameterPlace] = {
    "path": "path",
    "query": "query",
    "header": "header",
    "headers": "header",
    "body": "body",
    "request body": "body",
    "form": "body",
}
_PLACE_TITLE = re.compile(
    r"(path|query|headers?|(?:request )?body|form)(?: (?:data|parameters?|params|fields?|properties))*\b.*"
)
_ANY_PLACE = re.compile(r"(?:request )?(?:parameters?|params)(?: reference)?")
_NAME_COLUMNS = ("parameter", "name", "field", "property", "param")
_KEY = r"[A-Za-z_$][\w$-]*(?:\[[\w$-]*\])*"
_NAME = re.compile(rf"{_KEY}(?:\.{_KEY})*")
_TOKEN_COLUMNS = ("token", "token type", "token kind", "tokens")
_WORKS_COLUMNS = ("works", "supported", "allowed", "available", "works?", "supported?")
_DISCREPANCY_TITLE = re.compile(r"(?:\w+ )?discrepanc(?:y|ies)\b.*")
_SAID_COLUMN = re.compile(
    r"(?:swagger|openapi|spec(?:ification)?|description|docs?|documentation)(?: (?:says|spec|docs))?"
)
_ACTUAL_COLUMN = re.compile(r"(?:actual\b.*|code(?: says)?|reality|api|server|implementation)")
_TYPES = {
    "string": "string", "str": "string", "text": "string", "uuid": "string", "date": "string", "datetime": "string",
    "date-time": "string", "email": "string", "url": "string", "uri": "string", "file": "file", "binary": "file",
    "integer": "integer", "int": "integer", "int32": "integer", "int64": "integer", "long": "integer",
    "number": "number", "float": "number", "double": "number", "decimal": "number",
    "boolean": "boolean", "bool": "boolean", "array": "array", "list": "array", "object": "object", "hash": "object",
    "json": "object", "map": "object", "dict": "object",
}  # fmt: skip


@value_class
class ToldStatus:
    """A status code of a table such as ``Response Codes``."""

    status: int
    location: SourceLocation


@value_class
class ToldParameter:
    """A row of a table of parameters; ``required`` is ``None`` where the row does not say.

    ``type`` is a type of JSON Schema or ``file``, empty where the row names none.
    """

    name: str
    place: ParameterPlace
    required: bool | None
    location: SourceLocation
    type: str = ""


@value_class
class ToldToken:
    """A row that says whether a kind of token works."""

    kind: str
    works: bool
    location: SourceLocation


@value_class
class ToldDiscrepancy:
    """A row of ``Swagger Discrepancies``: what it is about, what the description is said to say, and what is so."""

    subject: str
    said: str
    actual: str
    location: SourceLocation


@value_class
class ReferenceTables:
    """What a doc's tables list; ``authentication`` are the paragraphs below ``Authentication`` and
    those with ``Token Type``."""

    statuses: tuple[ToldStatus, ...] = ()
    parameters: tuple[ToldParameter, ...] = ()
    tokens: tuple[ToldToken, ...] = ()
    authentication: tuple[Block, ...] = ()
    discrepancies: tuple[ToldDiscrepancy, ...] = ()


def read_reference_tables(doc: EndpointDoc) -> ReferenceTables:
    """Read the tables below ``Response Codes``, ``Query Parameters`` and the like; others say nothing here."""
    document = parse_markdown(doc.text, body_line=doc.body_line, path=doc.path)
    return ReferenceTables(
        statuses=tuple(_statuses(document, doc)),
        parameters=tuple(_parameters(document, doc)),
        tokens=tuple(_tokens(document, doc)),
        authentication=tuple(
            block
            for section in document.sections
            for block in section.blocks
            if block.kind == "paragraph" and _is_about_tokens(section.title, block.text)
        ),
        discrepancies=tuple(_discrepancies(document, doc)),
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
        found = _PLACE_TITLE.fullmatch(title)
        head = _head(table)
        if (found is None and not _ANY_PLACE.fullmatch(title)) or not head or head[0] not in _NAME_COLUMNS:
            continue
        # A table that tells neither is one of where values come from.
        if found is None and not {"required", "type"} & set(head):
            continue
        for row in table.rows[1:]:
            name = _cell(row, 0).strip("`* ")
            if _NAME.fullmatch(name):
                yield ToldParameter(
                    name=name,
                    place=_PLACES[found[1]] if found is not None else "",
                    required=_yes_or_no(_named(row, head, "required")),
                    location=doc.location.at(row.line),
                    type=_type(_named(row, head, "type")),
                )


def _tokens(document: Document, doc: EndpointDoc) -> Iterator[ToldToken]:
    for _, table in _tables(document):
        head = _head(table)
        column = next((name for name in _WORKS_COLUMNS if name in head), None)
        if not head or head[0] not in _TOKEN_COLUMNS or column is None:
            continue
        for row in table.rows[1:]:
            works = _yes_or_no(_named(row, head, column))
            if works is not None:
                yield ToldToken(kind=_cell(row, 0).strip("`* "), works=works, location=doc.location.at(row.line))


def _discrepancies(document: Document, doc: EndpointDoc) -> Iterator[ToldDiscrepancy]:
    for title, table in _tables(document):
        head = _head(table)
        said = next((number for number, name in enumerate(head) if number and _SAID_COLUMN.fullmatch(name)), None)
        actual = next((number for number, name in enumerate(head) if number and _ACTUAL_COLUMN.fullmatch(name)), None)
        if not _DISCREPANCY_TITLE.fullmatch(title) or said is None or actual is None:
            continue
        for row in table.rows[1:]:
            about = ": ".join(_cell(row, number) for number in range(min(said, actual)))
            yield ToldDiscrepancy(
                subject=about, said=_cell(row, said), actual=_cell(row, actual), location=doc.location.at(row.line)
            )


def _is_about_tokens(title: str, text: str) -> bool:
    return title in ("authentication", "authorization") or "token type" in text.lower()


def _head(table: Block) -> list[str]:
    return [fold_title(cell) for cell in table.rows[0].cells]


def _cell(row: Row, number: int) -> str:
    return row.cells[number] if number < len(row.cells) else ""


def _named(row: Row, head: list[str], name: str) -> str:
    return _cell(row, head.index(name)) if name in head else ""


def _type(text: str) -> str:
    """The type that a cell names: ``string``, ``array of objects``, ``integer (optional)``, ``string[]``."""
    word = re.match(r"\W*([a-z][a-z0-9-]*)(\[\])?", text.strip().lower())
    if word is None:
        return ""
    return "array" if word[2] else _TYPES.get(word[1], "")


def _yes_or_no(text: str) -> bool | None:
    word = re.match(r"\W*(yes|no|true|false|required|optional)\b\W*$", text.strip(), re.IGNORECASE)
    if "✅" in text or "❌" in text:
        return "✅" in text
    return word[1].lower() in ("yes", "true", "required") if word else None
