"""The fields of a doc's head: what each key of the frontmatter may hold, and what is wrong there."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Mapping
from typing import Any

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.loading.foreign_keys import NOTES, PAGE_KEYS
from pytest_endpoint_docs.loading.items import SYNONYMS
from pytest_endpoint_docs.loading.mapping_reader import FindingLog, MappingReader, ParsedBlock
from pytest_endpoint_docs.model.doc import DocStatus, KnownIssue, Requirement
from pytest_endpoint_docs.model.source import METHODS, Endpoint, JSONValue
from pytest_endpoint_docs.words import did_you_mean, hidden_in, kind_of, late, near

_ISSUE_KEYS = ("path", "reason", "ticket")
# A wrong value of these would run something else than what is meant.
_FATAL_KEYS = frozenset(["skip", "useFallbackApi", "expectedOutcome"])
_SEVERAL = late(r"[,|/]")
_NAMED_PARAMETER = late(r"(?<=/):([A-Za-z_]\w*)(?=[/?]|$)")
_EXAMPLES = {
    "text": '"..."',
    "true or false": "true",
    "a whole number": "0",
    "a list": "[one, two]",
    "a list of texts": "[one, two]",
    "an ISO 8601 date": "2026-12-31",
    "a status code (100 to 599) or a list of them": "404",
    "a list of {path, reason, ticket}": "[{path: /data/*/type, reason: why, ticket: ABC-1}]",
}


class _FieldReader(MappingReader):
    """Reads the frontmatter: a value of a wrong type is a warning, and the default counts."""

    __slots__ = ()

    def wrong(self, key: str, value: object, expected: str, hint: str = "") -> None:
        """The finding for a value of a wrong type, with an example of a right one."""
        example = _EXAMPLES[expected] if expected != "a list" or not isinstance(value, str) else f"[{value}]"
        message = f"`{key}` must be {expected}, but is {kind_of(value)}: write `{key}: {example}`.{hint}"
        report = self.error if key in _FATAL_KEYS else self.warning
        report("wrong-type", message, key)

    def plain(self, key: str) -> str | None:
        """A text that is not empty, without white space around it."""
        text = (self.text(key) or "").strip()
        # Owners, domains and tags are those of many docs, which are all kept.
        return sys.intern(text) if text else None

    def listed(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one (commas separate)."""
        value = self.values.get(key)
        if isinstance(value, str):
            self.wrong(key, value, "a list")
            return tuple(part.strip() for part in value.split(",") if part.strip())
        texts: list[str] = []
        for item in self.items(key):
            if isinstance(item, (str, int, float)) and str(item).strip():
                texts.append(sys.intern(str(item).strip()))
            else:
                self.wrong(key, item, "a list of texts")
        return tuple(dict.fromkeys(texts))

    def integer(self, key: str) -> int | None:
        """A whole number."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is not None:
            self.wrong(key, value, "a whole number")
        return None

    def date(self, key: str) -> str | None:
        """An ISO 8601 date."""
        text = self.plain(key)
        try:
            if text is not None:
                datetime.datetime.fromisoformat(text)
        except ValueError:
            self.wrong(key, text, "an ISO 8601 date")
            return None
        return text


def _check_names(reader: MappingReader) -> None:
    if reader.values.keys() <= KNOWN_KEYS:
        return
    for key in reader.values.keys() - KNOWN_KEYS - NOTES - PAGE_KEYS:
        nearest = near(key, KNOWN_KEYS, cutoff=0.8)
        if nearest:
            reader.error("unknown-key", f'unknown frontmatter key "{key}". Did you mean "{nearest}"?', key)
        elif not key.lower().startswith("x-"):
            known = ", ".join(sorted(KNOWN_KEYS))
            message = (
                f'unknown frontmatter key "{key}": call it "x-{key}" if it is not for this plugin. Known: {known}.'
            )
            reader.error("unknown-key", message, key)


def _endpoint(reader: MappingReader) -> Endpoint:
    """``METHOD /path``. What is not becomes a finding, and an endpoint without method, which nothing is sent to."""
    value = reader.values["endpoint"]
    if not isinstance(value, str) or not value.strip():
        message = f"`endpoint` is {kind_of(value)}; write `endpoint: METHOD /path`."
        raise FrontmatterError(message, location=reader.at("endpoint"))
    text = " ".join(value.split())
    method, _, target = text.partition(" ")
    problem = ""
    if not target:
        missing = "path" if method.upper() in METHODS else "method"
        example = text if text.startswith("/") else "/v1/clients"
        problem = f'`endpoint` is "{text}": no {missing}. Write METHOD /path, such as GET {example}.'
    elif hidden := hidden_in(value):
        problem = f"`endpoint` holds a character that editors do not show ({hidden}): remove it."
    elif method.upper() not in METHODS:
        first = _SEVERAL.split(method)[0]
        problem = f'unknown method "{method}".' + did_you_mean(method, METHODS)
        if first != method and near(first, METHODS):
            problem = f'a doc is about one method, and `endpoint` is "{text}": write a doc for each.'
    elif not target.startswith("/") or " " in target:
        problem = (
            f'the path "{target}" of `endpoint` must start with "/" and hold no spaces;'
            " the server comes from the environment."
        )
    if problem:
        reader.error("bad-endpoint", problem, "endpoint")
        return Endpoint("", text)
    if "/:" in target and (named := _NAMED_PARAMETER.search(target)):
        message = f"`{named[0]}` is taken literally: a parameter of a path is written `{{{named[1]}}}`."
        reader.warning("literal-parameter", message, "endpoint")
    if method != method.upper():
        message = f'write the method in capitals: "{method.upper()}", not "{method}".'
        reader.warning("method-case", message, "endpoint")
    return Endpoint.of(sys.intern(method.upper()), target)


def _status(reader: MappingReader) -> tuple[DocStatus | None, str | None]:
    """The folded status and the written one; ``skip: true`` counts as ``skip`` whatever the status says."""
    skipped = "skip" in reader.values and reader.flag("skip")
    raw = reader.values.get("status")
    if "status" not in reader.values:
        return (DocStatus.SKIP if skipped else DocStatus.VERIFIED), None
    status = SYNONYMS.get(raw) if isinstance(raw, str) else None
    if status is None:
        shown = f'"{raw}"' if isinstance(raw, str) else kind_of(raw)
        known = did_you_mean(raw, SYNONYMS) if isinstance(raw, str) else f" Known: {', '.join(sorted(SYNONYMS))}."
        reader.error("unknown-status", f"unknown status {shown}.{known}", "status")
        return None, raw if isinstance(raw, str) else str(raw)
    return (DocStatus.SKIP if skipped else status), sys.intern(str(raw))


def _known_issues(reader: MappingReader, key: str) -> tuple[KnownIssue, ...]:
    """``{path, reason, ticket}`` each."""
    value = reader.values[key]
    if value is None:
        return ()
    if not isinstance(value, list):
        reader.wrong(key, value, "a list of {path, reason, ticket}")
        return ()
    return tuple(issue for number, item in enumerate(value) if (issue := _known_issue(reader, number, item)))


def _known_issue(owner: MappingReader, number: int, item: JSONValue) -> KnownIssue | None:
    values: Mapping[str, JSONValue] = item if isinstance(item, dict) else {}
    reader = owner.below(f"/knownIssues/{number}", values)
    path = values.get("path")
    if not isinstance(path, str) or (path and not path.startswith("/")):
        example = _EXAMPLES["a list of {path, reason, ticket}"]
        message = f"a known issue needs a `path`, a JSON Pointer with `*` for any segment: knownIssues: {example}."
        reader.warning("bad-known-issue", message)
        return None
    for key in values.keys() - set(_ISSUE_KEYS):
        reader.error("unknown-key", f'unknown key "{key}" of a known issue.' + did_you_mean(key, _ISSUE_KEYS))
    ticket = values.get("ticket")
    return KnownIssue(
        path=path,
        reason=str(values.get("reason") or ""),
        ticket=None if ticket is None else str(ticket),
        location=reader.at(),
    )


def _requires(reader: MappingReader, key: str) -> tuple[Requirement, ...]:
    """The endpoints whose docs run first."""
    value = reader.values[key]
    if value is None:
        return ()
    requirements: list[Requirement] = []
    for number, item in enumerate(value if isinstance(value, list) else [value]):
        place = reader.below(f"/{key}/{number}" if isinstance(value, list) else f"/{key}", {})
        method, _, target = " ".join(item.split()).partition(" ") if isinstance(item, str) else ("", "", "")
        if method.upper() in METHODS and target.startswith("/"):
            requirements.append(Requirement(endpoint=Endpoint.of(method.upper(), target), location=place.at()))
        else:
            message = f"`requires` lists endpoints, such as `POST /v1/apps`; found {kind_of(item)}."
            place.error("bad-requirement", message)
    return tuple(requirements)


_FIELDS: Mapping[str, tuple[str, Callable[[_FieldReader, str], object]]] = {
    "domain": ("domain", _FieldReader.plain),
    "tags": ("tags", _FieldReader.listed),
    "skip_reason": ("skip_reason", _FieldReader.plain),
    "skipReason": ("skip_reason", _FieldReader.plain),
    "skipUntil": ("skip_until", _FieldReader.date),
    "owner": ("owner", _FieldReader.plain),
    "savedAt": ("saved_at", _FieldReader.plain),
    "verifiedAt": ("verified_at", _FieldReader.plain),
    "verifiedBy": ("verified_by", _FieldReader.plain),
    "timesReused": ("times_reused", _FieldReader.integer),
    "swagger": ("swagger", _FieldReader.plain),
    "tokens": ("tokens", _FieldReader.listed),
    "expectedOutcome": ("expected_outcome", _FieldReader.statuses),
    "expectedOutcomeReason": ("expected_outcome_reason", _FieldReader.plain),
    "requiresTestData": ("requires_test_data", lambda reader, key: bool(reader.flag(key))),
    "testDataDescription": ("test_data_description", _FieldReader.plain),
    "useFallbackApi": ("use_fallback_api", lambda reader, key: bool(reader.flag(key))),
    "serial": ("serial", lambda reader, key: bool(reader.flag(key))),
    "negative": ("negative", _FieldReader.flag),
    "knownIssues": ("known_issues", _known_issues),
    "requires": ("requires", _requires),
}
KNOWN_KEYS = frozenset([*_FIELDS, "endpoint", "status", "skip"])


def fields_of(block: ParsedBlock, findings: FindingLog) -> dict[str, Any]:
    """Every field of :class:`EndpointDoc` that the frontmatter gives."""
    values = block.value
    assert isinstance(values, dict)
    reader = _FieldReader(values=values, block=block, pointer="", subject="a doc", findings=findings)
    _check_names(reader)
    status, raw_status = _status(reader)
    fields: dict[str, Any] = {"endpoint": _endpoint(reader), "status": status, "raw_status": raw_status}
    for key, (name, read) in _FIELDS.items():
        if key in values:
            value = read(reader, key)
            if value is not None:
                fields[name] = value
    return fields
