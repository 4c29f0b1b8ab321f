"""The screen that says which keys there are."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from quizgen.practice.terminal.commands import Command
from quizgen.practice.terminal.over import Over
from quizgen.render.terminal import Fitted

ABOUT = (
    "A letter counts where it can be no answer, as it can among options; behind a colon, as in :h or :hint, always.",
    "Answers are typed as one writes them: 0.25, -3/4, 2^-5, (64, 32, 3). The line below says how one is read.",
    "What cannot be read does not count as a try.",
    "Matrices and tables are filled in cell by cell. A whole one, such as 1 2; 3 4, may be put into any cell.",
    "Arrows and Tab move from cell to cell; Ctrl+← and Ctrl+→, Home and End within one.",
    "PgUp, PgDn, Ctrl+↑ and Ctrl+↓ move the page; ↑ and ↓ bring back what was sent before.",
    "Every answer that was sent is on disk. Leave whenever you like: the next start goes on.",
)


class HelpScreen(Over[None]):
    """All keys, letters and words, and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q,enter,question_mark", "dismiss", show=False)]

    def __init__(self, commands: tuple[Command, ...]) -> None:
        super().__init__()
        self.commands = commands

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(Fitted(lambda room: [self._text()]))
        yield Static("Esc goes back", classes="below")

    def _text(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for one in self.commands:
            table.add_row(
                Text(one.key_shown, style="bold"), Text(one.letter, style="bold"), Text(f":{one.name}"), one.says
            )
        about = Table.grid(padding=(0, 1))
        for line in ABOUT:
            about.add_row("•", line)
        return Padding(Group(table, Text(), about), (0, 2))
