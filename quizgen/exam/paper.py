"""A version of an exam as LaTeX: the paper that a student gets, and the key of the person who marks.

Both follow from the version and its blueprint alone: no clock, no machine. Whatever comes from outside is escaped; the
paper holds no answer, no solution, and no code of a question, from which `quizgen` would make both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from quizgen.question import decimal_text
from quizgen.render import latex
from quizgen.render.latex import Tex
from quizgen.wording import counted
from quizgen_solvers.exact import fmpq

from .item import Item, environment, points
from .qr import squares

if TYPE_CHECKING:
    from .blueprint import Blueprint

IN_A_ROW, OF_LARGE_PRINT = 10, 8
"""How many cells a row of the points table has at most."""

_STRETCH = {"tight": "1", "normal": "1.06", "wide": "1.3"}
_BETWEEN = {"tight": "10pt", "normal": "18pt", "wide": "28pt"}
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


@dataclass(frozen=True)
class SectionView:
    """The heading of a section, above its first question."""

    title: str
    instructions: tuple[Tex, ...]


class Person(Protocol):
    """Whose paper it is."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str: ...


class Paper(Protocol):
    """What a paper is called: a `Version`, or its record in the manifest."""

    @property
    def name(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def student(self) -> Person | None: ...


@dataclass(frozen=True)
class AskedView:
    """A question on the paper, below the heading of the section that begins with it."""

    heading: SectionView | None
    asked: Tex


@dataclass(frozen=True)
class MarkedView:
    """A question on the key."""

    marked: Tex


def paper(blueprint: Blueprint, paper: Paper, items: Sequence[Item]) -> str:
    """The LaTeX of a paper with these questions."""
    headings, large = _headings(blueprint, items), blueprint.layout.large_print
    return _render(
        "exam_paper.tex.j2",
        blueprint,
        paper,
        items,
        [AskedView(headings.get(number), Tex(item.asked)) for number, item in enumerate(items, 1)],
        instructions=_blocks(blueprint.instructions),
        formulas=_blocks(blueprint.layout.formula_sheet),
        table=_table(items, OF_LARGE_PRINT if large else IN_A_ROW),
        cell=Tex("12mm" if large else "8mm"),
        keyed=False,
    )


def key(blueprint: Blueprint, paper: Paper, items: Sequence[Item]) -> str:
    """The LaTeX of its key: solutions, points at the lines of the work, accepted answers."""
    views = [MarkedView(Tex(item.marked)) for item in items]
    return _render("exam_key.tex.j2", blueprint, paper, items, views, policy=_policy(blueprint), keyed=True)


def _render(
    template: str,
    blueprint: Blueprint,
    paper: Paper,
    items: Sequence[Item],
    views: Sequence[AskedView | MarkedView],
    **values: Any,
) -> str:
    student = paper.student
    layout = blueprint.layout
    title = f"{blueprint.title}, {'key, ' if values['keyed'] else ''}{paper.name}"
    return (
        environment()
        .get_template(template)
        .render(
            heading=f"{paper.code}{', key' if values['keyed'] else ''}",
            pdf_title=Tex(latex.pdf_string(title)),
            docinfo=Tex(f"<< /Title {latex.pdf_string(title)} /Creator (quizgen) >>"),
            layout=layout,
            stretch=_STRETCH[layout.spacing],
            between=_BETWEEN[layout.spacing],
            tikz=any(item.drawn for item in items),
            size=squares(paper.code).size,
            picture=Tex(squares(paper.code).picture),
            code=paper.code,
            running=blueprint.title,
            whose=person(student.name) if student is not None else "",
            version_name=student.id if student is not None else f"Version {paper.name}",
            course=blueprint.course,
            title=blueprint.title,
            facts=_facts(blueprint, items),
            student_name=person(student.name) if student is not None else Tex(""),
            student_id=student.id if student is not None else "",
            student_group=student.group if student is not None else "",
            items=views,
            **values,
        )
    )


@lru_cache(maxsize=64)
def _blocks(markup: str) -> tuple[Tex, ...]:
    """What an instructor wrote, which is the same on every paper."""
    return latex.blocks(markup, {}) if markup else ()


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


def _facts(blueprint: Blueprint, items: Sequence[Item]) -> list[str]:
    """What stands below the title."""
    day = _day(blueprint.date) if blueprint.date is not None else ""
    duration = counted(blueprint.duration, "minute") if blueprint.duration is not None else ""
    return [*filter(None, (day, duration)), counted(len(items), "question"), points(_total(items))]


def _total(items: Iterable[Item]) -> fmpq:
    return sum((item.worth for item in items), fmpq(0))


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _table(items: Sequence[Item], most: int) -> list[list[tuple[str, str]]]:
    """The points table: rows of a question's number and what it is worth, the sum in the last one."""
    cells = [(str(number), decimal_text(item.worth)) for number, item in enumerate(items, 1)]
    cells.append(("Sum", decimal_text(_total(items))))
    rows = -(-len(cells) // most)
    width = -(-len(cells) // rows)
    return [cells[at : at + width] for at in range(0, len(cells), width)]


def _headings(blueprint: Blueprint, items: Sequence[Item]) -> dict[int, SectionView]:
    """The sections by the number of the first question of each; one that has nothing to say is left out."""
    found: dict[int, SectionView] = {}
    before = None
    for number, item in enumerate(items, 1):
        section = blueprint.sections[item.section]
        if item.section != before and (section.title or section.instructions):
            found[number] = SectionView(section.title, _blocks(section.instructions))
        before = item.section
    return found


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
