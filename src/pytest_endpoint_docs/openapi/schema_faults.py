"""What is wrong with a schema itself: a finding about the description, neither a crash nor a silent pass."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pytest_endpoint_docs.model.keyword_forms import SCHEMA_LISTS, SCHEMA_MAPS, SINGLE_SCHEMAS, is_well_formed
from pytest_endpoint_docs.openapi.documents import DescriptionFault, Node, UnresolvedReference
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.words import cut_line


def schema_faults(schema: Node) -> Iterator[DescriptionFault]:
    """Everything that is wrong in a schema and in what it refers to, each place once."""
    seen: set[str] = set()
    pending = [schema]
    while pending:
        current = pending.pop()
        if current.uri in seen:
            continue
        seen.add(current.uri)
        if isinstance(current.value, bool):
            continue
        if not isinstance(current.value, Mapping):
            yield DescriptionFault(
                source=current.source,
                message=f"a schema is an object, but this is {_brief(current.value)}",
                is_fatal=True,
            )
            continue
        if isinstance(current.value.get("$ref"), str):
            try:
                pending.append(current.resolved())
            except UnresolvedReference as error:
                yield DescriptionFault.unread(error)
        if isinstance(current.value.get("$dynamicRef"), str):
            try:
                pending.append(current.store.follow(current, current.value["$dynamicRef"]))
            except UnresolvedReference as error:
                yield DescriptionFault.unread(error)
        for keyword, value in current.value.items():
            if not is_well_formed(keyword, value):
                yield from _malformed(current, keyword, value)
        pending += reversed(list(_below(current)))


def _malformed(node: Node, keyword: str, value: object) -> Iterator[DescriptionFault]:
    """That a keyword is left out; of a map of schemas, for each member that is none."""
    members = value if keyword in SCHEMA_MAPS and isinstance(value, Mapping) else {}
    wrong = {name: member for name, member in members.items() if not isinstance(member, (Mapping, bool))}
    for name, member in wrong.items():
        yield DescriptionFault(
            source=join_pointer(f"{node.source}/{keyword}", name),
            message=f"'{name}' in '{keyword}' is {_brief(member)} and not a schema"
            f"{_hint(name, member)}; '{keyword}' is left out",
        )
    if not wrong:
        yield DescriptionFault(
            source=f"{node.source}/{keyword}",
            message=f"'{keyword}' cannot be {_brief(value)}{_hint(keyword, value)}; it is left out",
        )


def _below(node: Node) -> Iterator[Node]:
    for keyword in SINGLE_SCHEMAS:
        child = node.step(keyword)
        if child is not None and isinstance(child.value, Mapping):
            yield child
    for keyword in (*SCHEMA_MAPS, *SCHEMA_LISTS):
        child = node.step(keyword)
        if child is not None:
            # A member that is not a schema is reported by the keyword's own form.
            yield from (item for _, item in child.children() if isinstance(item.value, Mapping))


def _brief(value: object) -> str:
    return cut_line(json.dumps(value, ensure_ascii=False, default=str), 60)


def _hint(keyword: str, value: object) -> str:
    if keyword == "required" and isinstance(value, (bool, list)):
        return " (a list of names belongs beside 'properties')"
    if keyword in ("readOnly", "writeOnly") and isinstance(value, list):
        return " (it belongs in each of these properties, as true)"
    return ""
