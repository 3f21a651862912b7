"""The other tools: which versions, how they are installed, how they are called."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from speed import peer_work
from speed.cost import last_line
from speed.subjects import Command, Files, LeftOut, Peer

INSTALL_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool as it can be had. ``packages`` are pinned, the tool itself first; ``program`` is what it installs.

    ``arguments`` takes how many requests may be in flight, as ``Peer.command`` does.
    """

    name: str
    ecosystem: str
    packages: tuple[str, ...]
    program: str
    files: Callable[[int, str], Files]
    arguments: Callable[[int | None], Command]
    collect: Command | None = None
    bounded: bool = False

    @property
    def key(self) -> str:
        """The name as an argument."""
        return self.name.lower().replace(" ", "-")

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {_version(self.packages[0])}"


def _tavern(in_flight: int | None) -> Command:
    return ("-p", "no:cacheprovider", "-q", *(("-n", "8") if in_flight else ()))


def _schemathesis(in_flight: int | None) -> Command:
    checks = "status_code_conformance,response_schema_conformance"
    return (
        *("run", "openapi.json", "--no-color", "--warnings", "off", "--generation-database", "none"),
        *("--phases", "fuzzing", "--mode", "positive", "--max-examples", "1", "--checks", checks),
        *("--workers", str(in_flight or 1)),
    )


def _step_ci(in_flight: int | None) -> Command:
    return ("run", "workflow.yml", *(("--concurrency", str(in_flight)) if in_flight else ()))


def _newman(_: int | None) -> Command:
    return ("run", "collection.json", "--silent")


def _bruno(_: int | None) -> Command:
    return ("run", "--noproxy", "--sandbox", "developer")


TOOLS = (
    Tool(
        name="Tavern",
        ecosystem="python",
        packages=("tavern==3.7.1", "pytest<9", "jsonschema", "pytest-xdist"),  # it reads modules that pytest 9 moved
        program="pytest",
        files=peer_work.tavern,
        arguments=_tavern,
        collect=("-p", "no:cacheprovider", "-q", "--collect-only"),
    ),
    Tool(
        name="Schemathesis",
        ecosystem="python",
        packages=("schemathesis==4.32.5",),
        program="st",
        files=peer_work.schemathesis,
        arguments=_schemathesis,
        bounded=True,
    ),
    Tool(
        name="Step CI",
        ecosystem="node",
        packages=("stepci@2.8.2",),
        program="stepci",
        files=peer_work.step_ci,
        arguments=_step_ci,
        bounded=True,
    ),
    Tool(
        name="Newman",
        ecosystem="node",
        packages=("newman@6.2.2",),
        program="newman",
        files=peer_work.newman,
        arguments=_newman,
    ),
    Tool(
        name="Bruno",
        ecosystem="node",
        packages=("@usebruno/cli@4.1.0",),
        program="bru",
        files=peer_work.bruno,
        arguments=_bruno,
    ),
)


def ready(tool: Tool, root: Path) -> Peer:
    """The tool in an environment of its own below ``root``, installed where it is not there yet.

    Raises:
        LeftOut: where it cannot be installed.
    """
    home = root / f"{tool.program}-{_version(tool.packages[0])}"
    program = home / ("bin" if tool.ecosystem == "python" else "node_modules/.bin") / tool.program
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        for command in _installation(tool, home):
            _run(command, home / "install.log", tool)
    return Peer(
        name=tool.label,
        files=tool.files,
        command=lambda in_flight: (str(program), *tool.arguments(in_flight)),
        collect=None if tool.collect is None else (str(program), *tool.collect),
        bounded=tool.bounded,
    )


def _installation(tool: Tool, home: Path) -> tuple[Command, ...]:
    if tool.ecosystem == "python":
        python = str(home / "bin" / "python")
        return (sys.executable, "-m", "venv", str(home)), (python, "-m", "pip", "install", "-q", *tool.packages)
    npm = shutil.which("npm")
    if npm is None:
        raise LeftOut(f"{tool.name}: there is no npm to install it with")
    return ((npm, "install", "--prefix", str(home), "--no-audit", "--no-fund", *tool.packages),)


def _run(command: Command, log: Path, tool: Tool) -> None:
    with log.open("w", encoding="utf-8") as stream:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                timeout=INSTALL_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise LeftOut(f"{tool.name}: not installed within {INSTALL_TIMEOUT_S} s") from None
    if done.returncode != 0:
        raise LeftOut(f"{tool.name}: cannot be installed: {last_line(log)}")


def _version(package: str) -> str:
    return package.replace("==", "@").rpartition("@")[2]
