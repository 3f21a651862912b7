"""The consent that fails first is the one that is told; what comes after it is not tried."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_endpoint_docs.errors import CaseSkipped, ConfigError, EndpointDocsError, MethodNotAllowed
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, ConsentStuck, NoCode
from pytest_endpoint_docs.oauth.first_failure import FirstFailures


def failures(storage: Path, *, run_started: float = 0.0) -> FirstFailures:
    return FirstFailures(storage, environment="local", run_started=run_started)


def failing(error: EndpointDocsError) -> object:
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


def test_a_client_that_cannot_be_had_is_told_by_the_first_item(tmp_path: Path) -> None:
    refused = ConfigError("sandbox.yaml:4: a consent needs client_secret")
    with pytest.raises(ConfigError):
        failures(tmp_path).told_once("client", ("doc.md",), failing(refused), item="T1")  # type: ignore[arg-type]

    with pytest.raises(NoCode, match=r"^no client, see what failed first: T1: sandbox.yaml:4: a consent needs client_"):
        failures(tmp_path).told_once("client", ("doc.md",), lambda: "client", item="T2")
    assert failures(tmp_path).told_once("client", ("other.md",), lambda: "client", item="T2") == "client"


def test_of_two_items_that_fail_at_once_the_first_one_tells(tmp_path: Path) -> None:
    first, second = failures(tmp_path), failures(tmp_path)

    def obtain() -> str:
        with pytest.raises(ConfigError, match="of the other"):
            first.told_once("client", (), failing(ConfigError("of the other")), item="T1")  # type: ignore[arg-type]
        raise ConfigError("of this one")

    with pytest.raises(NoCode, match=r"^no client, see what failed first: T1: of the other$"):
        second.told_once("client", (), obtain, item="T2")


def test_a_client_that_takes_a_client_to_make_is_made(tmp_path: Path) -> None:
    kept = failures(tmp_path)

    made = kept.told_once(
        "client", (), lambda: kept.told_once("client", (), lambda: "inner", item="T1") + "-outer", item="T1"
    )

    assert made == "inner-outer"


def test_what_does_not_run_at_all_is_no_failure_to_tell(tmp_path: Path) -> None:
    for left_out in (CaseSkipped("blocked"), MethodNotAllowed("GET only")):
        with pytest.raises(type(left_out)):
            failures(tmp_path).told_once("client", (), failing(left_out), item="T1")  # type: ignore[arg-type]

    assert failures(tmp_path).told_once("client", (), lambda: "client", item="T2") == "client"
