"""Digests of texts, by which what is kept finds again what it is about."""

from __future__ import annotations

import hashlib


def text_digest(text: str) -> str:
    """The SHA-256 of any text, in 64 hexadecimal digits: lone surrogates, as in names that are not UTF-8, count too."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def short_digest(text: str) -> str:
    """The first 16 digits: enough to tell apart what one project has."""
    return text_digest(text)[:16]
