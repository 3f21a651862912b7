"""ID tokens: what they say, and whether the server signed them (OpenID Connect Core 1.0 sections 2 and 3.1.3.7)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.model.value_class import value_class

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from pytest_endpoint_docs.model.secret import Secret
    from pytest_endpoint_docs.model.source import JSONValue

_MACS = frozenset(["HS256", "HS384", "HS512"])
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


@value_class
class IdToken:
    """The two JSON objects of an ID token; ``text`` is the token itself, which opens accounts."""

    text: str = field(repr=False)
    header: Mapping[str, JSONValue]
    claims: Mapping[str, JSONValue] = field(repr=False)

    @property
    def algorithm(self) -> str:
        """``alg`` of the header, empty where it names none."""
        return str(self.header.get("alg", ""))


class KeysMissing(Exception):
    """What the signature would be verified with is not there; the message says what that is."""


def read_id_token(text: str) -> IdToken | None:
    """Read a signed JWT in its compact form (RFC 7519), unverified; ``None`` where it is none."""
    parts = text.split(".")
    if len(parts) != 3:
        return None
    header, claims = _object(parts[0]), _object(parts[1])
    return None if header is None or claims is None else IdToken(text=text, header=header, claims=claims)


def is_encrypted(text: str) -> bool:
    """Whether it is an encrypted JWT in its compact form: five parts, the first names ``enc`` (RFC 7516 section 9)."""
    parts = text.split(".")
    return len(parts) == 5 and "enc" in (_object(parts[0]) or {})


def _object(part: str) -> Mapping[str, JSONValue] | None:
    try:
        found = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def signature_problem(token: IdToken, keys: JSONValue, secret: Secret | None) -> str:
    """What is wrong with the signature; empty where it is right.

    ``keys`` is the server's JWK Set (``None``: there is none), ``secret`` the client's, which verifies ``HS256`` and
    its kin.

    Raises: :class:`KeysMissing` where it cannot be told.
    """
    algorithm = token.algorithm
    if algorithm in _MACS:
        if secret is None or not secret.reveal():
            raise KeysMissing(f"the ID token is signed with {algorithm}, and no client secret is known")
        return "" if _is_mac(token, secret) else f"{algorithm} with another secret"
    wanted = _KEY_TYPES.get(algorithm[:2], "")
    if not wanted:
        return f"alg {algorithm or 'missing'}"
    if keys is None:
        raise KeysMissing("the server's metadata has no jwks_uri")
    named = token.header.get("kid")
    usable = [key for key in _keys_of(keys) if key.key_type == wanted and (named is None or key.kid in (None, named))]
    if not usable:
        which = f"kid {named}" if named is not None else f"the type {wanted}"
        return f"{algorithm} with a key that the server's JWK Set does not have ({which})"
    return "" if any(_verifies(token, key) for key in usable) else f"{algorithm} that no key of the JWK Set verifies"


def _keys_of(keys: JSONValue) -> Iterator[Key]:
    """The keys of a set, without those that are for encryption, and those that nobody can read."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    listed = keys.get("keys") if isinstance(keys, dict) else None
    for written in listed if isinstance(listed, list) else ():
        if not isinstance(written, dict) or written.get("use") == "enc":
            continue
        # Only what verifies; members that a library may object to say nothing of the signature.
        plain: dict[str, Any] = {
            name: value for name, value in written.items() if name not in ("key_ops", "alg", "use")
        }
        try:
            with _no_advice():
                key = JWKRegistry.import_key(plain)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        yield key


@contextmanager
def _no_advice() -> Iterator[None]:
    """joserfc warns of keys that are short, and of names that grew old: advice for those who sign."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _is_mac(token: IdToken, secret: Secret) -> bool:
    """Whether it is the MAC of that secret (RFC 7518 section 3.2); what strength the secret has is another matter."""
    signed, _, signature = token.text.rpartition(".")
    digest = hmac.digest(secret.reveal().encode(), signed.encode("ascii"), _HASHES[token.algorithm[-3:]])
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"="), signature.encode("ascii", "replace"))


def _verifies(token: IdToken, key: Key) -> bool:
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        with _no_advice():
            jws.deserialize_compact(token.text, key, algorithms=[token.algorithm])
    except (JoseError, ValueError, TypeError):
        return False
    return True


def half_hash(value: str, algorithm: str) -> str | None:
    """``at_hash`` of an access token (section 3.1.3.6); ``None`` where the algorithm names no hash."""
    function = hashlib.sha512 if algorithm.startswith("Ed") else _HASHES.get(algorithm[-3:])
    if function is None:
        return None
    digest = function(value.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode("ascii")
