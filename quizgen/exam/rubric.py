"""The rubric: which line of the work earns how many points.

The points of a part are divided over the lines that lead to its answer and to none that was asked for before, in
proportion to the operations that a hand does for each, but at least something for each. They are given in half points
where there are enough of these, else in thirds; where there are too few of both, neighbouring lines are taken together,
and a half (a quarter, where the points are no halves) stands at the last of them. They always add up exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quizgen_solvers.exact import fmpq

from .model import HALF, QUARTER, Placed, apportioned

if TYPE_CHECKING:
    from quizgen_solvers import Quantity

THIRD = fmpq(1, 3)


@dataclass(frozen=True, slots=True)
class Credit:
    """Points for one line of the solution, from 0; None is the answer itself, where no line leads to it."""

    part: int
    line: int | None
    points: fmpq


def rubric(placed: Placed) -> tuple[Credit, ...]:
    """What each line of a question's solution earns, part by part; of each part they add up to its points."""
    question = placed.question
    place = {id(line.quantity): at for at, line in enumerate(question.work.lines)}
    found: list[Credit] = []
    paid: set[int] = set()
    for part, points in enumerate(placed.points):
        # Of what was written by hand the lines are the answers once more.
        answers = question.answered_by[part] if question.family else ()
        lines = [at for at in sorted(_leading(answers, place)) if at not in paid]
        paid.update(lines)
        if not lines:
            found.append(Credit(part, None, points))
            continue
        labour = [_labour(question.work.lines[at].quantity, place) for at in lines]
        found += (Credit(part, lines[at], worth) for at, worth in divided(points, labour))
    return tuple(found)


def divided(points: fmpq, labour: Sequence[int]) -> list[tuple[int, fmpq]]:
    """Points divided over lines that take so many operations: pairs of a line's place and what it earns."""
    weights = [max(each, 1) for each in labour]
    unit = HALF if (points / HALF).q == 1 else QUARTER
    for each in (unit, THIRD):
        units = points / each
        if units.q == 1 and units >= len(weights):
            return [(at, each * count) for at, count in enumerate(apportioned(int(units.p), weights))]
    return [(last, unit) for last in _groups(weights, int((points / unit).p))]


def _groups(weights: Sequence[int], count: int) -> list[int]:
    """The last lines of so many groups of neighbours that weigh about the same; the last line of all ends the last."""
    total, ends, sofar = sum(weights), list[int](), 0
    for at, weight in enumerate(weights):
        sofar += weight
        left = len(weights) - 1 - at
        wanted = count - len(ends)
        if left < wanted or (wanted > 1 and sofar * count >= total * (len(ends) + 1)):
            ends.append(at)
    return ends


def _leading(answers: Iterable[Quantity], place: dict[int, int]) -> set[int]:
    """The lines that lead to some quantities, and these where they are lines."""
    seen: set[int] = set()
    waiting = list(answers)
    while waiting:
        quantity = waiting.pop()
        if id(quantity) not in seen:
            seen.add(id(quantity))
            waiting.extend(quantity.args)
    return {place[each] for each in seen if each in place}


def _labour(quantity: Quantity, place: dict[int, int]) -> int:
    """The operations of a hand from the lines before to this one."""
    seen = {id(quantity)}
    waiting, operations = [quantity], 0
    while waiting:
        each = waiting.pop()
        if each.op is not None:
            operations += each.op.hand(*(arg.value for arg in each.args), each.value)
        for arg in each.args:
            if id(arg) not in seen and id(arg) not in place:
                seen.add(id(arg))
                waiting.append(arg)
    return operations
