"""Status, header fields and the body as a subset."""

from __future__ import annotations

import json
from typing import Any

import pytest
from checked_answers import answered, pointers, told

from pytest_endpoint_docs.checks.checking import line_of
from pytest_endpoint_docs.checks.standard import check_body, check_headers, check_status
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.redaction.redactor import Redactor


@pytest.mark.parametrize(
    ("documented", "actual"), [((), 200), ((), 204), ((), 299), ((404,), 404), ((200, 201), 201), ((302,), 302)]
)
def test_a_documented_status_is_fine(documented: tuple[int, ...], actual: int) -> None:
    assert check_status(answered(status=actual, expect={"statuses": documented})) == []


@pytest.mark.parametrize(
    ("documented", "actual", "message"),
    [
        ((), 404, "expected status 2xx, got 404 Not Found"),
        ((), 302, "expected status 2xx, got 302 Found"),
        ((200, 201), 204, "expected status 200 or 201, got 204 No Content"),
        ((400,), 200, "expected status 400, got 200 OK"),
        ((200,), 799, "expected status 200, got 799"),
    ],
)
def test_another_status_is_a_mismatch(documented: tuple[int, ...], actual: int, message: str) -> None:
    (mismatch,) = check_status(answered(status=actual, expect={"statuses": documented}))
    assert (mismatch.message, mismatch.location) == (message, SourceLocation("doc.md", 20))


def test_a_status_that_stands_elsewhere_is_a_mismatch_there() -> None:
    frontmatter = SourceLocation("doc.md", 7)
    (mismatch,) = check_status(answered(status=200, expect={"statuses": (422,), "status_location": frontmatter}))
    assert mismatch.location == frontmatter


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ("no-store", "no-store", None),
        ("no-store", "no-store, private", "header field Cache-Control: has another value"),
        ("/no-store/", "private, no-store", None),
        ("/^no-store$/", "private, no-store", "header field Cache-Control: does not match"),
        ("no-store", None, "header field Cache-Control: is missing"),
        (None, None, None),
        (None, "public", "header field Cache-Control: is present, but must be absent"),
    ],
)
def test_header_fields(expected: str | None, actual: str | None, message: str | None) -> None:
    headers = {} if actual is None else {"cache-control": actual}
    found = check_headers(answered(headers=headers, expect={"headers": {"Cache-Control": expected}}))
    assert [mismatch.message for mismatch in found] == ([message] if message else [])


@pytest.mark.parametrize(
    "expected", ["theme=dark", "/^theme=/", "/^a=1; Expires=Wed, 01/", "a=1; Expires=Wed, 01 Jan 2031"]
)
def test_one_of_several_cookies_has_to_be_as_expected(expected: str) -> None:
    headers = HeaderFields([("Set-Cookie", "a=1; Expires=Wed, 01 Jan 2031"), ("Set-Cookie", "theme=dark")])
    assert check_headers(answered(headers=headers, expect={"headers": {"Set-Cookie": expected}})) == []
    (mismatch,) = check_headers(answered(headers=headers, expect={"headers": {"Set-Cookie": "/^b=/"}}))
    assert mismatch.message == "header field Set-Cookie: does not match"


def test_a_header_field_in_one_line() -> None:
    given = answered(headers={"ETag": "x"}, expect={"headers": {"ETag": "y"}})
    assert [line_of(found) for found in check_headers(given)] == [
        "header field ETag: has another value: expected y, got x"
    ]


def test_a_header_expression_that_is_none() -> None:
    (mismatch,) = check_headers(answered(headers={"ETag": "x"}, expect={"headers": {"ETag": "/(/"}}))
    assert "/(/ is not a regular expression" in mismatch.message


def test_a_secret_header_is_not_shown() -> None:
    given = answered(headers={"Set-Cookie": "session=abcdef"}, expect={"headers": {"Set-Cookie": "x"}})
    (mismatch,) = check_headers(given)
    assert "abcdef" not in mismatch.actual


def body_check(expected: Any, actual: Any, redactor: Redactor | None = None) -> list[Any]:
    return check_body(answered(actual, expect={"body": expected, "has_body": True}, redactor=redactor))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": {"b": [1]}}, {"a": {"b": [1, 2], "c": 3}}),
        ([], [1, 2]),
        (None, None),
        ({"a": None}, {"a": None}),
        ("text", "text"),
    ],
)
def test_a_subset_matches(expected: Any, actual: Any) -> None:
    assert body_check(expected, actual) == []


@pytest.mark.parametrize(
    ("expected", "actual", "mismatch"),
    [
        ({"n": 3600}, {"n": "3600"}, ("/n", "has another type", "3600 (integer)", '"3600" (string)')),
        ({"n": "3600"}, {"n": 3600}, ("/n", "has another type", '"3600" (string)', "3600 (integer)")),
        ({"n": 1}, {"n": True}, ("/n", "has another type", "1 (integer)", "true (boolean)")),
        ({"n": True}, {"n": 1}, ("/n", "has another type", "true (boolean)", "1 (integer)")),
        ({"n": 0}, {"n": False}, ("/n", "has another type", "0 (integer)", "false (boolean)")),
        ({"n": 1}, {"n": 1.5}, ("/n", "has another value", "1 (integer)", "1.5 (number)")),
        ({"n": None}, {"n": 0}, ("/n", "has another type", "null", "0 (integer)")),
        ({"a": {}}, {"a": []}, ("/a", "has another type", "{} (object)", "[] (array)")),
        ({"a": 1}, {"b": 1}, ("/a", "is missing", "1 (integer)", "missing from an object with b")),
        ([1, 2], [1], ("/1", "is missing", "2 (integer)", "missing from a list of 1")),
        ({"a/b": {"c~d": 1}}, {"a/b": {"c~d": 2}}, ("/a~1b/c~0d", "has another value", "1 (integer)", "2 (integer)")),
    ],
)
def test_types_are_strict(expected: Any, actual: Any, mismatch: tuple[str, ...]) -> None:
    assert [told(found) for found in body_check(expected, actual)] == [mismatch]


def test_every_difference_is_reported() -> None:
    expected = {"a": 1, "b": [{"c": "x"}, {"c": "y"}], "d": True}
    actual = {"a": 2, "b": [{"c": "z"}, {}], "d": True}
    assert pointers(body_check(expected, actual)) == ["/a", "/b/0/c", "/b/1/c"]


def test_an_answer_that_is_not_json() -> None:
    given = answered(b"<html>", headers={"Content-Type": "text/html"}, expect={"body": {}, "has_body": True})
    (mismatch,) = check_body(given)
    assert (mismatch.message, mismatch.actual) == ("is not JSON", "content of type text/html")


def test_an_answer_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given = answered(b'{"a": 1}', expect={"body": {"a": 1}, "has_body": True})
    assert check_body(given) == []
    monkeypatch.setattr(json, "loads", pytest.fail)
    assert check_body(given) == []
    assert given.response.as_json() == ({"a": 1}, True)


@pytest.mark.parametrize(
    ("content", "members"), [(b'{"a": 1}', {"a": 1}), (b"[1]", {}), (b"null", {}), (b"<html>", {}), (b"", {})]
)
def test_only_an_object_has_members(content: bytes, members: dict[str, int]) -> None:
    assert answered(content).response.as_object() == members


def test_no_expected_body_is_no_check() -> None:
    assert check_body(answered(b"<html>")) == []


def test_secrets_are_not_shown() -> None:
    redactor = Redactor([Secret("APP_KEY", "key-12345")])
    found = body_check({"access_token": "a", "note": "x"}, {"access_token": "abcdef", "note": "key-12345"}, redactor)
    assert [mismatch.actual for mismatch in found] == ["*** (string)", '"$APP_KEY" (string)']
