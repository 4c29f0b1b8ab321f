"""What a question takes by hand: operations, digits and time, counted on the graph of its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quizgen_solvers.arrays import Array, entries
from quizgen_solvers.exact import fmpq, is_ball

from .question import most_decimals

if TYPE_CHECKING:
    from quizgen_solvers.arrays import Value

    from .answers import Kind
    from .question import Question

_OF_A_BALL = 6
"""Digits of a number that does not come out even, as it is written by hand."""


@dataclass(frozen=True, slots=True)
class Labour:
    """What a question takes by hand.

    ``operations``: sums, products, quotients, roots and exponentials that are not free; ``digits``: every digit that is
    given or written down on the way; ``kinds``: of each part the kind of its answer, "number to 4 decimals".
    """

    operations: int
    digits: int
    kinds: tuple[str, ...]

    @property
    def total(self) -> int:
        """Operations and digits together, to say which of two questions takes more."""
        return self.operations + self.digits


def labour(question: Question) -> Labour:
    """What a question takes by hand."""
    work = question.work
    values = [x for line in (*work.givens, *work.lines) for x in entries(line.value)]
    digits = sum(_OF_A_BALL if is_ball(x) else sum(c.isdigit() for c in str(x)) for x in values)
    return Labour(work.hand_operations, digits, tuple(_name(part.kind) for part in question.parts))


def _name(kind: Kind) -> str:
    decimals = most_decimals(kind)
    return kind.name if decimals is None else f"{kind.name} to {decimals} decimals"


def expected_seconds(question: Question) -> int:
    """How long a person takes who knows how: some 45 s for an output size, nine minutes for a two-layer network.

    Reading takes a second for twenty characters. An operation on whole numbers takes three, another one two more for
    each decimal that is asked for; a line of the solution five to think of and write down; a character of an answer one
    to type.
    """
    decimals = max((most_decimals(part.kind) or 0 for part in question.parts), default=0)
    reading = 15 + len(question.statement) // 20
    working = sum(
        q.op.hand(*(arg.value for arg in q.args), q.value) * (3 if _is_whole(q.value) else 3 + 2 * decimals)
        for q in question.work.quantities()
        if q.op is not None
    )
    writing = 5 * len(question.work.lines) + sum(len(part.answer) for part in question.parts)
    return reading + working + writing


def _is_whole(value: Value) -> bool:
    items = value.items if isinstance(value, Array) else (value,)
    return all(not is_ball(x) and fmpq(x).q == 1 for x in items)
