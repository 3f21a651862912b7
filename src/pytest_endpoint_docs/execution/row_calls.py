"""``UID Resolution``: which row gives a variable, and which requests give the row's value (doc format, section 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from pytest_endpoint_docs.execution.uses import Use
from pytest_endpoint_docs.model.body import DocBody, RequestTemplate, Resolution
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Endpoint, JSONValue
from pytest_endpoint_docs.variables.names import last_segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that may give a row's value. ``creates``: it makes something new, which is to be cleaned up."""

    template: RequestTemplate
    creates: bool
    use_fallback: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a doc that a machine can read."""

    rows: tuple[Resolution, ...] = ()
    prose: tuple[Resolution, ...] = ()

    @classmethod
    def of(cls, body: DocBody) -> Rows:
        """The rows of a doc's body."""
        return cls(
            tuple(row for row in body.resolutions if row.kind != "prose"),
            tuple(row for row in body.resolutions if row.kind == "prose"),
        )

    def named(self, name: str) -> Resolution | None:
        """The row whose field is the variable's whole name."""
        return next((row for row in self.rows if row.field == name), None)

    def meant(self, use: Use) -> tuple[Resolution, ...]:
        """The rows that a variable may mean where nothing defines its whole name; several: it is ambiguous.

        By its last segment (``app.client_id``), by the key that it stands at (``"code": "{{the_code}}"``), or, for
        ``resolved.anything``, the only row there is.
        """
        for wanted in (last_segment(use.name), use.key, use.key.rpartition(".")[2]):
            found = tuple(row for row in self.rows if wanted and row.field == wanted)
            if not found and wanted:
                found = tuple(row for row in self.rows if last_segment(row.field) == wanted)
            if found:
                return found
        return self.rows if use.name.startswith("resolved.") else ()

    def prose_about(self, name: str) -> Resolution | None:
        """The row for people that has the variable's name."""
        return next((row for row in self.prose if row.field in (name, last_segment(name))), None)


def calls_for(row: Resolution, source_doc: tuple[EndpointDoc, DocBody] | None) -> Iterator[Call]:
    """The requests that may give a row's value, in the order in which they are tried.

    ``create`` where the row asks for something fresh, then ``source``, then ``fallback``; ``create`` at last where
    there is neither. ``source_doc`` is the source's own endpoint doc, whose main request is what gets sent.
    """
    create = row.create or (row.source if row.source and row.source.method == "POST" else None)
    create_call = _create_call(row, create) if create else None
    if create_call and row.create_fresh and (row.has_create_body or create != row.source):
        yield create_call
        if create == row.source:
            return
    if row.source:
        yield _source_call(row, row.source, source_doc)
    if row.fallback:
        posts = row.fallback.method == "POST"
        body, has_body = (row.create_body, row.has_create_body) if posts else (None, False)
        yield Call(template=_template(row, row.fallback, body, has_body=has_body), creates=posts)
    if create_call and not row.create_fresh and not row.source and not row.fallback:
        yield create_call


def _create_call(row: Resolution, create: Endpoint) -> Call:
    template = _template(row, create, row.create_body, has_body=row.has_create_body)
    return Call(template=template, creates=True)


def _source_call(row: Resolution, source: Endpoint, source_doc: tuple[EndpointDoc, DocBody] | None) -> Call:
    creates = source.method == "POST"
    template = _template(row, source, row.source_body, has_body=row.has_source_body)
    use_fallback = False
    main = source_doc[1].requests if source_doc else ()
    if source_doc and main and main[0].steps:
        documented = main[0].steps[-1].request
        use_fallback = source_doc[0].use_fallback_api or documented.use_fallback
        template = replace(documented, location=row.location, token=row.token or documented.token)
        if row.has_source_body:
            template = replace(template, body=row.source_body, has_body=True)
    return Call(template=template, creates=creates, use_fallback=use_fallback)


def cleanup_template(row: Resolution, endpoint: Endpoint) -> RequestTemplate:
    """The request that removes what a row created."""
    return _template(row, endpoint, None, has_body=False)


def _template(row: Resolution, endpoint: Endpoint, body: JSONValue, *, has_body: bool) -> RequestTemplate:
    return RequestTemplate(
        method=endpoint.method,
        path=endpoint.path,
        location=row.location,
        params=_repeated(parse_qsl(endpoint.query, keep_blank_values=True)),
        body=body,
        has_body=has_body,
        token=row.token,
    )


def _repeated(pairs: Sequence[tuple[str, str]]) -> dict[str, JSONValue]:
    params: dict[str, list[JSONValue]] = {}
    for name, value in pairs:
        params.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in params.items()}
