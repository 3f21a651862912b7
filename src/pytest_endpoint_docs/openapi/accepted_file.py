"""Files of what is accepted: ``{"version": n, "accepted": [{"fingerprint": ..., ...}, ...]}``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import read_text
from pytest_endpoint_docs.json_source import GENERATED, SourceProblem, parse_json
from pytest_endpoint_docs.model.value_class import value_class

_VERSION = 1


@value_class
class AcceptedFile:
    """One kind of such files: its ``name`` in messages, ``how`` one is made, the lists that every entry has."""

    name: str
    how: str
    lists: tuple[str, ...] = ()

    def read(self, file: Path) -> list[Mapping[str, Any]]:
        """The entries of a file. Raises: ``ConfigError`` where it is absent or no such file."""
        if not file.exists():
            raise ConfigError(f"{file}: no such baseline; {self.how}")
        try:
            value: Any = parse_json(read_text(file, GENERATED), GENERATED)
        except SourceProblem as problem:
            raise ConfigError(f"{file}: not {self.name}: {problem.message}") from problem
        accepted = value.get("accepted") if isinstance(value, dict) and value.get("version") == _VERSION else None
        if not isinstance(accepted, list) or not all(map(self._is_entry, accepted)):
            keys = "".join(f', "{key}": [...]' for key in self.lists)
            raise ConfigError(
                f'{file}: not {self.name}: expected {{"version": {_VERSION}, "accepted": '
                f'[{{"fingerprint": ...{keys}}}, ...]}}'
            )
        return accepted

    def _is_entry(self, entry: Any) -> bool:
        return (
            isinstance(entry, dict)
            and "fingerprint" in entry
            and all(isinstance(entry.get(key), list) for key in self.lists)
        )


def render_accepted(entries: Iterable[Mapping[str, Any]]) -> str:
    """The text of a file with these entries, in their order."""
    whole = {"version": _VERSION, "accepted": [dict(entry) for entry in entries]}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
