"""A vector: numbers in a row, each of which counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from quizgen.answers.base import (
    RIGHT,
    Grade,
    Targets,
    Value,
    best,
    intervals,
    latex_number,
    numbers,
    plain,
    short,
)
from quizgen.answers.number import why_wrong
from quizgen.answers.reader import read_scalar, read_vector
from quizgen.answers.shape import MOST_NAMED, in_brackets
from quizgen.wording import counted, listed


@dataclass(frozen=True, slots=True)
class Vector:
    """Numbers in a row, exact or to some decimals. Credit is the share of entries that are right; a vector of
    another length gets none."""

    decimals: int | None = None
    name: ClassVar[str] = "vector"

    def read(self, text: str) -> tuple[fmpq, ...]:
        """The entries, at least one. Raises `Unreadable`."""
        return read_vector(text)

    def read_cells(self, cells: Sequence[str]) -> tuple[fmpq, ...]:
        """The entries, each typed into a box of its own. Raises `Unreadable`, which names the box."""
        return tuple(read_scalar(cell, f"entry {n + 1}") for n, cell in enumerate(cells))

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """The share of entries that are right."""
        x = numbers(given)

        def against(each: Targets) -> Grade:
            wanted = intervals(each)
            if len(x) != len(wanted):
                return Grade(
                    fmpq(0), f"{counted(len(x), 'entry', 'entries')} given, and {len(wanted)} are asked for", ((),)
                )
            wrong = [n for n, (one, its) in enumerate(zip(x, wanted, strict=True)) if not its.accepts(one)]
            if not wrong:
                return Grade(fmpq(1), RIGHT)
            reason = share(len(x) - len(wrong), len(x), [f"entry {n + 1} ({short(x[n])})" for n in wrong])
            if len(x) == 1:
                reason = why_wrong(x[0], wanted[0], self.decimals)
            return Grade(fmpq(len(x) - len(wrong), len(x)), reason, tuple((n,) for n in wrong))

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """(0.5, -1, 3/4)."""
        return in_brackets([plain(x, self.decimals) for x in numbers(value)])

    def latex(self, value: Value) -> str:
        """(0.5, -1, \\frac{3}{4})."""
        return f"({', '.join(latex_number(x, self.decimals) for x in numbers(value))})"

    def hint(self) -> str:
        """How to type it."""
        return f"numbers{to_places(self.decimals)} with commas between them, such as (0.5, -1, 2)"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "vector", "decimals": 4}``."""
        return {"kind": self.name, "decimals": self.decimals}


def to_places(decimals: int | None) -> str:
    """What a hint says of the precision: nothing, or "to 4 decimals"."""
    if decimals is None:
        return ""
    return " to the nearest whole" if not decimals else f" to {counted(decimals, 'decimal')}"


def share(right: int, of: int, wrong: Sequence[str]) -> str:
    """How much is right and what isn't, in words: "2 of 3 entries are right; entry 2 (5) isn't"."""
    if not right:
        return f"none of the {of} entries is right" if of > 1 else f"{wrong[0]} isn't right"
    verb, negated = "is" if right == 1 else "are", "isn't" if len(wrong) == 1 else "aren't"
    return f"{right} of {of} entries {verb} right; {listed(wrong, MOST_NAMED)} {negated}"
