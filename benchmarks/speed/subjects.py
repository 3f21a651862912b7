"""Who runs in a row: the docs, the same by hand, and the other tools; with their files and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from speed import work
from speed.rows import Experiment, Work

DOCS = "endpoint docs"
BY_HAND = "by hand"
OTHER_BUILD = "endpoint docs, other build"
IDS_ALONE = "ids alone"
WITHOUT = "without the plugin"
YARDSTICKS = frozenset({BY_HAND, IDS_ALONE, WITHOUT})
QUIET = ("-p", "no:cacheprovider", "-q")
CONCURRENCY = "--endpoint-concurrency"
WORKERS = 8
PEERS_IN_FLIGHT = 64
"""What other tools may have in flight where waiting is what a row is about, and the docs choose for themselves."""

PEER_ROUNDS = 3
"""Other tools are context; some of them take minutes for what the docs do in seconds."""

_NO_PLUGIN = ("-p", "no:endpoint_docs", "-p", "no:base_url")
"""By hand one would not have the plugin, nor pytest-base-url, which comes with it."""

Files = Mapping[str, str]
Project = Callable[[], Files]
Command = tuple[str, ...]


class LeftOut(Exception):
    """Something that does not run; the message is the word that the table says about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python with the plugin. ``help``: what its ``pytest --help`` prints, which tells what it can do."""

    python: Path
    help: str

    def pytest(self, *arguments: str) -> Command:
        """A command line."""
        return (str(self.python), "-m", "pytest", *arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another tool, installed.

    ``files`` makes the project for a number of cases and a server; ``command`` takes how many requests may be in
    flight, ``None`` for the tool's own way. ``collect`` is there for a tool that can list its cases. ``bounded``: the
    tool can be told how many requests may be in flight.
    """

    name: str
    files: Callable[[int, str], Files]
    command: Callable[[int | None], Command]
    collect: Command | None = None
    bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One side of a comparison, to be run in a folder with the files that ``project`` makes.

    ``requests``: how many it has to send, ``None`` where the server is not ours to count. ``exact``: not one more
    either. ``kept``: what a run leaves behind stays for the next one. ``most_rounds``: after these it has run enough.
    """

    name: str
    project: Project
    command: Command
    requests: int | None
    exact: bool = False
    kept: bool = False
    most_rounds: int | None = None


def subjects(
    experiment: Experiment,
    base_url: str,
    *,
    plugin: Interpreter,
    other_build: Interpreter | None = None,
    peers: Sequence[Peer] = (),
) -> tuple[Subject, ...]:
    """Everybody who runs, the reference first where there is one.

    Raises:
        LeftOut: where the plugin cannot do what the row is about.
    """
    builds = [(DOCS, plugin)] + ([(OTHER_BUILD, other_build)] if other_build else [])
    match experiment.work:
        case Work.RUN:
            return tuple(_running(experiment, base_url, builds, peers))
        case Work.COLLECT | Work.COLLECT_AGAIN:
            return tuple(_collecting(experiment, base_url, builds, peers))
        case Work.NO_DOCS:
            return tuple(_without_docs(builds))
        case Work.SANDBOX:
            return tuple(
                Subject(
                    name=name,
                    project=work.sandbox_doc,
                    command=build.pytest(*QUIET, "--endpoint-env", "sandbox"),
                    requests=None,
                )
                for name, build in builds
            )


def reference(experiment: Experiment) -> str | None:
    """Whom the others are held against; ``None``: the row is about seconds, or about the limit."""
    if experiment.in_flight is not None or experiment.work is Work.SANDBOX:
        return None
    return WITHOUT if experiment.work is Work.NO_DOCS else BY_HAND


def _running(
    experiment: Experiment, base_url: str, builds: Sequence[tuple[str, Interpreter]], peers: Sequence[Peer]
) -> Iterator[Subject]:
    count, limit = experiment.docs, experiment.in_flight
    _, plugin = builds[0]
    if limit is None:
        yield Subject(
            name=BY_HAND,
            project=partial(work.by_hand, count, base_url, own_schemas=experiment.own_schemas),
            command=plugin.pytest(*QUIET, *_NO_PLUGIN),
            requests=count,
            exact=True,
        )
    elif CONCURRENCY not in plugin.help:
        raise LeftOut(f"the plugin has no option {CONCURRENCY} yet")
    project: Project = partial(work.docs, count, base_url, own_schemas=experiment.own_schemas)
    for name, build in builds:
        for words, arguments in _ways(experiment, build):
            command = build.pytest(*QUIET, "--endpoint-env", "bench", *arguments)
            yield Subject(name=name + words, project=project, command=command, requests=count, exact=True)
    if experiment.own_schemas or count == 1:
        return
    for peer in peers:
        if limit is None or peer.bounded:
            wanted = limit if limit is not None or not experiment.slow else PEERS_IN_FLIGHT
            theirs = partial(peer.files, count, base_url)
            yield Subject(
                name=peer.name, project=theirs, command=peer.command(wanted), requests=count, most_rounds=PEER_ROUNDS
            )


def _ways(experiment: Experiment, build: Interpreter) -> Iterator[tuple[str, Command]]:
    """How the docs are run in a row: words for the name, and arguments."""
    if experiment.in_flight is not None:
        if CONCURRENCY in build.help:
            yield "", (CONCURRENCY, str(experiment.in_flight))
        return
    yield "", ()
    if experiment.slow and "--numprocesses" in build.help:
        yield f" -n {WORKERS}", ("-n", str(WORKERS))


def _collecting(
    experiment: Experiment, base_url: str, builds: Sequence[tuple[str, Interpreter]], peers: Sequence[Peer]
) -> Iterator[Subject]:
    again = experiment.work is Work.COLLECT_AGAIN
    # A second run finds what a user's second run would find, so nothing that keeps things is switched off for it.
    listing = ("-q", "--collect-only") if again else (*QUIET, "--collect-only")
    _, plugin = builds[0]
    yield Subject(
        name=BY_HAND,
        project=partial(work.by_hand, experiment.docs, base_url),
        command=plugin.pytest(*listing, *_NO_PLUGIN),
        requests=0,
        exact=True,
        kept=again,
    )
    yield Subject(
        name=IDS_ALONE,
        project=partial(work.ids_alone, experiment.docs),
        command=plugin.pytest(*listing, *_NO_PLUGIN),
        requests=0,
        exact=True,
        kept=again,
    )
    project: Project = partial(work.docs, experiment.docs, base_url)
    for name, build in builds:
        command = build.pytest(*listing, "--endpoint-env", "bench")
        yield Subject(name=name, project=project, command=command, requests=0, exact=True, kept=again)
    for peer in peers:
        if peer.collect is not None and not again:
            theirs = partial(peer.files, experiment.docs, base_url)
            yield Subject(
                name=peer.name, project=theirs, command=peer.collect, requests=0, exact=True, most_rounds=PEER_ROUNDS
            )


def _without_docs(builds: Sequence[tuple[str, Interpreter]]) -> Iterator[Subject]:
    _, plugin = builds[0]
    command = plugin.pytest(*QUIET, "-p", "no:endpoint_docs")
    yield Subject(name=WITHOUT, project=work.no_docs, command=command, requests=0, exact=True)
    for name, build in builds:
        yield Subject(name=name, project=work.no_docs, command=build.pytest(*QUIET), requests=0, exact=True)
