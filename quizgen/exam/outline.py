"""What an exam asks of those who write it: points, topics, levels, hand work and minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from quizgen import code as codes
from quizgen import draw
from quizgen import family as families
from quizgen.labour import expected_seconds, labour
from quizgen.question import decimal_text
from quizgen.render.document import Paragraph
from quizgen.text import parse
from quizgen_solvers.exact import fmpq

if TYPE_CHECKING:
    from quizgen.question import Question

    from .blueprint import Blueprint
    from .model import Slot, Version

DRAWN = 16
"""How many questions are drawn to see what those of a family and level take, where there are no papers yet."""

LONGEST = 60
"""How much of a question's text stands for its title, in characters."""

BY_HAND = "by hand"
"""What stands where a family has its topic, for a question that was written."""


class Range(NamedTuple):
    """The least, the one in the middle and the most of some counts."""

    least: int
    usual: int
    most: int


@dataclass(frozen=True)
class Row:
    """A question of the paper: what it is worth, and what it is expected to take.

    ``number`` is its place on the paper, from 1. ``points`` and ``kinds`` are those of each part; of ``operations`` and
    of the ``digits`` that a hand writes the least, the usual and the most among the questions that stand there;
    ``seconds`` is for a person who knows how.
    """

    number: int
    slot: Slot
    title: str
    topic: str
    level: int | None
    points: tuple[fmpq, ...]
    kinds: tuple[str, ...]
    operations: Range
    digits: Range
    seconds: int

    @property
    def total(self) -> fmpq:
        return sum(self.points, fmpq(0))

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data; points as text, since halves are exact."""
        return {
            "number": self.number,
            "id": self.slot.key,
            "section": self.slot.section + 1,
            "family": self.slot.family,
            "code": self.slot.code,
            "title": self.title,
            "topic": self.topic,
            "level": self.level,
            "points": decimal_text(self.total),
            "parts": list(map(decimal_text, self.points)),
            "kinds": list(self.kinds),
            "operations": self.operations._asdict(),
            "digits": self.digits._asdict(),
            "seconds": self.seconds,
        }


@dataclass(frozen=True)
class Outline:
    """The questions that are on the paper, and sums over them."""

    blueprint: Blueprint
    rows: tuple[Row, ...]

    @cached_property
    def points(self) -> fmpq:
        return sum((row.total for row in self.rows), fmpq(0))

    @cached_property
    def seconds(self) -> int:
        return sum(row.seconds for row in self.rows)

    @property
    def topics(self) -> Mapping[str, fmpq]:
        """Points by topic, most first."""
        return _by((row.topic, row.total) for row in self.rows)

    @property
    def levels(self) -> Mapping[str, fmpq]:
        """Points by level, in order."""
        found = _by((str(row.level or BY_HAND), row.total) for row in self.rows)
        return dict(sorted(found.items()))

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data."""
        exam = self.blueprint
        return {
            "title": exam.title,
            "hash": exam.hash,
            "seed": exam.seed,
            "versions": list(exam.versions),
            "band": decimal_text(exam.band),
            "duration": exam.duration,
            "points": decimal_text(self.points),
            "seconds": self.seconds,
            "topics": {topic: decimal_text(points) for topic, points in self.topics.items()},
            "levels": {level: decimal_text(points) for level, points in self.levels.items()},
            "questions": [row.to_json() for row in self.rows],
        }


def _by(pairs: Iterable[tuple[str, fmpq]]) -> dict[str, fmpq]:
    sums: dict[str, fmpq] = {}
    for name, points in pairs:
        sums[name] = sums.get(name, fmpq(0)) + points
    return dict(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))


def outline(blueprint: Blueprint, papers: Sequence[Version] = ()) -> Outline:
    """What the questions of these papers take; without papers, those that may be drawn for them.

    Raises `DrawError` where a family has no question worth asking.
    """
    rows = []
    for place, slot in enumerate(blueprint.picked):
        found = [paper.questions[place].question for paper in papers] or _drawn(blueprint, slot)
        rows.append(_row(slot, place + 1, found))
    return Outline(blueprint, tuple(rows))


def _row(slot: Slot, number: int, questions: Sequence[Question]) -> Row:
    drawn = sorted(questions, key=lambda question: labour(question).total)
    usual = drawn[len(drawn) // 2]
    found = [labour(question) for question in drawn]
    minutes = slot.minutes
    return Row(
        number=number,
        slot=slot,
        title=title_of(usual),
        topic=families.find(usual.family).topic if usual.family else BY_HAND,
        level=usual.level or None,
        points=slot.points_of(usual),
        kinds=labour(usual).kinds,
        operations=_range([each.operations for each in found]),
        digits=_range([each.digits for each in found]),
        seconds=expected_seconds(usual) if minutes is None else int((60 * minutes).ceil()),
    )


def _range(counts: list[int]) -> Range:
    return Range(min(counts), sorted(counts)[len(counts) // 2], max(counts))


def _drawn(blueprint: Blueprint, slot: Slot) -> list[Question]:
    """Questions as they may stand in the slot."""
    if slot.written is not None:
        return [slot.written]
    if slot.code is not None:
        return [draw.draw(codes.parse(slot.code))]
    seed = blueprint.rng(slot.stream, "outline").word()
    stream = draw.stream(families.find(slot.family or ""), slot.level or 1, seed)
    return list(islice(filter(slot.fits, stream), DRAWN))


def title_of(question: Question) -> str:
    """What a question is called; one that was written without a title by the beginning of its text."""
    return question.title or _words(question.statement)


def _words(markup: str) -> str:
    """The beginning of a text, in plain words."""
    from quizgen.render.html_markup import in_words

    first = next((block for block in parse(markup) if isinstance(block, Paragraph)), Paragraph(()))
    text = in_words(first.inlines)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
