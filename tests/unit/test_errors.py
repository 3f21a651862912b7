"""What is missing is installed from where the package came."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Any

import pytest

from pytest_endpoint_docs.errors import MissingExtra


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        (None, "pip install 'pytest-endpoint-docs[report]'"),
        ({"url": "file:///home/jo/docs", "dir_info": {"editable": True}}, "pip install -e '/home/jo/docs[report]'"),
        ({"url": "file:///home/j%20o/docs", "dir_info": {}}, "pip install '/home/j o/docs[report]'"),
        (
            {"url": "file:///tmp/one.whl", "archive_info": {}},
            "pip install 'pytest-endpoint-docs[report] @ file:///tmp/one.whl'",
        ),
        (
            {"url": "https://example.com/docs.git", "vcs_info": {"vcs": "git", "commit_id": "0a1b"}},
            "pip install 'pytest-endpoint-docs[report] @ git+https://example.com/docs.git@0a1b'",
        ),
    ],
)
def test_the_line_says_where_the_package_came_from(
    monkeypatch: pytest.MonkeyPatch, origin: dict[str, Any] | None, line: str
) -> None:
    recorded = None if origin is None else json.dumps(origin)
    monkeypatch.setattr(metadata.PathDistribution, "read_text", lambda _, name: recorded)
    assert str(MissingExtra("pages need Jinja2", extra="report")) == f"pages need Jinja2: {line}"


def test_without_a_distribution_it_is_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    assert str(MissingExtra("it needs x", extra="consent")) == "it needs x: pip install 'pytest-endpoint-docs[consent]'"
