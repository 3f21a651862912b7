"""The type of texts that may be shown: records are made of it, and what is made of it alone has it again."""

from __future__ import annotations

import dataclasses
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

# Strings of records that this package writes by itself: instants, kinds, hashes.
OWN_WORDS = frozenset(
    ["at", "check", "code", "contract_hash", "now", "outcome", "phase", "severity", "started_at", "versions", "extra"]
)


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
