"""Every option in one table: a command line flag, its ini twin, and the frozen value that the run is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.instants import parse_duration, parse_instant

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
        help="folders of endpoint docs, relative to the root directory, for 'endpoint_case' and 'requires'",
    ),
    OptionSpec(
        name="manual",
        choices=("skip", "attended", "automated"),
        default="skip",
        help="docs that need a person: skip them, open a browser for you, or log in and consent by itself",
    ),
    OptionSpec(
        name="undefined",
        choices=("fail", "skip"),
        default="fail",
        help="what a variable that nothing defines does to its case",
    ),
    OptionSpec(
        name="seed",
        metavar="TEXT",
        help="seed of the random variables; printed in the header, to repeat a run",
    ),
    OptionSpec(
        name="now",
        metavar="ISO-8601",
        help="the clock of this run: dates in requests, ages of verifications",
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
        help="write verifiedAt into docs all of whose items passed, where the environment has 'stamps: true'",
    ),
    OptionSpec(
        name="tester",
        metavar="NAME",
        help="who runs manual tests, for evidence and verifiedBy (default: git's user.name and user.email)",
    ),
    OptionSpec(
        name="max_age",
        metavar="AGE",
        help="how old a verification may be, such as 90d (units: m, h, d, w); older docs are told at the end",
    ),
    OptionSpec(
        name="max_ages",
        ini_type="linelist",
        on_command_line=False,
        help="limits of their own for tags and domains, one a line: 'tag:oauth = 30d', 'domain:sales = 180d'",
    ),
    OptionSpec(
        name="stale",
        choices=("warn", "fail"),
        default="warn",
        help="what a verification that is too old does to the run: a warning, or exit status 1",
    ),
    OptionSpec(
        name="fresh_login",
        flag=True,
        help="log in anew instead of using the saved session of an earlier run",
    ),
    OptionSpec(
        name="oauth_strict",
        flag=True,
        help="what the standards only recommend of authorization and token endpoints (level S) fails too",
    ),
    OptionSpec(
        name="strict",
        flag=True,
        help="what would only warn about docs, descriptions and answers that differ fails",
    ),
    OptionSpec(
        name="coverage",
        flag=True,
        help="tell at the end which operations of the environment's OpenAPI descriptions have a doc",
    ),
    OptionSpec(
        name="negative",
        flag=True,
        help="also send what must be refused: cases derived from the docs, where the environment has 'writes: true'",
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
    """The options of a run, command line over ini over default, validated."""

    env: str | None = None
    docs: tuple[str, ...] = ("endpoints",)
    manual: ManualMode = "skip"
    undefined: Literal["fail", "skip"] = "fail"
    seed: str | None = None
    now: datetime | None = None
    results: str | None = None
    report: tuple[str, ...] = ()
    stamp: bool = False
    tester: str | None = None
    max_age: str | None = None
    max_ages: tuple[str, ...] = ()
    stale: Literal["warn", "fail"] = "warn"
    fresh_login: bool = False
    oauth_strict: bool = False
    strict: bool = False
    coverage: bool = False
    negative: bool = False
    tokens: Literal["default", "all"] = "default"


def read_options(flag: Callable[[str], object], ini: Callable[[str], object]) -> Options:
    """Combine command line and ini into :class:`Options`.

    ``flag`` gives a parsed flag by ``dest`` (``None`` where not given), ``ini`` an ini value by name.
    Raises: ``ConfigError`` for a value that an option does not take.
    """
    values: dict[str, object] = {}
    for spec in OPTIONS:
        given = flag(spec.dest) if spec.on_command_line else None
        source = spec.flag_name
        if given is None:
            given, source = ini(spec.ini_name), spec.ini_name
        values[spec.name] = _PARSERS.get(spec.name, _text)(spec, source, given)
    return Options(**values)  # type: ignore[arg-type]


def _text(spec: OptionSpec, source: str, given: object) -> object:
    if spec.ini_type != "string":
        return tuple(given) if isinstance(given, (list, tuple)) and given else tuple(spec.default.split())
    text = str(given or "").strip() or spec.default
    if spec.choices and text not in spec.choices:
        raise ConfigError(f"{source} = {text!r}: expected one of {', '.join(spec.choices)}")
    return text or None


def _flag(_spec: OptionSpec, source: str, given: object) -> bool:
    if isinstance(given, bool):
        return given
    text = str(given or "false").strip().lower()
    if text not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        raise ConfigError(f"{source} = {text!r}: expected true or false")
    return text in ("true", "1", "yes", "on")


def _instant(spec: OptionSpec, source: str, given: object) -> datetime | None:
    text = _text(spec, source, given)
    if text is None:
        return None
    try:
        return parse_instant(str(text))
    except ValueError as error:
        raise ConfigError(f"{source} = {text!r}: expected an ISO 8601 date or time ({error})") from error


def _age(spec: OptionSpec, source: str, given: object) -> object:
    text = _text(spec, source, given)
    if text is None:
        return None
    try:
        limit = parse_duration(str(text))
    except ValueError as error:
        raise ConfigError(f"{source} = {text!r}: {error}") from error
    if not limit:
        raise ConfigError(f"{source} = {text!r}: a limit of zero would make every doc stale; leave it out instead")
    return text


def _ages(spec: OptionSpec, source: str, given: object) -> object:
    lines = _text(spec, source, given)
    if lines:
        from pytest_endpoint_docs.verification.freshness import parse_age_policy

        assert isinstance(lines, tuple)
        parse_age_policy(None, lines)
    return lines


def _reports(spec: OptionSpec, source: str, given: object) -> object:
    files = _text(spec, source, given)
    if files:
        from pytest_endpoint_docs.reporting.reports import check_report_path

        assert isinstance(files, tuple)
        for file in files:
            check_report_path(Path(file))
    return files


_PARSERS: Mapping[str, Callable[[OptionSpec, str, object], object]] = {
    "now": _instant,
    "max_age": _age,
    "max_ages": _ages,
    "report": _reports,
    **{spec.name: _flag for spec in OPTIONS if spec.flag},
}
