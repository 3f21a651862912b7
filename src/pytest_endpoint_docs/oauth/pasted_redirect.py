"""The redirect of a consent that a person goes through in another browser: its URL is shown, the answer is pasted."""

from __future__ import annotations

from collections.abc import Callable

from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.oauth.browser.decisions import Goal
from pytest_endpoint_docs.oauth.browser.masking import mask_url
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, LeftByPerson
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest, Redirect, read_redirect
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.rendering import joined, public

_SKIP = frozenset(["skip", "s"])
_QUIT = frozenset(["quit", "q", "exit"])
WAY_OUT = "skip: leave this item out    quit: no more consents in this run"
NOBODY_TO_ASK = "there is neither a terminal to ask a person nor a display for a browser"
_PROMPT = "The whole URL, which is not shown here: "


def ask_for_redirect(
    request: AuthorizationRequest, goal: Goal, ask: Callable[[SafeText], str], redactor: Redactor, *, errand: str
) -> Redirect:
    """Show the authorization URL, and ask until the redirect of this very request is pasted.

    ``errand`` says what the consent is for, and how to go through it. ``ask`` shows a text whose last line is the
    prompt, and returns the line that was typed.

    Raises: :class:`ClosedByPerson` for ``skip``, or where there is no terminal; :class:`LeftByPerson` for ``quit``.
    """
    question = joined(
        redactor.text(f"{errand}\n\n  "),
        for_the_person(request.url),
        redactor.text(
            f"\n\nThe browser is then sent to {request.redirect_uri}, which may show an error page.\n"
            f"Paste the whole URL from its address bar.\n{WAY_OUT}\n{_PROMPT}"
        ),
    )
    while True:
        answer = _line(ask, question)
        leave_if_asked(answer)
        redirect = read_redirect(answer, request.redirect_uri) if answer else None
        problem = _not_the_redirect(answer, request) if redirect is None else slip_in(redirect, request, goal)
        if redirect is not None and not problem:
            return redirect
        question = redactor.text(f"{problem}\n{WAY_OUT}\n{_PROMPT}")


def for_the_person(text: str) -> SafeText:
    """What a person opens or types as it is, a state or a user code in it: for their prompt, and for nothing else."""
    return public(text)


def leave_if_asked(answer: str) -> None:
    """Raises: :class:`ClosedByPerson` for ``skip``, :class:`LeftByPerson` for ``quit``."""
    word = answer.strip().lower()
    if word in _SKIP:
        raise ClosedByPerson("the tester skipped the consent")
    if word in _QUIT:
        raise LeftByPerson("the tester wanted no more consents in this run")


def slip_in(redirect: Redirect, request: AuthorizationRequest, goal: Goal) -> str:
    """Why this redirect says nothing of the server, but of the person who led to it; empty where it is an answer."""
    parameters = redirect.parameters
    state = parameters.get("state")
    if state is None and request.state is not None:
        return (
            "That URL has no state: it is not the whole one, or the server left the state out "
            "(--endpoint-manual automated tests that, as A4)."
        )
    if state != request.state:
        return (
            "The state of that URL is another one: it comes from an earlier consent, or from another tab. "
            "Open the URL above, and paste where that one leads."
        )
    if "error" not in parameters and not parameters.get("code"):
        return "That URL has neither a code nor an error: it is not the whole one."
    slip = refusal_slip(redirect, goal)
    return (
        f"{slip[:1].upper()}{slip[1:]}: open the URL once more, and {'refuse' if goal is Goal.DENY else 'allow'}."
        if slip
        else ""
    )


def refusal_slip(redirect: Redirect, goal: Goal) -> str:
    """Why the person did on the consent page what they were not asked to do; empty where they did it."""
    denied = redirect.parameters.get("error") == "access_denied"
    if goal is Goal.GRANT and denied:
        return "the consent was refused (access_denied), but it should be given"
    if goal is Goal.DENY and "code" in redirect.parameters:
        return "the consent was given, but it should be refused"
    return ""


def _line(ask: Callable[[SafeText], str], question: SafeText) -> str:
    try:
        return ask(question).strip().strip("<>\"'")
    except (EOFError, OSError):
        raise ClosedByPerson(NOBODY_TO_ASK) from None


def _not_the_redirect(answer: str, request: AuthorizationRequest) -> str:
    if not answer:
        return "Nothing was pasted."
    if "://" not in answer:
        # Not shown: it may be the code alone.
        return f"That is not a URL. The redirect begins with {request.redirect_uri}."
    return (
        f"That is not the redirect: it is {mask_url(answer)}, and must be {request.redirect_uri} "
        "followed by ?code=...&state=... (compared exactly, RFC 9700 section 2.1)."
    )
