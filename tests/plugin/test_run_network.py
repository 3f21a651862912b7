"""What a run says of the network: its proxy in the header line, and once that it waits no longer."""

from __future__ import annotations

import pytest


@pytest.fixture
def proxied(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", "http://me:secret@127.0.0.1:9")


def header(result) -> str:
    (line,) = [line for line in result.stdout.lines if line.startswith("endpoint docs: environment ")]
    return line.partition(", seed ")[2].partition(", ")[2]


def test_a_proxy_is_named_without_its_credentials(project, proxied):
    project.get()
    project.write("fixtures/environments/far.yaml", "base_url: http://api.example.com\n")
    result = project.run(env="far")
    assert header(result) == "proxy http://***@127.0.0.1:9"
    assert "secret" not in result.stdout.str()


def test_a_server_on_this_machine_is_asked_directly(project, proxied):
    project.get()
    result = project.run()
    result.assert_outcomes(passed=1)
    assert header(result) == ""


@pytest.mark.parametrize("parallel", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_the_time_for_waiting_is_told_once_when_it_is_used_up(project, parallel):
    project.environment("limits: {retry_after_total_s: 0}\n")
    project.server.on("GET /things", 429, {}, Retry_After="1")
    project.get()
    project.get("other")
    result = project.run(*parallel)
    result.assert_outcomes(failed=2)
    assert project.server.requests == ["GET /things"] * 2
    assert [line for line in result.stdout.lines if "servers asked" in line] == [
        (
            "warning: servers asked to be tried again later (429, 503) for more than 0 s in all; "
            "from here on such an answer counts as it is (limits.retry_after_total_s of the environment)"
        )
    ]
