"""The conftest.py of this project: what its docs and its tests share."""

from __future__ import annotations

pytest_plugins = ["pytester"]
