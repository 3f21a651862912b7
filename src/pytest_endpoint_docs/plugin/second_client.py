"""A second OAuth client, for the check that one client cannot exchange what another was issued."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import EndpointDocsError
from pytest_endpoint_docs.execution.case_execution import CaseExecution
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.manual.manual_mode import with_manual_mode
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.checks.token_request import ClientCredentials

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.kept_answers import KeptAnswers
    from pytest_endpoint_docs.execution.protocols import Hooks
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.exchange import Exchange, Request
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.session import EndpointSession

_NAMES = ("name", "title", "slug")


class NoSecondClient(Exception):
    """There is no second client; the message says why."""


def second_client(session: EndpointSession, doc: EndpointDoc, first_id: str) -> ClientCredentials:
    """Create an app as the doc's UID resolution does, under other names; kept between runs like the first.

    Raises: ``NoSecondClient`` where the environment names its client, or no other app can be created.
    """
    if session.target.environment.oauth is None or session.target.environment.oauth.client_id:
        raise NoSecondClient("the environment names its client, and no second one")
    context = session.context({})
    context = replace(
        context,
        hooks=_OtherNames(context.hooks, secrets.token_hex(3)),
        kept=_Second(context.kept) if context.kept else None,
    )
    client = CaseExecution(with_manual_mode(cases_of(doc)[0], session.options.manual), context).client()
    try:
        client_id, client_secret = client.client_id(), client.client_secret()
    except EndpointDocsError as error:
        raise NoSecondClient(f"no second client could be created: {str(error).partition(chr(10))[0]}") from error
    if not client_id or not client_secret or client_id == first_id:
        raise NoSecondClient("UID Resolution of the doc gives the same client again")
    return ClientCredentials(client_id=client_id, client_secret=Secret("SECOND_CLIENT_SECRET", client_secret))


class _OtherNames:
    """The project's hooks; and what names the new app is changed, because servers refuse a name that is taken."""

    def __init__(self, hooks: Hooks, suffix: str) -> None:
        self._hooks = hooks
        self._suffix = suffix

    def before_request(self, case: ContractCase, request: Request) -> Request:
        request = self._hooks.before_request(case, request)
        if not isinstance(request.body, dict):
            return request
        return replace(request, body={key: self._renamed(key, value) for key, value in request.body.items()})

    def after_response(self, case: ContractCase, exchange: Exchange) -> None:
        self._hooks.after_response(case, exchange)

    def _renamed(self, key: str, value: JSONValue) -> JSONValue:
        if isinstance(value, str) and value and key.lower().endswith(_NAMES):
            return f"{value} {self._suffix}" if " " in value else value + self._suffix
        if isinstance(value, dict):
            return {inner: self._renamed(inner, item) for inner, item in value.items()}
        return value


class _Second:
    """Answers kept apart from those of the first client."""

    def __init__(self, kept: KeptAnswers) -> None:
        self._kept = kept

    def answer(self, key: str, create: Callable[[], JSONValue]) -> JSONValue:
        return self._kept.answer(f"{key} (second client)", create)
