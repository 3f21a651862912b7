"""What a flaw is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pytest_endpoint_docs.sandbox.oauth_rules import Rules


class Flaw(Rules):
    """Rules with one method that is wrong; names itself, and the check ids that ought to fail because of it."""

    flaw: ClassVar[str]
    checks: ClassVar[tuple[str, ...]]


def without(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The members, but for one."""
    return {key: value for key, value in members.items() if key != name}
