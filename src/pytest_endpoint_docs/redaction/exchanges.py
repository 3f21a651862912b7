"""What the boundary learns from the requests that leave and the answers that come."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.redaction.redactor import Redactor


def learn_request(redactor: Redactor, request: Request) -> None:
    """Remember the secrets of a request, wherever they stand in it."""
    redactor.learn_uri(request.url)
    for name, value in request.params:
        redactor.learn({name: value})
    redactor.learn_headers(request.headers)
    redactor.learn(request.body)


def learn_sent(redactor: Redactor, url: str, headers: Mapping[str, str | bytes], content: bytes | None) -> None:
    """Remember the secrets of a request as it goes over the wire: its target URI, header fields and content."""
    fields = {name: value if isinstance(value, str) else value.decode("latin-1") for name, value in headers.items()}
    # A message is a message: content is read by the same fields, whichever way it goes.
    learn_response(redactor, Response(status_code=0, url=url, headers=HeaderFields(fields), content=content or b""))


def learn_response(redactor: Redactor, response: Response) -> None:
    """Remember the secrets of an answer, wherever they stand in it."""
    redactor.learn_uri(response.url)
    redactor.learn_headers(response.headers)
    content, is_json = response.as_json()
    redactor.learn_text(response.reason)
    if is_json:
        redactor.learn(content)
    else:
        redactor.learn_text(response.text)
    if response.media_type == "application/x-www-form-urlencoded":
        redactor.learn_parameters(response.text)
