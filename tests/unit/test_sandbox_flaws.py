"""Every planted flaw is visible, to its own check alone; without flaws none of the checks finds anything."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sandbox_flow import CALLBACK, CHALLENGE, VERIFIER, Flow, query_of
from werkzeug.test import TestResponse

from pytest_endpoint_docs.sandbox.app import create_app
from pytest_endpoint_docs.sandbox.flaws.planting import FLAW_CHECKS, FLAWS
from pytest_endpoint_docs.sandbox.settings import SandboxSettings

pytestmark = pytest.mark.usefixtures("one_key")

STATE = "s t+a%te/&=x"
TEMPTING = (
    "https://evil.example.org/cb",
    f"{CALLBACK}/more",
    f"{CALLBACK}.evil.example.org",
    f"{CALLBACK}?x=1",
    CALLBACK.replace("https:", "http:"),
    CALLBACK.replace("://", "://x"),
    CALLBACK.replace(".", "x", 1),
)


def _wrong(app: dict[str, Any]) -> str:
    return f"{app['client_secret']}x"


def refused(answer: TestResponse, *errors: str, status: int = 400) -> bool:
    return answer.status_code == status and answer.json["error"] in errors


def t1(flow: Flow) -> bool:
    app = flow.register("t1")
    body = flow.exchange(app, flow.code(app)).json
    return type(body["expires_in"]) is int and body.get("token_type", "").lower() == "bearer"


def t2(flow: Flow) -> bool:
    app = flow.register("t2")
    headers = flow.exchange(app, flow.code(app)).headers
    return headers.get("Cache-Control") == "no-store" and headers.get("Pragma") == "no-cache"


def t4(flow: Flow) -> bool:
    app = flow.register("t4")
    code = flow.code(app)
    first = flow.exchange(app, code)
    return (
        flow.token_works(first) and refused(flow.exchange(app, code), "invalid_grant") and not flow.token_works(first)
    )


def t5(flow: Flow) -> bool:
    other = "https://myapp.example.com/other"
    app = flow.register("t5", redirect_uris=[other])
    return refused(flow.exchange(app, flow.code(app), redirect_uri=other), "invalid_grant")


def t6(flow: Flow) -> bool:
    app = flow.register("t6")
    return refused(flow.exchange(app, flow.code(app), redirect_uri=None), "invalid_grant", "invalid_request")


def t7(flow: Flow) -> bool:
    app = flow.register("t7")
    answer = flow.exchange(app, flow.code(app), by="basic", client_secret=_wrong(app))
    challenge = answer.headers.get("WWW-Authenticate", "")
    return refused(answer, "invalid_client", status=401) and challenge.startswith("Basic")


def t8(flow: Flow) -> bool:
    app = flow.register("t8")
    return refused(flow.exchange(app, flow.code(app), client_secret=_wrong(app)), "invalid_client", status=401)


def t9(flow: Flow) -> bool:
    app = flow.register("t9")
    answer = flow.exchange(app, flow.code(app), client_secret=None)
    return answer.status_code in (400, 401) and answer.json["error"] == "invalid_client"


def t10(flow: Flow) -> bool:
    app = flow.register("t10")
    return refused(flow.exchange(app, flow.code(app), by="both"), "invalid_request")


def t11(flow: Flow) -> bool:
    app = flow.register("t11")
    return refused(flow.exchange(app, None, grant_type="client_credentials"), "unsupported_grant_type")


def t12(flow: Flow) -> bool:
    app = flow.register("t12")
    return refused(flow.exchange(app, flow.code(app), grant_type="made_up"), "unsupported_grant_type")


def t13(flow: Flow) -> bool:
    app = flow.register("t13")
    return refused(flow.exchange(app, flow.code(app), grant_type=None), "invalid_request")


def t14(flow: Flow) -> bool:
    app = flow.register("t14")
    missing, made_up = flow.exchange(app, None), flow.exchange(app, "made-up")
    return missing.status_code == 400 and refused(missing, "invalid_request") and refused(made_up, "invalid_grant")


def t15(flow: Flow) -> bool:
    app = flow.register("t15")
    code = flow.code(app)
    flow.clock.advance(61)
    return refused(flow.exchange(app, code), "invalid_grant")


def t16(flow: Flow) -> bool:
    app = flow.register("t16")
    answer = flow.exchange(app, flow.code(app), by="form", redirect_uri=[CALLBACK, CALLBACK])
    return refused(answer, "invalid_request")


def t17(flow: Flow) -> bool:
    app = flow.register("t17")
    fields = {
        "grant_type": "authorization_code",
        "code": flow.code(app),
        "redirect_uri": CALLBACK,
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
    }
    return flow.http.get("/oauth/token", query_string=fields).status_code == 405


def t18(flow: Flow) -> bool:
    app = flow.register("t18")
    credentials = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    fields = {"grant_type": "authorization_code", "code": flow.code(app), "redirect_uri": CALLBACK}
    answer = flow.http.post("/oauth/token", query_string=credentials, data=fields)
    return refused(answer, "invalid_request")


def t19(flow: Flow) -> bool:
    app = flow.register("t19")
    return flow.exchange(app, flow.code(app), by="form", made_up="x", code_verifier="").status_code == 200


def t20(flow: Flow) -> bool:
    app = flow.register("t20")
    return flow.exchange(app, "made-up", by="json").status_code < 500


def t21(flow: Flow) -> bool:
    app, other = flow.register("t21"), flow.register("t21-other")
    return refused(flow.exchange(other, flow.code(app)), "invalid_grant")


def t22(flow: Flow) -> bool:
    app = flow.register("t22")
    return flow.exchange(app, flow.code(app), by="basic").status_code == 200


def p1(flow: Flow) -> bool:
    app = flow.register("p1")
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    wrong = flow.exchange(app, flow.code(app, **pkce), code_verifier="w" * 64)
    missing = flow.exchange(app, flow.code(app, **pkce))
    return refused(wrong, "invalid_grant") and refused(missing, "invalid_grant")


def p2(flow: Flow) -> bool:
    app = flow.register("p2")
    return refused(flow.exchange(app, flow.code(app), code_verifier=VERIFIER), "invalid_request")


def a1(flow: Flow) -> bool:
    app = flow.register("a1")
    answers = [flow.decide(app, redirect_uri=uri) for uri in TEMPTING]
    answers.append(flow.decide({"client_id": "unknown"}))
    return all(answer.status_code == 400 and "Location" not in answer.headers for answer in answers)


def a2(flow: Flow) -> bool:
    app = flow.register("a2")
    missing = query_of(flow.decide(app, response_type=None).headers["Location"])
    made_up = query_of(flow.decide(app, response_type='made "up').headers["Location"])
    expected = ("invalid_request", "unsupported_response_type")
    return (missing.get("error"), made_up.get("error")) == expected and missing["state"] == made_up["state"] == "s1"


def a4(flow: Flow) -> bool:
    app = flow.register("a4")
    return query_of(flow.decide(app, state=STATE).headers["Location"]).get("state") == STATE


def a5(flow: Flow) -> bool:
    app = flow.register("a5")
    answer = query_of(flow.decide(app, "deny", state=STATE).headers["Location"])
    return answer.get("error") == "access_denied" and answer.get("state") == STATE and "code" not in answer


def a6(flow: Flow) -> bool:
    app = flow.register("a6")
    issuer = flow.http.get("/.well-known/oauth-authorization-server").json["issuer"]
    decisions = [flow.decide(app, decision) for decision in ("allow", "deny")]
    return {query_of(answer.headers["Location"]).get("iss") for answer in decisions} == {issuer}


def a9(flow: Flow) -> bool:
    iss = query_of(flow.decide(flow.register("a9")).headers["Location"])["iss"]
    metadata = flow.http.get("/.well-known/oauth-authorization-server").json
    return metadata.get("authorization_response_iss_parameter_supported") is True and "?" not in iss


def p3(flow: Flow) -> bool:
    app = flow.register("p3")
    answer = flow.decide(app, code_challenge=VERIFIER, code_challenge_method="plain")
    return query_of(answer.headers["Location"]).get("error") == "invalid_request"


def a7(flow: Flow) -> bool:
    headers = flow.http.get("/login").headers
    protected = headers.get("X-Frame-Options") == "DENY"
    return protected and "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def a8(flow: Flow) -> bool:
    app = flow.register("a8")
    return flow.log_in(flow.authorize_path(app)).status_code in (302, 303)


def refresh_token(flow: Flow, app: dict[str, str]) -> str:
    token: str = flow.exchange(app, flow.code(app)).json["refresh_token"]
    return token


def r1(flow: Flow) -> bool:
    app = flow.register("r1")
    answer = flow.refresh(app, refresh_token(flow, app))
    return answer.status_code == 200 and flow.token_works(answer) if "access_token" in answer.json else False


def r2(flow: Flow) -> bool:
    app = flow.register("r2", public=True)
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = flow.code(app, **pkce)
    token = flow.exchange({**app, "client_secret": None}, code, code_verifier=VERIFIER).json["refresh_token"]
    return flow.refresh(app, token).json.get("refresh_token") not in (None, token)


def r3(flow: Flow) -> bool:
    app = flow.register("r3")
    old = refresh_token(flow, app)
    new = flow.refresh(app, old).json.get("refresh_token")
    if new is None:
        return True
    return refused(flow.refresh(app, old), "invalid_grant") and refused(flow.refresh(app, new), "invalid_grant")


def r4(flow: Flow) -> bool:
    app = flow.register("r4")
    token = refresh_token(flow, app)
    answers = [flow.refresh(app, token, client_secret=secret) for secret in (_wrong(app), None)]
    return all(refused(answer, "invalid_client", status=401) for answer in answers)


def r5(flow: Flow) -> bool:
    app, other = flow.register("r5"), flow.register("r5-other")
    return refused(flow.refresh(other, refresh_token(flow, app)), "invalid_grant")


def id_token(flow: Flow, app: dict[str, str]) -> tuple[str, dict[str, object], str]:
    """The token, what it says, and the access token beside it."""
    answer = flow.exchange(app, flow.code(app, nonce="n-0S6_WzA2Mj")).json
    part = answer.get("id_token", "..").split(".")[1]
    return answer.get("id_token", ""), json.loads(base64.urlsafe_b64decode(part + "==") or "{}"), answer["access_token"]


def i1(flow: Flow) -> bool:
    token, _, _ = id_token(flow, flow.register("i1"))
    keys = KeySet.import_key_set(flow.http.get("/oauth/jwks").json)
    try:
        jwt.decode(token, keys, algorithms=["RS256"])
    except (JoseError, ValueError):
        return False
    return True


def i2(flow: Flow) -> bool:
    app = flow.register("i2")
    token, said, _ = id_token(flow, app)
    now, expected = flow.clock().timestamp(), {"iss": "http://localhost", "aud": app["client_id"], "sub": "usr_1"}
    return not token or (expected.items() <= said.items() and said["iat"] == now and said["exp"] > now)


def i3(flow: Flow) -> bool:
    token, said, _ = id_token(flow, flow.register("i3"))
    return not token or said.get("nonce") == "n-0S6_WzA2Mj"


def i4(flow: Flow) -> bool:
    token, said, access_token = id_token(flow, flow.register("i4"))
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return not token or said["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def n1(flow: Flow) -> bool:
    app = flow.register("n1")
    token = flow.exchange(app, flow.code(app)).json["access_token"]
    said = flow.ask("introspect", app, token).json
    return said["active"] is True and (said["client_id"], said["scope"], said["sub"]) == (
        *(app["client_id"], "openid", "usr_1"),
    )


def n2(flow: Flow) -> bool:
    return bool(flow.ask("introspect", flow.register("n2"), "made-up").json == {"active": False})


def n3(flow: Flow) -> bool:
    app = flow.register("n3")
    answers = [flow.ask("introspect", app, "any", client_secret=secret) for secret in (_wrong(app), None)]
    return all(refused(answer, "invalid_client", status=401) for answer in answers)


def v1(flow: Flow) -> bool:
    app = flow.register("v1")
    answers = [flow.ask("revoke", app, "any", client_secret=secret) for secret in (_wrong(app), None)]
    return all(refused(answer, "invalid_client", status=401) for answer in answers)


def v2(flow: Flow) -> bool:
    app, other = flow.register("v2"), flow.register("v2-other")
    first = flow.exchange(app, flow.code(app))
    answer = flow.ask("revoke", other, first.json["access_token"])
    return refused(answer, "invalid_grant") and flow.token_works(first)


def v3(flow: Flow) -> bool:
    return flow.ask("revoke", flow.register("v3"), "made-up").status_code == 200


def v4(flow: Flow) -> bool:
    app = flow.register("v4")
    first = flow.exchange(app, flow.code(app))
    answer = flow.ask("revoke", app, first.json["access_token"], token_type_hint="refresh_token")
    return answer.status_code == 200 and not flow.token_works(first)


def v5(flow: Flow) -> bool:
    app = flow.register("v5")
    token = refresh_token(flow, app)
    answer = flow.ask("revoke", app, token, token_type_hint="refresh_token")
    return answer.status_code == 200 and refused(flow.refresh(app, token), "invalid_grant")


def u1(flow: Flow) -> bool:
    app = flow.register("u1")
    answer = flow.push(app, state="pushed")
    opened = flow.open_pushed(app, answer.json["request_uri"])
    complete = answer.status_code == 201 and answer.json.get("expires_in") == 60
    return complete and "code" in opened


def u2(flow: Flow) -> bool:
    app = flow.register("u2")
    request_uri = flow.push(app).json["request_uri"]
    return "code" in flow.open_pushed(app, request_uri) and "code" not in flow.open_pushed(app, request_uri)


def u3(flow: Flow) -> bool:
    app = flow.register("u3")
    answers = [flow.push(app, client_secret=secret) for secret in (_wrong(app), None)]
    return all(refused(answer, "invalid_client", status=401) for answer in answers)


def u4(flow: Flow) -> bool:
    return refused(flow.push(flow.register("u4"), request_uri="urn:example:other"), "invalid_request")


def u5(flow: Flow) -> bool:
    app, other = flow.register("u5"), flow.register("u5-other")
    return "code" not in flow.open_pushed(other, flow.push(app).json["request_uri"])


def d1(flow: Flow) -> bool:
    told = flow.start_device(flow.register("d1"))
    return told.keys() >= {"device_code", "user_code", "verification_uri"} and told.get("expires_in") == 300


def d2(flow: Flow) -> bool:
    app = flow.register("d2")
    return refused(flow.poll(app, flow.start_device(app)["device_code"]), "authorization_pending")


def d3(flow: Flow) -> bool:
    return refused(flow.poll(flow.register("d3"), "made-up"), "invalid_grant")


def d4(flow: Flow) -> bool:
    app = flow.register("d4")
    told = flow.start_device(app)
    flow.decide_device(told, "allow")
    answer = flow.poll(app, told["device_code"])
    return answer.status_code == 200 and flow.token_works(answer)


def d5(flow: Flow) -> bool:
    app = flow.register("d5")
    told = flow.start_device(app)
    flow.decide_device(told, "deny")
    return refused(flow.poll(app, told["device_code"]), "access_denied")


CHECKS: dict[str, Callable[[Flow], bool]] = {
    check.__name__.upper(): check
    for check in (
        *(t1, t2, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20, t21, t22),
        *(p1, p2, p3, a1, a2, a4, a5, a6, a7, a9, r1, r2, r3, r4, r5, i1, i2, i3, i4),
        *(n1, n2, n3, v1, v2, v3, v4, v5),
        *(u1, u2, u3, u4, u5, d1, d2, d3, d4, d5),
    )
}


def found_by_checks(flow: Flow) -> set[str]:
    found = set() if a8(flow) else {"A8"}
    return found | {name for name, check in CHECKS.items() if not check(flow)}


def test_without_flaws_no_check_finds_anything() -> None:
    assert found_by_checks(Flow()) == set()


@pytest.mark.parametrize("name", [name for name in FLAWS if name != "json-500"])
def test_a_flaw_is_found_by_its_own_check_alone(name: str) -> None:
    assert found_by_checks(Flow(flaws=frozenset({name}))) == set(FLAW_CHECKS[name])


def test_json_500_breaks_json_requests_only() -> None:
    flow = Flow(flaws=frozenset({"json-500"}))
    app = flow.register()
    assert not t20(flow)
    assert flow.exchange(app, flow.code(app), by="form").status_code == 200


def test_every_check_has_a_flaw() -> None:
    assert {check for checks in FLAW_CHECKS.values() for check in checks} == {*CHECKS, "A8"}


def test_flaws_combine() -> None:
    flow = Flow(flaws=frozenset({"state-dropped", "iss-wrong", "no-pragma", "no-no-store"}))
    app = flow.register()
    answer = flow.decide(app)
    assert query_of(answer.headers["Location"]).keys() == {"code", "iss"}
    headers = flow.exchange(app, query_of(answer.headers["Location"])["code"]).headers
    assert "Pragma" not in headers
    assert "Cache-Control" not in headers


def test_an_unknown_flaw_is_named_with_the_nearest_right_one() -> None:
    with pytest.raises(ValueError, match=r"no flaw 'code-reuseable'\. Did you mean 'code-reusable'"):
        create_app(SandboxSettings(flaws=frozenset({"code-reuseable"})))
