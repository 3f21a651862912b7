"""Availability and bookings."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, request

from pytest_endpoint_docs.sandbox.access import business_id, found_row, known_client, referred_row, takes
from pytest_endpoint_docs.sandbox.answers import ApiError, conflict, created, ok, page_of, problem, query_choice
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.reading import BodySchema
from pytest_endpoint_docs.sandbox.store import Record, Store, timestamp

blueprint = Blueprint("scheduling", __name__)

SLOT_HOURS = range(9, 17)
START: Record = {"type": "string", "format": "date-time"}
NOTE: Record = {"type": "string", "maxLength": 500}
NEW_BOOKING = BodySchema(
    {
        "client_id": {"type": "string"},
        "service_id": {"type": "string"},
        "staff_id": {"type": "string"},
        "start_time": START,
        "note": NOTE,
    },
    required=("client_id", "service_id", "start_time"),
)
BOOKING_CHANGE = BodySchema({"start_time": START, "note": NOTE}, minProperties=1)
CANCELLATION = BodySchema({"reason": {"type": "string", "maxLength": 500}})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _in_the_way(store: Store, staff_id: str, start: datetime, end: datetime, ignore: str = "") -> Record | None:
    for booking in store.bookings.of(business_id()):
        if booking["id"] == ignore or booking["state"] == "cancelled" or booking["staff_id"] != staff_id:
            continue
        if start < _moment(booking["end_time"]) and _moment(booking["start_time"]) < end:
            return booking
    return None


def _slot(store: Store, start_text: str, duration: timedelta, staff_id: str, ignore: str = "") -> dict[str, str]:
    """Start and end of a slot that is free. Raises: ApiError 422 (too early), 409 (taken)."""
    try:
        start = _moment(start_text)
        end = start + duration
    except (ValueError, OverflowError) as error:
        message = f"There is no moment {start_text!r}: {error}."
        raise ApiError(422, problem("bad_format", message, "start_time")) from error
    notice_min = store.settings[business_id()]["booking_notice_min"]
    earliest = store.clock() + timedelta(minutes=notice_min)
    if start <= earliest:
        message = f"start_time is {timestamp(start)}; the earliest possible is after {timestamp(earliest)}."
        raise ApiError(422, problem("too_early", message, "start_time"))
    if other := _in_the_way(store, staff_id, start, end, ignore):
        message = f"{staff_id} is booked from {other['start_time']} to {other['end_time']}."
        raise conflict(message, field="start_time", code="slot_taken", conflicts_with=other["id"])
    return {"start_time": timestamp(start), "end_time": timestamp(end)}


def _booking(booking_id: str) -> Record:
    return found_row(platform().store.bookings, "booking", booking_id)


def _first_staff() -> str:
    staffs = platform().store.staffs.of(business_id())
    if not staffs:
        raise ApiError(422, problem("no_staff", "This business has nobody who could do it.", "staff_id"))
    return str(staffs[0]["id"])


def _day(text: str) -> date:
    """A day that has a next one, so that slots can end in it. Raises: ApiError 422."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError("the form is YYYY-MM-DD")
        day = date.fromisoformat(text)
        return day + timedelta(days=1) - timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise ApiError(422, problem("bad_format", f"There is no day {text!r}: {error}.", "date")) from error


@blueprint.get("/platform/v1/scheduling/availability")
@takes("staff", "directory", "client")
def get_availability() -> Response:
    service_id, day_text = request.args.get("service_id", ""), request.args.get("date", "")
    missing = [name for name, text in (("service_id", service_id), ("date", day_text)) if not text]
    if missing:
        raise ApiError(422, *(problem("missing", f"The parameter {name} is required.", name) for name in missing))
    day = _day(day_text)
    store = platform().store
    service = found_row(store.services, "service", service_id)
    staff_id, duration = _first_staff(), timedelta(minutes=service["duration_min"])
    slots = []
    for hour in SLOT_HOURS:
        start = datetime.combine(day, time(hour), tzinfo=UTC)
        if start > store.clock() and _in_the_way(store, staff_id, start, start + duration) is None:
            slots.append(
                {"start_time": timestamp(start), "end_time": timestamp(start + duration), "staff_id": staff_id}
            )
    return ok({"service_id": service_id, "date": day_text, "slots": slots})


@blueprint.get("/platform/v1/scheduling/bookings")
@takes("staff", "directory", "user:bookings.read")
def list_bookings() -> Response:
    state, client_id = query_choice("filter[state]", ("scheduled", "cancelled")), request.args.get("filter[client_id]")
    rows = platform().store.bookings.of(business_id())
    rows = [row for row in rows if state in (None, row["state"]) and client_id in (None, row["client_id"])]
    return page_of("bookings", sorted(rows, key=lambda row: str(row["start_time"])))


@blueprint.post("/platform/v1/scheduling/bookings")
@takes("staff", "directory")
def create_booking() -> Response:
    body, store = NEW_BOOKING.read(), platform().store
    known_client(body["client_id"])
    service = referred_row(store.services, "service", body["service_id"], "service_id")
    staff_id = body.get("staff_id") or _first_staff()
    referred_row(store.staffs, "staff member", staff_id, "staff_id")
    slot = _slot(store, body["start_time"], timedelta(minutes=service["duration_min"]), staff_id)
    record = {
        "client_id": body["client_id"],
        "service_id": body["service_id"],
        "staff_id": staff_id,
        "state": "scheduled",
        **slot,
        "note": body.get("note"),
        "cancel_reason": None,
        "created_at": store.now(),
    }
    booking = store.bookings.add(business_id(), record)
    return created(booking)


@blueprint.get("/platform/v1/scheduling/bookings/<booking_id>")
@takes("staff", "directory", "user:bookings.read")
def get_booking(booking_id: str) -> Response:
    return ok(_booking(booking_id))


@blueprint.patch("/platform/v1/scheduling/bookings/<booking_id>")
@takes("staff", "directory")
def reschedule_booking(booking_id: str) -> Response:
    booking, change, store = _booking(booking_id), BOOKING_CHANGE.read(), platform().store
    _still_on(booking)
    if "start_time" in change:
        duration = _moment(booking["end_time"]) - _moment(booking["start_time"])
        booking.update(_slot(store, change["start_time"], duration, booking["staff_id"], ignore=booking_id))
    booking["note"] = change.get("note", booking["note"])
    return ok(booking)


@blueprint.post("/platform/v1/scheduling/bookings/<booking_id>/cancel")
@takes("staff", "directory")
def cancel_booking(booking_id: str) -> Response:
    booking, body = _booking(booking_id), CANCELLATION.read(optional=True)
    _still_on(booking)
    booking.update(state="cancelled", cancel_reason=body.get("reason"))
    return ok(booking)


def _still_on(booking: Record) -> None:
    if booking["state"] == "cancelled":
        message = f"The booking {booking['id']} is cancelled already."
        raise conflict(message, code="cancelled_already", conflicts_with=booking["id"])
