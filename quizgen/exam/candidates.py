"""Questions that could stand at a place of the exam, and which of them are equally hard.

Questions are alike when they ask for the same: as many parts, of the same kinds, shapes and points, in the same words
but for the numbers. Of those that are alike, the ones in a `Window` take about the same work by hand.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from quizgen import draw
from quizgen import family as families
from quizgen.code import make
from quizgen.labour import labour
from quizgen.question import Question, finished
from quizgen.sheet import identity

from .shared import Answer, answers

if TYPE_CHECKING:
    from quizgen.labour import Labour
    from quizgen.question import Solved
    from quizgen_solvers.exact import fmpq

    from .blueprint import Blueprint
    from .model import Slot

SURVEY = 200
"""How many questions are drawn to see what the family gives at that level."""

ENOUGH = 10
"""How many of the survey must have the same words but for the numbers, or else other words are taken for alike too."""

PLENTY = 20
"""How many of the survey are so many that a window nearer to what is usual may have fewer than the fullest."""

_NUMBER = re.compile(r"(?:-\s*)?(?:\\frac\{\d+\}\{\d+\}|\d+(?:\.\d+)?)")


class Candidate:
    """A question and what decides whether it may stand beside others."""

    def __init__(self, question: Question) -> None:
        self.question = question

    @cached_property
    def labour(self) -> Labour:
        return labour(self.question)

    @cached_property
    def form(self) -> Hashable:
        """What is asked: the kind, the shape, the points and the words of every part."""
        parts = self.question.parts
        return self.labour.kinds, tuple((shape(p.centre), p.points, blanked(p.words)) for p in parts)

    @cached_property
    def words(self) -> str:
        """What the question says, without its numbers."""
        return blanked(self.question.statement)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        return answers(self.question)

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        return identity(self.question)

    @cached_property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Of every part that can be asked as multiple choice: the place of the right option, and of how many."""
        asked = [p for p in self.question.parts if len(p.correct) == 1 and len(p.options) > 1]
        return tuple((min(p.correct), len(p.options)) for p in asked)


@dataclass(frozen=True, slots=True)
class Window:
    """The questions that are equally hard: from ``least`` operations and digits up to a share more of each.

    ``words`` is None where the words may differ by more than numbers.
    """

    form: Hashable
    words: str | None
    operations: tuple[int, int]
    digits: tuple[int, int]

    def takes(self, candidate: Candidate) -> bool:
        """Whether a question lies in it."""
        return (
            self.operations[0] <= candidate.labour.operations <= self.operations[1]
            and self.digits[0] <= candidate.labour.digits <= self.digits[1]
            and candidate.form == self.form
            and self.words in (None, candidate.words)
        )


def window(drawn: Sequence[Candidate], band: fmpq) -> tuple[Window, int] | None:
    """A window with many questions of different answers, and how many these are; None of no questions.

    Of those with at least three quarters as many as the fullest it is the one nearest to what is usual: windows of much
    work are wider, and so fuller. Where there are few, it is the fullest.
    """
    if not drawn:
        return None
    alike = _best(drawn, band, same_words=True)
    return alike if alike[1] >= ENOUGH else max(alike, _best(drawn, band, same_words=False), key=lambda best: best[1])


def _best(drawn: Sequence[Candidate], band: fmpq, *, same_words: bool) -> tuple[Window, int]:
    groups: dict[tuple[Hashable, str | None], list[Candidate]] = {}
    for each in drawn:
        groups.setdefault((each.form, each.words if same_words else None), []).append(each)
    usual = sorted(each.labour.total for each in drawn)[len(drawn) // 2]
    found: list[tuple[int, int, Window]] = []
    fullest = 0
    for (form, words), group in groups.items():
        for operations, digits, members in _windows(group, band):
            if len(members) >= _enough(fullest):
                count = different(members)
                fullest = max(fullest, count)
                found.append((count, abs(operations[0] + digits[0] - usual), Window(form, words, operations, digits)))
    count, _, best = min((each for each in found if each[0] >= _enough(fullest)), key=lambda each: (each[1], -each[0]))
    return best, count


def _enough(fullest: int) -> int:
    """How many questions a window has to have, where the fullest has so many."""
    return min(fullest, max(PLENTY, fullest * 3 // 4))


def _windows(
    group: Sequence[Candidate], band: fmpq
) -> Iterator[tuple[tuple[int, int], tuple[int, int], list[Candidate]]]:
    """Every window that begins with the operations of a question and the digits of one, and what lies in it."""
    for least in sorted({each.labour.operations for each in group}):
        operations = (least, up_to(least, band))
        inside = [each for each in group if operations[0] <= each.labour.operations <= operations[1]]
        for fewest in sorted({each.labour.digits for each in inside}):
            digits = (fewest, up_to(fewest, band))
            yield operations, digits, [each for each in inside if digits[0] <= each.labour.digits <= digits[1]]


def up_to(least: int, band: fmpq) -> int:
    """The most that lies within the band of the least."""
    return int((least * (1 + band)).floor())


def different(members: Iterable[Candidate]) -> int:
    """How many of these questions, taken one by one, share no right answer to a part."""
    taken: set[tuple[int, Any]] = set()
    count = 0
    for each in members:
        own = [(part, value) for part, answer in enumerate(each.answers) for value, _ in answer.values]
        if taken.isdisjoint(own):
            taken.update(own)
            count += 1
    return count


class Source:
    """The questions of a family and level for one place of the exam, in an order that follows from the seed."""

    def __init__(self, blueprint: Blueprint, slot: Slot) -> None:
        self._blueprint, self._slot = blueprint, slot
        self._entry = families.find(slot.family or "")
        self._drawn = 0

    def survey(self) -> list[Candidate]:
        """The first questions, whatever work they take."""
        return [Candidate(question) for question in (self._next(None) for _ in range(SURVEY)) if question is not None]

    def next(self, window: Window) -> Candidate | None:
        """The next question, or None where it does not lie in the window."""
        question = self._next(window)
        candidate = None if question is None else Candidate(question)
        return candidate if candidate is not None and window.takes(candidate) else None

    def _next(self, window: Window | None) -> Question | None:
        word = self._blueprint.rng(self._slot.stream, f"question {self._drawn}").word()
        self._drawn += 1

        def wanted(found: Solved) -> bool:
            question = finished(found, None, ())
            return self._has_points(question) and (window is None or window.takes(Candidate(question)))

        code, refused = make(self._entry, self._slot.level or 1, word), 0
        for question, _ in draw.attempts(self._entry, code, wanted):
            if question is not None:
                return question
            refused += 1
        return None if refused < draw.MOST_DRAWS else draw.draw(code)  # which says why there is none

    def _has_points(self, question: Question) -> bool:
        """Whether the points that the blueprint gives fit the parts of a question."""
        try:
            self._slot.points_of(question)
        except ValueError:
            return False
        return True


def blanked(text: str) -> str:
    """A text without its numbers."""
    return _NUMBER.sub("#", text)


def shape(value: Any) -> Hashable:
    """How an answer is nested, whatever its numbers."""
    return tuple(map(shape, value)) if isinstance(value, tuple) else None
