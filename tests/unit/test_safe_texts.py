"""The type of texts that may be shown: every outlet asks for it, and what is made of it alone has it again."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord, RunRecord
from pytest_endpoint_docs.model.secret import SafeRecord, SafeText, Secret
from pytest_endpoint_docs.model.source import JSONValue, Mismatch
from pytest_endpoint_docs.plugin.run_end import RunEnd
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.rendering import joined, public, rendered, rendered_lines
from pytest_endpoint_docs.reporting.item_records import mismatch_record
from pytest_endpoint_docs.verification.evidence import Evidence
from pytest_endpoint_docs.verification.stamping import Stamps

ROOT = Path(__file__).resolve().parent.parent.parent
# Strings of records that this package writes by itself: instants, kinds, hashes.
OWN_WORDS = frozenset(
    ["at", "check", "code", "contract_hash", "now", "outcome", "phase", "severity", "started_at", "versions", "extra"]
)
OUTLETS = """
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.cli.output import say, warn, write_output
from pytest_endpoint_docs.files import write_safe_text
from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen
from pytest_endpoint_docs.oauth.consent_options import ConsentEvent
from pytest_endpoint_docs.plugin.attended_terminal import AttendedTerminal
from pytest_endpoint_docs.plugin.outlets import begin_section, skip_mark, skipped, tell, usage_error
from pytest_endpoint_docs.plugin.progress_lines import Writer
from pytest_endpoint_docs.plugin.run_network import Notices
from pytest_endpoint_docs.verification.evidence import ItemEvidence, StepEvidence


def speak(text: str, file: Path, any_: Any, writer: Writer, screen: TerminalScreen, terminal: AttendedTerminal) -> None:
    say(text)  # 1
    warn(text)  # 2
    write_output(file, text)  # 3
    write_safe_text(file, text)  # 4
    screen.say(text)  # 5
    screen.ask(text)  # 6
    screen.ask_unseen(text)  # 7
    terminal.ask(text)  # 8
    terminal.tell(text)  # 9
    tell(any_, text)  # 10
    begin_section(any_, text)  # 11
    usage_error(text)  # 12
    skipped(text)  # 13
    skip_mark(text)  # 14
    writer.write_line(text)  # 15
    Notices().tell(text)  # 16
    ConsentEvent(at_s=0.0, text=text)  # 17
    StepEvidence(number=1, outcome="passed", at="", note=text)  # 18
    ItemEvidence(name=text, outcome="passed")  # 19
"""


def test_no_outlet_takes_a_text_that_may_hold_anything(tmp_path: Path) -> None:
    (tmp_path / "outlets.py").write_text(OUTLETS)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "--no-error-summary"]
    checked = subprocess.run(
        [*command, str(tmp_path / "outlets.py")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    lines = OUTLETS.splitlines()
    refused = re.findall(r":(\d+): error: .*incompatible type \"str\"; expected \"SafeText\"", checked.stdout)
    assert [lines[int(line) - 1].rpartition("# ")[2] for line in refused] == [str(number) for number in range(1, 20)]
    assert checked.stdout.count("error:") == len(refused)


def unsafe(kind: Any, name: str) -> Iterator[str]:
    """What in a field's type may be a text that nobody looked at."""
    if kind in (SafeText, int, float, bool, Path, type(None)) or get_origin(kind) is Literal:
        return
    if kind == JSONValue or name in OWN_WORDS:
        return
    if isinstance(kind, type) and issubclass(kind, SafeRecord):
        yield from unsafe_fields(kind)
    elif get_origin(kind) in (tuple, dict, Mapping, typing.Union, types.UnionType):
        for part in get_args(kind):
            if part is not Ellipsis and not (get_origin(kind) is dict and part is str):
                yield from unsafe(part, name)
    else:
        yield f"{name}: {kind}"


def unsafe_fields(record: type[SafeRecord]) -> Iterator[str]:
    hints = typing.get_type_hints(record, localns={"Stamps": Stamps})
    for field in dataclasses.fields(record):  # type: ignore[arg-type]
        for found in unsafe(hints[field.name], field.name):
            yield f"{record.__name__}.{found}"


@pytest.mark.parametrize("record", [RunRecord, Evidence, Stamps, RunEnd])
def test_a_safe_record_is_made_of_safe_texts(record: type[SafeRecord]) -> None:
    assert list(unsafe_fields(record)) == []


@dataclass
class Careless(SafeRecord):
    shown: SafeText
    title: str


def test_a_record_with_another_text_would_be_noticed() -> None:
    assert list(unsafe_fields(Careless)) == ["Careless.title: <class 'str'>"]


def test_what_is_made_of_a_record_is_a_text_and_steers_no_terminal() -> None:
    record = Careless(shown=public("a\x1b[2Jb"), title="t")
    assert record.shown == "a\\x1b[2Jb"
    assert rendered(lambda one: f"<{one.shown}>", record) == "<a\\x1b[2Jb>"
    assert rendered_lines(lambda one: [one.title, "\x07\u202e"], record) == ("t", "\\x07\\u202e")
    assert joined(public("a"), public("b")) == "ab"


def test_a_record_of_a_mismatch_has_no_secret_in_its_place() -> None:
    # A member of an answer may be named after a session.
    redactor = Redactor([Secret("SESSION", "s3cr3t-4711-abcd")])
    found = Mismatch(check="body", kind="value", message="is missing", pointer="/by_session/s3cr3t-4711-abcd/\x1b]0;x")
    assert mismatch_record(found, redactor).pointer == "/by_session/$SESSION/\\x1b]0;x"


def test_records_of_items_are_safe_records() -> None:
    assert issubclass(ItemRecord, SafeRecord)
    assert issubclass(MismatchRecord, SafeRecord)
