"""What the endpoints of an authorization server owe, as items under the doc of the token endpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.errors import CaseSkipped, ConfigError, ContractFailure, EndpointDocsError
from pytest_endpoint_docs.model.case import CaseResult, ContractCase
from pytest_endpoint_docs.model.environment import OAuthClient
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.checks.browser_probe import BrowserProbe
from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS, unknown_checks
from pytest_endpoint_docs.oauth.checks.check import Check, CheckResult
from pytest_endpoint_docs.oauth.checks.endpoint_checks import EndpointChecks
from pytest_endpoint_docs.oauth.checks.facts import facts_of, fetch_metadata
from pytest_endpoint_docs.oauth.checks.token_request import TokenEndpoint
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, NoCode, why_not_run
from pytest_endpoint_docs.plugin.case_clients import NoSecondClient, client_of, second_client
from pytest_endpoint_docs.plugin.session import SANDBOX_CODE_LIFETIME_S
from pytest_endpoint_docs.redaction.secret_names import is_secret_field
from pytest_endpoint_docs.words import first_line

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.body import Step
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.environment import OAuthSettings
    from pytest_endpoint_docs.plugin.consents import RunConsents
    from pytest_endpoint_docs.plugin.options import Options

_STANDARD_FIELDS = ("grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier")


@value_class
class ChecksOfRun:
    """What the checks of a run share: its consents, its client, what a case of it needs, and its options.

    ``is_sandbox``: the target is the embedded platform, of which more is known than of others.
    """

    run: RunConsents
    client: HttpClient
    context: RunContext
    options: Options
    is_sandbox: bool


class OAuthChecks:
    """The checks of the docs of one process; what one check obtained serves the others of its doc.

    ``shared`` raises ``ConfigError`` where there can be no consent.
    """

    def __init__(self, shared: Callable[[], ChecksOfRun]) -> None:
        self._shared = shared
        self._docs: dict[str, _DocChecks] = {}
        self._unavailable = ""

    def run(self, case: ContractCase) -> CaseResult:
        """Run the check of an item."""
        started = time.perf_counter()
        check = next(check for check in CHECKS if check.id == case.outline.check)
        try:
            result = self._result(check, case.doc)
        except (NoCode, ClosedByPerson) as untested:
            found = CaseResult(case=case, outcome="skipped", reason=why_not_run(untested), cause="blocked")
        except CaseSkipped as left_out:
            found = CaseResult(
                case=case,
                outcome="skipped",
                reason=left_out.reason,
                cause=left_out.cause,
                obstacle=left_out.obstacle,
            )
        except EndpointDocsError as error:
            found = CaseResult(case=case, outcome="failed", error=error)
        else:
            found = _case_result(case, result)
        return replace(found, duration_s=time.perf_counter() - started)

    def _result(self, check: Check, doc: EndpointDoc) -> CheckResult:
        shared = self._consents_for(check)
        shared.run.session.ask_for(f"{check.name} of {doc.path}")
        if doc.path not in self._docs:
            self._docs[doc.path] = shared.run.session.first_failures.told_once(
                "checks", (doc.path,), lambda: _DocChecks(doc, shared, by=check), item=check.id
            )
        return self._docs[doc.path].run(check)

    def _consents_for(self, check: Check) -> ChecksOfRun:
        """Raises: ``ConfigError`` for the first check where there can be no consent, ``NoCode`` for the others."""
        if self._unavailable:
            raise NoCode(f"no consents, see what failed first: {self._unavailable}")
        try:
            return self._shared()
        except ConfigError as error:
            self._unavailable = f"{check.id}: {error}"
            raise


class _DocChecks:
    """The checks of one doc's endpoints; ``by`` is the first that runs, and tells what is missing.

    Raises, when made: ``ConfigError`` where the ``oauth`` block is wrong, and what obtaining the doc's client raises.
    """

    def __init__(self, doc: EndpointDoc, shared: ChecksOfRun, *, by: Check) -> None:
        problems = unknown_checks(shared.run.settings)
        if problems:
            raise ConfigError("\n".join(problems))
        self._doc = doc
        self._shared = shared
        self._metadata = fetch_metadata(shared.client, shared.run.settings)
        self._endpoint = shared.run.session.first_failures.told_once(
            "client", (doc.path,), self._documented_endpoint, item=by.id
        )
        self._checks = EndpointChecks(self._probe(), shared.run.settings, shared.options.oauth_strict)

    def run(self, check: Check) -> CheckResult:
        """Run one; a second client is made with the first check that needs it."""
        policy = self._shared.run.settings.checks.get(check.id)
        if check.needs_second_client and not (policy and policy.action == "ignore"):
            try:
                self._need_second_client()
            except NoSecondClient as missing:
                return CheckResult(check=check, not_run=str(missing))
        return self._checks.run(check)

    def _need_second_client(self) -> None:
        if self._endpoint.second_client is None:
            context, mode = self._shared.context, self._shared.options.manual
            second = second_client(self._doc, context, mode, first_id=self._endpoint.client.client_id)
            self._endpoint = replace(self._endpoint, second_client=second)
            self._checks.probe = self._probe()

    def _documented_endpoint(self) -> TokenEndpoint:
        main, run = self._doc.body.requests[0].steps[-1], self._shared.run
        client = client_of(self._doc, self._shared.context, self._shared.options.manual)
        gives_codes = run.settings.grant == "authorization_code"
        return TokenEndpoint(
            url=run.settings.token_url,
            auth=_documented_auth(main, run.settings),
            redirect_uri=run.clients.redirect_uri(client) if gives_codes else run.settings.redirect_uri or "",
            client=OAuthClient(
                client_id=run.clients.client_id(client),
                client_secret=None if run.settings.token_auth == "none" else run.clients.client_secret(client),
            ),
            extra=_extra(main),
            location=main.location,
            pkce=run.settings.pkce != "none",
        )

    def _probe(self) -> BrowserProbe:
        run, metadata, endpoint = self._shared.run, self._metadata, self._endpoint
        facts = facts_of(
            run.settings,
            text=self._doc.text,
            metadata=metadata,
            redirect_uri=endpoint.redirect_uri,
            second_client=endpoint.second_client is not None,
            code_lifetime_s=SANDBOX_CODE_LIFETIME_S if self._shared.is_sandbox else None,
        )
        return BrowserProbe(
            run.session,
            self._shared.client,
            endpoint,
            facts,
            self._shared.context.redactor,
            resource_url=run.settings.protected_resource or (metadata.userinfo_endpoint if metadata else None),
            login_pages=True,
        )


def _documented_auth(main: Step, settings: OAuthSettings) -> Any:
    """How the doc's own request authenticates the client; the environment's word where the body does not show it."""
    body = main.request.body
    if settings.token_auth == "none":
        return "none"
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


def _case_result(case: ContractCase, result: CheckResult) -> CaseResult:
    mismatches = tuple(replace(mismatch, location=case.location) for mismatch in result.mismatches)
    passed = CaseResult(
        case=case,
        outcome="passed",
        mismatches=mismatches,
        exchanges=result.exchanges,
        notes=result.notes,
    )
    if result.not_run is not None:
        return replace(passed, outcome="skipped", reason=f"not run: {result.not_run}", cause="environment")
    failing = [mismatch for mismatch in mismatches if mismatch.severity == "fail"]
    if not failing:
        return passed
    first = failing[0]
    error = ContractFailure(first.message, location=case.location, mismatches=mismatches)
    # The request and the answer stand in the error's own text; once is enough.
    brief = replace(first, message=first_line(first.message))
    told = tuple(brief if mismatch is first else mismatch for mismatch in mismatches)
    return replace(passed, outcome="failed", error=error, mismatches=told)
