"""How consents are obtained in a run, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.model.value_class import value_class

if TYPE_CHECKING:
    from pytest_endpoint_docs.redaction.redactor import Redactor


@value_class
class ConsentOptions:
    """The part of a run's options that concerns consents.

    ``mode``: the plugin leads (``automated``), or a person does (``attended``). ``headed``: show the window although
    the plugin leads. ``record``: write what the person does to this recipe file. ``not_before`` (epoch seconds):
    ignore logins saved before that time; the start of the run makes a fresh login, once for all workers. ``ask``
    shows a text, whose last line is the prompt, to a person and returns the line that they typed, for attended mode
    without a display; ``tell`` shows them a text, and ``listen`` waits that many seconds for a line of theirs.
    ``attended_timeout_s``: how long a person may take. ``pictures``: keep a masked screenshot of the last page of
    each consent. ``keep_login``: false logs in anew, and leaves the saved login as it is. ``gives_up``: once a consent
    ended without a code, the same one is not walked through again.
    """

    mode: Literal["automated", "attended"] = "automated"
    run_started: float | None = None
    headed: bool = False
    record: Path | None = None
    not_before: float | None = None
    ask: Callable[[SafeText], str] | None = None
    tell: Callable[[SafeText], None] | None = None
    listen: Callable[[float], str | None] | None = None
    attended_timeout_s: float = 300.0
    pictures: bool = False
    keep_login: bool = True
    gives_up: bool = False


@value_class
class ConsentContext:
    """What the consents of a run have in common; ``environment`` is the name of the target.

    ``storage`` is the directory of what is kept between runs (``.endpoint-docs``): saved logins and screenshots.
    """

    environment: str
    storage: Path
    redactor: Redactor
    environ: Mapping[str, str]
    options: ConsentOptions = field(default_factory=ConsentOptions)


@value_class
class ConsentEvent:
    """Something that happened, masked; ``at_s`` seconds after the consent began."""

    at_s: float
    text: SafeText
