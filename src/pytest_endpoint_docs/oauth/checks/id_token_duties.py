"""Checks of the ID token that comes with an access token where ``openid`` is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.oauth.checks.check import Check, CheckRun, Exchanged, Violation, successful
from pytest_endpoint_docs.oauth.checks.judging import NotRun, answer_of, text_of, token_of
from pytest_endpoint_docs.oauth.id_token import IdToken, half_hash, is_encrypted, read_id_token

# Clocks differ; a token from the future is not made up for that.
_SKEW_S = 60
_LONGEST_SUBJECT = 255


def signed(run: CheckRun, check: Check) -> Iterator[Violation]:
    """I1: an ID token comes, and the server signed it."""
    exchange = _exchanged(run).exchange
    text = _text(exchange)
    if text is None:
        if not run.facts.metadata.speaks_openid:
            raise NotRun("no ID token came, and the server's metadata does not say that it speaks OpenID Connect")
        yield check.violation(
            "present", "id_token beside the access token", "no id_token", exchange, pointer="/id_token"
        )
        return
    if is_encrypted(text):
        raise NotRun("the ID token is encrypted, and the key is the client's")
    problem = run.probe.signature_problem(text)
    if problem:
        yield check.violation(
            "signed", "an ID token with the server's signature", problem, exchange, pointer="/id_token"
        )


def claims(run: CheckRun, check: Check) -> Iterator[Violation]:
    """I2: who issued it, for whom, about whom, until when."""
    exchanged, token = _id_token(run)
    found = token.claims
    issuer, client_id = run.facts.metadata.issuer or run.facts.issuer, exchanged.grant.client_id
    if issuer is None:
        run.note("iss was not compared: neither oauth.issuer nor the server's metadata names the issuer")
        issuer = ""
    # Another check may have got it a while ago: it must live on when it comes, not when it is looked at.
    issued_at = exchanged.grant.issued_at.timestamp()
    wrong = [
        ("issuer", "iss", f"iss {issuer}", bool(issuer) and found.get("iss") != issuer),
        ("audience", "aud", f"aud with {client_id}", client_id not in _audiences(found.get("aud"))),
        ("audience", "azp", f"azp {client_id}", "azp" in found and found["azp"] != client_id),
        ("subject", "sub", f"sub, a text of {_LONGEST_SUBJECT} characters at most", not _is_subject(found.get("sub"))),
        ("time", "exp", "exp, a time to come", not _is_time(found.get("exp"), least=issued_at - _SKEW_S)),
        ("time", "iat", "iat, a time that has passed", not _is_time(found.get("iat"), most=time.time() + _SKEW_S)),
    ]
    for duty, name, expected, is_wrong in wrong:
        if is_wrong:
            yield check.violation(duty, expected, _shown(name, found), exchanged.exchange, pointer="/id_token")


def nonce_returned(run: CheckRun, check: Check) -> Iterator[Violation]:
    """I3: the nonce of the authorization request is in the ID token."""
    exchanged, token = _id_token(run)
    if exchanged.grant.nonce is None:
        raise NotRun("the authorization request had no nonce (oauth.authorize_params)")
    found = token.claims.get("nonce")
    if found != exchanged.grant.nonce:
        yield check.violation(
            "nonce",
            "the nonce of the authorization request",
            "no nonce" if found is None else "another nonce",
            exchanged.exchange,
            pointer="/id_token",
        )


def access_token_hash(run: CheckRun, check: Check) -> Iterator[Violation]:
    """I4: at_hash, where it is there, belongs to the access token."""
    exchanged, token = _id_token(run)
    found, access_token = token.claims.get("at_hash"), token_of(exchanged.exchange) or ""
    if found is None:
        raise NotRun("the ID token has no at_hash, which it need not have")
    expected = half_hash(access_token, token.algorithm)
    if expected is None:
        raise NotRun(f"alg {token.algorithm} of the ID token names no hash")
    if found != expected:
        yield check.violation(
            "hash",
            f"at_hash of the access token (alg {token.algorithm})",
            "at_hash of something else",
            exchanged.exchange,
            pointer="/id_token",
        )


def _exchanged(run: CheckRun) -> Exchanged:
    """Raises: :class:`NotRun` if no answer came, or if the server did not grant ``openid``."""
    exchanged = successful(run.exchanged())
    granted = text_of(exchanged.exchange, "scope")
    if granted is not None and "openid" not in granted.split():
        raise NotRun(f"openid was asked for, and the server granted {granted}")
    return exchanged


def _id_token(run: CheckRun) -> tuple[Exchanged, IdToken]:
    exchanged = _exchanged(run)
    text = _text(exchanged.exchange)
    token = read_id_token(text) if text else None
    if token is None:
        raise NotRun("no ID token came (see I1)" if text is None else "the ID token is not a signed JWT (see I1)")
    return exchanged, token


def _text(exchange: SentRequest) -> str | None:
    answer_of(exchange)
    return text_of(exchange, "id_token")


def _audiences(value: JSONValue) -> list[JSONValue]:
    return value if isinstance(value, list) else [value]


def _is_subject(value: JSONValue) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_SUBJECT


def _is_time(value: JSONValue, *, least: float = 0, most: float = float("inf")) -> bool:
    return is_number(value) and least <= value <= most


def _shown(name: str, found: dict[str, JSONValue] | object) -> str:
    assert isinstance(found, dict)
    if name not in found:
        return f"no {name}"
    # Who the person is, is nobody's business.
    return "a sub that is empty, too long, or not a text" if name == "sub" else f"{name} {found[name]}"
