"""What a run of endpoint docs costs, beside the same tests by hand and beside other tools. See README.md.

    python3 benchmarks/run.py [--quick] [--only ROW ...] [--peers none] [--json FILE]
    python3 benchmarks/run.py --render FILE

The tables go to standard output, progress to standard error.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from speed import machine, peers
from speed.benchmark import Sides, Untrusted, results, server_facts, with_trusted_peers
from speed.report import Report
from speed.rows import ROWS, Row, UnknownRow, Work, chosen
from speed.runs import Bench, environ
from speed.servers import NoServer, running
from speed.subjects import PEER_ROUNDS, Interpreter, LeftOut, Peer
from speed.table import rendered

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, QUICK_ROUNDS = 5, 2
TIMEOUT_S = 600.0


class NoPlugin(Exception):
    """The Python to measure has no plugin; the message tells what helps."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, measure, print; 2 where nothing can be measured."""
    options = _parser().parse_args(arguments)
    if options.render is not None:
        print(rendered(Report.from_json(options.render.read_text(encoding="utf-8"))))
        return 0
    try:
        report = benchmark(options)
    except (NoServer, UnknownRow, NoPlugin, Untrusted) as error:
        _tell(f"run.py: {error}")
        return 2
    if options.json is not None:
        options.json.write_text(report.to_json(), encoding="utf-8")
    print(rendered(report))
    return 0


def benchmark(options: argparse.Namespace) -> Report:
    """Everything that the command line asks for."""
    rows = chosen(options.only, quick=options.quick)
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    with tempfile.TemporaryDirectory(prefix="endpoint-docs-benchmark-") as temporary:
        folder = Path(temporary)
        plugin = _interpreter(options.python, folder)
        other_build = None if options.against is None else _interpreter(options.against, folder)
        facts = machine.facts(plugin.python, ROOT)
        found, missing = _peers(options.peers, options.peers_folder) if _with_peers(rows) else ((), ())
        with running(folder / "servers") as servers:
            told = server_facts(servers)
            bench = Bench(folder=folder, servers=servers, timeout_s=options.timeout, tell=_tell)
            sides = Sides(
                plugin=plugin,
                other_build=other_build,
                peers=found,
                peer_docs=options.peer_docs,
                peer_rounds=options.peer_rounds,
            )
            sides, untrusted = with_trusted_peers(sides, bench)
            measured = results(rows, sides, bench, rounds=rounds)
    return Report(
        machine=facts,
        rounds=rounds,
        own_peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        servers=told,
        rows=measured,
        left_out=(*missing, *untrusted),
    )


def _interpreter(named: Path, folder: Path) -> Interpreter:
    # Runs have folders of their own. Links are not followed: where its link lies is what makes a Python an environment.
    python = Path(shutil.which(named) or named).absolute()
    command = [str(python), "-m", "pytest", "--help", "-p", "no:cacheprovider"]
    try:
        asked = subprocess.run(
            command, cwd=folder, env=environ(folder), capture_output=True, text=True, timeout=60, check=False
        )
    except OSError as error:
        raise NoPlugin(f"{python} cannot be started: {error.strerror}") from None
    if "--endpoint-env" not in asked.stdout:
        raise NoPlugin(
            f"{python} has no pytest with pytest-endpoint-docs; name one that has with --python, "
            "or install it: pip install -e '.[dev]'"
        )
    return Interpreter(python=python, help=asked.stdout)


def _with_peers(rows: Iterable[Row]) -> bool:
    return any(row.experiment.work in (Work.RUN, Work.COLLECT) and row.experiment.docs > 1 for row in rows)


def _peers(names: Sequence[str], folder: Path) -> tuple[tuple[Peer, ...], tuple[str, ...]]:
    """The tools that are named and can be had, and a word about those that cannot."""
    found, missing = [], []
    for tool in peers.TOOLS:
        if "all" in names or tool.key in names:
            _tell(f"{tool.label}: making sure that it is installed")
            try:
                found.append(peers.ready(tool, folder))
            except LeftOut as why:
                missing.append(str(why))
    return tuple(found), tuple(missing)


def _default_python() -> Path:
    """The environment beside the sources, where there is one; else the interpreter that runs this."""
    beside = ROOT / ".venv" / "bin" / "python"
    return beside if beside.exists() else Path(sys.executable)


def _default_peers_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "endpoint-docs-benchmarks"


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the docs, two rounds")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="ROW", help=f"these rows: {', '.join(row.key for row in ROWS)}"
    )
    parser.add_argument("--rounds", type=int, help=f"runs of each subject (default {ROUNDS})")
    parser.add_argument(
        "--peers",
        nargs="+",
        default=["all"],
        choices=["all", "none", *(tool.key for tool in peers.TOOLS)],
        help="the other tools to hold the docs against (default all)",
    )
    parser.add_argument("--peer-docs", type=int, metavar="N", help="rows with more docs run without the other tools")
    parser.add_argument(
        "--peer-rounds",
        type=int,
        default=PEER_ROUNDS,
        metavar="N",
        help=f"runs of each of them (default {PEER_ROUNDS})",
    )
    parser.add_argument("--python", type=Path, default=_default_python(), help="a Python with the plugin to measure")
    parser.add_argument("--against", type=Path, metavar="PYTHON", help="a Python with another build of the plugin")
    parser.add_argument("--timeout", type=float, default=TIMEOUT_S, metavar="S", help="for one run (default 600 s)")
    parser.add_argument(
        "--peers-folder", type=Path, default=_default_peers_folder(), help="where the other tools are installed"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures and the machine's facts")
    parser.add_argument("--render", type=Path, metavar="FILE", help="print the tables of a file of --json; run nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
