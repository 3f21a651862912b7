"""Ways in which the device authorization grant is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc8628 import AuthorizationPendingError

from pytest_endpoint_docs.sandbox.flaws.base import Flaw, without


class DeviceWithoutLifetime(Flaw):
    """The device is not told how long its code lives."""

    flaw, checks = "device-without-lifetime", ("D1",)

    def device_answer(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return without(super().device_answer(answer), "expires_in")


class DevicePendingRefused(Flaw):
    """A device that asks before the person decided is refused for good."""

    flaw, checks = "device-pending-refused", ("D2",)

    def pending_device(self) -> None:
        raise InvalidGrantError("Not yet.")


class UnknownDevicePending(Flaw):
    """A made-up device_code is told to wait."""

    flaw, checks = "unknown-device-pending", ("D3",)

    def unknown_device_code(self) -> None:
        raise AuthorizationPendingError


class DeviceAllowedAlways(Flaw):
    """A device gets its token whatever the person decides."""

    flaw, checks = "device-allowed-always", ("D5",)

    def device_allowed(self, allowed: bool) -> bool:
        return True


class DeviceDeniedAlways(Flaw):
    """A device is denied whatever the person decides."""

    flaw, checks = "device-denied-always", ("D4",)

    def device_allowed(self, allowed: bool) -> bool:
        return False
