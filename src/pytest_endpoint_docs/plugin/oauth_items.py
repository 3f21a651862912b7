"""What the token endpoint and the authorization endpoint owe, as items under the doc of the token endpoint."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.errors import ConfigError, ContractFailure, EndpointDocsError, MethodNotAllowed
from pytest_endpoint_docs.manual.manual_mode import sends_code
from pytest_endpoint_docs.model.case import CaseResult, ContractCase, Disposition
from pytest_endpoint_docs.model.doc import CaseOutline
from pytest_endpoint_docs.oauth.checks.browser_probe import BrowserProbe
from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS, unknown_checks
from pytest_endpoint_docs.oauth.checks.check import Check, CheckResult
from pytest_endpoint_docs.oauth.checks.endpoint_checks import EndpointChecks
from pytest_endpoint_docs.oauth.checks.facts import facts_of, fetch_metadata
from pytest_endpoint_docs.oauth.checks.token_request import ClientCredentials, TokenEndpoint
from pytest_endpoint_docs.plugin.consents import NoOAuthBlock
from pytest_endpoint_docs.plugin.run_target import SANDBOX_CODE_LIFETIME_S
from pytest_endpoint_docs.plugin.second_client import NoSecondClient, second_client
from pytest_endpoint_docs.plugin.session import EndpointSession
from pytest_endpoint_docs.redaction import is_secret_field

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.body import Step
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.environment import OAuthSettings

_STANDARD_FIELDS = ("grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier")


def check_cases(case: ContractCase) -> list[ContractCase]:
    """The items of all checks, for the main case of a doc whose request exchanges an authorization code."""
    if not sends_code(case.doc.body):
        return []
    outlines = (CaseOutline(name=check.name, location=case.location, check=check.id) for check in CHECKS)
    return [replace(case, outline=outline, disposition=Disposition(action="run")) for outline in outlines]


class TokenEndpointChecks:
    """The checks of the docs of one process; what one check obtained serves the others of its doc."""

    def __init__(self, session: EndpointSession) -> None:
        self._session = session
        self._runs: dict[str, _DocRun] = {}

    def run(self, case: ContractCase) -> CaseResult:
        """Run the check of an item."""
        started = time.perf_counter()
        check = next(check for check in CHECKS if check.id == case.outline.check)
        try:
            result = self._result(check, case.doc)
        except MethodNotAllowed as error:
            result = CheckResult(check=check, not_run=error.message)
        except EndpointDocsError as error:
            return CaseResult(case=case, outcome="failed", error=error, duration_s=time.perf_counter() - started)
        return _case_result(case, result, time.perf_counter() - started)

    def _result(self, check: Check, doc: EndpointDoc) -> CheckResult:
        if doc.path not in self._runs:
            self._runs[doc.path] = _DocRun(self._session, doc)
        run = self._runs[doc.path]
        policy = run.settings.checks.get(check.id)
        if check.needs_second_client and not (policy and policy.action == "ignore"):
            try:
                run.need_second_client()
            except NoSecondClient as missing:
                return CheckResult(check=check, not_run=str(missing))
        return run.checks.run(check)


class _DocRun:
    """The checks of one doc's endpoints.

    Raises, when made: ``ConfigError`` where the ``oauth`` block is missing or wrong, and what obtaining the doc's
    client raises.
    """

    def __init__(self, session: EndpointSession, doc: EndpointDoc) -> None:
        consent, settings = session.consent, session.target.environment.oauth
        if consent is None or settings is None:
            raise NoOAuthBlock(session.target.environment.name).error
        problems = unknown_checks(settings)
        if problems:
            raise ConfigError("\n".join(problems))
        self.settings = settings
        self._session = session
        self._doc = doc
        self._consent = consent
        self._metadata = fetch_metadata(session.target.client, settings)
        self._endpoint = self._documented_endpoint()
        self.checks = EndpointChecks(self._probe(), settings, session.options.oauth_strict)

    def need_second_client(self) -> None:
        """Have a second client from here on; made with the first check that needs it. Raises: ``NoSecondClient``."""
        if self._endpoint.second_client is None:
            second = second_client(self._session, self._doc, self._endpoint.client.client_id)
            self._endpoint = replace(self._endpoint, second_client=second)
            self.checks.probe = self._probe()

    def _documented_endpoint(self) -> TokenEndpoint:
        main = self._doc.body.requests[0].steps[-1]
        client, consent = self._session.client_of(self._doc), self._consent
        return TokenEndpoint(
            url=self.settings.token_url,
            auth=_documented_auth(main, self.settings),
            redirect_uri=consent.redirect_uri(client),
            client=ClientCredentials(client_id=consent.client_id(client), client_secret=consent.client_secret(client)),
            extra=_extra(main),
            location=main.location,
            pkce=self.settings.pkce != "none",
        )

    def _probe(self) -> BrowserProbe:
        session, metadata, endpoint = self._session, self._metadata, self._endpoint
        facts = facts_of(
            self.settings,
            text=self._doc.text,
            metadata=metadata,
            redirect_uri=endpoint.redirect_uri,
            second_client=endpoint.second_client is not None,
            code_lifetime_s=SANDBOX_CODE_LIFETIME_S if session.target.is_sandbox else None,
        )
        if session.target.is_sandbox:
            facts = replace(facts, longest_wait_s=SANDBOX_CODE_LIFETIME_S + 5)
        return BrowserProbe(
            self._consent.consents,
            session.target.client,
            endpoint,
            facts,
            session.redactor,
            resource_url=metadata.userinfo_endpoint if metadata else None,
            environ=os.environ,
        )


def _documented_auth(main: Step, settings: OAuthSettings) -> Any:
    """How the doc's own request authenticates the client; the environment's word where the body does not show it."""
    body = main.request.body
    if isinstance(body, dict) and "client_secret" in body:
        return "post" if main.request.content_type == "form" else "json"
    return settings.token_auth


def _extra(main: Step) -> dict[str, str]:
    body = main.request.body if isinstance(main.request.body, dict) else {}
    return {
        name: str(value)
        for name, value in body.items()
        if name not in _STANDARD_FIELDS and not is_secret_field(name) and "{{" not in str(value)
    }


def _case_result(case: ContractCase, result: CheckResult, duration_s: float) -> CaseResult:
    mismatches = tuple(replace(mismatch, location=case.location) for mismatch in result.mismatches)
    passed = CaseResult(
        case=case,
        outcome="passed",
        mismatches=mismatches,
        exchanges=result.exchanges,
        notes=result.notes,
        duration_s=duration_s,
    )
    if result.not_run is not None:
        return replace(passed, outcome="skipped", reason=f"not run: {result.not_run}", cause="environment")
    failing = [mismatch for mismatch in mismatches if mismatch.severity == "fail"]
    if not failing:
        return passed
    first = failing[0]
    error = ContractFailure(first.message, location=case.location, mismatches=mismatches)
    # The request and the answer stand in the error's own text; once is enough.
    brief = replace(first, message=first.message.partition("\n")[0])
    told = tuple(brief if mismatch is first else mismatch for mismatch in mismatches)
    return replace(passed, outcome="failed", error=error, mismatches=told)
