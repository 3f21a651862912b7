"""What a flaw is."""

from __future__ import annotations

from typing import ClassVar

from pytest_endpoint_docs.sandbox.oauth_rules import Rules


class Flaw(Rules):
    """Rules with one method that is wrong; names itself, and the check ids that ought to fail because of it."""

    flaw: ClassVar[str]
    checks: ClassVar[tuple[str, ...]]
