"""Typed access to a mapping of a fence; every wrong type becomes a finding at its own line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pytest_endpoint_docs.loading.blocks import FindingLog, ParsedBlock
from pytest_endpoint_docs.model.body import Extract
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.words import did_you_mean, near


def kind_of(value: object) -> str:
    """What a value is, for a message; never the value of a mapping or list itself."""
    match value:
        case None:
            return "empty"
        case bool() | int() | float():
            return str(value).lower()
        case str():
            return f'the text "{value}"'
        case list() | tuple():
            return "a list"
        case _:
            return "a mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingReader:
    """Reads one mapping at ``pointer`` of ``block``; ``subject`` names it in messages (``step``)."""

    values: Mapping[str, JSONValue]
    block: ParsedBlock
    pointer: str
    subject: str
    findings: FindingLog
    case_id: str | None = None

    def at(self, key: str | None = None) -> SourceLocation:
        """The line of a member, or of the mapping."""
        return self.block.at(self.pointer if key is None else join_pointer(self.pointer, key))

    def below(self, key: str, subject: str) -> MappingReader:
        """A reader of a member that is a mapping; of an empty one where it is absent or something else."""
        return MappingReader(
            values=self.mapping(key),
            block=self.block,
            pointer=join_pointer(self.pointer, key),
            subject=subject,
            findings=self.findings,
            case_id=self.case_id,
        )

    def error(self, code: str, message: str, key: str | None = None) -> None:
        """An error at a member's line."""
        self.findings.error(code, message, self.at(key), case_id=self.case_id)

    def warning(self, code: str, message: str, key: str | None = None) -> None:
        """A warning at a member's line."""
        self.findings.warning(code, message, self.at(key), case_id=self.case_id)

    def check_keys(self, known: Collection[str], *, other_names: Mapping[str, str] | None = None) -> None:
        """Report unknown keys: an error where another key was meant, whose value would silently be missing.

        ``other_names`` are names by which other tools call a known key.
        """
        for key in self.values:
            if key in known:
                continue
            meant = (other_names or {}).get(key) or near(key, known, cutoff=0.7)
            if meant:
                self.error("unknown-key", f'unknown key "{key}" of a {self.subject}. Did you mean "{meant}"?', key)
            else:
                message = f'unknown key "{key}" of a {self.subject}, ignored. Known: {", ".join(sorted(known))}.'
                self.warning("unknown-key", message, key)

    def text(self, key: str) -> str | None:
        """A text; numbers are taken as written."""
        value = self.values.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        if value is not None:
            self._wrong(key, value, "a text")
        return None

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value = self.values.get(key)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._wrong(key, value, "true or false")
        return None

    def number(self, key: str) -> float | None:
        """A number that is not negative."""
        value = self.values.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
            return value
        if value is not None:
            self._wrong(key, value, "a number that is not negative")
        return None

    def mapping(self, key: str) -> Mapping[str, JSONValue]:
        """A mapping; empty where absent."""
        value = self.values.get(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self._wrong(key, value, "a mapping")
        return {}

    def items(self, key: str) -> list[JSONValue]:
        """A list; empty where absent."""
        value = self.values.get(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self._wrong(key, value, "a list")
        return []

    def texts(self, key: str) -> Mapping[str, str]:
        """A mapping to texts, such as header fields; numbers and booleans become text as JSON writes them."""
        texts: dict[str, str] = {}
        for name, value in self.mapping(key).items():
            if isinstance(value, str):
                texts[name] = value
            elif isinstance(value, bool):
                texts[name] = str(value).lower()
            elif isinstance(value, (int, float)):
                texts[name] = str(value)
            else:
                self.below(key, f"{self.subject}'s {key}")._wrong(name, value, "a text")
        return texts

    def choice(self, key: str, choices: Collection[str]) -> str | None:
        """One of the texts."""
        value = self.text(key)
        if value is None or value in choices:
            return value
        self.error(
            "unknown-value", f'unknown `{key}` "{value}" of a {self.subject}.' + did_you_mean(value, choices), key
        )
        return None

    def extracts(self, key: str = "extract") -> tuple[Extract, ...]:
        """``variable: path expression`` pairs, each parsed to see that it can be."""
        from pytest_endpoint_docs.variables.extraction import parse_expression

        reader = self.below(key, "extract")
        extracts: list[Extract] = []
        for name, value in reader.values.items():
            if not isinstance(value, str):
                reader._wrong(name, value, "a path expression such as $.data.id")
                continue
            try:
                parse_expression(value)
            except ValueError as error:
                reader.error("bad-extract", f"`{name}: {value}` is no path expression: {error}", name)
                continue
            extracts.append(Extract(name=name, expression=value, location=reader.at(name)))
        return tuple(extracts)

    def _wrong(self, key: str, value: object, expected: str) -> None:
        self.error("wrong-type", f"`{key}` of a {self.subject} must be {expected}, and is {kind_of(value)}.", key)
