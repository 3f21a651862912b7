"""Runs the subjects of an experiment in turns, and refuses what did not do its work."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from speed.cost import Cost, RunFailed, measured
from speed.figures import Sample
from speed.servers import Counters, Servers
from speed.subjects import Files, Subject

Tell = Callable[[str], None]
HOME = ".home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where and how runs happen. ``folder`` holds a folder a subject; ``tell`` takes words about the progress."""

    folder: Path
    servers: Servers
    timeout_s: float
    tell: Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Samples by subject, one a round; and why a subject has none."""

    samples: dict[str, tuple[Sample, ...]]
    left_out: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A subject with its project written: ``written`` are the files, relative to ``folder``."""

    subject: Subject
    folder: Path
    written: frozenset[str]


def alternating(subjects: Sequence[Subject], bench: Bench, *, rounds: int) -> Outcome:
    """Every subject once, then every subject again, so that a machine that slows down slows all of them."""
    with tempfile.TemporaryDirectory(dir=bench.folder, prefix="runs-") as temporary:
        folder = Path(temporary)
        places = [_written(subject, folder / f"{number:02}") for number, subject in enumerate(subjects)]
        return _in_turns(places, bench, rounds)


def _in_turns(places: Sequence[_Place], bench: Bench, rounds: int) -> Outcome:
    samples: dict[str, list[Sample]] = {}
    left_out: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for place in places:
            name = place.subject.name
            if name in left_out or number > (place.subject.most_rounds or rounds):
                continue
            try:
                if number == 1 and place.subject.kept:
                    _sample(place, bench)
                sample = _sample(place, bench)
            except RunFailed as failure:
                samples.pop(name, None)
                left_out[name] = str(failure)
                bench.tell(f"  {name}: left out, {failure}")
                continue
            samples.setdefault(name, []).append(sample)
            bench.tell(f"  {number}/{rounds} {name}: {sample.cpu_s:.2f} s of CPU, {sample.wall_s:.2f} s")
    return Outcome(samples={name: tuple(found) for name, found in samples.items()}, left_out=left_out)


def refuses(subject: Subject, bench: Bench) -> str | None:
    """Why a subject that has to fail, because the answers are wrong, cannot be trusted; ``None``: it fails."""
    with tempfile.TemporaryDirectory(dir=bench.folder, prefix="refusal-") as temporary:
        place = _written(subject, Path(temporary) / "00")
        try:
            _cost(place, bench, expect_success=False)
        except RunFailed as failure:
            return f"took a wrong answer for a right one ({failure})"
    return None


def _sample(place: _Place, bench: Bench) -> Sample:
    before = bench.servers.counters()
    cost = _cost(place, bench, expect_success=True)
    counted = bench.servers.counters().since(before)
    _check_requests(place.subject, counted)
    return Sample(
        cpu_s=cost.cpu_s,
        wall_s=cost.wall_s,
        peak_bytes=cost.peak_bytes,
        requests=counted.requests,
        connections=counted.connections,
    )


def _cost(place: _Place, bench: Bench, *, expect_success: bool) -> Cost:
    (place.folder / HOME).mkdir(exist_ok=True)
    cost = measured(
        place.subject.command,
        folder=place.folder,
        environ=environ(place.folder),
        output=place.folder.with_suffix(".out"),
        timeout_s=bench.timeout_s,
        expect_success=expect_success,
    )
    if not place.subject.kept:
        tidy(place.folder, place.written)
    return cost


def _check_requests(subject: Subject, counted: Counters) -> None:
    wanted = subject.requests
    if wanted is None:
        return
    if counted.requests < wanted or (subject.exact and counted.requests != wanted):
        raise RunFailed(f"{counted.requests} requests reached the server, not {wanted}")


def environ(folder: Path) -> dict[str, str]:
    """The same few variables for everybody; what a tool keeps at home stays in its folder."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / HOME),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "PYTHONHASHSEED": "0",
        "STEPCI_DISABLE_ANALYTICS": "1",
    }


def write(files: Files, folder: Path) -> None:
    """Write a project."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def tidy(folder: Path, written: frozenset[str]) -> None:
    """Take away what a run left, so that every run is a first one; compiled modules stay, as they do for a user.

    ``written``: the files of the project, relative to the folder.
    """
    for parent, folders, files in os.walk(folder, topdown=False):
        if Path(parent).name == "__pycache__":
            continue
        for path in (Path(parent, name) for name in files):
            if path.relative_to(folder).as_posix() not in written:
                path.unlink()
        for path in (Path(parent, name) for name in folders):
            if path.is_symlink():
                path.unlink()
            elif not any(path.iterdir()):
                path.rmdir()


def _written(subject: Subject, folder: Path) -> _Place:
    files = subject.project()
    write(files, folder)
    return _Place(subject=subject, folder=folder, written=frozenset(files))
