"""Running checks: fresh codes where they are needed, the same one where it is as good, verdicts by level and policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.oauth.checks.check import Check, CheckResult, Exchanged, Refreshed, severity_of, successful
from pytest_endpoint_docs.oauth.checks.check_messages import mismatch_of
from pytest_endpoint_docs.oauth.checks.judging import NotRun, error_of, refresh_token_of, token_of
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Facts, Probe, Pushed, TokenChange
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, NoWayToDeny
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant, PageAnswer

# Answers of servers that did not come as far as looking at the code: it is as good as new.
_CODE_UNTOUCHED = frozenset(["invalid_client", "unsupported_grant_type", "unauthorized_client"])
_CODE_UNTOUCHED_STATUSES = frozenset([401, 404, 405, 415])
# How old a code may be that is kept for later, where nothing tells how long it lives.
_USABLE_S = 10.0


@dataclass(slots=True)
class EndpointChecks:
    """The checks of one endpoint in one run, each of which is given this as its :class:`CheckRun`.

    What one check obtained, a later one uses where that changes no verdict: about a dozen codes serve all checks. Not
    for several threads at once.
    """

    probe: Probe
    settings: OAuthSettings
    strict: bool = False
    _first: AuthorizationGrant | None = None
    _after_login: AuthorizationGrant | None = None
    _login_seen: bool = False
    _exchanged: Exchanged | None = None
    _denied: AuthorizeOutcome | NoWayToDeny | None = None
    _replayed: bool = False
    _unused: list[AuthorizationGrant] = field(default_factory=list)
    _untouched: list[AuthorizationGrant] = field(default_factory=list)
    _refreshed: Refreshed | None = None
    _live: Exchanged | None = None
    _exchanges: list[SentRequest] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        """What is known of the endpoints."""
        return self.probe.facts

    def run(self, check: Check) -> CheckResult:
        """Run one check.

        Raises: ``ConsentError`` where no code can be had at all: then there is nothing to say of the endpoint.
        """
        policy = self.settings.checks.get(check.id)
        if policy is not None and policy.action == "ignore":
            return CheckResult(check=check, not_run=f"the environment ignores it (oauth.checks: {check.id}: ignore)")
        if (reason := check.condition(self.facts)) is not None:
            return CheckResult(check=check, not_run=reason)
        self._exchanges, self._notes = [], []
        mismatches: list[Mismatch] = []
        try:
            for violation in check.examine(self, check):
                severity = severity_of(violation.duty.level, policy, strict=self.strict)
                known = policy.ticket if policy is not None and severity == "known" else None
                mismatches.append(
                    mismatch_of(check, violation, severity=severity, known=known, redactor=self.probe.redactor)
                )
                self._show_last(violation.evidence)
        except NotRun as reason_why:
            if not mismatches:
                return CheckResult(check=check, not_run=str(reason_why), exchanges=tuple(self._exchanges))
            self.note(f"not checked to the end: {reason_why}")
        if policy is not None and policy.action == "known" and not mismatches:
            self.note(f"holds now: take {check.id} ({policy.ticket}) out of the environment's oauth.checks")
        return CheckResult(
            check=check,
            mismatches=tuple(mismatches),
            notes=tuple(self._notes),
            exchanges=tuple(self._exchanges),
        )

    def note(self, text: str) -> None:
        """Say something in the result of the check that runs."""
        if text not in self._notes:
            self._notes.append(text)

    def send(self, grant: AuthorizationGrant | None, change: TokenChange) -> SentRequest:
        """Send a token request, and keep it with the check that runs."""
        exchange = self.probe.token_request(grant, change)
        self._exchanges.append(exchange)
        return exchange

    def post(self, url: str, fields: Mapping[str, str], change: TokenChange) -> SentRequest:
        """Send these parameters to another endpoint, and keep the exchange with the check that runs."""
        exchange = self.probe.post(url, fields, change)
        self._exchanges.append(exchange)
        return exchange

    def push(self, extra: Mapping[str, str], change: TokenChange) -> Pushed:
        """Push a fresh authorization request, and keep the exchange with the check that runs."""
        pushed = self.probe.push(extra, change)
        self._exchanges.append(pushed.exchange)
        return pushed

    def fresh_grant(self) -> AuthorizationGrant:
        """A code that no token request has seen, and that is not about to expire."""
        while self._unused:
            grant = self._unused.pop()
            if (datetime.now(UTC) - grant.issued_at).total_seconds() < self._usable_s:
                return grant
        return self._new_grant()

    @property
    def _usable_s(self) -> float:
        lifetime_s = self.facts.code_lifetime_s
        return _USABLE_S if lifetime_s is None else lifetime_s / 2

    def _new_grant(self) -> AuthorizationGrant:
        grant = self.probe.grant()
        if self._first is None:
            self._first = grant
        return grant

    def any_grant(self) -> AuthorizationGrant:
        """The first code of the run, exchanged or not, for what its redirect says."""
        if self._first is not None:
            return self._first
        grant = self._new_grant()
        self.keep_unused(grant)
        return grant

    def pages(self) -> tuple[PageAnswer, ...]:
        """The answers on the way to a code, those of a login among them where one can be had; looked at once."""
        if self._after_login is None:
            grant = self.probe.grant_after_login()
            if grant is not None:
                self.keep_unused(grant)
            self._after_login = grant or self.any_grant()
            self._login_seen = grant is not None
        if not self._login_seen:
            self.note("the login's own pages were not looked at: the person was logged in already")
        return self._after_login.pages

    def keep_unused(self, grant: AuthorizationGrant) -> None:
        """Leave a code, obtained for something else and never sent, to a later check."""
        self._unused.append(grant)

    def send_with_spare(self, change: TokenChange) -> SentRequest:
        """Send a token request that is to be refused for another reason than its code.

        A code serves several of these, as long as the answers show that the server did not look at it. Where the answer
        is ``invalid_grant`` the code could be the reason, so the request is sent again with a fresh one.
        """
        reused = bool(self._untouched)
        grant = self._untouched.pop() if reused else self.fresh_grant()
        exchange = self.send(grant, change)
        if reused and error_of(exchange) == "invalid_grant":
            grant = self.fresh_grant()
            exchange = self.send(grant, change)
        response = exchange.response
        if error_of(exchange) in _CODE_UNTOUCHED or (response and response.status_code in _CODE_UNTOUCHED_STATUSES):
            self._untouched.append(grant)
        return exchange

    def exchanged(self) -> Exchanged:
        """A code that was exchanged as documented; once for all checks that look at such an exchange."""
        if self._exchanged is None:
            grant = self.fresh_grant()
            self._exchanged = Exchanged(grant, self.send(grant, TokenChange()))
        else:
            self._show(self._exchanged.exchange)
        return self._exchanged

    def exchanged_once(self) -> Exchanged:
        """A code that was exchanged exactly once: the caller exchanges it again."""
        if self._replayed:
            self._exchanged, self._replayed = None, False
        found = self.exchanged()
        self._replayed = True
        return found

    def refreshed(self) -> Refreshed:
        """A refresh token and the answer to its first use; once for all checks that look at it."""
        if self._refreshed is None:
            token = self.unused_refresh_token()
            self.forget_tokens()
            self._refreshed = Refreshed(token, self.send(None, TokenChange().refreshing(token)))
        else:
            self._show(self._refreshed.exchange)
        return self._refreshed

    def unused_refresh_token(self) -> str:
        """The refresh token of the live tokens."""
        # The first exchange will do to see that none comes.
        known = self._exchanged.exchange if self._exchanged else None
        sees_none = known is not None and token_of(known) is not None and refresh_token_of(known) is None
        token = None if sees_none else refresh_token_of(self.live_tokens().exchange)
        if token is None:
            raise NotRun("no refresh token comes with the access token; many servers want the scope offline_access")
        return token

    def live_tokens(self) -> Exchanged:
        """A code and the exchange whose tokens nothing revoked and nothing refreshed; the same until forgotten."""
        if self._live is None:
            grant = self.fresh_grant()
            self._live = successful(Exchanged(grant, self.send(grant, TokenChange())))
        else:
            self._show(self._live.exchange)
        return self._live

    def forget_tokens(self) -> None:
        """The live tokens were used up, or may have been revoked."""
        self._live = None

    def _show(self, exchange: SentRequest) -> None:
        """Keep an exchange of an earlier check with the one that runs."""
        if exchange not in self._exchanges:
            self._exchanges.append(exchange)

    def _show_last(self, evidence: object) -> None:
        """A failure shows the last exchange: that which violates a duty, and not a control that was sent for it."""
        if isinstance(evidence, SentRequest) and evidence in self._exchanges:
            self._exchanges.remove(evidence)
            self._exchanges.append(evidence)

    def denied(self) -> AuthorizeOutcome:
        """Where the person's refusal led; asked once for all checks. Raises: :class:`NotRun` where nothing refuses."""
        if self._denied is None:
            try:
                self._denied = self.probe.authorize({}, deny=True)
            except NoWayToDeny as nothing:
                self._denied = nothing
            except ClosedByPerson as left:
                raise NotRun(left.message) from None
        if isinstance(self._denied, NoWayToDeny):
            raise NotRun(self._denied.message)
        return self._denied
