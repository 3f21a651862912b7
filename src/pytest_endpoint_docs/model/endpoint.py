"""What a doc is about: a method and a path template."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """``METHOD /path`` as the frontmatter says it; ``path`` is a path template, ``query`` what stood behind ``?``."""

    method: str
    path: str
    query: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def key(self) -> str:
        """Method and path, without query: what other docs refer to."""
        return f"{self.method} {self.path}"
