"""What the fixture ``oauth_consent`` gives to a test: an authorization code at each call."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Unpack, overload

from pytest_endpoint_docs.errors import ConsentError
from pytest_endpoint_docs.oauth.authorization_requests import ConsentParameters
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, NoCode, why_not_run
from pytest_endpoint_docs.oauth.grant import AuthorizationError, AuthorizationGrant
from pytest_endpoint_docs.plugin.outlets import skipped
from pytest_endpoint_docs.redaction.rendering import public

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.consents import RunConsents
    from pytest_endpoint_docs.plugin.options import ManualMode

HOW_TO_RUN = "needs a person's consent: run with --endpoint-manual automated or attended"


class OAuthConsent:
    """What the fixture ``oauth_consent`` gives: call it for a fresh authorization code."""

    def __init__(self, mode: ManualMode, consents: Callable[[], RunConsents]) -> None:
        self._mode = mode
        self._consents = consents

    @overload
    def __call__(self, *, expect_error: None = None, **given: Unpack[ConsentParameters]) -> AuthorizationGrant: ...

    @overload
    def __call__(
        self, *, expect_error: str | Collection[str], **given: Unpack[ConsentParameters]
    ) -> AuthorizationError: ...

    def __call__(
        self, *, expect_error: str | Collection[str] | None = None, **given: Unpack[ConsentParameters]
    ) -> AuthorizationGrant | AuthorizationError:
        """A fresh code for the environment's client and user, or with ``expect_error`` that error response.

        What is not given comes from the environment's ``oauth`` block; a client that it does not name, from the UID
        resolution of the project's doc of the token endpoint. Skips the test in mode ``skip``, where an earlier consent
        of the run ended without a code, and where nobody went through this one.

        Raises: ``ConsentError``, ``ConfigError``.
        """
        __tracebackhide__ = True
        if self._mode == "skip":
            raise skipped(public(HOW_TO_RUN))
        run = self._consents()
        # The fixture lives as long as the run: pytest says in which test it is called.
        run.session.ask_for(os.environ.get("PYTEST_CURRENT_TEST", "a test").removesuffix(" (call)"))
        if given.get("client_id") is None and run.settings.client_id is None:
            client = run.project_client()
            given["client_id"] = client.client_id()
            given["redirect_uri"] = given.get("redirect_uri") or client.redirect_uri()
        try:
            if expect_error is None:
                return run.session.authorize(**given)
            return run.session.authorize(expect_error=expect_error, **given)
        except (NoCode, ClosedByPerson) as untested:
            reason = run.redactor.text(why_not_run(untested))
        except ConsentError as failure:
            # The way through the browser says nothing to who wrote the test: the failure begins at their line.
            raise failure.with_traceback(None) from None
        raise skipped(reason)
