"""The OAuth clients of a run: the environment's, the one that a doc creates, the project's, and a second one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import ConfigError, EndpointDocsError
from pytest_endpoint_docs.execution.case_execution import CaseExecution
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.manual.manual_mode import sends_code, with_manual_mode
from pytest_endpoint_docs.model.environment import OAuthClient
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.words import first_line

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.execution.kept_answers import KeptAnswers
    from pytest_endpoint_docs.execution.protocols import CaseClient, Hooks
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.exchange import Exchange, Request
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.options import ManualMode

# A field of an app's request whose name ends so names the app.
_NAMES = ("name", "title", "slug")


def client_of(doc: EndpointDoc, context: RunContext, mode: ManualMode) -> CaseClient:
    """The OAuth client that a doc speaks of."""
    return CaseExecution(with_manual_mode(cases_of(doc)[0], mode), context).client()


def project_client(docs: Iterable[EndpointDoc], context: RunContext, mode: ManualMode) -> CaseClient:
    """The OAuth client that the project's doc of the token endpoint creates.

    Raises: ``ConfigError`` where there is no such doc.
    """
    for doc in docs:
        body = doc.body
        if sends_code(body) and any(row.field == "client_id" for row in body.resolutions):
            return client_of(doc, context, mode)
    raise ConfigError(
        f"environment {context.environment.name}: its oauth block has no client_id, "
        "and no doc of the token endpoint says how to create an app"
    )


class NoSecondClient(Exception):
    """There is no second client; the message says why."""


def second_client(doc: EndpointDoc, context: RunContext, mode: ManualMode, *, first_id: str) -> OAuthClient:
    """A client beside the first, for the check that one cannot exchange what the other was issued.

    The environment names it (``second_client``), or it is created as the doc's UID resolution says, under another name,
    and kept between runs like the first.

    Raises: ``NoSecondClient`` where the environment names one client only, or no other app can be created.
    """
    settings = context.environment.oauth
    named = settings.second_client if settings else None
    if named is not None:
        return named
    if settings is None or settings.client_id:
        raise NoSecondClient("the environment names its client, and no second one (oauth.second_client)")
    hooks = _RenamingHooks(context.hooks, secrets.token_hex(3))
    kept = _KeptApart(context.kept) if context.kept else None
    client = client_of(doc, replace(context, hooks=hooks, kept=kept), mode)
    try:
        client_id, client_secret = client.client_id(), client.client_secret()
    except EndpointDocsError as error:
        raise NoSecondClient(f"no second client could be created: {first_line(error)}") from error
    if not client_id or not client_secret or client_id == first_id:
        raise NoSecondClient("UID Resolution of the doc gives the same client again")
    return OAuthClient(client_id=client_id, client_secret=Secret("SECOND_CLIENT_SECRET", client_secret))


class _RenamingHooks:
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


class _KeptApart:
    """Answers kept apart from those of the first client."""

    def __init__(self, kept: KeptAnswers) -> None:
        self._kept = kept

    def answer(self, key: str, create: Callable[[], JSONValue]) -> JSONValue:
        return self._kept.answer(f"{key} (second client)", create)
