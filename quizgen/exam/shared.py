"""Which papers share an answer: two do where what is right on one is accepted on the other, for the same part."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from quizgen.draw import leaves
from quizgen.question import Question
from quizgen_solvers.exact import fmpq

NEVER = -1
SLACK = 1 + 1e-9
"""What floats may have lost: whatever is doubtful counts as shared."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is right for a part: its values, each by a key that is its own, the numbers in it, and how far off is right.

    The numbers are only compared, so floats do; words and choices have none.
    """

    values: tuple[tuple[Hashable, tuple[float, ...]], ...]
    tolerance: float


def answers(question: Question) -> tuple[Answer, ...]:
    """What is right for each part. Of a choice it is the words of the options: their places may differ."""
    found = []
    for part in question.parts:
        values = [(_key(value, part.options), _numbers(value)) for value in (part.centre, *part.also)]
        found.append(Answer(tuple(values), _float(part.tolerance)))
    return tuple(found)


def _key(value: Any, options: Sequence[str]) -> Hashable:
    """A value as something that is quickly told from others, which rationals are not."""
    if isinstance(value, frozenset):
        return frozenset(options[i] for i in value)
    return tuple(_key(x, options) for x in value) if isinstance(value, tuple) else str(value)


def _numbers(value: Any) -> tuple[float, ...]:
    return () if isinstance(value, (frozenset, str)) else tuple(map(_float, leaves(value)))


def _float(x: fmpq) -> float:
    return int(x.p) / int(x.q)


class Answers:
    """The answers to one question on the papers so far."""

    def __init__(self) -> None:
        self._parts: list[_OfPart] = []

    def latest(self, wanted: Sequence[Answer]) -> int:
        """The last paper that shares an answer with these, `NEVER` where none does."""
        return max((part.latest(answer) for part, answer in zip(self._parts, wanted, strict=False)), default=NEVER)

    def add(self, given: Sequence[Answer], paper: int) -> None:
        """These are the answers on a paper; papers come in order."""
        while len(self._parts) < len(given):
            self._parts.append(_OfPart())
        for part, answer in zip(self._parts, given, strict=False):
            part.add(answer, paper)


class _OfPart:
    """The answers to one part. Which of them are near to each other is found out once, when one is first asked about.

    A vector or table is looked for by its first number.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[Hashable, float], int] = {}
        self._alike: dict[Hashable, list[int]] = {}  # one value may come with several tolerances
        self._numbers: list[tuple[float, ...]] = []
        self._tolerances: list[float] = []
        self._near: list[list[int]] = []  # itself among them
        self._last: list[int] = []  # the last paper that had it
        self._in_order: list[tuple[float, int]] = []
        self._widest = 0.0

    def latest(self, answer: Answer) -> int:
        places = (self._place(key, numbers, answer.tolerance) for key, numbers in answer.values)
        return max(self._last[near] for place in places for near in self._near[place])

    def add(self, answer: Answer, paper: int) -> None:
        for key, numbers in answer.values:
            self._last[self._place(key, numbers, answer.tolerance)] = paper

    def _place(self, key: Hashable, numbers: tuple[float, ...], tolerance: float) -> int:
        """Where a value stands in the lists."""
        place = self._places.get((key, tolerance))
        if place is None:
            place = self._places[key, tolerance] = len(self._last)
            alike = self._alike.setdefault(key, [])
            near = {*alike, *self._close(numbers, tolerance)}
            for other in near:
                self._near[other].append(place)
            alike.append(place)
            self._near.append([*near, place])
            self._numbers.append(numbers)
            self._tolerances.append(tolerance)
            self._last.append(NEVER)
            self._widest = max(self._widest, tolerance)
            if numbers:
                insort(self._in_order, (numbers[0], place))
        return place

    def _close(self, numbers: tuple[float, ...], tolerance: float) -> Iterator[int]:
        """The values that are accepted for these numbers, or for which these are."""
        reach = max(tolerance, self._widest) * SLACK
        if not numbers or not reach:
            return
        begin = bisect_left(self._in_order, (numbers[0] - reach, 0))
        end = bisect_right(self._in_order, (numbers[0] + reach, len(self._last)))
        for _, other in self._in_order[begin:end]:
            far, its = max(tolerance, self._tolerances[other]) * SLACK, self._numbers[other]
            if far and len(its) == len(numbers) and all(abs(x - y) <= far for x, y in zip(numbers, its, strict=True)):
                yield other
