"""A number: exact, or to some decimals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from quizgen.answers.base import (
    RIGHT,
    Grade,
    Target,
    Targets,
    Value,
    best,
    interval,
    latex_number,
    number,
    plain,
    short,
)
from quizgen.answers.reader import read_scalar
from quizgen.wording import counted
from quizgen_solvers.exact import places_needed, rounded


def why_wrong(x: fmpq, target: Target, decimals: int | None) -> str:
    """What is wrong with a number that the target doesn't accept: rounded too early, or simply not right."""
    places = places_needed(x)
    if places is not None and places < 12 and x != 0 and rounded(target.centre, places) == x:
        if decimals is None and places and target.tolerance == 0:
            return f"{short(x)} is rounded, and the exact value is asked for (a fraction such as 3/4 will do)"
        if decimals is not None and places < decimals:
            return f"{short(x)} is right as far as it goes, but {decimals} decimals are asked for"
    return f"{short(x)} isn't right"


@dataclass(frozen=True, slots=True)
class Number:
    """A number: exact (`decimals` None), or to that many decimals. Both may be typed as a decimal or a fraction."""

    decimals: int | None = None
    name: ClassVar[str] = "number"

    def read(self, text: str) -> fmpq:
        """The number. Raises `Unreadable`."""
        return read_scalar(text)

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """1 within the target, else 0."""
        x = number(given)

        def against(each: Targets) -> Grade:
            wanted = interval(each)
            if wanted.accepts(x):
                return Grade(fmpq(1), RIGHT)
            return Grade(fmpq(0), why_wrong(x, wanted, self.decimals), ((),))

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """A decimal where the number has one, else p/q; with `decimals`, that many places."""
        return plain(number(value), self.decimals)

    def latex(self, value: Value) -> str:
        """A decimal where the number has one, else a fraction."""
        return latex_number(number(value), self.decimals)

    def hint(self) -> str:
        """How to type it."""
        if self.decimals is None:
            return "an exact number, such as 0.75, 3/4 or 1.5e-3"
        if not self.decimals:
            return "a whole number, such as 42"
        return f"a number to {counted(self.decimals, 'decimal')}, such as {plain(fmpq(1, 2), self.decimals)}"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "number", "decimals": 4}``, decimals null where the number is exact."""
        return {"kind": self.name, "decimals": self.decimals}
