"""What a question and an exam have in common: a page, a place to type an answer, and calls that may wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from quizgen.errors import QuizgenError, Unreadable, UsageError
from quizgen.practice.said import of_points
from quizgen.practice.terminal.bars import Header, Keys, Rule
from quizgen.practice.terminal.commands import HELP, Command, meant
from quizgen.practice.terminal.entry import AnswerLine, History, Sent
from quizgen.practice.terminal.grid import Grid, has_grid
from quizgen.practice.terminal.help import HelpScreen
from quizgen.practice.terminal.sheet import Sheet
from quizgen.practice.terminal.wait import beside
from quizgen.question import two_decimals
from quizgen.render.parts import OPTIONS, label, prompt
from quizgen.render.terminal import in_a_line
from quizgen.render.unicode_math import plain
from quizgen.wording import counted
from quizgen_solvers.exact import fmpq

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt
    from quizgen.practice.session import Session, Summary

T = TypeVar("T")

PATIENCE = 0.3
"""Seconds after which a wait is worth a word."""

WRITING = "one moment"

ON_ITS_WAY = 0.05
"""Seconds for an Enter that was pressed right before the key that leaves."""

WRITTEN = 5.0
"""Seconds that the database has for the last answer before the app leaves without it."""

LAST_MINUTES = 120
"""Seconds that are told one by one."""


class Done(Message):
    """A session has come to its end."""

    def __init__(self, session: Session, summary: Summary) -> None:
        super().__init__()
        self.session, self.summary = session, summary


class Desk(Screen[None]):
    """A question, and a place to work at it. What is done there is a command, or an answer that is sent."""

    ALL: ClassVar[tuple[Command, ...]] = ()
    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(f"f{n}", f"press('f{n}')", show=False, priority=True) for n in range(1, 10)),
        Binding("pageup", "turn(-1)", show=False, priority=True),
        Binding("pagedown", "turn(1)", show=False, priority=True),
        Binding("ctrl+up", "roll(-1)", show=False, priority=True),
        Binding("ctrl+down", "roll(1)", show=False, priority=True),
    ]

    def __init__(self, session: Session, so_far: Summary, history: History) -> None:
        super().__init__()
        self.session = session
        self.history = history
        self.part: int | None = None
        """The part that is being answered, from 1."""
        self.busy = WRITING
        """What is being waited for: a word for it, or nothing."""
        self.attempts = {item.number: (item, attempt) for item, attempt in so_far.rows}
        """By their numbers the questions that were put, as they stand."""
        self._armed: Command | None = None
        """The command that was asked back: the same again does it."""
        self._turn = 0
        """How many calls were made."""
        self._sending = ""
        """What was sent and has not arrived."""
        self._entry_for: tuple[str, int] | None = None

    # --- what is on the screen ----------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Header(id="header")
        yield Sheet()
        yield Rule(id="rule")
        with Vertical(id="desk"):
            yield Static(id="how", markup=False)
            with Horizontal(id="line"):
                yield Static("› ", id="mark", markup=False)
                yield AnswerLine(self.history)
            yield Vertical(id="cells")
            yield Static(id="reading", markup=False)
        yield Keys(id="keys")

    def on_mount(self) -> None:
        self.sheet.watch_scrolling(self._rule)
        self.set_interval(1, self.tick)
        self.query_one("#line").display = False

    @property
    def sheet(self) -> Sheet:
        return self.query_one(Sheet)

    @property
    def attempt(self) -> Attempt | None:
        return self.session.attempt

    @property
    def commands(self) -> tuple[Command, ...]:
        """Those that mean something now."""
        return self.ALL

    @property
    def entry(self) -> AnswerLine | Grid:
        return next(iter(self.query(Grid)), self.query_one(AnswerLine))

    async def redraw(self, *, worked: bool = False) -> None:
        """Everything, as the session stands."""
        attempt, item = self.attempt, self.session.item
        if attempt is not None and item is not None:
            self.attempts[item.number] = (item, attempt)
            await self.sheet.show(attempt, part=self.part, worked=worked)
            await self._lay_out(attempt)
        self.tick()
        self._rule()
        self.query_one(Keys).offer(self.commands)

    async def _lay_out(self, attempt: Attempt) -> None:
        """Puts a line or a grid there for the part that is to be answered, unless it lies there."""
        line, cells = self.query_one(AnswerLine), self.query_one("#cells", Vertical)
        wanted = None if attempt.closed or self.part is None else (attempt.question.code, self.part)
        if wanted != self._entry_for:
            self._entry_for = wanted
            await cells.remove_children()
            grid = None
            last = attempt.last(self.part) if self.part is not None else None
            if self.part is not None and wanted is not None and has_grid(attempt, self.part):
                grid = Grid(attempt.question.part(self.part).kind)
                await cells.mount(grid)
                if last is not None:
                    grid.spread(last.typed)
            self.query_one("#line").display = wanted is not None and grid is None
            cells.display = grid is not None
            if attempt.exam:
                line.fill(last.typed if last is not None else "")
            elif wanted is None or wanted[1] == 1:
                line.fill("")  # what was typed ahead for the next part stays
            self.sheet.can_focus = wanted is None  # whoever clicks on the page goes on typing
            (self.sheet if wanted is None else self.entry).focus()
        self._tell_how()

    def _tell_how(self) -> None:
        if self.attempt is not None:
            self.query_one("#how", Static).update(self.how(self.attempt))

    def how(self, attempt: Attempt) -> str:
        """How to type the answer."""
        raise NotImplementedError

    def how_to_type(self, attempt: Attempt) -> str:
        if self.part is None:
            return ""
        part = attempt.question.part(self.part)
        if attempt.is_choice(self.part) and part.kind.name != "choices":
            return f"a letter from A to {OPTIONS[len(part.options) - 1]}"
        grid = self.entry
        if not isinstance(grid, Grid):
            return plain(part.kind.hint())
        return plain(grid.hint())

    def how_to_move(self) -> str:
        """How to move in a grid."""
        grid = self.entry
        if not isinstance(grid, Grid):
            return ""
        more = "" if grid.table else ", past the edge they add cells"
        return f"\narrows and Tab move{more}; Enter: next; last: sends"

    def worth(self, attempt: Attempt, part: int) -> str:
        """What a part is worth."""
        return counted(attempt.question.part(part).points, "point")

    def tick(self) -> None:
        """The header; once a second, for the time in it."""
        session, item = self.session, self.session.item
        left = f"{item.skill.topic} · {self.attempt.question.title}" if item and self.attempt else "quizgen practice"
        at = (f"{session.number} of {session.count}" if session.count else f"question {session.number}") if item else ""
        self.query_one(Header).tell(left, at, self._time(), self.score())

    def _time(self) -> str:
        left = self.session.seconds_left
        if left is None or self.session.ended:
            return ""
        return f"{left} s left" if left <= LAST_MINUTES else f"{(left + 59) // 60} min left"

    def score(self) -> str:
        """The points so far."""
        counted_in = [each for _, each in self.attempts.values() if each.counts]
        if not counted_in:
            return ""
        points = sum((each.points for each in counted_in), fmpq(0))
        return f"{two_decimals(points)}/{counted(sum(each.of for each in counted_in), 'point')}"

    def _rule(self) -> None:
        attempt = self.attempt
        more = "PgDn ↓" if self.sheet.has_more_below else "PgUp ↑" if self.sheet.has_more_above else ""
        left, worth = "", ""
        if attempt is not None and self.part is not None:
            asked = in_a_line(prompt(attempt.question.part(self.part), attempt.choices))
            left = f"{label(attempt.question, self.part - 1)} {asked}".strip()
            worth = self.worth(attempt, self.part)
        elif attempt is not None:
            left = of_points(attempt.points, attempt.of)
        self.query_one(Rule).tell(left, worth, more)

    def say(self, text: str) -> None:
        """A line under the answer, until something is typed."""
        self.query_one("#reading", Static).update(text)

    # --- typing -------------------------------------------------------------------------------------------------------

    @on(Grid.Changed)
    def _moved(self) -> None:
        self._tell_how()  # each column of a table is typed in its own way
        self.read()

    @on(Input.Changed)
    def read(self) -> None:
        """Says how what is being typed would be read."""
        if self.busy:
            return
        if self._armed is not None:
            if self.entry.typing in ("", ":", self._armed.letter, f":{self._armed.letter}"):
                return  # the question stands
            self._armed = None
        if self.attempt is None or self.part is None:
            self.say("")
            return
        try:
            self.say(self._reading(self.attempt, self.part))
        except Unreadable as problem:
            self.say(f"not readable yet: {problem.message.partition('; for example')[0]}")
        except UsageError as problem:
            self.say(problem.message)

    def _reading(self, attempt: Attempt, part: int) -> str:
        entry = self.entry
        if isinstance(entry, Grid) and entry.is_empty:
            return ""
        text = entry.text
        if not text.strip():
            return ""
        try:
            command = None if not text.lstrip().startswith(":") else meant(text, self.commands)
            if command is None:
                read = attempt.read(text, part)
                return entry.reading if isinstance(entry, Grid) and entry.table else f"read as {read}"
        except Unreadable:
            command = self._meant(text, attempt, part)
            if command is None:
                raise
        return f"Enter: {command.says}"

    @on(Sent)
    def _sent(self, sent: Sent) -> None:
        """An answer if it can be read as one, else a command."""
        attempt, part, text = self.attempt, self.part, sent.text
        if self.busy or attempt is None or part is None:
            self._put_back(text)
        elif not text.strip() and sent.problem is None:
            self.say("type an answer; ? and Enter says what else can be done")
        elif (problem := sent.problem or self._unreadable(text, attempt, part)) is None:
            self.history.keep(text)
            self._sending = text
            self.send(text, attempt, part)
        elif (command := self._command(text, attempt, part)) is not None:
            self.say("")
            self.action_command(command.name)
        else:
            self._put_back(text)
            if not text.startswith(":"):
                self.say(f"not counted: {problem.message}")

    def _unreadable(self, text: str, attempt: Attempt, part: int) -> Unreadable | None:
        """Why a text is no answer."""
        if text.lstrip().startswith(":"):
            return Unreadable("this is a command")
        try:
            attempt.read(text, part)
        except Unreadable as problem:
            return problem
        return None

    def _meant(self, text: str, attempt: Attempt, part: int) -> Command | None:
        """The command that a text may be which is no answer. Among options a letter is a slip rather than a command.

        Raises `UsageError` for a colon without a command.
        """
        if attempt.is_choice(part) and text.strip()[:1] not in (":", HELP.letter):
            return None
        return meant(text, self.commands)

    def _command(self, text: str, attempt: Attempt, part: int) -> Command | None:
        try:
            return self._meant(text, attempt, part)
        except UsageError as problem:
            self.say(problem.message)
            return None

    def _put_back(self, text: str) -> None:
        if isinstance(self.entry, AnswerLine):
            self.entry.put_back(text)

    def send(self, text: str, attempt: Attempt, part: int) -> None:
        """Hands in an answer that can be read."""
        raise NotImplementedError

    # --- doing --------------------------------------------------------------------------------------------------------

    def action_press(self, key: str) -> None:
        command = next((one for one in self.commands if one.key == key), None)
        if command is not None:
            self.action_command(command.name)

    def action_command(self, name: str) -> None:
        """Does what a key, a letter or a click stands for."""
        if name == "help":
            self.app.push_screen(HelpScreen(self.commands))
        elif name == "leave":
            self.run_worker(self.app.action_quit())
        elif not self.busy:
            getattr(self, f"do_{name}")()

    def asked_back(self, name: str, question: str) -> bool:
        """Whether a command is still to be confirmed, by giving it again."""
        command = next(one for one in self.ALL if one.name == name)
        if self._armed == command:
            self._armed = None
            return False
        self._armed = command
        self.say(f"{question} {command.key_shown} again, or {command.letter} and Enter: yes. Anything else: no.")
        return True

    def act(self, call: Callable[[], T], then: Callable[[T], Awaitable[str]], waiting: str = WRITING) -> None:
        """Makes a call beside the screen, goes on with what it gave, and says what that returns.

        What was sent is put back if the call fails.
        """
        self.busy = waiting
        self._armed = None
        self._turn += 1
        self.run_worker(self._acting(call, then, self._turn))

    async def _acting(self, call: Callable[[], T], then: Callable[[T], Awaitable[str]], turn: int) -> None:
        timer = self.set_timer(PATIENCE, self._say_busy)
        try:
            result = await beside(call)
        except QuizgenError as problem:
            self._put_back(self._sending)
            said = await self.failed(problem)
        else:
            said = await then(result)
        timer.stop()
        self._sending = ""
        if self._turn == turn:  # else something more has been begun
            self.busy = ""
            said, self.session.notice = " ".join(filter(None, (said, self.session.notice))), ""
            if said:
                self.say(said)
            else:
                self.read()

    async def settled(self) -> None:
        """Waits for what is being written, but not for PyTorch."""
        await asyncio.sleep(ON_ITS_WAY)
        deadline = monotonic() + WRITTEN
        while self.busy == WRITING and monotonic() < deadline:
            await asyncio.sleep(0.01)

    def _say_busy(self) -> None:
        if self.busy:
            starting = self.session.practice.stock.state == "starting"
            self.say(f"{'PyTorch is starting; it checks every question first' if starting else self.busy} …")
            self.set_timer(PATIENCE, self._say_busy)

    async def failed(self, problem: QuizgenError) -> str:
        """What went wrong; the session may stand elsewhere now."""
        await self.redraw()
        return problem.message

    def action_turn(self, pages: int) -> None:
        self.sheet.scroll_relative(y=pages * max(1, self.sheet.size.height - 2), animate=False)

    def action_roll(self, lines: int) -> None:
        self.sheet.scroll_relative(y=lines, animate=False)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._rule)
