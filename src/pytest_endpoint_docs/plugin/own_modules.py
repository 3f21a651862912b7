"""The modules of this package, imported as those of any library (docs/decisions/own-modules.md)."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import pytest

_PACKAGE = f"{__name__.partition('.')[0]}."


class OwnModules:
    """Finds the modules of this package where Python finds them, and leaves all others to the finders after it.

    pytest imports a plugin's modules with their assertions rewritten, which takes four times as long. Ours have none
    that a test fails with.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """The module's spec; ``None`` for a module of others."""
        return PathFinder.find_spec(name, path, target) if name.startswith(_PACKAGE) else None


def import_own_modules_plainly(config: pytest.Config) -> None:
    """Import them so from now on, until pytest is done with ``config``."""
    finder = OwnModules()
    sys.meta_path.insert(0, finder)
    config.add_cleanup(lambda: _remove(finder))


def _remove(finder: OwnModules) -> None:
    with suppress(ValueError):  # whoever put back sys.meta_path was quicker
        sys.meta_path.remove(finder)
