"""A formula in declared variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from quizgen.answers import formula
from quizgen.answers.base import RIGHT, Grade, Targets, Value, best, short
from quizgen.answers.formula import Apply, Constant, Formula, Variable
from quizgen.errors import shown
from quizgen.wording import listed


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula in the declared variables; one with the same values is right. A target may be the text of one."""

    variables: tuple[str, ...]
    name: ClassVar[str] = "expression"

    def __post_init__(self) -> None:
        formula.folded_names(self.variables)

    def read(self, text: str) -> Formula:
        """The formula. Raises `Unreadable`."""
        return formula.read_formula(text, self.variables)

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """1 where the formulas have the same values, else 0; the reason names a point where they don't."""
        typed = self._formula(given)

        def against(each: Targets) -> Grade:
            found = formula.compare(typed, self._formula(each))
            if found.equal:
                return Grade(fmpq(1), RIGHT)
            if found.equal is None:
                return Grade(fmpq(0), "the formula has no value where the right answer has one", ((),))
            where = ", ".join(f"{name} = {short(x)}" for name, x in sorted((found.point or {}).items())[:6])
            return Grade(fmpq(0), f"not equal to the right answer{f': try {where}' if where else ''}", ((),))

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """The formula on a line; `read` reads it as one of the same values. Text is kept as it was written."""
        if isinstance(value, str):
            return value
        return formula.show(self._formula(value))

    def latex(self, value: Value) -> str:
        """The formula."""
        return formula.latex(self._formula(value))

    def hint(self) -> str:
        """How to type it."""
        if not self.variables:
            return "a formula in numbers, with * for products and ^ for powers, such as 2*exp(-1)"
        return f"a formula in {listed(self.variables, most=12)}, with * for products and ^ for powers"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "expression", "variables": ["w", "x"]}``."""
        return {"kind": self.name, "variables": list(self.variables)}

    def _formula(self, value: Value | Targets) -> Formula:
        if isinstance(value, str):
            return self.read(value)
        if isinstance(value, Constant | Variable | Apply):
            return value
        raise TypeError(f"a formula is wanted, not {shown(value)}")
