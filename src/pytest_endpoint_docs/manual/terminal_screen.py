"""The terminal of an attended walk-through: the device itself, which output capturing does not touch."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TextIO

from pytest_endpoint_docs.manual.walkthrough import FilledStep, Walkthrough
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.redaction.rendering import public

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_DEVICES = ("CONIN$", "CONOUT$") if sys.platform == "win32" else ("/dev/tty", "/dev/tty")
_WIDEST = 100
_STYLES = {"passed": "green", "failed": "red", "blocked": "yellow"}
_SIGNS = {"passed": "✓", "failed": "✗", "blocked": "■"}


def why_no_terminal(*, output_is_terminal: bool, is_worker: bool) -> str:
    """Why nobody can be asked, for the reason of a skip; empty where somebody can.

    ``output_is_terminal``: pytest writes to a terminal; ``is_worker``: this is a worker of a parallel run.
    """
    if is_worker:
        return "an attended walk-through needs one process; run it without -n"
    if not output_is_terminal:
        return "an attended walk-through needs a terminal, and the output goes elsewhere"
    try:
        with open(_DEVICES[0], encoding="utf-8") as terminal:  # noqa: PTH123 - not a path on every system
            foreground = not hasattr(os, "tcgetpgrp") or os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError as error:
        return f"an attended walk-through needs a terminal, and there is none ({error.strerror or error})"
    return "" if foreground else "an attended walk-through needs the terminal, and this process runs in the background"


def _has_line(terminal: TextIO, seconds: float) -> bool:
    """Whether something is typed within so many seconds."""
    if sys.platform != "win32":
        import select

        return bool(select.select([terminal], [], [], seconds)[0])
    import msvcrt

    ends_at = time.monotonic() + seconds
    while not msvcrt.kbhit() and time.monotonic() < ends_at:
        time.sleep(0.1)
    return msvcrt.kbhit()


class TerminalScreen:
    """Shows by rich, and reads lines, on the terminal that the process was started from; without ``color``, plainly."""

    def __init__(self, *, color: bool = True) -> None:
        self._color = color
        self._open = ExitStack()
        self._input: TextIO = self._open.enter_context(open(_DEVICES[0], encoding="utf-8", errors="replace"))  # noqa: PTH123, SIM115
        self._output: TextIO = self._open.enter_context(open(_DEVICES[1], "w", encoding="utf-8", errors="replace"))  # noqa: PTH123, SIM115
        self._console = self._new_console()

    def __enter__(self) -> TerminalScreen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def title(self, walk: Walkthrough) -> None:
        """Show which doc is walked through, where, and by whom."""
        from rich.panel import Panel
        from rich.text import Text

        text = Text(walk.endpoint, style="bold")
        text.append(f"\n{walk.doc}\nenvironment {walk.environment}, tester {walk.tester}", style="not bold dim")
        self._console.print()
        self._console.print(
            Panel(text, title="Manual test", title_align="left", border_style="blue", width=self._width())
        )

    def step(self, walk: Walkthrough, step: FilledStep) -> None:
        """Show a step; what is to be pasted stands alone on its lines, without frame or wrapping."""
        from rich.markdown import Markdown
        from rich.rule import Rule
        from rich.text import Text

        self._console.print()
        self._console.print(
            Rule(Text(f"Step {walk.position + 1} of {len(walk.steps)}", style="bold"), align="left", style="blue"),
            width=self._width(),
        )
        for passage in step.passages:
            if passage.kind == "prose":
                self._console.print(Markdown(passage.text, hyperlinks=False), width=self._width())
            else:
                self._console.print(Text(passage.text, style="cyan"), soft_wrap=True)
            self._console.print()
        if step.secrets:
            self.say(public("Your shell needs " + ", ".join(f"${name}" for name in step.secrets)))
        if step.unknown:
            self.say(public("Not known here: " + ", ".join(step.unknown) + " (set NAME VALUE fills one in)"))
        earlier = walk.answer_to(walk.steps[walk.position])
        if earlier is not None:
            self._console.print(self._answer(walk, walk.position))

    def summary(self, walk: Walkthrough) -> None:
        """Show all answers and the outcome."""
        from rich.panel import Panel
        from rich.text import Text

        lines = [self._answer(walk, position) for position in range(len(walk.steps))]
        outcome = walk.outcome or "not finished"
        body = Text("\n").join([*lines, Text(f"\n{outcome}", style=f"bold {_STYLES.get(outcome, 'default')}")])
        self._console.print()
        self._console.print(
            Panel(
                body,
                title="Answers",
                title_align="left",
                border_style=_STYLES.get(outcome, "blue"),
                width=self._width(),
            )
        )

    def say(self, text: SafeText, kind: Literal["plain", "good", "bad"] = "plain") -> None:
        """Show a line."""
        from rich.text import Text

        style = {"plain": "dim", "good": "green", "bad": "yellow"}[kind]
        # Nothing is wrapped: a URL in it is to be copied.
        self._console.print(Text(text, style=style), soft_wrap=True)

    def ask(self, prompt: SafeText) -> str:
        """Show a prompt and read a line. Raises: ``EOFError`` where the input ended."""
        from rich.text import Text

        self._console.print(Text(prompt, style="bold"), end="", soft_wrap=True)
        self._output.flush()
        line = self._input.readline()
        if not line:
            raise EOFError
        return line

    def ask_unseen(self, prompt: SafeText) -> str:
        """Show a prompt and read a line that is not echoed. Raises: ``EOFError`` where the input ended."""
        from getpass import getpass

        self._output.flush()
        return getpass(prompt)

    def line_within(self, seconds: float) -> str | None:
        """The line that is typed within so many seconds, ``None`` without one. Raises: ``EOFError`` as :meth:`ask`."""
        if not _has_line(self._input, seconds):
            return None
        line = self._input.readline()
        if not line:
            raise EOFError
        return line

    def _answer(self, walk: Walkthrough, position: int) -> Text:
        from rich.text import Text

        step = walk.steps[position]
        answer = walk.answer_to(step)
        line = Text()
        if answer is None:
            return line.append(f"  {position + 1}. open", style="dim")
        line.append(f"{_SIGNS[answer.outcome]} {position + 1}. {answer.outcome}", style=_STYLES[answer.outcome])
        if answer.note:
            line.append(f"  {answer.note}", style="default")
        return line

    def _width(self) -> int:
        return min(self._console.width, _WIDEST)

    def _new_console(self) -> Console:
        from rich.console import Console

        # Rich asks the standard streams, which pytest has put aside.
        size = os.get_terminal_size(self._output.fileno())
        return Console(
            file=self._output,
            width=size.columns or None,
            height=size.lines or None,
            highlight=False,
            color_system="auto" if self._color else None,
        )
