"""A question at its place as LaTeX: what the paper asks, and what the key says of it.

Both follow from the blueprint and the question alone, so that a question on several papers is printed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from quizgen.question import decimal_text
from quizgen.render import latex
from quizgen.render.latex import QuestionView, Tex
from quizgen.wording import letter
from quizgen_solvers.exact import decimal, fmpq

from . import written
from .accepted import accepted
from .rubric import Credit, rubric

if TYPE_CHECKING:
    from jinja2 import Environment

    from .blueprint import Blueprint
    from .model import Placed

LEAST_SPACE, MOST_SPACE, MOST_BESIDE = fmpq(6, 5), fmpq(14), fmpq(6)
"""Centimetres of room to work in, whatever a part is worth; beside a table to fill in there is less."""

NOTHING = Tex("")


@dataclass(frozen=True, slots=True)
class Item:
    """A printed question: ``asked`` on the paper, ``marked`` on the key, and what the pages around it have to know."""

    section: int
    worth: fmpq
    drawn: bool  # whether a figure has to be drawn
    asked: str
    marked: str


@dataclass(frozen=True)
class PlaceView:
    """A part at its place: what it is worth, the room for it, and how it is marked."""

    worth: str
    space: Tex
    share: Tex
    credit: Tex  # of the answer itself
    accepted: Tex


def item(blueprint: Blueprint, placed: Placed) -> Item:
    """A question printed. Raises RenderError, with its code, where a piece of it can't be."""
    view = latex.view(placed.question, choices=False)
    earned = rubric(placed)
    values = {
        "worth": points(placed.total),
        "places": _places(blueprint, placed, earned),
        "layout": blueprint.layout,
    }
    several = len(placed.question.parts) > 1
    told = written.solution(placed.question)
    return Item(
        section=placed.slot.section,
        worth=placed.total,
        drawn=bool(placed.question.figures),
        asked=_fill("exam_question.tex.j2", view=_unkeyed(view), keyed=False, **values),
        marked=_fill(
            "exam_answer.tex.j2",
            view=view if placed.question.family else replace(view, steps=()),  # the answers once more
            keyed=True,
            credits=[_credit(earned, line, several) for line in range(len(view.steps))],
            written=latex.blocks(told, {}) if told else (),
            **values,
        ),
    )


def points(worth: fmpq) -> str:
    """ "1 point", "2.5 points"."""
    return f"{decimal_text(worth)} {'point' if worth == 1 else 'points'}"


def fraction(worth: fmpq) -> str:
    """Points with their fraction as LaTeX: "1½"."""
    whole, part = divmod(int(worth.p), int(worth.q))
    if not part:
        return str(whole)
    return rf"{whole or ''}$\frac{{{part}}}{{{worth.q}}}$"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """One for all papers: compiling the templates takes longer than filling them. Nobody changes it."""
    return latex.latex_environment()


def _fill(template: str, **values: object) -> str:
    return environment().get_template(template).render(**values)


def _unkeyed(view: QuestionView) -> QuestionView:
    """The same without the answers: no template can print what isn't there."""
    return replace(
        view,
        parts=tuple(
            replace(part, answer=NOTHING, options=tuple((False, option) for _, option in part.options))
            for part in view.parts
        ),
        steps=(),
        traps=(),
        program=NOTHING,
    )


def _places(blueprint: Blueprint, placed: Placed, earned: Sequence[Credit]) -> list[PlaceView]:
    own = {credit.part: Tex(fraction(credit.points)) for credit in earned if credit.line is None}
    found = []
    for at, (part, worth) in enumerate(zip(placed.question.parts, placed.points, strict=True)):
        most = MOST_BESIDE if part.kind.name in ("table", "matrix") else MOST_SPACE
        space = min(max(blueprint.layout.answer_space * worth, LEAST_SPACE), most)
        found.append(
            PlaceView(
                points(worth),
                Tex(f"{decimal(space, 2)}cm"),
                Tex(decimal(worth, 2)),
                own.get(at, NOTHING),
                latex.words(accepted(part)),
            )
        )
    return found


def _credit(earned: Iterable[Credit], line: int, several: bool) -> Tex:
    """What a line of the solution earns: "½ (a)"."""
    found = [credit for credit in earned if credit.line == line]
    return Tex(", ".join(fraction(each.points) + (rf"\,({letter(each.part)})" if several else "") for each in found))
