"""Where a walk through an authorization server's pages begins, and what ends it."""

from __future__ import annotations

from dataclasses import field
from typing import Protocol

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest


class Arrival(Protocol):
    """Tells whether a person's decision has arrived where no redirect brings it: at a device that waits for it."""

    @property
    def waiting(self) -> str:
        """What the device is told meanwhile, for messages."""
        ...

    def ask_if_due(self) -> bool:
        """Ask, where it is time for that again; whether the device need not ask any more."""
        ...

    def ask(self, *, within_s: float) -> bool:
        """Wait until it is time, ask, and tell the same; without asking where it is not time within so many seconds."""
        ...


@value_class
class Journey:
    """A walk from ``url`` to a redirect to ``redirect_uri``, which carries ``state``; or until ``arrival`` says so."""

    url: str = field(repr=False)
    redirect_uri: str | None = None
    state: str | None = field(default=None, repr=False)
    arrival: Arrival | None = None

    @property
    def can_repeat(self) -> bool:
        """Whether ``url`` can be opened once more: a pushed request (RFC 9126 section 4) is good for one time."""
        return self.redirect_uri is not None and "request_uri=" not in self.url

    @property
    def unreached(self) -> str:
        """That it did not end as it should, for messages."""
        return "no redirect" if self.arrival is None else "the device was not let in"

    @property
    def abandoned(self) -> str:
        """That a person did not lead it to its end."""
        return "nobody reached the redirect" if self.arrival is None else "nobody let the device in"

    @property
    def end(self) -> str:
        """What was to come, as a clause."""
        return "there was a redirect" if self.arrival is None else "the device was let in"


def to_redirect(request: AuthorizationRequest) -> Journey:
    """The walk of an authorization request."""
    return Journey(url=request.url, redirect_uri=request.redirect_uri, state=request.state)
