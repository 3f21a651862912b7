"""The npm packages of the browser tests, installed beside their ``package.json`` when they are first needed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

SERVERS = Path(__file__).parent / "servers"


def npm_packages() -> Path:
    """The folder ``node_modules``. Fails where npm is missing: these tests are about other people's programs."""
    folder = SERVERS / "node_modules"
    with FileLock(SERVERS / ".npm.lock"):
        if not (folder / "oidc-provider").is_dir() or not (folder / "axe-core").is_dir():
            npm = shutil.which("npm")
            assert npm, "npm is not installed: apt-get install npm"
            subprocess.run(
                [npm, "install", "--no-audit", "--no-fund", "--no-package-lock"],
                cwd=SERVERS,
                check=True,
                capture_output=True,
            )
    return folder
