"""Placeholders that would be sent as they stand are told at their line, and refused where they stand for something."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_docs import case_of, environment, run_context, write_doc

from pytest_endpoint_docs.errors import DocError
from pytest_endpoint_docs.execution.preparation import prepare
from pytest_endpoint_docs.model.doc import EndpointDoc

Told = list[tuple[str, int]]


def doc_of(tmp_path: Path, keys: str, rest: str = "", *, head: str = "", path: str = "/x") -> EndpointDoc:
    step = f"  - method: POST\n    path: {path}\n{keys}"
    text = f"---\nendpoint: POST /x\n{head}---\n## Test Request\n\n```yaml\nsteps:\n{step}```\n{rest}"
    return write_doc(tmp_path, text)


def told(doc: EndpointDoc) -> Told:
    found = [finding for finding in doc.body.findings if finding.code == "literal-placeholder"]
    return [(finding.severity.value, finding.location.line) for finding in found]


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ('"role_{timestamp}"', "error"),
        ('"role_{timestamp:s}"', "error"),
        ('"role_${timestamp}"', "error"),
        ('"<timestamp>"', "error"),
        ('"Dear {first_name}, it is {timestamp}"', "error"),
        ('"Dear {first_name}"', "warning"),
        ('"<your email>"', "warning"),
        ('"<client_uid>"', "warning"),
        ('"${{uid}}"', "warning"),
        ("YOUR_API_KEY", "warning"),
        ("CHANGEME", "warning"),
        ('"{{timestamp}}"', ""),
        ('"it costs ${{random_number}}"', ""),
        ('"<b>bold</b> and <a href=x>a link</a>"', ""),
        ('"<timestamp>2026-02-03</timestamp>"', ""),
        ('"<my_name>Jo</my_name>"', ""),
        ('"\\\\d{3}"', ""),
        ('"${HOME}"', ""),
        ('"${region:-eu}"', "warning"),
        ('"${timestamp:-0}"', "error"),
    ],
)
def test_placeholders_that_are_sent_as_they_stand(tmp_path: Path, value: str, severity: str) -> None:
    doc = doc_of(tmp_path, f"    params: {{a: b}}\n    body:\n      in:\n        - name: {value}\n")
    assert told(doc) == ([(severity, 13)] if severity else [])


@pytest.mark.parametrize("written", [r'"\x3cyour email>"', r'"\u003cyour email\u003e"', "'<your email>'"])
def test_an_escape_hides_no_placeholder(tmp_path: Path, written: str) -> None:
    assert told(doc_of(tmp_path, f"    body:\n      a: {written}\n")) == [("warning", 11)]


@pytest.mark.parametrize("part", ["params", "headers", "body", "form_fields"])
def test_every_part_of_a_request_is_looked_at_once(tmp_path: Path, part: str) -> None:
    keys = "    content_type: multipart\n" if part == "form_fields" else ""
    doc = doc_of(tmp_path, f"{keys}    {part}:\n      a: '<your email>'\n")
    assert told(doc) == [("warning", 11 + bool(keys))]


def test_the_parameters_of_a_template_are_told_once(tmp_path: Path) -> None:
    request = '{"method": "POST", "path": "/x",\n "query": {"a": "{timestamp}"}}'
    doc = write_doc(
        tmp_path, f"---\nendpoint: POST /x\n---\n## Request Template\n\n```json\n{request}\n```\n", name="t.md"
    )
    assert told(doc) == [("error", 8)]


@pytest.mark.parametrize(
    ("path", "severity"), [("/x/:id", "error"), ("/x/<id>/y", ""), ("/x/<your id>", "warning"), ("/x/{{a}}", "")]
)
def test_the_path_is_looked_at_in_its_own_way(tmp_path: Path, path: str, severity: str) -> None:
    doc = doc_of(tmp_path, "", path=f'"{path}"', head="knownIssues: []\n")
    assert told(doc) == ([(severity, 10)] if severity else [])


def test_what_a_step_extracts_is_a_known_variable(tmp_path: Path) -> None:
    first = "    extract: {uid: $.uid}\n  - method: POST\n    path: /x\n    headers: {X-Of: 'of {uid}'}\n"
    assert told(doc_of(tmp_path, first)) == [("error", 13)]


def test_a_row_is_a_known_variable_and_its_bodies_are_sent(tmp_path: Path) -> None:
    row = '{"email": {"create_endpoint": "POST /y", "create_fresh": true, "create_body": {"e": "{timestamp}"}}}'
    resolution = f"\n## UID Resolution\n\n```json\n{row}\n```\n"
    assert told(doc_of(tmp_path, "    body: {to: '<email>'}\n", resolution)) == [("error", 10), ("error", 16)]


def test_changes_of_cases_are_looked_at(tmp_path: Path) -> None:
    entry = "  - id: both\n    request:\n      /body/to: <your mail>\n      /body/list/-: {a: '{timestamp}'}\n"
    doc = doc_of(tmp_path, "    body: {list: []}\n", f"\n## Cases\n\n```yaml\ncases:\n{entry}```\n")
    assert told(doc) == [("warning", 19), ("error", 20)]
    assert {finding.case_id for finding in doc.body.findings} == {"both"}


@pytest.mark.parametrize(
    "prose",
    [
        "Replace `<your email>` with your own address.",
        "1. Log in.\n2. Replace <your email> with an address.",
        "Before you run it, please replace `<your email>`.",
        "You must replace `<your name>` and `<your email>`.",
        "Substitute these values:\n\n- `<your name>`: yours\n- `<your email>`: your address",
        "`<your email>` must be replaced with an address.",
        "Make sure to fill in `<your email>`",
        "**Replace `<your email>`** first.",
    ],
)
def test_what_the_doc_says_to_replace_is_an_error(tmp_path: Path, prose: str) -> None:
    doc = doc_of(tmp_path, "    body: {email: '<your email>'}\n", f"\n## Notes\n\n{prose}\n")
    assert told(doc) == [("error", 10)]


@pytest.mark.parametrize(
    "prose",
    [
        "The server replaces `<your email>` with an address.",
        "Do not replace `<your email>`: it is invalid on purpose.",
        "`<your email>` is replaced by the recipient's address.",
        "Replace the token when it has expired. `<your email>` is sent as it is.",
        "Replace this:\n\n## Other\n\n`<your email>`",
        "```\nReplace `<your email>` with an address.\n```",
    ],
)
def test_what_the_prose_says_of_it_otherwise_is_none(tmp_path: Path, prose: str) -> None:
    doc = doc_of(tmp_path, "    body: {email: '<your email>'}\n", f"\n## Notes\n\n{prose}\n")
    assert told(doc) == [("warning", 10)]


def test_a_comment_that_says_so_counts(tmp_path: Path) -> None:
    assert told(doc_of(tmp_path, "    body:\n      email: <your email>  # replace with yours\n")) == [("error", 11)]


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("Replace `12ab` with the id of a client of yours.", [("error", 10)]),
        ("Replace `12ab` with `34cd` to see an error.", []),
        ("It replaces `12ab` with the id of a client.", []),
        ("Exchange `12ab` with the server for a token.", []),
        ("Replace `12ab` by published to see it.", []),
    ],
)
def test_what_stands_in_code_is_replaced_whatever_it_looks_like(tmp_path: Path, prose: str, found: Told) -> None:
    doc = doc_of(tmp_path, "    body: {id: 12ab}\n", f"\n## Notes\n\n{prose}\n")
    assert told(doc) == found


def test_a_known_issue_says_that_it_is_meant_so(tmp_path: Path) -> None:
    issue = "knownIssues: [{path: /body/text, reason: the server fills it in}]\n"
    doc = doc_of(tmp_path, "    body: {text: 'Hi {timestamp}', other: '{timestamp}'}\n", head=issue)
    (finding,) = doc.body.findings
    assert finding.message == (
        "`{timestamp}` is sent as it stands: write `{{timestamp}}` for the variable. If it is meant so, list "
        "{path: /body/other, reason: ...} in `knownIssues`."
    )


def test_names_that_only_the_environment_knows_are_refused_before_sending(tmp_path: Path) -> None:
    doc = doc_of(tmp_path, "    body:\n      of: '{client_id}'\n")
    assert told(doc) == [("warning", 11)]
    with pytest.raises(DocError, match=r"doc\.md:11: `\{client_id\}` is sent as it stands: write `\{\{client_id\}\}`"):
        prepare(case_of(doc), run_context(environment("http://127.0.0.1:9"), [doc]))
