"""What is an endpoint doc, and what is refused before its YAML is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from frontmatter.default_handlers import YAMLHandler

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.loading.frontmatter import DOC_SIZE_MAX, read_envelope
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import SourceLocation

DOC = "---\nendpoint: GET /v1/things\ndomain: shop\n---\n# Things\n\n## Test Request\n\n```json\n{}\n```\n"


def load(tmp_path: Path, content: str | bytes) -> EndpointDoc | None:
    file = tmp_path / "doc.md"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_doc(file, display_path="docs/doc.md")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# Only a heading\n",
        b"---\ntitle: A page\n---\nendpoint: GET /v1/things\n",
        b"---\n\nA rule, then text about endpoint: things.\n",
        b"---\ntitle: [broken\nabout:\n  endpoint: x\n---\n",
        b"\x89PNG\r\n\x1a\n\x00\x00---\nendpoints\n---\n",
        b"# Things\n\nEndpoint: GET /v1/things\n",
        b"# Docs\n\n```markdown\n---\nendpoint: GET /x\n---\n\n## Test Request\n```\n",
        b"\n---\ntitle: A page\n---\n# Request\n\n## Requests and requesting\n",
        b"---\nname: caf\xe9\n---\n",
    ],
    ids=[
        "empty",
        "heading",
        "other-page",
        "thematic-break",
        "broken-page",
        "binary",
        "prose",
        "shown-in-a-fence",
        "late-page",
        "latin-1-page",
    ],
)
def test_other_files_are_left_alone(tmp_path: Path, content: bytes) -> None:
    assert load(tmp_path, content) is None


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (
            "---\ndomain: shop\nendpiont: GET /v1/things\n---\n",
            3,
            'expected the frontmatter key "endpoint", found "endpiont". Did you mean "endpoint"?',
        ),
        (
            "---\nEndpoint: GET /v1/things\n---\n",
            2,
            'expected the frontmatter key "endpoint", found "Endpoint". Did you mean "endpoint"?',
        ),
        (
            "\n\n" + DOC,
            3,
            "expected the frontmatter to begin in the first line, found 2 blank lines before its `---`: remove that.",
        ),
        (
            "  " + DOC,
            1,
            "expected the frontmatter to begin in the first line, found white space before its `---`: remove that.",
        ),
        (
            "\ufeff\ufeff" + DOC,
            1,
            "expected the frontmatter to begin in the first line, found a character that editors do not show (U+FEFF)",
        ),
        (
            "---\nmeta:\n  endpoint: GET /v1/things\n---\n",
            3,
            "`endpoint` is not a key of the frontmatter itself here: write `endpoint: METHOD /path` at the margin.",
        ),
        (
            "---\nendpoint GET /v1/things\n---\n",
            2,
            "`endpoint` is not a key of the frontmatter itself here: write `endpoint: METHOD /path` at the margin.",
        ),
        (
            "+++\nendpoint = 'GET /v1/things'\n+++\n",
            2,
            "`endpoint` stands outside a frontmatter here, and the file has none: begin",
        ),
        (
            "# Things\n\n## Test Request\n\n```json\n{}\n```\n",
            1,
            "the file has a section `Test Request` (line 3), as endpoint docs have, and it has no frontmatter: begin",
        ),
        (
            "---\ntitle: Things\n---\n\n## Request Template\n\n```json\n{}\n```\n",
            1,
            "the file has a section `Request Template` (line 5), as endpoint docs have, and its frontmatter has no",
        ),
        (
            DOC.encode("utf-16-le"),
            1,
            "the file is not UTF-8: it holds zero bytes, as UTF-16 and UTF-32 do. Save it as UTF-8.",
        ),
        (
            DOC.encode("utf-32"),
            1,
            "the file is not UTF-8: it holds zero bytes, as UTF-16 and UTF-32 do. Save it as UTF-8.",
        ),
    ],
)
def test_a_file_that_looks_like_a_doc_is_refused_at_its_line(
    tmp_path: Path, content: str | bytes, line: int, message: str
) -> None:
    with pytest.raises(FrontmatterError) as caught:
        load(tmp_path, content)

    assert str(caught.value).startswith(f"docs/doc.md:{line}: {message}")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_bom_and_newlines_do_not_move_lines(tmp_path: Path, newline: str, bom: bytes) -> None:
    doc = load(tmp_path, bom + DOC.replace("\n", newline).encode())

    assert doc is not None
    assert doc.text == DOC
    assert (doc.location.line, doc.lines["domain"], doc.body_line) == (2, 3, 5)
    assert [outline.location.line for outline in doc.outlines] == [9]


def test_blank_lines_behind_the_frontmatter_count(tmp_path: Path) -> None:
    doc = load(tmp_path, DOC.replace("# Things", "\n\n# Things"))

    assert doc is not None
    assert doc.body_line == 5
    assert doc.outlines[0].location.line == 11


def test_a_doc_that_is_not_utf8_names_line_and_offset(tmp_path: Path) -> None:
    with pytest.raises(FrontmatterError) as caught:
        load(tmp_path, DOC.encode() + b"na\xefve\n")

    offset = len(DOC) + 2
    assert str(caught.value).startswith(f"docs/doc.md:12: not UTF-8: byte 0xef at offset {offset}")


def test_utf16_is_named(tmp_path: Path) -> None:
    with pytest.raises(FrontmatterError, match="UTF-16"):
        load(tmp_path, DOC.encode("utf-16"))


def test_a_frontmatter_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FrontmatterError, match=r"doc\.md:1: .*has no end"):
        load(tmp_path, "---\nendpoint: GET /v1/things\nstatus: skip\n\n# Things\n")


def test_a_huge_doc_names_size_and_limit(tmp_path: Path) -> None:
    file = tmp_path / "huge.md"
    with file.open("wb") as stream:
        stream.write(DOC.encode())
        stream.truncate(50 * 1024 * 1024)

    with pytest.raises(FrontmatterError, match=r"50\.0 MiB; an endpoint doc may have 5 MiB"):
        load_doc(file, display_path="huge.md")


def test_a_huge_page_that_is_no_doc_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "huge.md"
    with file.open("wb") as stream:
        stream.write(b"---\ntitle: A page\n---\n")
        stream.truncate(DOC_SIZE_MAX + 1)

    assert load_doc(file, display_path="huge.md") is None


def test_a_doc_larger_than_the_first_read_is_whole(tmp_path: Path) -> None:
    doc = load(tmp_path, DOC + "x" * 200_000)

    assert doc is not None
    assert doc.text.endswith("x" * 1000)
    assert len(doc.text) == len(DOC) + 200_000


@pytest.mark.parametrize("opening", ["---\n", "----\n", "--- \n"])
@pytest.mark.parametrize("between", ["", "---x: 1\n", " ---\n", "\n", "x: |\n  ---\n"])
@pytest.mark.parametrize("closing", ["---\n", "-----\n", "--- \t\n", "---"])
@pytest.mark.parametrize("body", ["", "\n\n# Things\n", "a\n---\nb\n"])
def test_a_doc_is_split_where_python_frontmatter_splits_it(
    tmp_path: Path, opening: str, between: str, closing: str, body: str
) -> None:
    file = tmp_path / "doc.md"
    file.write_text(text := f"{opening}endpoint: GET /x\n{between}{closing}{body}")
    envelope = read_envelope(file, SourceLocation("docs/doc.md", 1))
    frontmatter, content = YAMLHandler().split(text)
    assert envelope is not None
    assert envelope.frontmatter.strip() == frontmatter.strip()
    assert text[envelope.head_end :].strip() == content.strip()
