"""What an exam is made of: places for questions, questions in them, papers, and the people who write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from quizgen.wording import counted
from quizgen_solvers.exact import fmpq

if TYPE_CHECKING:
    from quizgen.question import Question

HALF, QUARTER, NOTHING = fmpq(1, 2), fmpq(1, 4), fmpq(0)


@dataclass(frozen=True, slots=True)
class Student:
    """A line of the roster."""

    id: str
    name: str
    email: str = ""
    group: str = ""


@dataclass(frozen=True)
class Slot:
    """A place of an exam where a question goes.

    ``number`` counts from 1 over the whole exam, ``section`` from 0. ``key`` is what the place is called: the
    blueprint's own id, else "q3" where it is question 3 of the paper (those that are not picked count on after it).
    ``stream`` is what its draws follow from, wherever it stands. What goes there is a question of a ``family`` at a
    ``level`` (the family was drawn where the blueprint names only a ``topic``), the question of a ``code``, or the one
    that was ``written`` by hand.

    ``points``: for each part what it is worth; a single number is shared by the parts (`points_of`); None: what the
    family gives. ``minutes``: how long it takes, where the instructor knows better than the estimate. ``band``: how far
    papers may differ here in hand work, as a share; 0 where the question is the same on all.
    """

    number: int
    section: int
    key: str
    family: str | None = None
    topic: str | None = None
    level: int | None = None
    code: str | None = None
    written: Question | None = None
    points: tuple[fmpq, ...] | None = None
    minutes: fmpq | None = None
    band: fmpq = NOTHING
    stream: str = ""

    def fits(self, question: Question) -> bool:
        """Whether the points are for as many parts as the question has; of some families not all have the same."""
        return self.points is None or len(self.points) in (1, len(question.parts))

    def points_of(self, question: Question) -> tuple[fmpq, ...]:
        """What each part of a question is worth here; raises ValueError where the points don't fit its parts."""
        own = tuple(part.points for part in question.parts)
        if self.points is None:
            return tuple(map(fmpq, own))
        if len(self.points) == 1:
            return shared(self.points[0], own)
        if not self.fits(question):
            raise ValueError(f"points for {len(self.points)} parts, and the question has {counted(len(own), 'part')}")
        return self.points


@dataclass(frozen=True)
class Placed:
    """A question at its slot, and what each of its parts is worth."""

    slot: Slot
    question: Question
    points: tuple[fmpq, ...]

    @property
    def total(self) -> fmpq:
        return sum(self.points, fmpq(0))


@dataclass(frozen=True)
class Version:
    """A paper: questions in the order in which they are printed.

    ``name`` is "A", or the id of the ``student`` whose paper it is; ``code`` is short, is printed, and stands in the QR
    code: "midterm-A-7k3q".
    """

    name: str
    student: Student | None
    questions: tuple[Placed, ...]
    code: str

    @property
    def total(self) -> fmpq:
        return sum((placed.total for placed in self.questions), fmpq(0))


@lru_cache(maxsize=1024)
def shared(total: fmpq, weights: tuple[int, ...]) -> tuple[fmpq, ...]:
    """A number of points shared by parts in proportion to their weights, in half points (quarters where need be).

    Every part gets something. Raises ValueError where there are fewer quarters than parts, or ``total`` is no number of
    quarters.
    """
    unit = HALF if (total / HALF).q == 1 and total >= HALF * len(weights) else QUARTER
    units = total / unit
    if units.q != 1 or units < len(weights):
        raise ValueError(f"{total} points can't be shared by {counted(len(weights), 'part')} in quarters of a point")
    return tuple(unit * count for count in apportioned(int(units.p), weights))


def apportioned(count: int, weights: Sequence[int]) -> list[int]:
    """So many things shared in proportion to weights, at least one for each: the method of Sainte-Laguë."""
    given = [1] * len(weights)
    for _ in range(count - len(weights)):  # one by one to whoever lacks most
        given[max(range(len(given)), key=lambda i: (fmpq(weights[i], 2 * given[i] + 1), -i))] += 1
    return given
