from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from pytest_endpoint_docs.manual.conversation import Attended, Conversation, conclude
from pytest_endpoint_docs.manual.terminal_screen import why_no_terminal
from pytest_endpoint_docs.manual.walkthrough import FilledStep, Journal, Walkthrough, begin_walkthrough, fill_step
from pytest_endpoint_docs.model.body import ProcedureStep
from pytest_endpoint_docs.model.doc import UNREAD, DocReader, EndpointDoc
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.verification.evidence_store import EvidenceStore

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
PLACE = SourceLocation("docs/a.md", 9)
TEXTS = ("Create an app {{ name }}", "Open the page", "Exchange the {code}")
DOC = EndpointDoc(
    file=Path("a.md"),
    path="docs/a.md",
    endpoint=Endpoint("POST", "/oauth/token"),
    location=PLACE,
    reader=DocReader(UNREAD, "---\n---\n# T"),
)


def step(text: str, number: int = 1) -> ProcedureStep:
    return ProcedureStep(number=number, text=text, location=PLACE)


def walk(doc: EndpointDoc = DOC, tester: str = "Ana") -> Walkthrough:
    steps = tuple(step(text) for text in TEXTS)
    return begin_walkthrough(doc, steps, environment="staging", tester=tester, at="2026-03-01T09:00:00Z")


class Script:
    """A tester who answers by heart; an exception in the script is raised."""

    def __init__(self, lines: Iterable[str | BaseException]) -> None:
        self.lines = list(lines)
        self.shown: list[str] = []
        self.steps: list[FilledStep] = []
        self.journal: list[Any] = []

    def title(self, walk: Walkthrough) -> None:
        self.shown.append(f"title {walk.doc}")

    def step(self, walk: Walkthrough, step: FilledStep) -> None:
        self.shown.append(f"step {step.number}")
        self.steps.append(step)

    def summary(self, walk: Walkthrough) -> None:
        self.shown.append(f"summary {walk.outcome}")

    def say(self, text: str, kind: Literal["plain", "good", "bad"] = "plain") -> None:
        self.shown.append(text)

    def ask(self, prompt: str) -> str:
        line = self.lines.pop(0)
        if isinstance(line, BaseException):
            raise line
        return line + "\n"


def lead(tmp_path: Path, script: Script, start: Walkthrough | None = None) -> Attended:
    redactor = Redactor([Secret("PASSWORD", "hunter22")])
    values: dict[str, Any] = {"name": "demo"}
    talk = Conversation(script, Journal(tmp_path), clock=lambda: NOW, lookup=values.get, redactor=redactor)
    return talk.lead(start or walk())


def answers(attended: Attended) -> list[tuple[int, str, str]]:
    return [(answer.number, answer.outcome, answer.note) for answer in attended.walk.answers]


def test_a_walk_where_everything_passes_ends_in_evidence(tmp_path: Path) -> None:
    script = Script(["p", "passed as user hunter22", "OK", "all good"])
    attended = lead(tmp_path, script)
    assert script.shown == ["title docs/a.md", "step 1", "step 2", "step 3", "summary passed"]
    assert (attended.finished, attended.note) == (True, "all good")
    assert answers(attended) == [(1, "passed", ""), (2, "passed", "as user $PASSWORD"), (3, "passed", "")]
    store, journal = EvidenceStore(tmp_path), Journal(tmp_path)
    evidence = conclude(attended, store=store, journal=journal, at=NOW, versions={"pytest": "9"})
    assert store.log("docs/a.md").records == (evidence,)
    assert (evidence.outcome, evidence.note, evidence.at) == ("passed", "all good", "2026-03-01T10:00:00Z")
    assert journal.resumed(walk()) is None


def test_what_failed_or_was_blocked_asks_for_a_note(tmp_path: Path) -> None:
    attended = lead(tmp_path, Script(["f", "", "got 500", "b no access to the mail", "p", ""]))
    assert answers(attended) == [(1, "failed", "got 500"), (2, "blocked", "no access to the mail"), (3, "passed", "")]
    assert attended.walk.outcome == "failed"


def test_after_a_failure_the_rest_can_be_left_out(tmp_path: Path) -> None:
    script = Script(["end", "b down", "end", ""])
    attended = lead(tmp_path, script)
    assert "Steps are open, and none failed or was blocked: answer them, or quit." in script.shown
    assert (attended.finished, attended.walk.outcome, len(attended.walk.answers)) == (True, "blocked", 1)


def test_back_corrects_an_answer_also_at_the_end(tmp_path: Path) -> None:
    attended = lead(tmp_path, Script(["f oops", "back", "p", "p", "p", "<", "b late", ""]))
    assert answers(attended) == [(1, "passed", ""), (2, "passed", ""), (3, "blocked", "late")]


def test_a_slip_of_the_pen_is_not_an_answer(tmp_path: Path) -> None:
    script = Script(["pased", "", "42", "?", "set x", "quit"])
    attended = lead(tmp_path, script)
    assert attended.walk.answers == ()
    assert "'pased' is not an answer; did you mean passed?" in script.shown
    assert "'42' is not an answer; ? lists what can be answered" in script.shown
    assert "expected: set NAME VALUE" in script.shown


@pytest.mark.parametrize("ending", ["quit", EOFError()])
def test_a_walk_that_is_left_goes_on_where_it_was(tmp_path: Path, ending: str | BaseException) -> None:
    left = lead(tmp_path, Script(["p", "p fine", ending]))
    assert (left.finished, left.reason) == (False, "walk-through left after 2 of 3 steps; run it again to go on")
    script = Script(["", "p", ""])
    attended = lead(tmp_path, script, replace(walk(), started_at="2026-03-02T09:00:00Z"))
    assert script.shown == ["title docs/a.md", "summary None", "step 3", "summary passed"]
    assert attended.walk.started_at == "2026-03-01T09:00:00Z"
    assert answers(attended)[1] == (2, "passed", "fine")


def test_an_interrupt_loses_no_answer_and_passes_through(tmp_path: Path) -> None:
    script = Script(["p", KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        lead(tmp_path, script)
    assert "Interrupted. Your answers are kept" in script.shown[-1]
    kept = Journal(tmp_path).resumed(walk())
    assert kept is not None
    assert (kept.position, len(kept.answers)) == (1, 1)


def test_a_tester_may_begin_anew(tmp_path: Path) -> None:
    lead(tmp_path, Script(["f bad", "quit"]))
    attended = lead(tmp_path, Script(["no", "p", "p", "p", ""]))
    assert attended.walk.outcome == "passed"


@pytest.mark.parametrize("other", [walk(doc=replace(DOC, reader=DocReader(UNREAD, "changed"))), walk(tester="Bo")])
def test_answers_to_another_doc_or_of_another_tester_are_not_taken_over(tmp_path: Path, other: Walkthrough) -> None:
    lead(tmp_path, Script(["p", "quit"]))
    assert Journal(tmp_path).resumed(other) is None


def test_a_damaged_journal_is_as_good_as_none(tmp_path: Path) -> None:
    lead(tmp_path, Script(["p", "quit"]))
    (file,) = (tmp_path / ".endpoint-docs" / "walkthroughs").iterdir()
    json.loads(file.read_text())
    file.write_text("{")
    assert Journal(tmp_path).resumed(walk()) is None


def test_a_variable_can_be_given_while_walking_and_a_secret_is_not_repeated(tmp_path: Path) -> None:
    script = Script(["p", "p", "set code abc", "set client_secret s3cr3t", "f with s3cr3t", ""])
    attended = lead(tmp_path, script)
    assert answers(attended)[2] == (3, "failed", "with $CLIENT_SECRET")
    assert script.steps[0].passages[0].text == "Create an app demo"
    assert script.steps[2].unknown == ("code",)
    assert script.steps[3].passages[0].text == "Exchange the abc"
    assert not any("s3cr3t" in line for line in script.shown)


@pytest.mark.parametrize("ending", ["quit", KeyboardInterrupt()])
def test_what_was_given_is_there_when_the_walk_goes_on(tmp_path: Path, ending: str | BaseException) -> None:
    with suppress(KeyboardInterrupt):
        lead(tmp_path, Script(["set name other", "set client_secret s3cr3t", ending]))

    script = Script(["y", "quit"])
    lead(tmp_path, script)

    assert script.steps[0].passages[0].text == "Create an app other"
    assert "s3cr3t" not in "".join(file.read_text() for file in tmp_path.rglob("*.json"))


def test_a_doc_without_a_procedure_says_so() -> None:
    with pytest.raises(ValueError, match="no numbered steps under 'Manual Testing Procedure'"):
        begin_walkthrough(DOC, (), environment="x", tester="x", at="x")


def test_steps_that_are_all_numbered_one_are_told_apart() -> None:
    assert [one.number for one in walk().steps] == [1, 2, 3]


def test_prose_and_commands_of_a_step_are_told_apart() -> None:
    filled = fill_step(
        step("**Call** it:\n\n```bash\ncurl {{url}} \\\n  -v\n```\n\nSave `id`."), {"url": "http://h"}.get, Redactor()
    )
    assert [(one.kind, one.language, one.text) for one in filled.passages] == [
        ("prose", "", "**Call** it:"),
        ("code", "bash", "curl http://h \\\n  -v"),
        ("prose", "", "Save `id`."),
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('curl -H "Authorization: Bearer {token}"', 'curl -H "Authorization: Bearer $TOKEN"'),
        ('curl -d \'{"token":"{token}"}\'', 'curl -d \'{"token":"\'"$TOKEN"\'"}\''),
        ('echo "it\'s {token}"', 'echo "it\'s $TOKEN"'),
        ("echo \\' {token}", "echo \\' $TOKEN"),
    ],
)
def test_secrets_are_names_that_a_shell_reads(command: str, expected: str) -> None:
    token = Secret("TOKEN", "x")
    filled = fill_step(step(f"```bash\n{command}\n```"), {"token": token}.get, Redactor())
    assert filled.passages[0].text == expected
    assert (filled.secrets, filled.unknown) == (("TOKEN",), ())


def test_values_are_written_as_json_and_the_unknown_stays_and_is_named() -> None:
    values: dict[str, Any] = {"n": 3, "flag": True}
    filled = fill_step(step('{n} {{ flag }} {{a.b}} {"json": 1} {a.b}'), values.get, Redactor())
    assert filled.passages[0].text == '3 true {{a.b}} {"json": 1} {a.b}'
    assert filled.unknown == ("a.b",)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"output_is_terminal": True, "is_worker": True}, "run it without -n"),
        ({"output_is_terminal": False, "is_worker": False}, "the output goes elsewhere"),
    ],
)
def test_without_a_terminal_the_reason_is_told(given: dict[str, bool], reason: str) -> None:
    assert reason in why_no_terminal(**given)
