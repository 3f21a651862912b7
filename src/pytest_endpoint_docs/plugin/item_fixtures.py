"""What pytest knows of the fixtures of docs' items. All items of a folder ask for the same, and see the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

HARMLESS = ("pytest_endpoint_docs.", "_pytest.", "pytest_base_url.")
"""Where fixtures and hooks come from that do nothing for an item that could have to come first."""

_OURS = frozenset(["endpoint_case", "endpoint_variables"])
_SHOWS_FIXTURES = ("setuponly", "setupplan", "setupshow")
_WATCHES_FIXTURES = ("pytest_fixture_setup", "pytest_fixture_post_finalizer")


class FolderFixtures:
    """The fixtures of the items of one folder, as pytest ``found`` them for the first of them, and their ``names``.

    ``None`` as what was found: pytest has to look for each item.
    """

    def __init__(self, item: pytest.Function) -> None:
        self.found: Any = getattr(item, "_fixtureinfo", None)
        self.names = tuple(item.fixturenames)
        self._definitions = None if _is_watched(item) else _definitions(self.found, self.names)

    def need_no_setup(self, item: pytest.Function) -> bool:
        """Whether nothing would be set up for an item but this package's own fixtures, and nobody would see that.

        What is set up once in a session is so already.
        """
        if self._definitions is None or tuple(item.fixturenames) != self.names:
            return False
        return all(map(_is_set_up, self._definitions))


def further_fixtures(item: pytest.Function) -> Iterator[str]:
    """The fixtures that are set up for the item alone, or that no item before it had."""
    known: Any = getattr(item, "_fixtureinfo", None)
    for name in item.fixturenames:
        definitions = known.name2fixturedefs.get(name) if known is not None else None
        if not definitions or definitions[-1].func.__module__.startswith(HARMLESS):
            continue
        # Its variables are not known ahead.
        if name == "endpoint_variables" or definitions[-1].scope != "session" or not _is_set_up(definitions[-1]):
            yield name


def _is_set_up(definition: Any) -> bool:
    """Whether a fixture of the session is there. One that failed or skipped is kept, too, and does so for each item."""
    kept = definition.cached_result
    return kept is not None and kept[2] is None


def _is_watched(item: pytest.Function) -> bool:
    """Whether somebody sees how fixtures are set up."""
    if any(item.config.getoption(name, False) for name in _SHOWS_FIXTURES):
        return True
    hooks = [hook for name in _WATCHES_FIXTURES for hook in getattr(item.ihook, name).get_hookimpls()]
    return not all(_module_of(hook.plugin).startswith(HARMLESS) for hook in hooks)


def _module_of(plugin: object) -> str:
    return str(getattr(plugin, "__name__", None) or type(plugin).__module__)


def _definitions(found: Any, names: tuple[str, ...]) -> tuple[Any, ...] | None:
    """The fixtures of a session; ``None``: there are others, apart from this package's own for the item."""
    definitions = []
    for name in names:
        known = getattr(found, "name2fixturedefs", {}).get(name)
        if not known and name != "request":
            return None
        if not known or (name in _OURS and known[-1].func.__module__.startswith("pytest_endpoint_docs.")):
            continue
        # Somebody else's endpoint_case or endpoint_variables holds for the item, whatever its scope is.
        if name in _OURS or known[-1].scope != "session":
            return None
        definitions.append(known[-1])
    return tuple(definitions)
