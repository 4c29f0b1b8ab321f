"""The blueprint of an exam: a TOML file read into models, with every problem named by its line and key.

What is drawn for a question follows from the exam's seed and from the question's own stream. That is its ``id``;
without one it is what the question asks for (family and level, topic and level, code, or text) and how many before it
in the file, without an id of their own too, ask for the same. So a question keeps its numbers, and its chance to be
picked, when others come, go or change places, when its points change, and when it moves to another section, with these
exceptions:

- of several that ask for the same the first is always the first: one more before it takes over its numbers;
- no paper has the same question twice: of two questions of a family and level, the one that is drawn later (in an order
  of their own) takes another where both came to the same;
- the text of a question that is written by hand counts where a section picks: a new wording is another question.

An id does away with the first and the last.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property, lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, PrivateAttr, ValidationInfo, model_validator

from quizgen import code as codes
from quizgen import draw
from quizgen import family as families
from quizgen.errors import QuizgenError, did_you_mean, shown
from quizgen.rng import Rng
from quizgen.wording import counted, listed
from quizgen_solvers.exact import fmpq

from . import fields, reading
from .fields import Day, Line, Markup, Names, Percent, Seed, Table, Wrong, Yes
from .mending import read_into
from .model import NOTHING, QUARTER, Slot
from .reading import Path_
from .written import MOST_ITEMS, Answered, WrittenPart, question

if TYPE_CHECKING:
    from quizgen.family import Entry
    from quizgen.question import Question

MOST_QUESTIONS = 200
"""How many places for questions an exam has at most."""

_LOOKED_AT = 24
"""How many questions of a family and level are drawn to see how many parts they have."""


# --- a question: what is drawn, and what it is worth ----------------------------------------------------------------


def _said(problem: QuizgenError) -> ValueError:
    return ValueError(str(problem))


def _family(value: object) -> str:
    text = fields.line(value)
    try:
        return families.find(text).name
    except QuizgenError as problem:
        raise _said(problem) from None


def _known(info: ValidationInfo) -> Mapping[str, Entry]:
    """All families; finding them takes a while, so whoever reads a blueprint looks once."""
    return (info.context or families.everything)()


def _topic(value: object, info: ValidationInfo) -> str:
    text = fields.line(value)
    known = sorted({entry.topic for entry in _known(info).values()})
    if text not in known:
        is_family = text in _known(info)
        hint = f' (it is a family: write family = "{text}")' if is_family else did_you_mean(text, known)
        raise ValueError(f"there is no topic {shown(text)}{hint}; topics are {', '.join(known)}")
    return text


def _code(value: object) -> str:
    text = fields.line(value)
    try:
        code = codes.parse(text)
        draw.draw(code)
    except QuizgenError as problem:
        raise _said(problem) from None
    return str(code)


def _level(value: object, info: ValidationInfo) -> int:
    level = fields.whole(1, 999)(value)
    family, topic = info.data.get("family"), info.data.get("topic")
    try:
        if family is not None:
            families.check_level(families.find(family), level)
    except QuizgenError as problem:
        raise _said(problem) from None
    if topic is not None and not _of_topic(_known(info), topic, level):
        has = sorted({level for entry in _known(info).values() if entry.topic == topic for level in entry.levels})
        raise ValueError(f"no family of {topic} has level {level}; there are the levels {', '.join(map(str, has))}")
    return level


def _of_topic(known: Mapping[str, Entry], topic: str, level: int) -> list[str]:
    """The families of a topic that have a level."""
    return [name for name, entry in sorted(known.items()) if entry.topic == topic and level in entry.levels]


def _id(value: object) -> str:
    """A name for a question; not one that says the number of another."""
    text = fields.name(value)
    if re.fullmatch("[qQ]?[0-9]+", text):
        raise ValueError(f"{shown(text)} reads as the number of a question; take a name such as adam, or leave it out")
    return text


def _points(value: object) -> tuple[fmpq, ...]:
    if not isinstance(value, list):
        return (fields.worth(value),)
    if not value:
        raise ValueError("is an empty list; give a number, or one for each part")
    return tuple(map(fields.worth, value))


@lru_cache(maxsize=256)
def _parts_of(name: str, level: int) -> frozenset[int]:
    """How many parts questions of a family and level have, as far as a look at some of them tells."""
    questions = draw.stream(families.find(name), level, "parts")
    return frozenset(len(question.parts) for question in islice(questions, _LOOKED_AT))


WHAT = ("family", "topic", "code", "text")
"""What a question is: it has one of these keys."""

DRAWN = ("family", "topic")
"""With which of them its numbers are drawn."""

BY_HAND = {"parts", "title", "solution", *Answered.model_fields}
"""Keys of questions that are written by hand."""


class Asked(Answered):
    """A question of the blueprint, or several of the same kind."""

    stand_in: ClassVar[dict[str, Any]] = {"family": "conv.output-size"}
    bound = frozenset({*WHAT, "level", "parts", *Answered.model_fields})
    kept = frozenset({"count", "id"})

    family: Annotated[str, PlainValidator(_family)] | None = None
    topic: Annotated[str, PlainValidator(_topic)] | None = None
    code: Annotated[str, PlainValidator(_code)] | None = None
    level: Annotated[int, PlainValidator(_level)] | None = None
    text: Markup = ""
    parts: Annotated[tuple[WrittenPart, ...], Field(min_length=1, max_length=MOST_ITEMS)] | None = None
    title: Line = ""
    solution: Markup = ""
    points: Annotated[tuple[fmpq, ...], PlainValidator(_points)] | None = None
    count: Annotated[int, PlainValidator(fields.whole(1, MOST_QUESTIONS))] = 1
    id: Annotated[str, PlainValidator(_id)] | None = None
    band: Percent | None = None
    minutes: Annotated[fmpq, PlainValidator(fields.between(0, 1000, "(minutes)"))] | None = None

    _families: tuple[str, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _goes_together(self, info: ValidationInfo) -> Asked:
        what = [key for key in WHAT if key in self.model_fields_set]
        if len(what) != 1:
            have = f"has {' and '.join(what)}" if what else "doesn't say what is asked"
            raise Wrong((what[1],) if what else (), f"{have}; a question has one of {listed(WHAT)}")
        if what != ["text"]:
            for key in sorted(self.model_fields_set & BY_HAND):
                raise Wrong((key,), f"goes with text, in a question that is written by hand; this one has a {what[0]}")
        for key in ("level", "count", "band"):
            if key in self.model_fields_set and what[0] not in DRAWN:
                raise Wrong((key,), f"goes with {' or '.join(DRAWN)}; this question has a {what[0]}")
        if self.topic is not None:
            self._families = tuple(_of_topic(_known(info), self.topic, self.level or 1))
        elif self.family is not None:
            self._families = (self.family,)
        if self.written is None or self.points is not None:
            self._check_points()
        return self

    def _check_points(self) -> None:
        """Raises where the points can't be those of the parts."""
        if self.points is None:
            return
        if self.topic is not None and len(self.points) > 1:
            raise Wrong(("points",), "is a list; families of a topic differ in their parts, so give one number")
        has = self._parts
        said = listed(map(str, sorted(has)))
        parts = f"{self.family or self.code or self.topic or 'the question'} has {said} part{'s' * (has != {1})}"
        if len(self.points) > 1 and len(self.points) not in has:
            raise Wrong(("points",), f"has {len(self.points)} numbers, and {parts}; give one for each, or one for all")
        if len(self.points) == 1 and self.points[0] < QUARTER * max(has):
            raise Wrong(("points",), f"{fields.plain(self.points[0])} can't be shared in quarters: {parts}")

    @property
    def families(self) -> tuple[str, ...]:
        """The families that may stand there: of a topic all that have the level."""
        return self._families

    @property
    def asks(self) -> str:
        """What it asks for, in a text that another question has where it asks for the same."""
        what = next(key for key in WHAT if getattr(self, key))
        level = f" level {self.level or 1}" if what in DRAWN else ""
        return f"{what} {getattr(self, what)}{level}"

    @property
    def _parts(self) -> set[int]:
        """How many parts the question may have."""
        if self.written is not None:
            return {len(self.written.parts)}
        if self.code is not None:
            return {len(draw.draw(codes.parse(self.code)).parts)}
        return set().union(*(_parts_of(name, self.level or 1) for name in self.families))

    @cached_property
    def written(self) -> Question | None:
        """The question that was written by hand."""
        if not self.text:
            return None
        if self.parts is None:
            parts: list[tuple[Path_, str, Answered]] = [((), "", self)]
        else:
            for key in sorted(self.model_fields_set & set(Answered.model_fields)):
                raise Wrong((key,), "belongs into the parts, since the question has some")
            parts = [(("parts", place), part.text, part) for place, part in enumerate(self.parts)]
        return question(self.title, self.text, parts, self.solution)


# --- the exam -------------------------------------------------------------------------------------------------------


class Section(Table):
    """Questions under a heading; with ``pick`` only so many of them are on the paper, the same ones in all versions."""

    stand_in: ClassVar[dict[str, Any]] = {"questions": [Asked.stand_in]}

    title: Line = ""
    instructions: Markup = ""
    pick: Annotated[int, PlainValidator(fields.whole(1, MOST_QUESTIONS))] | None = None
    questions: Annotated[tuple[Asked, ...], Field(min_length=1)]

    @property
    def size(self) -> int:
        """How many places for questions it has."""
        return sum(asked.count for asked in self.questions)

    @model_validator(mode="after")
    def _pick_is_possible(self) -> Section:
        if self.pick is not None and self.pick > self.size:
            raise Wrong(("pick",), f"is {self.pick}, and the section has {counted(self.size, 'question')}")
        return self


class Layout(Table):
    """How the paper looks.

    ``answer_space`` is in centimetres for each point, squared with ``grid``; ``formula_sheet`` is small markup.
    """

    stand_in: ClassVar[dict[str, Any]] = {}

    paper: Annotated[str, PlainValidator(fields.one_of("a4", "letter"))] = "a4"
    spacing: Annotated[str, PlainValidator(fields.one_of("tight", "normal", "wide"))] = "normal"
    answer_space: Annotated[fmpq, PlainValidator(fields.between(0, 20, "(cm for each point)"))] = fmpq(3, 2)
    grid: Yes = False
    formula_sheet: Markup = ""
    large_print: Yes = False
    two_sided: Yes = False


class Marking(Table):
    """What answers are worth that are not simply right, each as a share of the part's points.

    ``wrong_sign``: the right value with the wrong sign; ``lost_digits``: right as far as it goes, with fewer digits
    than were asked for; ``wrong_choice``: taken off for a wrong choice.
    """

    stand_in: ClassVar[dict[str, Any]] = {}

    carry_forward: Yes = True
    wrong_sign: Percent = fmpq(0)
    lost_digits: Percent = fmpq(0)
    wrong_choice: Percent = fmpq(0)


class Blueprint(Table):
    """An exam as its instructor describes it.

    ``versions`` are names; ``band``: how far, at most, versions may differ in hand work, as a share, where a question
    has no band of its own; ``duration`` is in minutes. ``source`` is the text that it was read from, ``slots`` are its
    places for questions.
    """

    stand_in: ClassVar[dict[str, Any]] = {"title": "-", "seed": "1", "sections": [Section.stand_in]}

    title: Line
    course: Line = ""
    date: Day | None = None
    duration: Annotated[int, PlainValidator(fields.whole(1, 1440, " (minutes)"))] | None = None
    instructions: Markup = ""
    seed: Seed
    versions: Names = ("A",)
    band: Percent = fmpq(1, 10)
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    layout: Layout = Layout()
    marking: Marking = Marking()

    _source: str = PrivateAttr("")

    @property
    def source(self) -> str:
        """The text that it was read from."""
        return self._source

    @property
    def hash(self) -> str:
        """The SHA-256 of the text, in hexadecimal digits."""
        return hashlib.sha256(self._source.encode()).hexdigest()

    def rng(self, stream: str, purpose: str) -> Rng:
        """The draws for one purpose at the place of that stream: nothing else in the exam changes them."""
        return Rng(f"exam {self.seed} {stream} {purpose}")

    def line_of(self, slot: Slot) -> int:
        """On which line of the source the question of a slot begins."""
        path = next(path for path, each in self._placed if each.number == slot.number)
        return reading.Lines(self._source).of(path)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Every place for a question, those that are not picked too, numbered over the whole exam."""
        return tuple(slot for _, slot in self._placed)

    @cached_property
    def picked(self) -> tuple[Slot, ...]:
        """The places of the questions that are on the paper, in its order."""
        return tuple(slot for slot in self.slots if slot.number in self._on_paper)

    @cached_property
    def _placed(self) -> tuple[tuple[Path_, Slot], ...]:
        """Every slot, with the path to its question."""
        by_number = sorted(self._drafted, key=lambda place: (place[1].number not in self._on_paper, place[1].number))
        keys = {slot.number: slot.key or f"q{at}" for at, (_, slot) in enumerate(by_number, 1)}
        return tuple((path, replace(slot, key=keys[slot.number])) for path, slot in self._drafted)

    @cached_property
    def _on_paper(self) -> frozenset[int]:
        """The numbers of the slots that are picked. One slot more leaves the order of the draw."""
        found: list[Slot] = []
        for section, slots in groupby((slot for _, slot in self._drafted), key=lambda slot: slot.section):
            drawn = sorted(slots, key=lambda slot: self.rng(slot.stream, "pick").word(16))
            found += drawn[: self.sections[section].pick]
        return frozenset(slot.number for slot in found)

    @cached_property
    def _drafted(self) -> tuple[tuple[Path_, Slot], ...]:
        """Every slot, with the path to its question; the key is empty where there is no id."""
        return tuple(self._places())

    def _places(self) -> Iterator[tuple[Path_, Slot]]:
        often: Counter[str] = Counter()
        number = 0
        for i, section in enumerate(self.sections):
            for j, asked in enumerate(section.questions):
                alike = f"id {asked.id}" if asked.id is not None else asked.asks
                # each family of a topic in turn, in an order that is drawn
                names = self.rng(alike, "family").shuffled(asked.families)
                for k in range(asked.count):
                    number += 1
                    slot = Slot(
                        number=number,
                        section=i,
                        key="" if asked.id is None else f"{asked.id}-{k + 1}" if asked.count > 1 else asked.id,
                        family=names[often[alike] % len(names)] if names else None,
                        topic=asked.topic,
                        level=asked.level or 1 if names else None,
                        code=asked.code,
                        written=asked.written,
                        points=asked.points,
                        minutes=asked.minutes,
                        band=(self.band if asked.band is None else asked.band) if names else NOTHING,
                        stream=f"{alike} {often[alike] + 1}",
                    )
                    often[alike] += 1
                    yield ("sections", i, "questions", j), slot

    @model_validator(mode="after")
    def _every_question_is_another(self) -> Blueprint:
        seen: dict[str, Slot] = {}
        twice: list[Wrong] = []
        for path, slot in self._placed:
            for key in ("id", "code"):
                name = slot.key if key == "id" else slot.code
                before = seen.setdefault((name or "").casefold(), slot) if name else slot
                if before is not slot:
                    said = f"question {before.number} has the {key} {shown(name)} already"
                    same = "" if name in (before.key, before.code) else " (small and capital letters count as the same)"
                    twice.append(Wrong((*path, key), said + same))
        if twice:
            raise Wrong(twice[0].path, str(twice[0]), twice[1:])
        return self


def read(path: Path | str) -> Blueprint:
    """The blueprint in a file. Raises `BlueprintError` with all its problems, `InputError` where it can't be read."""
    return parse(reading.text_of(Path(path)), str(path))


def parse(text: str, name: str = "blueprint") -> Blueprint:
    """The blueprint that a text is; ``name`` is what problems call it. Raises `BlueprintError`."""
    data = reading.values_of(text, name)
    _refuse_crowds(data, text, name)
    known = cache(families.everything)
    blueprint = read_into(Blueprint, data, lambda: reading.Lines(text), name, context=known)
    blueprint._source = text
    return blueprint


def _refuse_crowds(data: Any, text: str, name: str) -> None:
    """Raises for an exam of more questions than any: looking at all of them would take long, and help nobody."""
    sections = data.get("sections")
    size = 0
    for section in sections if isinstance(sections, list) else ():
        questions = section.get("questions") if isinstance(section, dict) else None
        for asked in questions if isinstance(questions, list) else ():
            count = asked.get("count", 1) if isinstance(asked, dict) else 1
            size += count if type(count) is int and count > 0 else 1
    if size > MOST_QUESTIONS:
        words = f"there are {size:,} questions; an exam has at most {MOST_QUESTIONS}"
        line = reading.Lines(text).of(("sections",))
        raise reading.BlueprintError(name, [reading.Problem(line, "sections", words)])
