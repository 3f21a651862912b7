"""Every exception that this package raises on purpose.

::

    EndpointDocsError
    ├── ConfigError                 options, environment file, missing secret: exit code 4
    │   └── MissingExtra            a library of an optional part of this package
    ├── DocError                    a doc that cannot be read or run; carries a SourceLocation
    │   ├── FrontmatterError        the YAML between the ``---`` lines
    │   ├── TemplateError           a request, step, schema or case block
    │   ├── UndefinedVariable       nothing defines a ``{{variable}}``
    │   ├── ExtractionError         an ``extract`` expression that cannot be parsed
    │   ├── StampError              a frontmatter that ``verifiedAt`` cannot be written into without risk
    │   └── RequirementCycle        docs that require each other
    ├── RequestError                the exchange could not take place
    │   ├── MissingToken            the environment has no value for a token kind
    │   ├── MethodNotAllowed        the environment forbids this method (a ``CaseSkipped`` too)
    │   ├── ConnectionFailed        no connection: refused, DNS, TLS
    │   │   ├── ConnectTimeout      no connection in time (a ``RequestTimeout`` too)
    │   │   └── ConnectionLost      closed before the answer was complete
    │   ├── RequestTimeout          no complete answer within ``timeout_s``
    │   ├── ResponseTooLarge        the body passed the limit
    │   └── UnusableAnswer          what came is not HTTP, not what its fields say, or redirects without end
    ├── PrerequisiteFailed          a step, a requirement or a resolution before the request failed
    ├── CaseSkipped                 not a failure: the case does not run, and the reason says why
    ├── NoResponse                  a response was asked for before it came, or where none came
    └── ConsentError                no authorization code (see ``pytest_endpoint_docs.oauth.consent_errors``)

    ContractFailure(AssertionError)     not an error: the answer is not the documented one

All of them are :class:`Explained`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_endpoint_docs.model.source import Cause, Finding, Mismatch, Obstacle, SourceLocation


FAILED_BEFORE = "prerequisite failed: "


class Explained(Exception):
    """What is raised with an explanation: ``message``, and ``location``, the line that it is about, where there is one.

    ``obstacle``: what kept the case from being tested, where that is nothing that the case is about. ``context`` is how
    the message begins, if it names the step or the prerequisite first: failures with one cause differ there. ``trail``:
    the lines that say how it came to this, where it is the end of a walk through pages.
    """

    trail: tuple[str, ...] = ()

    def __init__(
        self,
        message: str,
        *,
        location: SourceLocation | None = None,
        obstacle: Obstacle | None = None,
        context: str = "",
    ) -> None:
        super().__init__(context + message)
        self.message = context + message
        self.location = location
        self.obstacle = obstacle
        self.context = context


class EndpointDocsError(Explained):
    """Base of everything that this package raises on purpose, contract failures apart."""


class ConfigError(EndpointDocsError):
    """The command line, the ini file or the environment file is wrong; pytest ends with exit code 4."""


class MissingExtra(ConfigError):
    """A library is not installed that belongs to an extra of this package; the message ends with what installs it."""

    def __init__(self, needs: str, *, extra: str) -> None:
        super().__init__(f"{needs}: {_install_line(extra)}")


class MissingSandbox(MissingExtra):
    """The embedded platform cannot be imported; ``error`` says which of its libraries is missing."""

    def __init__(self, error: ImportError) -> None:
        super().__init__(f"the sandbox needs {error.name}", extra="sandbox")


def _install_line(extra: str) -> str:
    """The command that installs an extra: from the index, or from a folder, an archive or a repository.

    The distribution says itself where it came from (its ``direct_url.json``, PEP 610).
    """
    import json
    import shlex
    from importlib import metadata
    from urllib.parse import unquote, urlsplit

    name = "pytest-endpoint-docs"
    try:
        recorded = metadata.distribution(name).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        recorded = None
    if not recorded:
        return f"pip install '{name}[{extra}]'"
    origin = json.loads(recorded)
    url, folder, repository = origin["url"], origin.get("dir_info"), origin.get("vcs_info")
    if folder is not None:
        option = "-e " if folder.get("editable") else ""
        return f"pip install {option}{shlex.quote(f'{unquote(urlsplit(url).path)}[{extra}]')}"
    if repository is not None:
        url = f"{repository['vcs']}+{url}@{repository['commit_id']}"
    return f"pip install {shlex.quote(f'{name}[{extra}] @ {url}')}"


class DocError(EndpointDocsError):
    """A doc cannot be read or run as it stands.

    ``location`` is the line that is at fault; ``findings`` holds every finding where there are several.
    """

    location: SourceLocation

    def __init__(
        self,
        message: str,
        *,
        location: SourceLocation,
        findings: Sequence[Finding] = (),
        obstacle: Obstacle | None = None,
    ) -> None:
        super().__init__(message, location=location, obstacle=obstacle)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


class FrontmatterError(DocError):
    """The block between the ``---`` lines is not readable, even line by line."""


class TemplateError(DocError):
    """A block that runs (request, steps, cases, schema) is not what the format says."""


class UndefinedVariable(DocError):
    """Nothing defines a variable of a request; raised before anything is sent, or where a step did not give its value.

    ``is_of_success``: the step succeeded, so that what it made may be there.
    """

    is_of_success = False


class ExtractionError(DocError):
    """An ``extract`` expression is not a path expression (RFC 9535)."""


class StampError(DocError):
    """A value cannot be written into the frontmatter without touching something else; the file is as it was."""


class RequirementCycle(DocError):
    """Docs require each other in a circle; the message prints the circle."""


class RequestError(EndpointDocsError):
    """The exchange could not take place; says nothing about the contract.

    ``was_sent``: the request left all the same, and the server may have done what was asked.
    """

    was_sent = False


class MissingToken(RequestError):
    """The environment has no value for the token kind of a request; names the variable to set."""


class ConnectionFailed(RequestError):
    """No connection to the server: refused, unknown host, TLS."""


class ConnectionLost(ConnectionFailed):
    """The server closed the connection before its answer was complete."""

    was_sent = True


class RequestTimeout(RequestError):
    """No complete answer within the environment's ``timeout_s``."""

    was_sent = True


class ConnectTimeout(ConnectionFailed, RequestTimeout):
    """No connection to the server in time."""

    was_sent = False


class ResponseTooLarge(RequestError):
    """The response content passed the client's limit."""

    was_sent = True


class UnusableAnswer(RequestError):
    """What came is not HTTP, not what its fields say, or redirects without end; the server may have done its part."""

    was_sent = True


def cause_of(error: BaseException) -> str:
    """What went wrong in one line, without the ``context`` of the error."""
    told = error.message.removeprefix(error.context) if isinstance(error, Explained) else str(error)
    return told.partition("\n")[0]


class PrerequisiteFailed(EndpointDocsError):
    """Something that runs before the request failed: a step, a required doc, a resolution."""

    location: SourceLocation

    def __init__(
        self, message: str, *, location: SourceLocation, obstacle: Obstacle | None = None, context: str = FAILED_BEFORE
    ) -> None:
        super().__init__(message, location=location, obstacle=obstacle, context=context)


class CaseSkipped(EndpointDocsError):
    """Found out while the case is prepared or runs: it is to be skipped, and nothing is wrong with it.

    The message is the reason, for people; ``cause`` groups it.
    """

    cause: Cause = "blocked"

    def __init__(
        self,
        message: str,
        *,
        location: SourceLocation | None = None,
        cause: Cause = "",
        obstacle: Obstacle | None = None,
        context: str = "",
    ) -> None:
        super().__init__(message, location=location, obstacle=obstacle, context=context)
        self.cause = cause or self.cause

    @property
    def reason(self) -> str:
        """The message."""
        return self.message


class MethodNotAllowed(RequestError, CaseSkipped):
    """The environment does not allow this method: the request never leaves."""

    cause = "environment"


class NoResponse(EndpointDocsError):
    """A test asked for the response of a case before it came, or where none came; the message says why."""


class ConsentError(EndpointDocsError):
    """No authorization code could be obtained; its subclasses live in ``pytest_endpoint_docs.oauth.consent_errors``."""


class ContractFailure(Explained, AssertionError):
    """The server's answer is not what the doc says; ``mismatches`` holds every difference."""

    location: SourceLocation

    def __init__(
        self, message: str, *, location: SourceLocation, mismatches: Sequence[Mismatch] = (), context: str = ""
    ) -> None:
        super().__init__(message, location=location, context=context)
        self.mismatches = tuple(mismatches)
