"""``endpoint-docs``: what there is to do with endpoint docs, besides running them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from pytest_endpoint_docs.cli import cleanup_command as cleanup
from pytest_endpoint_docs.cli import consent_command as consent
from pytest_endpoint_docs.cli import coverage_command as coverage
from pytest_endpoint_docs.cli import drift_command as drift
from pytest_endpoint_docs.cli import evidence_command as evidence
from pytest_endpoint_docs.cli import lint_command as lint
from pytest_endpoint_docs.cli import list_command as listing
from pytest_endpoint_docs.cli import sandbox_command as sandbox
from pytest_endpoint_docs.cli.output import warn
from pytest_endpoint_docs.errors import EndpointDocsError
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import or_known

_COMMANDS = (lint, listing, drift, coverage, consent, evidence, cleanup, sandbox)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns the exit code: 0 fine, 1 findings, 2 wrong usage or environment, 130 interrupted (Ctrl-C).
    """
    parser = argparse.ArgumentParser(
        prog="endpoint-docs",
        description="Work with endpoint docs; pytest runs them.",
    )
    parser.add_argument("--version", action="version", version=f"endpoint-docs {version('pytest-endpoint-docs')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.register(commands)
    for command_parser in commands.choices.values():
        command_parser.description = (command_parser.description or "").replace("``", "")  # a docstring's marks
    arguments = _parsed(parser, commands.choices, sys.argv[1:] if argv is None else argv)
    redactor = Redactor()
    try:
        code: int = arguments.run(arguments, redactor)
    except EndpointDocsError as error:
        warn(redactor.text(f"endpoint-docs: {error}\n"))
        return 2
    except KeyboardInterrupt:
        warn(redactor.text("endpoint-docs: interrupted\n"))
        return 130
    except BrokenPipeError:
        return 0
    return code


def _parsed(
    parser: argparse.ArgumentParser, commands: Mapping[str, argparse.ArgumentParser], words: Sequence[str]
) -> argparse.Namespace:
    """The arguments. The message about an unknown command or option names the nearest one that exists."""
    wanted = next((word for word in words if not word.startswith("-")), None)
    if wanted is not None and wanted not in commands:
        parser.error(f"unknown command {wanted}{or_known(wanted, commands)}")
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        command = parser if wanted is None else commands[wanted]
        # Its value may be a secret.
        name = unknown[0].partition("=")[0]
        if not name.startswith("-"):
            command.error(f"unexpected argument {name}")
        options = {*re.findall(r"--[a-z-]+", command.format_help())}
        # pytest has the same options, with a prefix; --environment stands for --env.
        meant = name.replace("--endpoint-", "--", 1)
        meant = max(filter(meant.startswith, options), key=len, default=meant)
        command.error(f"unknown option {name}{or_known(meant, options)}")
    return arguments
