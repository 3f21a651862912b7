"""What a run was made with."""

from __future__ import annotations

import platform
from importlib.metadata import version

_PACKAGES = ("pytest", "pytest-endpoint-docs", "requests", "jsonschema")


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that decide about a run."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
