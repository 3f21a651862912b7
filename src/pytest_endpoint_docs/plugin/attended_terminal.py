"""The terminal of a run with ``--endpoint-manual attended``: what a person is told there, and what they paste."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson
from pytest_endpoint_docs.redaction.rendering import joined, public

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.secret import SafeText
    from pytest_endpoint_docs.oauth.consent_options import ConsentEvent


@value_class
class AttendedTerminal:
    """Shows and asks at the terminal itself, which output capturing does not touch.

    ``is_worker``: this process is a worker of a parallel run, which asks nobody. ``color``: the run's output has some.
    """

    is_worker: bool
    color: bool

    def ask(self, text: SafeText) -> str:
        """Show a text, and return the line that is typed after its last line, which is the prompt; nothing is echoed.

        Raises: ``ClosedByPerson`` in a worker, ``OSError`` or ``EOFError`` where there is no terminal.
        """
        self._require_person()
        from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen

        shown, _, prompt = text.rpartition("\n")
        with TerminalScreen(color=self.color) as screen:
            screen.say(public(f"\n{shown}"))
            return screen.ask_unseen(public(prompt))

    def listen(self, seconds: float) -> str | None:
        """The line that is typed within so many seconds; ``None`` where nothing is.

        Raises: ``ClosedByPerson`` in a worker, ``OSError`` or ``EOFError`` where there is no terminal.
        """
        self._require_person()
        from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen

        with TerminalScreen(color=self.color) as screen:
            return screen.line_within(seconds)

    def _require_person(self) -> None:
        if self.is_worker:
            raise ClosedByPerson(
                "a worker cannot ask at the terminal, and there is no display for a browser: run without -n"
            )

    def tell(self, text: SafeText) -> None:
        """Show a text, where there is a terminal."""
        from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen

        with suppress(OSError), TerminalScreen(color=self.color) as screen:
            screen.say(text)

    def tell_event(self, event: ConsentEvent) -> None:
        """Show what happens while a person is at it."""
        self.tell(joined(public(f"{event.at_s:.0f} s: "), event.text))
