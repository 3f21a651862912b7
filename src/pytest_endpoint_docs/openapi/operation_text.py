"""What people wrote into an operation's summary and description, where no keyword of OpenAPI says it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import Node

_SENTENCE_END = re.compile(r"(?<=[.!?;])(?:\*\*)?\s+")
_HEADER = re.compile(r"\bX-[A-Z][A-Za-z]*(?:-[A-Za-z]+)*\b")
_IS_REQUIRED = re.compile(r"\b(?:requires?|required|must|mandatory)\b", re.IGNORECASE)
_IS_OPTIONAL = re.compile(r"\b(?:optional(?:ly)?|not (?:required|needed)|no longer)\b", re.IGNORECASE)
# ``Staff, Directory, and Client tokens``: the words before ``tokens``, as far back as they are a list of names.
_KINDS = re.compile(
    r"((?:[A-Za-z]+(?:\s+OAuth)?\**\s*(?:,\s*(?:and|or)?|&|/|\band\b|\bor\b)\s*\**)*[A-Za-z]+(?:\s+OAuth)?)\**\s+tokens?\b",
    re.IGNORECASE,
)
_AVAILABLE = re.compile(r"\bavailable (?:for|to|with)\b", re.IGNORECASE)
_NO_KINDS = frozenset(
    ["a", "an", "the", "and", "or", "oauth", "access", "bearer", "refresh", "valid", "for", "with", "to", "only", "any"]
)
_SAME_KIND: Mapping[str, str] = {"application": "app", "applications": "app"}


@value_class
class RequiredHeader:
    """A header field that a text requires; of ``kinds`` of token only, where it names some. ``source`` is its place."""

    name: str
    kinds: frozenset[str]
    source: str

    def is_due_with(self, token: str | None) -> bool:
        """Whether a request with this kind of token needs it; where the kind is not known, only if all kinds do."""
        return not self.kinds or (token is not None and token_kind(token) in self.kinds)


def required_headers(operation: Node, described: Collection[str]) -> tuple[RequiredHeader, ...]:
    """The header fields (``X-...``) that an operation's text requires, but those ``described`` (in lower case)."""
    found: dict[str, RequiredHeader] = {}
    for node, line in _lines(operation):
        before = ""
        for sentence in _SENTENCE_END.split(line):
            before += f"{sentence} "
            if not _IS_REQUIRED.search(sentence) or _IS_OPTIONAL.search(sentence):
                continue
            for name in _HEADER.findall(sentence):
                if name.lower() not in described:
                    kinds = token_kinds(sentence) or token_kinds(before)
                    found.setdefault(name.lower(), RequiredHeader(name=name, kinds=kinds, source=node.source))
    return tuple(found.values())


def available_tokens(operation: Node) -> tuple[frozenset[str], str] | None:
    """The token kinds of ``Available for **Staff and Directory tokens**``, in lower case, and the place of the text.

    ``None`` where no text says so. All such sentences of a text count, for ``Also available for`` adds to the first.
    """
    kinds: set[str] = set()
    source = ""
    for node, line in _lines(operation):
        named = available_kinds(line)
        kinds |= named
        source = source or (node.source if named else "")
    return (frozenset(kinds), source) if kinds else None


def available_kinds(line: str) -> frozenset[str]:
    """The token kinds that a line calls ``available``, as :func:`token_kind` writes them."""
    kinds: frozenset[str] = frozenset()
    for sentence in _SENTENCE_END.split(line):
        # Lists of other endpoints say of those for whom they are.
        start = _AVAILABLE.search(sentence)
        if start is not None and "`" not in sentence[: start.start()]:
            kinds |= token_kinds(sentence[start.start() :])
    return kinds


def token_kinds(text: str) -> frozenset[str]:
    """The token kinds that a text names: ``Staff, App & Directory tokens``."""
    words = (word for match in _KINDS.finditer(text) for word in re.findall(r"[A-Za-z]+", match[1]))
    return frozenset(token_kind(word) for word in words if word.lower() not in _NO_KINDS)


def token_kind(name: str) -> str:
    """A kind of token to compare with: in lower case, ``application`` as ``app``."""
    return _SAME_KIND.get(name.lower(), name.lower())


def _lines(operation: Node) -> Iterator[tuple[Node, str]]:
    for key in ("summary", "description"):
        node = operation.step(key)
        if node is not None and isinstance(node.value, str):
            for line in node.value.splitlines():
                yield node, line
