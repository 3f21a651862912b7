"""YAML as OpenAPI means it: JSON's types only, so dates stay text and keys are text."""

from __future__ import annotations

from typing import Any

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }


def read_yaml(text: str) -> Any:
    """The first document of a YAML text.

    Raises: ``yaml.YAMLError``; ``ValueError`` for an alias inside its own anchor.
    """
    loader = _Loader(text)
    try:
        return _with_text_keys(loader.get_data() if loader.check_data() else None, ())
    finally:
        loader.dispose()


def _with_text_keys(value: Any, above: tuple[int, ...]) -> Any:
    if not isinstance(value, (dict, list)):
        return value
    if id(value) in above:
        raise ValueError("an anchor contains its own alias")
    here = (*above, id(value))
    if isinstance(value, list):
        return [_with_text_keys(item, here) for item in value]
    return {_key(key): _with_text_keys(item, here) for key, item in value.items()}


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
