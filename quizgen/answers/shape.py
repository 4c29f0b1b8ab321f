"""The shape of a tensor."""

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
from quizgen.answers.reader import read_shape
from quizgen.wording import counted, listed

MOST_NAMED = 4
"""How many wrong entries a reason names."""


def in_brackets(texts: Sequence[str]) -> str:
    """(64, 32, 3), (64,) and ()."""
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a tensor: all of it is right, or none."""

    name: ClassVar[str] = "shape"

    def read(self, text: str) -> tuple[fmpq, ...]:
        """The dimensions. Raises `Unreadable`."""
        return read_shape(text)

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """1 where every dimension is right, else 0."""
        x = numbers(given)

        def against(each: Targets) -> Grade:
            wanted = intervals(each)
            if len(x) != len(wanted):
                shape = in_brackets([short(each) for each in x[:6]] + ["…"] * (len(x) > 6))
                return Grade(
                    fmpq(0), f"{shape} has {counted(len(x), 'dimension')}, and {len(wanted)} are asked for", ((),)
                )
            wrong = [n for n, (one, its) in enumerate(zip(x, wanted, strict=True)) if not its.accepts(one)]
            if not wrong:
                return Grade(fmpq(1), RIGHT)
            named = listed((f"{n + 1} ({short(x[n])})" for n in wrong), MOST_NAMED)
            what = "dimension" if len(wrong) == 1 else "dimensions"
            return Grade(
                fmpq(0), f"{what} {named} {'isn' if len(wrong) == 1 else 'aren'}'t right", tuple((n,) for n in wrong)
            )

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """(64, 32, 3)."""
        return in_brackets([plain(x) for x in numbers(value)])

    def latex(self, value: Value) -> str:
        """(64, 32, 3)."""
        return in_brackets([latex_number(x) for x in numbers(value)])

    def hint(self) -> str:
        """How to type it."""
        return "whole numbers in brackets, such as (64, 32, 3), or 64x32x3"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "shape"}``."""
        return {"kind": self.name}
