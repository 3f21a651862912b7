"""``endpoint-docs sandbox``: the embedded platform by itself, to try things on."""

from __future__ import annotations

import argparse

from pytest_endpoint_docs.cli.arguments import Subparsers
from pytest_endpoint_docs.cli.output import say
from pytest_endpoint_docs.errors import ConfigError, MissingSandbox
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.rendering import public
from pytest_endpoint_docs.words import or_known

_MOST = 65535


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("sandbox", help="start the embedded platform", description=__doc__)
    parser.add_argument(
        "--port", type=_port, default=0, metavar="PORT", help="the port on 127.0.0.1 (default: a free one)"
    )
    parser.add_argument(
        "--flaw", action="append", default=[], help="plant a flaw, to try the checks; may be given several times"
    )
    parser.set_defaults(run=run)


def _port(written: str) -> int:
    if not (written.isdecimal() and int(written) <= _MOST):
        raise argparse.ArgumentTypeError(f"found {written!r}, expected a number from 0 to {_MOST}")
    return int(written)


def run(arguments: argparse.Namespace, _: Redactor) -> int:
    """Serve until Ctrl-C.

    Raises: ``ConfigError`` where the sandbox's packages are missing, a flaw is unknown or the port is taken.
    """
    try:
        from pytest_endpoint_docs.sandbox.flaws.planting import FLAWS
        from pytest_endpoint_docs.sandbox.running import serve
        from pytest_endpoint_docs.sandbox.settings import SandboxSettings
    except ImportError as error:
        raise MissingSandbox(error) from error
    for name in arguments.flaw:
        if name not in FLAWS:
            raise ConfigError(f"there is no flaw {name!r}{or_known(name, FLAWS)}")

    def announce(line: str) -> None:
        # Shell lines with the sandbox's tokens: who starts it is to use them.
        say(public(f"{line}\n"))

    try:
        serve(arguments.port, SandboxSettings(flaws=frozenset(arguments.flaw)), announce)
    except BrokenPipeError:  # of whoever reads what it announces
        raise
    except OSError as error:
        raise ConfigError(f"port {arguments.port}: {error.strerror}; without --port, a free one is taken") from error
    return 0
