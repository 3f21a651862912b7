"""What a consent run leaves behind: evidence, pictures, a stamp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from user_project import DOC, USES_A_TOKEN, Platform, UserProject, items

pytestmark = pytest.mark.browser
EXCHANGE = items("POST /oauth/token")


@pytest.fixture
def project(tmp_path: Path, running: Platform) -> UserProject:
    """A project whose environment ``live`` is a server like any other, and allows stamps."""
    project = UserProject(tmp_path, running)
    text = project.environment_file.read_text(encoding="utf-8")
    project.write("fixtures/environments/live.yaml", f"{text}\nstamps: true\n")
    return project


def evidence(project: UserProject, doc: str = DOC) -> list[dict[str, Any]]:
    folder = project.root / ".endpoint-docs/evidence" / doc
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]


def test_a_consent_run_is_on_record_without_secrets(project: UserProject, running: Platform) -> None:
    run = project.run(*EXCHANGE, "--endpoint-tester", "Ana", env="live")
    assert run.code == 0, run.text
    (record,) = evidence(project)
    assert (record["kind"], record["outcome"], record["tester"]) == ("consent", "passed", "Ana")
    assert (record["environment"], record["sandbox"]) == ("live", False)
    assert "/oauth/token" in record["exchanges"][-1]["url"]
    pictures = [project.root / path for path in record["screenshots"]]
    assert pictures
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert all(picture.parent.name == "post_oauth_token.md" for picture in pictures)
    assert not [secret for secret in running.secrets if secret in json.dumps(record)]
    assert "evidence of 1 consent run: .endpoint-docs/evidence/" in run.text


def test_the_next_run_says_who_verified_it_last(project: UserProject) -> None:
    project.run(*EXCHANGE, "--endpoint-tester", "Ana", env="live")
    skipped = project.run(DOC, env="live", manual="skip")
    assert f"{DOC}:" in skipped.text
    assert "skipped, last verified by hand less than an hour ago by Ana" in skipped.text
    assert "--endpoint-env live --endpoint-manual automated" in skipped.text


def test_a_run_against_the_sandbox_is_on_record_and_verifies_nothing(project: UserProject) -> None:
    project.run(*EXCHANGE)
    (record,) = evidence(project)
    assert record["sandbox"] is True
    assert "skipped, never verified" in project.run(DOC, manual="skip").text


def test_a_failed_consent_is_on_record(project: UserProject) -> None:
    text = (project.root / DOC).read_text(encoding="utf-8")
    project.write("fixtures/environments/live.yaml", project.environment_file.read_text(encoding="utf-8"))
    project.variables["SANDBOX_PASSWORD"] = "wrong"
    run = project.run(*EXCHANGE, env="live")
    assert run.code == 1, run.text
    (record,) = evidence(project)
    assert record["outcome"] == "failed"
    assert record["note"]
    assert (project.root / DOC).read_text(encoding="utf-8") == text


def test_a_doc_that_a_consent_ran_is_stamped_with_the_tester(project: UserProject) -> None:
    doc = project.write("endpoints/userinfo.md", USES_A_TOKEN)
    run = project.run("endpoints/userinfo.md", "-n", "1", "--endpoint-stamp", "--endpoint-tester", "Ana", env="live")
    assert run.code == 0, run.text
    text = doc.read_text(encoding="utf-8")
    assert "verifiedAt: " in text
    assert "verifiedBy: Ana\n" in text
    (record,) = evidence(project, "endpoints/userinfo.md")
    assert record["outcome"] == "passed"


def test_a_part_of_a_doc_is_not_stamped(project: UserProject) -> None:
    run = project.run(*items("POST /oauth/token", "T20"), "--endpoint-stamp", env="live")
    assert f"not all items of the doc ran: {DOC}" in run.text
    assert "verifiedAt" not in (project.root / DOC).read_text(encoding="utf-8").partition("\n---")[0]


def test_each_item_is_named_with_its_outcome_and_its_exchanges(project: UserProject) -> None:
    run = project.run(*items("POST /oauth/token", "T4", "T11", "T20"), env="live")
    assert run.counts(passed=3, skipped=1), run.text

    (record,) = evidence(project)
    assert record["note"] == "3 passed, 1 skipped"
    assert {item["name"].partition(" ")[0]: item["outcome"] for item in record["items"]} == {
        "POST": "passed",
        "T4": "passed",
        "T11": "passed",
        "T20": "skipped",
    }
    by_item = {item["name"]: [record["exchanges"][number] for number in item["exchanges"]] for item in record["items"]}
    single_use = by_item["T4 authorization code is single-use"]
    assert [exchange["status_code"] for exchange in single_use] == [200, 400]
    assert by_item["T20 JSON body is refused"] == []
    assert sorted(number for item in record["items"] for number in item["exchanges"]) == [
        *range(len(record["exchanges"]))
    ]


def test_who_could_not_ask_the_server_is_not_on_record_with_a_failure(project: UserProject, running: Platform) -> None:
    project.variables["SANDBOX_URL"] = "http://127.0.0.1:9"

    run = project.run(*EXCHANGE, env="live")

    assert run.counts(error=1), run.text
    assert evidence(project) == []
