"""Markdown docs of API endpoints as contract tests: a pytest plugin.

What a project's own tests, fixtures and hooks are given is importable from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pytest_endpoint_docs import errors

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import Answer, HttpClient
    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.exchange import Exchange, Request, Response, SentRequest
    from pytest_endpoint_docs.model.secret import Secret
    from pytest_endpoint_docs.model.source import JSONValue, Mismatch
    from pytest_endpoint_docs.oauth.grant import AuthorizationError, AuthorizationGrant
    from pytest_endpoint_docs.plugin.endpoint_case import EndpointCase
    from pytest_endpoint_docs.plugin.oauth_consent import OAuthConsent

__all__ = [
    "Answer",
    "AuthorizationError",
    "AuthorizationGrant",
    "CaseResult",
    "ContractCase",
    "EndpointCase",
    "EndpointDoc",
    "Environment",
    "Exchange",
    "HttpClient",
    "JSONValue",
    "Mismatch",
    "OAuthConsent",
    "Request",
    "Response",
    "Secret",
    "SentRequest",
    "errors",
]
__version__ = "0.1.0"

# pytest imports this package at every start, also for projects without a doc: a name is imported when it is asked for.
_HOMES = {
    "Answer": "http.client",
    "AuthorizationError": "oauth.grant",
    "AuthorizationGrant": "oauth.grant",
    "CaseResult": "model.case",
    "ContractCase": "model.case",
    "EndpointCase": "plugin.endpoint_case",
    "EndpointDoc": "model.doc",
    "Environment": "model.environment",
    "Exchange": "model.exchange",
    "HttpClient": "http.client",
    "JSONValue": "model.source",
    "Mismatch": "model.source",
    "OAuthConsent": "plugin.oauth_consent",
    "Request": "model.exchange",
    "Response": "model.exchange",
    "Secret": "model.secret",
    "SentRequest": "model.exchange",
}

# Not for type checkers: to them, a module with this function has every name.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

    def __dir__():
        return sorted({*globals(), *__all__})
