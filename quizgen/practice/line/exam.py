"""An exam over lines: parts in any order, no word about them until it is handed in, then a marked review."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from quizgen.errors import UsageError
from quizgen.practice.line.sitting import Lines, name_of
from quizgen.practice.terminal import page
from quizgen.practice.terminal.commands import IN_AN_EXAM, Command
from quizgen.render.parts import label
from quizgen.render.unicode_math import plain
from quizgen.wording import counted, letter, listed

if TYPE_CHECKING:
    from quizgen.practice.session import Summary

_GO = re.compile(r":\s*(?:go\s*)?(\d{1,3})\s*(?:\(?([a-z]{1,2})\)?)?", re.IGNORECASE)


class Exam(Lines):
    """A session whose questions are all there from the beginning."""

    ALL: ClassVar[tuple[Command, ...]] = IN_AN_EXAM

    handing_in = False
    """Whether the line before was to hand in what is not complete."""

    def start(self) -> None:
        if not self._time_is_over():
            self._list()
            if self.attempt is not None:
                self.show()

    def step(self) -> bool:
        return not self._time_is_over() and self._in_exam()

    def _time_is_over(self) -> bool:
        """Whether the exam has ended, as it does where its time is over."""
        session = self.session
        if session.ended or session.seconds_left != 0:
            return session.ended
        session.finish()
        self.talk.say("The time is over: the exam was handed in as it stood.", style="bold")
        return True

    def _in_exam(self) -> bool:
        """A line in an exam."""
        attempt = self.session.attempt
        if attempt is None:  # its family is gone
            return self._forward(1, 0)
        part = self.part or attempt.part or 1
        left = f"{-(-(self.session.seconds_left or 0) // 60)} min left"
        text = self.talk.read(f"{self.session.number} {name_of(attempt, part)}".rstrip() + f" [{left}]")
        if not text:
            return True
        if found := _GO.fullmatch(text):
            self._go(int(found[1]), found[2])
            return True
        command = self.command(text, attempt, part)
        handing_in, self.handing_in = self.handing_in, False
        if command is None:
            move = self.session.answer(text, part)
            self.talk.say(f"noted: {plain(move.read_as)}")
            if not self._forward(1, part, unanswered=True):
                self.talk.say(
                    "Everything is answered. :finish hands in, :list shows all, :go 2b changes part (b) of question 2."
                )
            return True
        match command.name:
            case "help":
                self.help()
            case "list":
                self._list()
            case "back":
                self._forward(-1, part)
            case "forward":
                self._forward(1, part)
            case "finish":
                return not (handing_in or self._complete())
        return True

    def _go(self, number: int, part: str | None) -> None:
        attempt = self.session.go(number)
        self.part = None
        if part is not None:
            place = next((n for n in range(1, len(attempt.question.parts) + 1) if letter(n - 1) == part.lower()), None)
            if place is None:
                raise UsageError(
                    f"question {number} has no part ({part}); it has {counted(len(attempt.question.parts), 'part')}"
                )
            self.part = place
        self.show()

    def _places(self) -> list[tuple[int, int, bool]]:
        """Every part of the exam: the number of its question, its own, and whether it has an answer."""
        return [
            (item.number, n, attempt.last(n) is not None)
            for item, attempt in self.session.summary().rows
            for n in range(1, len(attempt.question.parts) + 1)
        ]

    def _forward(self, by: int, part: int, *, unanswered: bool = False) -> bool:
        """From a part to the one after or before it, or the next without an answer; False where there is none."""
        number = self.session.number
        places = self._places()
        before = [one for one in places if one[:2] < (number, part)]
        after = [one for one in places if one[:2] > (number, part)]
        order = [*after, *before] if by > 0 else [*before[::-1], *after[::-1]]
        found = next((one for one in order if not (unanswered and one[2])), None)
        if found is None:
            return False
        if found[0] != number:
            self.session.go(found[0])
        self.part = found[1]
        if found[0] != number:
            self.show()
        else:
            self.asked(self.now(), found[1])
        return True

    def _list(self) -> None:
        """All questions, and which parts have an answer."""
        for item, attempt in self.session.summary().rows:
            parts = range(1, len(attempt.question.parts) + 1)
            blank = [label(attempt.question, n - 1) for n in parts if attempt.last(n) is None]
            state = "answered" if not blank else "open" if len(blank) == len(parts) else f"{listed(blank)} open"
            title = f"{plain(attempt.question.title)}, {counted(attempt.of, 'point')}"
            self.talk.say(f"  {item.number:>2}  {title}: {state}")

    def _complete(self) -> bool:
        """Whether an exam may be handed in at once; asks where something is open."""
        blank = sum(not done for *_, done in self._places())
        if blank:
            has = "has" if blank == 1 else "have"
            self.talk.say(f"{counted(blank, 'part')} {has} no answer; :finish once more hands in as it is.")
            self.handing_in = True
        return not blank

    # --- what is shown ------------------------------------------------------------------------------------------------

    def help(self) -> None:
        super().help()
        self.talk.say(":go 2b goes to part (b) of question 2; an answer there takes the place of the one before.")

    def review(self, summary: Summary) -> None:
        for item, attempt in summary.rows:
            self.talk.say("")
            self.talk.say(f"{item.number}  {plain(attempt.question.title)} · {attempt.question.code}", style="bold")
            for number in range(1, len(attempt.question.parts) + 1):
                self.talk.put(page.part(attempt, number))
        self.talk.say("")
        self.talk.say("A worked solution: quizgen show CODE --solution", style="dim")
