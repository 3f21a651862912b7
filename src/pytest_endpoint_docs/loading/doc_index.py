"""Docs by endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Endpoint, Finding, path_key
from pytest_endpoint_docs.words import near


class DocIndex:
    """Finds the doc of an endpoint; the names of path parameters do not count."""

    def __init__(self, docs: Iterable[EndpointDoc]) -> None:
        self._docs = tuple(sorted(docs, key=lambda doc: doc.path))
        self._by_key: dict[tuple[str, str], list[EndpointDoc]] = {}
        for doc in self._docs:
            if doc.endpoint.method:
                self._by_key.setdefault(_key(doc.endpoint), []).append(doc)

    def __iter__(self) -> Iterator[EndpointDoc]:
        return iter(self._docs)

    def __len__(self) -> int:
        return len(self._docs)

    def find(self, endpoint: Endpoint) -> EndpointDoc | None:
        """The doc of an endpoint. Of several, one with the same query wins, then the first by path."""
        docs = self._by_key.get(_key(endpoint), [])
        return next((doc for doc in docs if doc.endpoint.query == endpoint.query), docs[0] if docs else None)

    def duplicates(self) -> tuple[tuple[EndpointDoc, ...], ...]:
        """The groups of docs that document one endpoint (method, path template and query), each by path."""
        groups: list[tuple[EndpointDoc, ...]] = []
        for docs in self._by_key.values():
            by_query: dict[str, list[EndpointDoc]] = {}
            for doc in docs:
                by_query.setdefault(path_key(doc.endpoint.query), []).append(doc)
            groups += [tuple(group) for group in by_query.values() if len(group) > 1]
        return tuple(groups)

    def cycle(self, doc: EndpointDoc) -> tuple[EndpointDoc, ...] | None:
        """The circle that following ``requires`` from a doc runs into, its first doc again as the last, or ``None``."""
        finished: set[str] = set()
        trail: list[EndpointDoc] = [doc]
        pending = [self._required(doc)]
        while trail:
            following = next(pending[-1], None)
            if following is None:
                finished.add(trail.pop().path)
                pending.pop()
                continue
            paths = [one.path for one in trail]
            if following.path in paths:
                return (*trail[paths.index(following.path) :], following)
            if following.path not in finished:
                trail.append(following)
                pending.append(self._required(following))
        return None

    def _required(self, doc: EndpointDoc) -> Iterator[EndpointDoc]:
        for requirement in doc.requires:
            found = self.find(requirement.endpoint)
            if found is not None:
                yield found


def _key(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint.method, path_key(endpoint.path)


CYCLE = "requirement-cycle"


def requirement_findings(doc: EndpointDoc, index: DocIndex) -> Iterator[Finding]:
    """What is wrong with the ``requires`` of a doc: an endpoint that no doc has, docs that require each other."""
    for requirement in doc.requires:
        if index.find(requirement.endpoint) is None:
            others = {str(other.endpoint): other.path for other in index if other.endpoint != doc.endpoint}
            nearest = near(str(requirement.endpoint), others)
            hint = f'. Did you mean "{nearest}" ({others[nearest]})?' if nearest else ""
            yield Finding(
                code="unknown-requirement",
                message=f"requires {requirement.endpoint}, and no doc has that endpoint{hint}",
                location=requirement.location,
            )
    circle = index.cycle(doc)
    if circle:
        names = " -> ".join(str(member.endpoint) for member in circle)
        message = f"these docs require each other: {names}"
        yield Finding(code=CYCLE, message=message, location=doc.line_of("requires"))
