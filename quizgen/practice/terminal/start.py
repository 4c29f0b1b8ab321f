"""The screen that offers to go on with a session that was left."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from quizgen.practice.said import of_points
from quizgen.practice.terminal.bars import Header, Keys
from quizgen.practice.terminal.commands import LEAVE, Command
from quizgen.practice.terminal.over import Over
from quizgen.wording import counted, listed

if TYPE_CHECKING:
    from quizgen.practice.session import Session, Summary

GO_ON = Command("go", "", "enter", "go on with it", "")
ANEW = Command("anew", "n", "n", "begin another", "")


class ResumeScreen(Over[bool]):
    """Whether to go on, or to end what was left and begin another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,g,o,y", "command('go')", show=False),
        Binding("n", "command('anew')", show=False),
        Binding("q", "app.quit", show=False),
    ]

    def __init__(self, session: Session, summary: Summary) -> None:
        super().__init__()
        self.session, self.summary = session, summary

    def compose(self) -> ComposeResult:
        yield Header(id="header")
        yield Static(self._text(), classes="above", markup=False)
        yield Keys(id="keys")

    def on_mount(self) -> None:
        self.query_one(Header).tell("quizgen practice")
        self.query_one(Keys).offer((GO_ON, ANEW, LEAVE))

    def _text(self) -> str:
        session, plan = self.session, self.session.plan
        begun = datetime.fromtimestamp(session.sitting.started / 1000).astimezone()
        what = "exam" if plan.exam else "session"
        of = f" of {session.count}" if session.count else ""
        lines = [
            f"There is {'an' if plan.exam else 'a'} {what} that you left, begun on {begun:%d %B at %H:%M}:",
            "",
            f"  {listed(plan.names) or 'all topics'}, question {session.number}{of}",
        ]
        if not plan.exam:
            lines.append(
                f"  {counted(self.summary.answered, 'question')} answered, "
                f"{of_points(self.summary.points, self.summary.of)}"
            )
        left = session.seconds_left
        if left is not None:
            lines.append("  its time is over" if left == 0 else f"  {left // 60} min {left % 60} s left")
        lines += ["", "Enter goes on with it; n ends it as it stands and begins another."]
        return "\n".join(lines)

    def action_command(self, name: str) -> None:
        if name == "leave":
            self.run_worker(self.app.action_quit())
        else:
            self.dismiss(name == "go")
