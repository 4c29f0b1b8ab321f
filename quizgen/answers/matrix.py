"""A matrix, each entry of which counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from quizgen.answers.base import RIGHT, Grade, Targets, Value, best, intervals, latex_number, plain, rows, short
from quizgen.answers.reader import read_matrix, read_scalar
from quizgen.answers.vector import share, to_places


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of numbers, exact or to some decimals. Credit is the share of entries that are right; a matrix of another
    shape gets none."""

    decimals: int | None = None
    name: ClassVar[str] = "matrix"

    def read(self, text: str) -> tuple[tuple[fmpq, ...], ...]:
        """The rows, all of one length. Raises `Unreadable`."""
        return read_matrix(text)

    def read_cells(self, cells: Sequence[Sequence[str]]) -> tuple[tuple[fmpq, ...], ...]:
        """The rows, each entry typed into a box of its own. Raises `Unreadable`, which names the box."""
        return tuple(
            tuple(read_scalar(cell, f"row {i + 1}, column {j + 1}") for j, cell in enumerate(row))
            for i, row in enumerate(cells)
        )

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """The share of entries that are right."""
        x = rows(given)
        shape = (len(x), len(x[0]) if x else 0)

        def against(each: Targets) -> Grade:
            wanted = tuple(intervals(row) for row in each) if isinstance(each, tuple) else ()
            asked = (len(wanted), len(wanted[0]) if wanted else 0)
            if shape != asked:
                turned = " (rows and columns exchanged?)" if shape == asked[::-1] else ""
                return Grade(
                    fmpq(0),
                    f"a {shape[0]}×{shape[1]} matrix given, and {asked[0]}×{asked[1]} is asked for{turned}",
                    ((),),
                )
            places = [(i, j) for i in range(shape[0]) for j in range(shape[1])]
            wrong = [(i, j) for i, j in places if not wanted[i][j].accepts(x[i][j])]
            if not wrong:
                return Grade(fmpq(1), RIGHT)
            right = len(places) - len(wrong)
            named = [f"row {i + 1} column {j + 1} ({short(x[i][j])})" for i, j in wrong]
            return Grade(fmpq(right, len(places)), share(right, len(places), named), tuple(wrong))

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """[[1, 2], [3, 4]]."""
        written = [", ".join(plain(x, self.decimals) for x in row) for row in rows(value)]
        return f"[{', '.join(f'[{row}]' for row in written)}]"

    def latex(self, value: Value) -> str:
        """A bmatrix."""
        body = r" \\ ".join(" & ".join(latex_number(x, self.decimals) for x in row) for row in rows(value))
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"

    def hint(self) -> str:
        """How to type it."""
        return f"rows of numbers{to_places(self.decimals)}, such as 1 2; 3 4 or [[1, 2], [3, 4]]"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "matrix", "decimals": 4}``."""
        return {"kind": self.name, "decimals": self.decimals}
