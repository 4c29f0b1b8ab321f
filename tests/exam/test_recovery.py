"""500 simulated students make slips that are known, and marking finds them again.

At every question a student makes no slip, or one. A *named* one is a mistake of the family, worked through the graph to
the end: in each part she writes where it leads. An *unnamed* one spoils the first answer by some amount, and what comes
after follows rightly from what she wrote.

What can be expected is worked out here by rational arithmetic on the printed values alone, without the marking: whether
a value is right (within the tolerance that is printed), which named mistakes have it (within a unit of its last
decimal), and what follows from it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from answered import Row, marked
from exams import exam, family
from quizgen.answers import Table
from quizgen.exam import manifest as manifests
from quizgen.exam.grade import Marked, PartMark
from quizgen.exam.manifest import Manifest
from quizgen.exam.model import Version
from quizgen.exam.versions import versions
from quizgen.question import Question, QuestionPart, WrongWay, last_unit
from quizgen.targets import centres
from quizgen.wording import letter

STUDENTS = 500
NAMED, UNNAMED = 0.35, 0.15
ASKED = (
    ("optim.adam", 1),
    ("optim.momentum", 2),
    ("net.parameter-count", 1),
    ("conv.output-size", 2),
    ("conv.parameter-count", 2),
    ("backprop.scalar-graph", 1),
    ("loss.softmax", 1),
)
FOLLOWS = {"net.parameter-count", "optim.momentum", "optim.adam"}
"""Families whose later parts follow from the first one."""


@dataclass(frozen=True)
class Written:
    """What a student writes for a part, and what is known of it."""

    text: str
    value: Any
    slip: str = ""
    follows: bool = False  # rightly, from an earlier answer that was wrong


@dataclass
class Class:
    rows: list[Row] = field(default_factory=list)
    papers: dict[str, Version] = field(default_factory=dict)
    written: dict[tuple[str, int, int], Written] = field(default_factory=dict)


@cache
def built() -> Manifest:
    """Four fair versions, reproduced by PyTorch."""
    blueprint = exam(*(family(name, level) for name, level in ASKED))
    made, fairness = versions(blueprint, ["A", "B", "C", "D"])
    return manifests.of(blueprint, made, fairness)


def leaves(value: Any) -> Iterator[Fraction]:
    if isinstance(value, tuple):
        for x in value:
            yield from leaves(x)
    else:
        yield Fraction(int(value.p), int(value.q))


def far(one: Any, other: Any) -> Fraction | None:
    """The largest distance between two printed values; None where they have different shapes."""
    a, b = list(leaves(one)), list(leaves(other))
    return max((abs(x - y) for x, y in zip(a, b, strict=True)), default=Fraction(0)) if len(a) == len(b) else None


def fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def is_right(part: QuestionPart, value: Any) -> bool:
    off = far(value, part.centre)
    return off is not None and off <= fraction(part.tolerance)


def leading(part: QuestionPart, value: Any) -> set[str]:
    """The named mistakes whose value for this part is this one."""
    slack = max(fraction(part.tolerance), fraction(last_unit(part.kind)))
    ways = ((way.name, way.values[part.index]) for way in part.wrong)
    offs = ((name, far(value, its)) for name, its in ways if its is not None and its != part.centre)
    return {name for name, off in offs if off is not None and off <= slack}


def as_written(part: QuestionPart, value: Any) -> str:
    return part.kind.show(value)


def by_mistake(question: Question, way: WrongWay) -> list[Written]:
    """A named mistake made once, and gone on with."""
    found = []
    for part in question.parts:
        its = way.values[part.index]
        value = part.centre if its is None else its
        found.append(Written(as_written(part, value), value, way.name if value != part.centre else ""))
    return found


def by_accident(question: Question, draw: random.Random) -> list[Written]:
    """The first answer is off by something, and what comes after follows from it."""
    first = question.parts[0]
    (asked,) = question.answered_by[0]
    unit = fraction(last_unit(first.kind)) or Fraction(1)
    off = draw.choice([-1, 1]) * draw.randint(40, 400) * unit
    typed = first.centre + first.centre.__class__(off.numerator, off.denominator)
    found = [Written(as_written(first, typed), typed)]
    for part in question.parts[1:]:
        (later,) = question.answered_by[part.index]
        (value,) = question.work.rework({asked: typed}, [later])
        printed = centres(value, getattr(part.kind, "decimals", None))
        found.append(Written(as_written(part, printed), printed, follows=not is_right(part, printed)))
    return found


@pytest.fixture(scope="module")
def simulated() -> Class:
    draw = random.Random(20260314)
    made = Class()
    papers = manifests.versions_of(built())
    for number in range(STUDENTS):
        name, paper = f"s{number:03}", papers[number % len(papers)]
        made.papers[name] = paper
        for place, placed in enumerate(paper.questions, 1):
            question = placed.question
            assert not any(isinstance(part.kind, Table) for part in question.parts)
            kind = draw.random()
            if kind < NAMED:
                answers = by_mistake(question, draw.choice(question.mistakes))
            elif kind < NAMED + UNNAMED and question.family in FOLLOWS:
                answers = by_accident(question, draw)
            else:
                answers = [Written(as_written(part, part.centre), part.centre) for part in question.parts]
            for part, written in zip(question.parts, answers, strict=True):
                made.written[name, place, part.index] = written
                made.rows.append((name, paper.name, str(place), letter(part.index), written.text))
    draw.shuffle(made.rows)
    return made


@pytest.fixture(scope="module")
def found(simulated: Class, tmp_path_factory: pytest.TempPathFactory) -> list[Marked]:
    return marked(tmp_path_factory.mktemp("recovery"), simulated.rows, built())


def every(simulated: Class, found: list[Marked]) -> Iterator[tuple[Written, QuestionPart, PartMark]]:
    for one in found:
        for question in one.questions:
            for part, mark in zip(question.question.parts, question.parts, strict=True):
                yield simulated.written[one.student.id, question.number, part.index], part, mark


def test_everybody_is_marked(simulated: Class, found: list[Marked]) -> None:
    assert len(found) == STUDENTS
    assert sum(1 for _ in every(simulated, found)) == len(simulated.rows)
    assert all(mark.state == "marked" for _, _, mark in every(simulated, found))
    assert all(placed.question.provenance for paper in simulated.papers.values() for placed in paper.questions)


def test_what_is_right_is_marked_right_and_nothing_else(simulated: Class, found: list[Marked]) -> None:
    for written, part, mark in every(simulated, found):
        if is_right(part, written.value):
            assert mark.right
            assert not mark.carried
            assert not mark.diagnosed
        elif not written.slip and not written.follows:  # the spoilt answer itself
            assert not mark.right, (part.code, written.text)


def test_what_follows_from_a_spoilt_answer_is_carried_forward(simulated: Class, found: list[Marked]) -> None:
    followed = [(written, mark) for written, _, mark in every(simulated, found) if written.follows]
    assert len(followed) > 100
    assert all(mark.carried and mark.right for _, mark in followed)


def test_every_named_slip_is_found_or_carried_forward(simulated: Class, found: list[Marked]) -> None:
    """Recall: of the slips that a value shows, all of them."""
    slips = recovered = 0
    for written, part, mark in every(simulated, found):
        if written.slip and not is_right(part, written.value):
            slips += 1
            recovered += mark.carried or written.slip in {mistake.name for mistake in mark.diagnosed}
    assert slips > 1000
    assert recovered == slips


def test_where_the_value_determines_the_slip_it_is_the_only_one_named(simulated: Class, found: list[Marked]) -> None:
    """Precision: whoever is named is one whom the value fits, and where it fits one alone, nobody else is named."""
    determined = named = true = 0
    for written, part, mark in every(simulated, found):
        if is_right(part, written.value) or mark.carried:
            assert not mark.diagnosed
            continue
        fitting = leading(part, written.value)
        names = {mistake.name for mistake in mark.diagnosed}
        assert names == fitting
        if written.slip:
            named += len(names)
            true += written.slip in names
            if fitting == {written.slip}:
                determined += 1
                assert names == {written.slip}
    assert determined > 800
    assert true / named > 0.9  # the rest are values that more than one mistake leads to


def test_a_slip_that_is_the_first_of_a_question_is_never_carried(simulated: Class, found: list[Marked]) -> None:
    for one in found:
        for question in one.questions:
            spoilt = False
            for part, mark in zip(question.question.parts, question.parts, strict=True):
                assert spoilt or not mark.carried
                spoilt = spoilt or not is_right(
                    part, simulated.written[one.student.id, question.number, part.index].value
                )


def test_without_carrying_forward_every_slip_is_named_where_it_shows(simulated: Class, tmp_path: Path) -> None:
    from quizgen.exam.blueprint import Marking

    strict = marked(tmp_path, simulated.rows, built(), Marking(carry_forward=False))
    for written, part, mark in every(simulated, strict):
        assert mark.right == is_right(part, written.value)
        assert {mistake.name for mistake in mark.diagnosed} == (set() if mark.right else leading(part, written.value))
        if written.slip and not mark.right:
            assert written.slip in {mistake.name for mistake in mark.diagnosed}
