"""A page of feedback for a student: her answers, what they earned and why, and the worked solution of her paper.

One HTML file that needs nothing else and runs no script. What all who wrote a paper see of a question is printed once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from quizgen.answers import LETTERS, Table
from quizgen.errors import QuizgenError
from quizgen.question import two_decimals
from quizgen.render.html import font_face, printable
from quizgen.render.html_markup import blocks, inline, raw
from quizgen.render.html_views import PartView, QuestionView
from quizgen.render.mathml import mathml
from quizgen.render.parts import as_typed
from quizgen.render.templates import asset, html_environment
from quizgen.wording import capital, sentence

from . import written
from .outline import title_of

if TYPE_CHECKING:
    from .blueprint import Blueprint
    from .grade import Marked, PartMark, QuestionMark

SIGNS = {"right": "✓", "partly": "◐", "wrong": "✗", "none": "–", "open": "?"}
_SAYS_NOTHING = re.compile(r"\S+ isn't right")  # which the verdict above it says already


@dataclass(frozen=True, eq=False)
class PartFeedback:
    """A part with its mark, as the template sees it."""

    view: PartView
    mark: PartMark

    @property
    def letter(self) -> str:
        return self.view.letter

    @property
    def status(self) -> str:
        """What CSS goes by: "right", "partly", "wrong", "none" or "open"."""
        if self.mark.state != "marked":
            return {"blank": "none", "open": "open"}[self.mark.state]
        return "right" if self.mark.right else "partly" if self.mark.credit > 0 else "wrong"

    @property
    def verdict(self) -> str:
        """The verdict in a word or two."""
        if self.mark.carried:
            return "Right, carried forward"
        return {
            "right": "Right", "partly": "Partly right", "wrong": "Not right", "none": "No answer",
            "open": "Not marked yet",
        }[self.status]  # fmt: skip

    @property
    def earned(self) -> str:
        return f"{two_decimals(self.mark.points)} of {two_decimals(self.mark.of)}"

    @property
    def reasons(self) -> list[str]:
        """What to know of an answer that is not simply right, in sentences."""
        if self.status == "open":
            return ["A person has to look at this answer."]
        if self.status == "none" or (self.status == "right" and not (self.mark.carried or self.mark.given)):
            return []
        reason = "" if _SAYS_NOTHING.fullmatch(self.mark.reason) else self.mark.reason
        return [sentence(text) for text in (reason, self.mark.why) if text]

    @property
    def sole(self) -> bool:
        """Whether only one named mistake leads to the answer."""
        return len(self.mark.diagnosed) == 1

    @property
    def mistakes(self) -> list[tuple[str, Markup]]:
        return [(capital(mistake.name), inline(mistake.why)) for mistake in self.mark.diagnosed]

    @property
    def right(self) -> Markup:
        """The right answer; of a choice with its words."""
        return _as_read(self.view, self.view.part.answer) if self.view.is_choice else self.view.answer

    @cached_property
    def typed(self) -> Markup:
        """The answer as it was read; one that can't be read as it stands in the file."""
        if self.mark.state == "marked":
            try:
                return _as_read(self.view, self.mark.typed)
            except QuizgenError:  # it can be read and not be printed
                pass
        return Markup('<code class="qg-as-typed">{}</code>').format(self.mark.typed)


@dataclass(frozen=True, eq=False)
class QuestionFeedback:
    """A question with its marks; ``solution`` is the same for all who have it."""

    view: QuestionView
    mark: QuestionMark
    solution: Markup

    @property
    def title(self) -> str:
        return title_of(self.view.question)

    @property
    def parts(self) -> list[PartFeedback]:
        return [PartFeedback(view, mark) for view, mark in zip(self.view.parts, self.mark.parts, strict=True)]

    @property
    def earned(self) -> str:
        noun = "point" if self.mark.of == 1 else "points"
        return f"{two_decimals(self.mark.points)} of {two_decimals(self.mark.of)} {noun}"

    @property
    def state(self) -> str:
        """As that of a part; open where one of them is."""
        states = {part.status for part in self.parts}
        if "open" in states or len(states) == 1:
            return "open" if "open" in states else states.pop()
        return "partly" if self.mark.points > 0 else "wrong"

    @property
    def practise(self) -> str:
        """The family to practise, where it cost points; nothing for a question that was written by hand."""
        lost = any(part.status in ("wrong", "partly", "none") for part in self.parts)
        return self.view.question.family if lost else ""

    @property
    def named(self) -> list[str]:
        """The named mistakes in it, each once."""
        return list(dict.fromkeys(name for part in self.parts for name, _ in part.mistakes if part.sole))


class Feedback:
    """Pages for the students of an exam."""

    def __init__(self, exam: Blueprint) -> None:
        self.exam = exam
        environment = html_environment()
        self._template = environment.get_template("feedback.html.j2")
        self._parts: Any = environment.get_template("parts.html.j2").module
        self._style = raw("\n".join((asset("sheet.css"), asset("feedback.css"), font_face())))
        self._known: dict[tuple[int, int], tuple[QuestionView, Markup]] = {}
        self._paper = ""

    def page(self, marked: Marked) -> str:
        """The page of a student. Raises `RenderError` where something of it can't be printed."""
        if marked.code != self._paper:  # another paper: what was kept of the one before goes
            self._known.clear()
            self._paper = marked.code
        questions = [self._question(mark) for mark in marked.questions]
        page = self._template.render(
            exam=self.exam,
            marked=marked,
            questions=questions,
            practise=list(dict.fromkeys(filter(None, (one.practise for one in questions)))),
            signs=SIGNS,
            points=two_decimals(marked.points),
            of=two_decimals(marked.of),
            style=self._style,
        )
        return printable(page)

    def _question(self, mark: QuestionMark) -> QuestionFeedback:
        key = (mark.number, id(mark.question))
        if key not in self._known:
            view = QuestionView(mark.question, f"q{mark.number}", mark.number)
            if mark.question.family:
                solution = raw(self._parts.solution(view, 3))
            else:  # what is right stands beside the answer; the lines of its work say no more than that
                solution = blocks(written.solution(mark.question))
            self._known[key] = view, solution
        return QuestionFeedback(self._known[key][0], mark, self._known[key][1])


def _as_read(view: PartView, text: str) -> Markup:
    """An answer as a formula, a table, or the options that were chosen with their words."""
    kind = as_typed(view.part.kind)
    value: Any = kind.read(text)
    if isinstance(value, frozenset):
        chosen = [Markup("<strong>{}</strong> {}").format(LETTERS[n].upper(), view.options[n]) for n in sorted(value)]
        return Markup(" · ").join(chosen) or Markup("none")
    if isinstance(kind, Table):
        return view.table(value, kind)
    return mathml(kind.latex(value))
