"""``Cases``: documented behaviour beyond the happy path (doc format, section 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from pytest_endpoint_docs.loading.block_scanner import Block
from pytest_endpoint_docs.loading.foreign_keys import OF_CASE
from pytest_endpoint_docs.loading.mapping_reader import FindingLog, MappingReader, ParsedBlock, parse_block
from pytest_endpoint_docs.loading.markdown import YAML_LANGUAGES, Section, unread_lists
from pytest_endpoint_docs.loading.step_parts import read_expectation, read_extracts
from pytest_endpoint_docs.model.body import Change, DerivedCase, Step
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import join_pointer, split_pointer
from pytest_endpoint_docs.words import did_you_mean, kind_of, near

_KEYS = frozenset(
    ["id", "learning", "description", "after", "request", "expect", "steps", "extract", "sleep", "token", "tags"]
)
_ROOTS = ("method", "path", "params", "headers", "body", "token", "content_type", "form_fields")
_OTHER_ROOTS = {"query": "params", "url": "path", "token_type": "token", "header": "headers"}


class UniqueNames:
    """Gives every item of a file a name of its own: a second ``x`` becomes ``x[2]``."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, name: str) -> str:
        """The name, or the name with the first free number from 2."""
        candidate, number = name, 2
        while candidate in self._taken:
            candidate = f"{name}[{number}]"
            number += 1
        self._taken.add(candidate)
        return candidate


@value_class
class CaseEntry:
    """An entry of ``Cases`` with the name that its item gets; no ``values`` where nothing of it can be used."""

    name: str
    location: SourceLocation
    block: ParsedBlock | None = None
    pointer: str = ""
    values: Mapping[str, JSONValue] | None = None

    @property
    def learning(self) -> int | None:
        """The number of the Critical Learning that it proves."""
        number = self.values.get("learning") if self.values else None
        return number if isinstance(number, int) and not isinstance(number, bool) else None

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that it has beside those of its doc."""
        tags = self.values.get("tags") if self.values else None
        return tuple(str(tag) for tag in tags) if isinstance(tags, list) else ()


def case_entries(
    sections: Iterable[Section], findings: FindingLog, *, taken: Iterable[str] = ()
) -> tuple[CaseEntry, ...]:
    """Every entry with a name of its own, none of those ``taken``.

    What cannot be read still is an entry, with an error for it alone.
    """
    names = UniqueNames(taken)
    return tuple(
        entry
        for section in _reporting_unread(sections, findings)
        for fence in section.fences(YAML_LANGUAGES)
        for entry in _entries_of_fence(fence, section, names, findings)
    )


def _reporting_unread(sections: Iterable[Section], findings: FindingLog) -> Iterator[Section]:
    for section in sections:
        unread = [*unread_lists(section, "cases")]
        findings.extend(unread)
        if not unread and not any(section.fences(YAML_LANGUAGES)):
            message = f"`{section.written_title}` has no `yaml` fence, so nothing of it runs."
            findings.warning("no-cases", message, section.location)
        yield section


StepsOfEntry = Callable[[CaseEntry, ParsedBlock], tuple[Step, ...]]


def read_cases(
    entries: Iterable[CaseEntry], findings: FindingLog, *, learnings: int, steps_of: StepsOfEntry
) -> tuple[DerivedCase, ...]:
    """The entries that can be used.

    ``learnings`` is the number of Critical Learnings in the doc; ``steps_of`` reads the steps of an entry of a block.
    """
    return tuple(
        _read_case(entry, entry.block, entry.values, findings, learnings, steps_of)
        for entry in entries
        if entry.block is not None and entry.values is not None
    )


def _entries_of_fence(fence: Block, section: Section, names: UniqueNames, findings: FindingLog) -> Iterator[CaseEntry]:
    # What is wrong with the fence as a whole fails an item of its own, so that the other cases still run.
    own_name = f"cases-in-line-{fence.line}"
    before = len(findings.all())
    block = parse_block(fence, findings, case_id=own_name)
    raw = block.value.get("cases") if block is not None and isinstance(block.value, dict) else None
    if block is not None and not isinstance(raw, list):
        message = f"`Cases` needs a list under `cases:`; found {_found(block.value)}"
        findings.error("no-cases", message, block.fence, case_id=own_name)
    if block is not None and isinstance(block.value, dict) and isinstance(raw, list):
        MappingReader(
            values=block.value, block=block, pointer="", subject="a block of cases", findings=findings, case_id=own_name
        ).check_keys(frozenset(["cases", "description"]))
    if len(findings.all()) > before:
        yield CaseEntry(name=names.take(own_name), location=section.location.at(fence.line))
    if block is None or not isinstance(raw, list):
        return
    for index, value in enumerate(raw):
        pointer = join_pointer("/cases", index)
        at = block.at(pointer)
        if not isinstance(value, dict):
            name = names.take(f"case-{index + 1}")
            message = f"a case must be a mapping with `id` and `expect`, but is {kind_of(value)}."
            findings.error("wrong-type", message, at, case_id=name)
            yield CaseEntry(name=name, location=at)
            continue
        name = _name_of(value, index, block, names, findings)
        yield CaseEntry(name=name, location=at, block=block, pointer=pointer, values=value)


def _name_of(
    value: Mapping[str, JSONValue], index: int, block: ParsedBlock, names: UniqueNames, findings: FindingLog
) -> str:
    """The name of an entry by its ``id``, or by its place where that can be no name."""
    pointer, written = join_pointer("/cases", index), value.get("id")
    if not isinstance(written, (str, int)) or isinstance(written, bool) or not str(written).strip():
        name = names.take(f"case-{index + 1}")
        message = "a case needs an `id`, such as `id: code-is-single-use`; it names the test item."
        findings.error("no-case-id", message, block.at(pointer), case_id=name)
        return name
    wanted = " ".join(str(written).split())
    name = names.take(wanted)
    here = block.at(join_pointer(pointer, "id"))
    if name != wanted:
        message = f'another item of this doc is called "{wanted}" already: give this case an id of its own.'
        findings.error("duplicate-case-id", message, here, case_id=name)
    if "::" in wanted:
        message = f'the id "{wanted}" holds "::", which separates the parts of a test\'s id: write it without.'
        findings.error("bad-case-id", message, here, case_id=name)
    return name


def _found(value: JSONValue) -> str:
    """What stands where the list of cases is expected, with what to write, as the end of a sentence."""
    if isinstance(value, list):
        return "the list without it: write `cases:` above, and indent the list."
    if not isinstance(value, dict) or not value:
        return f"{kind_of(value)}: begin each case with `- id: name`."
    if "cases" in value:
        return f"{kind_of(value['cases'])}: begin each case with `- id: name`."
    meant = near("cases", value, cutoff=0.7)
    keys = ", ".join(f"`{key}`" for key in value)
    return f"{keys}." + (f' Did you mean "cases" instead of "{meant}"?' if meant else " Write `cases:` above the list.")


def _read_case(
    entry: CaseEntry,
    block: ParsedBlock,
    values: Mapping[str, JSONValue],
    findings: FindingLog,
    learnings: int,
    steps_of: StepsOfEntry,
) -> DerivedCase:
    reader = MappingReader(
        values=values, block=block, pointer=entry.pointer, subject="a case", findings=findings, case_id=entry.name
    )
    reader.check_keys(_KEYS, other_names=OF_CASE)
    after = reader.choice("after", ("main",))
    learning = entry.learning
    if values.get("learning") is not None and (learning is None or learning < 1):
        reader.error("wrong-type", "`learning` is the number of a Critical Learning, from 1.", "learning")
    elif learning is not None and learning > learnings:
        reader.warning(
            "unknown-learning", f"there is no Critical Learning {learning}: the doc has {learnings}.", "learning"
        )
    changes = list(_changes(reader))
    token = reader.text("token")
    if token is not None:
        if any(change.pointer == "/token" for change in changes):
            reader.error("two-tokens", "the case gives `token` and `/token`: keep one.", "token")
        changes.append(Change(pointer="/token", value=token, place=join_pointer(entry.pointer, "token")))
    return DerivedCase(
        id=entry.name,
        location=entry.location,
        expect=read_expectation(reader),
        description=reader.text("description"),
        learning=learning,
        after_main=after == "main",
        changes=tuple(changes),
        sleep_ms=int(reader.number("sleep") or 0),
        steps=steps_of(entry, block),
        extracts=read_extracts(reader),
        tags=tuple(str(tag) for tag in reader.items("tags")),
        source=block.source,
        pointer=entry.pointer,
    )


def _changes(reader: MappingReader) -> Iterator[Change]:
    changes = reader.below("/request", reader.mapping("request"), subject="a change of the request")
    for pointer, value in changes.values.items():
        keys = split_pointer(pointer if pointer.startswith("/") else f"/{pointer}")
        root = keys[0]
        if not pointer.startswith("/"):
            written = pointer.removeprefix("$.") if "/" in pointer else pointer.removeprefix("$.").replace(".", "/")
            changes.error("bad-pointer", f'"{pointer}" is not a JSON Pointer: write "/{written}".', pointer)
        elif root not in _ROOTS:
            meant = _OTHER_ROOTS.get(root)
            hint = f' Did you mean "{meant}"?' if meant else did_you_mean(root, _ROOTS)
            changes.error("bad-pointer", f'a request has no "/{root}".{hint}', pointer)
        elif len(keys) > 1 and root in ("method", "path", "token", "content_type"):
            changes.error(
                "bad-pointer", f'"/{root}" is a text and has nothing below it; change "/{root}" itself.', pointer
            )
        else:
            yield Change(pointer=pointer, value=value, place=join_pointer(changes.pointer, pointer))
