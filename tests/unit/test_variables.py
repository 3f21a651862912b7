"""References in values and paths, and values in their place."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.scopes import last_segment, segments
from pytest_endpoint_docs.variables.template import (
    Lookup,
    Reference,
    as_text,
    path_references,
    references,
    references_in,
    render_parts,
    render_path,
)

VALUES: dict[str, JSONValue] = {
    "uid": "c1",
    "count": 3,
    "price": 12.5,
    "active": True,
    "gone": None,
    "tags": ["a", "é"],
    "text": "a b/c?d&e=ü",
}


def render(value: JSONValue, lookup: Lookup) -> JSONValue:
    return render_parts({"body": value}, lookup)["body"]


def lookup(reference: Reference) -> JSONValue:
    return VALUES[reference.name]


@pytest.mark.parametrize("name", ["count", "price", "active", "gone", "tags", "uid"])
def test_a_string_that_is_exactly_one_variable_keeps_the_type(name: str) -> None:
    rendered = render({"a": [f"{{{{ {name} }}}}"]}, lookup)
    assert rendered == {"a": [VALUES[name]]}
    assert type(rendered["a"][0]) is type(VALUES[name])  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("n={{count}}", "n=3"),
        ("{{count}}{{count}}", "33"),
        (" {{count}}", " 3"),
        ("{{price}} EUR", "12.5 EUR"),
        ("is {{active}}", "is true"),
        ("is {{gone}}", "is null"),
        ("{{tags}}!", '["a","é"]!'),
        ("no variable {uid} }}", "no variable {uid} }}"),
    ],
)
def test_inside_a_longer_string_a_value_becomes_text(template: str, expected: str) -> None:
    assert render(template, lookup) == expected


def test_keys_are_filled_in_as_text() -> None:
    assert render({"{{uid}}": {"n{{count}}": 1}}, lookup) == {"c1": {"n3": 1}}


def test_two_keys_that_become_the_same_are_told() -> None:
    with pytest.raises(ValueError, match="two keys of /a become 'c1'"):
        render({"a": {"{{uid}}": 1, "c1": 2}}, lookup)


def test_rendering_leaves_the_template_alone_and_what_is_no_text_as_it_is() -> None:
    template: Any = {"a": ["{{uid}}", 1, None, False, 2.5]}
    assert render(template, lookup) == {"a": ["c1", 1, None, False, 2.5]}
    assert template["a"][0] == "{{uid}}"


def test_a_value_that_looks_like_a_variable_is_not_filled_in_again() -> None:
    assert render("{{a}} {{a}}", lambda _: "{{uid}}") == "{{uid}} {{uid}}"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/v1/clients/{{uid}}/", "/v1/clients/c1/"),
        ("/v1/clients/{uid}", "/v1/clients/c1"),
        ("/v1/{{ text }}", "/v1/a%20b%2Fc%3Fd%26e%3D%C3%BC"),
        ("/v1?q={{text}}&n={{count}}", "/v1?q=a%20b%2Fc%3Fd%26e%3D%C3%BC&n=3"),
        ("/v1?all={{active}}&tags={{tags}}", "/v1?all=true&tags=%5B%22a%22%2C%22%C3%A9%22%5D"),
        ('/v1?filter={"a":1}&x[]=%20', '/v1?filter={"a":1}&x[]=%20'),
    ],
)
def test_values_in_a_path_are_percent_encoded_and_the_rest_stays(template: str, expected: str) -> None:
    assert render_path(template, lookup) == expected


def test_references_say_where_they_stand() -> None:
    value: JSONValue = {
        "client": {"id/uid": "{{ client.uids[0] }}"},
        "{{key}}": ["plain", "{{a}} and {{ b }}"],
    }
    assert references(value) == (
        Reference(name="client.uids[0]", text="{{ client.uids[0] }}", pointer="/client/id~1uid"),
        Reference(name="key", text="{{key}}", pointer="/{{key}}"),
        Reference(name="a", text="{{a}}", pointer="/{{key}}/1"),
        Reference(name="b", text="{{ b }}", pointer="/{{key}}/1"),
    )


def test_a_filter_is_kept_apart_from_the_name() -> None:
    (reference,) = references("{{ phone | slice: -4 }}")
    assert (reference.name, reference.filter) == ("phone", "slice: -4")
    (reference,) = references("{{ phone | }}")
    assert (reference.name, reference.filter) == ("phone", "")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x {{uid and {{count}}", [("uid", False), ("count", True)]),
        ("{{", [("", False)]),
        ("{{ }}", [("", True)]),
        ("{{uid}", [("uid", False)]),
        ("{{\n uid\n}}", [("uid", True)]),
    ],
)
def test_nothing_with_two_braces_goes_unseen(text: str, names: list[tuple[str, bool]]) -> None:
    assert [(reference.name, reference.closed) for reference in references(text)] == names


def test_single_braces_are_references_in_paths_alone() -> None:
    assert [reference.text for reference in path_references("/{a}/{{b}}/{c.d[0]}?x={{ e }}&y={f}")] == [
        "{a}",
        "{{b}}",
        "{c.d[0]}",
        "{{ e }}",
        "{f}",
    ]
    assert references("/{a}") == ()


@pytest.mark.parametrize(
    ("value", "text"), [("plain", "plain"), (5, "5"), (True, "true"), (None, "null"), ({"a": [1]}, '{"a":[1]}')]
)
def test_as_text_is_json_text_but_for_strings(value: JSONValue, text: str) -> None:
    assert as_text(value) == text


def test_dotted_names_have_segments() -> None:
    assert segments("resolved.permissions[0].key") == ("resolved", "permissions", 0, "key")
    assert last_segment("app.client_id") == "client_id"
    assert last_segment("a.uids[0]") == "uids"
    assert last_segment("uid") == "uid"


def test_the_parts_of_a_request_are_asked_and_filled_in_at_once() -> None:
    parts: dict[str, JSONValue] = {
        "path": "/x/{uid}?a={{ a }}",
        "params": {"{{key}}": "{{a}}"},
        "body": {"list": ["{{b}}", "no {{c}}"], "deep": {"code": "{{d}}"}},
    }
    found = references_in(parts)

    assert [(one.part, one.name, one.pointer, one.key) for one in found] == [
        ("path", "uid", "", ""),
        ("path", "a", "", ""),
        ("params", "key", "/{{key}}", ""),
        ("params", "a", "/{{key}}", "{{key}}"),
        ("body", "b", "/list/0", "list"),
        ("body", "c", "/list/1", ""),
        ("body", "d", "/deep/code", "deep.code"),
    ]
    asked: list[Reference] = []

    def lookup(reference: Reference) -> JSONValue:
        asked.append(reference)
        return reference.name

    assert render_parts(parts, lookup) == {
        "path": "/x/uid?a=a",
        "params": {"key": "a"},
        "body": {"list": ["b", "no c"], "deep": {"code": "d"}},
    }
    assert asked == list(found)
