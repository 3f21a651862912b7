"""YAML with the line of every value, for messages that say where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from pytest_endpoint_docs.files import read_text
from pytest_endpoint_docs.json_source import SourceProblem
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.consent_errors import RecipeError
from pytest_endpoint_docs.words import or_near
from pytest_endpoint_docs.yaml_text.yaml_source import parse_yaml


@value_class(kw_only=False)
class Node:
    """A YAML value where it stands. Every method raises :class:`RecipeError` for a value of another kind."""

    node: yaml.Node
    path: str

    @property
    def location(self) -> SourceLocation:
        """Its line."""
        return SourceLocation(self.path, self.node.start_mark.line + 1)

    @property
    def is_text(self) -> bool:
        """Whether it is a scalar."""
        return isinstance(self.node, yaml.ScalarNode)

    def mapping(self, *, known: Sequence[str], what: str, required: Sequence[str] = ()) -> dict[str, Node]:
        """Its keys, all of them known and each there once."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self._wrong(f"{what} is a mapping with {', '.join(known)}")
        found: dict[str, Node] = {}
        for key_node, value in self.node.value:
            key = Node(key_node, self.path)
            name = key.text()
            if name not in known:
                raise key.unknown(name, known, what=f"a key of {what}")
            if name in found:
                raise RecipeError(f"{name} is given twice", location=key.location)
            found[name] = Node(value, self.path)
        missing = [name for name in required if name not in found]
        if missing:
            raise RecipeError(f"{what} needs {', '.join(missing)}", location=self.location)
        return found

    def items(self) -> tuple[Node, ...]:
        """Its entries, where it is a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self._wrong("a list")
        return tuple(Node(item, self.path) for item in self.node.value)

    def text(self, *, choices: Sequence[str] = ()) -> str:
        """Its text, as written."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value:
            raise self._wrong("a text")
        value = str(self.node.value)
        if choices and value not in choices:
            raise self.unknown(value, choices, what="a value here")
        return value

    def boolean(self) -> bool:
        """True or false."""
        if not (isinstance(self.node, yaml.ScalarNode) and self.node.tag.endswith(":bool")):
            raise self._wrong("true or false")
        return str(self.node.value).lower() in ("true", "yes", "on")

    def unknown(self, name: str, known: Iterable[str], *, what: str) -> RecipeError:
        """The error for a name that is not among the known ones."""
        names = list(known)
        hint = or_near(name, names, cutoff=0.5)
        return RecipeError(f"{name!r} is not {what}{hint} (known: {', '.join(names)})", location=self.location)

    def _wrong(self, expected: str) -> RecipeError:
        kind = {"MappingNode": "a mapping", "SequenceNode": "a list"}.get(type(self.node).__name__)
        if kind is None:
            kind = f"{self.node.value!r}" if self.node.value else "nothing"
        return RecipeError(f"found {kind}, expected {expected}", location=self.location)


def read_nodes(file: Path, path: str) -> Node:
    """The root of a recipe's file; ``path`` is how people read it.

    Raises: :class:`RecipeError` where it cannot be read, is not YAML, or empty.
    """
    try:
        root = parse_yaml(read_text(file)).root
    except SourceProblem as problem:
        what = {"file": "the recipe ", "syntax": "this is not YAML: "}.get(problem.kind, "this cannot be read: ")
        raise RecipeError(f"{what}{problem.message}", location=SourceLocation(path, problem.line or 1)) from None
    if root is None:
        raise RecipeError("the file is empty", location=SourceLocation(path, 1))
    return Node(root, path)
