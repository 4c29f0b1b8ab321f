"""Moodle XML: numerical questions, multiple choice, and embedded answers for everything else.

A question of one part with one number is numerical, one with options multiple choice. Several parts, tables, matrices
and shapes become one question with embedded answers: so the statement stands there once, the parts stay together and
in order whatever the quiz shuffles, and each field counts its share. A question's variants are put into a category of
their own, from which a quiz draws one at random.

What is said after an attempt is the worked solution; each named mistake is a wrong answer with its own feedback.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flint import fmpq

from quizgen.wording import capital, listed

from . import Exported, cloze, joined
from .capability import Way, own_choice, way_of
from .fields import Field, fields, laid_out, typed, unfit
from .html import CHOSEN, Writer, clean, how_to_type, in_attribute, right_options
from .numbers import points_text, significant, whole_weights
from .templating import environment

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import Question, QuestionPart

NAME = "Moodle"
SUFFIX = ".xml"

_DIGITS = 14  # what Moodle keeps of a number
_HINTS = 3
SHARES = ("100", "50", "33.33333", "25", "20", "16.66667", "14.28571", "12.5", "11.11111", "10")
"""A right option's share of the credit where there are 1, 2, … of them: only what is in Moodle's list is imported."""


def write(questions: Sequence[Exported], title: str, choices: bool = False) -> bytes:
    """The file. Raises `RenderError` where a formula or figure can't be printed."""
    return joined(pieces(questions, title, choices))


def pieces(questions: Sequence[Exported], title: str, choices: bool = False) -> Iterator[str]:
    """The file, question by question."""
    template = environment().get_template("moodle.xml.j2")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
    before = ""
    for exported in questions:
        for number, question in enumerate(exported.every):
            entry = _Entry.of(exported, question, number, title, choices)
            if entry.category == before:
                entry.category = ""
            else:
                before = entry.category
            yield template.render(entry=entry)
    yield "</quiz>\n"


def obstacle(part: QuestionPart, way: Way) -> str:
    """Why a part's values can't travel."""
    if way in CHOSEN:
        return option_obstacle(part, way)
    if reason := unfit(part):
        return reason
    long = next((number for number in typed(part) if significant(number) > _DIGITS), "")
    return f"{long} has more than the {_DIGITS} digits that Moodle keeps" if long else ""


def option_obstacle(part: QuestionPart, way: Way) -> str:
    """Why the options of a part can't travel to Moodle."""
    right = right_options(part)
    if not all(clean(option).strip() for option in part.options):
        return "one of its options is empty"
    if not right:
        return "none of its options is right"
    if way is Way.SEVERAL and part.also:
        return "several sets of options are right"
    if way is Way.SEVERAL and len(right) > len(SHARES):
        return f"{len(right)} of its options are right, and shares are known for up to {len(SHARES)}"
    return ""


def notes(questions: Sequence[Exported], choices: bool) -> Iterator[str]:
    """Where the mark must be set in the quiz, and where more than the whole answer counts."""
    marks, shapes = list[str](), list[str]()
    for exported in questions:
        parts, points = exported.question.parts, sum(exported.points, fmpq(0))
        ways = [way_of(part, "moodle", choices).way for part in parts]
        if not _single(ways) and sum(_weights(exported, _cut(parts, ways))) != points:
            marks.append(f"{exported.key} ({points_text(points)})")
        if any(part.kind.name == "shape" and way is Way.FIELDS for part, way in zip(parts, ways, strict=True)):
            shapes.append(exported.key)
    if marks:
        yield f"in Moodle each of several fields counts a whole number: set these marks in the quiz: {listed(marks)}"
    if shapes:
        yield f"of a shape every dimension counts by itself: {listed(shapes)}"


class PictureWriter(Writer):
    """Writes a question whose figures are files beside it."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.files: dict[str, str] = {}

    def picture(self, name: str, figure: Figure, alt: str) -> str:
        from quizgen.render.figures import picture

        file = f"{name}.svg"
        self.files[file] = base64.b64encode(picture(figure).encode()).decode()
        return f'<img src="@@PLUGINFILE@@/{file}" alt="{in_attribute(alt)}" style="max-width:100%" />'


@dataclass
class _Answer:
    text: str
    fraction: str
    told: str = ""
    tolerance: str = ""


@dataclass
class _Entry:
    """A question as the template prints it; texts are XHTML, names plain text with entities."""

    type: str
    category: str
    name: str
    text: str
    feedback: str
    points: str
    idnumber: str
    files: list[tuple[str, str]]
    tags: list[str]
    hints: list[str]
    answers: list[_Answer] = field(default_factory=list)
    single: bool = True
    shuffled: bool = False

    @classmethod
    def of(cls, exported: Exported, question: Question, number: int, title: str, choices: bool) -> _Entry:
        write = PictureWriter(question)
        ways = [way_of(part, "moodle", choices).way for part in question.parts]
        single = _single(ways)
        first, way = question.parts[0], ways[0]
        answers: list[_Answer] = []
        if single is not None:
            text = [write.statement(), write.words(first, way), how_to_type(first, way)]
            answers = _answers(write, first, way)
        else:
            text = [_embedded(write, exported, ways)]
        name = f"{exported.key}. {question.title}" if question.title else exported.key
        category = [title, name] if exported.variants else [title]
        return cls(
            type=single or "cloze",
            category="/".join(["$course$", "top", *map(category_name, category)]),
            name=name_text(f"{name} ({number + 1})" if exported.variants else name),
            text="\n".join(filter(None, text)),
            feedback=write.solution(ways),
            points=points_text(sum(exported.points, fmpq(0))),
            idnumber=clean(question.code or f"{exported.key}-{number + 1}")[:100],
            files=list(write.files.items()),
            tags=tags(question),
            hints=_hints(write),
            answers=answers,
            single=way is Way.ONE,
            shuffled=not own_choice(first),
        )


def _single(ways: Sequence[Way]) -> str | None:
    """Moodle's type of a question that needs no embedded answers, or None."""
    types = {Way.NUMBER: "numerical", Way.ONE: "multichoice", Way.SEVERAL: "multichoice"}
    return types.get(ways[0]) if len(ways) == 1 else None


def _answers(write: Writer, part: QuestionPart, way: Way) -> list[_Answer]:
    if way in CHOSEN:
        right = right_options(part)
        share = SHARES[len(right) - 1] if way is Way.SEVERAL else "100"
        minus = f"-{share}" if way is Way.SEVERAL else "0"
        return [
            _Answer(write.line(option), share if n in right else minus, write.told(part, n))
            for n, option in enumerate(part.options)
        ]
    (one,) = fields(part)
    return [
        *(_Answer(one.typed(target), "100", tolerance=one.slack(target)) for target in one.right),
        *(
            _Answer(one.typed(slip.target), "0", f"<p>{write.mistake(slip.mistakes)}</p>", one.slack(slip.target))
            for slip in one.slips
        ),
    ]


def _embedded(write: Writer, exported: Exported, ways: Sequence[Way]) -> str:
    """Statement and parts, with the fields within the text."""
    question = write.question
    cut = _cut(question.parts, ways)
    weights = iter(_weights(exported, cut))
    text, made = [write.statement()], list[str]()

    def place(entry: str) -> str:
        made.append(entry)
        return f"\0{len(made) - 1}\0"  # no text from outside holds this character

    for part, way, numbers in zip(question.parts, ways, cut, strict=True):
        text.append(write.words(part, way))
        if way in CHOSEN:
            right = right_options(part)
            options = [(write.line(option), n in right, write.told(part, n)) for n, option in enumerate(part.options)]
            weight = next(weights)
            shuffled = not own_choice(part)
            entry = cloze.chosen(options, weight, shuffled) if way is Way.ONE else cloze.several(options, weight)
            text.append(f"<p>{place(entry)}</p>")
        else:
            shown = [
                place(cloze.number(one, next(weights), [write.mistake(slip.mistakes) for slip in one.slips]))
                for one in numbers
            ]
            text.append(laid_out(part, shown, write.line, write.look))
            text.append(write.once(how_to_type(part, way)))
    pieces = cloze.outside("\n".join(filter(None, text))).split("\0")
    pieces[1::2] = [made[int(n)] for n in pieces[1::2]]
    return "".join(pieces)


def _cut(parts: Sequence[QuestionPart], ways: Sequence[Way]) -> list[tuple[Field, ...]]:
    """The numeric fields of each part, none where a student chooses."""
    return [() if way in CHOSEN else fields(part) for part, way in zip(parts, ways, strict=True)]


def _weights(exported: Exported, cut: Sequence[Sequence[Field]]) -> tuple[int, ...]:
    """A whole number for each field of all parts, so that they relate as the points do."""
    shares: list[fmpq] = []
    for numbers, points in zip(cut, exported.points, strict=True):
        shares += [points * one.share for one in numbers] or [points]
    return whole_weights(shares)


def _hints(write: Writer) -> list[str]:
    """The first lines of the work in symbols, one by one, for those who may try again."""
    found = []
    for step in write.question.solution:
        if len(step.latex) > 2:
            why = f"<p>{write.line(capital(step.why or step.heading))}</p>" if step.why or step.heading else ""
            found.append(f"{why}<p>{write.formula(' '.join(step.latex[:2]), display=True)}</p>")
        if len(found) == _HINTS:
            break
    return found


def tags(question: Question) -> list[str]:
    """What a question is found by: topic, family and level."""
    named = [question.family.partition(".")[0], question.family, f"level {question.level}"] if question.family else []
    return ["quizgen", *(clean(tag) for tag in named)]


def name_text(name: str) -> str:
    """A name, at most 200 characters, as Moodle keeps them: plain text with entities, tags are cut out of it."""
    name = " ".join(clean(name).split())
    return in_attribute(name if len(name) <= 200 else name[:199] + "…") or "question"


def category_name(name: str) -> str:
    """The same for a category, in whose path a slash is written twice."""
    return name_text(name).strip("/ ").replace("/", "//") or "quizgen"
