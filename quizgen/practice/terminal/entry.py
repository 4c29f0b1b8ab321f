"""What an answer is typed into: a line with a history, or a grid."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from quizgen.errors import Unreadable

MOST_KEPT = 200


class Sent(Message):
    """Enter was pressed on an answer or a command; ``problem`` where the cells of a grid are no answer yet."""

    def __init__(self, text: str, problem: Unreadable | None = None) -> None:
        super().__init__()
        self.text = text
        self.problem = problem


class History:
    """What was sent, the latest last, and the way back to it."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._at = 0
        self._draft = ""

    def keep(self, text: str) -> None:
        if self._sent[-1:] != [text]:
            self._sent = [*self._sent, text][-MOST_KEPT:]
        self._at, self._draft = len(self._sent), ""

    def step(self, by: int, typed: str) -> str:
        """What was sent before or after; beyond the latest what was being typed."""
        if self._at == len(self._sent):
            self._draft = typed
        self._at = min(max(0, self._at + by), len(self._sent))
        return self._sent[self._at] if self._at < len(self._sent) else self._draft


class AnswerLine(Input):
    """A line to type in; up and down go through what was sent before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(self, history: History) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.history = history

    @property
    def text(self) -> str:
        return self.value

    def take(self, text: str) -> None:
        """Takes away what was sent; what has been typed behind it meanwhile stays."""
        if self.value.startswith(text):
            self.fill(self.value.removeprefix(text))

    def fill(self, text: str) -> None:
        """Puts a text there, without a word about it."""
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)

    def action_step(self, by: int) -> None:
        self.value = self.history.step(by, self.value)
        self.cursor_position = len(self.value)

    async def action_submit(self) -> None:
        self.post_message(Sent(self.value))

    def on_paste(self, event: events.Paste) -> None:
        """Line ends separate the entries of a vector as blanks do."""
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.split()), *self.selection)
