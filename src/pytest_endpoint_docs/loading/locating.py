"""The line of a value inside a fence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_endpoint_docs.loading.yaml_text import YamlProblem, compose, pointer_line
from pytest_endpoint_docs.model import SourceBlock, SourceLocation

if TYPE_CHECKING:
    import yaml


def locate(block: SourceBlock, pointer: str) -> SourceLocation:
    """The line of the value at a JSON Pointer (RFC 6901) of a YAML or JSON fence.

    A value that is not there is located at its nearest ancestor, a text that cannot be read at the fence itself.
    """
    root = node_tree(block)
    return block.location if root is None else line_in(block, pointer_line(root, pointer))


def node_tree(block: SourceBlock) -> yaml.Node | None:
    """The YAML node tree of a fence, also of a JSON one, to find lines in; ``None`` where there is none."""
    try:
        # A tab indents JSON but not YAML; replacing it moves no line.
        return compose(block.text.replace("\t", " ") if block.language == "json" else block.text)
    except YamlProblem:
        return None


def line_in(block: SourceBlock, line: int) -> SourceLocation:
    """The file's line for a line (from 1) of the fence's content."""
    return block.location.at(block.first_line + line - 1)
