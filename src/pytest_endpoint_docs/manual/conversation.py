"""Lead a tester through a doc's ``Manual Testing Procedure``: the conversation, over whatever shows and asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal, Protocol

from pytest_endpoint_docs.instants import render_instant
from pytest_endpoint_docs.manual.walkthrough import FilledStep, Journal, Lookup, Walkthrough, fill_step
from pytest_endpoint_docs.model.secret import NO_TEXT, SafeText, Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.rendering import public
from pytest_endpoint_docs.redaction.secret_names import is_secret_field
from pytest_endpoint_docs.verification.evidence import Evidence, EvidenceOutcome
from pytest_endpoint_docs.verification.evidence_store import EvidenceStore
from pytest_endpoint_docs.words import or_near

HELP = (
    "passed, failed, blocked (or p, f, b), each with a note after it if you like: f got 500\n"
    "back: the step before    end: finish here, after a step that failed or was blocked\n"
    "set NAME VALUE: fill a variable in    show: this step again    quit: go on another time"
)
_WORDS = {
    "p": "passed",
    "pass": "passed",
    "passed": "passed",
    "ok": "passed",
    "f": "failed",
    "fail": "failed",
    "failed": "failed",
    "b": "blocked",
    "blocked": "blocked",
    "back": "back",
    "<": "back",
    "end": "end",
    "e": "end",
    "q": "quit",
    "quit": "quit",
    "set": "set",
    "show": "show",
    "s": "show",
    "?": "help",
    "help": "help",
}


class Screen(Protocol):
    """What shows and asks. ``ask`` raises ``EOFError`` where the input ended; ``KeyboardInterrupt`` passes through."""

    def title(self, walk: Walkthrough) -> None:
        """Show which doc is walked through, where, and by whom."""

    def step(self, walk: Walkthrough, step: FilledStep) -> None:
        """Show a step, with what was answered to it before."""

    def summary(self, walk: Walkthrough) -> None:
        """Show all answers and the outcome."""

    def say(self, text: SafeText, kind: Literal["plain", "good", "bad"] = "plain") -> None:
        """Show a line."""

    def ask(self, prompt: SafeText) -> str:
        """Show a prompt and read a line."""


@value_class
class Attended:
    """How it ended: ``finished`` with a note on the whole, or left, to be resumed another time."""

    walk: Walkthrough
    finished: bool
    note: SafeText = NO_TEXT

    @property
    def reason(self) -> str:
        """Why the doc is skipped, where it was left."""
        return (
            f"walk-through left after {len(self.walk.answers)} of {len(self.walk.steps)} steps; run it again to go on"
        )


class Conversation:
    """One attended walk-through. Every answer is in the journal before the next question is asked.

    ``lookup`` gives the values of variables, ``redactor`` takes secrets out of notes, ``clock`` gives the time.
    """

    def __init__(
        self,
        screen: Screen,
        journal: Journal,
        *,
        clock: Callable[[], datetime],
        lookup: Lookup,
        redactor: Redactor,
    ) -> None:
        self._screen = screen
        self._journal = journal
        self._clock = clock
        self._lookup = lookup
        self._redactor = redactor
        self._given: dict[SafeText, SafeText | Secret] = {}

    def lead(self, walk: Walkthrough) -> Attended:
        """Go through all steps, from where an earlier walk was left if the tester wants that.

        Raises: ``KeyboardInterrupt`` after saying that nothing is lost.
        """
        self._screen.title(walk)
        try:
            return self._lead(self._resumed(walk))
        except KeyboardInterrupt:
            self._say("\nInterrupted. Your answers are kept; the next run offers to go on from here.")
            raise

    def _resumed(self, walk: Walkthrough) -> Walkthrough:
        kept = self._journal.resumed(walk)
        if kept is None:
            return walk
        self._screen.summary(kept)
        answer = self._read(f"Go on at step {kept.position + 1}? [Y/n] ")
        if answer is None or not answer.lower().startswith("n"):
            return kept
        self._journal.forget(walk)
        return walk

    def _lead(self, walk: Walkthrough) -> Attended:
        self._given |= walk.given
        shown = -1
        while True:
            if walk.current is None:
                note = self._closing_note(walk)
                if note is not None:
                    return Attended(walk=walk, finished=True, note=note)
                walk, shown = walk.back(), -1
                continue
            if shown != walk.position:
                self._show(walk)
                shown = walk.position
            line = self._read(f"Step {walk.position + 1} of {len(walk.steps)} [passed failed blocked back quit ?] ")
            word, _, rest = (line or "").partition(" ")
            match "quit" if line is None else _WORDS.get(word.lower(), ""):
                case "passed" | "failed" | "blocked" as outcome:
                    walk = self._answered(walk, outcome, rest.strip())
                case "back":
                    walk = walk.back()
                    shown = -1
                case "end" if walk.outcome in ("failed", "blocked"):
                    walk = walk.at_end()
                case "end":
                    self._say("Steps are open, and none failed or was blocked: answer them, or quit.", "bad")
                case "quit":
                    self._say(f"Left after {len(walk.answers)} of {len(walk.steps)} steps; your answers are kept.")
                    return Attended(walk=walk, finished=False)
                case "set":
                    walk, is_set = self._set(walk, rest)
                    shown = -1 if is_set else shown
                case "show":
                    shown = -1
                case "help":
                    self._say(HELP)
                case _ if word:
                    hint = or_near(word, _WORDS, otherwise="; ? lists what can be answered", shown=_WORDS.__getitem__)
                    self._say(f"{word!r} is not an answer{hint}", "bad")

    def _show(self, walk: Walkthrough) -> None:
        step = walk.current
        if step is not None:
            # What the doc says, and what the tester said, is shown as it is.
            written = [step.text, *(value for value in self._given.values() if not isinstance(value, Secret))]
            redactor = self._redactor.beside("\n".join(written))
            self._screen.step(walk, fill_step(step, self._value, redactor))

    def _say(self, text: str, kind: Literal["plain", "bad"] = "plain") -> None:
        self._screen.say(self._redactor.text(text), kind)

    def _value(self, name: str) -> JSONValue | Secret:
        return self._given.get(public(name)) or self._lookup(name)

    def _set(self, walk: Walkthrough, text: str) -> tuple[Walkthrough, bool]:
        name, _, value = text.strip().partition(" ")
        if not name or not value.strip():
            self._say("expected: set NAME VALUE", "bad")
            return walk, False
        name, value = self._redactor.text(name.strip("{}")), value.strip()
        shown = self._redactor.text(value)
        if is_secret_field(name) or shown != value:
            # A secret is not repeated on the screen, and not kept; the tester's shell has to know it as $NAME.
            self._given[name] = self._redactor.add(Secret(name.upper(), value))
            self._say(f"{name} is a secret: it is known until this run ends, and not kept.")
            return walk, True
        self._given[name] = shown
        walk = replace(walk, given={**walk.given, name: shown})
        self._journal.write(walk)
        return walk, True

    def _answered(self, walk: Walkthrough, outcome: EvidenceOutcome, note: str) -> Walkthrough:
        while outcome != "passed" and not note:
            line = self._read("What happened? ")
            if line is None:
                break
            note = line
        walk = walk.answered(outcome, at=render_instant(self._clock()), note=self._redactor.text(note))
        self._journal.write(walk)
        if outcome != "passed" and walk.current is not None:
            self._say("Kept. Go on with the next step, or 'end' to finish here.")
        return walk

    def _closing_note(self, walk: Walkthrough) -> SafeText | None:
        if walk.outcome is None:
            return None
        self._screen.summary(walk)
        line = self._read("A note on the whole, or Enter for none; 'back' to correct an answer: ")
        if line is not None and line.lower() in ("back", "<"):
            return None
        return self._redactor.text(line or "")

    def _read(self, prompt: str) -> str | None:
        try:
            return self._screen.ask(self._redactor.text(prompt)).strip()
        except EOFError:
            return None


def conclude(
    attended: Attended,
    *,
    store: EvidenceStore,
    journal: Journal,
    at: datetime,
    versions: Mapping[str, str],
    sandbox: bool = False,
) -> Evidence:
    """Write the evidence of a finished walk-through, then drop its journal. Raises: ``ConfigError``, ``ValueError``."""
    evidence = attended.walk.evidence(at=render_instant(at), note=attended.note, versions=versions, sandbox=sandbox)
    store.write(evidence)
    journal.forget(attended.walk)
    return evidence
