r"""GIFT: short text that Moodle and many others read.

A question has one field, so each part becomes a question of its own, with the statement before it, and so does each
cell of a table; a shape is typed as text, in one of its usual spellings, a vector or matrix is chosen among the named
mistakes. Points have no place. Every
``~ = # { } :`` of a text has a backslash before it, a backslash another one, and a line break is ``\n``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, cast

from flint import fmpq

from quizgen.answers import Table
from quizgen.render import document as doc
from quizgen.render.parts import blank_table, label
from quizgen.wording import listed

from . import Exported, joined, moodle
from .capability import Way, cell, way_of
from .fields import fields
from .html import CHOSEN, Writer, clean, how_to_type, in_attribute, right_options
from .numbers import points_text

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import PartMistake, Question, QuestionPart
    from quizgen_solvers import Quantity

NAME = "GIFT"
SUFFIX = ".txt"

_SPECIAL = re.compile(r"[\\~=#{}:]")
_WEIGHT = re.compile(r"\A%")


def write(questions: Sequence[Exported], title: str, choices: bool = False) -> bytes:
    """The file. Raises `RenderError` where a formula or figure can't be printed."""
    return joined(pieces(questions, title, choices))


def pieces(questions: Sequence[Exported], title: str, choices: bool = False) -> Iterator[str]:
    """The file, question by question."""
    yield f"// {clean(title)}\n"
    before = ""
    for exported in questions:
        written = [(write, write.statement()) for write in map(_Writer, exported.every)]
        for asked in _columns(exported, choices):
            for number, ((write, statement), one) in enumerate(zip(written, asked, strict=True), 1):
                if one is None:
                    continue
                name = " ".join(filter(None, (exported.key, one.name)))
                path = ["$course$", "top", moodle.category_name(title)]
                if exported.variants:
                    path.append(moodle.category_name(f"{name} {exported.question.title}"))
                category = "/".join(path).replace("\\", "&#92;")
                if category != before:
                    before = category
                    yield f"\n$CATEGORY: {category}\n"
                variant = f" ({number})" if exported.variants else ""
                called = ". ".join(filter(None, (name, write.question.title)))
                yield _question(f"{called}{variant}", write, statement, one)


def obstacle(part: QuestionPart, way: Way) -> str:
    """Why a part's values can't travel."""
    if way is Way.TEXT:
        return ""
    if isinstance(part.kind, Table):
        strange = (kind.name for kind in part.kind.kinds if cell(kind.name, "gift").way not in (Way.NUMBER, Way.TEXT))
        if name := next(strange, ""):
            return f"a column of it is {name}"
    return moodle.obstacle(part, way)


def notes(questions: Sequence[Exported], choices: bool) -> Iterator[str]:
    """What becomes several questions, and points, which have no place in the file."""
    tables = [
        f"{exported.key} ({', '.join(str(len(cells(part))) for part in found)})"
        for exported in questions
        if (found := [part for part in exported.question.parts if isinstance(part.kind, Table)])
    ]
    if tables:
        yield f"each cell of a table becomes a question, for GIFT has one field a question: {listed(tables)}"
    if any(points != 1 for exported in questions for points in exported.points):
        worth = [f"{exported.key} ({' + '.join(map(points_text, exported.points))})" for exported in questions]
        yield f"GIFT holds no points: set them in the quiz: {listed(worth)}"


def escaped(text: str) -> str:
    """A text in which nothing ends or begins anything.

    >>> print(escaped(r"\nu = {1}"))
    \\nu \\= \\{1\\}
    """
    return _SPECIAL.sub(lambda sign: "\\" + sign[0], text).replace("\n", "\\n")


def spellings(shape: Sequence[Any]) -> list[str]:
    """How people write a shape."""
    sides = [str(side) for side in shape]
    spaced, tight = ", ".join(sides), ",".join(sides)
    if len(sides) == 1:
        return [f"({tight},)", f"({tight})", f"[{tight}]", tight]
    inside = [spaced, tight]
    times = [sign.join(sides) for sign in ("x", " x ", "×", " × ")]
    return [*(f"({each})" for each in inside), *(f"[{each}]" for each in inside), *(inside + times if sides else [])]


class _Writer(Writer):
    """Writes a question whose figures stand within the text: a file of text has no others beside it."""

    def picture(self, name: str, figure: Figure, alt: str) -> str:
        from quizgen.render.figures import picture

        data = base64.b64encode(picture(figure).encode()).decode()
        return f'<img src="data:image/svg+xml;base64,{data}" alt="{in_attribute(alt)}" style="max-width:100%" />'


@dataclass(frozen=True)
class _Asked:
    """What one question of the file asks: a part, or a cell of a table, and the quantities that answer it."""

    name: str
    part: QuestionPart
    way: Way
    wanted: Sequence[Quantity]
    table: doc.Table | None = None


def cells(part: QuestionPart) -> list[QuestionPart]:
    """The cells of a table row by row, each as a part of the column's kind."""
    kind = cast("Table", part.kind)
    return [
        replace(
            part,
            kind=own,
            centre=row[j],
            tolerance=part.tolerance if getattr(own, "decimals", None) is not None else fmpq(0),
            also=tuple(other[i][j] for other in part.also),
            wrong=tuple(replace(way, values=_at(way.values, part.index, i, j)) for way in part.wrong),
        )
        for i, row in enumerate(part.centre)
        for j, own in enumerate(kind.kinds)
    ]


def _at(values: Sequence[Any], index: int, row: int, column: int) -> tuple[Any, ...]:
    """Where a mistake leads in a cell of the table that is part ``index``."""
    return (*values[:index], None if values[index] is None else values[index][row][column], *values[index + 1 :])


def _columns(exported: Exported, choices: bool) -> Iterator[tuple[_Asked | None, ...]]:
    """What is asked one after the other, each of all variants; None where a variant's table has fewer cells."""
    for at in range(len(exported.points)):
        yield from zip_longest(*(list(_asked(question, at, choices)) for question in exported.every))


def _asked(question: Question, at: int, choices: bool) -> Iterator[_Asked]:
    part, wanted, name = question.parts[at], question.answered_by[at], label(question, at)
    if not isinstance(part.kind, Table):
        yield _Asked(name, part, way_of(part, "gift", choices).way, wanted)
        return
    width = len(part.kind.columns)
    for n, one in enumerate(cells(part)):
        way = cell(one.kind.name, "gift").way
        yield _Asked(
            f"{name} cell {n + 1}".strip(), one, way, wanted[n : n + 1], _with_mark(part, n // width, n % width)
        )


def _with_mark(part: QuestionPart, row: int, column: int) -> doc.Table:
    """The empty table with a question mark in one cell."""
    blank = cast("doc.Table", blank_table(part))
    rows = [list(cells) for cells in blank.rows]
    rows[row][column + 1] = (doc.Text("?"),)
    return replace(blank, rows=tuple(map(tuple, rows)))


def _question(name: str, write: Writer, statement: str, asked: _Asked) -> str:
    part, way = asked.part, asked.way
    text = [statement, write.words(part, way)]
    if asked.table is not None:
        text += [write.table(asked.table), "<p>What belongs where the question mark stands?</p>"]
    text.append(how_to_type(part, way))
    if way is Way.TEXT:
        text.append("<p><em>Type the shape in brackets with commas, such as (64, 32, 3).</em></p>")
    opening, answers = "{", list[str]()
    if way in CHOSEN:
        answers = list(_options(write, part, way))
    elif way is Way.TEXT:
        answers = list(_spelled(write, part))
    else:
        opening, answers = "{#", list(_numbers(write, part))
    answer = " ".join(filter(None, (label(write.question, part.index), write.answer(part, way))))
    answers.append(f"####{escaped(write.answered(answer, asked.wanted))}")
    lines = "\n".join(f"\t{answer}" for answer in answers)
    words = escaped("\n".join(filter(None, text)))
    return f"\n::{escaped(moodle.name_text(name))}::[html]{words}{opening}\n{lines}\n}}\n"


def _numbers(write: Writer, part: QuestionPart) -> Iterator[str]:
    (one,) = fields(part)
    for target in one.right:
        yield f"={one.typed(target)}:{one.slack(target)}"
    for slip in one.slips:
        yield f"=%0%{one.typed(slip.target)}:{one.slack(slip.target)}#{escaped(write.mistake(slip.mistakes))}"


def _options(write: Writer, part: QuestionPart, way: Way) -> Iterator[str]:
    right = right_options(part)
    share = moodle.SHARES[len(right) - 1] if way is Way.SEVERAL else ""
    for n, option in enumerate(part.options):
        mark = "=" if n in right else "~"
        if share:
            mark = f"~%{share}%" if n in right else f"~%-{share}%"
        told = write.told(part, n)
        yield f"{mark}{escaped(_WEIGHT.sub('&#37;', write.line(option)))}{f'#{escaped(told)}' if told else ''}"


def _spelled(write: Writer, part: QuestionPart) -> Iterator[str]:
    """Every spelling of what is right, then of the mistakes; a spelling stands only once."""
    known = dict.fromkeys(text for right in (part.centre, *part.also) for text in spellings(right))
    for text in known:
        yield f"={escaped(text)}"
    slips: dict[str, list[PartMistake]] = {}
    for mistake in part.mistakes:
        for text in spellings([side.centre for side in mistake.target]):
            slips.setdefault(text, []).append(mistake)
    for text, mistakes in slips.items():
        if text not in known:
            yield f"=%0%{escaped(text)}#{escaped(write.mistake(mistakes))}"
