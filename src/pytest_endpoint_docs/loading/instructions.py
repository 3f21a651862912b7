"""Texts that the prose of a doc, or a comment beside them, tells its reader to replace before the request is sent."""

from __future__ import annotations

import re
from dataclasses import field

from pytest_endpoint_docs.loading.markdown import Document
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import late

_VERBS = r"(?:replace|substitute|swap|exchange|change|fill\s+in|put\s+in|enter)"
_DONE = r"(?:replaced|substituted|swapped|exchanged|changed|filled\s+in|put\s+in|entered)"
# Patterns written as texts are compiled when first needed: that takes long, and hardly any doc needs them.
# Before the verb of an instruction: the beginning of a sentence, a list item or a line; "please", "you must" and such.
_BEFORE = (
    r"(?:^|[.!?:;,(]|\b(?:please|then|first|and|(?:need|have|has|sure|remember|want|forget)\s+to"
    r"|you\s+(?:must|should|can)))[ \t>*_]*(?:[-*+]\s+|\d+[.)]\s+)?[*_]*"
)
_ASKED = rf"(?im){_BEFORE}{_VERBS}\b"
_MUST_BE = rf"(?i)[^.!?\n]{{0,80}}?\b(?:must|should|(?:has|have|needs?)\s+to|(?:is|are)\s+to|to)\s+be\s+{_DONE}"
# "Replace `12345` with the id": code is meant, whatever it looks like. With code after "with", it is about the API.
_MAY_NAME = r"(?i)\b(?:replace|substitute|swap)[^\S\n]+`"
_WITH = (
    rf"(?im){_BEFORE}(?:replace|substitute|swap)\s+`([^`\n]+)`[^`.!?\n]{{0,40}}?\s(?:with|by)"
    r"\s+(?:your|an?|one|the|any|some|real|valid)\b"
)
# A backtick with a blank before it; the backtick is looked for first.
_CODE = re.compile(r"`(?<=[^\S\n]`)")
_ENDS = late(r"[.!?]\s|\n#")
_COMMENT = rf"(?i)\s(?:#|//)\s*.*?\b(?:{_VERBS}|{_DONE}|your own)\b"
# How far a list or a sentence may reach after "Replace".
_REACH = 300


@value_class(kw_only=False)
class Instructions:
    """What a doc says of its placeholders."""

    document: Document = field(repr=False)

    def named(self) -> frozenset[str]:
        """The texts that stand in code after an instruction to replace them with something."""
        text = self.document.text
        # Hardly a doc has such words, and most have no code in their sentences, which is found much faster.
        if not _CODE.search(text) or not re.search(_MAY_NAME, text):
            return frozenset()
        return frozenset(found[1] for found in re.finditer(_WITH, self._prose()))

    def ask_for(self, written: str, line: int) -> bool:
        """Whether the doc says that a text is to be replaced, which stands in that line of it."""
        if re.search(_COMMENT, self.document.lines[line - 1]):
            return True
        prose = self._prose()
        start = prose.find(written)
        while start >= 0:
            end = start + len(written)
            before = prose[max(0, start - _REACH) : start]
            asked = any(not _ENDS.search(before, found.end()) for found in re.finditer(_ASKED, before))
            if asked or re.compile(_MUST_BE).match(prose, end):
                return True
            start = prose.find(written, end)
        return False

    def _prose(self) -> str:
        """The doc without its fences."""
        lines = list(self.document.lines)
        for section in self.document.sections:
            for fence in section.fences():
                last = fence.line + fence.text.count("\n") + 1
                lines[fence.line - 1 : last] = [""] * (min(last, len(lines)) - fence.line + 1)
        return "\n".join(lines)
