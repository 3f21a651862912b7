"""What a path expression may have meant that selected nothing."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.near_paths import what_there_is

CONTENT: JSONValue = {
    "data": {
        "directories": [{"uid": "d1", "owner": {"userId": 5}}],
        "total": 1,
        "odd name": {"x-id": 1},
        "empty": [],
        "nothing": {},
    }
}


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("$.data[0].uid", "; there is `$.data.directories[0].uid`"),
        ("data.uid", "; there is `$.data.directories[0].uid`"),
        ("$.data.directories[3].uid", "; there is `$.data.directories[0].uid`"),
        ("$.data.directories[?@.name == 'x'].uid", "; there is `$.data.directories[0].uid`"),
        ("$.items[*].UID | [0]", "; there is `$.data.directories[0].uid`"),
        ("$.owner.user_id", "; there is `$.data.directories[0].owner.userId`"),
        ("$['data']['x-id']", "; there is `$.data['odd name']['x-id']`"),
        ("$.data.empty[0].id", "; `$.data.empty` is an empty list"),
        ("$.data.nothing.id", "; `$.data.nothing` is empty"),
        ("$.data.id", "; `$.data` has directories, total, odd name, empty, nothing"),
        ("$.data.total.id", ""),
    ],
)
def test_the_answer_at_hand(expression: str, told: str) -> None:
    assert what_there_is(expression, CONTENT) == told


def test_of_two_the_one_whose_way_is_likest() -> None:
    content: JSONValue = {"meta": {"id": 1}, "users": [{"profile": {"id": 2}}]}
    assert what_there_is("$.users.id", content) == "; there is `$.users[0].profile.id`"


@pytest.mark.parametrize("content", [None, 5, "text", [], {}])
def test_an_answer_without_members(content: JSONValue) -> None:
    told = {"[]": "; `$` is an empty list", "{}": "; `$` is empty"}
    assert what_there_is("$.data.id", content) == told.get(repr(content), "")


@pytest.mark.parametrize(("length", "told"), [(100, True), (101, False)])
def test_a_path_that_is_too_long_to_read_is_not_told(length: int, told: bool) -> None:
    name = "a" * (length - len("$..uid"))
    assert what_there_is("$.uid", {name: {"uid": 1}}).startswith(f"; there is `$.{name}.uid`") is told


def test_a_deep_answer_is_no_burden() -> None:
    content: JSONValue = 1
    for _ in range(900):
        content = {"a": content}
    assert what_there_is("$.b", content) == "; `$` has a"
