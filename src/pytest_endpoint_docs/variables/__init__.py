"""Variables of docs: where they stand, who defines them, and values in their place (doc format, section 5)."""

from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES, Builtins, UniqueClock
from pytest_endpoint_docs.variables.names import last_segment, prefixes, segments, value_at
from pytest_endpoint_docs.variables.scopes import PARAM_PREFIXES, Scope, Scopes
from pytest_endpoint_docs.variables.template import (
    Lookup,
    Reference,
    as_text,
    path_references,
    references,
    render,
    render_path,
)

__all__ = [
    "BUILTIN_NAMES",
    "PARAM_PREFIXES",
    "Builtins",
    "Lookup",
    "Reference",
    "Scope",
    "Scopes",
    "UniqueClock",
    "as_text",
    "last_segment",
    "path_references",
    "prefixes",
    "references",
    "render",
    "render_path",
    "segments",
    "value_at",
]
