r"""A QTI 1.2 package for Canvas, classic and new quizzes.

Canvas has one field a question, numbers with a margin, or blanks that are compared as strings. So each part becomes a
question of its own with the statement before it: a number is numerical, with the three conditions that both importers
want (equal, at least, at most), and a margin that takes in what the four decimals that classic quizzes keep make of a
number that is right; whole numbers in a shape, vector, matrix or table are blanks, in lines rather than in a
table, which new quizzes would tear apart. Of a question's variants a question group gives each student one.

A formula is the equation image that Canvas's own editor writes: its address is one of the Canvas that shows it, and
Canvas typesets the formula within it where it may. ``\(…\)`` would stand there as it is where the administration has
typesetting restricted to marked elements, and in the mobile apps.

What students see afterwards is hidden until the teacher shows it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from flint import fmpq

from quizgen.answers import Table, Target
from quizgen.question import decimal_text
from quizgen.wording import letter, listed
from quizgen_solvers.exact import rational

from . import Exported
from .capability import Way, cell, way_of
from .doubles import too_long
from .fields import Field, fields, typed, unfit
from .html import CHOSEN, Writer, checked, clean, how_to_type, in_attribute, right_options
from .numbers import points_text
from .packages import identifier, key_of, zipped
from .templating import environment

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import Question, QuestionPart

NAME = "Canvas"
SUFFIX = ".zip"

_NUMERAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_PLACES = 4
"""Decimals that classic quizzes keep of a number that is typed."""


def write(questions: Sequence[Exported], title: str, choices: bool = False) -> bytes:
    """The package. Raises `RenderError` where a formula or figure can't be printed."""
    template = cast("Any", environment().get_template("canvas.xml.j2").module)
    quiz = _quiz(questions, title, choices)
    files: dict[str, bytes | str] = {
        f"{quiz.identifier}/{quiz.identifier}.xml": template.assessment(quiz),
        f"{quiz.identifier}/assessment_meta.xml": template.meta(quiz),
        "imsmanifest.xml": template.manifest(quiz),
    }
    return zipped(files | quiz.files)


def obstacle(part: QuestionPart, way: Way) -> str:
    """Why a part's values can't travel."""
    if way in CHOSEN:
        return _option_obstacle(part, way)
    if reason := unfit(part):
        return reason
    if way is Way.TEXT:
        if part.tolerance == 0 and not any("." in text for text in typed(part)):
            return ""
        instead = "" if isinstance(part.kind, Table) else "; with a named mistake it would be asked as multiple choice"
        return f"not all of its numbers are whole, and blanks have no tolerance{instead}"
    return too_long(part) or _rounded_away(fields(part)[0])


def notes(questions: Sequence[Exported], choices: bool) -> Iterator[str]:
    """What becomes several questions in Canvas, and what becomes multiple choice because it has to."""
    cut = [f"{one.key} ({len(one.question.parts)})" for one in questions if len(one.question.parts) > 1]
    if cut:
        yield f"each part becomes a question in Canvas, with the statement before it: {listed(cut)}"
    chosen = [
        " ".join(filter(None, (exported.key, _letter(exported.question, part.index))))
        for exported in questions
        for part in exported.question.parts
        if cell(part.kind.name, "canvas").way is Way.TEXT and way_of(part, "canvas").way is Way.ONE
    ]
    if chosen and not choices:
        yield (
            f"asked as multiple choice, for not all of its numbers are whole, and blanks have no tolerance in Canvas: "
            f"{listed(chosen)}"
        )


def kept(text: str) -> fmpq:
    """What classic quizzes keep of a number that is typed: four decimals, as ``toFixed(4)`` rounds."""
    return rational(str(Decimal(float(text)).quantize(Decimal(1).scaleb(-_PLACES), ROUND_HALF_UP)))


def accepted(one: Field) -> tuple[Target, ...]:
    """What is right, with room for what `kept` makes of it; without, where that would take in a named mistake."""
    wide = tuple(map(_widened, one.right))
    wrong = [x for slip in one.slips for x in (slip.target.centre, kept(one.typed(slip.target)))]
    return one.right if any(right.accepts(x) for right in wide for x in wrong) else wide


def _widened(target: Target) -> Target:
    if target.tolerance == 0:
        return target
    ends = (target.centre - target.tolerance, target.centre + target.tolerance)
    far = max(abs(kept(decimal_text(end)) - target.centre) for end in ends)
    return Target(target.centre, max(target.tolerance, far))


def _rounded_away(one: Field) -> str:
    """Whether keeping four decimals makes a right answer wrong, or a named mistake right."""

    def is_right(target: Target) -> bool:
        return any(right.accepts(kept(one.typed(target))) for right in one.right)

    if not all(map(is_right, one.right)):
        return f"classic quizzes keep {_PLACES} decimals of what is typed, and {one.answer} needs more"
    if any(is_right(slip.target) for slip in one.slips):
        return f"classic quizzes keep {_PLACES} decimals of what is typed, and a mistake is nearer to {one.answer}"
    return ""


def _option_obstacle(part: QuestionPart, way: Way) -> str:
    right = right_options(part)
    if not all(clean(option).strip() for option in part.options):
        return "one of its options is empty"
    if not right:
        return "none of its options is right"
    if way is Way.ONE and len(right) > 1:
        return "several of its options are right, and only one can be"
    if way is Way.SEVERAL and part.also:
        return "several sets of options are right"
    return ""


# --- what the template prints -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """An option (XHTML), a text that is accepted, or a number with what is accepted around it."""

    id: str
    text: str
    right: bool = True
    told: str = ""
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Blank:
    name: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Item:
    """A question in Canvas; ``stem``, ``solution`` and ``wrong``, what is told who is wrong, are XHTML."""

    identifier: str
    type: str
    title: str
    points: str
    stem: str
    solution: str
    wrong: str = ""
    answers: tuple[Answer, ...] = ()
    blanks: tuple[Blank, ...] = ()

    @property
    def reference(self) -> str:
        """The identifier of the question in the question bank."""
        return key_of(f"bank {self.identifier}")

    @property
    def every(self) -> tuple[Answer, ...]:
        return (*self.answers, *(answer for blank in self.blanks for answer in blank.answers))

    @property
    def share(self) -> str:
        return f"{100 / max(1, len(self.blanks)):.2f}"


@dataclass(frozen=True)
class Group:
    """One question, or variants of it, of which every student gets one."""

    identifier: str
    title: str
    points: str
    items: tuple[Item, ...]


@dataclass
class Quiz:
    identifier: str
    title: str
    points: str
    groups: list[Group]
    files: dict[str, bytes | str] = field(default_factory=dict)

    def named(self, what: str) -> str:
        """An identifier for something of this quiz."""
        return key_of(f"{self.identifier} {what}")


def _quiz(questions: Sequence[Exported], title: str, choices: bool) -> Quiz:
    points = sum((worth for exported in questions for worth in exported.points), fmpq(0))
    quiz = Quiz(key_of(f"quiz {title}"), _name(title), points_text(points), [])
    for exported in questions:
        writers = [CanvasWriter(question, quiz, exported.key, n) for n, question in enumerate(exported.every)]
        for at, worth in enumerate(exported.points):
            items = tuple(_item(write, exported, at, choices) for write in writers)
            name = quiz.named(f"group {exported.key} {at}")
            quiz.groups.append(Group(name, items[0].title, points_text(worth), items))
    return quiz


def _item(write: CanvasWriter, exported: Exported, at: int, choices: bool) -> Item:
    question = write.question
    ways = [way_of(part, "canvas", choices).way for part in question.parts]
    part, way = question.parts[at], ways[at]
    stem = [write.told_first, write.words(part, way)]
    told = _mistakes(write, part) if way not in CHOSEN else ""
    answers, blanks = list[Answer](), list[Blank]()
    if way in CHOSEN:
        kind = "multiple_answers_question" if way is Way.SEVERAL else "multiple_choice_question"
        answers = list(_options(write, part))
    elif way is Way.TEXT:
        kind = "fill_in_multiple_blanks_question"
        blanks = list(_blanks(part, "\n".join(stem)))
        stem += _lines(write, part, [f"[{blank.name}]" for blank in blanks])
    else:
        kind = "numerical_question"
        stem.append(how_to_type(part, way))
        answers = list(_numbers(fields(part)[0]))
    solution = write.solution(ways, at)
    return Item(
        identifier=write.quiz.named(f"item {exported.key} {write.number} {at}"),
        type=kind,
        title=_name(" ".join(filter(None, (exported.key, _letter(question, at), question.title)))),
        points=points_text(exported.points[at]),
        stem="\n".join(filter(None, stem)),
        solution=solution if way is not Way.TEXT else "\n".join(filter(None, (solution, told))),
        wrong=told if way is not Way.TEXT else "",
        answers=tuple(answers),
        blanks=tuple(blanks),
    )


def _letter(question: Question, at: int) -> str:
    return f"({letter(at)})" if len(question.parts) > 1 else ""


def _name(title: str) -> str:
    return " ".join(clean(title).split())[:200] or "quizgen"


def _ids() -> Iterator[str]:
    """Identifiers of answers: numbers, which Canvas keeps."""
    return map(str, range(1001, 10_000))


def _options(write: Writer, part: QuestionPart) -> Iterator[Answer]:
    right = right_options(part)
    for (n, option), name in zip(enumerate(part.options), _ids(), strict=False):
        told = write.told(part, n)
        yield Answer(name, write.line(option), n in right, told)


def _numbers(one: Field) -> Iterator[Answer]:
    for target, name in zip(accepted(one), _ids(), strict=False):
        exact = one.typed(target)
        low, high = (target.centre - target.tolerance, target.centre + target.tolerance)
        around = (decimal_text(low), decimal_text(high)) if target.tolerance != 0 else (exact, exact)
        yield Answer(name, exact, low=around[0], high=around[1])


def _blanks(part: QuestionPart, before: str) -> Iterator[Blank]:
    """A blank for each number, under a name that is not in the text."""
    read, stem = html.unescape(before), "n"
    while f"[{stem}" in read:
        stem += "n"
    names = _ids()
    for n, one in enumerate(fields(part), 1):
        texts = dict.fromkeys(text for target in one.right for text in _spelled(one.typed(target)))
        yield Blank(f"{stem}{n}", tuple(Answer(next(names), text) for text in texts))


def _spelled(number: str) -> tuple[str, ...]:
    """A whole number as it may be typed: a minus sign may be a dash."""
    return (number, number.replace("-", "−")) if number.startswith("-") else (number,)


def _lines(write: Writer, part: QuestionPart, shown: Sequence[str]) -> Iterator[str]:
    """The blanks of a part in lines."""
    rest = iter(shown)

    def within(value: Any) -> str:
        if not isinstance(value, tuple):
            return next(rest)
        inner = ", ".join(next(rest) for _ in value)
        return f"({inner}{',' if len(value) == 1 else ''})"

    if isinstance(part.kind, Table):
        for row, values in zip(part.kind.rows, part.centre, strict=True):
            cells = [
                f"{write.line(column)} {within(value)}" for column, value in zip(part.kind.columns, values, strict=True)
            ]
            yield f"<p><strong>{write.line(row)}</strong>: {'; '.join(cells)}</p>"
    elif part.kind.name == "matrix":
        yield "".join(f"<p>{' '.join(next(rest) for _ in row)}</p>" for row in part.centre)
    else:
        yield f"<p>{within(part.centre)}</p>"


def _mistakes(write: Writer, part: QuestionPart) -> str:
    """What is known of wrong answers: Canvas has no feedback for one that is typed, so all of it is told together."""
    told = [
        f"<li>{write.formula(mistake.latex)}: {write.mistake([mistake])}</li>"
        for mistake in part.mistakes
        if part.kind.name != "table"
    ] or [f"<li>{write.mistake([mistake])}</li>" for mistake in part.mistakes]
    return f"<p>Where other answers come from:</p><ul>{''.join(told)}</ul>" if told else ""


class CanvasWriter(Writer):
    """Writes the pieces of a variant, whose pictures go into the package."""

    def __init__(self, question: Question, quiz: Quiz, key: str, number: int) -> None:
        super().__init__(question)
        self.quiz = quiz
        self.number = number
        self.name = f"{identifier('item', key)}_{number + 1}"

    @cached_property
    def told_first(self) -> str:
        """The statement, which stands before every part."""
        return self.statement()

    def formula(self, latex: str, display: bool = False) -> str:
        return formula(checked(latex), display)

    def picture(self, name: str, figure: Figure, alt: str) -> str:
        from quizgen.render.figures import picture

        file = f"figures/{self.name}_{identifier('figure', name)}.svg"
        self.quiz.files[file] = picture(figure)
        return f'<img src="%24IMS-CC-FILEBASE%24/{file}" alt="{in_attribute(alt)}" style="max-width: 100%;" />'


@lru_cache(maxsize=8192)
def formula(latex: str, display: bool) -> str:
    """A formula as the image that Canvas makes of it; a number as it is."""
    if _NUMERAL.fullmatch(latex):
        return latex
    if display:
        latex = rf"\displaystyle {latex}"
    source, text = quote(latex, safe="").replace("%", "%25"), in_attribute(latex)  # quoted twice
    return (
        f'<img class="equation_image" title="{text}" src="/equation_images/{source}?scale=1" '
        f'alt="LaTeX: {text}" data-equation-content="{text}" />'
    )
