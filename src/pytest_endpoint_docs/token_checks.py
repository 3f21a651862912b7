"""What the token endpoint and the authorization endpoint owe, as items under the doc of the token endpoint."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.errors import ConfigError, ConsentError, ContractFailure
from pytest_endpoint_docs.loading import parse_body
from pytest_endpoint_docs.manual import sends_code
from pytest_endpoint_docs.model import CaseOutline, CaseResult, ContractCase, Disposition
from pytest_endpoint_docs.oauth.checks import CHECK_IDS, CHECKS, CheckResult, CheckRun
from pytest_endpoint_docs.oauth.checks.browser_probe import BrowserProbe
from pytest_endpoint_docs.oauth.checks.facts import facts_of, fetch_metadata
from pytest_endpoint_docs.oauth.checks.policy import unknown_ids
from pytest_endpoint_docs.oauth.checks.token_request import ClientCredentials, TokenEndpoint
from pytest_endpoint_docs.redaction import is_secret_field
from pytest_endpoint_docs.session import SANDBOX_CODE_LIFETIME_S, EndpointSession

if TYPE_CHECKING:
    from pytest_endpoint_docs.consent import RunConsent
    from pytest_endpoint_docs.model import EndpointDoc, OAuthSettings, Step

_STANDARD_FIELDS = ("grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier")


def check_cases(case: ContractCase) -> list[ContractCase]:
    """The items of all checks, for the main case of a doc whose request exchanges an authorization code."""
    if not sends_code(parse_body(case.doc)):
        return []
    outlines = (CaseOutline(name=check.name, location=case.location, check=check.id) for check in CHECKS)
    return [replace(case, outline=outline, disposition=Disposition(action="run")) for outline in outlines]


class TokenEndpointChecks:
    """The checks of the docs of one process; what one check obtained serves the others of its doc."""

    def __init__(self, session: EndpointSession) -> None:
        self._session = session
        self._runs: dict[str, CheckRun] = {}

    def run(self, case: ContractCase) -> CaseResult:
        """Run the check of an item."""
        started = time.perf_counter()
        check = next(check for check in CHECKS if check.id == case.outline.check)
        try:
            result = self._run_of(case.doc).run(check)
        except (ConsentError, ConfigError) as error:
            return CaseResult(case=case, outcome="failed", error=error, duration_s=time.perf_counter() - started)
        return _case_result(case, result, time.perf_counter() - started)

    def _run_of(self, doc: EndpointDoc) -> CheckRun:
        if doc.path not in self._runs:
            consent, settings = self._session.consent, self._session.environment.oauth
            if consent is None or settings is None:
                raise ConfigError(f"environment {self._session.environment.name}: it has no oauth block; add one")
            problems = unknown_ids(settings, CHECK_IDS)
            if problems:
                raise ConfigError("\n".join(problems))
            self._runs[doc.path] = self._new_run(doc, consent, settings)
        return self._runs[doc.path]

    def _new_run(self, doc: EndpointDoc, consent: RunConsent, settings: OAuthSettings) -> CheckRun:
        session = self._session
        main = parse_body(doc).requests[0].steps[-1]
        client = session.client_of(doc)
        metadata = fetch_metadata(settings)
        endpoint = TokenEndpoint(
            url=settings.token_url,
            auth=_documented_auth(main, settings),
            redirect_uri=consent.redirect_uri(client),
            client=ClientCredentials(client_id=consent.client_id(client), client_secret=consent.client_secret(client)),
            extra=_extra(main),
            location=main.location,
            pkce=settings.pkce != "none",
            timeout_s=session.environment.timeout_s,
        )
        facts = facts_of(
            settings,
            text=doc.text,
            metadata=metadata,
            redirect_uri=endpoint.redirect_uri,
            protected_resource=bool(metadata and metadata.userinfo_endpoint),
            code_lifetime_s=SANDBOX_CODE_LIFETIME_S if session.starts_sandbox else None,
        )
        if session.starts_sandbox:
            facts = replace(facts, longest_wait_s=SANDBOX_CODE_LIFETIME_S + 5)
        probe = BrowserProbe(
            consent.consents,
            endpoint,
            facts,
            session.redactor,
            resource_url=metadata.userinfo_endpoint if metadata else None,
            environ=os.environ,
        )
        return CheckRun(probe, settings, session.options.oauth_strict)


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
    error = ContractFailure(failing[0].message, location=case.location, mismatches=mismatches)
    return replace(passed, outcome="failed", error=error)
