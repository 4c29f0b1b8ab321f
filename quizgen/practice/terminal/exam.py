"""The screen of an exam: all questions are there, in any order; no help, and no verdict before it is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from quizgen.errors import QuizgenError
from quizgen.practice.terminal.bars import Rows, cut, row
from quizgen.practice.terminal.commands import IN_AN_EXAM, Command
from quizgen.practice.terminal.desk import Desk, Done
from quizgen.practice.terminal.entry import History
from quizgen.practice.terminal.over import Over
from quizgen.render.parts import label
from quizgen.render.unicode_math import plain
from quizgen.wording import counted

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt
    from quizgen.practice.records import Item, Move
    from quizgen.practice.session import Session, Summary

WIDEST = 44
"""Columns for a title, or for an answer, in the list."""

Place = tuple[int, int]
"""A question and a part of it, both from 1."""


class ExamScreen(Desk):
    """A question of an exam, and the ways to the others."""

    ALL: ClassVar[tuple[Command, ...]] = IN_AN_EXAM

    def __init__(self, session: Session, so_far: Summary, history: History) -> None:
        super().__init__(session, so_far, history)
        self.part = self.attempt.part if self.attempt is not None else None

    def on_mount(self) -> None:
        super().on_mount()

        async def shown(_: None) -> str:
            if self.here not in self.places and self.places:  # its family is gone, but others are here
                self.go(self.places[0])
                return ""
            await self.redraw()
            return "" if self.places else "none of its questions can be asked any more; F9 ends the exam"

        self.act(lambda: None, shown)

    @property
    def places(self) -> list[Place]:
        return [(n, part) for n, (_, a) in self.attempts.items() for part in range(1, len(a.question.parts) + 1)]

    @property
    def here(self) -> Place:
        return (self.session.number, self.part or 1)

    def answered(self, place: Place) -> bool:
        return self.attempts[place[0]][1].last(place[1]) is not None

    def how(self, attempt: Attempt) -> str:
        return self.how_to_type(attempt) + self.how_to_move()

    def score(self) -> str:
        """How many parts have an answer: nothing is said of right and wrong yet."""
        return f"{sum(map(self.answered, self.places))} of {len(self.places)} answered"

    def tick(self) -> None:
        super().tick()
        if self.session.seconds_left == 0 and not self.busy and not self.session.ended:
            self._hand_in()

    # --- what is done -------------------------------------------------------------------------------------------------

    def send(self, text: str, attempt: Attempt, part: int) -> None:
        here = self.here

        async def sent(_: Move) -> str:
            assert self.session.item is not None and self.attempt is not None  # noqa: S101, PT018
            self.attempts[here[0]] = (self.session.item, self.attempt)
            places = self.places
            at = places.index(here)
            later = [place for place in places[at + 1 :] + places[:at] if not self.answered(place)]
            if later:
                self.go(later[0])
                return ""
            await self.redraw()
            return "every part has an answer now; F9, or f and Enter, hands in"

        self.act(lambda: self.session.answer(text, part, len(attempt.moves)), sent)

    def go(self, place: Place) -> None:
        """To a question and part."""

        async def gone(_: object) -> str:
            self.part = place[1]
            await self.redraw()
            return ""

        self.act(lambda: self.session.go(place[0]), gone)

    def _step(self, by: int) -> None:
        places = self.places
        at = places.index(self.here) + by if places else 0
        if 0 <= at < len(places):
            self.go(places[at])
        else:
            self.say("that was the last part" if by > 0 else "that was the first part")

    def do_back(self) -> None:
        self._step(-1)

    def do_forward(self) -> None:
        self._step(1)

    def do_list(self) -> None:
        def chosen(place: Place | None) -> None:
            if place is not None:
                self.go(place)

        self.app.push_screen(Questions(self.attempts, self.here), chosen)

    def do_finish(self) -> None:
        missing = sum(not self.answered(place) for place in self.places)
        lacks = f"{missing} of {counted(len(self.places), 'part')} without an answer. " if missing else ""
        if not self.asked_back("finish", f"{lacks}This hands in the exam."):
            self._hand_in()

    def _hand_in(self) -> None:
        async def marked(summary: Summary) -> str:
            self.post_message(Done(self.session, summary))
            return ""

        self.act(self.session.finish, marked, "marking")

    async def failed(self, problem: QuizgenError) -> str:
        if self.session.ended:
            self._hand_in()
            return ""
        return await super().failed(problem)


class Questions(Over["Place | None"]):
    """The list of an exam's parts, to go to any."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f2", "dismiss(None)", show=False)]

    def __init__(self, attempts: dict[int, tuple[Item, Attempt]], here: Place) -> None:
        super().__init__()
        self.attempts, self.here = attempts, here

    def compose(self) -> ComposeResult:
        yield Static("Enter goes to a part, Esc goes back", classes="above")
        options, at = list[Option](), 0
        wide = max((len(f"{n}. {attempt.question.title}") for n, (_, attempt) in self.attempts.items()), default=0)
        for n, (_, attempt) in self.attempts.items():
            for part in range(1, len(attempt.question.parts) + 1):
                last = attempt.last(part)
                name = label(attempt.question, part - 1)
                head = cut(f"{n}. {attempt.question.title}" if part == 1 else "", min(wide, WIDEST))
                said = cut(plain(last.read_as), WIDEST).rstrip() if last is not None else "—"
                if (n, part) == self.here:
                    at = len(options)
                options.append(row(f"{head}  {name:<3} {said}", f"{n}.{part}"))
        chosen = Rows(*options)
        chosen.highlighted = at
        yield chosen

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        number, _, part = str(event.option.id).partition(".")
        self.dismiss((int(number), int(part)))
