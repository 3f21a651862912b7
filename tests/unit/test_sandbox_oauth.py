"""The authorization code flow on the unflawed sandbox, beyond what the checks cover."""

from __future__ import annotations

import pytest
from sandbox_description import Description
from sandbox_flow import CALLBACK, CHALLENGE, VERIFIER, Flow, form_fields, query_of

S256 = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.fixture
def flow() -> Flow:
    return Flow()


def body(**changes: str) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK, **changes}


class TestPushedRequests:
    def test_a_request_that_was_pushed_expires(self, flow: Flow) -> None:
        app = flow.register()
        request_uri = flow.push(app).json["request_uri"]
        flow.clock.advance(61)
        assert flow.open_pushed(app, request_uri) == {}

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"redirect_uri": "https://evil.example.org/cb"}, "invalid_request"),
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "everything"}, "invalid_scope"),
        ],
    )
    def test_a_wrong_request_is_refused_when_it_is_pushed(
        self, flow: Flow, changes: dict[str, str], error: str
    ) -> None:
        answer = flow.push(flow.register(), **changes)
        assert (answer.status_code, answer.json["error"]) == (400, error)
        assert "Location" not in answer.headers


class TestDevices:
    def test_a_device_code_works_once_and_for_its_own_app(self, flow: Flow) -> None:
        app, other = flow.register(), flow.register("other")
        told = flow.start_device(app)
        assert "is connected" in flow.decide_device(told, "allow").text
        assert flow.poll(other, told["device_code"]).status_code == 400
        assert flow.poll(app, told["device_code"]).status_code == 200
        assert flow.poll(app, told["device_code"]).json["error"] == "invalid_grant"

    def test_a_device_code_expires(self, flow: Flow) -> None:
        app = flow.register()
        told = flow.start_device(app)
        flow.clock.advance(301)
        assert "There is no device with the code" in flow.decide_device(told, "allow").text
        assert flow.poll(app, told["device_code"]).json["error"] == "expired_token"

    def test_a_decision_needs_the_form_of_the_session(self, flow: Flow) -> None:
        told = flow.start_device(flow.register())
        flow.decide_device(told, "")
        again = flow.start_device(flow.register("again"))
        answer = flow.http.post(f"/device?user_code={again['user_code']}", data={"decision": "allow"})
        assert answer.status_code == 400

    def test_a_made_up_code_is_asked_for_again(self, flow: Flow) -> None:
        flow.decide(flow.register())
        assert "There is no device with the code XXXX-XXXX" in flow.http.get("/device?user_code=xxxx-xxxx").text
        assert 'name="user_code"' in flow.http.get("/device").text


class TestExchange:
    @pytest.mark.parametrize("by", ["json", "form", "basic"])
    def test_a_client_may_authenticate_in_three_ways(self, flow: Flow, by: str) -> None:
        app = flow.register()
        answer = flow.exchange(app, flow.code(app, **S256), by=by, code_verifier=VERIFIER)
        assert answer.status_code == 200, answer.text
        fixed = {"token_type": "Bearer", "expires_in": 3600, "scope": "openid"}
        assert answer.json.items() >= fixed.items()
        assert answer.json.keys() - fixed.keys() == {"access_token", "refresh_token", "id_token"}
        assert flow.token_works(answer)

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ({"data": "grant_type=authorization_code", "content_type": "text/plain"}, "Send a form"),
            ({}, "grant_type"),
        ],
    )
    def test_content_of_another_type_is_refused_and_none_is_an_empty_form(
        self, flow: Flow, content: dict[str, str], told: str
    ) -> None:
        answer = flow.call("POST", "/oauth/token", None, **content)
        assert answer.status_code == 400
        assert told in answer.json["error_description"]

    def test_answers_are_as_described(self, flow: Flow) -> None:
        app, description = flow.register(), Description()
        good, bad = flow.exchange(app, flow.code(app)), flow.exchange(app, "x")
        answers = [good, bad, flow.exchange(app, "x", client_secret="y")]
        assert [answer.status_code for answer in answers] == [200, 400, 401]
        for answer in answers:
            description.check("POST", "/oauth/token", answer)

    def test_a_failed_exchange_leaves_the_code_usable(self, flow: Flow) -> None:
        app = flow.register()
        code = flow.code(app, **S256)
        assert flow.exchange(app, code, code_verifier="w" * 64).status_code == 400
        assert flow.exchange(app, code, code_verifier=VERIFIER).status_code == 200

    def test_lifetimes_are_settable(self) -> None:
        flow = Flow(code_lifetime_s=5, token_lifetime_s=20)
        app = flow.register()
        code = flow.code(app)
        flow.clock.advance(4.9)
        answer = flow.exchange(app, code)
        assert answer.json["expires_in"] == 20
        flow.clock.advance(20)
        assert not flow.token_works(answer)

    def test_the_redirect_uri_may_be_left_out_in_both_requests(self, flow: Flow) -> None:
        app = flow.register()
        answer = flow.decide(app, redirect_uri=None)
        assert answer.headers["Location"].startswith(f"{CALLBACK}?code=")
        code = query_of(answer.headers["Location"])["code"]
        assert flow.exchange(app, code, redirect_uri=None).status_code == 200

    @pytest.mark.parametrize(
        ("text", "content_type", "error"),
        [
            ("{", "application/json", "invalid_request"),
            ("[]", "application/json", "invalid_request"),
            ('{"grant_type": 5}', "application/json", "invalid_request"),
            ('{"grant_type": "authorization_code", "code": "a", "code": "b"}', "application/json", "invalid_request"),
            ('{"grant_type": "password"}', "application/json", "unsupported_grant_type"),
            ('{"grant_type": "\\"\\\\\\u00e9"}', "application/json", "unsupported_grant_type"),
            ("<x/>", "application/xml", "invalid_request"),
            ("", "", "invalid_request"),
        ],
    )
    def test_malformed_requests(self, flow: Flow, text: str, content_type: str, error: str) -> None:
        answer = flow.http.post("/oauth/token", data=text, content_type=content_type)
        assert (answer.status_code, answer.json["error"]) == (400, error)
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic AAAA", "Bearer x"])
    def test_broken_credentials_are_no_client(self, flow: Flow, header: str) -> None:
        answer = flow.http.post("/oauth/token", data=body(), headers={"Authorization": header})
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")

    def test_deleting_an_app_ends_its_tokens(self, flow: Flow) -> None:
        app = flow.register()
        answer = flow.exchange(app, flow.code(app))
        flow.call("DELETE", f"/platform/v1/apps/{app['client_id']}", "directory")
        assert not flow.token_works(answer)


class TestScopes:
    def test_a_scope_opens_its_resource_and_no_other(self, flow: Flow) -> None:
        app = flow.register(scopes=["openid", "clients.read", "email"])
        token = flow.exchange(app, flow.code(app, scope="clients.read email openid")).json["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert flow.http.get("/platform/v1/clients", headers=headers).status_code == 200
        assert flow.http.post("/platform/v1/clients", headers=headers, json={}).status_code == 403
        refused = flow.http.get("/platform/v1/scheduling/bookings", headers=headers)
        assert refused.status_code == 403
        assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="bookings.read"'
        claims = flow.http.get("/oauth/userinfo", headers=headers).json
        assert claims == {"sub": "usr_1", "preferred_username": "alice@example.com", "email": "alice@example.com"}

    @pytest.mark.parametrize("scope", ["clients.read", "openid made-up"])
    def test_a_scope_that_the_app_lacks_is_invalid(self, flow: Flow, scope: str) -> None:
        answer = query_of(flow.decide(flow.register(), scope=scope).headers["Location"])
        assert (answer["error"], answer["state"]) == ("invalid_scope", "s1")


class TestAuthorize:
    @pytest.mark.parametrize(
        "challenge", [{"code_challenge": CHALLENGE}, {"code_challenge": CHALLENGE, "code_challenge_method": "plain"}]
    )
    def test_only_s256_is_supported(self, flow: Flow, challenge: dict[str, str]) -> None:
        assert query_of(flow.decide(flow.register(), **challenge).headers["Location"])["error"] == "invalid_request"

    def test_an_app_may_require_pkce(self, flow: Flow) -> None:
        app = flow.register(require_pkce=True)
        assert query_of(flow.decide(app).headers["Location"])["error"] == "invalid_request"
        assert "code" in query_of(flow.decide(app, **S256).headers["Location"])

    def test_a_repeated_parameter_is_invalid(self, flow: Flow) -> None:
        path = flow.authorize_path(flow.register())
        repeated = flow.http.get(f"{path}&scope=openid&scope=openid")
        assert query_of(repeated.headers["Location"])["error"] == "invalid_request"
        assert flow.http.get(f"{path}&redirect_uri=https://evil.example.org/").status_code == 400

    def test_several_redirect_uris_must_be_told_apart(self, flow: Flow) -> None:
        app = flow.register(redirect_uris=["https://other.example.com/cb?tenant=7"])
        assert flow.decide(app, redirect_uri=None).status_code == 400
        location = flow.decide(app, redirect_uri="https://other.example.com/cb?tenant=7").headers["Location"]
        assert location.startswith("https://other.example.com/cb?tenant=7&code=")

    def test_an_invalid_request_needs_no_login_to_be_refused(self, flow: Flow) -> None:
        answer = flow.http.get(flow.authorize_path({"client_id": 'no"pe'}))
        assert answer.status_code == 400
        assert "There is no app with this client_id." in answer.text

    def test_names_of_apps_are_text(self, flow: Flow) -> None:
        app = flow.register(name="<script>alert(1)</script>")
        flow.decide(app)
        page = flow.http.get(flow.authorize_path(app)).text
        assert "<script>" not in page
        assert "&lt;script&gt;" in page

    def test_remembered_consent_is_not_asked_for_again(self) -> None:
        flow = Flow(remember_consent=True)
        app = flow.register()
        flow.code(app)
        assert "code" in query_of(flow.http.get(flow.authorize_path(app)).headers["Location"])
        assert flow.http.get(flow.authorize_path(flow.register("second"))).status_code == 200


class TestPages:
    def test_a_wrong_password_is_told_on_the_login_page(self, flow: Flow) -> None:
        page = flow.http.get(flow.authorize_path(flow.register()), follow_redirects=True)
        fields = {**form_fields(page.text), "username": "alice@example.com", "password": "wrong"}
        answer = flow.http.post("/login", data=fields)
        assert answer.status_code == 422
        assert "The email address or the password is wrong." in answer.text
        assert "wrong" not in form_fields(answer.text).values()

    def test_a_form_of_somebody_else_is_refused(self, flow: Flow) -> None:
        app = flow.register()
        flow.decide(app)
        answer = flow.http.post(flow.authorize_path(app), data={"csrf_token": "x", "decision": "allow"})
        assert answer.status_code == 400
        login = {"username": "alice@example.com", "password": "correct horse", "csrf_token": ""}
        assert Flow().http.post("/login", data=login).status_code == 400

    def test_a_login_leads_to_the_authorization_endpoint_only(self, flow: Flow) -> None:
        page = flow.http.get("/login?next=https://evil.example.org/oauth/authorize?")
        assert "evil" not in page.text
        fields = {**form_fields(page.text), "username": "alice@example.com", "password": "correct horse"}
        answer = flow.http.post("/login", data={**fields, "next": "//evil.example.org/oauth/authorize?"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")

    def test_another_account_may_be_used(self, flow: Flow) -> None:
        app = flow.register()
        flow.decide(app)
        path = flow.authorize_path(app)
        answer = flow.http.post("/logout", data={"csrf_token": flow.csrf_token, "next": path})
        assert answer.status_code == 303
        assert flow.http.get(path).headers["Location"].startswith("/login?next=")

    def test_the_consent_page_names_app_person_and_scopes(self, flow: Flow) -> None:
        app = flow.register(name="Route planner", scopes=["openid", "bookings.read"])
        flow.decide(app)
        page = flow.http.get(flow.authorize_path(app)).text
        for text in ("Route planner", "alice@example.com", "know who you are", "read the bookings of your business"):
            assert text in page
