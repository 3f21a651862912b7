"""``endpoint-docs consent``: try a consent by itself, step by step."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.cli.arguments import Subparsers, add_environment
from pytest_endpoint_docs.cli.output import say
from pytest_endpoint_docs.errors import ConfigError, ConsentError, MissingSandbox, MissingToken
from pytest_endpoint_docs.model.environment import starts_sandbox
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.redaction.redactor import Redactor

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.environment import Environment, OAuthSettings
    from pytest_endpoint_docs.oauth.consent_options import ConsentEvent, ConsentOptions
    from pytest_endpoint_docs.oauth.consent_session import ConsentSession
    from pytest_endpoint_docs.oauth.device_grant import DeviceGrants
    from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests
    from pytest_endpoint_docs.sandbox.running import Sandbox


def try_consent(
    session: ConsentSession,
    announce: Callable[[str], None],
    *,
    user: str | None = None,
    token_requests: TokenRequests | None = None,
    devices: DeviceGrants | None = None,
) -> bool:
    """Obtain a code and, with ``token_requests``, exchange it; announce every step in a line, ready to be masked.

    With ``devices`` the user lets a device in, which obtains a token.

    Returns whether all of it worked; the last lines say why it did not.

    Raises: :class:`ConfigError` where the ``oauth`` block lacks something.
    """
    from pytest_endpoint_docs.oauth.consent_errors import PageFailure

    def tell(event: ConsentEvent) -> None:
        announce(f"{event.at_s:7.2f} s  {event.text}")

    before, session.on_event = session.on_event, tell
    try:
        if devices is not None:
            devices.token(user=user)
            return True
        grant = session.authorize(user=user)
        announce(f"code received for client {grant.client_id}, scope {grant.scope or '(none asked for)'}")
        if token_requests is not None:
            token_requests.exchange(grant)
    except ConsentError as error:
        announce(str(error))
        if isinstance(error, PageFailure) and error.screenshot is not None:
            announce(f"screenshot: {error.screenshot}")
        return False
    finally:
        session.on_event = before
    return True


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("consent", help="try a login and a consent without any docs", description=__doc__)
    add_environment(parser, "the environment with the oauth block", required=True)
    parser.add_argument("--user", help="which of its users logs in (default: default)")
    parser.add_argument(
        "--client-id", help="the client, if the oauth block names none (default: the one that a run created and kept)"
    )
    parser.add_argument("--headed", action="store_true", help="show the browser")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write what you do in the browser as a recipe")
    parser.add_argument("--fresh-login", action="store_true", help="ignore the saved session")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Print a line per step. Returns 1 where no code or token came. Raises: ``ConfigError``."""
    from pytest_endpoint_docs.cli.inputs import online_environment
    from pytest_endpoint_docs.files import prepare_project_folder
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.oauth.browser.launch import has_display
    from pytest_endpoint_docs.oauth.consent_errors import no_oauth_block
    from pytest_endpoint_docs.oauth.consent_options import ConsentContext
    from pytest_endpoint_docs.oauth.consent_session import consent_parts
    from pytest_endpoint_docs.oauth.token_endpoint import credential_of

    if arguments.record and not has_display(os.environ):
        raise ConfigError(
            "--record FILE writes down what you do in a browser window, and this machine has no display "
            "($DISPLAY is not set)"
        )
    with ExitStack() as stack:
        sandbox = _started_sandbox(arguments.env, stack)
        if sandbox and arguments.client_id:
            raise ConfigError("--client-id: a sandbox that is started here has no client yet; leave the option out")
        environment = online_environment(arguments.env, sandbox.environ() if sandbox else None)
        redactor.know(environment)
        if environment.oauth is None:
            raise no_oauth_block(environment.name)
        http = HttpClient(environment)
        stack.callback(http.close)
        if sandbox:
            # What is kept about a platform that is gone afterwards must not be found by the next run.
            storage = Path(stack.enter_context(TemporaryDirectory(prefix="endpoint-docs-")))
            settings = _with_app_of_sandbox(environment.oauth, environment, http)
        else:
            storage = prepare_project_folder(Path.cwd())
            settings = _with_client(environment.oauth, environment.name, storage, arguments.client_id)
        if settings.client_secret:
            redactor.add(settings.client_secret)
        context = ConsentContext(
            environment=environment.name,
            storage=storage,
            redactor=redactor,
            environ=os.environ,
            options=_options_of(arguments),
        )
        parts = consent_parts(settings, http, context, stack)
        can_exchange = settings.token_auth == "none" or credential_of(settings) is not None
        worked = try_consent(
            parts.session,
            lambda line: say(redactor.text(f"{line}\n")),
            user=arguments.user,
            token_requests=parts.token_requests if can_exchange else None,
            devices=parts.devices if settings.grant == "device_code" else None,
        )
    return 0 if worked else 1


def _options_of(arguments: argparse.Namespace) -> ConsentOptions:
    import time

    from pytest_endpoint_docs.oauth.consent_options import ConsentOptions

    return ConsentOptions(
        mode="attended" if arguments.record else "automated",
        headed=arguments.headed or arguments.record is not None,
        record=arguments.record,
        not_before=time.time() if arguments.fresh_login else None,
    )


def _started_sandbox(name: str, stack: ExitStack) -> Sandbox | None:
    """The embedded platform, where that is the environment and nobody runs one already.

    Raises: ``ConfigError`` with what to install.
    """
    if not starts_sandbox(name, os.environ):
        return None
    try:
        from pytest_endpoint_docs.sandbox.running import Sandbox
    except ImportError as error:
        raise MissingSandbox(error) from error
    return stack.enter_context(Sandbox.start())


def _with_app_of_sandbox(settings: OAuthSettings, environment: Environment, http: HttpClient) -> OAuthSettings:
    """The settings with an app that is created in the embedded platform, which starts without any.

    Raises: ``ConfigError`` where the environment's file is not that of the embedded platform.
    """
    from pytest_endpoint_docs.environment.authorization import authorization, server_for
    from pytest_endpoint_docs.http.wire import wire_request
    from pytest_endpoint_docs.model.exchange import Request

    path = "/platform/v1/apps"
    server = server_for(environment, path)
    try:
        credentials = authorization(environment, "directory", server)
    except MissingToken as error:
        raise ConfigError(f"an app of the sandbox is created with a directory token: {error.message}") from None
    assert credentials is not None
    response = http.exchange(
        wire_request(
            Request(
                method="POST",
                url=f"{server.base_url}{path}",
                headers={"Authorization": credentials},
                body={
                    "name": "A consent that is tried",
                    "app_code_name": "endpoint-docs-consent",
                    "redirect_uri": settings.redirect_uri,
                    "scopes": [*(settings.scope or "").split()],
                },
                has_body=True,
                content_type="json",
            )
        )
    )
    if not response.is_success:
        raise ConfigError(f"environment {environment.name}: the sandbox refused to create an app: {response.status}")
    app: Any = response.json()["data"]
    return replace(
        settings, client_id=app["client_id"], client_secret=Secret("APP_CLIENT_SECRET", app["client_secret"])
    )


def _with_client(settings: OAuthSettings, environment: str, storage: Path, client_id: str | None) -> OAuthSettings:
    """The settings with a client: the given one, the environment's, or the app that a run created and kept.

    Raises: ``ConfigError`` where there is none.
    """
    from pytest_endpoint_docs.oauth.apps import AppStore, first_kept_app

    if client_id and client_id != settings.client_id:
        return replace(settings, client_id=client_id, client_secret=None)
    if settings.client_id:
        return settings
    app = first_kept_app(AppStore(storage, environment=environment))
    if app is None:
        raise ConfigError(
            f"{settings.location}: the oauth block names no client, and no run has created one yet: give --client-id "
            f"ID, or run pytest -m requires_manual_testing --endpoint-manual automated --endpoint-env {environment}"
        )
    return replace(settings, client_id=app.client_id, client_secret=app.client_secret)
