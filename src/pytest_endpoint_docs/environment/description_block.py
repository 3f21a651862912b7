"""What an environment says of differences from its OpenAPI descriptions: ``openapi_checks`` and ``knownIssues``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from pytest_endpoint_docs.model.environment import DescriptionIssue, DescriptionRule
from pytest_endpoint_docs.model.source import SourceLocation

_SCOPES = {"operations": "operation", "tags": "tag"}


def description_rules(given: Mapping[str, Any]) -> tuple[DescriptionRule, ...]:
    """The rules of a block that fits the schema, the most particular ones first."""
    rules = [*_of_kinds({key: value for key, value in given.items() if key not in _SCOPES}, {})]
    for key, scope in _SCOPES.items():
        for name, value in given.get(key, {}).items():
            kinds = value if isinstance(value, Mapping) else {None: value}
            rules += _of_kinds(kinds, {scope: name})
    return tuple(sorted(rules, key=lambda rule: (rule.operation is None, rule.tag is None, rule.kind is None)))


def _of_kinds(given: Mapping[Any, Any], scope: Mapping[str, str]) -> Iterator[DescriptionRule]:
    for kind, action in given.items():
        yield DescriptionRule(action=action, kind=kind, **scope)


def description_issues(
    given: list[dict[str, Any]], *, locate: Callable[[str], SourceLocation]
) -> tuple[DescriptionIssue, ...]:
    """The issues of a list that fits the schema. Raises: ``ValueError`` if ``until`` is not a date."""
    return tuple(
        DescriptionIssue(
            source=item["source"],
            reason=item["reason"],
            ticket=item.get("ticket"),
            until=date.fromisoformat(str(item["until"])) if "until" in item else None,
            location=locate(f"/knownIssues/{number}"),
        )
        for number, item in enumerate(given)
    )
