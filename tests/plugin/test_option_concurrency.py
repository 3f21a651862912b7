"""``--endpoint-concurrency``: requests of the next items are under way early; all else is as without it."""

from __future__ import annotations

import json
import threading
import time

import pytest

from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.http.direct_connections import DirectConnections
from pytest_endpoint_docs.loading import doc_body
from pytest_endpoint_docs.plugin import look_ahead

STEP = "  - id: {id}\n    method: {method}\n    path: {path}\n"


class Flight:
    """What of a server is under way at once; ``meet(n)`` lets it answer when so many requests are there together."""

    def __init__(self, server, monkeypatch):
        self.most = self._now = 0
        self.together = []
        self._lock, self._barrier = threading.Lock(), None
        self.slow, self.latency_s, self.usual_s = 0, 0.01, 0.0
        self.fast_each = 0  # one in so many of the slow ones is fast
        self.latencies = {}  # of paths that are not as usual
        handler = server.httpd.RequestHandlerClass
        answer = handler.answer

        def watched(request):
            with self._lock:
                self._now += 1
                self.most = max(self.most, self._now)
                self.together.append(self._now)
                is_slow, self.slow = self.slow > 0, self.slow - 1
                is_slow = is_slow and not (self.fast_each and self.slow % self.fast_each == 0)
            if is_slow:
                time.sleep(self.latency_s)  # latency of a server, not a wait for something
            elif self._barrier is not None:
                self._barrier.wait(20)
            else:
                time.sleep(self.latencies.get(request.path, self.usual_s))
            with self._lock:
                self._now -= 1
            answer(request)

        for method in ("GET", "POST", "DELETE"):
            monkeypatch.setattr(handler, f"do_{method}", watched)

    def meet(self, count):
        self._barrier = threading.Barrier(count)


@pytest.fixture
def flight(server, monkeypatch):
    return Flight(server, monkeypatch)


@pytest.fixture
def eight(project):
    for number in range(8):
        project.get(f"t{number}", f"/t{number}")
    return project


def outline(project, *arguments, env="test"):
    """What a run told and recorded, times and seeds apart."""
    file = project.root / "results.json"
    result = project.run("-v", "-ra", "--endpoint-seed", "s", "--endpoint-results", str(file), *arguments, "endpoints")
    record = json.loads(file.read_text("utf-8"))
    for item in record["items"]:
        for key in ("started_at", "duration_s"):
            item.pop(key, None)
        for exchange in item["exchanges"]:
            exchange.pop("elapsed_s", None)
            exchange["response_headers"].pop("Date")
    # The rule around the last line is as long as the time leaves room for.
    lines = [line.rpartition(" in ")[0].strip("= ") if "=====" in line else line for line in result.outlines]
    return lines, record["items"], int(result.ret)


def test_requests_are_under_way_together(eight, flight):
    flight.meet(8)
    assert eight.run("--endpoint-concurrency", "8").ret == 0
    assert (flight.most, len(eight.server.requests)) == (8, 8)


@pytest.fixture
def in_threads(monkeypatch):
    """The paths that threads of their own ask for."""
    paths, send = [], HttpClient.send

    def sent(client, request, **more):
        if threading.current_thread().name.startswith("endpoint-docs-ahead"):
            paths.append(request.url.rpartition("/")[2])
        return send(client, request, **more)

    monkeypatch.setattr(HttpClient, "send", sent)
    return paths


def forty(project, status=200, **headers):
    for number in range(40):
        project.get(f"t{number:02}", f"/t{number:02}")
        project.server.on(f"GET /t{number:02}", status, None, **headers)


def test_threads_open_the_connections_and_no_more(project, flight, in_threads):
    """They would wait for each other many times for each answer."""
    forty(project)
    flight.usual_s = 0.05
    assert project.run("--endpoint-concurrency", "4").ret == 0
    assert (flight.most, len(project.server.requests)) == (4, 40)
    assert 4 <= len(in_threads) < 12


@pytest.mark.parametrize("about", [{"Connection": "close"}, {"status": 302, "Location": "/moved"}])
def test_what_takes_more_than_an_answer_over_an_open_connection_is_waited_for_in_threads(
    project, flight, in_threads, about
):
    forty(project, **about)
    flight.usual_s = 0.05
    assert project.run("--endpoint-concurrency", "8").ret == 0
    assert flight.most in (8, 9)  # the item whose turn it is may follow a redirect meanwhile
    assert len(in_threads) > 20


def test_no_more_are_under_way_than_it_says(eight, flight):
    flight.meet(4)
    assert eight.run("--endpoint-concurrency", "4").ret == 0
    assert (flight.most, len(eight.server.requests)) == (4, 8)


def test_one_is_as_if_there_were_nothing(eight, flight):
    flight.slow = 8
    assert eight.run("--endpoint-concurrency", "1").ret == 0
    assert (flight.most, eight.server.requests) == (1, [f"GET /t{number}" for number in range(8)])


def test_where_answers_are_slow_it_begins_by_itself(eight, flight):
    flight.slow = 3
    flight.meet(5)
    assert eight.run().ret == 0
    assert flight.most >= 5


def test_where_the_first_answer_does_not_come_the_others_are_sent_while_it_is_waited_for(eight, flight):
    flight.meet(8)  # it comes when all are there
    assert eight.run().ret == 0
    assert flight.most == 8


def test_where_the_first_item_may_change_something_nothing_is_sent_before_it_is_over(eight, flight):
    eight.doc(
        "a",
        f"## Test Request\n\n```yaml\nsteps:\n{STEP.format(id='main', method='POST', path='/a')}```\n",
        endpoint="POST /a",
    )
    flight.slow, flight.latency_s = 1, 0.2
    assert eight.run().ret == 0
    assert eight.server.requests[0] == "POST /a"


def test_where_answers_are_fast_nothing_is_sent_early(eight, flight, monkeypatch):
    flight.slow = 8
    monkeypatch.setattr(look_ahead, "_SLOW_S", 60.0)
    assert eight.run().ret == 0
    assert (flight.most, eight.server.requests) == (1, [f"GET /t{number}" for number in range(8)])


def test_where_answers_are_fast_the_next_doc_is_read_while_one_is_waited_for(eight, flight, monkeypatch):
    """But not a long one, and not the next item's own doc once more; a wrong one is wrong in its turn."""
    flight.usual_s = 0.05
    monkeypatch.setattr(look_ahead, "_SLOW_S", 60.0)
    (eight.root / "endpoints/t3.md").write_text((eight.root / "endpoints/t3.md").read_text() + "word " * 1000)
    eight.get("t5", "/t5", expect="{status: nothing}")
    told = []
    parse, send = doc_body.parse_body, HttpClient.send

    def parsed(doc, *more):
        told.append(f"read {doc.path[10:12]}")
        return parse(doc, *more)

    def sent(client, request, **more):
        told.append(f"send {request.url[-2:]}")
        answer = send(client, request, **more)
        told.append(f"got {request.url[-2:]}")
        return answer

    monkeypatch.setattr(doc_body, "parse_body", parsed)
    monkeypatch.setattr(HttpClient, "send", sent)
    eight.run().assert_outcomes(passed=7, failed=1)
    first = told.index("send t1")
    assert told[first:] == [
        *("send t1", "read t2", "got t1"),
        *("send t2", "got t2", "read t3"),
        *("send t3", "read t4", "got t3"),
        *("send t4", "read t5", "got t4"),
        *("read t6", "send t6", "read t7", "got t6"),
        *("send t7", "got t7"),
    ]


def test_the_time_that_reading_takes_does_not_make_a_server_slow(eight, flight, monkeypatch):
    flight.slow, flight.latency_s, opened = 1, 0.6, []
    monkeypatch.setattr(look_ahead, "_SLOW_S", 0.4)
    monkeypatch.setattr(look_ahead.LookAhead, "_fill_window", lambda *_: opened.append(True))
    parse = doc_body.parse_body
    monkeypatch.setattr(doc_body, "parse_body", lambda doc, *more: time.sleep(0.5) or parse(doc, *more))
    assert eight.run().ret == 0
    assert not opened


def test_a_few_late_answers_of_a_fast_server_begin_nothing(eight, flight, monkeypatch):
    flight.slow, flight.latency_s, flight.usual_s = 2, 0.6, 0.05
    monkeypatch.setattr(look_ahead, "_SLOW_S", 0.5)
    assert eight.run().ret == 0
    assert flight.most == 1


def test_where_answers_are_fast_again_it_ends(project, flight, monkeypatch):
    for number in range(20):
        project.get(f"t{number:02}", f"/t{number}")
    flight.slow, flight.latency_s, flight.usual_s = 4, 0.6, 0.05
    monkeypatch.setattr(look_ahead, "_SLOW_S", 0.5)
    monkeypatch.setattr(look_ahead, "WINDOW", 4)
    assert project.run().ret == 0
    assert flight.most > 1
    assert flight.together[-5:] == [1] * 5


def test_where_a_third_of_the_answers_are_fast_it_goes_on_for_the_others(project, flight, monkeypatch):
    for number in range(24):
        project.get(f"t{number:02}", f"/t{number}")
    flight.slow, flight.latency_s, flight.fast_each = 24, 0.4, 3
    monkeypatch.setattr(look_ahead, "_SLOW_S", 0.05)
    monkeypatch.setattr(look_ahead, "WINDOW", 4)
    assert project.run().ret == 0
    assert flight.together[8:16].count(1) < 4


def test_reports_and_records_are_the_same(project, flight):
    """Also of the two in a hundred that fail, of secrets that answers hold, of values that each case makes itself."""
    for number in range(1000):
        name = f"t{number:03}"
        expect = "{status: 200, body: {ok: false}}" if number % 50 == 7 else "{status: 200}"
        project.get(name, f"/{name}?of={{{{random_string}}}}", expect)
        project.server.on(f"GET /{name}", 200, {"ok": True, "token": f"secret-of-{number}-Zx81kQpw"})
    project.server.on("GET /t005", 200, {"note": "secret-of-9-Zx81kQpw"})
    project.server.on("GET /t011", 500, {"error": "down"})
    alone = outline(project, "--endpoint-concurrency", "1")
    early = sorted(project.server.requests)
    project.server.seen.clear()
    flight.slow = 1000
    ahead = outline(project, "--endpoint-concurrency", "32")
    assert flight.most > 1
    assert sorted(project.server.requests) == early
    assert ahead == alone
    assert alone[2] == 1
    assert sum("FAILED" in line for line in alone[0] if line.startswith("endpoints/")) == 21


def test_with_thirty_two_under_way_items_keep_their_order_and_cleanup_its_place(project, flight):
    expected = []
    for number in range(40):
        name, steps = f"t{number:02}", STEP.format(id="main", method="GET", path=f"/t{number:02}")
        body = f"## Test Request\n\n```yaml\nsteps:\n{steps}```\n"
        if number == 20:
            made = STEP.format(id="main", method="POST", path=f"/{name}")
            gone = STEP.format(id="gone", method="DELETE", path=f"/{name}")
            body = f"## Test Request\n\n```yaml\nsteps:\n{made}```\n\n## Cleanup\n\n```yaml\nsteps:\n{gone}```\n"
        endpoint = f"POST /{name}" if number == 20 else f"GET /{name}"
        project.doc(name, body, endpoint=endpoint)
        expected.append(f"endpoints/{name}.md::{endpoint} PASSED")
    flight.slow = 42
    lines = project.run("-v", "--endpoint-concurrency", "32").outlines
    assert [line.partition(" PASSED")[0] + " PASSED" for line in lines if " PASSED" in line] == expected
    requests = project.server.requests
    assert flight.most > 1
    assert requests[20:22] == ["POST /t20", "DELETE /t20"]
    assert {*requests[:20]} == {f"GET /t{number:02}" for number in range(20)}


def test_what_may_change_something_waits_and_lets_wait(project, flight):
    project.get("a", "/a")
    steps = STEP.format(id="main", method="POST", path="/b")
    project.doc("b", f"## Test Request\n\n```yaml\nsteps:\n{steps}```\n", endpoint="POST /b")
    project.get("c", "/c")
    flight.slow = 3
    assert project.run("--endpoint-concurrency", "8").ret == 0
    assert (flight.most, project.server.requests) == (1, ["GET /a", "POST /b", "GET /c"])


def test_so_does_a_doc_that_cleans_up(project, flight):
    for name in "abc":
        steps = STEP.format(id="main", method="GET", path=f"/{name}")
        clean = STEP.format(id="gone", method="DELETE", path=f"/{name}")
        project.doc(
            name,
            f"## Test Request\n\n```yaml\nsteps:\n{steps}```\n\n## Cleanup\n\n```yaml\nsteps:\n{clean}```\n",
            endpoint=f"GET /{name}",
        )
    flight.slow = 6
    assert project.run("--endpoint-concurrency", "8").ret == 0
    assert flight.most == 1
    assert project.server.requests == ["GET /a", "DELETE /a", "GET /b", "DELETE /b", "GET /c", "DELETE /c"]


def test_serial_in_a_doc_keeps_it_in_its_turn(project, flight):
    for name in "abcd":
        project.get(name, f"/{name}", head="status: verified\nserial: true")
    flight.slow = 4
    assert project.run("--endpoint-concurrency", "8").ret == 0
    assert (flight.most, project.server.requests) == (1, ["GET /a", "GET /b", "GET /c", "GET /d"])


def test_later_steps_wait_for_the_first_one(project, flight):
    for name in "abc":
        steps = "".join(STEP.format(id=f"s{step}", method="GET", path=f"/{name}{step}") for step in (1, 2))
        project.doc(name, f"## Test Request\n\n```yaml\nsteps:\n{steps}```\n", endpoint=f"GET /{name}2")
    assert project.run("--endpoint-concurrency", "8").ret == 0
    for name in "abc":
        at = [project.server.requests.index(f"GET /{name}{step}") for step in (1, 2)]
        assert at == sorted(at)
    assert len(project.server.requests) == 6


@pytest.mark.parametrize(
    "conftest",
    [
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef fresh():\n    yield\n",
        "def pytest_runtest_setup(item):\n    pass\n",
        "def pytest_runtest_teardown(item):\n    pass\n",
        "def pytest_endpoint_docs_before_request(config, case, request):\n    return None\n",
        "def pytest_endpoint_docs_after_response(config, case, exchange):\n    pass\n",
        "def pytest_endpoint_docs_variable(config, name, case):\n    return None\n",
        "import pytest\n\n@pytest.fixture\ndef endpoint_variables():\n    return {'a': 1}\n",
        "import pytest\n\n@pytest.fixture(autouse=True, scope='module')\ndef prepared():\n    yield\n",
    ],
)
def test_what_a_project_does_for_its_items_comes_first(eight, flight, conftest):
    eight.write("conftest.py", conftest)
    flight.slow = 8
    assert eight.run("--endpoint-concurrency", "8").ret == 0
    assert (flight.most, eight.server.requests) == (1, [f"GET /t{number}" for number in range(8)])


def test_a_fixture_of_the_session_is_set_up_once_and_holds_nothing_back(eight, flight):
    flight.slow = 8
    eight.write(
        "conftest.py", "import pytest\n\n@pytest.fixture(autouse=True, scope='session')\ndef up():\n    yield\n"
    )
    assert eight.run("--endpoint-concurrency", "8").ret == 0
    assert flight.most > 1


def test_after_the_first_failure_nothing_leaves(project, flight):
    for number in range(30):
        project.get(f"t{number:02}", f"/t{number:02}", "{status: 404}")
    result = project.run("--endpoint-concurrency", "4", "-x", "endpoints")
    result.assert_outcomes(failed=1)
    assert len(project.server.requests) <= 8  # its own, four under way, three in places that answers left


def test_the_end_does_not_wait_for_what_nobody_needs(project, server, monkeypatch):
    """The server keeps all answers but the first one until the run is over."""
    project.get("a", "/a", "{status: 404}")
    for number in range(4):
        project.get(f"t{number}", f"/t{number}")
    handler, over, waited = server.httpd.RequestHandlerClass, threading.Event(), []
    answer = handler.answer

    def held(request):
        if request.path != "/a":
            waited.append(over.wait(20))
        answer(request)

    monkeypatch.setattr(handler, "do_GET", held)
    try:
        project.run("--endpoint-concurrency", "8", "-x", "endpoints").assert_outcomes(failed=1)
        assert waited == []
    finally:
        over.set()


def test_the_limits_of_the_environment_hold(eight, flight):
    flight.meet(2)
    eight.environment("limits: {max_in_flight: 2}\n")
    assert eight.run("--endpoint-concurrency", "8").ret == 0
    assert (flight.most, len(eight.server.requests)) == (2, 8)


def test_the_limits_hold_over_all_workers(eight, flight):
    flight.slow, flight.latency_s = 8, 0.3
    eight.environment("limits: {max_in_flight: 1}\n")
    eight.pytester.runpytest_subprocess("--endpoint-env", "test", "-n", "3", "endpoints").assert_outcomes(passed=8)
    assert (flight.most, len(eight.server.requests)) == (1, 8)


def test_failed_ones_run_again_alone(eight, flight):
    eight.write("pytest.ini", "[pytest]\n")
    eight.server.on("GET /t3", 500)
    eight.server.on("GET /t6", 500)
    eight.run("--endpoint-concurrency", "8").assert_outcomes(passed=6, failed=2)
    eight.server.seen.clear()
    eight.run("--endpoint-concurrency", "8", "--lf").assert_outcomes(failed=2)
    assert sorted(eight.server.requests) == ["GET /t3", "GET /t6"]


def test_skipped_and_deselected_items_send_nothing(eight, flight):
    eight.write(
        "conftest.py",
        "import pytest\n\ndef pytest_collection_modifyitems(items):\n"
        "    items[2].add_marker(pytest.mark.skip(reason='no'))\n",
    )
    eight.run("--endpoint-concurrency", "8", "-k", "not t5").assert_outcomes(passed=6, skipped=1, deselected=1)
    assert sorted(eight.server.requests) == [f"GET /t{number}" for number in (0, 1, 3, 4, 6, 7)]


def test_a_server_that_is_not_there_is_an_error_of_each_item_in_its_turn(eight):
    eight.write("fixtures/environments/test.yaml", "base_url: http://127.0.0.1:9\n")
    result = eight.run("--endpoint-concurrency", "8")
    result.assert_outcomes(errors=8)
    result.stdout.fnmatch_lines(["endpoints/t0.md:11: step main: http://127.0.0.1:9/t0: connection refused; *"])


def test_workers_send_each_request_once(eight, flight):
    result = eight.pytester.runpytest_subprocess(
        "-n", "2", "--endpoint-concurrency", "8", "--endpoint-env", "test", "endpoints"
    )
    result.assert_outcomes(passed=8)
    assert sorted(eight.server.requests) == [f"GET /t{number}" for number in range(8)]


def test_from_the_ini_file(eight, flight):
    eight.write("pytest.ini", "[pytest]\naddopts = -p no:cacheprovider\nendpoint_concurrency = 8\n")
    flight.meet(8)
    assert eight.run().ret == 0
    assert flight.most == 8


@pytest.mark.parametrize("value", ["0", "129", "many", "-1", "2.5", "٣"])
def test_a_wrong_value(eight, value):
    result = eight.run(f"--endpoint-concurrency={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --endpoint-concurrency = '{value}': expected a whole number from 1 to 128"])


def test_a_sleep_of_a_doc_makes_no_other_server_late(project):
    """What came meanwhile came in time, and as fast as it came."""
    project.environment("timeout_s: 1.5\n")
    first, second = (STEP.format(id=name, method="GET", path=f"/{name}") for name in ("one", "two"))
    steps = f"steps:\n{first}    sleep: 2000\n{second}    expect: {{status: 200}}\n"
    for name in ("a", "b", "d", "e", "f"):  # the first two open connections
        project.get(name, f"/{name}")
    project.doc("c", f"## Test Request\n\n```yaml\n{steps}```\n", endpoint="GET /two")
    file = project.root / "results.json"
    assert project.run("--endpoint-results", str(file), "--endpoint-concurrency", "2").ret == 0
    items = json.loads(file.read_text("utf-8"))["items"]
    assert [each["elapsed_s"] < 1.5 for item in items for each in item["exchanges"]] == [True] * 7


SKIPPING = """\
import time
import pytest

def pytest_runtest_setup(item):
    if "/t1" in item.nodeid or "/t2" in item.nodeid or "/t3" in item.nodeid:
        time.sleep(0.02)  # the server answers meanwhile
        pytest.skip("not today")
"""


def test_what_a_plugin_skips_keeps_no_connection(project, flight, monkeypatch, tmp_path_factory):
    """A plugin that is installed is taken to change nothing before an item's request."""
    installed = tmp_path_factory.mktemp("installed") / "site-packages" / "not_today.py"
    installed.parent.mkdir()
    installed.write_text(SKIPPING)
    monkeypatch.syspath_prepend(installed.parent)
    forty(project)
    opened, counts = [], []
    open_one, look = DirectConnections._opened, HttpClient.look

    def noted(*given):
        opened.append(open_one(*given))
        return opened[-1]

    def counted(client):
        look(client)
        counts.append(sum(each.sock.fileno() != -1 for each in opened))

    monkeypatch.setattr(DirectConnections, "_opened", noted)
    monkeypatch.setattr(HttpClient, "look", counted)
    project.run("-p", "not_today", "--endpoint-concurrency", "2").assert_outcomes(passed=10, skipped=30)
    assert max(counts) <= 4
    assert flight.most <= 3  # the item whose turn it is has a place of its own


@pytest.mark.parametrize("about", [{"Connection": "close"}, {"status": 302, "Location": "/moved"}])
def test_no_more_are_under_way_than_it_says_when_threads_begin_to_wait(project, flight, about):
    """Requests that have left count as well as those in threads."""
    forty(project)
    project.server.on("GET /t08", about.get("status", 200), None, **{k: v for k, v in about.items() if k != "status"})
    for number in range(9, 40):
        flight.latencies[f"/t{number:02}"] = 0.5
    flight.usual_s = 0.05
    assert project.run("--endpoint-concurrency", "8").ret == 0
    assert flight.most in (8, 9)  # the item whose turn it is may follow a redirect meanwhile


def test_what_comes_slowly_is_under_way_until_its_end(project, server, monkeypatch):
    """It begins at once."""
    lock, now, most = threading.Lock(), [], []

    def streamed(request):
        with lock:
            now.append(request)
            most.append(len(now))
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        time.sleep(0.8)  # the server makes the rest of it, for longer than a busy machine keeps a run waiting
        with lock:
            now.remove(request)
        request.wfile.write(b"{}")

    monkeypatch.setattr(server.httpd.RequestHandlerClass, "do_GET", streamed)
    forty(project)
    project.run("--endpoint-concurrency", "4", "-k", "t0").assert_outcomes(passed=10, deselected=30)
    assert max(most) <= 5  # the item whose turn it is has a place of its own
