"""The redirect of a consent that a person goes through in another browser: its URL is shown, the answer is pasted."""

from __future__ import annotations

from collections.abc import Callable

from pytest_endpoint_docs.oauth.browser.masking import mask_url
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, RedirectMalformed
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest, Redirect, read_redirect


def ask_for_redirect(request: AuthorizationRequest, ask: Callable[[str], str]) -> Redirect:
    """Show the authorization URL, take the URL that the browser was sent to; a wrong one is asked for once more.

    Raises: :class:`RedirectMalformed` for another URL, :class:`ClosedByPerson` for an empty answer or no terminal.
    """
    question = (
        "Open this URL in any browser, log in and consent:\n\n"
        f"  {request.url}\n\n"
        f"The browser is then sent to {request.redirect_uri}, which may show an error page. "
        "Paste the whole URL from its address bar here: "
    )
    try:
        return _pasted(request, ask, question)
    except RedirectMalformed as wrong:
        question = f"{wrong}\nPaste it once more: "
    try:
        return _pasted(request, ask, question)
    except RedirectMalformed as wrong:
        raise ClosedByPerson(f"no redirect URL was pasted: {wrong}") from None


def _pasted(request: AuthorizationRequest, ask: Callable[[str], str], question: str) -> Redirect:
    try:
        answer = ask(question).strip().strip("<>\"'")
    except (EOFError, OSError):
        raise ClosedByPerson(
            "no redirect URL was pasted: there is no terminal to ask on, and no display for a browser"
        ) from None
    if not answer:
        raise ClosedByPerson("no redirect URL was pasted")
    redirect = read_redirect(answer, request.redirect_uri)
    if redirect is None:
        raise RedirectMalformed(
            f"the pasted URL is not the redirect: it is {mask_url(answer)}, and must be {request.redirect_uri} "
            "followed by ?code=...&state=... (compared exactly, RFC 9700 section 2.1)"
        )
    return redirect
