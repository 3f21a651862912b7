"""Raw frontmatter -> the fields of an :class:`EndpointDoc`, every one checked."""

from __future__ import annotations

import datetime
from typing import Any

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.loading.blocks import FindingLog
from pytest_endpoint_docs.loading.endpoint_text import METHODS, endpoint_from
from pytest_endpoint_docs.loading.frontmatter import RUN_KEYS, Frontmatter
from pytest_endpoint_docs.loading.items import SYNONYMS
from pytest_endpoint_docs.loading.mapping_reader import kind_of
from pytest_endpoint_docs.model.doc import DocStatus, KnownIssue, Requirement
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation
from pytest_endpoint_docs.words import did_you_mean, near

KNOWN_KEYS = frozenset(
    [
        "endpoint",
        "domain",
        "tags",
        "status",
        "skipReason",
        "skip_reason",
        "skip",
        "skipUntil",
        "owner",
        "savedAt",
        "verifiedAt",
        "verifiedBy",
        "timesReused",
        "swagger",
        "tokens",
        "expectedOutcome",
        "expectedOutcomeReason",
        "requiresTestData",
        "testDataDescription",
        "useFallbackApi",
        "negative",
        "knownIssues",
        "requires",
    ]
)


class FieldReader:
    """Takes the fields one by one out of the frontmatter; a value of a wrong type becomes a finding and the default."""

    def __init__(self, frontmatter: Frontmatter, location: SourceLocation, findings: FindingLog) -> None:
        self._values = frontmatter.values
        self._frontmatter = frontmatter
        self._location = location
        self._log = findings

    def fields(self) -> dict[str, Any]:
        """Every field of :class:`EndpointDoc` that the frontmatter gives."""
        self._check_names()
        status, raw_status = self.status()
        return {
            "endpoint": self.endpoint(),
            "domain": self.text("domain"),
            "tags": self.texts("tags"),
            "status": status,
            "raw_status": raw_status,
            "skip_reason": self.text("skipReason") or self.text("skip_reason"),
            "skip_until": self.date("skipUntil"),
            "owner": self.text("owner"),
            "saved_at": self.text("savedAt"),
            "verified_at": self.text("verifiedAt"),
            "verified_by": self.text("verifiedBy"),
            "times_reused": self.integer("timesReused"),
            "swagger": self.text("swagger"),
            "tokens": self.texts("tokens"),
            "expected_outcome": self.statuses("expectedOutcome"),
            "expected_outcome_reason": self.text("expectedOutcomeReason"),
            "requires_test_data": bool(self.flag("requiresTestData")),
            "test_data_description": self.text("testDataDescription"),
            "use_fallback_api": bool(self.flag("useFallbackApi")),
            "negative": self.flag("negative"),
            "known_issues": self.known_issues(),
            "requires": self.requires(),
        }

    def endpoint(self) -> Endpoint:
        """``METHOD /path``. What is not becomes a finding, and an endpoint without method, which nothing is sent to."""
        value = self._values["endpoint"]
        if not isinstance(value, str) or not value.strip():
            raise FrontmatterError(
                f"`endpoint` is {kind_of(value)}; write `endpoint: METHOD /path`.", location=self._at("endpoint")
            )
        text = " ".join(value.split())
        method, _, target = text.partition(" ")
        if not target:
            self._log.error(
                "bad-endpoint",
                f'`endpoint` is "{text}": no {"path" if method.upper() in METHODS else "method"}. Write METHOD /path,'
                f" such as GET {text if text.startswith('/') else '/v1/clients'}.",
                self._at("endpoint"),
            )
            return Endpoint("", text)
        if method.upper() not in METHODS:
            self._log.error(
                "bad-endpoint", f'unknown method "{method}".' + did_you_mean(method, METHODS), self._at("endpoint")
            )
            return Endpoint("", text)
        if not target.startswith("/") or " " in target:
            self._log.error(
                "bad-endpoint",
                f'the path "{target}" of `endpoint` must start with "/" and hold no blanks;'
                " the server comes from the environment.",
                self._at("endpoint"),
            )
            return Endpoint("", text)
        if method != method.upper():
            self._log.warning(
                "method-case",
                f'write the method in capitals: "{method.upper()}", not "{method}".',
                self._at("endpoint"),
            )
        return endpoint_from(method.upper(), target)

    def status(self) -> tuple[DocStatus | None, str | None]:
        """The folded status and the written one; ``skip: true`` counts as ``skip`` whatever the status says."""
        skipped = self.flag("skip")
        raw = self._values.get("status")
        if "status" not in self._values:
            return (DocStatus.SKIP if skipped else DocStatus.VERIFIED), None
        status = SYNONYMS.get(raw) if isinstance(raw, str) else None
        if status is None:
            shown = f'"{raw}"' if isinstance(raw, str) else kind_of(raw)
            nearest = did_you_mean(raw, SYNONYMS) if isinstance(raw, str) else f" Known: {', '.join(sorted(SYNONYMS))}."
            self._log.error("unknown-status", f"unknown status {shown}.{nearest}", self._at("status"))
            return None, raw if isinstance(raw, str) else str(raw)
        return (DocStatus.SKIP if skipped else status), str(raw)

    def text(self, key: str) -> str | None:
        """A text; a number is taken as written."""
        value = self._values.get(key)
        if isinstance(value, str):
            return value.strip() or None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        if value is not None:
            self._wrong(key, value, "text", f'{key}: "..."')
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one (commas separate)."""
        value = self._values.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            self._wrong(key, value, "a list", f"{key}: [{value}]")
            return tuple(part.strip() for part in value.split(",") if part.strip())
        if not isinstance(value, list):
            self._wrong(key, value, "a list", f"{key}: [one, two]")
            return ()
        texts: list[str] = []
        for item in value:
            if isinstance(item, (str, int, float)) and str(item).strip():
                texts.append(str(item).strip())
            else:
                self._wrong(key, item, "a list of texts", f"{key}: [one, two]")
        return tuple(dict.fromkeys(texts))

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value = self._values.get(key)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._wrong(key, value, "true or false", f"{key}: true", error=key in RUN_KEYS)
        return None

    def integer(self, key: str) -> int | None:
        """A whole number."""
        value = self._values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is not None:
            self._wrong(key, value, "a whole number", f"{key}: 0")
        return None

    def date(self, key: str) -> str | None:
        """An ISO 8601 date."""
        text = self.text(key)
        if text is not None:
            try:
                datetime.datetime.fromisoformat(text)
            except ValueError:
                self._wrong(key, text, "an ISO 8601 date", f"{key}: 2026-12-31")
                return None
        return text

    def statuses(self, key: str) -> tuple[int, ...]:
        """A status code or a list of them."""
        value = self._values.get(key)
        if value is None:
            return ()
        codes: list[int] = []
        for item in value if isinstance(value, list) else [value]:
            number = int(item) if isinstance(item, str) and item.isdecimal() else item
            if isinstance(number, int) and not isinstance(number, bool) and 100 <= number <= 599:
                codes.append(number)
            else:
                self._wrong(key, item, "a status code (100 to 599) or a list of them", f"{key}: 404", error=True)
        return tuple(codes)

    def known_issues(self) -> tuple[KnownIssue, ...]:
        """``{path, reason, ticket}`` each."""
        value = self._values.get("knownIssues")
        if value is None:
            return ()
        example = "knownIssues: [{path: /data/*/type, reason: why, ticket: ABC-1}]"
        if not isinstance(value, list):
            self._wrong("knownIssues", value, "a list of {path, reason, ticket}", example)
            return ()
        issues: list[KnownIssue] = []
        for number, item in enumerate(value):
            at = self._location.at(self._frontmatter.line_at(f"/knownIssues/{number}"))
            path = item.get("path") if isinstance(item, dict) else None
            if not isinstance(item, dict) or not isinstance(path, str) or (path and not path.startswith("/")):
                self._log.warning(
                    "bad-known-issue",
                    f"a known issue needs a `path`, a JSON Pointer with `*` for any segment: {example}.",
                    at,
                )
                continue
            for key in item.keys() - {"path", "reason", "ticket"}:
                message = f'unknown key "{key}" of a known issue.' + did_you_mean(key, ("path", "reason", "ticket"))
                self._log.warning("unknown-key", message, at)
            ticket = item.get("ticket")
            reason = str(item.get("reason") or "")
            issues.append(
                KnownIssue(path=path, reason=reason, ticket=None if ticket is None else str(ticket), location=at)
            )
        return tuple(issues)

    def requires(self) -> tuple[Requirement, ...]:
        """The endpoints whose docs run first."""
        value = self._values.get("requires")
        if value is None:
            return ()
        requirements: list[Requirement] = []
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            at = self._location.at(
                self._frontmatter.line_at(f"/requires/{number}" if isinstance(value, list) else "/requires")
            )
            method, _, target = " ".join(item.split()).partition(" ") if isinstance(item, str) else ("", "", "")
            if method.upper() in METHODS and target.startswith("/"):
                requirements.append(Requirement(endpoint=endpoint_from(method.upper(), target), location=at))
            else:
                self._log.error(
                    "bad-requirement",
                    f"`requires` lists endpoints, such as `POST /v1/apps`; found {kind_of(item)}.",
                    at,
                )
        return tuple(requirements)

    def _check_names(self) -> None:
        for key in self._values:
            if key in KNOWN_KEYS:
                continue
            nearest = near(key, KNOWN_KEYS, cutoff=0.8)
            if nearest:
                self._log.warning(
                    "unknown-key",
                    f'unknown frontmatter key "{key}", left alone. Did you mean "{nearest}"?',
                    self._at(key),
                )

    def _at(self, key: str) -> SourceLocation:
        return self._location.at(self._frontmatter.lines.get(key, self._location.line))

    def _wrong(self, key: str, value: object, expected: str, example: str, *, error: bool = False) -> None:
        message = f"`{key}` must be {expected}, and is {kind_of(value)}: write `{example}`."
        (self._log.error if error else self._log.warning)("wrong-type", message, self._at(key))
