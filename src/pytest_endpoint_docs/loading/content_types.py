"""How a body is sent: as JSON, as a form, in parts, or as the text that it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from pytest_endpoint_docs.loading.mapping_reader import MappingReader
from pytest_endpoint_docs.model.body import MEDIA_TYPES, ContentType, is_sent_as_text
from pytest_endpoint_docs.model.header_fields import is_json_type, is_media_type, media_type_in, media_type_of
from pytest_endpoint_docs.words import did_you_mean, kind_of

_NAMES: tuple[ContentType, ...] = get_args(ContentType)
# `text` stands for any other.
_BY_MEDIA_TYPE: Mapping[str, ContentType] = {
    media_type: name for name, media_type in MEDIA_TYPES.items() if name != "text"
}


def read_content_type(reader: MappingReader, headers: Mapping[str, str]) -> tuple[ContentType, Mapping[str, str]]:
    """How the body of a request is sent, and the header fields, with its media type if that is to be named there.

    ``content_type`` says it, by a name or by a media type (RFC 9110 section 8.3); else the ``Content-Type`` of
    ``headers`` does.
    """
    written = reader.text("content_type")
    if written is None:
        return _sent_as(reader, media_type_in(headers)), headers
    media_type = media_type_of(written)
    named = _BY_MEDIA_TYPE.get(media_type) or next((name for name in _NAMES if name == media_type), None)
    if named is not None:
        _refuse_unsent(reader, named)
        return named, headers
    if not is_media_type(media_type):
        reader.error(
            "unknown-value", f'unknown `content_type` "{written}".{did_you_mean(written, _NAMES)}', "content_type"
        )
        return "json", headers
    sent_as, body = _sent_as(reader, media_type), reader.values.get("body")
    if sent_as == "json" and body is not None and not is_json_type(media_type):
        message = f"a `body` of the type {media_type} must be text, but is {kind_of(body)}: write `body: |`."
        reader.error("wrong-type", message, "body")
        return "text", headers
    return sent_as, headers if media_type_in(headers) else {**headers, "Content-Type": written}


def _sent_as(reader: MappingReader, media_type: str) -> ContentType:
    body = reader.values.get("body")
    if is_sent_as_text(body, media_type):
        return "text"
    known = _BY_MEDIA_TYPE.get(media_type, "json")
    is_given = {
        "form": isinstance(body, dict),
        "multipart": bool(reader.values.keys() & {"form_fields", "file_fields"}),
    }
    return known if is_given.get(known, True) else "json"


def _refuse_unsent(reader: MappingReader, named: ContentType) -> None:
    """Report a body that is not sent, or not as it is named."""
    body = reader.values.get("body")
    if body is None:
        return
    if named == "multipart" and body != {}:
        message = "`body` is not sent with `content_type: multipart`: write `form_fields` and `file_fields`."
        reader.error("unused-fields", message, "body")
    elif named == "form" and not isinstance(body, (dict, str)):
        reader.error("wrong-type", f"the `body` of a form must be a mapping, but is {kind_of(body)}.", "body")
    elif named == "text" and not isinstance(body, str):
        reader.error("wrong-type", f"a `body` that is sent as text must be text, but is {kind_of(body)}.", "body")
