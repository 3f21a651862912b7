"""Facts of the machine and of what is installed, without which figures say little."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from pathlib import Path

PACKAGES = ("pytest-endpoint-docs", "pytest", "requests", "jsonschema", "urllib3", "pyyaml", "pytest-xdist")
_VERSIONS = """
import importlib.metadata, json, platform, sys
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in sys.argv[1:]}}))
"""


def facts(python: Path, root: Path) -> dict[str, str]:
    """Name and value, in the order to show them; ``python`` is the interpreter that is measured."""
    asked = subprocess.run(
        [str(python), "-c", _VERSIONS, *PACKAGES], capture_output=True, text=True, timeout=60, check=True
    )
    versions = {name: version for name, version in json.loads(asked.stdout).items() if version}
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_field('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load before": "{:.1f} {:.1f} {:.1f} (averages of 1, 5 and 15 minutes)".format(*os.getloadavg()),
        "commit": _commit(root),
        **versions,
    }


def _field(file: str, name: str) -> str:
    """The value of a line ``name: value``; not every kind of processor tells a name."""
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def _commit(root: Path) -> str:
    command = ["git", "-C", str(root), "describe", "--always", "--dirty"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return asked.stdout.strip()
