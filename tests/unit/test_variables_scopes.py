"""Who defines a variable, and what is said when nobody does."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.scopes import PARAM_PREFIXES, Scope, Scopes

STEPS = Scope(
    name="extracted by steps",
    values={"client_id": "from step", "step1": {"response": {"data": {"uid": "u1", "tags": ["a", "b"]}}}, "none": None},
)
PARAMS = Scope(
    name="environment params",
    values={"client_id": "from params", "business_id": "b1", "step1": {"other": 1}, "dotted.name": 5},
    prefixes=PARAM_PREFIXES,
)


def provider(name: str) -> JSONValue:
    if name == "provided":
        return {"uid": "p1"}
    raise KeyError(name)


SCOPES = Scopes((STEPS, PARAMS, Scope(name="provided by hooks", values=provider)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("client_id", "from step"),
        ("business_id", "b1"),
        ("params.business_id", "b1"),
        ("config.business_id", "b1"),
        ("config.params.business_id", "b1"),
        ("config.params.client_id", "from params"),
        ("step1.response.data.uid", "u1"),
        ("step1.response.data.tags[1]", "b"),
        ("step1.response.data.tags.0", "a"),
        ("step1.other", 1),
        ("dotted.name", 5),
        ("provided.uid", "p1"),
        ("none", None),
    ],
)
def test_the_first_scope_that_defines_a_name_decides(name: str, expected: JSONValue) -> None:
    assert SCOPES.lookup(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "absent",
        "client_id.deeper",
        "step1.response.data.tags[2]",
        "step1[0]",
        "resolved.business_id",
        "params.absent",
        "",
    ],
)
def test_what_no_scope_defines_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        SCOPES.lookup(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bussiness_id", ("business_id",)),
        ("Business-ID", ("business_id",)),
        ("resolved.busines_id", ("business_id",)),
        ("zzz", ()),
    ],
)
def test_near_names_are_offered(name: str, expected: tuple[str, ...]) -> None:
    assert SCOPES.near(name) == expected


def test_names_are_listed_once() -> None:
    assert SCOPES.names == ("client_id", "step1", "none", "business_id", "dotted.name")
