"""The walk through a doc's ``Manual Testing Procedure``: where a tester is, what was answered, and its journal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, field, replace
from pathlib import Path
from typing import Any, Literal

from pytest_endpoint_docs.files import PROJECT_FOLDER, prepare_project_folder, read_text, write_safe_text
from pytest_endpoint_docs.json_source import parse_json
from pytest_endpoint_docs.model.body import ProcedureStep
from pytest_endpoint_docs.model.digest import short_digest
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.secret import NO_TEXT, SafeRecord, SafeText, Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.rendering import public, rendered
from pytest_endpoint_docs.verification.evidence import Evidence, EvidenceOutcome, StepEvidence, contract_hash

Lookup = Callable[[str], "JSONValue | Secret"]

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}|\{([A-Za-z_][\w.]*)\}")
_SHELLS = frozenset(["bash", "sh", "shell", "zsh", "console", "shell-session"])


@value_class
class Walkthrough:
    """Where a tester is: at ``steps[position]``, or past the last one; ``answers`` go by the number of their step.

    ``given`` are the values that the tester set, those that are no secrets.
    """

    doc: SafeText
    endpoint: SafeText
    contract_hash: str
    environment: SafeText
    tester: SafeText
    started_at: str
    steps: tuple[ProcedureStep, ...]
    position: int = 0
    answers: tuple[StepEvidence, ...] = ()
    given: Mapping[SafeText, SafeText] = field(default_factory=dict)

    @property
    def current(self) -> ProcedureStep | None:
        """The step that is to be done, ``None`` at the end."""
        return self.steps[self.position] if self.position < len(self.steps) else None

    @property
    def outcome(self) -> EvidenceOutcome | None:
        """``failed`` or ``blocked`` where an answer says so, ``passed`` where all steps passed, else not known yet."""
        given = {answer.outcome for answer in self.answers}
        if "failed" in given:
            return "failed"
        if "blocked" in given:
            return "blocked"
        return "passed" if len(self.answers) == len(self.steps) else None

    def answer_to(self, step: ProcedureStep) -> StepEvidence | None:
        """What was answered to a step, if anything."""
        return next((answer for answer in self.answers if answer.number == step.number), None)

    def answered(self, outcome: EvidenceOutcome, *, at: str, note: SafeText = NO_TEXT) -> Walkthrough:
        """The walk after an answer to the current step; an earlier answer to it is replaced."""
        step = self.current
        if step is None:
            raise ValueError("the walk-through is at its end")
        answer = StepEvidence(number=step.number, outcome=outcome, at=at, note=note)
        others = [other for other in self.answers if other.number != step.number]
        return replace(
            self,
            position=self.position + 1,
            answers=tuple(sorted([*others, answer], key=lambda one: one.number)),
        )

    def back(self) -> Walkthrough:
        """One step back; the answers stay until they are given anew."""
        return replace(self, position=max(0, self.position - 1))

    def at_end(self) -> Walkthrough:
        """Past the last step, whatever is still open."""
        return replace(self, position=len(self.steps))

    def evidence(self, *, at: str, note: SafeText, versions: Mapping[str, str], sandbox: bool) -> Evidence:
        """The record of a walk that has an outcome. Raises: ``ValueError`` where it has none."""
        if self.outcome is None:
            raise ValueError("steps without an answer, and none that failed or was blocked")
        return Evidence(
            doc=self.doc,
            endpoint=self.endpoint,
            contract_hash=self.contract_hash,
            environment=self.environment,
            tester=self.tester,
            started_at=self.started_at,
            at=at,
            outcome=self.outcome,
            kind="manual",
            note=note,
            versions=dict(versions),
            steps=self.answers,
            sandbox=sandbox,
        )


@value_class
class Passage:
    """A part of a step's text, variables filled in: prose (Markdown), or the inside of a fence, ready to paste."""

    kind: Literal["prose", "code"]
    text: SafeText
    language: str = ""


@value_class
class FilledStep:
    """A step ready to show. ``secrets``: the ``$NAMES`` in its commands; ``unknown``: variables left as they are."""

    number: int
    passages: tuple[Passage, ...]
    secrets: tuple[SafeText, ...] = ()
    unknown: tuple[SafeText, ...] = ()


def begin_walkthrough(
    doc: EndpointDoc, procedure: tuple[ProcedureStep, ...], *, environment: SafeText, tester: SafeText, at: str
) -> Walkthrough:
    """A walk through a doc's procedure from its first step. Raises: ``ValueError`` where the doc has none."""
    if not procedure:
        raise ValueError("the doc has no numbered steps under 'Manual Testing Procedure'")
    return Walkthrough(
        doc=public(doc.path),
        endpoint=public(str(doc.endpoint)),
        contract_hash=contract_hash(doc.text),
        environment=environment,
        tester=tester,
        started_at=at,
        # Numbers in Markdown repeat (1. 1. 1.), and answers go by them.
        steps=tuple(replace(step, number=number) for number, step in enumerate(procedure, start=1)),
    )


def fill_step(step: ProcedureStep, lookup: Lookup, redactor: Redactor) -> FilledStep:
    """Fill ``{{name}}`` and ``{name}`` in; ``lookup`` gives a value, a ``Secret`` (shown as ``$NAME``) or ``None``.

    A value that is a known secret is shown as ``$NAME``, too.
    """
    from markdown_it import MarkdownIt

    passages: list[Passage] = []
    secrets: dict[str, None] = {}
    unknown: dict[str, None] = {}

    def add(kind: Literal["prose", "code"], text: str, language: str = "") -> None:
        if text.strip():
            filled = _fill(text, lookup, secrets, unknown, shell=kind == "code" and language.lower() in _SHELLS)
            passages.append(Passage(kind=kind, text=redactor.text(filled.strip("\n")), language=language))

    lines = step.text.splitlines(keepends=True)
    at = 0
    for token in MarkdownIt().parse(step.text):
        if token.type == "fence" and token.map and token.level == 0:
            add("prose", "".join(lines[at : token.map[0]]))
            add("code", token.content, (token.info.split() or [""])[0])
            at = token.map[1]
    add("prose", "".join(lines[at:]))
    return FilledStep(
        number=step.number,
        passages=tuple(passages),
        secrets=tuple(map(public, secrets)),
        unknown=tuple(map(public, unknown)),
    )


def _fill(text: str, lookup: Lookup, secrets: dict[str, None], unknown: dict[str, None], *, shell: bool) -> str:
    def value_of(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        value = lookup(name)
        if isinstance(value, Secret):
            secrets[value.name] = None
            # Inside single quotes a shell does not read variables: close them, and open them again.
            return f"'\"${value.name}\"'" if shell and _in_single_quotes(text[: match.start()]) else f"${value.name}"
        if value is None:
            unknown[name] = None
            return match[0]
        return value if isinstance(value, str) else json.dumps(value)

    return _VARIABLE.sub(value_of, text)


def _in_single_quotes(text: str) -> bool:
    quote = ""
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character in ("'", '"') and quote in ("", character):
            quote = "" if quote else character
    return quote == "'"


_FOLDER = Path(PROJECT_FOLDER, "walkthroughs")


@value_class
class _Kept(SafeRecord):
    """What the file holds."""

    doc: SafeText
    environment: SafeText
    contract_hash: str
    tester: SafeText
    started_at: str
    position: int
    answers: tuple[StepEvidence, ...]
    given: Mapping[SafeText, SafeText]


class Journal:
    """One file per doc and environment. What it holds outlives an interrupt, a kill and a closed terminal."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / _FOLDER

    def write(self, walk: Walkthrough) -> None:
        """Keep the answers of a walk. Raises: ``OSError``."""
        kept = _Kept(**{name: getattr(walk, name) for name in _Kept.__dataclass_fields__})
        prepare_project_folder(self._root)
        write_safe_text(self._file(walk), rendered(_render, kept))

    def resumed(self, walk: Walkthrough) -> Walkthrough | None:
        """The walk as it was left, or ``None`` where nothing is kept, or the doc or the tester is another one since."""
        try:
            kept: Any = parse_json(read_text(self._file(walk)))
            answers = tuple(StepEvidence(**answer) for answer in kept["answers"])
            same = (kept["doc"], kept["contract_hash"], kept["tester"]) == (walk.doc, walk.contract_hash, walk.tester)
            position = min(int(kept["position"]), len(walk.steps))
            started_at = str(kept["started_at"])
            given = {public(str(name)): public(str(value)) for name, value in kept.get("given", {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        if not same or not (answers or given):
            return None
        return replace(walk, answers=answers, position=position, started_at=started_at, given=given)

    def forget(self, walk: Walkthrough) -> None:
        """Drop what is kept of a walk, because it is finished or begun anew."""
        self._file(walk).unlink(missing_ok=True)

    def _file(self, walk: Walkthrough) -> Path:
        name = short_digest(f"{walk.doc}\0{walk.environment}")
        return self._folder / f"{name}.json"


def _render(kept: _Kept) -> str:
    return json.dumps(asdict(kept), indent=1) + "\n"
