"""``UID Resolution``: the requests that may give a row's value, in their order (doc format, section 4).

:class:`Preparation` is a case with what it takes to send it, these requests among it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from pytest_endpoint_docs.execution.row_names import Rows
from pytest_endpoint_docs.loading.doc_index import DocIndex
from pytest_endpoint_docs.loading.documented import Plan
from pytest_endpoint_docs.model.body import DocBody, RequestTemplate, Resolution
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Endpoint, JSONValue
from pytest_endpoint_docs.model.value_class import value_class


@value_class
class Call:
    """A request that may give a row's value. ``creates``: it makes something new, which is to be cleaned up."""

    template: RequestTemplate
    creates: bool


def calls_of(row: Resolution, doc: EndpointDoc, index: Callable[[], DocIndex]) -> tuple[Call, ...]:
    """The requests that may give the value of a doc's row, in the order in which they are tried.

    Where the row's source has an endpoint doc, that doc's main request is what gets sent. What the doc itself asks of
    its requests (``useFallbackApi``) holds for them all.
    """
    source = index().find(row.source) if row.source else None
    # A row of a doc whose source is that doc's own endpoint would need itself.
    found = _calls(row, None if source is None or source.path == doc.path else source)
    return tuple(replace(call, template=_with_fallback(call.template, doc)) for call in found)


def cleanup_template(row: Resolution, endpoint: Endpoint, doc: EndpointDoc) -> RequestTemplate:
    """The request that removes what a row created."""
    return _with_fallback(_template(row, endpoint, None, has_body=False), doc)


def _calls(row: Resolution, source_doc: EndpointDoc | None) -> Iterator[Call]:
    """``create`` where the row asks for something fresh, then ``source``, then ``fallback``; ``create`` at last where
    there is neither."""
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


def _source_call(row: Resolution, source: Endpoint, source_doc: EndpointDoc | None) -> Call:
    template = _template(row, source, row.source_body, has_body=row.has_source_body)
    main = source_doc.body.requests[0].subject if source_doc and source_doc.body.requests else None
    if source_doc and main:
        documented = _with_fallback(main.request, source_doc)
        template = replace(documented, location=row.location, token=row.token or documented.token)
        if row.has_source_body:
            template = replace(template, body=row.source_body, has_body=True)
    return Call(template=template, creates=source.method == "POST")


def _with_fallback(template: RequestTemplate, doc: EndpointDoc) -> RequestTemplate:
    return replace(template, use_fallback=template.use_fallback or doc.use_fallback_api)


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


@value_class
class Preparation:
    """A case that can be sent: its body, its steps in order, its rows and the calls of each."""

    body: DocBody
    plan: Plan
    rows: Rows
    calls: Callable[[Resolution], tuple[Call, ...]]
