"""The options of a run, parsed: from the command line, else from the ini file."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.instants import parse_instant
from pytest_endpoint_docs.plugin.option_table import OPTIONS, OptionSpec

if TYPE_CHECKING:
    from pytest_endpoint_docs.verification.freshness import AgePolicy

_MOST_IN_FLIGHT = 128

ManualMode = Literal["skip", "attended", "automated"]


class Options(NamedTuple):
    """The options of a run, command line over ini over default, parsed.

    ``results`` and ``report`` are relative to the folder that pytest was called in, ``docs`` to the root directory.
    ``baseline`` is absolute. ``stale``: what findings about dates do. ``max_ages``, if any, has no default limit: that
    is ``max_age``.
    """

    env: str | None = None
    docs: tuple[Path, ...] = (Path("endpoints"),)
    manual: ManualMode = "skip"
    attended_timeout: float = 300.0
    concurrency: int | None = None
    max_errors: int | None = None
    undefined: Literal["fail", "skip"] = "fail"
    seed: str | None = None
    now: datetime | None = None
    results: Path | None = None
    report: tuple[Path, ...] = ()
    stamp: bool = False
    tester: str | None = None
    max_age: timedelta | None = None
    max_ages: AgePolicy | None = None
    stale: Literal["warn", "fail"] = "warn"
    fresh_login: bool = False
    oauth_strict: bool = False
    strict: bool = False
    demand: Literal["status", "content"] = "status"
    baseline: Path | None = None
    update_baseline: bool = False
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
            group.addoption(spec.flag_name, dest=spec.ini_name, default=None, help=spec.help, **_form_of(spec))


def _form_of(spec: OptionSpec) -> dict[str, Any]:
    if spec.flag:
        return {"action": "store_true"}
    if spec.ini_type != "string":
        return {"action": "append", "metavar": spec.metavar}
    return {"choices": spec.choices} if spec.choices else {"metavar": spec.metavar}


def read_options(config: pytest.Config) -> Options:
    """Combine command line and ini. Raises: ``ConfigError`` for a value that an option does not take."""
    if not hasattr(config, "workerinput"):
        _refuse_misread_paths(config)
    values: dict[str, object] = {}
    for spec in OPTIONS:
        given, source = _given(spec, config)
        try:
            values[spec.name] = _parsed(spec, given)
        except ValueError as error:
            raise ConfigError(f"{source} = {str(given).strip()!r}: {error}") from error
    if values["update_baseline"] and not values["baseline"]:
        raise ConfigError("--endpoint-update-baseline: say which file with --endpoint-baseline FILE")
    if isinstance(values["baseline"], Path):
        values["baseline"] = config.rootpath / values["baseline"]
    return Options(**values)  # type: ignore[arg-type]


def _refuse_misread_paths(config: pytest.Config) -> None:
    """Refuse values that pytest took for paths to tests, if it found no project from there: the run would have no docs.

    It looks for the ini file before it knows the options of plugins. Raises: ``ConfigError``.
    """
    called_in = config.invocation_params.dir.resolve()
    named = (given.partition("::")[0] for given in config.getoption("file_or_dir", []))
    places = [called_in, *((called_in / name).resolve() for name in named)]
    is_found = config.inipath and any(place.is_relative_to(config.inipath.parent.resolve()) for place in places)
    if is_found or config.getoption("inifilename", None) or config.getoption("rootdir", None):
        return
    words = {*config.invocation_params.args, *shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))}
    for spec in OPTIONS:
        given = config.getoption(spec.ini_name, None)
        for value in given if isinstance(given, list) else [given]:
            if not isinstance(value, str) or value not in words:
                continue
            path = (called_in / value).resolve()
            if path.exists() and not path.is_relative_to(called_in):
                raise ConfigError(
                    f"{spec.flag_name} {value}: pytest takes a path that exists for one to tests and looks for its "
                    f"ini file there. Write {spec.flag_name}={value}"
                )


def _given(spec: OptionSpec, config: pytest.Config) -> tuple[object, str]:
    """What the command line, else the ini file says, and the name under which it does."""
    given = config.getoption(spec.ini_name, None) if spec.on_command_line else None
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


def _items(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or not int(text):
        raise ValueError("expected a number of items, such as 3")
    return int(text)


def _ages() -> Any:
    return import_module("pytest_endpoint_docs.verification.freshness")


def _paths(texts: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(Path(text) for text in texts if text.strip())


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "baseline": Path,
    "attended_timeout": _seconds,
    "concurrency": _in_flight,
    "max_errors": _items,
    "now": _instant,
    "results": Path,
    "max_age": lambda text: _ages().parse_limit(text),
}
_LIST_PARSERS: Mapping[str, Callable[[tuple[str, ...]], object]] = {
    "docs": _paths,
    "max_ages": lambda lines: _ages().parse_age_policy(lines) if lines else None,
    "report": _paths,
}
