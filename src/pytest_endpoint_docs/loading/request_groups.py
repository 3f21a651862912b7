"""Which fences of the request sections make one main request each; item names, for outline and body alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_endpoint_docs.json_source import SourceProblem, parse_json
from pytest_endpoint_docs.loading.markdown import YAML_LANGUAGES, Block, Section
from pytest_endpoint_docs.loading.naming import slug
from pytest_endpoint_docs.model.source import Endpoint

REQUEST_LANGUAGES = YAML_LANGUAGES | {"json"}
FIRST_OF_CHAIN = "uid_resolution"
LAST_OF_CHAIN = "retry_original"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestGroup:
    """The fences of one main request: all YAML fences, or a JSON fence, or a chain of them."""

    kind: Literal["steps", "template"]
    fences: tuple[Block, ...]
    suffix: str = ""

    def name(self, endpoint: Endpoint) -> str:
        """The item's name."""
        return main_name(endpoint) + (f"[{self.suffix}]" if self.suffix else "")


def main_name(endpoint: Endpoint) -> str:
    """The name of a doc's main item: the endpoint as written."""
    return str(endpoint).strip()


def group_requests(sections: Iterable[Section]) -> tuple[RequestGroup, ...]:
    """The main requests of the request sections, with suffixes where there are several."""
    groups = list(_groups(list(_candidates(sections))))
    if len(groups) == 1:
        return (RequestGroup(kind=groups[0].kind, fences=groups[0].fences),)
    taken: set[str] = set()
    named: list[RequestGroup] = []
    for number, group in enumerate(groups, start=1):
        suffix = base = group.suffix or str(number)
        again = 2
        while suffix in taken:
            suffix = f"{base}-{again}"
            again += 1
        taken.add(suffix)
        named.append(RequestGroup(kind=group.kind, fences=group.fences, suffix=suffix))
    return tuple(named)


def purpose_of(fence: Block) -> str | None:
    """``purpose`` of a JSON request template."""
    if '"purpose"' not in fence.text:
        return None
    try:
        value = parse_json(fence.text)
    except SourceProblem:
        return None
    purpose = value.get("purpose") if isinstance(value, dict) else None
    return purpose if isinstance(purpose, str) else None


def _candidates(sections: Iterable[Section]) -> Iterator[tuple[Block, str]]:
    """Every fence that may hold a request, with the slug of the heading that it has for itself."""
    for section in sections:
        heading = ""
        for block in section.blocks:
            if block.kind == "heading" and block.level > 2:
                heading = slug(block.text)
            elif block.source is not None and block.source.language in REQUEST_LANGUAGES:
                yield block, heading
                heading = ""


def _groups(candidates: list[tuple[Block, str]]) -> Iterator[RequestGroup]:
    yaml_fences = [(fence, heading) for fence, heading in candidates if _is_yaml(fence)]
    chain: list[Block] = []
    for fence, heading in candidates:
        if _is_yaml(fence):
            if fence is yaml_fences[0][0]:
                yield RequestGroup(kind="steps", fences=tuple(one for one, _ in yaml_fences), suffix=heading)
            continue
        chain.append(fence)
        if purpose_of(fence) != FIRST_OF_CHAIN:
            yield RequestGroup(kind="template", fences=tuple(chain), suffix=heading)
            chain = []
    if chain:
        yield RequestGroup(kind="template", fences=tuple(chain))


def _is_yaml(fence: Block) -> bool:
    return fence.source is not None and fence.source.language in YAML_LANGUAGES
