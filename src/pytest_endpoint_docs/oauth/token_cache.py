"""Access tokens that are kept per identity, shared between parallel workers, and refreshed when they expire."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_endpoint_docs.files import file_key, lock_for, read_private_mapping, write_private
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.oauth.consent_errors import TokenRequestFailed

# A token that expires while a request is under way is as good as expired.
_LEEWAY_S = 30.0

TokenResponse = Mapping[str, JSONValue]


class TokenCache:
    """The tokens of one environment: a file with mode 0600 per identity, read and written under a lock.

    ``clock`` gives epoch seconds.
    """

    def __init__(self, directory: Path, *, environment: str, clock: Callable[[], float] = time.time) -> None:
        self._directory = directory / "tokens"
        self._environment = environment
        self._clock = clock

    def access_token(
        self,
        *identity: str,
        obtain: Callable[[], TokenResponse],
        refresh: Callable[[str], TokenResponse] | None = None,
    ) -> Secret:
        """A token of this identity (client, user, scope ...) that is still good.

        ``obtain`` makes a token response; ``refresh`` makes one of a refresh token (RFC 6749 section 6), and may raise
        :class:`TokenRequestFailed`, upon which ``obtain`` is asked. Both run while the other workers wait.
        """
        file = self._file(identity)
        with lock_for(file):
            entry = read_private_mapping(file)
            token = self._good_token(entry)
            if token is None:
                answer = self._refreshed(entry, refresh) or obtain()
                token = self._keep(file, entry, answer)
        return Secret("OAUTH_ACCESS_TOKEN", token)

    def _good_token(self, entry: Mapping[str, JSONValue]) -> str | None:
        token, expires_at = entry.get("access_token"), entry.get("expires_at")
        if not isinstance(token, str):
            return None
        if isinstance(expires_at, (int, float)) and self._clock() > expires_at - _LEEWAY_S:
            return None
        return token

    def _refreshed(
        self, entry: Mapping[str, JSONValue], refresh: Callable[[str], TokenResponse] | None
    ) -> TokenResponse | None:
        refresh_token = entry.get("refresh_token")
        if refresh is None or not isinstance(refresh_token, str):
            return None
        try:
            return refresh(refresh_token)
        except TokenRequestFailed:
            # Used up, expired or revoked: the person's consent makes a new one.
            return None

    def _keep(self, file: Path, entry: Mapping[str, JSONValue], answer: TokenResponse) -> str:
        lifetime_s = answer.get("expires_in")
        if isinstance(lifetime_s, str) and lifetime_s.isdigit():
            lifetime_s = int(lifetime_s)
        token = str(answer["access_token"])
        write_private(
            file,
            {
                "access_token": token,
                # A refresh may keep the refresh token as it is (RFC 6749 section 6).
                "refresh_token": answer.get("refresh_token", entry.get("refresh_token")),
                "expires_at": self._clock() + lifetime_s if isinstance(lifetime_s, (int, float)) else None,
            },
        )
        return token

    def _file(self, identity: tuple[str, ...]) -> Path:
        return self._directory / f"{file_key(self._environment, *identity)}.json"
