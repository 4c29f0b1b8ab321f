"""A whole number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from quizgen.answers.base import RIGHT, Grade, Targets, Value, best, interval, latex_number, number, plain, short
from quizgen.answers.reader import read_scalar


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number. A fraction reads too and is graded as wrong: 54.5 for 54 is a mistake worth a word."""

    name: ClassVar[str] = "integer"

    def read(self, text: str) -> fmpq:
        """The number. Raises `Unreadable`."""
        return read_scalar(text, "a whole number", "54, 2^10 or 3*64")

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """1 within the target, else 0."""
        x = number(given)

        def against(each: Targets) -> Grade:
            if interval(each).accepts(x):
                return Grade(fmpq(1), RIGHT)
            if x.q != 1:
                return Grade(fmpq(0), f"a whole number is asked for, and {short(x)} isn't one", ((),))
            return Grade(fmpq(0), f"{short(x)} isn't right", ((),))

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """The number in digits."""
        return plain(number(value))

    def latex(self, value: Value) -> str:
        """The number in digits."""
        return latex_number(number(value))

    def hint(self) -> str:
        """How to type it."""
        return "a whole number, such as 42"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "integer"}``."""
        return {"kind": self.name}
