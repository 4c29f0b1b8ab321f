"""Lines in and lines out: prompts, words, drawings, and the ways in which input ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

WIDEST = 100  # columns: longer lines are hard to read
LONGEST = 10_000
"""Characters of a line that are looked at; no answer is longer."""

BEFORE_IT_SAYS_SO = 0.5
"""Seconds after which a person is told what she is waiting for."""


class EndOfInput(Exception):
    """There are no more lines, or they are not wanted any more."""


class Signal(BaseException):
    """The program is to stop; no except clause on the way takes it for an error."""

    def __init__(self, number: int) -> None:
        self.number = number


@contextmanager
def signals() -> Iterator[None]:
    """Ctrl-C and its like leave the session as the end of input does. (Signals come to the main thread alone.)"""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise Signal(number)

    wanted = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    # What is ignored stays so: a background job of a shell is not to be stopped by Ctrl-C.
    before = {one: signal.getsignal(one) for one in wanted if one and signal.getsignal(one) is not signal.SIG_IGN}
    for one in before:
        signal.signal(one, stop)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class Talk:
    """What is said and what is typed. ``color``: None follows the terminal; ``typed``: whether a person types."""

    def __init__(self, stdin: TextIO, stdout: TextIO, color: bool | None) -> None:
        self.stdin, self.stdout = stdin, stdout
        self.typed = stdin.isatty()
        self.console = Console(
            file=stdout,
            highlight=False,
            markup=False,
            emoji=False,
            force_terminal=color,
            no_color=color is False or None,
        )
        self.console.width = min(self.console.width, WIDEST)
        self.took_line = False
        """Whether a line was read since this was last unset."""
        self._at_prompt = False

    def leave(self) -> None:
        """Ends the line of a prompt that was not answered."""
        if self._at_prompt and self.typed:
            self.stdout.write("\n")

    def say(self, text: str, style: str = "") -> None:
        """A line of words; only where a person reads it is it broken to fit."""
        self.console.print(Text(text, style=style), soft_wrap=not self.console.is_terminal)

    def put(self, *pieces: RenderableType, indent: int = 0) -> None:
        """What is drawn, without the blanks that Rich fills lines up with."""
        with self.console.capture() as drawn:
            self.console.print(Padding(Group(*pieces), (0, 0, 0, indent)))
        self.stdout.write("".join(f"{line.rstrip(' ')}\n" for line in drawn.get().splitlines()))

    def read(self, prompt: str, *, ends: bool = False) -> str:
        """The next line, and an empty one for the end of input where the session ``ends`` anyway; else that raises
        `EndOfInput`."""
        self.stdout.write(f"{prompt}> " if self.typed else f"{prompt}>\n")
        self.stdout.flush()
        self._at_prompt = True
        line = rest = self.stdin.readline(LONGEST)
        while rest and not rest.endswith("\n"):
            rest = self.stdin.readline(LONGEST)
        self.took_line = True
        if not line and not ends:
            raise EndOfInput
        if not line and self.typed:
            self.stdout.write("\n")
        self._at_prompt = False
        return line.strip().lstrip("\ufeff")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Tells a person who waits for PyTorch that she does."""
        said = "PyTorch is checking the question; the first one takes a moment …"
        timer = threading.Timer(BEFORE_IT_SAYS_SO, lambda: self.say(said, style="dim"))
        if self.typed:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            timer.cancel()
