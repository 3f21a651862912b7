"""An API platform that runs on loopback: the first target to try.

It knows nothing of the rest of the package, and imports Flask and Authlib (the extra ``sandbox``).
"""

from __future__ import annotations

from pytest_endpoint_docs.sandbox.app import create_app
from pytest_endpoint_docs.sandbox.flaws import FLAW_CHECKS, FLAWS
from pytest_endpoint_docs.sandbox.running import ENVIRONMENT_FILE, Sandbox, serve
from pytest_endpoint_docs.sandbox.settings import SandboxSettings, User

__all__ = ["ENVIRONMENT_FILE", "FLAWS", "FLAW_CHECKS", "Sandbox", "SandboxSettings", "User", "create_app", "serve"]
