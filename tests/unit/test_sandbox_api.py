"""Tokens, administration, and what every answer has. Each answer is also held against the OpenAPI description."""

from __future__ import annotations

import pytest
from sandbox_description import DescribedFlow, Description, only_error
from sandbox_flow import TOKENS

ON_BEHALF = {"X-On-Behalf-Of": "biz_1"}


READABLE = [
    ("/platform/v1/health", None),
    ("/platform/v1/apps", "directory"),
    ("/platform/v1/businesses/biz_1", "staff"),
    ("/platform/v1/businesses/biz_2", "directory"),
    ("/platform/v1/staffs", "staff"),
    ("/platform/v1/staffs/stf_1", "staff"),
    ("/platform/v1/settings", "staff"),
    ("/platform/v1/usage", "staff"),
    ("/platform/v1/webhook/subscriptions", "staff"),
    ("/v3/license/offerings", "directory"),
    ("/platform/v1/clients", "staff"),
    ("/platform/v1/clients/cli_1", "staff"),
    ("/platform/v1/clients/cli_1/notes", "staff"),
    ("/client_api/v1/profile", "client"),
    ("/platform/v1/services", "client"),
    ("/platform/v1/services/svc_1", "client"),
    ("/platform/v1/invoices", "staff"),
    ("/platform/v1/invoices/inv_1", "staff"),
    ("/platform/v1/payments", "staff"),
    ("/v3/sales/products", "staff"),
    ("/platform/v1/scheduling/availability?service_id=svc_1&date=2030-01-08", "client"),
    ("/platform/v1/scheduling/bookings", "staff"),
    ("/api2/platform/v1/conversations", "staff"),
    ("/platform/v1/conversations/cnv_1/messages", "staff"),
    ("/v3/communication/templates", "staff"),
    ("/v3/communication/templates/tpl_1", "staff"),
    ("/.well-known/oauth-authorization-server", None),
]


@pytest.mark.parametrize(("path", "kind"), READABLE)
def test_what_is_seeded_can_be_read(flow: DescribedFlow, path: str, kind: str | None) -> None:
    assert flow.call("GET", path, kind).status_code == 200


class TestTokens:
    def test_no_token_is_401_with_a_challenge(self, flow: DescribedFlow) -> None:
        answer = flow.call("GET", "/platform/v1/clients", None)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="sandbox"'
        assert only_error(answer)["code"] == "missing_token"

    @pytest.mark.parametrize(
        "header", ["Bearer made-up", "Admin staff-token", "staff-token", 'Token token="staff-token"']
    )
    def test_an_unknown_token_or_the_wrong_scheme_is_401(self, flow: DescribedFlow, header: str) -> None:
        answer = flow.call("GET", "/platform/v1/clients", None, headers={"Authorization": header})
        assert (answer.status_code, only_error(answer)["code"]) == (401, "unknown_token")

    def test_the_wrong_kind_is_403_and_says_which_kinds_may(self, flow: DescribedFlow) -> None:
        answer = flow.call("GET", "/platform/v1/clients", "client")
        assert answer.status_code == 403
        assert only_error(answer)["allowed_tokens"] == ["staff", "directory", "user:clients.read"]

    def test_a_directory_token_must_name_one_of_its_businesses(self, flow: DescribedFlow) -> None:
        nobody = flow.call("GET", "/platform/v1/clients", "directory")
        foreign = flow.call("GET", "/platform/v1/clients", "directory", headers={"X-On-Behalf-Of": "biz_9"})
        mine = flow.call("GET", "/platform/v1/clients", "directory", headers=ON_BEHALF)
        other = flow.call("GET", "/platform/v1/clients", "directory", headers={"X-On-Behalf-Of": "biz_2"})
        assert (nobody.status_code, only_error(nobody)["code"]) == (422, "missing_on_behalf_of")
        assert (foreign.status_code, only_error(foreign)["code"]) == (403, "foreign_business")
        assert mine.json["data"]["pagination"]["total"] == 2
        assert other.json["data"]["pagination"]["total"] == 0

    def test_a_staff_token_does_not_see_other_businesses(self, flow: DescribedFlow) -> None:
        assert flow.call("GET", "/platform/v1/businesses/biz_2").status_code == 404

    def test_admin_tokens_have_a_scheme_of_their_own(self, flow: DescribedFlow) -> None:
        headers = {"Authorization": f"Admin {TOKENS['admin']}"}
        assert flow.call("GET", "/v3/license/offerings", None, headers=headers).status_code == 200
        assert flow.call("GET", "/v3/license/offerings", "admin").status_code == 401

    def test_partners_have_a_server_and_a_scheme_of_their_own(self, flow: DescribedFlow) -> None:
        headers = {"Authorization": f'Token token="{TOKENS["partner"]}"'}
        path = "/partners-api/v1/partners/accounts"
        assert flow.call("GET", path, None, headers=headers).json["data"]["accounts"][0]["business_id"] == "biz_1"
        assert flow.call("GET", f"{path}/biz_9", None, headers=headers).status_code == 404
        assert flow.call("GET", path).status_code == 403
        assert flow.http.get("/v1/partners/accounts", headers=headers).status_code == 404


class TestAdministration:
    def test_moved_and_retired(self, flow: DescribedFlow) -> None:
        moved = flow.call("GET", "/platform/v1/account")
        assert (moved.status_code, moved.headers["Location"]) == (301, "/platform/v1/businesses/biz_1")
        retired = flow.call("GET", "/v2/settings/business")
        assert (retired.status_code, retired.headers["Deprecation"]) == (410, "@1735689600")

    def test_settings_change_only_from_the_state_that_was_read(self, flow: DescribedFlow) -> None:
        path = "/platform/v1/settings"
        tag = flow.call("GET", path).headers["ETag"]
        assert flow.call("PUT", path, json={"time_zone": "Europe/Berlin"}, headers={"If-Match": tag}).status_code == 200
        assert flow.call("PUT", path, json={"time_zone": "UTC"}, headers={"If-Match": tag}).status_code == 412
        assert flow.call("PUT", path, json={"time_zone": "UTC"}).status_code == 200

    def test_the_limit_is_told_and_passes(self, flow: DescribedFlow) -> None:
        answers = [flow.call("GET", "/platform/v1/usage") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert answers[4].headers["X-RateLimit-Remaining"] == "0"
        flow.clock.advance(int(answers[5].headers["Retry-After"]))
        assert flow.call("GET", "/platform/v1/usage").status_code == 200

    def test_an_event_is_subscribed_once_per_target(self, flow: DescribedFlow) -> None:
        body = {"event": "client/created", "target_url": "https://hooks.example.com/x"}
        subscription = flow.made("/platform/v1/webhook/subscriptions", body)
        answer = flow.call("POST", "/platform/v1/webhook/subscriptions", json=body)
        assert (answer.status_code, only_error(answer)["conflicts_with"]) == (422, subscription["id"])
        path = f"/platform/v1/webhook/subscriptions/{subscription['id']}"
        assert [flow.call("DELETE", path).status_code for _ in range(2)] == [204, 404]

    def test_a_secret_is_shown_once(self, flow: DescribedFlow) -> None:
        app = flow.register("once")
        path = f"/platform/v1/apps/{app['client_id']}"
        shown = flow.call("GET", path, "directory").text + flow.call("GET", "/platform/v1/apps", "directory").text
        assert app["client_id"] in shown
        assert app["client_secret"] not in shown
        assert flow.call("DELETE", path, "directory").status_code == 204
        assert flow.call("GET", path, "directory").status_code == 404

    def test_an_app_code_name_is_taken_once(self, flow: DescribedFlow) -> None:
        app = flow.register("twice")
        body = {"name": "x", "app_code_name": "app-twice", "redirect_uri": "https://x.example.com/cb"}
        answer = flow.call("POST", "/platform/v1/apps", "directory", json=body)
        assert (answer.status_code, only_error(answer)["conflicts_with"]) == (409, app["client_id"])
        assert flow.call("POST", "/platform/v1/apps", json=body).status_code == 403

    @pytest.mark.parametrize(
        "uri", ["/cb", "https://x.example.com/#f", "javascript:alert(1)", "https:///cb", "not a uri"]
    )
    def test_a_redirect_uri_is_absolute_and_has_no_fragment(self, flow: DescribedFlow, uri: str) -> None:
        body = {"name": "x", "app_code_name": "bad-uri", "redirect_uri": uri}
        assert flow.call("POST", "/platform/v1/apps", "directory", json=body).status_code == 422

    def test_private_schemes_are_redirect_uris_too(self, flow: DescribedFlow) -> None:
        assert flow.register("native", redirect_uri="myapp://cb")["redirect_uris"] == ["myapp://cb"]


class TestEveryAnswer:
    def test_a_usable_request_id_comes_back(self, flow: DescribedFlow) -> None:
        answer = flow.call("GET", "/platform/v1/health", None, headers={"X-Request-Id": "abc-1"})
        assert answer.headers["X-Request-Id"] == "abc-1"
        other = flow.call("GET", "/platform/v1/health", None, headers={"X-Request-Id": "no good"})
        assert other.headers["X-Request-Id"].startswith("req-")

    def test_an_error_names_its_request(self, flow: DescribedFlow) -> None:
        answer = flow.call("GET", "/platform/v1/clients/none", headers={"X-Request-Id": "abc-2"})
        assert answer.json["request_id"] == answer.headers["X-Request-Id"] == "abc-2"

    def test_an_unknown_path_suggests_the_nearest(self, flow: DescribedFlow) -> None:
        answer = flow.http.get("/platform/v1/client")
        assert answer.status_code == 404
        assert "Did you mean /platform/v1/clients?" in only_error(answer)["message"]

    def test_a_wrong_method_is_405_with_allow(self, flow: DescribedFlow) -> None:
        answer = flow.http.patch("/platform/v1/clients")
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}

    def test_fresh_sandboxes_are_alike(self, description: Description) -> None:
        def first_new_id() -> str:
            body = {"first_name": "A", "email": "a@example.com"}
            return str(DescribedFlow(description).made("/platform/v1/clients", body)["id"])

        assert first_new_id() == first_new_id()
