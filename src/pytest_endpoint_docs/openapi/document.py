"""A parsed description file, and the names of its own that schemas have in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from pytest_endpoint_docs.model.value_class import value_class

if TYPE_CHECKING:
    from referencing import Anchor, Resource, Specification

_ANCHORS = ("$anchor", "$dynamicAnchor")


@value_class
class Document:
    """A parsed file. ``name`` is its path as people read it; mapping keys are always text.

    ``line`` gives the line of a place, by the keys that lead to it, or of what is there of it. ``has_names``: ``$id``,
    ``$anchor`` or ``$dynamicAnchor`` may be in it.
    """

    file: Path
    name: str
    content: Any = field(repr=False)
    line: Callable[[Sequence[str]], int] = field(repr=False, compare=False)
    has_names: bool = False

    @property
    def uri(self) -> str:
        """The ``file:`` URI that references are resolved against."""
        return self.file.as_uri()

    @property
    def version(self) -> str:
        """``2.0``, ``3.0``, ``3.1`` (also for later ones), or empty where this is not an OpenAPI description."""
        if not isinstance(self.content, Mapping):
            return ""
        if str(self.content.get("swagger", "")).startswith("2"):
            return "2.0"
        written = str(self.content.get("openapi", ""))
        if written.startswith("3.0"):
            return "3.0"
        return "3.1" if written.startswith("3.") else ""

    def base_at(self, keys: Sequence[str]) -> str:
        """What references at a place are resolved against: the nearest ``$id`` around it (JSON Schema, Core 8.2.1)."""
        base, value = _base(self.uri, self.content), self.content
        for key in keys if self.has_names else ():
            value = value[int(key)] if isinstance(value, list) else value[key]
            base = _base(base, value)
        return base

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The places of the file itself, of each ``$id``, and of each anchor (``uri#name``), by absolute URI."""
        found: dict[str, tuple[str, ...]] = {self.uri: ()}
        pending: list[tuple[tuple[str, ...], str, Any]] = [((), self.uri, self.content)] if self.has_names else []
        while pending:
            keys, around, value = pending.pop()
            base = _base(around, value)
            if base != around:
                found[base] = keys
            for anchor in _anchors(value):
                found[f"{base}#{anchor}"] = keys
            pending += [((*keys, key), base, below) for key, below in _below(value)]
        return found

    def as_resource(self) -> Resource[Any]:
        """The file for jsonschema. References are resolved there as :meth:`names` says."""
        from referencing.jsonschema import DRAFT4, DRAFT202012

        if self.version in ("2.0", "3.0"):
            return DRAFT4.create_resource(self.content)
        return (_named() if self.has_names else DRAFT202012).create_resource(self.content)


def joined(base: str, reference: str) -> str:
    """A reference made absolute; also against a base that has no path, such as ``urn:``."""
    return f"{base}{reference}" if reference.startswith("#") else urljoin(base, reference)


def _named() -> Specification[Any]:
    """2020-12 for a file in which schemas are anywhere, as in an OpenAPI description."""
    from referencing import Specification

    return Specification(  # type: ignore[call-arg]
        name="OpenAPI 3.1",
        id_of=_id_of,
        subresources_of=lambda contents: [below for _, below in _below(contents)],
        maybe_in_subresource=lambda resolver, subresource, **_: resolver.in_subresource(subresource),
        anchors_in=_anchors_in,
    )


def _anchors_in(specification: Specification[Any], contents: Any) -> Iterator[Anchor[Any]]:
    from referencing import Anchor
    from referencing.jsonschema import DynamicAnchor

    resource = specification.create_resource(contents)
    for keyword in _ANCHORS:
        name = contents.get(keyword) if isinstance(contents, Mapping) else None
        if isinstance(name, str):
            kind: Any = DynamicAnchor if keyword == "$dynamicAnchor" else Anchor
            yield kind(name=name, resource=resource)


def _base(around: str, value: Any) -> str:
    own = _id_of(value)
    return around if own is None else joined(around, own).removesuffix("#")


def _id_of(value: Any) -> str | None:
    own = value.get("$id") if isinstance(value, Mapping) else None
    return own if isinstance(own, str) else None


def _anchors(value: Any) -> Iterator[str]:
    for keyword in _ANCHORS if isinstance(value, Mapping) else ():
        if isinstance(value.get(keyword), str):
            yield value[keyword]


def _below(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((str(key), below) for key, below in value.items())
    elif isinstance(value, list):
        yield from ((str(index), below) for index, below in enumerate(value))
