"""Real docs in the older dialect: for every use of a variable, the rule that finds its value; none is a guess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from corpus_folder import CORPUS, corpus_files, needs_corpus

from pytest_endpoint_docs.execution.build import request_parts
from pytest_endpoint_docs.execution.row_calls import calls_of
from pytest_endpoint_docs.execution.row_names import Rows
from pytest_endpoint_docs.loading.doc_index import DocIndex
from pytest_endpoint_docs.loading.documented import documented_requests
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.body import RequestTemplate
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES
from pytest_endpoint_docs.variables.template import Reference, references_in

FILES = corpus_files("old/**/*.md")
# What the environment of that platform defines: ids of the one business and its people.
PARAMS = frozenset(["business_id", "business_uid", "staff_id", "staff_uid", "matter_uid", "directory_uid"])

pytestmark = needs_corpus


def requests(doc: EndpointDoc) -> Iterator[RequestTemplate]:
    for planned in documented_requests(doc.body):
        yield planned.step.request
    for row in doc.body.resolutions:
        if row.kind == "endpoint":
            yield from (call.template for call in calls_of(row, doc, lambda: DocIndex([doc])))


def rule_of(reference: Reference, request: RequestTemplate, rows: Rows) -> str:
    name = reference.name.removeprefix("config.").removeprefix("params.")
    if rows.named(reference.name):
        return f"row {reference.name}, by its whole name"
    if name in BUILTIN_NAMES:
        return "built-in"
    if name in PARAMS:
        return "environment"
    if reference.name.startswith("step1."):
        return "answer of step 1"
    meaning = rows.meaning(reference, request.path, PARAMS.__contains__)
    if meaning.elsewhere:
        return f"environment {meaning.elsewhere}, by the placeholder of endpoint"
    if len(meaning.rows) == 1:
        return f"row {meaning.rows[0].field}, by {meaning.rule}"
    return "undefined"


def table() -> list[tuple[str, str, str, str]]:
    found = []
    for file in FILES:
        doc = load_doc(file, display_path=file.relative_to(CORPUS).as_posix())
        assert doc is not None
        rows = Rows.of(doc.body, doc.endpoint)
        for request in requests(doc):
            for reference in references_in(request_parts(request)):
                where = f"{reference.part}{reference.pointer}"
                found.append((file.stem, reference.text, where, rule_of(reference, request, rows)))
    return list(dict.fromkeys(found))


def test_every_variable_is_found_by_a_rule_or_undefined() -> None:
    found = table()

    rules = Counter(rule.rpartition(", by ")[2] for *_, rule in found)
    assert rules == {
        "its whole name": 7,
        "name": 6,
        "built-in": 4,
        "environment": 5,
        "undefined": 2,
        "placeholder": 1,
        "key": 1,
        "the placeholder of endpoint": 1,
        "answer of step 1": 1,
    }
    assert [(text, where) for _, text, where, rule in found if rule == "undefined"] == [
        ("{{resolved.uid}}", "path"),
        ("{{resolved.uid}}", "body/board_layout_code_name"),
    ]
