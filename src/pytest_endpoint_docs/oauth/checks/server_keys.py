"""The keys that the server publishes, fetched once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import RequestError
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.oauth.checks.judging import NotRun
from pytest_endpoint_docs.oauth.id_token import KeysMissing, read_id_token, signature_problem

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.secret import Secret
    from pytest_endpoint_docs.model.source import JSONValue

_OK = 200


@dataclass(slots=True)
class ServerKeys:
    """The JWK Set at ``jwks_uri`` (``None``: there is none), and the client's secret, which verifies MACs."""

    http: HttpClient
    jwks_uri: str | None
    secret: Secret | None
    _keys: JSONValue = field(default=None, repr=False)

    def signature_problem(self, id_token: str) -> str:
        """What is wrong with the signature of an ID token; empty where it is right.

        Raises: :class:`NotRun` where it cannot be told.
        """
        token = read_id_token(id_token)
        if token is None:
            return "it is not a signed JWT"
        try:
            return signature_problem(token, self._fetched(), self.secret)
        except KeysMissing as missing:
            raise NotRun(str(missing)) from None

    def _fetched(self) -> JSONValue:
        if self._keys is None and self.jwks_uri:
            request = Request(method="GET", url=self.jwks_uri, headers={"Accept": "application/json"})
            try:
                response = self.http.send(request).response
            except RequestError as error:
                raise NotRun(f"the keys at {self.jwks_uri} could not be fetched: {error.message}") from None
            keys, _ = response.as_json() if response.status_code == _OK else (None, False)
            if not isinstance(keys, dict):
                raise NotRun(f"the keys at {self.jwks_uri} could not be read: status {response.status_code}")
            self._keys = keys
        return self._keys
