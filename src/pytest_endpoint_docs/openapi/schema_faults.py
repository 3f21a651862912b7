"""What is wrong with a schema itself: a finding about the description, neither a crash nor a silent pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_endpoint_docs.model.keyword_forms import (
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    SINGLE_SCHEMAS,
    TEXTS_FOR_PEOPLE,
    is_well_formed,
)
from pytest_endpoint_docs.openapi.documents import DescriptionFault, Node, UnresolvedReference, brief
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.yaml_text.plain_scalars import AS_WRITTEN

TRUE_OR_FALSE = " (write true or false)"
"""What to do about a text such as ``yes``, which is a boolean in YAML 1.1 alone."""


class SchemaFaults:
    """What is wrong with schemas. Each place is looked at once, whichever schemas lead to it: many lead to all."""

    def __init__(self) -> None:
        self._examined: dict[str, tuple[Sequence[DescriptionFault], Sequence[tuple[str, Node]]]] = {}

    def of(self, schema: Node) -> tuple[DescriptionFault, ...]:
        """Everything that is wrong in a schema and in what it refers to, each place once."""
        found: list[DescriptionFault] = []
        seen: set[str] = set()
        pending = [(schema.uri, schema)]
        while pending:
            uri, node = pending.pop()
            if uri in seen:
                continue
            seen.add(uri)
            if uri not in self._examined:
                further: list[Node] = []
                own = tuple(_own_faults(node, further))
                self._examined[uri] = own, [(each.uri, each) for each in further]
            faults, below = self._examined[uri]
            found += faults
            pending += below
        return tuple(found)


def _own_faults(node: Node, further: list[Node]) -> Iterator[DescriptionFault]:
    """What is wrong at one place; the schemas that it refers to and has in it are added to ``further``."""
    if isinstance(node.value, bool):
        return
    if not isinstance(node.value, Mapping):
        message = f"a schema is an object, but this is {brief(node.value)}"
        yield DescriptionFault(source=node.source, message=message, is_fatal=True)
        return
    if isinstance(node.value.get("$ref"), str):
        try:
            further.append(node.resolved())
        except UnresolvedReference as error:
            yield DescriptionFault.unread(error)
    if isinstance(node.value.get("$dynamicRef"), str):
        try:
            further.append(node.store.follow(node, node.value["$dynamicRef"]))
        except UnresolvedReference as error:
            yield DescriptionFault.unread(error)
    for keyword, value in node.value.items():
        if not is_well_formed(keyword, value) and (keyword not in TEXTS_FOR_PEOPLE or isinstance(value, Mapping)):
            yield from _malformed(node, keyword, value)
    further += reversed(list(_below(node)))


def _malformed(node: Node, keyword: str, value: object) -> Iterator[DescriptionFault]:
    """That a keyword is left out; of a map of schemas, for each member that is none."""
    members = value if keyword in SCHEMA_MAPS and isinstance(value, Mapping) else {}
    wrong = {name: member for name, member in members.items() if not isinstance(member, (Mapping, bool))}
    for name, member in wrong.items():
        yield DescriptionFault(
            source=join_pointer(f"{node.source}/{keyword}", name),
            message=f"'{name}' in '{keyword}' is {brief(member)} and not a schema"
            f"{_hint(name, member)}; '{keyword}' is left out",
        )
    if not wrong:
        yield DescriptionFault.left_out(node, keyword, _hint(keyword, value))


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


def _hint(keyword: str, value: object) -> str:
    if keyword == "required" and isinstance(value, (bool, list)):
        return " (a list of names belongs beside 'properties')"
    if keyword in ("readOnly", "writeOnly") and isinstance(value, list):
        return " (it belongs in each of these properties, as true)"
    if isinstance(value, str) and value.lower() in AS_WRITTEN.booleans and is_well_formed(keyword, True):
        return TRUE_OR_FALSE
    return ""
