"""Digests of texts, also of names that are not UTF-8."""

from __future__ import annotations

import hashlib

from pytest_endpoint_docs.model.digest import short_digest, text_digest


def test_a_text_has_the_digest_of_its_utf_8() -> None:
    assert text_digest("läuft") == hashlib.sha256("läuft".encode()).hexdigest()
    assert short_digest("läuft") == text_digest("läuft")[:16]


def test_names_that_are_not_utf_8_have_different_ones() -> None:
    assert len({text_digest(name) for name in ("a\udcff", "a\udcfe", "a?", "a")}) == 4
