"""Catching the redirect that carries the code, before it goes anywhere.

The browser is started so that the redirect URI's host cannot be resolved (:func:`resolver_rules`), and every request
and every ``Location`` is compared with the redirect URI. No route is installed: routes do not see server redirects.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from pytest_endpoint_docs.oauth.browser.masking import mask_url
from pytest_endpoint_docs.oauth.grant import PageAnswer, Redirect, matches_redirect_uri, read_redirect

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page, Request, Response

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_ANSWER_S = 60.0
# Chromium's name for an answer with an error status and no content.
_EMPTY_ERROR_ANSWER = "net::ERR_HTTP_RESPONSE_CODE_FAILURE"
_UNSHOWN_HEADERS = frozenset(["location", "set-cookie", "cookie", "refresh"])


def resolver_rules(redirect_uri: str) -> frozenset[str]:
    """The ``--host-resolver-rules`` that keep a browser from reaching this redirect URI; empty for private schemes.

    Host and port, because the authorization server may listen at another port of the same host.
    """
    parts = urlsplit(redirect_uri)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    if not parts.hostname or port is None or parts.scheme not in _DEFAULT_PORTS:
        return frozenset()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return frozenset([f"MAP {host}:{port} ~NOTFOUND"])


def same_server(first: str, second: str) -> bool:
    """Whether two URLs are served by the same host and port, so that the one cannot be made unreachable alone."""
    one, other = urlsplit(first), urlsplit(second)
    return (one.hostname, one.port or _DEFAULT_PORTS.get(one.scheme)) == (
        other.hostname,
        other.port or _DEFAULT_PORTS.get(other.scheme),
    )


class RedirectCapture:
    """Watches one browser context. :attr:`done` is set by the first redirect, a crash, or the last window's closing.

    :attr:`pages` are the answers on the way, :attr:`not_loaded` the last page that could not be loaded, and why;
    :attr:`answered_empty`: the server did answer there, with an error status and without a page. :attr:`started`
    counts the requests.
    Without a redirect URI there is no redirect to come: :meth:`arrive` ends the walk instead.
    With ``only_state`` a redirect that carries another state is not taken, and counted in :attr:`strays`: a person may
    have an earlier request open in another tab.
    """

    def __init__(self, redirect_uri: str | None, *, only_state: str | None = None) -> None:
        self.redirect_uri = redirect_uri
        self.strays = 0
        self.started = 0
        self._only_state = only_state
        self.done = asyncio.Event()
        self.redirect: Redirect | None = None
        self.arrived = False
        self.ended: str | None = None
        self.pages: list[PageAnswer] = []
        self.not_loaded = ""
        self.answered_empty = False
        self._in_flight: dict[Request, float] = {}
        self._sessions: list[CDPSession] = []

    @property
    def is_reached(self) -> bool:
        """Whether the walk has led to its end."""
        return self.arrived or self.redirect is not None

    @property
    def status(self) -> int:
        """The status code of the last page; 200 before the first."""
        return self.pages[-1].status_code if self.pages else 200

    def arrive(self) -> None:
        """The person's decision has arrived without a redirect."""
        self.arrived = True
        self.done.set()

    def watch(self, context: BrowserContext) -> None:
        """Look at everything that this context sends and receives from now on."""
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("requestfinished", self._on_end)
        context.on("requestfailed", self._on_failure)
        context.on("page", self._on_page)
        for page in context.pages:
            self._on_page(page)

    def unwatch(self, context: BrowserContext) -> None:
        """Stop looking; what closes from now on is nobody's business."""
        context.remove_listener("request", self._on_request)
        context.remove_listener("response", self._on_response)
        context.remove_listener("requestfinished", self._on_end)
        context.remove_listener("requestfailed", self._on_failure)
        context.remove_listener("page", self._on_page)
        for page in context.pages:
            page.remove_listener("crash", self._on_crash)
            page.remove_listener("close", self._on_close)

    async def refuse_in(self, page: Page, redirect_uri: str) -> None:
        """Refuse requests to a redirect URI that is on the authorization server itself, from inside the page."""
        session = await page.context.new_cdp_session(page)
        self._sessions.append(session)

        def refuse(event: dict[str, Any]) -> None:
            matched = matches_redirect_uri(event["request"]["url"], redirect_uri)
            if matched:
                self._take(event["request"]["url"], event["request"].get("postData"))
                answer = session.send(
                    "Fetch.failRequest", {"requestId": event["requestId"], "errorReason": "BlockedByClient"}
                )
            else:
                answer = session.send("Fetch.continueRequest", {"requestId": event["requestId"]})
            task = asyncio.ensure_future(answer)
            # The page may be gone by then; the request is gone with it.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

        session.on("Fetch.requestPaused", refuse)
        await session.send("Fetch.enable", {"patterns": [{"urlPattern": redirect_uri.split("?")[0] + "*"}]})

    def busy(self, *, polls_after_s: float) -> bool:
        """Whether a navigation or a young request is unanswered; a GET older than ``polls_after_s`` counts as a poll.

        Other requests are waited for longer: many servers delay the answer to a failed login on purpose.
        """
        now = asyncio.get_running_loop().time()
        return any(
            request.is_navigation_request()
            or now - started < (polls_after_s if request.method == "GET" else _LONGEST_ANSWER_S)
            for request, started in self._in_flight.items()
        )

    def _take(self, url: str, form: str | None) -> None:
        found = read_redirect(url, self.redirect_uri, form=form) if self.redirect_uri else None
        if self.redirect is not None or found is None:
            return
        if self._only_state is not None and found.parameters.get("state", self._only_state) != self._only_state:
            self.strays += 1
            return
        self.redirect = found
        self.done.set()

    def _on_request(self, request: Request) -> None:
        self.started += 1
        self._in_flight[request] = asyncio.get_running_loop().time()
        if self.redirect_uri and matches_redirect_uri(request.url, self.redirect_uri):
            body = request.post_data_buffer if request.method == "POST" else None
            self._take(request.url, body.decode("utf-8", errors="replace") if body else None)

    def _on_response(self, response: Response) -> None:
        location = response.headers.get("location")
        request = response.request
        if request.resource_type == "document":
            self.pages.append(
                PageAnswer(
                    method=request.method,
                    url=mask_url(response.url),
                    status_code=response.status,
                    headers={name: value for name, value in response.headers.items() if name not in _UNSHOWN_HEADERS},
                    redirects_to=mask_url(urljoin(response.url, location)) if location else None,
                )
            )
        if location and 300 <= response.status < 400:
            target = urljoin(response.url, location)
            # 307 and 308 repeat the POST: its body is the consent form's, not the redirect's.
            self._take(target, None)

    def _on_end(self, request: Request) -> None:
        self._in_flight.pop(request, None)

    def _on_failure(self, request: Request) -> None:
        self._on_end(request)
        if request.is_navigation_request():
            self.not_loaded = f"{request.method} {mask_url(request.url)}: {request.failure}"
            self.answered_empty = request.failure == _EMPTY_ERROR_ANSWER

    def _on_page(self, page: Page) -> None:
        page.on("crash", self._on_crash)
        page.on("close", self._on_close)

    def _on_crash(self, _page: Page) -> None:
        self._end("crashed")

    def _on_close(self, page: Page) -> None:
        if not [other for other in page.context.pages if other is not page]:
            self._end("closed")

    def _end(self, how: str) -> None:
        if self.ended is None:
            self.ended = how
            self.done.set()
