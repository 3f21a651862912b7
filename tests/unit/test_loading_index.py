"""Docs by endpoint: templates, duplicates, cycles; lines inside fences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from pytest_endpoint_docs.loading.doc_index import DocIndex
from pytest_endpoint_docs.model.doc import EndpointDoc, Requirement
from pytest_endpoint_docs.model.source import Endpoint, SourceBlock, SourceLocation
from pytest_endpoint_docs.yaml_text.plain_yaml import lines_of


def doc(path: str, endpoint: str, requires: Iterable[str] = ()) -> EndpointDoc:
    return EndpointDoc(
        file=Path(path),
        path=path,
        endpoint=read(endpoint),
        location=SourceLocation(path, 2),
        requires=tuple(Requirement(endpoint=read(one), location=SourceLocation(path, 3)) for one in requires),
    )


def read(text: str) -> Endpoint:
    method, _, target = text.partition(" ")
    return Endpoint(method, *target.split("?", 1))


def test_parameter_names_do_not_count() -> None:
    found = doc("a.md", "GET /v1/things/{uid}/parts/{id}")

    assert DocIndex([found]).find(Endpoint("GET", "/v1/things/{thing_id}/parts/{part}")) is found
    assert DocIndex([found]).find(Endpoint("GET", "/v1/things/{{thing.id}}/parts/{{x}}")) is found
    assert DocIndex([found]).find(Endpoint("PUT", "/v1/things/{uid}/parts/{id}")) is None
    assert DocIndex([found]).find(Endpoint("GET", "/v1/things/{uid}/parts/{id}/")) is None


def test_of_several_docs_the_first_by_path_wins() -> None:
    second, first, other = doc("b.md", "GET /x/{a}"), doc("a.md", "GET /x/{b}"), doc("c.md", "GET /x/{b}?full=1")
    index = DocIndex([second, other, first])

    assert index.find(Endpoint("GET", "/x/{c}")) is first
    assert index.find(Endpoint("GET", "/x/{c}", "full=1")) is other
    assert index.duplicates() == ((first, second),)
    assert [one.path for one in index] == ["a.md", "b.md", "c.md"]


def test_docs_without_a_readable_endpoint_are_no_duplicates() -> None:
    broken = [doc("a.md", " /x"), doc("b.md", " /x")]

    assert DocIndex(broken).duplicates() == ()


def test_a_cycle_is_the_circle_without_the_way_to_it() -> None:
    start, a, b = (
        doc("s.md", "GET /s", ["GET /a"]),
        doc("a.md", "GET /a", ["GET /b"]),
        doc("b.md", "GET /b", ["GET /a"]),
    )

    assert DocIndex([start, a, b]).cycle(start) == (a, b, a)


def test_a_doc_that_requires_itself() -> None:
    one = doc("a.md", "GET /a", ["GET /a"])

    assert DocIndex([one]).cycle(one) == (one, one)


def test_a_diamond_and_a_missing_doc_are_no_cycle() -> None:
    docs = [
        doc("a.md", "GET /a", ["GET /b", "GET /c", "GET /nowhere"]),
        doc("b.md", "GET /b", ["GET /d"]),
        doc("c.md", "GET /c", ["GET /d"]),
        doc("d.md", "GET /d"),
    ]

    assert DocIndex(docs).cycle(docs[0]) is None


def test_a_long_chain_is_followed() -> None:
    docs = [doc(f"{n:05}.md", f"GET /{n}", [f"GET /{n + 1}"]) for n in range(3000)]

    assert DocIndex(docs).cycle(docs[0]) is None


JSON = '{\n\t"a": {\n\t\t"b/c": [1,\n\t\t\t{"d~e": "x\\/y"}]\n\t}\n}\n'
YAML = "a:\n  b/c:\n    - 1\n    - d~e: x\n"


@pytest.mark.parametrize(
    ("text", "language", "pointer", "line"),
    [
        (JSON, "json", "", 11),
        (JSON, "json", "/a/b~1c/0", 13),
        (JSON, "json", "/a/b~1c/1/d~0e", 14),
        (JSON, "json", "/a/missing/deeper", 12),
        (YAML, "yaml", "/a/b~1c", 12),
        (YAML, "yaml", "/a/b~1c/1/d~0e", 14),
        (YAML, "yaml", "/a/b~1c/9", 12),
        ("[broken", "yaml", "/0", 10),
        ("", "yaml", "/a", 10),
    ],
)
def test_the_line_of_a_value_in_a_fence(text: str, language: str, pointer: str, line: int) -> None:
    block = SourceBlock(
        text=text,
        language=language,
        location=SourceLocation("doc.md", 10),
        line_of=lines_of(text, language),
    )

    assert block.at(pointer) == SourceLocation("doc.md", line)
