"""Authorization requests that are pushed to the server first; the browser then carries a reference (RFC 9126)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import RequestError
from pytest_endpoint_docs.http.wire import wire_request
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.consent_errors import PushRefused, error_in
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest, authorization_url
from pytest_endpoint_docs.oauth.token_endpoint import client_request, credential_of

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.redaction.redactor import Redactor

_CREATED = 201


class PushedRequests:
    """Pushes the requests of a run to ``par_url`` of the settings; with none there, every request stays as it is."""

    def __init__(self, settings: OAuthSettings, http: HttpClient, redactor: Redactor) -> None:
        self._settings = settings
        self._http = http
        self._redactor = redactor
        self._credentials: dict[str, Secret | None] = {}
        if settings.client_id:
            self._credentials[settings.client_id] = credential_of(settings)

    def lacks(self, client_id: str) -> bool:
        """Whether a client's requests are pushed, and nobody told what it authenticates with."""
        known = client_id in self._credentials or self._settings.token_auth == "none"
        return self._settings.par_url is not None and not known

    def know(self, client_id: str, credential: Secret | None) -> None:
        """Remember what a client authenticates with."""
        self._credentials[client_id] = credential

    def push(self, request: AuthorizationRequest) -> AuthorizationRequest:
        """The same request, its URL with ``client_id`` and ``request_uri`` alone (RFC 9126 section 4).

        Raises: :class:`PushRefused`.
        """
        url = self._settings.par_url
        if url is None:
            return request
        sent = client_request(
            self._settings,
            url,
            request.parameters,
            client_id=request.client_id,
            client_secret=self._credentials.get(request.client_id),
        )
        try:
            response = self._http.exchange(wire_request(sent))
        except RequestError as error:
            raise PushRefused(f"the authorization request could not be pushed: {error.message}", url=url) from None
        members = response.as_object()
        request_uri = members.get("request_uri")
        if response.status_code != _CREATED or not isinstance(request_uri, str):
            said = error_in(members) or "without a request_uri"
            raise PushRefused(
                f"the authorization request was pushed to {url}, which answered {response.status_code} {said}",
                url=url,
                status_code=response.status_code,
            )
        return opened_by(request, self._settings.authorize_url, request_uri, self._redactor)


def opened_by(
    request: AuthorizationRequest, authorize_url: str, request_uri: str, redactor: Redactor
) -> AuthorizationRequest:
    """The request as a browser opens it once it was pushed; the redactor learns the reference."""
    redactor.add(Secret("OAUTH_REQUEST_URI", request_uri))
    parameters = {"client_id": request.client_id, "request_uri": request_uri}
    return replace(request, url=authorization_url(authorize_url, parameters))
