"""What an answer is typed into: a line with a history, or a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
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
    """A line to type in; up and down go through what was sent before.

    It does at once what a key stands for. Bindings are looked up in the whole app first, and characters that come in
    one burst with the key, as over a slow line, would overtake it.
    """

    DOES: ClassVar[dict[str, Callable[[AnswerLine], None]]] = {
        "enter": lambda self: self._send(),
        "up": lambda self: self._step(-1),
        "down": lambda self: self._step(1),
        "left": Input.action_cursor_left,
        "right": Input.action_cursor_right,
        "ctrl+left": Input.action_cursor_left_word,
        "ctrl+right": Input.action_cursor_right_word,
        "home": Input.action_home,
        "ctrl+a": Input.action_home,
        "end": Input.action_end,
        "ctrl+e": Input.action_end,
        "backspace": Input.action_delete_left,
        "delete": Input.action_delete_right,
        "ctrl+d": Input.action_delete_right,
        "ctrl+w": Input.action_delete_left_word,
        "ctrl+u": Input.action_delete_left_all,
        "ctrl+k": Input.action_delete_right_all,
    }

    def __init__(self, history: History) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.history = history

    @property
    def text(self) -> str:
        return self.value

    def fill(self, text: str) -> None:
        """Puts a text there, without a word about it."""
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)

    @property
    def typing(self) -> str:
        return self.value

    def on_key(self, event: events.Key) -> None:
        does = self.DOES.get(event.key)
        if does is not None:
            event.stop()
            event.prevent_default()
            does(self)

    def _step(self, by: int) -> None:
        self.value = self.history.step(by, self.value)
        self.cursor_position = len(self.value)

    def _send(self) -> None:
        """Takes the text away; where it is not accepted it is put back, before what is typed meanwhile."""
        text = self.value
        self.fill("")
        self.post_message(Sent(text))

    def put_back(self, text: str) -> None:
        at = self.cursor_position
        self.fill(text + self.value)
        self.cursor_position = len(text) + at

    def on_paste(self, event: events.Paste) -> None:
        """Line ends separate the entries of a vector as blanks do."""
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.split()), *self.selection)
