"""``UID Resolution``: how the values of variables are obtained (doc format, section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pytest_endpoint_docs.loading.block_scanner import Block
from pytest_endpoint_docs.loading.endpoint_prose import (
    complete_from_prose,
    leading_endpoint,
    mentioned_endpoints,
    whole_endpoint,
)
from pytest_endpoint_docs.loading.foreign_keys import OF_ROW
from pytest_endpoint_docs.loading.mapping_reader import FindingLog, MappingReader, ParsedBlock, parse_block
from pytest_endpoint_docs.loading.markdown import Section
from pytest_endpoint_docs.model.body import Resolution
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer

_ROW_KEYS = frozenset(
    ["source_endpoint", "extract_from", "fallback_endpoint", "create_fresh", "create_endpoint", "create_body",
     "cleanup_endpoint", "cleanup_note", "token_type", "description"]
)  # fmt: skip
_NOTHING = frozenset(["", "-", "–", "—", "n/a", "none", "null", "no", "not needed"])
_ARROW = re.compile(r"\s*(?:→|->|=>|⇒)\s*")
_PARAM = re.compile(r"config\.params\.[\w.\[\]-]+")
_AUTHORIZATION = re.compile(r"/\S*authorize\b", re.IGNORECASE)
_YES = re.compile(r"^[\W_]*(?:✓|✔|✅|yes\b|true\b|required\b)", re.IGNORECASE)


def read_resolutions(
    sections: Sequence[Section], prerequisites: Sequence[Section], findings: FindingLog
) -> tuple[Resolution, ...]:
    """The rows of the JSON fence, or where there is none those of the table; a field's first row counts.

    The prose of these sections, and of ``prerequisites``, shows more of where the values come from.
    """
    rows: list[Resolution] = []
    for section in sections:
        for fence in section.fences(["json"]):
            block = parse_block(fence, findings, required=False)
            if block is not None and _is_resolution(block.value):
                rows += _rows_of_json(block, findings)
    if not rows:
        rows = [
            row
            for section in sections
            for block in section.blocks
            if block.kind == "table"
            for row in _rows_of_table(block, section.location)
        ]
    unique: dict[str, Resolution] = {}
    for row in rows:
        if row.field in unique:
            first_line = unique[row.field].location.line
            message = f"`{row.field}` is resolved twice; the first row, in line {first_line}, counts."
            findings.warning("duplicate-resolution", message, row.location)
        else:
            unique[row.field] = row
    return complete_from_prose(tuple(unique.values()), sections, prerequisites)


def _is_resolution(value: JSONValue) -> bool:
    """Whether a JSON fence maps fields to rows; a body that stands in the same section does not."""
    return isinstance(value, dict) and any(isinstance(row, dict) and row.keys() & _ROW_KEYS for row in value.values())


def _rows_of_json(block: ParsedBlock, findings: FindingLog) -> Iterator[Resolution]:
    assert isinstance(block.value, dict)
    for field, row in block.value.items():
        location = block.at(join_pointer("", field))
        if isinstance(row, dict):
            MappingReader(
                values=row,
                block=block,
                pointer=join_pointer("", field),
                subject="a row of UID Resolution",
                findings=findings,
            ).check_keys(_ROW_KEYS, other_names=OF_ROW)
            yield _row_of_json(field, row, location, findings)
        else:
            yield Resolution(field=field, kind="prose", location=location, note=None if row is None else str(row))


def _row_of_json(
    field: str, row: Mapping[str, JSONValue], location: SourceLocation, findings: FindingLog
) -> Resolution:
    source, fallback = whole_endpoint(row.get("source_endpoint")), whole_endpoint(row.get("fallback_endpoint"))
    create, cleanup = whole_endpoint(row.get("create_endpoint")), whole_endpoint(row.get("cleanup_endpoint"))
    create_body = row.get("create_body")
    has_create_body = "create_body" in row and create_body is not None
    extract_from = _path_expression(row.get("extract_from"))
    fresh = row.get("create_fresh") is True
    if create is not None and source is None and fallback is None:
        # The only endpoint that the row names: there is no other way to the value.
        fresh = True
    # Without an endpoint of its own, the body belongs to a source that creates.
    source_has_body = has_create_body and source is not None and source.method == "POST" and create in (None, source)
    prose = [
        str(row[key]) for key in ("source_endpoint", "create_endpoint", "cleanup_note") if isinstance(row.get(key), str)
    ]
    if extract_from and _PARAM.fullmatch(extract_from):
        return Resolution(field=field, kind="param", location=location, extract_from=extract_from)
    calls = bool(source or fallback or create)
    if calls and extract_from is None:
        _warn_without_extract(field, row.get("extract_from"), location, findings)
    token = row.get("token_type")
    return Resolution(
        field=field,
        kind="endpoint" if calls and extract_from is not None else "prose",
        location=location,
        source=source,
        fallback=fallback,
        create=create,
        create_fresh=fresh,
        create_body=create_body if has_create_body else None,
        has_create_body=has_create_body,
        source_body=create_body if source_has_body else None,
        has_source_body=source_has_body,
        extract_from=extract_from,
        token=token.strip().lower() if isinstance(token, str) and token.strip() else None,
        cleanup=cleanup,
        note="; ".join(text for text in prose if whole_endpoint(text) is None) or None,
    )


def _warn_without_extract(field: str, written: JSONValue, location: SourceLocation, findings: FindingLog) -> None:
    found = f'`extract_from: "{written}"` is not a path' if isinstance(written, str) else "no path of its value"
    message = f"`{field}` names an endpoint, and {found}: write `extract_from`, such as data.uid or data[0].uid."
    findings.warning("resolution-without-extract", message, location)


def _rows_of_table(block: Block, section: SourceLocation) -> Iterator[Resolution]:
    head, *rows = block.rows
    columns = [_column(name) for name in head.cells]
    for row in rows:
        cells: dict[str, str] = {}
        for column, cell in zip(columns, row.cells, strict=False):
            cells.setdefault(column, cell)
        field = row.cells[0].strip("`* ") if row.cells else ""
        if _is_nothing(field):
            continue
        yield _row_of_table(field, cells, section.at(row.line))


def _row_of_table(field: str, cells: Mapping[str, str], location: SourceLocation) -> Resolution:
    source_cell = cells.get("source", "")
    path_text = cells.get("extract", "")
    parts = _ARROW.split(source_cell, maxsplit=1)
    if len(parts) == 2 and _is_nothing(path_text):
        path_text = parts[1]
    source = leading_endpoint(parts[0].lstrip("`* "))
    create_cell, cleanup_cell = cells.get("create", ""), cells.get("cleanup", "")
    create = next(mentioned_endpoints(create_cell), None)
    cleanup = next(mentioned_endpoints(cleanup_cell), None)
    notes = [cells.get("note", ""), source_cell if source is None else "", cleanup_cell]
    told = [text for text in notes if not _is_nothing(text) and next(mentioned_endpoints(text), None) is None]
    note = "; ".join(told) or None
    if source is None and _AUTHORIZATION.search(source_cell) and "redirect" in source_cell.lower():
        return Resolution(field=field, kind="authorization", location=location, note=note)
    extract_from = _path_expression(path_text)
    if extract_from and _PARAM.fullmatch(extract_from):
        return Resolution(field=field, kind="param", location=location, extract_from=extract_from, note=note)
    fresh = bool(_YES.match(create_cell)) and (create is not None or (source is not None and source.method == "POST"))
    return Resolution(
        field=field,
        kind="endpoint" if extract_from is not None and (source is not None or create is not None) else "prose",
        location=location,
        source=source,
        create=create,
        create_fresh=fresh or (create is not None and source is None),
        extract_from=extract_from,
        cleanup=cleanup,
        note=note,
    )


def _column(name: str) -> str:
    """What a column holds, by its title."""
    title = name.strip("`* ").casefold()
    for part, column in (
        ("create", "create"),
        ("cleanup", "cleanup"),
        ("clean up", "cleanup"),
        ("extract", "extract"),
        ("path", "extract"),
        ("endpoint", "source"),
        ("source", "source"),
        ("note", "note"),
    ):
        if part in title:
            return column
    return "field"


def _path_expression(value: object) -> str | None:
    """A path into the response, or ``None`` for prose and for nothing. ``[]`` is written for the first of a list."""
    from pytest_endpoint_docs.variables.extraction import parse_expression

    if not isinstance(value, str):
        return None
    text = value.strip().strip("`").strip().replace("[]", "[0]")
    if _is_nothing(text) or (re.search(r"\s", text) and "[?" not in text):
        return None
    try:
        parse_expression(text)
    except ValueError:
        return None
    return text


def _is_nothing(text: str) -> bool:
    return text.strip("`* ").casefold() in _NOTHING
