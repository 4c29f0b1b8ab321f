r"""GIFT: short text that Moodle and many others read.

A question has one field, so each part becomes a question of its own, with the statement before it; a shape is typed as
text, in one of its usual spellings, a vector or matrix is chosen among the named mistakes. Points have no place. Every
``~ = # { } :`` of a text has a backslash before it, a backslash another one, and a line break is ``\n``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from quizgen.wording import letter

from . import Exported, joined, moodle
from .capability import Way, way_of
from .fields import fields
from .html import CHOSEN, Writer, clean, how_to_type, in_attribute, right_options
from .numbers import points_text

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import PartMistake, QuestionPart

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
        parts = range(len(exported.question.parts))
        for at in parts:
            name = " ".join(filter(None, (exported.key, f"({letter(at)})" if len(parts) > 1 else "")))
            path = ["$course$", "top", moodle.category_name(title)]
            if exported.variants:
                path.append(moodle.category_name(f"{name} {exported.question.title}"))
            category = "/".join(path).replace("\\", "&#92;")
            if category != before:
                before = category
                yield f"\n$CATEGORY: {category}\n"
            for number, (write, statement) in enumerate(written, 1):
                variant = f" ({number})" if exported.variants else ""
                yield _question(f"{name}. {write.question.title}{variant}", write, statement, at, choices)


def obstacle(part: QuestionPart, way: Way) -> str:
    """Why a part's values can't travel."""
    return "" if way is Way.TEXT else moodle.obstacle(part, way)


def notes(exported: Exported, choices: bool) -> list[str]:
    """Points, which have no place in the file."""
    worth = [points_text(points) for points in exported.points]
    if all(points == "1" for points in worth):
        return []
    return [f"{exported.key}: GIFT holds no points, so its {' + '.join(worth)} are to be set in the quiz"]


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


def _question(name: str, write: Writer, statement: str, at: int, choices: bool) -> str:
    part = write.question.parts[at]
    ways = [way_of(each, "gift", choices).way for each in write.question.parts]
    text = [statement, write.words(part, ways[at]), how_to_type(part, ways[at])]
    if ways[at] is Way.TEXT:
        text.append("<p><em>Type the shape in brackets with commas, such as (64, 32, 3).</em></p>")
    opening, answers = "{", list[str]()
    if ways[at] in CHOSEN:
        answers = list(_options(write, part, ways[at]))
    elif ways[at] is Way.TEXT:
        answers = list(_spelled(write, part))
    else:
        opening, answers = "{#", list(_numbers(write, part))
    answers.append(f"####{escaped(write.solution(ways, only=at))}")
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
