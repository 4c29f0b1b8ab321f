"""What the templates of the site see of a question that is being worked on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

from quizgen.answers import LETTERS, Kind, Matrix, Number, Table
from quizgen.errors import RenderError, Unreadable
from quizgen.practice.said import counted_points, of_points
from quizgen.render.figures import classed_svg
from quizgen.render.html_markup import inline
from quizgen.render.html_views import PartView, QuestionView, StepView, step_view
from quizgen.render.mathml import mathml
from quizgen.render.parts import as_typed
from quizgen.wording import capital, sentence
from quizgen_solvers.exact import fmpq

from .fields import Fields
from .typed import grid

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt, Status
    from quizgen.practice.hints import Hint
    from quizgen.practice.records import Move
    from quizgen.practice.session import Session
    from quizgen.question import Question, QuestionPart

State = Literal["right", "partly", "wrong"]

TOPICS = {
    "attention": "Attention",
    "backprop": "Backpropagation",
    "conv": "Convolution",
    "data": "Data",
    "embed": "Embeddings",
    "gen": "Generative models",
    "init": "Initialisation",
    "loss": "Losses",
    "metric": "Metrics",
    "metrics": "Metrics",
    "net": "Fully connected networks",
    "norm": "Normalisation",
    "optim": "Optimisers",
    "recurrent": "Recurrent networks",
    "reg": "Regularisation",
    "rnn": "Recurrent networks",
}
"""What topics are called; others by their own name."""


def topic(name: str) -> str:
    """What a topic is called on a page."""
    return TOPICS.get(name, name.capitalize())


def asked(question: Question, name: str, number: int | None = None, choices: bool = False) -> QuestionView:
    """A question for a page of the site, which allows no styles within it."""
    return QuestionView(question, name, number, choices, draw=classed_svg)


def paper(session: Session) -> tuple[tuple[int, bool], ...]:
    """The questions of an exam by their numbers, each with whether all of it is answered."""
    return tuple(
        (item.number, all(attempt.last(n) is not None for n in range(1, len(attempt.question.parts) + 1)))
        for item, attempt in session.summary().rows
    )


def reading(part: QuestionPart, text: str) -> Markup:
    """How a text is read as an answer, as a formula. Raises `Unreadable`."""
    kind = as_typed(part.kind)
    return mathml(kind.latex(kind.read(text)))


@dataclass(frozen=True, eq=False)
class Work:
    """A question that is being worked on; of some parts what was sent from there, and why that can't be read; whether
    it is shown as a ``piece`` of a page that is there already."""

    attempt: Attempt
    view: QuestionView
    problems: Mapping[int, str] = field(default_factory=dict)
    sent: Mapping[int, Fields] = field(default_factory=dict)
    piece: bool = False

    @property
    def focusing(self) -> str:
        """The attribute of what the keyboard goes to. Browsers heed theirs on a new page alone, a script the other."""
        return "data-focus" if self.piece else "autofocus"

    @cached_property
    def parts(self) -> tuple[PartWork, ...]:
        return tuple(PartWork(self, part) for part in self.view.parts)

    @property
    def question(self) -> Question:
        return self.attempt.question

    @property
    def current(self) -> PartWork | None:
        """The part that is to be answered now."""
        return None if self.attempt.part is None else self.parts[self.attempt.part - 1]

    @property
    def number(self) -> int:
        """How many moves there have been."""
        return len(self.attempt.moves)

    @property
    def last(self) -> Move | None:
        """The latest move."""
        return self.attempt.moves[-1] if self.attempt.moves else None

    @property
    def focus(self) -> int | None:
        """The part whose field the keyboard goes to. A question that has just come is read first, and so is a hint."""
        if self.problems:
            return min(self.problems)
        if self.last is None or self.last.action == "hint":
            return None
        return self.attempt.part

    @property
    def points(self) -> str:
        """ "2.5 of 4 points"."""
        return of_points(self.attempt.points, self.attempt.of)

    @property
    def said(self) -> str:
        """What has just happened, for those who hear the page."""
        if self.problems:
            return sentence(self.problems[min(self.problems)])
        if self.last is None:
            return ""
        part = self.parts[self.last.part - 1]
        where = f"{part.view.letter} " if part.view.letter else ""
        match self.last.action:
            case "answer" if not self.attempt.exam:
                return where + part.verdict
            case "answer":
                return f"{where}Your answer is kept."
            case "hint":
                shown = self.attempt.hints(self.last.part)
                return f"{where}Hint {shown[-1].at} of {shown[-1].of}." if shown else ""
            case "solution":
                return "The solution is shown."
            case _:
                return ""


@dataclass(frozen=True, eq=False)
class PartWork:
    """A part of it: where it stands, what was answered, what that is worth, and what its field is filled with."""

    work: Work
    view: PartView

    @property
    def attempt(self) -> Attempt:
        return self.work.attempt

    @property
    def number(self) -> int:
        return self.view.number

    @property
    def focusing(self) -> str:
        return self.work.focusing

    @cached_property
    def status(self) -> Status:
        return self.attempt.status(self.number)

    @cached_property
    def open(self) -> bool:
        """Whether an answer may be typed now."""
        return self.status in ("open", "wrong")

    @cached_property
    def last(self) -> Move | None:
        """The latest answer."""
        return self.attempt.last(self.number)

    @property
    def problem(self) -> str:
        """Why what was sent can't be read."""
        return sentence(self.work.problems[self.number]) if self.number in self.work.problems else ""

    # --- the verdict --------------------------------------------------------------------------------------------------

    @property
    def judged(self) -> bool:
        """Whether there is a verdict: not in an exam that is not over."""
        return self.last is not None and not (self.attempt.exam and not self.attempt.closed)

    @property
    def state(self) -> State:
        credit = self.last.credit if self.last is not None else fmpq(0)
        return "right" if credit == 1 else "partly" if credit > 0 else "wrong"

    @property
    def verdict(self) -> str:
        return sentence(self.last.reason) if self.last is not None and self.last.reason else ""

    @property
    def mistakes(self) -> tuple[tuple[str, Markup], ...]:
        """The named mistakes that lead to the latest answer."""
        found = self.attempt.why(self.last) if self.last is not None else ()
        return tuple((capital(name), inline(why)) for name, why in found)

    @property
    def earned(self) -> str:
        return self._of(self.attempt.credit(self.number))

    @property
    def worth(self) -> str:
        """What a right answer is worth now."""
        return self._of(self.attempt.worth(self.number))

    @property
    def is_whole(self) -> bool:
        """Whether nothing has been taken off yet."""
        return self.attempt.worth(self.number) == 1

    def _of(self, share: fmpq) -> str:
        return of_points(share * self.view.part.points, self.view.part.points)

    @property
    def typed(self) -> Markup:
        """The latest answer as it was read, for a part that is answered in a line or by letters."""
        if self.last is None:
            return Markup()
        if self.view.is_choice:
            return Markup(", ").join(LETTERS[n].upper() for n in sorted(self._chosen(self.last.typed)))
        kind = as_typed(self.view.part.kind)
        try:
            if isinstance(kind, Table):
                return self.view.table(kind.read(self.last.typed), kind)
            return reading(self.view.part, self.last.typed)
        except (Unreadable, RenderError):
            return Markup('<span class="qg-typed-text">{}</span>').format(self.last.typed)

    # --- hints --------------------------------------------------------------------------------------------------------

    @cached_property
    def hints(self) -> tuple[tuple[Hint, StepView], ...]:
        """The pieces of the solution that were asked for, each with its lines."""
        found, before = [], ""
        for hint in self.attempt.hints(self.number):
            heading = "" if hint.heading == before else hint.heading
            before = hint.heading
            found.append((hint, step_view(hint.latex, hint.why, heading)))
        return tuple(found)

    @property
    def hints_left(self) -> int:
        return self.attempt.hints_left(self.number)

    @property
    def hint_cost(self) -> str:
        """ "0.25 point"."""
        return counted_points(self.attempt.hint_cost(self.number) * self.view.part.points)

    # --- the field ----------------------------------------------------------------------------------------------------

    @property
    def _sent(self) -> Fields | None:
        return self.work.sent.get(self.number)

    @property
    def prefix(self) -> str:
        """What the names of its fields begin with: in an exam all parts are sent together."""
        return f"{self.number}." if self.attempt.exam and self.number > 1 else ""

    @property
    def described(self) -> str:
        """The ids of what describes the field."""
        told = f"{self.view.id}-told " if self.problem or self.judged else ""
        return f"{self.view.id}-prompt {told}{self.view.id}-hint"

    @property
    def text(self) -> str:
        """What the line is filled with: what could not be read, or the latest answer."""
        if self._sent is not None:
            return self._sent.text("answer")
        return self.last.typed if self.last is not None else ""

    @cached_property
    def letters(self) -> frozenset[int]:
        """The options that are ticked."""
        if self._sent is not None:
            return self._chosen(" ".join(self._sent.texts("answer")))
        return self._chosen(self.last.typed) if self.last is not None else frozenset()

    @staticmethod
    def _chosen(text: str) -> frozenset[int]:
        return frozenset(LETTERS.index(word) for word in re.findall("[a-z]+", text.lower()) if word in LETTERS)

    def cell(self, row: int, column: int) -> str:
        """What a cell, counted from 1, is filled with."""
        return self._cells.get((row, column), "")

    @cached_property
    def _cells(self) -> Mapping[tuple[int, int], str]:
        rows: Iterable[Iterable[str]] = ()
        if self._sent is not None:
            rows = grid(self._sent) or ()
        elif self.last is not None:
            rows = _texts(self.view.part.kind, self.last.typed)
        return {(i, j): text for i, row in enumerate(rows, 1) for j, text in enumerate(row, 1)}

    @property
    def focused(self) -> tuple[int, int] | int | Literal["line"] | None:
        """Which of its fields the keyboard goes to: a cell, the place of an option, or the line; None for none."""
        if self.work.focus != self.number:
            return None
        if self.view.is_choice:
            return min(self.letters, default=0)
        return "line" if self.view.field == "line" else min(self.wrong_cells, default=(1, 1))

    @cached_property
    def wrong_cells(self) -> frozenset[tuple[int, int]]:
        """The cells, counted from 1, that can't be read, or are not right in the latest answer."""
        kind = self.view.part.kind
        if self.problem:
            return frozenset(at for at, text in self._cells.items() if not _reads(kind, at[1], text))
        if self._sent is not None or not self.judged or self.last is None or self.last.credit == 1:
            return frozenset()
        try:
            grade = kind.grade(kind.read(self.last.typed), self.view.part.target, self.view.part.also_targets)
        except Unreadable:
            return frozenset()
        return frozenset((at[0] + 1, at[1] + 1) for at in grade.wrong if len(at) == 2)


def _reads(kind: Kind, column: int, text: str) -> bool:
    """Whether a cell of a matrix or table, in a column counted from 1, can be read by itself."""
    one = kind.kinds[column - 1] if isinstance(kind, Table) and column <= len(kind.kinds) else Number()
    try:
        one.read(text)
    except Unreadable:
        return isinstance(kind, Table) and not text.strip()
    return True


def _texts(kind: Kind, text: str) -> list[list[str]]:
    """The cells of an answer, each as one types it."""
    try:
        value: Any = kind.read(text)
    except Unreadable:
        return []
    if isinstance(kind, Table):
        shows = [as_typed(each) for each in kind.kinds]
        return [["" if x is None else one.show(x) for one, x in zip(shows, row, strict=True)] for row in value]
    if isinstance(kind, Matrix):
        return [[Number().show(x) for x in row] for row in value]
    return []
