"""One running platform: what every view needs, kept with the Flask app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from pytest_endpoint_docs.sandbox.oauth_records import Grants
    from pytest_endpoint_docs.sandbox.oauth_rules import Rules
    from pytest_endpoint_docs.sandbox.oauth_server import SandboxAuthorizationServer
    from pytest_endpoint_docs.sandbox.settings import SandboxSettings
    from pytest_endpoint_docs.sandbox.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Settings, data and authorization server of one app."""

    settings: SandboxSettings
    store: Store
    grants: Grants
    rules: Rules
    server: SandboxAuthorizationServer


def platform() -> Platform:
    """The platform that answers the request at hand."""
    return cast("Platform", current_app.extensions["sandbox"])
