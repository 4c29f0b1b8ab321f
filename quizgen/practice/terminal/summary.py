"""What came of a session, and the marked review of its questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import OptionList, Static

from quizgen.practice.said import lasting, of_points
from quizgen.practice.terminal.bars import Header, Keys, Rows, row
from quizgen.practice.terminal.commands import LEAVE, Command
from quizgen.practice.terminal.over import Over
from quizgen.practice.terminal.sheet import Sheet
from quizgen.wording import counted

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt
    from quizgen.practice.records import Item
    from quizgen.practice.session import Session, Summary

LOOK = Command("look", "", "enter", "look at a question", "")
BACK = Command("back", "b", "escape", "back", "")
BEFORE = Command("before", "", "left", "the one before", "")
AFTER = Command("after", "", "right", "the next", "")


def result(session: Session, summary: Summary) -> str:
    """A session in one line; of an exam that is not handed in only how much of it was answered."""
    if session.plan.exam and not session.ended:
        return f"{summary.answered} of {counted(summary.asked, 'question')} answered so far."
    answered = f"{counted(summary.answered, 'question')} answered"
    return f"{answered}, {of_points(summary.points, summary.of)}, {lasting(summary.seconds)}"


class SummaryScreen(Screen[None]):
    """All questions of a session with what they earned; each can be looked at again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", show=False)]

    def __init__(self, session: Session, summary: Summary) -> None:
        super().__init__()
        self.session, self.summary = session, summary

    def compose(self) -> ComposeResult:
        yield Header(id="header")
        yield Static(result(self.session, self.summary), classes="above", markup=False)
        yield Rows(*(row(_row(*each)) for each in self.summary.rows))
        yield Keys(id="keys")

    def on_mount(self) -> None:
        self.query_one(Header).tell("Exam, marked" if self.session.plan.exam else "Done for now")
        self.query_one(Keys).offer(((LOOK,) if self.summary.rows else ()) + (LEAVE,))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.app.push_screen(ReviewScreen(self.summary, event.option_index))

    def action_command(self, name: str) -> None:
        if name == "leave":
            self.run_worker(self.app.action_quit())
        else:
            self.query_one(OptionList).action_select()


def _row(item: Item, attempt: Attempt) -> str:
    ways = {"shown": "solution shown", "skipped": "skipped", "gone": "gone", "time": "time over"}
    how = ways.get(item.outcome.ending, "") if item.outcome is not None else ""
    if not how:
        full = attempt.points == attempt.of
        how = "all earned" if full else "nothing right" if attempt.points == 0 else "partly right"
    earned = of_points(attempt.points, attempt.of) if attempt.counts else "—"
    return f"{item.number:>3}.  {earned:<18}  {how:<14}  {attempt.question.title}"


class ReviewScreen(Over[None]):
    """A question as it was answered, and its solution."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,b", "dismiss", show=False),
        Binding("left,p", "command('before')", show=False, priority=True),
        Binding("right,n", "command('after')", show=False, priority=True),
    ]

    def __init__(self, summary: Summary, at: int) -> None:
        super().__init__()
        self.rows, self.at = summary.rows, at

    def compose(self) -> ComposeResult:
        yield Header(id="header")
        yield Sheet()
        yield Keys(id="keys")

    async def on_mount(self) -> None:
        self.query_one(Keys).offer((BEFORE, AFTER, BACK))
        await self._show()

    async def _show(self) -> None:
        item, attempt = self.rows[self.at]
        title = f"{item.skill.topic} · {attempt.question.title}"
        self.query_one(Header).tell(title, f"{self.at + 1} of {len(self.rows)}", of_points(attempt.points, attempt.of))
        await self.query_one(Sheet).show(attempt, worked=True)
        self.query_one(Sheet).focus()

    async def action_command(self, name: str) -> None:
        if name == "back":
            self.dismiss()
            return
        self.at = min(max(0, self.at + (1 if name == "after" else -1)), len(self.rows) - 1)
        await self._show()
