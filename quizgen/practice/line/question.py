"""Questions over lines, one part at a time, with help."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from quizgen.errors import shown
from quizgen.practice.line.sitting import Lines, name_of
from quizgen.practice.said import counted_points
from quizgen.practice.terminal import page
from quizgen.practice.terminal.commands import AT_A_QUESTION, Command
from quizgen.render import terminal
from quizgen.render.parts import answer, label

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt


class Questions(Lines):
    """A session of questions that are marked at once."""

    ALL: ClassVar[tuple[Command, ...]] = AT_A_QUESTION

    onwards = True
    """Whether the next question is wanted."""

    def start(self) -> None:
        self._put_forward()

    def _put_forward(self) -> None:
        """Shows the question that is open; where none is, the next one is wanted."""
        self.onwards = self.attempt is None or self.attempt.closed
        if not self.onwards:
            self.show()

    def step(self) -> bool:
        attempt = self.attempt
        if self.onwards or attempt is None:
            with self.talk.waiting():
                attempt = self.session.next()
            self._put_forward()
            return attempt is not None
        return self._after() if attempt.closed else self._at(attempt)

    def _at(self, attempt: Attempt) -> bool:
        """A line at a question."""
        part = attempt.part or 1
        text = self.talk.read(name_of(attempt, part))
        command = self.command(text, attempt, part)
        if command is None:
            self._answered(attempt, text)
            return True
        match command.name:
            case "help":
                self.help()
            case "hint":
                self.session.hint()
                self._hinted(part)
            case "on":
                self.session.on()
                self._went_on()
            case "solution":
                self.session.solution()
                self._solution()
                self.talk.put(page.outcome(self.now()))
            case "skip":
                self.session.skip()
                self.onwards = True
            case "another" | "easier":
                self._like_this(command.name)
            case "finish":
                return False
        return True

    def _after(self) -> bool:
        """A line after a question."""
        onwards = "ends the session" if self.session.over else "the next question"
        text = self.talk.read(
            f"Enter {onwards}, s solution, a another like this, e easier numbers", ends=self.session.over
        )
        if not text:
            self.onwards = True
            return True
        command = self.command(text)
        match command.name if command is not None else "":
            case "help":
                self.help()
            case "solution":
                self._solution()
            case "another" | "easier" as name:
                self._like_this(name)
            case "on" | "skip":
                self.onwards = True
            case "finish":
                return False
            case _:
                self.talk.say(f"This question is closed, so {shown(text)} was not taken for an answer.")
        return True

    def _answered(self, before: Attempt, text: str) -> None:
        """Marks an answer, and says what came of it."""
        if not text:
            return
        move = self.session.answer(text)
        attempt = self.now()
        self.talk.put(*page.verdict(attempt, move), indent=2)
        if move.number < len(before.moves):
            self.talk.say("  You typed that before; it does not count again.")
        if move.credit == 1:
            self._went_on()
            return
        worth = attempt.worth(move.part) * attempt.question.part(move.part).points
        still = f"a right answer still earns {counted_points(worth)}" if worth != 0 else "it earns nothing any more"
        colon = ":" if attempt.is_choice(move.part) else ""  # a bare letter is that of an option
        self.talk.say(f"  Try again ({still}), or {colon}h hint, {colon}o go on, {colon}s solution.", style="dim")

    def _hinted(self, part: int) -> None:
        attempt = self.now()
        hints = attempt.hints(part)
        hint, said = hints[-1], {text for before in hints[:-1] for text in (before.heading, before.why)}
        about = [text for text in dict.fromkeys((hint.heading, hint.why)) if text and text not in said]
        cost = attempt.hint_cost(part) * attempt.question.part(part).points
        self.talk.say(f"  hint {hint.at} of {hint.of}, for {counted_points(cost)}", style="dim")
        self.talk.put(*(terminal.words(text, "dim") for text in about), terminal.line_of_work(hint), indent=4)

    def _went_on(self) -> None:
        """What comes after a part that is dealt with."""
        attempt = self.now()
        if attempt.closed:
            self._closed()
        elif attempt.part is not None:
            self.talk.say("")
            self.asked(attempt, attempt.part)

    def _closed(self) -> None:
        """What came of a question."""
        attempt = self.now()
        for at, part in enumerate(attempt.question.parts):
            if attempt.status(at + 1) != "right":
                name = label(attempt.question, at)
                self.talk.put(terminal.words(f"{name + ' ' if name else ''}right is {answer(part, attempt.choices)}"))
        self.talk.put(page.outcome(attempt))

    def _solution(self) -> None:
        attempt = self.now()
        self.talk.put(terminal.solution(attempt.question, attempt.choices), indent=2)

    def _like_this(self, which: str) -> None:
        with self.talk.waiting():
            self.session.another() if which == "another" else self.session.easier()
        self._put_forward()
