"""A token by the device authorization grant (RFC 8628): a device asks, and the environment's user lets it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from pytest_endpoint_docs.errors import ConfigError, RequestError
from pytest_endpoint_docs.http.wire import wire_request
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentResult
from pytest_endpoint_docs.oauth.consent_errors import DeviceFailure, DeviceRefused
from pytest_endpoint_docs.oauth.device_authorization import (
    DeviceAuthorization,
    DevicePolls,
    read_device_authorization,
)
from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests, client_of, client_request

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.redaction.redactor import Redactor


class LettingIn(Protocol):
    """Leads a user to where they let a device in."""

    def let_in(self, device: DeviceAuthorization, polls: DevicePolls, *, user: str | None = None) -> ConsentResult:
        """Stay until nothing is left for the device to ask. Raises: the subclasses of :class:`ConsentError`."""
        ...


class DeviceGrants:
    """The device of a run, which asks at ``device_url`` of the settings; the redactor learns what it is told."""

    def __init__(
        self,
        settings: OAuthSettings,
        http: HttpClient,
        token_requests: TokenRequests,
        redactor: Redactor,
        person: LettingIn,
    ) -> None:
        self._settings = settings
        self._http = http
        self._token_requests = token_requests
        self._redactor = redactor
        self._person = person

    def token(
        self, client_id: str | None = None, client_secret: Secret | None = None, *, user: str | None = None
    ) -> Mapping[str, JSONValue]:
        """The token response for a device that this user let in; what is not given comes from the ``oauth`` block.

        Raises: the subclasses of :class:`ConsentError`; :class:`ConfigError` where client or user are missing.
        """
        client_id, secret = client_of(self._settings, client_id, client_secret, asks="a device")
        # Servers look for client_id among the parameters, also where the client authenticates by another field.
        named = {"client_id": client_id}
        device = self._authorization(named, client_id, secret)
        polls = DevicePolls(device, lambda asked: self._token_requests.request({**asked, **named}, client_id, secret))
        result = self._person.let_in(device, polls, user=user)
        try:
            return polls.token_response()
        except DeviceFailure as failure:
            failure.trail = result.trail
            raise

    def _authorization(self, named: Mapping[str, str], client_id: str, secret: Secret | None) -> DeviceAuthorization:
        settings, url = self._settings, self._settings.device_url
        if url is None:
            raise ConfigError(f"{settings.location}: grant: device_code needs device_url, and the oauth block has none")
        asked = {**named, **({"scope": settings.scope} if settings.scope else {}), **settings.authorize_params}
        sent = client_request(settings, url, asked, client_id=client_id, client_secret=secret)
        try:
            response = self._http.exchange(wire_request(sent))
        except RequestError as error:
            raise DeviceRefused(f"the device authorization request was not answered: {error.message}") from None
        device = read_device_authorization(url, response.status_code, response.as_object())
        self._redactor.add(Secret("OAUTH_DEVICE_CODE", device.device_code), is_random=True)
        complete = device.verification_uri_complete
        if complete and device.user_code not in complete:
            self._redactor.add(Secret("OAUTH_VERIFICATION_URI", complete))
        return device
