"""Why no authorization code came back. Every message is safe to show: URLs and texts in it are masked.

::

    ConsentError
    ├── BrowserMissing              no Chromium could be found or started
    ├── DisplayMissing              a window was asked for, and there is no display
    ├── RecipeError                 the recipe file is wrong (``path:line``), or does not fit the pages
    ├── LoginRejected               the login form came back after it was submitted; there is never a second attempt
    ├── ConsentStuck                a page that offers nothing to go on with
    │   └── NoWayToDeny             nothing on the consent page refuses
    ├── PageCrashed                 the page or the browser died
    ├── ClosedByPerson              a person closed the window, skipped the consent, or took too long
    │   └── LeftByPerson            and wants no more of them in this run
    ├── ConsentTimeout              ``timeout_s`` passed
    ├── NoCode                      an earlier consent of the run failed; this one was not tried
    ├── DeviceRefused               the server gave a device no codes (RFC 8628 section 3.2)
    ├── DeviceFailure               the device that a person was to let in got no token
    │   ├── DeviceDenied                ``access_denied``
    │   └── DeviceExpired               its code expired before anybody let it in
    ├── PushRefused                 the server did not take the authorization request that was pushed (RFC 9126)
    ├── RedirectFailure             what reached the redirect URI is not what was to come
    │   ├── StateMismatch               the redirect's ``state`` is not the one that was sent (RFC 6749 section 10.12)
    │   ├── IssuerMismatch              the redirect's ``iss`` is not the configured issuer (RFC 9207 section 2.4)
    │   ├── RedirectMalformed           a redirect, or a pasted URL, with neither a code nor an error
    │   ├── AuthorizationErrorResponse  ``error=...`` where a code was expected (RFC 6749 section 4.1.2.1)
    │   └── ErrorNotReturned            a code, or another error, where an error was expected
    └── TokenRequestFailed          the token endpoint gave no token for the code
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_endpoint_docs.errors import ConfigError, ConsentError
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.oauth.grant import PageAnswer


class BrowserMissing(ConsentError):
    """No Chromium could be found or started; the message names every way to provide one."""


class DisplayMissing(ConsentError):
    """A browser window was asked for on a machine without a display."""


class RecipeError(ConsentError):
    """The recipe is wrong at ``location``."""

    def __init__(self, message: str, *, location: SourceLocation) -> None:
        super().__init__(message, location=location)

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


def trail_lines(
    url: str, controls: tuple[str, ...], tried: tuple[str, ...], screenshot: Path | None
) -> tuple[str, ...]:
    """What was done on the way, and the page that it was done on last, for a message; all of it is masked."""
    lines = [f"  page: {url}"] if url else []
    if controls:
        lines += ["  controls on it:", *(f"    {control}" for control in controls)]
    if tried:
        lines += ["  done so far:", *(f"    {step}" for step in tried)]
    if screenshot:
        lines.append(f"  screenshot (secrets masked): {screenshot}")
    return tuple(lines)


class TrailedFailure(ConsentError):
    """A walk came to its end, which is not the one that was to come; ``trail`` says how."""

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *self.trail])


class PageFailure(TrailedFailure):
    """Something on a page ended the walk.

    ``url`` is masked, ``screenshot`` is the masked picture's file, or ``None`` where none could be taken; ``pages`` are
    the answers on the way. ``login_open``: the password was sent, and nothing since shows that it was accepted. The
    ``dead_end``: the walk ended on a page that came and offers nothing to go on with, which is an answer. ``acted``:
    something was done on a page. The text also has ``controls``, what the page offered, and ``tried``, what was done so
    far (one line each).
    """

    def __init__(
        self,
        message: str,
        *,
        url: str = "",
        controls: tuple[str, ...] = (),
        tried: tuple[str, ...] = (),
        screenshot: Path | None = None,
        pages: tuple[PageAnswer, ...] = (),
        login_open: bool = False,
        dead_end: bool = False,
        acted: bool = False,
    ) -> None:
        super().__init__(message)
        self.trail = trail_lines(url, controls, tried, screenshot)
        self.url = url
        self.screenshot = screenshot
        self.pages = pages
        self.login_open = login_open
        self.dead_end = dead_end
        self.acted = acted


class LoginRejected(PageFailure):
    """The login form came back after it was submitted. One attempt only: accounts get locked."""


class ConsentStuck(PageFailure):
    """A page that offers nothing to go on with."""


class NoWayToDeny(ConsentStuck):
    """Nothing on the consent page refuses."""


class PageCrashed(PageFailure):
    """The page or the browser died."""


class ClosedByPerson(PageFailure):
    """A person did not go through the consent: nothing was tested, so nothing failed."""


class LeftByPerson(ClosedByPerson):
    """They want no further consent in this run either."""


class ConsentTimeout(PageFailure):
    """No redirect within the time limit."""


class PushRefused(ConsentError):
    """The server did not take the authorization request that was pushed to ``url``; ``status_code`` is its answer's."""

    def __init__(self, message: str, *, url: str, status_code: int | None = None) -> None:
        super().__init__(message)
        self.url = url
        self.status_code = status_code


class DeviceRefused(ConsentError):
    """The device authorization endpoint gave no codes."""


class DeviceFailure(TrailedFailure):
    """The device that a person was to let in got no token."""


class DeviceDenied(DeviceFailure):
    """The token endpoint answered that the person refused (RFC 8628 section 3.5)."""


class DeviceExpired(DeviceFailure):
    """The device's code expired before anybody let it in (RFC 8628 section 3.5)."""


class NoCode(ConsentError):
    """An earlier consent of the run ended without a code, and this one was not tried: the message names the reason."""


def why_no_code(settings: OAuthSettings) -> str:
    """The reason where the environment gives tokens, but no codes."""
    return f"no code: {settings.location} says grant: {settings.grant}, which gives a token without a code"


def error_in(members: Mapping[str, JSONValue]) -> str:
    """The error of an answer (RFC 6749 section 5.2): ``invalid_grant (it expired)``; empty where it names none."""
    error, described = members.get("error"), members.get("error_description")
    return f"{error} ({described})" if error and described else str(error or "")


def no_oauth_block(environment: str) -> ConfigError:
    """What to do where a consent is asked for, and the environment says nothing of one."""
    return ConfigError(f"environment {environment}: it has no oauth block; add one")


def why_not_run(untested: NoCode | ClosedByPerson) -> str:
    """The reason of a skip, for a consent that nobody went through: nothing was tested, so nothing failed."""
    return f"not run: {untested}" if isinstance(untested, NoCode) else f"blocked: {untested.message}"


class RedirectFailure(TrailedFailure):
    """What reached the redirect URI is not what was to come."""


class StateMismatch(RedirectFailure):
    """The redirect's ``state`` is not exactly the one that was sent (RFC 6749 sections 4.1.2 and 10.12)."""


class IssuerMismatch(RedirectFailure):
    """The redirect's ``iss`` is not the configured issuer (RFC 9207 section 2.4)."""


class RedirectMalformed(RedirectFailure):
    """The redirect holds neither a code nor an error, or a pasted URL is not the redirect at all."""


class AuthorizationErrorResponse(RedirectFailure):
    """The authorization endpoint answered with an error where a code was expected (RFC 6749 section 4.1.2.1)."""

    def __init__(self, message: str, *, error: str, description: str | None) -> None:
        super().__init__(message)
        self.error = error
        self.description = description


class ErrorNotReturned(RedirectFailure):
    """A code came, or another error, where an error was expected."""


class TokenRequestFailed(ConsentError):
    """The token endpoint gave no token: ``status_code`` (``None``: no answer) and ``error`` (RFC 6749 section 5.2)."""

    def __init__(self, message: str, *, status_code: int | None = None, error: str | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.error = error
