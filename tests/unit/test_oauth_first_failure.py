"""The consent that fails first is the one that is told; what comes after it is not tried."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_endpoint_docs.errors import ConsentError
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, ConsentStuck, NoCode
from pytest_endpoint_docs.oauth.first_failure import FirstFailures


def failures(storage: Path, *, run_started: float = 0.0) -> FirstFailures:
    return FirstFailures(storage, environment="local", run_started=run_started)


def failing(error: ConsentError) -> object:
    def obtain() -> str:
        raise error

    return obtain


def test_a_consent_is_not_repeated_after_it_failed_in_any_worker(tmp_path: Path) -> None:
    with pytest.raises(ConsentStuck):
        failures(tmp_path).guard(("client",), failing(ConsentStuck("nothing grants\n  page: x")))  # type: ignore[arg-type]

    with pytest.raises(NoCode, match=r"^no code, see the consent that failed first: nothing grants$"):
        failures(tmp_path).guard(("client",), lambda: "code")


def test_another_kind_of_consent_and_another_run_are_tried(tmp_path: Path) -> None:
    with pytest.raises(ConsentStuck):
        failures(tmp_path).guard(("client",), failing(ConsentStuck("nothing grants")))  # type: ignore[arg-type]

    assert failures(tmp_path).guard(("other",), lambda: "code") == "code"
    assert failures(tmp_path, run_started=time.time() + 1).guard(("client",), lambda: "code") == "code"


def test_a_failure_after_a_code_is_told_each_time(tmp_path: Path) -> None:
    kept = failures(tmp_path)
    assert kept.guard(("client",), lambda: "code") == "code"

    for _ in range(2):
        with pytest.raises(ConsentStuck):
            kept.guard(("client",), failing(ConsentStuck("a page crashed")))  # type: ignore[arg-type]


def test_a_person_who_stops_says_nothing_of_the_server(tmp_path: Path) -> None:
    with pytest.raises(ClosedByPerson):
        failures(tmp_path).guard(("client",), failing(ClosedByPerson("closed")))  # type: ignore[arg-type]

    assert failures(tmp_path).guard(("client",), lambda: "code") == "code"
