"""Stamps over many docs: odd formatting, real docs, several processes, a kill in the middle."""

from __future__ import annotations

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from corpus_folder import CORPUS, needs_corpus

from pytest_endpoint_docs.errors import StampError
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.verification.stamping import stamp

NOW = "2026-11-23T10:00:00Z"
VALUES = {"verifiedAt": NOW, "verifiedBy": "Ana <ana@example.com>"}
STAMPER = """
import sys
from pathlib import Path
from pytest_endpoint_docs.errors import StampError
from pytest_endpoint_docs.verification.stamping import stamp
for round in range(int(sys.argv[2])):
    for path in sorted(Path(sys.argv[1]).rglob("*.md")):
        stamp(path, {"verifiedAt": f"2026-11-23T10:00:{round % 60:02}Z"})
"""


def odd_doc(seed: int) -> tuple[bytes, str]:
    """A doc of odd formatting, and how it is expected to look with ``NOW`` (as a regular expression, for new lines)."""
    choose = random.Random(seed)
    newline = choose.choice(["\n", "\r\n"])
    comment = choose.choice(["", "", " # checked by hand", "   #"])
    quote = choose.choice(["", '"', "'"])
    old = choose.choice([f"{quote}2026-01-0{choose.randint(1, 9)}T00:00:00.000Z{quote}", f"{quote}never{quote}"])
    name = choose.choice(["verifiedAt", '"verifiedAt"', "'verifiedAt'"])
    gap = choose.choice([":", " :"]) + " " * choose.randint(1, 3)
    verified = (f"{name}{gap}{old}{comment}", f"{name}{gap}{quote}{NOW}{quote}{comment}")
    others = [
        f"endpoint: {choose.choice(['', chr(34)])}GET /things/{{uid}}",
        choose.choice(["tags: [a, b]", "tags:\n  - a\n  - verifiedAt", "tags: []  # verifiedAt: no"]),
        choose.choice(["status: verified", "status: 'pass'", "# status: failed"]),
        choose.choice(["meta:\n  verifiedAt: 2020-01-01\n  deep: {verifiedAt: 1}", "title: Grüße – 日本語 😀"]),
        choose.choice(
            ["skipReason: |\n  verifiedAt: 2020-01-01\n\n  text", "skipReason: >-\n  a\n  b", "# nothing", ""]
        ),
    ]
    if others[0].count('"'):
        others[0] += '"'
    choose.shuffle(others)
    at = choose.randint(0, len(others))
    body = choose.choice(
        ["", "# T\n", "---\nverifiedAt: 2020-01-01\n---\n", "text\n```yaml\nverifiedAt: x\n```", "\n\n\x0b\u2028x"]
    )
    fence = "---" + choose.choice(["", "", "  "])
    texts = [
        "\n".join([fence, *others[:at], line, *others[at:], fence]) + choose.choice(["\n"]) + body for line in verified
    ]
    bom = choose.choice([b"", b"\xef\xbb\xbf"])
    before, after = (bom + text.replace("\n", newline).encode() for text in texts)
    return before, after.decode()


def test_two_hundred_docs_of_odd_formatting_change_in_the_value_alone(tmp_path: Path) -> None:
    for seed in range(200):
        before, expected = odd_doc(seed)
        doc = tmp_path / f"{seed}.md"
        doc.write_bytes(before)
        stamp(doc, {"verifiedAt": NOW})
        assert doc.read_bytes() == expected.encode(), f"seed {seed}: {before!r}"


@needs_corpus
def test_every_real_doc_takes_a_stamp_in_new_or_changed_lines_alone(tmp_path: Path) -> None:
    copy = tmp_path / "corpus"
    shutil.copytree(CORPUS, copy)
    stamped = 0
    for doc in sorted(copy.rglob("*.md")):
        before = doc.read_bytes()
        if not before.lstrip(b"\xef\xbb\xbf").startswith(b"---"):
            continue
        stamp(doc, VALUES)
        lines_before = [line for line in before.splitlines(keepends=True) if not re.match(rb"verifiedAt\s*:", line)]
        lines_after = [
            line for line in doc.read_bytes().splitlines(keepends=True) if not re.match(rb"verified(At|By)\s*:", line)
        ]
        assert lines_after == lines_before, doc.name
        read = load_doc(doc, display_path=doc.name)
        if read is not None:
            assert (read.verified_at, read.verified_by) == (VALUES["verifiedAt"], VALUES["verifiedBy"]), doc.name
        stamped += 1
    assert stamped > 0


def test_processes_that_stamp_the_same_docs_lose_nothing(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.md").write_text("---\nendpoint: GET /a\n---\n" + "text\n" * 200)
    code = """
import sys
from pathlib import Path
from pytest_endpoint_docs.verification.stamping import stamp
for round in range(10):
    for path in sorted(Path(sys.argv[1]).glob("*.md")):
        stamp(path, {sys.argv[2]: f"round {round}"})
"""
    keys = ["verifiedAt", "verifiedBy", "owner"]
    workers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), key]) for key in keys]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    for doc in tmp_path.glob("*.md"):
        _, front, body = doc.read_text().split("---\n")
        assert yaml.safe_load(front) == {"endpoint": "GET /a", **dict.fromkeys(keys, "round 9")}
        assert body == "text\n" * 200


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_kill_in_the_middle_damages_no_doc(tmp_path: Path) -> None:
    originals = {}
    for number in range(40):
        doc = tmp_path / f"{number}.md"
        doc.write_text(f"---\nendpoint: GET /{number}\nverifiedAt: 2026-11-23T10:00:00Z\n---\n" + "text\n" * 2000)
        originals[doc] = doc.read_text()
    stamps_seen = set()
    for delay_s in (0.05, 0.13, 0.21):
        process = subprocess.Popen([sys.executable, "-c", STAMPER, str(tmp_path), "1000"])
        before = {doc: doc.read_text() for doc in originals}
        while all(doc.read_text() == text for doc, text in before.items()):
            assert process.poll() is None
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
        for doc, original in originals.items():
            text = doc.read_text()
            written = re.findall(r"verifiedAt: (2026-11-23T10:00:\d\dZ)\n", text)
            assert text.replace(written[0], "2026-11-23T10:00:00Z") == original
            stamps_seen.add(written[0])
    assert len(stamps_seen) > 1


def test_a_refused_doc_is_left_as_it_was(tmp_path: Path) -> None:
    doc = tmp_path / "a.md"
    doc.write_bytes(b"---\r\nendpoint: GET /a\r\nverifiedAt: [a]\r\n---\r\n")
    before = doc.read_bytes()
    with pytest.raises(StampError):
        stamp(doc, {"owner": "x", "verifiedAt": NOW})
    assert doc.read_bytes() == before
