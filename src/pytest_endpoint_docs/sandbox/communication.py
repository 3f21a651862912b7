"""Conversations, messages, templates."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from pytest_endpoint_docs.sandbox.access import business_id, found_row, known_client, takes
from pytest_endpoint_docs.sandbox.answers import ApiError, conflict, created, gone, ok, page_of, problem, query_choice
from pytest_endpoint_docs.sandbox.gateway import FALLBACK, gateway
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.reading import BodySchema
from pytest_endpoint_docs.sandbox.store import Record

blueprint = Blueprint("communication", __name__)

CHANNELS = ("email", "sms")
TEXT: Record = {"type": "string", "minLength": 1, "maxLength": 1000}
NEW_MESSAGE = BodySchema(
    {"client_id": {"type": "string"}, "channel": {"enum": list(CHANNELS)}, "text": TEXT},
    required=("client_id", "channel", "text"),
)
NEW_TEMPLATE = BodySchema(
    {
        "name": {"type": "string", "minLength": 1, "maxLength": 80},
        "channel": {"enum": list(CHANNELS)},
        "text": TEXT,
    },
    required=("name", "channel", "text"),
)


@blueprint.get("/platform/v1/conversations")
@takes("staff", "directory")
def list_conversations() -> Response:
    if gateway() != FALLBACK:
        message = f"This gateway cannot reach the conversations; ask {FALLBACK}{request.path}."
        raise ApiError(422, problem("use_fallback", message))
    return page_of("conversations", platform().store.conversations.of(business_id()))


@blueprint.get("/platform/v1/conversations/<conversation_id>/messages")
@takes("staff", "directory")
def list_messages(conversation_id: str) -> Response:
    store = platform().store
    found_row(store.conversations, "conversation", conversation_id)
    rows = store.messages.of(business_id())
    return ok({"messages": [row for row in rows if row["conversation_id"] == conversation_id]})


@blueprint.post("/platform/v1/messages")
@takes("staff", "directory")
def send_message() -> Response:
    body, store = NEW_MESSAGE.read(), platform().store
    client_id = known_client(body["client_id"])["id"]
    now = store.now()
    rows = store.conversations.of(business_id())
    talk = next((row for row in rows if row["client_id"] == client_id), None)
    if talk is None:
        talk = store.conversations.add(business_id(), {"client_id": client_id, "message_count": 0})
    talk.update(message_count=talk["message_count"] + 1, last_message_at=now)
    message = {"conversation_id": talk["id"], **body, "direction": "out", "created_at": now}
    return ok(store.messages.add(business_id(), message), 201)


@blueprint.post("/v2/messages")
def send_old_message() -> Response:
    # 307, not 301: the method and the body must survive (RFC 9110 section 15.4.8).
    return redirect("/platform/v1/messages", 307, Response=Response)  # type: ignore[return-value]


@blueprint.get("/v3/communication/templates")
@takes("staff", "directory")
def list_templates() -> Response:
    channel = query_choice("filter[channel]", CHANNELS)
    rows = platform().store.templates.of(business_id())
    return ok({"templates": [row for row in rows if channel in (None, row["channel"])]})


@blueprint.post("/v3/communication/templates")
@takes("staff", "directory")
def create_template() -> Response:
    body, store = NEW_TEMPLATE.read(), platform().store
    for row in store.templates.of(business_id()):
        if row["name"] == body["name"]:
            message = f"There is a template with the name {body['name']!r}."
            raise conflict(message, field="name", code="taken", conflicts_with=row["id"])
    template = store.templates.add(business_id(), {**body, "created_at": store.now()})
    return created(template)


def _template(template_id: str) -> Record:
    return found_row(platform().store.templates, "template", template_id)


@blueprint.get("/v3/communication/templates/<template_id>")
@takes("staff", "directory")
def get_template(template_id: str) -> Response:
    return ok(_template(template_id))


@blueprint.delete("/v3/communication/templates/<template_id>")
@takes("staff", "directory")
def delete_template(template_id: str) -> Response:
    platform().store.templates.remove(_template(template_id)["id"])
    return gone()
