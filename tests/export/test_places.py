"""Places of right options in exports: nobody can guess them, over the variants of a question or over an exam."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from flint import fmpq

from exported import PLAIN, drawn, placed, written
from quizgen import family as families
from quizgen.answers import Integer
from quizgen.code import make
from quizgen.draw import draw
from quizgen.export import Exported
from quizgen.export.capability import as_choice, own_choice
from quizgen.export.places import balanced
from quizgen.question import Question, QuestionPart

VARIANTS = 12


def unevenness(parts: Iterable[QuestionPart]) -> int:
    """By how much one place has more right options than another, where there are as many options."""
    counts: dict[int, Counter[int]] = {}
    for part in parts:
        if as_choice(part) and not own_choice(part):
            (right,) = part.correct
            counts.setdefault(len(part.options), Counter(dict.fromkeys(range(len(part.options)), 0)))[right] += 1
    return max((max(places.values()) - min(places.values()) for places in counts.values()), default=0)


def every(questions: Iterable[Exported]) -> list[Question]:
    return [question for exported in questions for question in exported.every]


@pytest.fixture(scope="module")
def exam() -> list[Exported]:
    """A question of each family with variants."""
    made = []
    for name, entry in sorted(families.everything().items()):
        first, *others = (draw(make(entry, 1, f"place{n}")) for n in range(VARIANTS))
        alike = tuple(other for other in others if len(other.parts) == len(first.parts))
        made.append(Exported(first, (fmpq(1),) * len(first.parts), name, alike))
    return made


def test_over_variants_and_over_the_exam_each_place_is_right_about_equally_often(exam: list[Exported]) -> None:
    dealt = balanced(exam, "canvas", choices=True)
    columns = [column for one in dealt for column in zip(*(question.parts for question in one.every), strict=True)]
    assert max(map(unevenness, columns)) == 1
    assert unevenness(part for one in dealt for part in one.question.parts) <= 2
    before = [column for one in exam for column in zip(*(question.parts for question in one.every), strict=True)]
    assert max(map(unevenness, before)) > 3, "as the codes have it, it would be otherwise"


def test_the_second_and_further_variants_of_an_exam_are_about_balanced_too() -> None:
    asked = [
        written(Integer(), fmpq(n), *((str(k), "No.", fmpq(n + k)) for k in (1, 2, 3)), statement=f"{n}")
        for n in range(200)
    ]
    exam = [Exported(asked[n], (fmpq(1),), f"q{n}", tuple(asked[n + 1 : n + 10])) for n in range(0, len(asked), 10)]
    dealt = balanced(exam, "jsonl", choices=True)
    papers = list(zip(*(one.every for one in dealt), strict=True))
    assert max(unevenness(question.parts[0] for question in paper) for paper in papers) <= 4
    places = {tuple(min(question.parts[0].correct) for question in paper) for paper in papers}
    assert len(places) >= 4, "and differs from paper to paper"


def test_the_options_stay_the_same_and_the_right_one_right(exam: list[Exported]) -> None:
    for old, new in zip(every(exam), every(balanced(exam, "gift", choices=True)), strict=True):
        assert old.code == new.code
        for one, other in zip(old.parts, new.parts, strict=True):
            assert sorted(one.options) == sorted(other.options)
            assert {one.options[n] for n in one.correct} == {other.options[n] for n in other.correct}


def test_what_is_written_down_or_typed_is_left_alone() -> None:
    exam = placed([*drawn(), *PLAIN.values()])
    for form, choices in [("moodle", False), ("anki", True), ("jsonl", False)]:
        for old, new in zip(every(exam), every(balanced(exam, form, choices)), strict=True):
            assert old.parts == new.parts
    for old, new in zip(every(exam), every(balanced(exam, "moodle", choices=True)), strict=True):
        assert [part.options for part in old.parts if own_choice(part)] == [
            part.options for part in new.parts if own_choice(part)
        ]


def test_the_places_follow_from_the_questions_and_are_no_pattern(exam: list[Exported]) -> None:
    def places(questions: list[Exported]) -> list[int]:
        found = every(balanced(questions, "canvas", choices=True))
        return [min(part.correct) for question in found for part in question.parts]

    assert places(exam) == places(exam)
    hand = {
        tuple(places(placed([written(Integer(), fmpq(n), ("off", "No.", fmpq(9)), statement=f"{n}, {m}")] * 6)))
        for m, n in enumerate((1, 2, 3, 4))
    }
    assert len(hand) > 1, "questions without a code are told apart by their words"
