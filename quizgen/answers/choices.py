"""Several options out of several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from quizgen.answers.base import RIGHT, Grade, Targets, Value, best, options
from quizgen.answers.choice import LETTERS, TEXT_LENGTH, check_options, plain_option, read_option
from quizgen.errors import Unreadable, shown

_BETWEEN = re.compile(r"[,; ]+")


@dataclass(frozen=True, slots=True)
class Choices:
    """Any number of options. Credit: right ones chosen less wrong ones chosen, over the right ones, at least 0."""

    options: tuple[str, ...]
    name: ClassVar[str] = "choices"

    def __post_init__(self) -> None:
        check_options(self.options)

    def read(self, text: str) -> frozenset[int]:
        """The options, counted from 0: labels with commas or blanks between them, letters joined as bd, or none.
        Raises `Unreadable`."""
        if len(text) > TEXT_LENGTH:
            raise Unreadable(
                f"cannot read {shown(text)} as options: at most {TEXT_LENGTH} characters are read; "
                "for example b, d can be read"
            )
        typed = plain_option(text)
        if typed == "none":
            return frozenset()
        pieces = [piece for piece in _BETWEEN.split(typed) if piece]
        if len(pieces) > 1:
            pieces = [piece for piece in pieces if piece != "and"]
        if len(pieces) == 1 and re.fullmatch("[a-z]{2,26}", pieces[0]):
            indices = [LETTERS.index(c) for c in pieces[0]]
            if len(set(indices)) == len(indices) and max(indices) < len(self.options):
                return frozenset(indices)
        if not pieces:
            raise Unreadable(
                "cannot read an empty answer as options: nothing is there; for example b, d or none can be read"
            )
        return frozenset(read_option(piece, self.options, f" (number {n + 1})") for n, piece in enumerate(pieces))

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """Right options less wrong ones, over the right ones."""
        chosen = options(given)

        def against(each: Targets) -> Grade:
            right = options(each)
            if chosen == right:
                return Grade(fmpq(1), RIGHT)
            hits, wrong = len(chosen & right), len(chosen - right)
            credit = max(fmpq(0), fmpq(hits - wrong, len(right))) if right else fmpq(0)
            said = [f"{hits} of the {len(right)} right options chosen" if right else "none of the options is right"]
            if wrong:
                said.append(f"{wrong} chosen that {'isn' if wrong == 1 else 'aren'}'t right")
            return Grade(credit, ", ".join(said), tuple((n,) for n in sorted(chosen - right)))

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """The letters, or none."""
        return ", ".join(LETTERS[n] for n in sorted(options(value))) or "none"

    def latex(self, value: Value) -> str:
        """The letters, or none."""
        return rf"\text{{{self.show(value)}}}"

    def hint(self) -> str:
        """How to type it."""
        return f"letters from {LETTERS[0]} to {LETTERS[len(self.options) - 1]}, such as a, b; or none"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "choices", "options": [...]}``."""
        return {"kind": self.name, "options": list(self.options)}
