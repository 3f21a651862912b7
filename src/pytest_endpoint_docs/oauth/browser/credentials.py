"""What a person types, made ready when it is typed."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import time
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import ConfigError, MissingExtra
from pytest_endpoint_docs.model.environment import OAuthSettings, OAuthUser
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.decisions import CredentialName, Person
from pytest_endpoint_docs.words import or_near

if TYPE_CHECKING:
    from pyotp import TOTP

_LEAST_KEY_BYTES = 20
# A code that is about to expire may arrive too late.
_LEAST_VALIDITY_S = 1.5


@value_class
class Credentials:
    """The secrets of one user of the environment; ``user_code`` is that of the device that they let in (RFC 8628)."""

    user: OAuthUser
    user_code: Secret | None = None

    @property
    def username(self) -> str:
        """The user name as it is typed."""
        name = self.user.username
        return name.reveal() if isinstance(name, Secret) else name

    @property
    def person(self) -> Person:
        """What the heuristics may know."""
        return Person(
            username=self.username,
            has_password=bool(self.user.password),
            has_totp=bool(self.user.totp_secret),
            user_code=self.user_code.reveal() if self.user_code else "",
            hint=self._hint,
        )

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything that must not be shown."""
        values = (self.user.username, self.user.password, self.user.totp_secret, self.user_code)
        return tuple(value for value in values if isinstance(value, Secret))

    @property
    def _hint(self) -> str:
        return f" (set {', '.join(self.user.variables)})" if self.user.variables else ""

    async def value(self, name: CredentialName) -> str:
        """The text to type; a one-time code is made now.

        Raises: :class:`ConfigError` where the environment does not have it.
        """
        if name == "user":
            return self.username
        if name == "user_code":
            if not self.user_code:
                raise ConfigError("{{secret.user_code}} is what a device shows: it needs grant: device_code")
            return self.user_code.reveal()
        secret = self.user.password if name == "password" else self.user.totp_secret
        if not secret:
            key = "password" if name == "password" else "totp_secret"
            raise ConfigError(f"user {self.user.name!r} of the environment's oauth block has no {key}{self._hint}")
        if name == "password":
            return secret.reveal()
        return await _one_time_code(secret)

    def recognizes_code(self, text: str) -> bool:
        """Whether a text is one of this user's one-time codes, of now or the minute around it."""
        if not self.user.totp_secret or not text.isdigit():
            return False
        return bool(_totp(self.user.totp_secret).verify(text, valid_window=2))


def choose_user(settings: OAuthSettings, name: str | None) -> OAuthUser:
    """The user of this name; without one ``default``, or the only one.

    Raises: :class:`ConfigError`.
    """
    users = settings.users
    if name is None and "default" not in users and len(users) == 1:
        return next(iter(users.values()))
    wanted = name or "default"
    if wanted in users:
        return users[wanted]
    raise ConfigError(
        f"{settings.location}: the oauth block has no user {wanted!r}{or_near(wanted, users)} "
        f"(it has: {', '.join(sorted(users)) or 'none'})"
    )


async def _one_time_code(secret: Secret) -> str:
    totp = _totp(secret)
    left = totp.interval - time.time() % totp.interval
    if left < _LEAST_VALIDITY_S:
        await asyncio.sleep(left)
    return totp.now()


def _totp(secret: Secret) -> TOTP:
    """RFC 6238, with the defaults that authenticator apps use: SHA-1, 6 digits, 30 s.

    Raises: :class:`ConfigError` where the secret is not base32, or pyotp is not installed.
    """
    try:
        import pyotp
    except ModuleNotFoundError:
        raise MissingExtra("a one-time code needs pyotp, which is not installed", extra="consent") from None

    text = re.sub(r"[\s=-]", "", secret.reveal()).upper()
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise ConfigError(
            f"{secret} is not a TOTP secret: expected base32 (letters and the digits 2 to 7), "
            "as the server shows it beside the QR code"
        ) from None
    # Servers give out 80-bit secrets, which pyotp refuses. HMAC pads its key with zeros, so this makes the same codes.
    return pyotp.TOTP(base64.b32encode(key.ljust(_LEAST_KEY_BYTES, b"\0")).decode("ascii"))
