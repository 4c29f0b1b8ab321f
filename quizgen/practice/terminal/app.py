"""Practice in the terminal, as an app on the whole screen."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.theme import Theme
from textual.widgets import Static
from textual.worker import WorkerFailed

from quizgen.errors import QuizgenError
from quizgen.practice.terminal.desk import PATIENCE, Desk, Done
from quizgen.practice.terminal.entry import History
from quizgen.practice.terminal.exam import ExamScreen
from quizgen.practice.terminal.question import QuestionScreen
from quizgen.practice.terminal.start import ResumeScreen
from quizgen.practice.terminal.summary import SummaryScreen
from quizgen.practice.terminal.wait import beside
from quizgen.wording import counted

if TYPE_CHECKING:
    from quizgen.practice.records import Plan
    from quizgen.practice.session import Practice, Session

# The terminal's own colours, so that it is dark where the terminal is dark and light where it is light. What must be
# told apart is told by words, and by reversed, bold, dim or underlined letters.
OWN = Theme(
    name="quizgen",
    ansi=True,
    primary="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    variables={"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"},
)


class PracticeApp(App[None]):
    """A learner's session, taken up again or new."""

    TITLE = "quizgen practice"
    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", show=False, priority=True)]

    def __init__(self, practice: Practice, learner: str, plan: Plan, *, resume: bool = False) -> None:
        super().__init__(ansi_color=True)  # before there is a theme NO_COLOR already asks which colours there are
        self.register_theme(OWN)
        self.theme = OWN.name
        self.animation_level = "none"  # over ssh every frame travels
        self.practice, self.learner, self.plan, self.resume = practice, learner, plan, resume
        self.session: Session | None = None
        self.failure: QuizgenError | None = None
        """Why there is no session."""

    def compose(self) -> ComposeResult:
        yield Static("one moment …", id="start", markup=False)

    def on_mount(self) -> None:
        if not self.is_headless:
            for name in ("SIGTERM", "SIGHUP"):
                self._leave_on(name)
        self.run_worker(self._start())

    def _leave_on(self, name: str) -> None:
        """A signal leaves as a key does, and gives the terminal back as it was."""
        number = getattr(signal, name, None)
        with suppress(NotImplementedError):  # on Windows
            if number is not None:
                asyncio.get_running_loop().add_signal_handler(number, lambda: self.exit(return_code=128 + number))

    async def _start(self) -> None:
        self.set_timer(PATIENCE, self._say_starting)
        try:
            session = await self._left()
            if session is None:
                session = await beside(self._begin)
            so_far = await beside(session.summary)
        except QuizgenError as problem:
            self.failure = problem
            self.exit()
            return
        self.session = session
        screen = ExamScreen if session.plan.exam else QuestionScreen
        await self.push_screen(screen(session, so_far, History()))

    async def _left(self) -> Session | None:
        """The session that was left, if it is to be gone on with; if not, it is ended."""
        if not self.resume:
            return None
        session = await beside(lambda: self.practice.resume(self.learner, exam=self.plan.exam))
        if session is None or not session.items:
            return session
        done = session.over and (session.attempt is None or session.attempt.closed)
        if not done and await self.push_screen_wait(ResumeScreen(session, await beside(session.summary))):
            return session
        await beside(session.finish)
        return None

    def _say_starting(self) -> None:
        if self.session is None and self.practice.stock.state == "starting":
            self._say("PyTorch is starting; it checks every question first …")

    def _say(self, text: str) -> None:
        self.screen_stack[0].query_one("#start", Static).update(text)

    def _begin(self) -> Session:
        return self.practice.begin(self.learner, self.plan, lambda count: self.call_from_thread(self._drawn, count))

    def _drawn(self, count: int) -> None:
        self._say(f"drawing and checking the exam: {counted(count, 'question')} …")

    def on_done(self, done: Done) -> None:
        self.switch_screen(SummaryScreen(done.session, done.summary))

    def _handle_exception(self, error: Exception) -> None:
        """What fails on the way out, such as a key that finds no screen any more, harms nothing."""
        if not self._exit:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Ends the app on a defect, without the traceback that Textual prints: the command line says it in a line."""
        self._close_messages_no_wait()

    @property
    def defect(self) -> BaseException | None:
        """What ended the app that should not have happened."""
        return self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception

    async def action_quit(self) -> None:
        """Leaves; what is just being written is waited for."""
        if isinstance(self.screen, Desk):
            await self.screen.settled()
        self.exit()
