"""Every option in one table: a command line flag, its ini twin, and the parsed value that the run is made from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.instants import parse_instant
from pytest_endpoint_docs.model.source import Severity

if TYPE_CHECKING:
    from pytest_endpoint_docs.verification.freshness import AgePolicy

_MOST_IN_FLIGHT = 128

ManualMode = Literal["skip", "attended", "automated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """One option. ``name`` without prefix: ``env`` is ``--endpoint-env`` and the ini key ``endpoint_env``.

    ``choices`` and ``flag`` exclude each other. ``ini_type`` is pytest's (``string``, ``linelist`` ...);
    ``on_command_line`` is false for what only makes sense in a file.
    """

    name: str
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    flag: bool = False
    default: str = ""
    ini_type: Literal["string", "linelist", "args"] = "string"
    on_command_line: bool = True

    @property
    def flag_name(self) -> str:
        """As written on a command line."""
        return "--endpoint-" + self.name.replace("_", "-")

    @property
    def ini_name(self) -> str:
        """As written in an ini file."""
        return f"endpoint_{self.name}"

    @property
    def dest(self) -> str:
        """The attribute of the parsed command line."""
        return f"endpoint_{self.name}"


OPTIONS: tuple[OptionSpec, ...] = (
    OptionSpec(
        name="env",
        metavar="NAME-or-PATH",
        help="the target: a name in fixtures/environments/, a path to an environment file, or 'sandbox'",
    ),
    OptionSpec(
        name="docs",
        ini_type="args",
        default="endpoints",
        on_command_line=False,
        help="folders of endpoint docs, relative to the root directory: where docs are looked for without arguments, "
        "and for 'endpoint_case' and 'requires'",
    ),
    OptionSpec(
        name="manual",
        choices=("skip", "attended", "automated"),
        default="skip",
        help="docs that need a person: skip them, open a browser for you, or log in and consent automatically",
    ),
    OptionSpec(
        name="attended_timeout",
        metavar="SECONDS",
        default="300",
        help="how long a browser window waits for a person who consents in it, with '--endpoint-manual attended'",
    ),
    OptionSpec(
        name="concurrency",
        metavar="N",
        help="how many requests of the next items may be under way while an item is reported, 1 to 128 (default: 32, "
        "where answers are slow)",
    ),
    OptionSpec(
        name="undefined",
        choices=("fail", "skip"),
        default="fail",
        help="whether a case with a variable that nothing defines fails or is skipped",
    ),
    OptionSpec(
        name="seed",
        metavar="TEXT",
        help="the seed of random variables; the header prints it, so that a run can be repeated",
    ),
    OptionSpec(
        name="now",
        metavar="ISO-8601",
        help="the time that this run takes for now, in dates of requests and ages of verifications",
    ),
    OptionSpec(
        name="results",
        metavar="FILE.json",
        help="write what happened, item by item, to a JSON file: for drift, coverage, reports and other tools",
    ),
    OptionSpec(
        name="report",
        metavar="FILE",
        ini_type="args",
        help="write a report when the run ends: an HTML page (.html) or a job summary (.md); repeatable",
    ),
    OptionSpec(
        name="stamp",
        flag=True,
        help="write verifiedAt into docs whose items all passed, in environments with 'stamps: true'",
    ),
    OptionSpec(
        name="tester",
        metavar="NAME",
        help="who runs manual tests, for evidence and verifiedBy (default: git's user.name and user.email)",
    ),
    OptionSpec(
        name="max_age",
        metavar="AGE",
        help="how old a verification may be, such as 90d (units: m, h, d, w); the end of the run lists older ones",
    ),
    OptionSpec(
        name="max_ages",
        ini_type="linelist",
        on_command_line=False,
        help="other limits for tags and domains, one per line: 'tag:oauth = 30d', 'domain:sales = 180d'",
    ),
    OptionSpec(
        name="stale",
        choices=("warn", "fail"),
        default="warn",
        help="whether a verification that is too old is a warning or makes the exit status 1",
    ),
    OptionSpec(
        name="fresh_login",
        flag=True,
        help="log in again instead of using the session saved by an earlier run",
    ),
    OptionSpec(
        name="oauth_strict",
        flag=True,
        help="also fail where authorization and token endpoints ignore what the standards only recommend (level S)",
    ),
    OptionSpec(
        name="strict",
        flag=True,
        help="treat warnings about docs, descriptions and responses as failures",
    ),
    OptionSpec(
        name="demand",
        choices=("status", "content"),
        default="status",
        help="what an answer is held against at least: fail items of which nothing documents the content that came",
    ),
    OptionSpec(
        name="coverage",
        flag=True,
        help="list at the end which operations of the environment's OpenAPI descriptions have a doc",
    ),
    OptionSpec(
        name="negative",
        flag=True,
        help="also send requests that must be refused, derived from the docs, in environments with 'writes: true'",
    ),
    OptionSpec(
        name="allow_production",
        flag=True,
        help="run against an environment that says 'production: true'; nothing is written there",
    ),
    OptionSpec(
        name="tokens",
        choices=("default", "all"),
        default="default",
        help="run a doc with its own token, or once with each token kind that its 'tokens' lists",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a run, command line over ini over default, parsed.

    ``results`` and ``report`` are relative to the folder that pytest was called in, ``docs`` to the root directory.
    ``stale`` is the severity of findings about dates. ``max_ages``, if any, has no default limit: that is ``max_age``.
    """

    env: str | None = None
    docs: tuple[Path, ...] = (Path("endpoints"),)
    manual: ManualMode = "skip"
    attended_timeout: float = 300.0
    concurrency: int | None = None
    undefined: Literal["fail", "skip"] = "fail"
    seed: str | None = None
    now: datetime | None = None
    results: Path | None = None
    report: tuple[Path, ...] = ()
    stamp: bool = False
    tester: str | None = None
    max_age: timedelta | None = None
    max_ages: AgePolicy | None = None
    stale: Severity = Severity.WARNING
    fresh_login: bool = False
    oauth_strict: bool = False
    strict: bool = False
    demand: Literal["status", "content"] = "status"
    coverage: bool = False
    negative: bool = False
    allow_production: bool = False
    tokens: Literal["default", "all"] = "default"


def add_options(parser: pytest.Parser) -> None:
    """Declare every option with its ini twin."""
    group = parser.getgroup("endpoint-docs", "endpoint docs as contract tests")
    for spec in OPTIONS:
        ini_type: Any = "bool" if spec.flag else spec.ini_type
        parser.addini(spec.ini_name, spec.help, type=ini_type, default=False if spec.flag else None)
        if spec.on_command_line:
            group.addoption(spec.flag_name, dest=spec.dest, default=None, help=spec.help, **_form_of(spec))


def _form_of(spec: OptionSpec) -> dict[str, Any]:
    if spec.flag:
        return {"action": "store_true"}
    if spec.ini_type != "string":
        return {"action": "append", "metavar": spec.metavar}
    return {"choices": spec.choices} if spec.choices else {"metavar": spec.metavar}


def read_options(config: pytest.Config) -> Options:
    """Combine command line and ini. Raises: ``ConfigError`` for a value that an option does not take."""
    values: dict[str, object] = {}
    for spec in OPTIONS:
        given, source = _given(spec, config)
        try:
            values[spec.name] = _parsed(spec, given)
        except ValueError as error:
            raise ConfigError(f"{source} = {str(given).strip()!r}: {error}") from error
    return Options(**values)  # type: ignore[arg-type]


def _given(spec: OptionSpec, config: pytest.Config) -> tuple[object, str]:
    """What the command line, else the ini file says, and the name under which it does."""
    given = config.getoption(spec.dest, None) if spec.on_command_line else None
    if given is not None:
        return given, spec.flag_name
    try:
        return config.getini(spec.ini_name), spec.ini_name
    except ValueError as error:  # of pytest, about what is neither true nor false
        raise ConfigError(f"{spec.ini_name}: {error}") from error


def _parsed(spec: OptionSpec, given: object) -> object:
    """Raises: ``ValueError`` that says what was expected; ``ConfigError`` that says that, and of which part."""
    if spec.flag:
        return bool(given)
    if spec.ini_type != "string":
        texts = tuple(given) if isinstance(given, (list, tuple)) and given else tuple(spec.default.split())
        return _LIST_PARSERS[spec.name](texts)
    text = str(given or "").strip() or spec.default
    if spec.choices and text not in spec.choices:
        raise ValueError(f"expected one of {', '.join(spec.choices)}")
    return _PARSERS.get(spec.name, str)(text) if text else None


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise ValueError(f"expected an ISO 8601 date or time ({error})") from error


def _seconds(text: str) -> float:
    seconds = float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0.0
    if not seconds:
        raise ValueError("expected a number of seconds, such as 300")
    return seconds


def _in_flight(text: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= _MOST_IN_FLIGHT:
        raise ValueError(f"expected a whole number from 1 to {_MOST_IN_FLIGHT}")
    return int(text)


def _ages() -> Any:
    return import_module("pytest_endpoint_docs.verification.freshness")


def _paths(texts: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(map(Path, texts))


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "attended_timeout": _seconds,
    "concurrency": _in_flight,
    "now": _instant,
    "results": Path,
    "max_age": lambda text: _ages().parse_limit(text),
    "stale": {"warn": Severity.WARNING, "fail": Severity.ERROR}.__getitem__,
}
_LIST_PARSERS: Mapping[str, Callable[[tuple[str, ...]], object]] = {
    "docs": _paths,
    "max_ages": lambda lines: _ages().parse_age_policy(lines) if lines else None,
    "report": _paths,
}
