"""From rows to results: who can be trusted, and the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from speed.report import RowResult, ServerFacts
from speed.rows import Experiment, Row, Work
from speed.runs import Bench, Outcome, alternating, refuses
from speed.servers import LATENCY_S, Servers, bare_client_s, origin
from speed.subjects import DOCS, PEER_ROUNDS, Interpreter, LeftOut, Peer, Subject, reference, subjects

IN_FLIGHT = (32, 64)
_REQUESTS_ALONE = 2000
_TURNS = 5
_FEW_DOCS = Experiment(work=Work.RUN, docs=3)


class Untrusted(Exception):
    """The docs or the test by hand take a wrong answer for a right one: then no figure means anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Who is compared: this build of the plugin, perhaps another one, the other tools.

    ``peer_docs``: rows with more docs run without the other tools; ``peer_rounds``: after these they have run enough.
    """

    plugin: Interpreter
    other_build: Interpreter | None
    peers: tuple[Peer, ...]
    peer_docs: int | None = None
    peer_rounds: int = PEER_ROUNDS


def server_facts(servers: Servers) -> ServerFacts:
    """What the servers give to a bare client: the least of three tries."""
    tries = range(3)
    alone_s = min(bare_client_s(servers.fast, requests=_REQUESTS_ALONE, in_flight=1) for _ in tries)
    over_limit = {}
    for in_flight in IN_FLIGHT:
        requests = _TURNS * in_flight
        seconds = min(bare_client_s(servers.slow, requests=requests, in_flight=in_flight) for _ in tries)
        over_limit[str(in_flight)] = seconds / (_TURNS * LATENCY_S)
    return ServerFacts(request_ms=1000 * alone_s / _REQUESTS_ALONE, over_limit=over_limit)


def with_trusted_peers(sides: Sides, bench: Bench) -> tuple[Sides, tuple[str, ...]]:
    """The sides without the tools that cannot be trusted, and a word about each of these.

    Everybody has to pass three right answers, and to fail on an answer that its schema refuses and on another status.

    Raises:
        Untrusted: where it is the docs or the test by hand that do not.
    """
    bench.tell("does everybody tell right answers from wrong ones?")
    servers = bench.servers
    words = dict(alternating(who_runs(_FEW_DOCS, servers.fast, sides), bench, rounds=1).left_out)
    for port in (servers.wrong_body, servers.wrong_status):
        for subject in who_runs(_FEW_DOCS, port, sides):
            if (why := refuses(subject, bench)) is not None:
                words.setdefault(subject.name, why)
    trusted = tuple(peer for peer in sides.peers if peer.name not in words)
    told = tuple(f"{name}: {words.pop(name)}" for name in [peer.name for peer in sides.peers] if name in words)
    if words:
        raise Untrusted("; ".join(f"{name}: {why}" for name, why in words.items()))
    return replace(sides, peers=trusted), told


def results(rows: Sequence[Row], sides: Sides, bench: Bench, *, rounds: int) -> tuple[RowResult, ...]:
    """Run what the rows need, each experiment once."""
    outcomes: dict[Experiment, Outcome] = {}
    for row in rows:
        if row.experiment not in outcomes:
            bench.tell(row.name)
            outcomes[row.experiment] = _outcome(row.experiment, sides, bench, rounds)
    return tuple(_result(row, outcomes[row.experiment]) for row in rows)


def _outcome(experiment: Experiment, sides: Sides, bench: Bench, rounds: int) -> Outcome:
    port = bench.servers.slow if experiment.slow else bench.servers.fast
    try:
        found = who_runs(experiment, port, sides)
    except LeftOut as why:
        bench.tell(f"  left out: {why}")
        return Outcome(samples={}, left_out={DOCS: str(why)})
    return alternating(found, bench, rounds=rounds)


def who_runs(experiment: Experiment, port: int, sides: Sides) -> tuple[Subject, ...]:
    """Everybody who runs an experiment against the server at a port. Raises: ``LeftOut``."""
    with_peers = sides.peer_docs is None or experiment.docs <= sides.peer_docs
    found = subjects(
        experiment,
        origin(port),
        plugin=sides.plugin,
        other_build=sides.other_build,
        peers=sides.peers if with_peers else (),
    )
    return tuple(
        subject if subject.most_rounds is None else replace(subject, most_rounds=sides.peer_rounds) for subject in found
    )


def _result(row: Row, outcome: Outcome) -> RowResult:
    experiment = row.experiment
    in_flight = experiment.in_flight or 1
    return RowResult(
        key=row.key,
        name=row.name,
        docs=experiment.docs,
        measure=row.measure.value,
        goal=row.goal,
        reference=reference(experiment),
        limit_s=experiment.docs * LATENCY_S / in_flight if experiment.slow else None,
        samples=outcome.samples,
        left_out=outcome.left_out,
    )
