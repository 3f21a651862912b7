"""What an item says about its doc as a whole: of this, stamps and evidence are made when the run ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.model.value_class import value_class


@value_class
class DocPart:
    """One item as a part of its doc. ``names`` are all of the doc's items, ``name`` is this one's.

    ``live``: a server answered it, or a person went through it. ``by``: who was needed besides the plugin.
    """

    file: str
    doc: SafeText
    endpoint: SafeText
    contract_hash: str
    name: str
    names: tuple[str, ...]
    live: bool
    by: Literal["", "manual", "consent"] = ""
    screenshots: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON types: execnet, which carries xdist's messages, knows no dataclasses."""
        return asdict(self) | {"names": list(self.names), "screenshots": list(self.screenshots)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> DocPart:
        """The inverse of :meth:`to_json`."""
        return cls(**{**value, "names": tuple(value["names"]), "screenshots": tuple(value["screenshots"])})
