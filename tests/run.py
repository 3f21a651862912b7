"""Set up and run everything that must hold: linters, types, import rules, tests in parallel; then the docs and the
quick tests again in the environments of noxfile.py.

usage: python3 tests/run.py [pytest arguments]

Uses the virtual environment in $VENV (default .venv), made where it is absent, and .nox beside it. With arguments, the
tests that they choose run in the first one alone. The browser tests need Chromium: where there is none, Debian's
package is installed.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "google-chrome", "chromium-browser")
SHELL = "chromium-headless-shell"
# On few processors, some wait for servers, browsers and other processes while others work.
IN_PARALLEL = ("-n", str(max(4, os.cpu_count() or 1)), "--dist", "worksteal")


def run(*command: str | Path) -> None:
    """Run a command in the project's folder, and end with its exit code where it fails."""
    line = [str(part) for part in command]
    sys.stderr.write(f"$ {' '.join(line)}\n")
    code = subprocess.run(line, cwd=ROOT, check=False).returncode
    if code:
        sys.exit(code)


def start(*command: str | Path) -> subprocess.Popen[bytes]:
    """Begin a command whose output nobody needs; it ends with this process at the latest."""
    line = [str(part) for part in command]
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(process.terminate)
    return process


def apt_get(*arguments: str) -> list[str]:
    """A command for apt-get, as root or by sudo."""
    return [*([] if os.geteuid() == 0 else ["sudo"]), "apt-get", *arguments]


def need_packages(*names: str) -> None:
    """Install Debian packages."""
    run(*apt_get("update", "-qq"))
    run(*apt_get("install", "-y", "-qq", "--no-install-recommends", *names))


def json_schema_suite(binaries: Path, folder: Path) -> Path:
    """The official tests of JSON Schema, which lie in the source distribution of jsonschema; fetched once."""
    program = "from importlib.metadata import version; print(version('jsonschema'))"
    asked = subprocess.run([binaries / "python", "-c", program], capture_output=True, text=True, check=True)
    release = f"jsonschema-{asked.stdout.strip()}"
    if not (folder / release).is_dir():
        source = ("--no-deps", "--no-binary", "jsonschema", release.replace("-", "=="))
        run(binaries / "python", "-m", "pip", "download", "-q", *source, "--dest", folder)
        shutil.unpack_archive(folder / f"{release}.tar.gz", folder, filter="data")
    return folder / release / "json"


def main(arguments: list[str]) -> None:
    """All steps in the order in which a failure is cheapest."""
    # Each of the processes that tests start would compile all that it imports again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environment = Path(os.environ.get("VENV", ROOT / ".venv"))
    binaries = environment / "bin"
    if not (binaries / "python").exists():
        venv.create(environment, with_pip=True)
    run(binaries / "python", "-m", "pip", "install", "-q", "uv")
    run(binaries / "uv", "pip", "install", "-q", "--python", binaries / "python", "-e", ".[dev]")
    nox = (binaries / "nox", "--envdir", environment.parent / ".nox")
    # The linters use one processor; what the rows need is fetched meanwhile.
    rows = None if arguments else start(*nox, "--install-only")
    missing = [] if any(shutil.which(name) for name in BROWSERS) else ["chromium"]
    missing += [] if shutil.which("xvfb-run") and shutil.which("xauth") else ["xvfb", "xauth"]
    if missing:
        need_packages(*missing)
    if "chromium" in missing:
        # Most browser tests open no window, and the shell starts in half the time; old releases do not have it.
        subprocess.run(apt_get("install", "-y", "-qq", "--no-install-recommends", SHELL), check=False)
    run(binaries / "ruff", "check", ".")
    run(binaries / "ruff", "format", "--check", ".")
    run(binaries / "mypy")
    run(binaries / "lint-imports")
    os.environ.setdefault("JSON_SCHEMA_TEST_SUITE", str(json_schema_suite(binaries, environment / "json-schema-suite")))
    run(binaries / "python", "-m", "pytest", *IN_PARALLEL, *(arguments or ["endpoints", "tests"]))
    if rows is not None:
        # What could not be fetched is tried again by the row, which tells what is wrong.
        run(*nox, *(["-R"] if rows.wait() == 0 else []))


if __name__ == "__main__":
    main(sys.argv[1:])
