"""Names: markers from tags, slugs from headings."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable

# Marks that pytest or a widely used plugin gives a meaning to: a tag of that name must not get it.
RESERVED_MARKS = frozenset(
    [
        "skip",
        "skipif",
        "xfail",
        "parametrize",
        "usefixtures",
        "filterwarnings",
        "tryfirst",
        "trylast",
        "hookwrapper",
        "optionalhook",
        "pytestmark",
        "asyncio",
        "anyio",
        "trio",
        "tornado_asyncio",
        "flaky",
        "timeout",
        "order",
        "run",
        "first",
        "last",
        "second",
        "dependency",
        "depends",
        "repeat",
        "forked",
        "xdist_group",
        "no_cover",
        "benchmark",
        "django_db",
        "urls",
        "ignore_template_errors",
        "httpx_mock",
        "vcr",
        "block_network",
        "enable_socket",
        "disable_socket",
        "allow_hosts",
        "freeze_time",
        "freezegun",
        "random_order",
        "incremental",
        "limit_memory",
        "limit_leaks",
        "no_retry",
        "base_url",
        "nondestructive",
        "browser_context_args",
        "only_browser",
        "skip_browser",
        "endpoint",
    ]
)


def marker_name(tag: str) -> str:
    """The marker of a tag or domain: ``Communication Messages (SMS)`` -> ``communication_messages_sms``.

    A name that already means something to pytest or a plugin, or that is no identifier, gets the prefix ``tag_``.
    Empty where nothing of the tag can stand in a name.
    """
    name = slug(tag, separator="_")
    if not name:
        return ""
    # Python's keywords and pytest's own operators cannot stand in a -m expression.
    if (
        name in RESERVED_MARKS
        or not name.isidentifier()
        or keyword.iskeyword(name)
        or name in ("true", "false", "none")
    ):
        return f"tag_{name}"
    return name


def slug(text: str, *, separator: str = "-") -> str:
    """Lower-case letters and digits of any script, everything else one ``separator``."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\W_]+", separator, folded).strip(separator)


class UniqueNames:
    """Gives every item of a file a name of its own: a second ``x`` becomes ``x[2]``."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, name: str) -> str:
        """The name, or the name with the first free number from 2."""
        candidate, number = name, 2
        while candidate in self._taken:
            candidate = f"{name}[{number}]"
            number += 1
        self._taken.add(candidate)
        return candidate
