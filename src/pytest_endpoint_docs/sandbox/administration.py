"""Platform administration: apps, businesses, staff, settings, webhooks, partners."""

from __future__ import annotations

import math
from datetime import timedelta

from flask import Blueprint, Response, redirect, request

from pytest_endpoint_docs.sandbox.access import business_id, found_row, identity, takes
from pytest_endpoint_docs.sandbox.answers import (
    ApiError,
    created,
    entity_tag,
    gone,
    ok,
    page_of,
    problem,
    query_choice,
)
from pytest_endpoint_docs.sandbox.gateway import PARTNERS
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.reading import CURRENCY, BodySchema
from pytest_endpoint_docs.sandbox.store import Record

blueprint = Blueprint("administration", __name__)

EVENTS = ("client/created", "client/updated", "booking/created", "booking/cancelled", "invoice/paid")
SETTINGS_CHANGE = BodySchema(
    {
        "time_zone": {"type": "string", "minLength": 1, "maxLength": 60},
        "currency": CURRENCY,
        "booking_notice_min": {"type": "integer", "minimum": 0, "maximum": 10080},
    },
    minProperties=1,
)
NEW_SUBSCRIPTION = BodySchema(
    {
        "event": {"enum": list(EVENTS)},
        "target_url": {"type": "string", "pattern": r"^https://[^/\s]+", "maxLength": 500},
    },
    required=("event", "target_url"),
)


@blueprint.get("/platform/v1/health")
def get_health() -> Response:
    return ok({"healthy": True, "time": platform().store.now()})


@blueprint.get("/platform/v1/businesses/<wanted_id>")
@takes("staff", "directory", "admin", business=False)
def get_business(wanted_id: str) -> Response:
    found = platform().store.businesses.find(wanted_id, wanted_id)
    if found is None or (identity().kind == "staff" and wanted_id != "biz_1"):
        raise ApiError(404, problem("not_found", f"There is no business {wanted_id!r} for this token."))
    return ok(found)


@blueprint.get("/platform/v1/account")
@takes("staff")
def get_account() -> Response:
    return redirect(f"/platform/v1/businesses/{business_id()}", 301, Response=Response)  # type: ignore[return-value]


@blueprint.get("/v2/settings/business")
@takes("staff")
def get_old_business_settings() -> Response:
    headers = {
        # RFC 9745: the moment since when, in seconds of the epoch.
        "Deprecation": "@1735689600",
        "Link": '</platform/v1/settings>; rel="successor-version"',
    }
    raise ApiError(410, problem("retired", "Retired; use GET /platform/v1/settings."), headers=headers)


@blueprint.get("/platform/v1/staffs")
@takes("staff", "directory")
def list_staffs() -> Response:
    return page_of("staffs", platform().store.staffs.of(business_id()))


@blueprint.get("/platform/v1/staffs/<staff_id>")
@takes("staff", "directory")
def get_staff(staff_id: str) -> Response:
    return ok(found_row(platform().store.staffs, "staff member", staff_id))


def _settings_answer(settings: Record) -> Response:
    answer = ok(settings)
    answer.set_etag(entity_tag(settings))
    return answer


@blueprint.get("/platform/v1/settings")
@takes("staff", "directory")
def get_settings() -> Response:
    return _settings_answer(platform().store.settings[business_id()])


@blueprint.put("/platform/v1/settings")
@takes("staff", "directory")
def put_settings() -> Response:
    store = platform().store
    settings, change = store.settings[business_id()], SETTINGS_CHANGE.read()
    if request.if_match and not request.if_match.contains(entity_tag(settings)):
        message = "The settings were changed since you read them: read them again, then repeat the change."
        raise ApiError(412, problem("changed_since", message, "If-Match"))
    settings.update(change, updated_at=store.now())
    return _settings_answer(settings)


@blueprint.get("/platform/v1/usage")
@takes("staff")
def get_usage() -> Response:
    settings, store = platform().settings, platform().store
    now, window = store.clock(), timedelta(seconds=settings.rate_window_s)
    recent = [moment for moment in store.recent_requests.get(identity().token, []) if now - moment < window]
    if len(recent) >= settings.rate_limit:
        wait_s = max(1, math.ceil((recent[0] + window - now).total_seconds()))
        message = f"At most {settings.rate_limit} requests in {settings.rate_window_s:g} s; try again in {wait_s} s."
        raise ApiError(429, problem("too_many_requests", message), headers={"Retry-After": str(wait_s)})
    store.recent_requests[identity().token] = [*recent, now]
    tables = {"clients": store.clients, "bookings": store.bookings, "documents": store.documents}
    answer = ok({name: len(table.of(business_id())) for name, table in tables.items()})
    answer.headers["X-RateLimit-Limit"] = str(settings.rate_limit)
    answer.headers["X-RateLimit-Remaining"] = str(settings.rate_limit - len(recent) - 1)
    return answer


@blueprint.get("/platform/v1/webhook/subscriptions")
@takes("staff", "directory")
def list_subscriptions() -> Response:
    return page_of("subscriptions", platform().store.subscriptions.of(business_id()))


@blueprint.post("/platform/v1/webhook/subscriptions")
@takes("staff", "directory")
def create_subscription() -> Response:
    body, store = NEW_SUBSCRIPTION.read(), platform().store
    for row in store.subscriptions.of(business_id()):
        if (row["event"], row["target_url"]) == (body["event"], body["target_url"]):
            message = f"{body['target_url']} is subscribed to {body['event']} already, as {row['id']}."
            raise ApiError(422, problem("taken", message, "target_url", conflicts_with=row["id"]))
    subscription = store.subscriptions.add(business_id(), {**body, "created_at": store.now()})
    return created(subscription)


@blueprint.delete("/platform/v1/webhook/subscriptions/<subscription_id>")
@takes("staff", "directory")
def delete_subscription(subscription_id: str) -> Response:
    store = platform().store
    store.subscriptions.remove(found_row(store.subscriptions, "subscription", subscription_id)["id"])
    return gone()


@blueprint.get("/v3/license/offerings")
@takes("admin", "directory", business=False)
def list_offerings() -> Response:
    active, kind = (
        query_choice("filter[is_active]", ("true", "false")),
        query_choice("filter[type]", ("package", "addon")),
    )
    rows = [row for row in platform().store.offerings if kind in (None, row["type"])]
    return ok({"offerings": [row for row in rows if active in (None, str(row["is_active"]).lower())]})


def _account(business: Record) -> Record:
    return {"business_id": business["id"], "name": business["name"], "plan": "Starter", "state": "active"}


@blueprint.get("/v1/partners/accounts")
@takes("partner", business=False, only_at=PARTNERS)
def list_partner_accounts() -> Response:
    return ok({"accounts": [_account(business) for business in platform().store.businesses]})


@blueprint.get("/v1/partners/accounts/<wanted_id>")
@takes("partner", business=False, only_at=PARTNERS)
def get_partner_account(wanted_id: str) -> Response:
    found = platform().store.businesses.find(wanted_id, wanted_id)
    if found is None:
        raise ApiError(404, problem("not_found", f"There is no account {wanted_id!r} for this partner."))
    return ok(_account(found))
