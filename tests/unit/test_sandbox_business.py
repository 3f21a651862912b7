"""Sales, scheduling, communication. Every answer in here is also held against the OpenAPI description."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_description import DescribedFlow, only_error


class TestSales:
    def test_an_invoice_is_paid_in_parts(self, flow: DescribedFlow) -> None:
        items = [{"description": "Oil", "quantity": 3, "unit_amount": 1500}]
        invoice = flow.made("/platform/v1/invoices", {"client_id": "cli_2", "items": items})
        assert (invoice["number"], invoice["total"], invoice["due_date"]) == ("INV-00002", 4500, "2030-01-21")
        payment = {"invoice_id": invoice["id"], "amount": 4000, "method": "card"}
        first = flow.made("/platform/v1/payments", payment)
        assert flow.call("GET", f"/platform/v1/payments/{first['id']}").json["data"] == first
        too_much = flow.call("POST", "/platform/v1/payments", json=payment)
        assert (too_much.status_code, only_error(too_much)["code"]) == (422, "too_much")
        assert flow.call("POST", f"/platform/v1/invoices/{invoice['id']}/cancel").status_code == 409
        flow.made("/platform/v1/payments", {**payment, "amount": 500})
        paid = flow.call("GET", f"/platform/v1/invoices/{invoice['id']}").json["data"]
        assert (paid["state"], paid["open"]) == ("paid", 0)
        assert flow.call("POST", "/platform/v1/payments", json=payment).status_code == 409
        listed = flow.call("GET", f"/platform/v1/payments?filter[invoice_id]={invoice['id']}").json["data"]
        assert listed["pagination"]["total"] == 2

    def test_an_invoice_is_cancelled_once(self, flow: DescribedFlow) -> None:
        assert flow.call("POST", "/platform/v1/invoices/inv_1/cancel").json["data"]["state"] == "cancelled"
        assert flow.call("POST", "/platform/v1/invoices/inv_1/cancel").status_code == 409
        open_ones = flow.call("GET", "/platform/v1/invoices?filter[state]=issued").json["data"]["invoices"]
        assert open_ones == []

    @pytest.mark.parametrize(
        ("change", "field", "code"),
        [
            ({"client_id": "cli_9"}, "client_id", "unknown_client"),
            ({"due_date": "2029-12-31"}, "due_date", "in_the_past"),
            ({"due_date": "tomorrow"}, "due_date", "bad_format"),
            ({"items": []}, "items", "too_few"),
            ({"items": [{"description": "x", "quantity": 0, "unit_amount": 1}]}, "items.0.quantity", "out_of_range"),
        ],
    )
    def test_wrong_invoices(self, flow: DescribedFlow, change: dict[str, Any], field: str, code: str) -> None:
        items = [{"description": "Oil", "quantity": 1, "unit_amount": 1500}]
        answer = flow.call("POST", "/platform/v1/invoices", json={"client_id": "cli_2", "items": items, **change})
        assert answer.status_code == 422
        assert (only_error(answer)["field"], only_error(answer)["code"]) == (field, code)

    def test_a_service_takes_the_currency_of_the_settings(self, flow: DescribedFlow) -> None:
        flow.call("PUT", "/platform/v1/settings", json={"currency": "EUR"})
        service = flow.made("/platform/v1/services", {"name": "Sauna", "duration_min": 45, "price": 2500})
        assert service["currency"] == "EUR"

    def test_products_come_by_cursor(self, flow: DescribedFlow) -> None:
        first = flow.call("GET", "/v3/sales/products?limit=4").json["data"]
        second = flow.call("GET", f"/v3/sales/products?limit=4&cursor={first['next_cursor']}").json["data"]
        ids = [product["id"] for product in first["products"] + second["products"]]
        assert ids == [f"prd_{number}" for number in range(1, 8)]
        assert second["next_cursor"] is None
        assert only_error(flow.call("GET", "/v3/sales/products?cursor=zzz"))["code"] == "unknown_cursor"


class TestScheduling:
    BOOKING = {"client_id": "cli_1", "service_id": "svc_1", "start_time": "2030-01-08T10:30:00+01:00"}  # noqa: RUF012

    def test_a_slot_is_booked_once(self, flow: DescribedFlow) -> None:
        booking = flow.made("/platform/v1/scheduling/bookings", self.BOOKING)
        assert (booking["start_time"], booking["end_time"]) == ("2030-01-08T09:30:00.000Z", "2030-01-08T10:30:00.000Z")
        overlapping = {**self.BOOKING, "client_id": "cli_2", "start_time": "2030-01-08T10:29:00Z"}
        answer = flow.call("POST", "/platform/v1/scheduling/bookings", json=overlapping)
        assert (answer.status_code, only_error(answer)["conflicts_with"]) == (409, booking["id"])
        flow.made("/platform/v1/scheduling/bookings", {**overlapping, "staff_id": "stf_2"})
        flow.made("/platform/v1/scheduling/bookings", {**overlapping, "start_time": "2030-01-08T10:30:00Z"})

    def test_a_cancelled_booking_frees_its_slot(self, flow: DescribedFlow) -> None:
        booking = flow.made("/platform/v1/scheduling/bookings", self.BOOKING)
        day = "/platform/v1/scheduling/availability?service_id=svc_1&date=2030-01-08"
        assert len(flow.call("GET", day).json["data"]["slots"]) == 6
        path = f"/platform/v1/scheduling/bookings/{booking['id']}"
        cancelled = flow.call("POST", f"{path}/cancel", json={"reason": "ill"}).json["data"]
        assert (cancelled["state"], cancelled["cancel_reason"]) == ("cancelled", "ill")
        assert len(flow.call("GET", day).json["data"]["slots"]) == 8
        assert flow.call("POST", f"{path}/cancel").status_code == 409
        assert flow.call("PATCH", path, json={"note": "late"}).status_code == 409

    def test_a_booking_moves_beside_itself(self, flow: DescribedFlow) -> None:
        booking = flow.made("/platform/v1/scheduling/bookings", self.BOOKING)
        change = {"start_time": "2030-01-08T10:00:00Z", "note": "bring the letter"}
        moved = flow.call("PATCH", f"/platform/v1/scheduling/bookings/{booking['id']}", json=change).json["data"]
        assert (moved["end_time"], moved["note"]) == ("2030-01-08T11:00:00.000Z", "bring the letter")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"start_time": "2030-01-07T07:59:00Z"}, "too_early"),
            ({"start_time": "2030-01-08"}, "bad_format"),
            ({"service_id": "svc_9"}, "unknown_service"),
            ({"staff_id": "stf_9"}, "unknown_staff"),
        ],
    )
    def test_wrong_bookings(self, flow: DescribedFlow, change: dict[str, str], code: str) -> None:
        answer = flow.call("POST", "/platform/v1/scheduling/bookings", json={**self.BOOKING, **change})
        assert (answer.status_code, only_error(answer)["code"]) == (422, code)

    @pytest.mark.parametrize("query", ["service_id=svc_1", "service_id=svc_1&date=2030-02-30", "date=2030-01-08"])
    def test_wrong_days(self, flow: DescribedFlow, query: str) -> None:
        assert flow.call("GET", f"/platform/v1/scheduling/availability?{query}").status_code == 422


class TestCommunication:
    def test_conversations_answer_at_the_fallback_only(self, flow: DescribedFlow) -> None:
        answer = flow.call("GET", "/platform/v1/conversations")
        assert (answer.status_code, only_error(answer)["code"]) == (422, "use_fallback")

    def test_a_client_has_asked_something_already(self, flow: DescribedFlow) -> None:
        (message,) = flow.call("GET", "/platform/v1/conversations/cnv_1/messages").json["data"]["messages"]
        assert (message["client_id"], message["direction"]) == ("cli_1", "in")

    def test_a_message_starts_a_conversation(self, flow: DescribedFlow) -> None:
        sent = flow.made("/platform/v1/messages", {"client_id": "cli_2", "channel": "sms", "text": "Hello"})
        path = f"/platform/v1/conversations/{sent['conversation_id']}/messages"
        assert flow.call("GET", path).json["data"]["messages"] == [sent]
        again = flow.made("/platform/v1/messages", {"client_id": "cli_2", "channel": "email", "text": "Hello?"})
        assert again["conversation_id"] == sent["conversation_id"]

    def test_template_names_are_unique(self, flow: DescribedFlow) -> None:
        body = {"name": "Thanks", "channel": "email", "text": "Thank you, [first_name]!"}
        template = flow.made("/v3/communication/templates", body)
        answer = flow.call("POST", "/v3/communication/templates", json=body)
        assert (answer.status_code, only_error(answer)["conflicts_with"]) == (409, template["id"])
        assert flow.call("DELETE", f"/v3/communication/templates/{template['id']}").status_code == 204

    def test_an_old_path_keeps_method_and_body(self, flow: DescribedFlow) -> None:
        answer = flow.call("POST", "/v2/messages", json={})
        assert (answer.status_code, answer.headers["Location"]) == (307, "/platform/v1/messages")
