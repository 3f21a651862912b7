"""ID tokens that foreign servers sign: which signatures count, and what cannot be told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import warnings
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from oauth_scripted_probe import REDIRECT_URI, TOKEN, ScriptedProbe, answer, check, settings

from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.checks.endpoint_checks import EndpointChecks
from pytest_endpoint_docs.oauth.checks.probe import Facts, ServerMetadata
from pytest_endpoint_docs.oauth.id_token import KeysMissing, half_hash, read_id_token, signature_problem

SECRET = Secret("CLIENT_SECRET", "s3cret value")
CLAIMS = {"iss": "https://as.example.com", "sub": "1", "aud": "contract-client", "iat": time.time(), "exp": 4e9}
KEYS: dict[str, Key] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "pss"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}
PUBLISHED: dict[str, Any] = {
    "keys": [
        {"kty": "from another time", "kid": "unreadable"},
        {**KEYS["RS256"].as_dict(private=False), "use": "enc", "kid": "for encryption"},
        *(key.as_dict(private=False) for key in KEYS.values()),
    ]
}


def signed(algorithm: str, key: Key, **header: str) -> str:
    with warnings.catch_warnings(action="ignore"):
        return jwt.encode({"alg": algorithm, **header}, dict(CLAIMS), key, algorithms=[algorithm])


def oct_key(secret: str) -> Key:
    with warnings.catch_warnings(action="ignore"):
        return OctKey.import_key(secret)


def problem_of(text: str, keys: Any = PUBLISHED, secret: Secret | None = SECRET) -> str:
    token = read_id_token(text)
    assert token is not None
    return signature_problem(token, keys, secret)


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_published_key_verifies_with_its_kid_and_without(algorithm: str) -> None:
    key = KEYS[algorithm]
    assert problem_of(signed(algorithm, key, kid=str(key.kid))) == ""
    assert problem_of(signed(algorithm, key)) == ""


def test_a_key_without_a_kid_may_have_signed_a_token_that_names_one() -> None:
    key = RSAKey.generate_key(2048)
    published = {"keys": [{name: value for name, value in key.as_dict(private=False).items() if name != "kid"}]}
    assert problem_of(signed("RS256", key, kid="2026-11"), published) == ""
    other = signed("RS256", RSAKey.generate_key(2048), kid="2026-11")
    assert problem_of(other, published) == "RS256 that no key of the JWK Set verifies"


def test_the_client_secret_verifies_a_mac() -> None:
    assert problem_of(signed("HS256", oct_key("s3cret value"))) == ""
    assert problem_of(signed("HS256", oct_key("another one"))) == "HS256 with another secret"


def test_a_mac_with_the_public_key_as_its_secret_is_not_taken_for_a_signature() -> None:
    header, claims = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256"}, CLAIMS)
    )
    public = KEYS["RS256"].as_pem(private=False)
    mac = base64.urlsafe_b64encode(hmac.digest(public, header + b"." + claims, hashlib.sha256)).rstrip(b"=")
    assert problem_of(b".".join([header, claims, mac]).decode()) == "HS256 with another secret"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (signed("RS256", RSAKey.generate_key(2048)), "RS256 that no key of the JWK Set verifies"),
        (
            signed("RS256", RSAKey.generate_key(2048), kid="new"),
            "RS256 with a key that the server's JWK Set does not have (kid new)",
        ),
        (
            signed("ES384", ECKey.generate_key("P-384"), kid="rsa"),
            "ES384 with a key that the server's JWK Set does not have (kid rsa)",
        ),
        (signed("RS256", KEYS["RS256"])[:-8] + "AAAAAAAA", "RS256 that no key of the JWK Set verifies"),
        ("eyJhbGciOiJub25lIn0.e30.", "alg none"),
        ("e30.e30.", "alg missing"),
    ],
    # The signatures are others in each process.
    ids=["another key", "another kid", "another kind of key", "altered", "alg none", "alg missing"],
)
def test_whatever_else_is_no_signature_of_the_server(text: str, problem: str) -> None:
    assert problem_of(text) == problem


def test_without_keys_nothing_can_be_told() -> None:
    with pytest.raises(KeysMissing, match="no jwks_uri"):
        problem_of(signed("RS256", KEYS["RS256"]), keys=None)
    with pytest.raises(KeysMissing, match="no client secret is known"):
        problem_of(signed("HS256", oct_key("x" * 32)), secret=None)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d.e", "!.!.!", "W10.e30.x", "e30.W10.x", "é.e30.x"])
def test_what_is_not_a_signed_jwt_is_not_read(text: str) -> None:
    assert read_id_token(text) is None


def test_the_half_of_a_hash_is_that_of_the_algorithm() -> None:
    # The value of OpenID Connect Core 1.0, appendix A.3.
    assert half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"
    assert len(half_hash("x", "ES512") or "") == len(half_hash("x", "EdDSA") or "") == 43
    assert half_hash("x", "none") is None


def results(
    answered: dict[str, Any], *, signature: str | None = "", age_s: float = 0.0, **metadata: Any
) -> dict[str, str]:
    """What I1 to I4 find with this token response, whose code came ``age_s`` ago."""
    facts = Facts(redirect_uri=REDIRECT_URI, scope="openid", metadata=ServerMetadata(**metadata))
    probe = ScriptedProbe(lambda *_: answer(200, {**TOKEN, **answered}), facts=facts, signature=signature, age_s=age_s)
    run = EndpointChecks(probe, settings())
    found = {}
    for name in ("I1", "I2", "I3", "I4"):
        result = run.run(check(name))
        told = [f"{item.severity}: {item.actual}" for item in result.mismatches] or result.notes
        found[name] = f"not run: {result.not_run}" if result.not_run else "; ".join(told)
    return found


NO_TOKEN = "not run: no ID token came (see I1)"


def test_a_server_that_does_not_speak_openid_owes_no_id_token() -> None:
    reason = "not run: no ID token came, and the server's metadata does not say that it speaks OpenID Connect"
    assert results({}) == {"I1": reason, "I2": NO_TOKEN, "I3": NO_TOKEN, "I4": NO_TOKEN}
    assert results({}, speaks_openid=True)["I1"] == "fail: no id_token"


def test_a_scope_that_was_not_granted_gives_no_id_token() -> None:
    reason = "not run: openid was asked for, and the server granted profile"
    assert set(results({"scope": "profile"}, speaks_openid=True).values()) == {reason}


def test_every_wrong_claim_is_told_and_the_person_is_not() -> None:
    wrong = {"iss": "https://other.example", "sub": "x" * 256, "aud": ["a"], "azp": "b", "exp": 1, "iat": "now"}
    text = jwt.encode({"alg": "RS256"}, wrong, KEYS["RS256"])
    found = results({"id_token": text}, issuer="https://as.example.com", signature="alg none")
    assert found == {
        "I1": "fail: alg none",
        "I2": (
            "fail: iss https://other.example; fail: aud ['a']; fail: azp b; "
            "fail: a sub that is empty, too long, or not a text; "
            "fail: exp 1; fail: iat now"
        ),
        "I3": "not run: the authorization request had no nonce (oauth.authorize_params)",
        "I4": "not run: the ID token has no at_hash, which it need not have",
    }


def test_what_cannot_be_compared_is_said() -> None:
    found = results({"id_token": signed("RS256", KEYS["RS256"])}, signature=None)
    assert found["I1"] == "not run: no keys"
    assert found["I2"] == "iss was not compared: neither oauth.issuer nor the server's metadata names the issuer"


def test_a_token_must_live_on_when_it_comes_not_when_it_is_looked_at() -> None:
    claims = {**CLAIMS, "exp": time.time() - 1800}
    text = jwt.encode({"alg": "RS256"}, claims, KEYS["RS256"])
    assert results({"id_token": text}, age_s=3600, issuer=CLAIMS["iss"])["I2"] == ""
    assert results({"id_token": text}, age_s=1000, issuer=CLAIMS["iss"])["I2"] == f"fail: exp {claims['exp']}"


def test_the_signature_of_an_encrypted_token_is_for_the_client_to_see() -> None:
    header = base64.urlsafe_b64encode(b'{"alg": "RSA-OAEP", "enc": "A256GCM"}').rstrip(b"=").decode()
    found = results({"id_token": f"{header}.a2V5.aXY.dGV4dA.dGFn"}, signature="it is not a signed JWT")
    assert found["I1"] == "not run: the ID token is encrypted, and the key is the client's"
    assert (
        results({"id_token": "a.b.c.d.e"}, signature="it is not a signed JWT")["I1"] == "fail: it is not a signed JWT"
    )
