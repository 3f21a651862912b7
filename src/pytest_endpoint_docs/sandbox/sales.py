"""Services, invoices, payments, products. Amounts are whole numbers of the currency's smallest unit."""

from __future__ import annotations

import base64
import binascii
from datetime import date, timedelta

from flask import Blueprint, Response, request

from pytest_endpoint_docs.sandbox.access import business_id, found_row, known_client, referred_row, takes
from pytest_endpoint_docs.sandbox.answers import (
    ApiError,
    conflict,
    created,
    ok,
    page_of,
    problem,
    query_choice,
    query_int,
)
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.reading import CURRENCY, BodySchema
from pytest_endpoint_docs.sandbox.store import Record

blueprint = Blueprint("sales", __name__)

AMOUNT: Record = {"type": "integer", "minimum": 0, "maximum": 100_000_000}
NEW_SERVICE = BodySchema(
    {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "duration_min": {"type": "integer", "minimum": 5, "maximum": 480},
        "price": AMOUNT,
        "currency": CURRENCY,
    },
    required=("name", "duration_min", "price"),
)
INVOICE_ITEM: Record = {
    "type": "object",
    "required": ["description", "quantity", "unit_amount"],
    "properties": {
        "description": {"type": "string", "minLength": 1, "maxLength": 200},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 10_000},
        "unit_amount": AMOUNT,
    },
}
NEW_INVOICE = BodySchema(
    {
        "client_id": {"type": "string"},
        "currency": CURRENCY,
        "due_date": {"type": "string", "format": "date"},
        "items": {"type": "array", "minItems": 1, "maxItems": 50, "items": INVOICE_ITEM},
    },
    required=("client_id", "items"),
)
NEW_PAYMENT = BodySchema(
    {
        "invoice_id": {"type": "string"},
        "amount": {"type": "integer", "minimum": 1},
        "method": {"enum": ["cash", "card", "transfer"]},
    },
    required=("invoice_id", "amount", "method"),
)


def _currency() -> str:
    return str(platform().store.settings[business_id()]["currency"])


@blueprint.get("/platform/v1/services")
@takes("staff", "directory", "client")
def list_services() -> Response:
    return page_of("services", platform().store.services.of(business_id()))


@blueprint.post("/platform/v1/services")
@takes("staff", "directory")
def create_service() -> Response:
    body, store = NEW_SERVICE.read(), platform().store
    service = store.services.add(business_id(), {"currency": _currency(), **body, "created_at": store.now()})
    return created(service)


@blueprint.get("/platform/v1/services/<service_id>")
@takes("staff", "directory", "client")
def get_service(service_id: str) -> Response:
    return ok(found_row(platform().store.services, "service", service_id))


def _invoice(invoice_id: str) -> Record:
    return found_row(platform().store.invoices, "invoice", invoice_id)


@blueprint.get("/platform/v1/invoices")
@takes("staff", "directory")
def list_invoices() -> Response:
    state, client_id = (
        query_choice("filter[state]", ("issued", "paid", "cancelled")),
        request.args.get("filter[client_id]"),
    )
    rows = platform().store.invoices.of(business_id())
    return page_of(
        "invoices",
        [row for row in rows if state in (None, row["state"]) and client_id in (None, row["client_id"])],
    )


@blueprint.post("/platform/v1/invoices")
@takes("staff", "directory")
def create_invoice() -> Response:
    body, store = NEW_INVOICE.read(), platform().store
    known_client(body["client_id"])
    today = store.clock().date()
    due = date.fromisoformat(body["due_date"]) if "due_date" in body else today + timedelta(days=14)
    if due < today:
        raise ApiError(422, problem("in_the_past", f"due_date is {due}, and today is {today} (UTC).", "due_date"))
    items = [{name: item[name] for name in INVOICE_ITEM["required"]} for item in body["items"]]
    total = sum(item["quantity"] * item["unit_amount"] for item in items)
    record = {
        "number": f"INV-{store.invoices.added + 1:05d}",
        "client_id": body["client_id"],
        "state": "issued",
        "currency": body.get("currency", _currency()),
        "items": items,
        "total": total,
        "paid": 0,
        "open": total,
        "due_date": due.isoformat(),
        "created_at": store.now(),
    }
    invoice = store.invoices.add(business_id(), record)
    return created(invoice)


@blueprint.get("/platform/v1/invoices/<invoice_id>")
@takes("staff", "directory")
def get_invoice(invoice_id: str) -> Response:
    return ok(_invoice(invoice_id))


@blueprint.post("/platform/v1/invoices/<invoice_id>/cancel")
@takes("staff", "directory")
def cancel_invoice(invoice_id: str) -> Response:
    invoice = _invoice(invoice_id)
    if invoice["state"] != "issued" or invoice["paid"]:
        found = f"{invoice['number']} is {invoice['state']}, with {invoice['paid']} paid"
        message = f"Only an issued invoice without payments can be cancelled; {found}."
        raise conflict(message, code="not_cancellable", conflicts_with=invoice["id"])
    invoice.update(state="cancelled", open=0)
    return ok(invoice)


@blueprint.get("/platform/v1/payments")
@takes("staff", "directory")
def list_payments() -> Response:
    invoice_id = request.args.get("filter[invoice_id]")
    rows = platform().store.payments.of(business_id())
    return page_of("payments", [row for row in rows if invoice_id in (None, row["invoice_id"])])


@blueprint.post("/platform/v1/payments")
@takes("staff", "directory")
def create_payment() -> Response:
    body, store = NEW_PAYMENT.read(), platform().store
    invoice = referred_row(store.invoices, "invoice", body["invoice_id"], "invoice_id")
    if invoice["state"] != "issued":
        message = f"The invoice {invoice['number']} is {invoice['state']} already."
        raise conflict(message, field="invoice_id", code="not_open", conflicts_with=invoice["id"])
    if body["amount"] > invoice["open"]:
        message = f"{body['amount']} is more than the open amount, {invoice['open']}."
        raise ApiError(422, problem("too_much", message, "amount"))
    invoice["paid"] += body["amount"]
    invoice["open"] -= body["amount"]
    invoice["state"] = "issued" if invoice["open"] else "paid"
    payment = {**body, "currency": invoice["currency"], "created_at": store.now()}
    payment = store.payments.add(business_id(), payment)
    return created(payment)


@blueprint.get("/platform/v1/payments/<payment_id>")
@takes("staff", "directory")
def get_payment(payment_id: str) -> Response:
    return ok(found_row(platform().store.payments, "payment", payment_id))


@blueprint.get("/v3/sales/products")
@takes("staff", "directory")
def list_products() -> Response:
    rows, limit = platform().store.products.of(business_id()), query_int("limit", 5, 1, 50)
    cursor = request.args.get("cursor")
    start = 0
    if cursor is not None:
        try:
            last_seen = base64.urlsafe_b64decode(cursor.encode()).decode()
            start = [row["id"] for row in rows].index(last_seen) + 1
        except (binascii.Error, ValueError) as error:
            message = "cursor is not one that this operation gave out; leave it out to begin anew."
            raise ApiError(422, problem("unknown_cursor", message, "cursor")) from error
    part = rows[start : start + limit]
    more = start + limit < len(rows)
    next_cursor = base64.urlsafe_b64encode(part[-1]["id"].encode()).decode() if more else None
    return ok({"products": part, "next_cursor": next_cursor})
