"""The screen of practice: one question after the other, with help."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events

from quizgen.practice.said import counted_points
from quizgen.practice.terminal.commands import AT_A_QUESTION, Command
from quizgen.practice.terminal.desk import Desk, Done
from quizgen.question import two_decimals
from quizgen.wording import counted

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt
    from quizgen.practice.records import Move
    from quizgen.practice.session import Summary

NEXT = Command("next", "n", "enter", "go on", "goes on to the next question")
WHEN_OPEN = frozenset({"hint", "skip", "on"})


class QuestionScreen(Desk):
    """A question, its parts one at a time."""

    ALL: ClassVar[tuple[Command, ...]] = (*AT_A_QUESTION, NEXT)

    def on_mount(self) -> None:
        super().on_mount()
        self.do_next()

    @property
    def commands(self) -> tuple[Command, ...]:
        attempt = self.attempt
        if attempt is None:
            return tuple(one for one in self.ALL if one.name in ("help", "next", "leave"))
        if attempt.closed:
            return (NEXT, *(one for one in AT_A_QUESTION if one.name not in WHEN_OPEN))
        hints = self.part is not None and attempt.hints_left(self.part)
        return tuple(one for one in AT_A_QUESTION if one.name != "hint" or hints)

    async def redraw(self, *, worked: bool = False) -> None:
        self.part = self.attempt.part if self.attempt is not None else None
        await super().redraw(worked=worked)

    def how(self, attempt: Attempt) -> str:
        if attempt.closed:
            return "Enter goes on."
        left = attempt.hints_left(self.part) if self.part is not None else 0
        if self.part is None or not left:
            return self.how_to_type(attempt) + self.how_to_move()
        cost = counted_points(attempt.hint_cost(self.part) * attempt.question.part(self.part).points)
        each = ", each" if left > 1 else ""
        return f"{self.how_to_type(attempt)} · {counted(left, 'hint')}{each} for {cost}{self.how_to_move()}"

    def worth(self, attempt: Attempt, part: int) -> str:
        now = attempt.worth(part)
        whole = super().worth(attempt, part)
        return whole if now == 1 else f"now {two_decimals(now * attempt.question.part(part).points)} of {whole}"

    # --- what is done -------------------------------------------------------------------------------------------------

    def send(self, text: str, attempt: Attempt, part: int) -> None:
        async def sent(move: Move) -> str:
            await self.redraw()
            return "the same answer as before; it counts once" if move.number < len(attempt.moves) else ""

        self.act(lambda: self.session.answer(text, part, len(attempt.moves)), sent)

    def do_hint(self) -> None:
        self._move(self.session.hint)

    def do_on(self) -> None:
        self._move(self.session.on)

    def do_solution(self) -> None:
        attempt = self.attempt
        if attempt is not None and attempt.closed:
            self.run_worker(self.redraw(worked=True))
        elif not self.asked_back("solution", "The solution ends this question."):
            self._move(self.session.solution, worked=True)

    def do_skip(self) -> None:
        if not self._would_lose("skip"):
            self.act(self._skipped, self._arrived, "drawing the next question")

    def do_another(self) -> None:
        if not self._would_lose("another"):
            self.act(self.session.another, self._arrived, "drawing another one")

    def do_easier(self) -> None:
        if not self._would_lose("easier"):
            self.act(self.session.easier, self._arrived, "looking for easier numbers")

    def do_next(self) -> None:
        self.act(self.session.next, self._arrived, "drawing the next question")

    def do_finish(self) -> None:
        is_open = self.attempt is not None and not self.attempt.closed
        if not (is_open and self.asked_back("finish", "This ends the session.")):
            self._finish()

    def _move(self, move: Callable[[int], object], worked: bool = False) -> None:
        attempt = self.attempt
        if attempt is None:
            return

        async def moved(_: object) -> str:
            await self.redraw(worked=worked)
            return ""

        self.act(lambda: move(len(attempt.moves)), moved)

    def _would_lose(self, name: str) -> bool:
        """Whether a question at which something was done would be left, and that is still to be confirmed."""
        attempt = self.attempt
        worked_on = attempt is not None and not attempt.closed and bool(attempt.moves)
        return worked_on and self.asked_back(name, "This leaves the question as it is.")

    def _skipped(self) -> Attempt | None:
        if self.attempt is not None and not self.attempt.closed:
            self.session.skip(len(self.attempt.moves))
        return self.session.next()

    async def _arrived(self, attempt: Attempt | None) -> str:
        if attempt is None:
            self._finish()
        else:
            await self.redraw()
        return ""

    def _finish(self) -> None:
        async def finished(summary: Summary) -> str:
            self.post_message(Done(self.session, summary))
            return ""

        self.act(self.session.finish, finished)

    def on_key(self, event: events.Key) -> None:
        """At a closed question nothing is typed: letters are commands."""
        attempt = self.attempt
        if self.busy or (attempt is not None and not attempt.closed):
            return
        pressed = event.character or event.key
        command = next((one for one in self.commands if pressed == one.letter or event.key == one.key), None)
        if command is not None:
            event.stop()
            self.action_command(command.name)
