"""Checks of the authorization endpoint: what reaches a redirect URI, and what the pages on the way are like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from pytest_endpoint_docs.oauth.checks.check import Check, CheckRun, Violation
from pytest_endpoint_docs.oauth.checks.judging import NotRun, tolerance_of
from pytest_endpoint_docs.oauth.checks.outcomes import (
    answered,
    decided,
    describe_outcome,
    is_server_error,
    require_control,
)
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome
from pytest_endpoint_docs.oauth.grant import PageAnswer, named, new_verifier

# Every character that a wrong en- or decoding changes.
AWKWARD_STATE = "s t+a%te/&=x"
UNKNOWN_CLIENT = "no-such-client-4f1c"
FOREIGN_REDIRECT_URI = "https://attacker.example/callback"
_LOOPBACK = frozenset(["127.0.0.1", "localhost", "::1"])
_REPEATING_REDIRECTS = frozenset([307, 308])
_EVERYBODY = frozenset(["*", "http:", "https:"])
_PROTECTING_OPTIONS = frozenset(["deny", "sameorigin"])


def redirects_only_home(run: CheckRun, check: Check) -> Iterator[Violation]:
    """A1: nothing is sent to a redirect URI that is not the client's, or for a client that does not exist."""
    home = run.facts.redirect_uri
    require_control(run)
    attempts: tuple[tuple[str, str, Mapping[str, str]], ...] = (
        ("redirect", "a foreign redirect_uri", {"redirect_uri": FOREIGN_REDIRECT_URI}),
        ("redirect", "the redirect_uri with one more letter", {"redirect_uri": home + "x"}),
        ("redirect", "the redirect_uri with one more path segment", {"redirect_uri": home + "/more"}),
        ("redirect", "the redirect_uri with one more parameter", {"redirect_uri": _with_parameter(home)}),
        *(("redirect", what, {"redirect_uri": uri}) for what, uri in _near(home)),
        ("client", "an unknown client", {"client_id": UNKNOWN_CLIENT}),
    )
    for duty, what, changes in attempts:
        outcome = decided(run.probe.authorize(changes), what)
        if outcome.parameters is not None:
            yield check.violation(
                duty, f"no redirect for {what}", f"a redirect there with {named(outcome.parameters)}", outcome
            )


def response_type(run: CheckRun, check: Check) -> Iterator[Violation]:
    """A2: a request without response_type, and one with a made-up one."""
    require_control(run)
    for what, value in (("missing", None), ("made up", "made_up")):
        outcome = answered(run.probe.authorize({"response_type": value}))
        expected = f"an error for a {what} response_type, with the state, or an error page"
        if outcome.parameters is None:
            if is_server_error(outcome):
                actual = describe_outcome(outcome)
                yield check.violation("error", expected, actual, outcome)
            continue
        problem = None
        if "error" not in outcome.parameters:
            problem = describe_outcome(outcome)
        elif outcome.parameters.get("state") != outcome.sent.get("state"):
            problem = f"{outcome.parameters['error']} with {_state(outcome)}"
        if problem is not None:
            yield check.violation("error", expected, problem, outcome)


def state_unchanged(run: CheckRun, check: Check) -> Iterator[Violation]:
    """A4: a state of awkward characters."""
    require_control(run)
    outcome = answered(run.probe.authorize({"state": AWKWARD_STATE}))
    duty, expected = check.duties["state"], f"state {AWKWARD_STATE!r}"
    if outcome.parameters is None:
        yield Violation(duty=duty, expected=expected, actual="no redirect at all", evidence=outcome)
        return
    if outcome.grant is not None:
        run.keep_unused(outcome.grant)
    state = outcome.parameters.get("state")
    if state != AWKWARD_STATE:
        actual = "no state" if state is None else f"state {state!r}"
        yield Violation(duty=duty, expected=expected, actual=actual, evidence=outcome)


def denial(run: CheckRun, check: Check) -> Iterator[Violation]:
    """A5: the person refuses."""
    require_control(run)
    outcome = answered(run.denied())
    duty, expected = check.duties["error"], "access_denied with the state"
    if outcome.parameters is None:
        yield Violation(duty=duty, expected=expected, actual="no redirect at all", evidence=outcome)
        return
    error = outcome.parameters.get("error")
    tolerated = tolerance_of(error, check.tolerances)
    if tolerated is not None:
        run.note(tolerated.note)
    elif error != "access_denied":
        actual = f"error {error}" if error else describe_outcome(outcome)
        yield Violation(duty=duty, expected=expected, actual=actual, evidence=outcome)
        return
    if outcome.parameters.get("state") != outcome.sent.get("state"):
        yield Violation(duty=duty, expected=expected, actual=f"{error} with {_state(outcome)}", evidence=outcome)


def issuer(run: CheckRun, check: Check) -> Iterator[Violation]:
    """A6: the responses, with a code and with an error, name their issuer."""
    expected = f"iss {run.facts.issuer}"
    grant = run.any_grant()
    asked = {"client_id": grant.client_id, "redirect_uri": grant.redirect_uri}
    granted = AuthorizeOutcome(sent=asked, parameters=grant.parameters)
    answers = [("the response with a code", grant.parameters, granted)]
    try:
        outcome = run.denied()
    except NotRun as reason:
        run.note(f"only the response with a code was looked at: {reason}")
    else:
        if outcome.parameters is not None:
            answers.append(("the error response", outcome.parameters, outcome))
    for what, parameters, evidence in answers:
        if parameters.get("iss") != run.facts.issuer:
            found = f"iss {parameters['iss']}" if "iss" in parameters else "no iss"
            yield check.violation("iss", f"{expected} in {what}", found, evidence)


def issuer_announced(run: CheckRun, check: Check) -> Iterator[Violation]:
    """A9: where responses have iss, a client can rely on it, and so tell this server from another one."""
    grant, metadata = run.any_grant(), run.facts.metadata
    iss = grant.parameters.get("iss")
    if iss is None:
        raise NotRun(
            "the response has no iss; a client of several servers needs a redirect_uri for each of them "
            "(RFC 9700 section 4.4.2.2)"
        )
    asked = {"client_id": grant.client_id, "redirect_uri": grant.redirect_uri}
    evidence = AuthorizeOutcome(sent=asked, parameters=grant.parameters)
    if not _is_issuer(iss):
        expected = "iss, an https URL without query and fragment"
        yield check.violation("url", expected, f"iss {iss}", evidence)
    if not metadata.found_at:
        run.note("the server publishes no metadata that could announce iss")
    elif not metadata.announces_iss:
        yield check.violation(
            "announced",
            "authorization_response_iss_parameter_supported: true in the metadata",
            f"iss in the response, and nothing of it at {metadata.found_at}",
            evidence,
        )
        if metadata.issuer != iss:
            yield check.violation("same", f"iss {metadata.issuer}", f"iss {iss}", evidence)


def plain_challenge(run: CheckRun, check: Check) -> Iterator[Violation]:
    """P3: a challenge that is the verifier itself."""
    require_control(run)
    verifier = new_verifier()
    outcome = decided(run.probe.authorize({"code_challenge": verifier, "code_challenge_method": "plain"}))
    if outcome.parameters is not None and "code" in outcome.parameters:
        yield check.violation("refused", "invalid_request, or an error page", describe_outcome(outcome), outcome)


def framing(run: CheckRun, check: Check) -> Iterator[Violation]:
    """A7: pages of the authorization server inside somebody's frame."""
    shown = [page for page in run.pages() if _is_shown(page)]
    if not shown:
        raise NotRun("no page was shown on the way to the code: the session and the consent are remembered")
    for page in {page.url.split("?")[0]: page for page in shown}.values():
        if not _refuses_frames(page):
            yield check.violation(
                "frames",
                "X-Frame-Options: DENY or SAMEORIGIN, or Content-Security-Policy: frame-ancestors",
                f"neither on {page.url.split('?')[0]}",
                page,
                pointer="X-Frame-Options",
            )


def credentials_not_repeated(run: CheckRun, check: Check) -> Iterator[Violation]:
    """A8: the answer to a form that was posted on the way."""
    posted = [page for page in run.pages() if page.method == "POST"]
    if not posted:
        raise NotRun("no form was posted on the way to the code: all is remembered, or sent by scripts of the pages")
    for page in posted:
        if page.status_code in _REPEATING_REDIRECTS:
            yield check.violation(
                "redirect",
                "303 or 302 after a form was posted",
                f"{page.status_code}, which posts the form again",
                page,
            )


def _with_parameter(uri: str) -> str:
    return f"{uri}{'&' if '?' in uri else '?'}added=1"


def _near(uri: str) -> Iterator[tuple[str, str]]:
    """URIs that pass for ``uri`` if it is taken for a pattern, or compared in part; none for private schemes."""
    parts = urlsplit(uri)
    other = {"http": "https", "https": "http"}.get(parts.scheme)
    if other is None or not parts.hostname:
        return
    yield "the redirect_uri with another scheme", parts._replace(scheme=other).geturl()
    if parts.hostname in _LOOPBACK or "." not in parts.hostname:
        return
    yield "the redirect_uri with another host that ends alike", parts._replace(netloc=f"x{parts.netloc}").geturl()
    dotless = parts.netloc.replace(".", "x", 1)
    yield "the redirect_uri with a letter in place of a dot", parts._replace(netloc=dotless).geturl()


def _is_issuer(iss: str) -> bool:
    """Whether it is an https URL (http on this machine) without query and fragment (RFC 9207 section 2)."""
    try:
        parts = urlsplit(iss)
    except ValueError:
        return False
    return (parts.scheme == "https" or parts.hostname in _LOOPBACK) and not parts.query and not parts.fragment


def _is_shown(page: PageAnswer) -> bool:
    return page.redirects_to is None and "html" in page.headers.get("content-type", "text/html")


def _refuses_frames(page: PageAnswer) -> bool:
    policies = _frame_ancestors(page)
    if policies:
        # Browsers ignore X-Frame-Options then (CSP Level 3 section 6.4.2.2); "*" and a scheme alone keep nobody out.
        return any(not sources & _EVERYBODY for sources in policies)
    options = page.headers.get("x-frame-options", "").split(",")
    return any(option.strip().lower() in _PROTECTING_OPTIONS for option in options)


def _frame_ancestors(page: PageAnswer) -> list[set[str]]:
    """The sources of each policy about frames; the first one counts in a policy (CSP Level 3 section 4.2.1)."""
    found = []
    for policy in page.headers.get("content-security-policy", "").lower().split(","):
        directives = (directive.split() for directive in policy.split(";"))
        sources = next((words[1:] for words in directives if words[:1] == ["frame-ancestors"]), None)
        if sources is not None:
            found.append(set(sources))
    return found


def _state(outcome: AuthorizeOutcome) -> str:
    return "another state" if outcome.parameters and "state" in outcome.parameters else "no state"
