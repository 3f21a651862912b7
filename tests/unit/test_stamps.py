from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pytest_endpoint_docs.errors import StampError
from pytest_endpoint_docs.verification.stamping import stamp, stamped_content

NOW = "2026-11-23T10:00:00Z"
BODY = "# Title\n\nverifiedAt: 1999-01-01\n\n```yaml\nverifiedAt: 1999-01-01\n```"


def stamped(frontmatter: str, key: str = "verifiedAt", value: str = NOW) -> str:
    """The frontmatter after a stamp; the rest of the doc is checked to be what it was."""
    before = f"---\n{frontmatter.rstrip()}\n---\n{BODY}"
    after = stamped_content(before.encode(), {key: value}, path="docs/a.md").decode()
    assert after.startswith("---\n")
    assert after.endswith(f"---\n{BODY}")
    return after.removeprefix("---\n").removesuffix(f"---\n{BODY}")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("verifiedAt: 2026-01-01T00:00:00.000Z", f"verifiedAt: {NOW}"),
        ('verifiedAt: "2026-01-01T00:00:00.000Z"', f'verifiedAt: "{NOW}"'),
        ("verifiedAt: '2026-01-01'", f"verifiedAt: '{NOW}'"),
        ("verifiedAt:   2026-01-01   # by hand", f"verifiedAt:   {NOW}   # by hand"),
        ("verifiedAt:", f"verifiedAt: {NOW}"),
        ("verifiedAt:  ", f"verifiedAt: {NOW}  "),
        ("verifiedAt: # never", f"verifiedAt: {NOW} # never"),
        ("verifiedAt: null", f"verifiedAt: {NOW}"),
        ("verifiedAt: ~ # never", f"verifiedAt: {NOW} # never"),
        ('verifiedAt: ""', f'verifiedAt: "{NOW}"'),
        ('"verifiedAt" : 2026-01-01', f'"verifiedAt" : {NOW}'),
        ("'verifiedAt': never # 'x'", f"'verifiedAt': {NOW} # 'x'"),
        ("verifiedAt: last week, I think", f"verifiedAt: {NOW}"),
    ],
)
def test_only_the_value_changes(line: str, expected: str) -> None:
    front = f"endpoint: GET /a\n{line}\nmeta:\n  verifiedAt: 1999-01-01\n# verifiedAt: x\ntimesReused: 0\n"
    assert stamped(front) == front.replace(line + "\n", expected + "\n")


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (
            "endpoint: GET /a\nsavedAt: 2026-01-01 # then\nstatus: pass\n",
            f"endpoint: GET /a\nsavedAt: 2026-01-01 # then\nverifiedAt: {NOW}\nstatus: pass\n",
        ),
        (
            'endpoint: GET /a\nsavedAt: "2026-01-01"\nstatus: pass\n',
            f'endpoint: GET /a\nsavedAt: "2026-01-01"\nverifiedAt: "{NOW}"\nstatus: pass\n',
        ),
        ("status: pass\nendpoint: GET /a\n", f"status: pass\nverifiedAt: {NOW}\nendpoint: GET /a\n"),
        ("endpoint: GET /a\ntags:\n  - b\n", f"endpoint: GET /a\ntags:\n  - b\nverifiedAt: {NOW}\n"),
        (
            "endpoint: GET /a\nsavedAt: >-\n  2026-01-01\nskipReason: |\n  text\n\n",
            f"endpoint: GET /a\nsavedAt: >-\n  2026-01-01\nskipReason: |\n  text\n\nverifiedAt: {NOW}\n",
        ),
        ("  endpoint: GET /a\n  status: pass\n", f"  endpoint: GET /a\n  status: pass\n  verifiedAt: {NOW}\n"),
    ],
)
def test_a_missing_key_gets_a_line_of_its_own(front: str, expected: str) -> None:
    content = stamped_content(f"---\n{front}---\n{BODY}".encode(), {"verifiedAt": NOW}, path="a.md")
    assert content.decode() == f"---\n{expected}---\n{BODY}"


def test_crlf_bom_and_a_missing_final_newline_stay() -> None:
    content = b"\xef\xbb\xbf---\r\nendpoint: GET /a\r\nstatus: pass\r\n---\r\n# T\nmixed\r\nend"
    after = stamped_content(content, {"verifiedAt": NOW}, path="a.md")
    line = f"status: pass\r\nverifiedAt: {NOW}\r\n".encode()
    assert after == content.replace(b"status: pass\r\n", line)


def test_a_longer_fence_is_one_too() -> None:
    after = stamped_content(
        b"----\nendpoint: GET /a\nverifiedAt: x\n-----\nverifiedAt: y\n", {"verifiedAt": NOW}, path="a"
    )
    assert after == f"----\nendpoint: GET /a\nverifiedAt: {NOW}\n-----\nverifiedAt: y\n".encode()


def test_several_values_at_once() -> None:
    after = stamped_content(
        b"---\nendpoint: GET /a\nstatus: pass\n---\n", {"verifiedAt": NOW, "verifiedBy": "Ana <a@b.example>"}, path="a"
    )
    assert f"status: pass\nverifiedAt: {NOW}\nverifiedBy: Ana <a@b.example>\n---" in after.decode()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ana Díaz <ana@example.com>", "Ana Díaz <ana@example.com>"),
        ("Ana: QA #1", '"Ana: QA #1"'),
        ("12", '"12"'),
        ("no", '"no"'),
        ('"Q"', '"\\"Q\\""'),
        ("", '""'),
    ],
)
def test_a_value_is_quoted_where_yaml_would_read_it_as_something_else(name: str, written: str) -> None:
    assert f"verifiedBy: {written}\n" in stamped("endpoint: GET /a", "verifiedBy", name)


def test_single_quotes_are_kept_and_doubled() -> None:
    assert "verifiedBy: 'O''Hara'\n" in stamped("endpoint: GET /a\nverifiedBy: 'Ana'", "verifiedBy", "O'Hara")


@pytest.mark.parametrize(
    ("front", "message"),
    [
        (
            "endpoint: GET /a\nverifiedAt: 1\nx: 2\nverifiedAt: 3\n",
            r"a\.md:3: verifiedAt appears 2 times \(lines 3, 5\)",
        ),
        ("endpoint: GET /a\nverifiedAt: >-\n  2026-01-01\n", "several lines"),
        ("endpoint: GET /a\nverifiedAt: 2026\n  -01-01\n", "several lines"),
        ("endpoint: GET /a\nverifiedAt:\n  2026-01-01\n", "another line"),
        ("endpoint: GET /a\nverifiedAt: [2026-01-01]\n", "a list or a mapping"),
        ("endpoint: GET /a\nverifiedAt: {at: 2026-01-01}\n", "a list or a mapping"),
        ("endpoint: GET /a\nsavedAt: &d 2026-01-01\nverifiedAt: *d\n", "an alias"),
        ("endpoint: GET /a\nverifiedAt: &d 2026-01-01\nsavedAt: *d\n", "an anchor"),
        ("{endpoint: GET /a, verifiedAt: 2026-01-01}\n", "a line of its own"),
        ("- endpoint\n", "not a mapping"),
        ("endpoint: GET /a\nreason: it is: broken\nverifiedAt: [a\n", "cannot be replaced safely"),
        ("endpoint: GET /a\nreason: it is: broken\nverifiedAt: 2026-01-01\n  10:00\n", "takes several lines"),
        # A line goes on below the new one, or below a comment.
        ("endpoint: GET /a\nreason: it is: broken\nstatus: a\n# b\n  c\n", "fix that first"),
        # The new value makes YAML of it, which reads another one differently.
        ("endpoint: GET /a\nreason: |\n  1\n  2\nverifiedAt: 1: 2\n", "fix that first"),
    ],
)
def test_what_cannot_be_written_for_sure_is_refused(front: str, message: str) -> None:
    with pytest.raises(StampError, match=message):
        stamped_content(f"---\n{front}---\n".encode(), {"verifiedAt": NOW}, path="a.md")


@pytest.mark.parametrize("content", [b"# no frontmatter\n", b"---\nendpoint: x\n", b"", b"---\nendpoint: \xff\n---\n"])
def test_what_is_not_a_doc_is_refused(content: bytes) -> None:
    with pytest.raises(StampError):
        stamped_content(content, {"verifiedAt": NOW}, path="a.md")


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (
            "endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: 2026-01-01 # x\n",
            f"endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: {NOW} # x\n",
        ),
        (
            "endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: '2026-01-01'\n",
            f"endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: '{NOW}'\n",
        ),
        (
            'endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: "\\"never\\""\n',
            f'endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: "{NOW}"\n',
        ),
        (
            "endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: 'it''s never'\n",
            f"endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: '{NOW}'\n",
        ),
        (
            "endpoint: GET /a\nsavedAt: 2026-01-01\nskipReason: it is: broken\n",
            f"endpoint: GET /a\nsavedAt: 2026-01-01\nverifiedAt: {NOW}\nskipReason: it is: broken\n",
        ),
        (
            "endpoint: GET /a\nskipReason: it is: broken\nverifiedAt:\n",
            f"endpoint: GET /a\nskipReason: it is: broken\nverifiedAt: {NOW}\n",
        ),
    ],
)
def test_a_frontmatter_that_is_not_yaml_is_stamped_by_its_lines(front: str, expected: str) -> None:
    content = stamped_content(f"---\n{front}---\n{BODY}".encode(), {"verifiedAt": NOW}, path="a.md")
    assert content.decode() == f"---\n{expected}---\n{BODY}"


def test_the_file_keeps_its_mode_and_a_symlink_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "real.md"
    real.write_bytes(b"---\nendpoint: GET /a\nverifiedAt: x\n---\n")
    real.chmod(0o640)
    link = tmp_path / "link.md"
    link.symlink_to(real)
    assert stamp(link, {"verifiedAt": NOW})
    assert link.is_symlink()
    assert real.read_text() == f"---\nendpoint: GET /a\nverifiedAt: {NOW}\n---\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link.md", "real.md"]


def test_the_same_value_again_does_not_touch_the_file(tmp_path: Path) -> None:
    doc = tmp_path / "a.md"
    doc.write_text(f"---\nendpoint: GET /a\nverifiedAt: {NOW}\n---\n")
    os.utime(doc, (1, 1))
    assert not stamp(doc, {"verifiedAt": NOW})
    assert doc.stat().st_mtime == 1


def test_a_doc_that_is_gone_is_an_error_with_its_shown_path(tmp_path: Path) -> None:
    with pytest.raises(StampError, match=r"endpoints/a\.md:1: cannot be written: No such file"):
        stamp(tmp_path / "a.md", {"verifiedAt": NOW}, display_path="endpoints/a.md")
