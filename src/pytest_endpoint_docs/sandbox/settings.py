"""What can be set about a sandbox before it starts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ENVIRONMENT_FILE = Path(__file__).with_name("environment.yaml")
"""The environment of the sandbox, for projects that have no file of their own for it."""

TOKEN_KINDS = ("staff", "directory", "client", "partner", "admin")


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def random_tokens() -> dict[str, str]:
    """One new token of each kind."""
    return {kind: f"{kind}-{secrets.token_urlsafe(24)}" for kind in TOKEN_KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who can log in and consent."""

    username: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    name: str = "Alice Harbor"
    email: str = "alice@example.com"
    subject: str = "usr_1"
    business_id: str = "biz_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """Clock, lifetimes (seconds), people, tokens and limits of one sandbox.

    ``rate_limit`` requests per ``rate_window_s`` seconds and token are answered by the rate-limited operation.
    ``remember_consent``: who allowed an app once is not asked again. ``flaws``: names from ``FLAWS``; each breaks one
    thing, for tests of the checks.
    """

    clock: Callable[[], datetime] = system_clock
    code_lifetime_s: float = 15.0
    token_lifetime_s: int = 3600
    users: tuple[User, ...] = field(default_factory=lambda: (User(username="alice@example.com"),))
    tokens: Mapping[str, str] = field(default_factory=random_tokens, repr=False)
    rate_limit: int = 5
    rate_window_s: float = 2.0
    import_duration_s: float = 0.5
    remember_consent: bool = False
    flaws: frozenset[str] = frozenset()
