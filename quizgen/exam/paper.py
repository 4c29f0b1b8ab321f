"""A version of an exam as LaTeX: the paper that a student gets, and the key of the person who marks.

Both follow from the version and its blueprint alone: no clock, no machine. Whatever comes from outside is escaped; the
paper holds no answer, no solution, and no code of a question, from which `quizgen` would make both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from quizgen.errors import RenderError
from quizgen.question import decimal_text
from quizgen.render import latex
from quizgen.render.latex import QuestionView, Tex
from quizgen.wording import counted, letter
from quizgen_solvers.exact import decimal, fmpq

from . import written
from .accepted import accepted
from .qr import squares
from .rubric import Credit, rubric

if TYPE_CHECKING:
    from jinja2 import Environment

    from .blueprint import Blueprint
    from .model import Placed, Version

IN_A_ROW = 10
"""How many questions stand in a row of the points table."""

LEAST_SPACE, MOST_SPACE, MOST_BESIDE = fmpq(6, 5), fmpq(14), fmpq(6)
"""Centimetres of room to work in, whatever a part is worth; beside a table to fill in there is less."""

_STRETCH = {"tight": "1", "normal": "1.06", "wide": "1.3"}
_BETWEEN = {"tight": "10pt", "normal": "18pt", "wide": "28pt"}
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
NOTHING = Tex("")


@dataclass(frozen=True)
class SectionView:
    """The heading of a section, above its first question."""

    title: str
    instructions: tuple[Tex, ...]


@dataclass(frozen=True)
class PlaceView:
    """A part at its place: what it is worth, the room for it, and how it is marked."""

    worth: str
    space: Tex = NOTHING
    share: Tex = NOTHING
    credit: Tex = NOTHING  # of the answer itself
    accepted: Tex = NOTHING


@dataclass(frozen=True)
class ItemView:
    """A question at its place."""

    view: QuestionView
    section: SectionView | None
    worth: str
    places: tuple[PlaceView, ...]
    credits: tuple[Tex, ...] = ()  # of each line of the solution
    written: tuple[Tex, ...] = ()


def paper(blueprint: Blueprint, version: Version) -> str:
    """The LaTeX of a version's paper. Raises RenderError, which names the question that can't be printed."""
    headings = _headings(blueprint, version)
    items = [
        ItemView(
            view=_unkeyed(_view(number, placed, solved=False)),
            section=headings.get(number),
            worth=points(placed.total),
            places=tuple(
                _room(blueprint, part.kind.name, worth)
                for part, worth in zip(placed.question.parts, placed.points, strict=True)
            ),
        )
        for number, placed in enumerate(version.questions, 1)
    ]
    return _render(
        "exam_paper.tex.j2",
        blueprint,
        version,
        items,
        instructions=latex.blocks(blueprint.instructions, {}) if blueprint.instructions else (),
        formulas=latex.blocks(blueprint.layout.formula_sheet, {}) if blueprint.layout.formula_sheet else (),
        table=_table(version),
        cell=Tex("8mm" if not blueprint.layout.large_print else "9mm"),
        keyed=False,
    )


def key(blueprint: Blueprint, version: Version) -> str:
    """The LaTeX of a version's key: solutions, points at the lines of the work, accepted answers."""
    items = [_marked(number, placed) for number, placed in enumerate(version.questions, 1)]
    return _render("exam_key.tex.j2", blueprint, version, items, policy=_policy(blueprint), keyed=True)


def points(worth: fmpq) -> str:
    """ "1 point", "2.5 points"."""
    return f"{decimal_text(worth)} {'point' if worth == 1 else 'points'}"


def _render(template: str, blueprint: Blueprint, version: Version, items: Sequence[ItemView], **values: Any) -> str:
    student = version.student
    layout = blueprint.layout
    title = f"{blueprint.title}, {'key, ' if values['keyed'] else ''}{version.name}"
    return (
        _environment()
        .get_template(template)
        .render(
            heading=f"{version.code}{', key' if values['keyed'] else ''}",
            pdf_title=Tex(latex.pdf_string(title)),
            docinfo=Tex(f"<< /Title {latex.pdf_string(title)} /Creator (quizgen) >>"),
            layout=layout,
            stretch=_STRETCH[layout.spacing],
            between=_BETWEEN[layout.spacing],
            tikz=any(placed.question.figures for placed in version.questions),
            qr=squares(version.code),
            code=version.code,
            running=blueprint.title,
            whose=person(student.name) if student is not None else "",
            version_name=student.id if student is not None else f"Version {version.name}",
            course=blueprint.course,
            title=blueprint.title,
            facts=_facts(blueprint, version),
            student_name=person(student.name) if student is not None else Tex(""),
            student_id=student.id if student is not None else "",
            student_group=student.group if student is not None else "",
            items=items,
            **values,
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """One for all papers: compiling the templates takes longer than filling them. Nobody changes it."""
    return latex.latex_environment()


def person(name: str) -> Tex:
    """A name as LaTeX: in the letters of its own script, from right to left where it is written so."""
    words = [(_is_latin(word), word) for word in re.split(r"(\s+)", unicodedata.normalize("NFC", name))]
    text = Tex("".join(latex.escape(word) if latin else "".join(map(_letter, word)) for latin, word in words))
    strong = next((way for char in name if (way := unicodedata.bidirectional(char)) in ("L", "R", "AL")), "L")
    return text if strong == "L" else Tex(rf"\righttoleft{{{text}}}")


def _is_latin(word: str) -> bool:
    """Whether all letters of a word are Latin ones."""
    return all(unicodedata.name(char, "").startswith("LATIN") for char in word if char.isalpha())


def _letter(char: str) -> str:
    """A character of another script: as itself, where a piece of mathematics would be no letter."""
    return latex.escape(char) if char.isascii() else rf"\unicodechar{{{ord(char):X}}}"


def _facts(blueprint: Blueprint, version: Version) -> list[str]:
    """What stands below the title."""
    day = _day(blueprint.date) if blueprint.date is not None else ""
    duration = counted(blueprint.duration, "minute") if blueprint.duration is not None else ""
    return [*filter(None, (day, duration)), counted(len(version.questions), "question"), points(version.total)]


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _table(version: Version) -> list[list[tuple[str, str]]]:
    """The points table: rows of a question's number and what it is worth, the sum in the last one."""
    cells = [(str(number), decimal_text(placed.total)) for number, placed in enumerate(version.questions, 1)]
    cells.append(("Sum", decimal_text(version.total)))
    rows = -(-len(cells) // IN_A_ROW)
    width = -(-len(cells) // rows)
    return [cells[at : at + width] for at in range(0, len(cells), width)]


def _headings(blueprint: Blueprint, version: Version) -> dict[int, SectionView]:
    """The sections by the number of the first question of each; one that has nothing to say is left out."""
    found: dict[int, SectionView] = {}
    before = None
    for number, placed in enumerate(version.questions, 1):
        section = blueprint.sections[placed.slot.section]
        if placed.slot.section != before and (section.title or section.instructions):
            told = latex.blocks(section.instructions, {}) if section.instructions else ()
            found[number] = SectionView(section.title, told)
        before = placed.slot.section
    return found


def _view(number: int, placed: Placed, solved: bool) -> QuestionView:
    try:
        return latex.view(placed.question, choices=False, solved=solved)
    except RenderError as error:
        raise RenderError(f"question {number}: {str(error).removeprefix(': ')}") from error


def _unkeyed(view: QuestionView) -> QuestionView:
    """The same without the answers: no template can print what isn't there."""
    return replace(
        view,
        parts=tuple(
            replace(part, answer=Tex(""), options=tuple((False, option) for _, option in part.options))
            for part in view.parts
        ),
    )


def _room(blueprint: Blueprint, kind: str, worth: fmpq) -> PlaceView:
    most = MOST_BESIDE if kind in ("table", "matrix") else MOST_SPACE
    space = min(max(blueprint.layout.answer_space * worth, LEAST_SPACE), most)
    return PlaceView(points(worth), Tex(f"{decimal(space, 2)}cm"), Tex(decimal(worth, 2)))


# --- the key --------------------------------------------------------------------------------------------------------


def _marked(number: int, placed: Placed) -> ItemView:
    question = placed.question
    view = _view(number, placed, solved=True)
    earned = rubric(placed)
    several = len(question.parts) > 1
    own = {credit.part: Tex(fraction(credit.points)) for credit in earned if credit.line is None}
    return ItemView(
        view=view,
        section=None,
        worth=points(placed.total),
        places=tuple(
            PlaceView(
                points(worth),
                credit=own.get(at, Tex("")),
                accepted=latex.words(accepted(part)),
            )
            for at, (part, worth) in enumerate(zip(question.parts, placed.points, strict=True))
        ),
        credits=tuple(_credit(earned, line, several) for line in range(len(view.steps))),
        written=latex.blocks(told, {}) if (told := written.solution(question)) else (),
    )


def _credit(earned: Iterable[Credit], line: int, several: bool) -> Tex:
    """What a line of the solution earns: "½ (a)"."""
    found = [credit for credit in earned if credit.line == line]
    return Tex(", ".join(fraction(each.points) + (rf"\,({letter(each.part)})" if several else "") for each in found))


def fraction(worth: fmpq) -> str:
    """Points with their fraction as LaTeX: "1½"."""
    whole, part = divmod(int(worth.p), int(worth.q))
    if not part:
        return str(whole)
    return rf"{whole or ''}$\frac{{{part}}}{{{worth.q}}}$"


def _policy(blueprint: Blueprint) -> list[str]:
    """How to mark, in sentences."""
    marking = blueprint.marking

    def percent(share: fmpq) -> str:
        return f"{decimal_text(100 * share)}%"

    said = ["Points stand at the lines of the work that earn them; a right answer earns all of its part."]
    if marking.carry_forward:
        said.append("What follows rightly from a wrong earlier line or answer earns its points.")
    if marking.wrong_sign != 0:
        said.append(f"The right value with the wrong sign earns {percent(marking.wrong_sign)} of a part.")
    if marking.lost_digits != 0:
        said.append(f"An answer with fewer digits than asked for, right so far, earns {percent(marking.lost_digits)}.")
    if marking.wrong_choice != 0:
        said.append(f"A wrong choice takes off {percent(marking.wrong_choice)} of its part.")
    return said
