"""The parts of the benchmarks that need no server and no clock: the work, the rows, the figures, the tables."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from pytest_endpoint_docs.loading.head import load_doc

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import profile_docs
from speed import peer_work, peers, work
from speed.benchmark import Sides, who_runs
from speed.cost import RunFailed, measured
from speed.figures import Sample, Spread, cpu, extra, memory, ratio, spread
from speed.report import Report, RowResult, ServerFacts
from speed.rows import ROWS, Experiment, Measure, UnknownRow, Work, chosen
from speed.runs import environ, tidy, write
from speed.servers import Counters
from speed.subjects import QUIET, Files, Interpreter, LeftOut, Peer, Subject, reference, subjects
from speed.table import markdown, rendered

URL = "http://127.0.0.1:8080"
RUN = Experiment(work=Work.RUN, docs=4)


def sample(cpu_s: float, *, wall_s: float = 1.0, peak: int = 2**20, requests: int = 10) -> Sample:
    return Sample(cpu_s=cpu_s, wall_s=wall_s, peak_bytes=peak, requests=requests, connections=1)


def ids(files: Files, folder: Path) -> Any:
    """What the test of a generated project is parametrized over."""
    write(files, folder)
    file = folder / "tests" / "test_items.py"
    module: dict[str, Any] = {"__file__": str(file)}
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), module)
    (mark,) = module["test_get"].pytestmark
    name, values = mark.args
    assert name == "path"
    return values


class TestWork:
    def test_answer_is_valid_and_has_the_length_that_is_told(self) -> None:
        assert len(work.answer().encode()) == work.ANSWER_BYTES
        jsonschema.validate(json.loads(work.answer()), work.SCHEMA)
        assert len(work.SCHEMA["properties"]) == 6

    def test_wrong_answer_breaks_the_schema(self) -> None:
        with pytest.raises(jsonschema.ValidationError, match="'12' is not of type 'integer'"):
            jsonschema.validate(json.loads(work.answer(valid=False)), work.SCHEMA)

    def test_answers_fit_into_the_quotes_of_the_server(self) -> None:
        assert not set("'$\\") & set(work.answer() + work.answer(valid=False))

    @pytest.mark.parametrize("own_schemas", [False, True])
    def test_docs_read_without_a_finding_and_say_the_same_as_by_hand(self, tmp_path: Path, own_schemas: bool) -> None:
        write(work.docs(3, URL, own_schemas=own_schemas), tmp_path)
        asked, titles = [], set()
        for file in sorted(tmp_path.glob("endpoints/*/*.md")):
            doc = load_doc(file, display_path=file.name)
            assert doc is not None
            assert (doc.findings, doc.body.findings) == ((), ())
            (request,) = doc.body.requests
            (step,) = request.steps
            asked.append((step.request.method, step.request.path))
            assert doc.body.response_schema is not None
            written = dict(doc.body.response_schema.schema)
            titles.add(written.pop("title", None))
            assert written == work.SCHEMA
        assert asked == [("GET", path) for path in work.paths(3)]
        assert len(titles) == (3 if own_schemas else 1)

    def test_environment_allows_no_writing(self) -> None:
        environment = yaml.safe_load(work.docs(1, URL)["fixtures/environments/bench.yaml"])
        assert environment == {"base_url": URL, "writes": False, "deletes": False}

    def test_docs_lie_in_folders_of_a_hundred(self) -> None:
        folders = Counter(Path(name).parent.name for name in work.docs(250, URL) if name.endswith(".md"))
        assert folders == {"domain_000": 100, "domain_001": 100, "domain_002": 50}

    @pytest.mark.parametrize("own_schemas", [False, True])
    def test_tests_by_hand_ask_for_the_same_paths(self, tmp_path: Path, own_schemas: bool) -> None:
        assert ids(work.by_hand(3, URL, own_schemas=own_schemas), tmp_path) == work.paths(3)

    def test_ids_alone_are_the_same_ids(self, tmp_path: Path) -> None:
        assert ids(work.ids_alone(3), tmp_path) == work.paths(3)

    @pytest.mark.parametrize("make", [tool.files for tool in peers.TOOLS], ids=[tool.key for tool in peers.TOOLS])
    def test_every_tool_asks_for_every_path_once(self, make: Any) -> None:
        text = "\n".join(f"{contents}\n" for name, contents in make(12, URL).items() if name != "schemathesis.toml")
        if make is peer_work.schemathesis:
            assert list(json.loads(text)["paths"]) == work.paths(12)
            return
        assert [text.count(f"{URL}{path}{end}") for path in work.paths(12) for end in ("\n", '"')].count(1) == 12


class TestRows:
    def test_keys_are_unique(self) -> None:
        keys = [row.key for row in ROWS]
        assert len(set(keys)) == len(keys)

    def test_memory_is_read_off_the_runs_of_another_row(self) -> None:
        found = {row.key: row.experiment for row in ROWS}
        assert found["memory"] == found["5000"]

    def test_rows_keep_the_order_of_the_table(self) -> None:
        assert [row.key for row in chosen(["no-docs", "1000"], quick=False)] == ["1000", "no-docs"]

    def test_quick_rows_say_how_many_docs_they_really_run(self) -> None:
        names = [row.name for row in chosen(["1000", "collect-10000", "first"], quick=True)]
        assert names == [
            "100 docs, no latency",
            "collecting 1,000 docs",
            "one plain doc on a real server, start to end",
        ]

    def test_unknown_row(self) -> None:
        with pytest.raises(UnknownRow, match=r"^no row '2000'; there are 1000, 5000, own-schemas, "):
            chosen(["2000"], quick=False)


class TestSubjects:
    PLUGIN = Interpreter(python=Path("python"), help="--endpoint-env --numprocesses --endpoint-concurrency")
    PLAIN = Interpreter(python=Path("plain"), help="--endpoint-env")
    PEERS = (
        Peer(
            name="bounded",
            files=peer_work.step_ci,
            command=lambda in_flight: ("bounded", str(in_flight)),
            bounded=True,
        ),
        Peer(name="listing", files=peer_work.tavern, command=lambda _: ("listing",), collect=("listing", "--list")),
    )

    def found(self, experiment: Experiment, plugin: Interpreter = PLUGIN, **more: Any) -> tuple[Subject, ...]:
        return subjects(experiment, URL, plugin=plugin, peers=self.PEERS, **more)

    @pytest.mark.parametrize(("docs", "others"), [(100, True), (101, False)])
    def test_the_other_tools_run_the_smaller_rows_and_so_often(self, docs: int, others: bool) -> None:
        sides = Sides(plugin=self.PLUGIN, other_build=None, peers=self.PEERS, peer_docs=100, peer_rounds=2)
        found = {subject.name: subject for subject in who_runs(Experiment(work=Work.RUN, docs=docs), 80, sides)}
        assert found["by hand"].most_rounds is None
        assert {name: one.most_rounds for name, one in found.items() if one.most_rounds} == (
            {"bounded": 2, "listing": 2} if others else {}
        )

    def names(self, experiment: Experiment, plugin: Interpreter = PLUGIN, **more: Any) -> list[str]:
        return [subject.name for subject in self.found(experiment, plugin, **more)]

    def test_reference_runs_first(self) -> None:
        assert self.names(RUN) == ["by hand", "endpoint docs", "bounded", "listing"]
        for experiment in (row.experiment for row in ROWS):
            first = self.names(experiment)[0]
            assert first == (reference(experiment) or "endpoint docs")

    def test_both_builds_run_in_turns(self) -> None:
        names = self.names(RUN, other_build=self.PLAIN)
        assert names[:3] == ["by hand", "endpoint docs", "endpoint docs, other build"]

    def test_workers_only_where_waiting_counts_and_xdist_is_there(self) -> None:
        slow = Experiment(work=Work.RUN, docs=4, slow=True)
        assert "endpoint docs -n 8" in self.names(slow)
        assert "endpoint docs -n 8" not in self.names(slow, self.PLAIN)
        assert "endpoint docs -n 8" not in self.names(RUN)

    def test_in_flight_needs_the_option(self) -> None:
        limited = Experiment(work=Work.RUN, docs=4, slow=True, in_flight=32)
        docs, bounded = self.found(limited)
        assert docs.command[-2:] == ("--endpoint-concurrency", "32")
        assert bounded.command == ("bounded", "32")
        with pytest.raises(LeftOut, match="the plugin has no option --endpoint-concurrency yet"):
            self.found(limited, self.PLAIN)

    def test_who_sends_what(self) -> None:
        sent = {subject.name: (subject.requests, subject.exact) for subject in self.found(RUN)}
        assert sent == {"by hand": (4, True), "endpoint docs": (4, True), "bounded": (4, False), "listing": (4, False)}
        collecting = self.found(Experiment(work=Work.COLLECT, docs=4))
        assert {subject.requests for subject in collecting} == {0}

    def test_options_are_the_same_for_all_pytest_runs(self) -> None:
        for row in ROWS:
            if row.experiment.work is Work.COLLECT_AGAIN:
                continue
            for subject in self.found(row.experiment):
                if subject.command[0] == "python":
                    assert subject.command[3:6] == QUIET

    def test_collecting_again_keeps_what_the_first_run_left(self) -> None:
        again = self.found(Experiment(work=Work.COLLECT_AGAIN, docs=4))
        assert [subject.name for subject in again] == ["by hand", "ids alone", "endpoint docs"]
        for subject in again:
            assert subject.kept
            assert "no:cacheprovider" not in subject.command


class TestRuns:
    def test_what_a_run_leaves_is_taken_away(self, tmp_path: Path) -> None:
        write({"a/test.py": "", "b/doc.md": ""}, tmp_path)
        write({"a/__pycache__/test.pyc": "", "b/results.json": "", ".cache/c/deep": "", "top.log": ""}, tmp_path)
        (tmp_path / "link").symlink_to(tmp_path / "a", target_is_directory=True)

        tidy(tmp_path, frozenset({"a/test.py", "b/doc.md"}))

        left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
        assert left == ["a", "a/__pycache__", "a/__pycache__/test.pyc", "a/test.py", "b", "b/doc.md"]

    def test_environment_holds_nothing_of_the_users(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PYTEST_ADDOPTS", "-v")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        assert not {"PYTEST_ADDOPTS", "HTTP_PROXY"} & environ(tmp_path).keys()

    def test_failed_run_has_no_cost(self, tmp_path: Path) -> None:
        command = (sys.executable, "-S", "-c", "print('no such server'); raise SystemExit(3)")
        with pytest.raises(RunFailed, match=r"^exit status 3: no such server$"):
            measured(command, folder=tmp_path, environ={}, output=tmp_path / "out", timeout_s=60)

    def test_successful_run_is_a_failure_where_the_answers_are_wrong(self, tmp_path: Path) -> None:
        command = (sys.executable, "-S", "-c", "print('4 passed')")
        with pytest.raises(RunFailed, match=r"^exit status 0: 4 passed$"):
            measured(command, folder=tmp_path, environ={}, output=tmp_path / "out", timeout_s=60, expect_success=False)

    def test_what_a_child_of_the_command_uses_counts(self, tmp_path: Path) -> None:
        burn = "import time\nwhile time.process_time() < 0.2: pass"
        start = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', sys.argv[1]], check=True)"
        command = (sys.executable, "-S", "-c", start, burn)
        cost = measured(command, folder=tmp_path, environ={}, output=tmp_path / "out", timeout_s=60)
        assert cost.cpu_s > 0.2

    def test_run_that_does_not_end_is_ended(self, tmp_path: Path) -> None:
        command = (sys.executable, "-S", "-c", "import time; time.sleep(600)")
        with pytest.raises(RunFailed, match=r"^took more than 0.2 s$"):
            measured(command, folder=tmp_path, environ={}, output=tmp_path / "out", timeout_s=0.2)

    def test_questions_for_the_counters_do_not_count(self) -> None:
        earlier, later = Counters(requests=7, connections=3), Counters(requests=108, connections=5)
        assert later.since(earlier) == Counters(requests=100, connections=1)


class TestFigures:
    HAND = (sample(1.0), sample(2.0), sample(4.0))
    DOCS = (sample(3.0), sample(5.0), sample(4.0))

    def test_spread(self) -> None:
        assert spread(self.DOCS, cpu) == Spread(minimum=3.0, median=4.0)

    def test_median_of_a_ratio_is_that_of_the_rounds(self) -> None:
        assert ratio(self.DOCS, self.HAND, cpu) == Spread(minimum=3.0, median=2.5)

    def test_rounds_that_one_side_did_not_run_have_no_ratio(self) -> None:
        assert ratio(self.DOCS[:1], self.HAND, cpu) == Spread(minimum=3.0, median=3.0)

    def test_extra(self) -> None:
        assert extra(self.DOCS, self.HAND, cpu) == Spread(minimum=2.0, median=2.0)

    def test_memory(self) -> None:
        assert spread((sample(1, peak=5), sample(1, peak=9)), memory) == Spread(minimum=5.0, median=7.0)


def row_result(measure: Measure, samples: dict[str, tuple[Sample, ...]], **changes: Any) -> RowResult:
    values: dict[str, Any] = {
        "key": "row",
        "name": "10 docs",
        "docs": 10,
        "measure": measure.value,
        "goal": 0.7,
        "reference": "by hand",
        "limit_s": None,
        "samples": samples,
        "left_out": {},
    }
    return RowResult(**values | changes)


def report(*rows: RowResult, **changes: Any) -> Report:
    values: dict[str, Any] = {
        "machine": {"processor": "an abacus, 2 rods"},
        "rounds": 2,
        "own_peak_bytes": 1,
        "servers": ServerFacts(request_ms=0.02, over_limit={"32": 1.04}),
        "rows": rows,
        "left_out": (),
    }
    return Report(**values | changes)


class TestReport:
    SAMPLES: dict[str, tuple[Sample, ...]] = {  # noqa: RUF012  pytest's classes are made anew for each test
        "by hand": (sample(1.0, wall_s=2.0, peak=10), sample(1.0, wall_s=2.0, peak=10)),
        "endpoint docs": (sample(3.0, wall_s=4.0, peak=15), sample(4.0, wall_s=6.0, peak=15)),
    }

    @pytest.mark.parametrize(
        ("measure", "expected"),
        [
            (Measure.CPU, Spread(minimum=3.0, median=3.5)),
            (Measure.WALL, Spread(minimum=2.0, median=2.5)),
            (Measure.MEMORY, Spread(minimum=1.5, median=1.5)),
            (Measure.WALL_S, Spread(minimum=4.0, median=5.0)),
            (Measure.MORE_CPU, Spread(minimum=2000.0, median=2500.0)),
        ],
    )
    def test_figure_that_counts(self, measure: Measure, expected: Spread) -> None:
        assert row_result(measure, self.SAMPLES).figure("endpoint docs") == expected

    def test_figure_over_the_limit(self) -> None:
        row = row_result(Measure.OVER_LIMIT, self.SAMPLES, limit_s=2.0, reference=None)
        assert row.figure("endpoint docs") == Spread(minimum=2.0, median=2.5)

    def test_no_figure_without_the_reference(self) -> None:
        samples = {"endpoint docs": self.SAMPLES["endpoint docs"]}
        assert row_result(Measure.CPU, samples).figure("endpoint docs") is None

    def test_json_and_back(self) -> None:
        written = report(row_result(Measure.CPU, self.SAMPLES), left_out=("Newman: there is no npm",))
        assert Report.from_json(written.to_json()) == written


class TestTable:
    def test_columns_have_one_width(self) -> None:
        assert markdown(("a", "long"), [("wide cell", "b")]) == (
            "| a         | long |\n|-----------|------|\n| wide cell | b    |\n"
        )

    def test_whole_report(self) -> None:
        samples = {
            "by hand": (sample(1.0, wall_s=2.0), sample(1.0, wall_s=2.0)),
            "endpoint docs": (sample(3.0, wall_s=4.0), sample(4.0, wall_s=6.0)),
            "Newman 6": (sample(8.0, wall_s=20.0), sample(8.0, wall_s=20.0)),
            "Step CI 2": (sample(2.0, wall_s=3.0), sample(2.25, wall_s=3.0)),
        }
        left_out = {"endpoint docs": "the plugin has no option --endpoint-concurrency yet"}
        text = rendered(
            report(
                row_result(Measure.CPU, samples),
                row_result(Measure.OVER_LIMIT, {}, name="10 docs, 32 in flight", goal=None, left_out=left_out),
                left_out=("Bruno: cannot be installed: 404",),
            )
        )
        assert text == (
            """\
| row                   | figure                | minimum                                                       | median | goal | best of the others |
|-----------------------|-----------------------|---------------------------------------------------------------|--------|------|--------------------|
| 10 docs               | CPU, times by hand    | 3.00                                                          | 3.50   | 0.7  | Step CI 2: 2.12    |
| 10 docs, 32 in flight | wall, times the limit | left out: the plugin has no option --endpoint-concurrency yet |        |      |                    |

| row     | subject       | CPU s       | times       | wall s      | times       | peak MB | times       | requests | connections |
|---------|---------------|-------------|-------------|-------------|-------------|---------|-------------|----------|-------------|
| 10 docs | by hand       | 1.00 / 1.00 |             | 2.00 / 2.00 |             | 1       |             | 10       | 1           |
| 10 docs | endpoint docs | 3.00 / 3.50 | 3.00 / 3.50 | 4.00 / 5.00 | 2.00 / 2.50 | 1       | 1.00 / 1.00 | 10       | 1           |
| 10 docs | Newman 6      | 8.00 / 8.00 | 8.00 / 8.00 | 20.0 / 20.0 | 10.0 / 10.0 | 1       | 1.00 / 1.00 | 10       | 1           |
| 10 docs | Step CI 2     | 2.00 / 2.12 | 2.00 / 2.12 | 3.00 / 3.00 | 1.50 / 1.50 | 1       | 1.00 / 1.00 | 10       | 1           |

- 2 rounds, in turns; where a cell has two figures: minimum / median. 'times': by hand, or without the plugin, is 1.
- The server without latency answers a bare client in 0.020 ms, which is 0.0% of the 200.00 ms that the quickest run took for a case on the clock.
- With 100 ms of latency a bare client with 32 in flight takes 1.04 times the limit.
- 10 docs, 32 in flight: endpoint docs left out: the plugin has no option --endpoint-concurrency yet
- Bruno: cannot be installed: 404

| machine   |                   |
|-----------|-------------------|
| processor | an abacus, 2 rods |
"""  # noqa: E501  a table
        )

    def test_growth_is_told_where_both_sizes_ran(self) -> None:
        few = row_result(Measure.CPU, {"endpoint docs": (sample(2.0),)}, key="1000", docs=1000)
        many = row_result(Measure.CPU, {"endpoint docs": (sample(11.0),)}, key="5000", docs=5000)
        line = "- endpoint docs: 5,000 docs take 5.5 times the CPU time of 1,000 (least of each).\n"
        assert line in rendered(report(few, many))

    def test_memory_that_the_harness_itself_took_is_not_trusted(self) -> None:
        row = row_result(Measure.MEMORY, {"by hand": (sample(1.0, peak=100),)})
        line = "- Peak memory is not to be trusted: the harness itself took as much as the smallest subject.\n"
        assert line in rendered(report(row, own_peak_bytes=98))
        assert line not in rendered(report(row, own_peak_bytes=50))


class TestProfile:
    CHECK = ("/x/src/pytest_endpoint_docs/checks/schema.py", 45, "validate")
    ROOM = ("/x/src/pytest_endpoint_docs/checks/__init__.py", 1, "<module>")
    LIBRARY = ("/x/lib/python3.11/site-packages/jsonschema/validators.py", 306, "check_schema")
    STATS: profile_docs.Stats = {  # noqa: RUF012  read only
        CHECK: (10, 10, 0.5, 3.0, {}),
        ROOM: (1, 1, 0.25, 0.25, {}),
        LIBRARY: (12, 12, 2.5, 2.5, {CHECK: (10, 10, 2.0, 2.25), ROOM: (2, 2, 0.5, 0.5)}),
        ("~", 0, "<built-in method len>"): (4, 4, 0.75, 0.75, {LIBRARY: (4, 4, 0.75, 0.75)}),
    }

    @pytest.mark.parametrize(
        ("file", "module"),
        [
            (CHECK[0], "pytest_endpoint_docs.checks.schema"),
            (ROOM[0], "pytest_endpoint_docs.checks"),
            ("/pytest_endpoint_docs/env/pytest_endpoint_docs/words.py", "pytest_endpoint_docs.words"),
            (LIBRARY[0], "jsonschema"),
            ("/usr/lib/python3.11/json/decoder.py", "standard library"),
            ("<frozen importlib._bootstrap>", "built in"),
            ("~", "built in"),
        ],
    )
    def test_module_of_a_file(self, file: str, module: str) -> None:
        assert profile_docs.module(file) == module

    def test_own_time_by_module(self) -> None:
        assert profile_docs.by_module(self.STATS) == [
            ("jsonschema", 12, 2.5),
            ("built in", 4, 0.75),
            ("pytest_endpoint_docs.checks.schema", 10, 0.5),
            ("pytest_endpoint_docs.checks", 1, 0.25),
        ]

    def test_functions_of_the_package(self) -> None:
        assert profile_docs.package_functions(self.STATS) == [
            ("checks.schema:45 validate", 10, 0.5, 3.0),
            ("checks:1 <module>", 1, 0.25, 0.25),
        ]

    def test_what_the_package_asks_of_libraries(self) -> None:
        assert profile_docs.calls_of_others(self.STATS) == [
            ("checks.schema:45 validate", "jsonschema:306 check_schema", 10, 2.25),
            ("checks:1 <module>", "jsonschema:306 check_schema", 2, 0.5),
        ]

    def test_tables(self) -> None:
        assert profile_docs.rendered(self.STATS, 10, 1) == (
            """\
4.00 s under the profiler, which makes small calls look dearer; 400.00 ms a doc

| own s | share | calls | module of the package, or library |
|-------|-------|-------|-----------------------------------|
| 2.500 | 62.5% | 12    | jsonschema                        |

| s with callees | share | own s | calls | function of the package   |
|----------------|-------|-------|-------|---------------------------|
| 3.000          | 75.0% | 0.500 | 10    | checks.schema:45 validate |

| s with callees | share | calls | from the package          | to a library                |
|----------------|-------|-------|---------------------------|-----------------------------|
| 2.250          | 56.2% | 10    | checks.schema:45 validate | jsonschema:306 check_schema |
"""
        )
