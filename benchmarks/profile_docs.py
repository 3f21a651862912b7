"""Profiles one run of N docs in this process, and prints where the time goes. See README.md.

    .venv/bin/python benchmarks/profile_docs.py [--docs 1000] [--own-schemas] [-- --collect-only]

What follows `--` goes to pytest.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import os
import pstats
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from speed import work
from speed.runs import write
from speed.servers import NoServer, origin, running
from speed.subjects import QUIET
from speed.table import markdown

PACKAGE = "pytest_endpoint_docs"

Function = tuple[str, int, str]
"""File, line, name: how a profile names a function."""

Stats = Mapping[Function, tuple[int, int, float, float, Mapping[Function, tuple[int, int, float, float]]]]
"""By function: calls without recursion, calls, own seconds, seconds with everything called, the last four by caller."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, run, print; pytest's exit status, or 2 without a server."""
    options = _parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="endpoint-docs-profile-") as temporary:
            folder = Path(temporary)
            with running(folder / "servers") as servers:
                url = origin(servers.slow if options.slow else servers.fast)
                write(work.docs(options.docs, url, own_schemas=options.own_schemas), folder / "project")
                profile, status = _profiled(folder / "project", options.pytest_arguments)
    except NoServer as error:
        print(f"profile_docs.py: {error}", file=sys.stderr)
        return 2
    if options.save is not None:
        profile.dump_stats(options.save)
    print(rendered(_stats(profile), options.docs, options.top))
    return status


def rendered(stats: Stats, docs: int, top: int) -> str:
    """Three tables: own time by module, the package's functions, and what the package asks of libraries."""
    whole = sum(own for _, _, own, _, _ in stats.values())
    each_ms = 1000 * whole / docs
    parts = [
        f"{whole:.2f} s under the profiler, which makes small calls look dearer; {each_ms:.2f} ms a doc\n",
        markdown(
            ("own s", "share", "calls", "module of the package, or library"),
            ((f"{own:.3f}", f"{own / whole:.1%}", str(calls), module) for module, calls, own in by_module(stats)[:top]),
        ),
        markdown(
            ("s with callees", "share", "own s", "calls", "function of the package"),
            (
                (f"{spent:.3f}", f"{spent / whole:.1%}", f"{own:.3f}", str(calls), name)
                for name, calls, own, spent in package_functions(stats)[:top]
            ),
        ),
        markdown(
            ("s with callees", "share", "calls", "from the package", "to a library"),
            (
                (f"{spent:.3f}", f"{spent / whole:.1%}", str(calls), caller, callee)
                for caller, callee, calls, spent in calls_of_others(stats)[:top]
            ),
        ),
    ]
    return "\n".join(parts)


def by_module(stats: Stats) -> list[tuple[str, int, float]]:
    """Module, calls, own seconds; the most expensive first. Modules of libraries count for their library."""
    calls: dict[str, int] = defaultdict(int)
    own: dict[str, float] = defaultdict(float)
    for (file, _, _), (_, count, seconds, _, _) in stats.items():
        calls[module(file)] += count
        own[module(file)] += seconds
    return sorted(((name, calls[name], own[name]) for name in own), key=lambda line: -line[2])


def package_functions(stats: Stats) -> list[tuple[str, int, float, float]]:
    """Name, calls, own seconds, seconds with everything called; the most expensive first."""
    found = (
        (_name(function), count, own, spent)
        for function, (_, count, own, spent, _) in stats.items()
        if _in_package(function)
    )
    return sorted(found, key=lambda line: -line[3])


def calls_of_others(stats: Stats) -> list[tuple[str, str, int, float]]:
    """Caller in the package, callee outside it, calls, seconds with everything called; the most expensive first."""
    found = (
        (_name(caller), _name(callee), count, spent)
        for callee, (_, _, _, _, callers) in stats.items()
        if not _in_package(callee)
        for caller, (_, count, _, spent) in callers.items()
        if _in_package(caller)
    )
    return sorted(found, key=lambda line: -line[3])


def module(file: str) -> str:
    """The dotted name of a module of the package; the name of the library for any other file."""
    parts = Path(file).with_suffix("").parts
    if PACKAGE in parts:
        inner = parts[len(parts) - 1 - parts[::-1].index(PACKAGE) + 1 :]
        return ".".join((PACKAGE, *inner)).removesuffix(".__init__")
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return "built in" if file in ("~", "") or file.startswith("<") else "standard library"


def _in_package(function: Function) -> bool:
    return module(function[0]).startswith(PACKAGE)


def _name(function: Function) -> str:
    file, line, name = function
    return name if file == "~" else f"{module(file).removeprefix(PACKAGE + '.')}:{line} {name}"


def _profiled(project: Path, arguments: Sequence[str]) -> tuple[cProfile.Profile, int]:
    profile = cProfile.Profile()
    with _inside(project):
        # Profiled from here on, so that what the plugin imports is counted too.
        profile.enable()
        try:
            import pytest

            status = pytest.main([*QUIET, "--endpoint-env", "bench", *arguments])
        finally:
            profile.disable()
    return profile, int(status)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _stats(profile: cProfile.Profile) -> Stats:
    stats: Any = pstats.Stats(profile)
    found: Stats = stats.stats
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--own-schemas", action="store_true", help="each doc with a schema of its own")
    parser.add_argument("--slow", action="store_true", help="the server that waits 100 ms")
    parser.add_argument("--top", type=int, default=25, help="lines of each table (default 25)")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the profile for other viewers")
    parser.add_argument("pytest_arguments", nargs="*", metavar="ARGUMENT", help="for pytest, after --")
    return parser


if __name__ == "__main__":
    sys.exit(main())
