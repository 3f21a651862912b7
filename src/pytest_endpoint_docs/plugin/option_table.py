"""The options, each once: what the command line and the ini file take, and what the README lists."""

from __future__ import annotations

from typing import Literal, NamedTuple


class OptionSpec(NamedTuple):
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
        """As written in an ini file, and the attribute of the parsed command line."""
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
        help="folders of endpoint docs, relative to the root directory: where pytest looks when it is given no "
        "arguments, and where 'endpoint_case' and 'requires' look",
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
        help="how many requests of upcoming items may be under way while an item is reported, 1 to 128 (default: 32 "
        "where answers are slow)",
    ),
    OptionSpec(
        name="max_errors",
        metavar="N",
        help="after N items in a row that could not be tested for the same reason (a server that does not answer, a "
        "missing token, an undefined variable), skip the others that would meet it (default: try all)",
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
        help="the seed of random variables; the header prints it, so that you can repeat a run",
    ),
    OptionSpec(
        name="now",
        metavar="ISO-8601",
        help="the date and time that this run takes as now, for dates in requests and ages of verifications",
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
        help="treat warnings about docs, descriptions, tested requests and redirects as failures",
    ),
    OptionSpec(
        name="demand",
        choices=("status", "content"),
        default="status",
        help=(
            "the least that must be checked of an answer: with 'content', items fail if nothing documents the "
            "content of the answer"
        ),
    ),
    OptionSpec(
        name="baseline",
        metavar="FILE",
        help="accept the differences from the OpenAPI descriptions that this file lists: they warn, new ones fail; "
        "relative to the root directory",
    ),
    OptionSpec(
        name="update_baseline",
        flag=True,
        help="write the differences of this run into the file of --endpoint-baseline: they are accepted from now on",
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
