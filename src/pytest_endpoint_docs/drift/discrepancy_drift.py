"""The discrepancies that a doc's author wrote down: is what they say of the description still so?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.described_names import body_schemas, described_name
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.reference_tables import ParameterPlace, ReferenceTables, ToldDiscrepancy
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.matching import METHODS
from pytest_endpoint_docs.openapi.operation_text import available_kinds, available_tokens
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, known_names, object_schemas, property_schemas
from pytest_endpoint_docs.words import cut_line, listed

_MOST = 12
_LONGEST_ROW = 120
_NAME = r"[A-Za-z_$][\w$]*(?:\[[\w$-]*\])*(?:\.[A-Za-z_$][\w$]*(?:\[\])?)*"
_IN_TICKS = re.compile(rf"`({_NAME})`")
_IN_BRACES = re.compile(r"\{([A-Za-z_]\w*)\}")
_IS_SAID = re.compile(rf"\b({_NAME}) (?:is|as|was) (?:an? )?(?:required|optional|not|undocumented|missing)\b")
_ABSENT = re.compile(
    r"\b(?:not|isn't|n't)\s+(?:\w+ )?(?:documented|described|mentioned|listed|specified|present|defined|included)\b"
    r"|\bundocumented\b|\bno mention\b|\bmissing\b|\babsent\b|\bdoes(?: not|n't) (?:document|describe|mention|list)\b"
    r"|^\W*(?:nothing|none|n/a)?\W*$",
    re.IGNORECASE,
)
_OPTIONAL = re.compile(r"\b(?:optional|not required|not mandatory)\b", re.IGNORECASE)
_REQUIRED = re.compile(r"\b(?:required|mandatory)\b", re.IGNORECASE)
_OF_ANSWERS = re.compile(r"response", re.IGNORECASE)
_ONLY = re.compile(r"^\W*(?:only|just)\b", re.IGNORECASE)
_TYPE = re.compile(r"\b(string|integer|number|boolean|array|object)\b", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\w.:/-])([1-5]\d\d)(?![\w.:/-]*\w)")
# Other numbers from 100 on are limits, or days.
_OF_STATUS = re.compile(r"\b(?:status|codes?|return|respon|answer|error|likely|conflict)|\b[45]\d\d\b", re.IGNORECASE)
_OTHER_OPERATION = re.compile(rf"\b({'|'.join(METHODS)})\s+`?(/[^\s`,;|]*)", re.IGNORECASE)
_PLACES: tuple[tuple[str, ParameterPlace], ...] = (
    (r"\bpath\b", "path"),
    (r"\bquery\b", "query"),
    (r"\bheaders?\b", "header"),
    (r"\b(?:body|payload)\b", "body"),
)
# What stands where a name is expected, and is none.
_WORDS = frozenset(
    ["field", "parameter", "param", "name", "path", "query", "body", "header", "status", "response", "request", "it",
     "this", "that", "which", "type", "authentication", "token", "tokens", "auth", "url", "endpoint", "and", "or"]
)  # fmt: skip


@value_class
class _Fact:
    """One thing that is said of the description: whether it is so, and what the description has, in words."""

    holds: bool
    words: str


def discrepancy_findings(
    compared: Comparison, operation: Operation | None, tables: ReferenceTables
) -> Iterator[DriftFinding]:
    """A verdict on every row: the description says so, it does not (any more), or that cannot be told."""
    for row in tables.discrepancies:
        facts = list(_facts(compared, operation, row)) if operation is not None else []
        wrong = [fact for fact in facts if not fact.holds]
        kind = "discrepancy-refuted" if wrong else "discrepancy-confirmed" if facts else "discrepancy-undecided"
        words = "; ".join(fact.words for fact in wrong or facts) or "nothing in it can be looked up there"
        row_text = cut_line(f"{row.subject}: {row.said}".replace("`", ""), _LONGEST_ROW)
        yield compared.finding(
            kind,
            f"{operation or compared.doc.endpoint}: {_VERDICTS[kind]}: {words} ({row_text})",
            row.location,
            operation=operation or compared.doc.endpoint,
            pointer=f"discrepancies/{row.subject}/{row.said}",
            source=operation.source if operation is not None else None,
            phase="table",
        )


_VERDICTS = {
    "discrepancy-confirmed": "the description is as the doc's discrepancy says",
    "discrepancy-refuted": "the description is not as the doc's discrepancy says",
    "discrepancy-undecided": "the doc's discrepancy cannot be checked against the description",
}


def _facts(compared: Comparison, operation: Operation, row: ToldDiscrepancy) -> Iterator[_Fact]:
    """What the row says of the description, as far as it can be looked up there."""
    yield from _tokens(operation, row.said)
    yield from _named(operation, row)
    for name in _IN_BRACES.findall(row.said):
        names = _IN_BRACES.findall(operation.template)
        yield _Fact(holds=name in names, words=f"the path is {operation.template}")
    if _OF_STATUS.search(f"{row.subject} {row.said}"):
        for text in dict.fromkeys(_STATUS.findall(row.said)):
            yield _status(operation, int(text))
    for method, path in _OTHER_OPERATION.findall(row.said):
        found = compared.descriptions.match(method, path)
        yield _Fact(
            holds=found is not None,
            words=f"{method.upper()} {path} is {'described' if found is not None else 'not described'}",
        )


def _tokens(operation: Operation, said: str) -> Iterator[_Fact]:
    kinds, available = available_kinds(said), available_tokens(operation.node)
    if kinds:
        theirs = available[0] if available is not None else frozenset()
        words = f"its text says {listed(sorted(theirs), _MOST)}" if theirs else "its text names no kinds of token"
        yield _Fact(holds=kinds == theirs, words=words)


def _named(operation: Operation, row: ToldDiscrepancy) -> Iterator[_Fact]:
    """What is said of parameters and properties; ``_names`` says of which."""
    names, place = _names(row), _place(row)
    if not names:
        return
    if _ONLY.match(row.said):
        yield from _only(operation, frozenset(names), place)
        return
    judge = _judge(row)
    for name in names if judge is not None else ():
        fact = judge(operation, place, name) if judge is not None else None
        if fact is not None:
            yield fact


_Judge = Callable[[Operation, ParameterPlace, str], _Fact | None]


def _judge(row: ToldDiscrepancy) -> _Judge | None:
    """What a row says of each of its names."""
    is_absent = bool(_ABSENT.search(row.said))
    if _OF_ANSWERS.search(f"{row.subject} {row.said}"):
        return (lambda operation, _place, name: _absence_in_answers(operation, name)) if is_absent else None
    if _OPTIONAL.search(row.said):
        return lambda operation, place, name: _requiredness(operation, place, name, expected=False)
    if is_absent:
        return _absence
    if _REQUIRED.search(row.said):
        return lambda operation, place, name: _requiredness(operation, place, name, expected=True)
    if found := _TYPE.search(row.said):
        return lambda operation, place, name: _type(operation, place, name, found[1].lower())
    return None


def _requiredness(operation: Operation, place: ParameterPlace, name: str, *, expected: bool) -> _Fact | None:
    described = described_name(operation, place, name)
    if described is None:
        return None
    if not described.is_known:
        return _Fact(holds=False, words=f"{name!r} is not described")
    is_in_path = any(found.name == name for found in operation.parameters_in("path"))
    required = True if is_in_path and place in ("", "path") else described.required
    if required is None:
        return None
    return _Fact(holds=required == expected, words=f"{name!r} is {'required' if required else 'optional'} there")


def _absence(operation: Operation, place: ParameterPlace, name: str) -> _Fact | None:
    described = described_name(operation, place, name)
    if described is None:
        return None
    return _Fact(
        holds=not described.is_known, words=f"{name!r} is {'described' if described.is_known else 'not described'}"
    )


def _absence_in_answers(operation: Operation, name: str) -> _Fact | None:
    """Whether no described answer of success has a property of this name, wherever it stands."""
    starts = [
        schema
        for response in operation.responses.values()
        if response.key.startswith("2")
        for schema in response.content.values()
        if schema is not None
    ]
    last = name.rpartition(".")[2].removesuffix("[]")
    if not starts:
        return None
    is_known = last in _names_below(starts)
    return _Fact(holds=not is_known, words=f"{last!r} is {'described' if is_known else 'not described'} in its answers")


def _names_below(starts: Sequence[Node]) -> frozenset[str]:
    """The names of all properties in schemas, however deep; each schema is looked at once."""
    names: set[str] = set()
    seen: set[str] = set()
    pending = list(object_schemas(*starts))
    while pending:
        node = pending.pop()
        if node.uri in seen:
            continue
        seen.add(node.uri)
        own = known_names((node,))
        names |= set(own)
        below = [schema for name in own for schema in property_schemas((node,), name)]
        pending += object_schemas(*below, *item_schemas((node,)))
    return frozenset(names)


def _type(operation: Operation, place: ParameterPlace, name: str, told: str) -> _Fact | None:
    described = described_name(operation, place, name)
    if described is None:
        return None
    if not described.is_known:
        return _Fact(holds=False, words=f"{name!r} is not described")
    types = " or ".join(sorted(described.types))
    return _Fact(holds=told in described.types, words=f"{name!r} is of type {types}") if types else None


def _only(operation: Operation, names: frozenset[str], place: ParameterPlace) -> Iterator[_Fact]:
    """``Only `a` and `b```: no others of their kind."""
    queried = frozenset(found.name for found in operation.parameters_in("query"))
    sent = frozenset(known_names(object_schemas(*body_schemas(operation))))
    theirs = {"query": queried, "body": sent}.get(place, sent if names & sent or not queried else queried)
    if theirs:
        yield _Fact(holds=names == theirs, words=f"it has {listed(sorted(theirs), _MOST)}")


def _status(operation: Operation, status: int) -> _Fact:
    if operation.response_for(status) is not None:
        return _Fact(holds=True, words=f"status {status} is described")
    texts = (operation.node.value.get(key) for key in ("summary", "description"))
    if any(isinstance(text, str) and re.search(rf"\b{status}\b", text) for text in texts):
        return _Fact(holds=True, words=f"its text has status {status}")
    known = f" ({listed(operation.responses, _MOST)})" if operation.responses else ""
    return _Fact(holds=False, words=f"status {status} is not described{known}")


def _names(row: ToldDiscrepancy) -> list[str]:
    """The parameters or properties that a row is about: those that it quotes, else those that it speaks of."""
    quoted = _IN_TICKS.findall(row.said)
    if quoted:
        return list(dict.fromkeys(quoted))
    spoken = [name for name in _IS_SAID.findall(row.said) if name.lower() not in _WORDS]
    if spoken:
        return list(dict.fromkeys(spoken))
    last = row.subject.rpartition(":")[2].strip(" `*")
    return [last] if re.fullmatch(_NAME, last) and last.lower() not in _WORDS else []


def _place(row: ToldDiscrepancy) -> ParameterPlace:
    text = f"{row.said} {row.subject}".lower()
    found = [place for pattern, place in _PLACES if re.search(pattern, text)]
    return found[0] if len(found) == 1 else ""
