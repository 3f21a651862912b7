"""The flaws that there are, and rules with some of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pytest_endpoint_docs.sandbox.flaws import (
    authorization_flaws,
    device_flaws,
    id_token_flaws,
    pushed_flaws,
    refresh_flaws,
    service_flaws,
    token_flaws,
)
from pytest_endpoint_docs.sandbox.flaws.base import Flaw
from pytest_endpoint_docs.sandbox.oauth_rules import Rules

_ENDPOINTS = (
    authorization_flaws,
    token_flaws,
    refresh_flaws,
    id_token_flaws,
    service_flaws,
    pushed_flaws,
    device_flaws,
)


def _all_flaws() -> dict[str, type[Flaw]]:
    defined = [found for endpoint in _ENDPOINTS for found in vars(endpoint).values() if isinstance(found, type)]
    return {found.flaw: found for found in defined if issubclass(found, Flaw) and found is not Flaw}


FLAWS: Mapping[str, str] = MappingProxyType({name: (found.__doc__ or "") for name, found in _all_flaws().items()})
"""Name of a flaw: what it breaks."""

FLAW_CHECKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: found.checks for name, found in _all_flaws().items()}
)
"""Name of a flaw: the check ids that ought to fail because of it."""


def rules_with(flaws: Iterable[str]) -> Rules:
    """The rules, with these flaws. Raises: ValueError for a name that is not in ``FLAWS``."""
    known, chosen = _all_flaws(), []
    for name in sorted(flaws):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(sorted(known))}."
            raise ValueError(f"There is no flaw {name!r}.{hint}")
        chosen.append(known[name])
    rules: type[Rules] = type("Rules", (*chosen, Rules), {})
    return rules()
