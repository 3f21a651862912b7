"""Ways in which pushed authorization requests are handled wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_endpoint_docs.sandbox.flaws.base import Flaw, without
from pytest_endpoint_docs.sandbox.oauth_records import PushedRequest


class PushWithoutLifetime(Flaw):
    """The answer to a pushed request does not say how long it is kept."""

    flaw, checks = "push-without-lifetime", ("U1",)

    def push_answer(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return without(super().push_answer(answer), "expires_in")


class RequestUriReusable(Flaw):
    """A request_uri leads to one code after the other."""

    flaw, checks = "request-uri-reusable", ("U2",)

    forgets_pushed = False


class PushUnauthenticated(Flaw):
    """Whoever knows a client_id may push."""

    flaw, checks = "push-unauthenticated", ("U3",)

    def authenticates(self, purpose: str) -> bool:
        return super().authenticates(purpose) and purpose != "par"


class NestedRequestUri(Flaw):
    """A pushed request may hold a request_uri, which is ignored."""

    flaw, checks = "nested-request-uri", ("U4",)

    def nested_request_uri(self, given: str | None) -> None:
        pass


class OtherClientsRequestUri(Flaw):
    """A request_uri works for every client."""

    flaw, checks = "other-clients-request-uri", ("U5",)

    def may_open(self, pushed: PushedRequest, client_id: str | None) -> bool:
        return True
