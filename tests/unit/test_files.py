"""Files of the project folder: written whole, private where they hold secrets, locked for processes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from filelock import Timeout

from pytest_endpoint_docs.files import (
    lock_elsewhere,
    lock_for,
    read_private,
    read_regular,
    write_atomically,
    write_private,
)

on_posix = pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_with_its_directories_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "c.txt"
    write_atomically(file, b"one")
    write_atomically(file, b"two")

    assert file.read_bytes() == b"two"
    assert list(file.parent.iterdir()) == [file]


@on_posix
def test_the_mode_and_the_link_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"one")
    file.chmod(0o640)
    link.symlink_to(file)
    write_atomically(link, b"two")

    assert link.is_symlink()
    assert (file.read_bytes(), mode_of(file)) == (b"two", 0o640)


def test_what_cannot_be_written_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")

    def fail(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space left"):
        write_atomically(file, b"two")

    assert file.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [file]


@on_posix
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "private" / "tokens.json"
    write_private(file, {"token": "t", "name": "\ud800é"})
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"")
    picture.chmod(0o644)
    write_atomically(picture, b"png", private=True)

    assert read_private(file) == {"token": "t", "name": "\ud800é"}
    assert (mode_of(file), mode_of(file.parent), mode_of(picture)) == (0o600, 0o700, 0o600)


@pytest.mark.parametrize("content", [None, b"", b'{"half": ', b"\xff", b"[" * 100_000])
def test_a_private_file_that_cannot_be_read_holds_nothing(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "file.json"
    if content is not None:
        file.write_bytes(content)

    assert read_private(file) is None


def test_a_lock_lies_beside_a_private_file_and_elsewhere_for_others(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with lock_for(file):
        assert [path.name for path in tmp_path.iterdir()] == ["file.lock"]
    doc = tmp_path / "docs" / "doc.md"
    with lock_elsewhere(doc, timeout_s=0), pytest.raises(Timeout), lock_elsewhere(doc, timeout_s=0):
        pass
    assert not doc.parent.exists()


@on_posix
def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a")
    (tmp_path / "link").symlink_to(tmp_path / "a.txt")
    assert (read_regular(tmp_path / "a.txt"), read_regular(tmp_path / "link")) == (b"a", b"a")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to pipe").symlink_to(tmp_path / "pipe")
    for other in (tmp_path / "pipe", tmp_path / "to pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(ValueError, match="is not a regular file"):
            read_regular(other)
