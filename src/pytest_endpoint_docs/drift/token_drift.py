"""Which kinds of token work, by a doc's head, its table and its sentences, against the operation's text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.documented import DocumentedRequest
from pytest_endpoint_docs.loading.reference_tables import ReferenceTables
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.openapi.operation_text import available_kinds, available_tokens, token_kind, token_kinds
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.words import listed

_MOST = 12
# ``**Token Type**: Requires a **staff token**.``
_TOKEN_TYPE = re.compile(r"\btoken (?:type|kind)s?\**:\**\s*([^.;]*)", re.IGNORECASE)
# Kinds that a service does not speak of to those who read its description.
_UNSPOKEN = frozenset(["none", "admin", "internal"])


def token_findings(compared: Comparison, operation: Operation, tables: ReferenceTables) -> Iterator[DriftFinding]:
    """Kinds of token that doc and text disagree about; of several places of a doc that say the same, the first."""
    available = available_tokens(operation.node)
    if available is None:
        return
    theirs, source = available[0] - _UNSPOKEN, available[1]
    ours, location, words = _listed(compared, tables)
    refused = {token_kind(row.kind): row.location for row in reversed(tables.tokens) if not row.works}

    def finding(kind: str, message: str, at: SourceLocation, actual: str, pointer: str = "") -> DriftFinding:
        return compared.finding(
            kind,
            f"{operation}: {message}",
            at,
            operation=operation,
            pointer=pointer,
            expected=", ".join(sorted(theirs)),
            actual=actual,
            source=source,
            phase="head",
        )

    wrong = sorted(theirs & refused.keys())
    if wrong:
        yield finding(
            "tokens-differ",
            f"by the doc, tokens of kind {listed(wrong, _MOST)} do not work; the operation's text says that they do",
            min((refused[kind] for kind in wrong), key=lambda found: found.line),
            f"not {', '.join(wrong)}",
            "tokens/refused",
        )
    if ours and theirs and (ours - theirs or theirs - ours - set(wrong)):
        yield finding(
            "tokens-differ" if ours - theirs else "tokens-fewer",
            f"{words} {listed(sorted(ours), _MOST)}, the operation's text says {listed(sorted(theirs), _MOST)}",
            location,
            ", ".join(sorted(ours)),
        )


def sent_token_findings(
    compared: Comparison, documented: DocumentedRequest, operation: Operation
) -> Iterator[DriftFinding]:
    """A token of a kind that the operation's text does not name; of the doc's own endpoint, ``tokens`` speak."""
    environment, step = compared.environment, documented.step
    token = step.request.token or (environment.default_token if environment is not None else None)
    available = available_tokens(operation.node)
    if token is None or available is None or step.expect.is_refusal:
        return
    kind, theirs = token_kind(token), available[0] - _UNSPOKEN
    if kind in _UNSPOKEN or not theirs or kind in theirs:
        return
    if compared.is_of_endpoint(step.request) and kind in _spoken(compared.doc.tokens):
        return
    yield compared.finding(
        "token-not-available",
        f"{operation}: sent with a token of kind {kind}, the operation's text says {listed(sorted(theirs), _MOST)}",
        documented.line_of("/token"),
        operation=operation,
        pointer=f"tokens/{kind}",
        expected=", ".join(sorted(theirs)),
        actual=kind,
        source=available[1],
        step=step.id,
        phase=step.phase,
    )


def _listed(compared: Comparison, tables: ReferenceTables) -> tuple[frozenset[str], SourceLocation, str]:
    """The kinds that work by ``tokens`` of the head, else by the table, else by the text; where; and how it says so."""
    doc = compared.doc
    if doc.tokens:
        return _spoken(doc.tokens), doc.line_of("tokens"), "the doc's 'tokens' are"
    if tables.tokens:
        works = _spoken(row.kind for row in tables.tokens if row.works)
        return works, tables.tokens[0].location, "by the doc's table, the tokens that work are"
    for block in tables.authentication:
        text = " ".join(block.text.split())
        labelled = _TOKEN_TYPE.search(text)
        kinds = token_kinds(labelled[1]) if labelled is not None else available_kinds(text)
        if kinds:
            return _spoken(kinds), doc.location.at(block.line), "the doc's text says"
    return frozenset(), doc.location, ""


def _spoken(kinds: Iterable[str]) -> frozenset[str]:
    return frozenset(map(token_kind, kinds)) - _UNSPOKEN
