"""Clients of a business: profiles, notes, tags, imports."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, request

from pytest_endpoint_docs.sandbox.access import business_id, found_row, takes
from pytest_endpoint_docs.sandbox.answers import (
    ApiError,
    conflict,
    created,
    entity_tag,
    gone,
    ok,
    page_of,
    query_choice,
)
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.reading import EMAIL, BodySchema
from pytest_endpoint_docs.sandbox.store import Record, Store

blueprint = Blueprint("clients", __name__)

STATUSES = ("lead", "customer", "archived")
PROFILE: Record = {
    "first_name": {"type": "string", "minLength": 1, "maxLength": 60},
    "last_name": {"type": "string", "maxLength": 60},
    "email": EMAIL,
    "phone": {"type": "string", "pattern": r"^\+[0-9]{7,15}$"},
    "status": {"enum": list(STATUSES)},
}
NEW_CLIENT = BodySchema(PROFILE, required=("first_name", "email"))
CLIENT_CHANGE = BodySchema(PROFILE, minProperties=1)
NEW_NOTE = BodySchema(
    {"content": {"type": "string", "minLength": 1, "maxLength": 2000}, "pinned": {"type": "boolean"}},
    required=("content",),
)
TAGS = BodySchema(
    {"tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 40}}},
    required=("tags",),
)
NEW_IMPORT = BodySchema(
    {
        "clients": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {"type": "object", "properties": PROFILE, "required": ["first_name", "email"]},
        }
    },
    required=("clients",),
)


def client_of(client_id: str) -> Record:
    """A client of the business at hand. Raises: ApiError 404."""
    return found_row(platform().store.clients, "client", client_id)


def _owner_of(store: Store, email: str) -> Record | None:
    wanted = email.casefold()
    return next((row for row in store.clients.of(business_id()) if row["email"].casefold() == wanted), None)


def _add(store: Store, profile: Record) -> Record:
    now = store.now()
    defaults: Record = {"first_name": "", "last_name": None, "email": "", "phone": None, "status": "lead", "tags": []}
    return store.clients.add(business_id(), {**defaults, **profile, "created_at": now, "updated_at": now})


@blueprint.get("/platform/v1/clients")
@takes("staff", "directory", "user:clients.read")
def list_clients() -> Response:
    rows = platform().store.clients.of(business_id())
    status, tag = query_choice("filter[status]", STATUSES), request.args.get("filter[tag]")
    search = request.args.get("search", "").casefold()
    sort = query_choice("sort", ("created_at", "-created_at", "last_name", "-last_name")) or "created_at"
    rows = [row for row in rows if status in (None, row["status"]) and (tag is None or tag in row["tags"])]
    rows = [row for row in rows if search in f"{row['first_name']} {row['last_name']} {row['email']}".casefold()]
    if sort.endswith("last_name"):
        rows.sort(key=lambda row: (row["last_name"] or "").casefold(), reverse=sort.startswith("-"))
    elif sort.startswith("-"):
        rows.reverse()
    return page_of("clients", rows)


@blueprint.post("/platform/v1/clients")
@takes("staff", "directory")
def create_client() -> Response:
    profile, store = NEW_CLIENT.read(), platform().store
    if owner := _owner_of(store, profile["email"]):
        raise _taken(profile["email"], owner)
    client = _add(store, profile)
    return created(client)


def _taken(email: str, owner: Record) -> ApiError:
    message = f"The email address {email} belongs to another client."
    return conflict(message, field="email", code="taken", conflicts_with=owner["id"])


@blueprint.get("/platform/v1/clients/<client_id>")
@takes("staff", "directory", "user:clients.read")
def get_client(client_id: str) -> Response:
    client = client_of(client_id)
    answer = ok(client)
    answer.set_etag(entity_tag(client))
    answer.make_conditional(request)
    # The server sends one too, and a client sees both joined.
    del answer.headers["Date"]
    return answer


@blueprint.put("/platform/v1/clients/<client_id>")
@takes("staff", "directory")
def put_client(client_id: str) -> Response:
    client, change, store = client_of(client_id), CLIENT_CHANGE.read(), platform().store
    owner = _owner_of(store, change["email"]) if "email" in change else None
    if owner and owner is not client:
        raise _taken(change["email"], owner)
    client.update(change, updated_at=store.now())
    return ok(client)


@blueprint.delete("/platform/v1/clients/<client_id>")
@takes("staff", "directory")
def delete_client(client_id: str) -> Response:
    client, store = client_of(client_id), platform().store
    for invoice in store.invoices.of(business_id()):
        if invoice["client_id"] == client["id"] and invoice["state"] == "issued":
            message = f"The invoice {invoice['number']} of this client is unpaid: take a payment or cancel it first."
            raise conflict(message, code="unpaid_invoice", conflicts_with=invoice["id"])
    store.clients.remove(client["id"])
    return gone()


@blueprint.get("/platform/v1/clients/<client_id>/notes")
@takes("staff", "directory")
def list_notes(client_id: str) -> Response:
    client_of(client_id)
    notes = [note for note in platform().store.notes.of(business_id()) if note["client_id"] == client_id]
    return ok({"notes": notes[::-1]})


@blueprint.post("/platform/v1/clients/<client_id>/notes")
@takes("staff", "directory")
def create_note(client_id: str) -> Response:
    client_of(client_id)
    body, store = NEW_NOTE.read(), platform().store
    note = {"client_id": client_id, "pinned": False, **body, "created_at": store.now()}
    note = store.notes.add(business_id(), note)
    return created(note)


@blueprint.delete("/platform/v1/clients/<client_id>/notes/<note_id>")
@takes("staff", "directory")
def delete_note(client_id: str, note_id: str) -> Response:
    client_of(client_id)
    found_row(platform().store.notes, "note", note_id, client_id=client_id)
    platform().store.notes.remove(note_id)
    return gone()


@blueprint.put("/platform/v1/clients/<client_id>/tags")
@takes("staff", "directory")
def put_tags(client_id: str) -> Response:
    client = client_of(client_id)
    client["tags"] = sorted(set(TAGS.read()["tags"]))
    client["updated_at"] = platform().store.now()
    return ok({"tags": client["tags"]})


@blueprint.post("/v3/clients/imports")
@takes("staff", "directory")
def start_import() -> Response:
    """Takes the clients in at once, but reports the outcome only later, as a job that takes its time would."""
    profiles, store = NEW_IMPORT.read()["clients"], platform().store
    created = 0
    for profile in profiles:
        if _owner_of(store, profile["email"]) is None:
            _add(store, {name: profile[name] for name in PROFILE if name in profile})
            created += 1
    job = store.imports.add(business_id(), {"state": "running", "total": len(profiles), "created": 0, "skipped": 0})
    outcome: Record = {"state": "done", "created": created, "skipped": len(profiles) - created}
    store.import_starts[job["id"]] = (store.clock(), outcome)
    answer = ok(job, 202, location=f"/v3/clients/imports/{job['id']}")
    answer.headers["Retry-After"] = "1"
    return answer


@blueprint.get("/v3/clients/imports/<import_id>")
@takes("staff", "directory")
def get_import(import_id: str) -> Response:
    store = platform().store
    job = found_row(store.imports, "import", import_id)
    started, outcome = store.import_starts[import_id]
    if store.clock() - started >= timedelta(seconds=platform().settings.import_duration_s):
        job.update(outcome)
    return ok(job)


@blueprint.get("/client_api/v1/profile")
@takes("client")
def get_own_profile() -> Response:
    return ok(client_of("cli_1"))
