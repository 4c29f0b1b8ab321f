"""A table whose columns are kinds of their own: a CNN's layers with output shapes and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from quizgen.answers.base import RIGHT, Grade, Kind, Targets, Value, best
from quizgen.answers.reader import BLANKS, LIST_LENGTH
from quizgen.answers.vector import share
from quizgen.errors import InputError, Unreadable, shown
from quizgen.wording import counted

_STRIPPED = "".join(sorted(BLANKS))


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in rows and columns; every column has a kind, every row a label. A cell may be left blank.

    As one text, rows end with a line end or ``;`` and cells with ``|``, which may also stand at both ends of a row. A
    row without ``|`` is cut at the commas outside brackets, else at the blanks. A row may begin with its label.

    Credit is the mean of the cells' credits; a table of another number of rows gets none.
    """

    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[str, ...]
    name: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        if not self.columns or not self.rows or len(self.columns) != len(self.kinds):
            raise InputError(
                f"a table has a kind for each of its columns and at least one row, "
                f"not {len(self.columns)} columns, {len(self.kinds)} kinds and {len(self.rows)} rows"
            )

    def read(self, text: str) -> tuple[tuple[Value, ...], ...]:
        """The rows of cells, None for a blank one. Raises `Unreadable`, which names the cell."""
        if len(text) > LIST_LENGTH:
            self._fail(text, f"at most {LIST_LENGTH:,} characters are read, and this has {len(text):,}")
        lines = [each.strip(_STRIPPED) for line in text.splitlines() for each in line.split(";")]
        cells = [self._cells(line, n) for n, line in enumerate(line for line in lines if line)]
        if not cells:
            self._fail(text, "nothing is there")
        return self.read_cells(cells)

    def read_cells(self, cells: Sequence[Sequence[str]]) -> tuple[tuple[Value, ...], ...]:
        """The rows of cells, each typed into a box of its own. Raises `Unreadable`, which names the cell."""
        found = []
        for n, row in enumerate(cells):
            label = self.rows[n] if n < len(self.rows) else str(n + 1)
            if len(row) != len(self.columns):
                has = counted(len(row), "cell")
                self._fail(
                    " | ".join(row), f"row {n + 1} ({label}) has {has}, and the columns are {' | '.join(self.columns)}"
                )
            found.append(tuple(self._read(cell, n, j, label) for j, cell in enumerate(row)))
        return tuple(found)

    def _read(self, cell: str, row: int, column: int, label: str) -> Value:
        if not cell.strip(_STRIPPED + "\r\n"):
            return None
        try:
            return self.kinds[column].read(cell)
        except Unreadable as problem:
            raise Unreadable(
                f"row {row + 1} ({label}), column {column + 1} ({self.columns[column]}): {problem}",
                position=problem.position,
            ) from None

    def _cells(self, line: str, n: int) -> list[str]:
        if "|" in line:
            cells = [cell.strip(_STRIPPED) for cell in line.split("|")]
            if line.startswith("|") and len(cells) > len(self.columns):
                cells = cells[1:]
            if line.endswith("|") and len(cells) > len(self.columns):
                cells = cells[:-1]
        else:
            commas = _cut(line, frozenset(","))
            cells = commas if len(commas) > 1 or len(self.columns) == 1 else _cut(line, BLANKS)
            if len(self.columns) == 1:
                cells = [line]
        if len(cells) == len(self.columns) + 1 and n < len(self.rows) and _same(cells[0], self.rows[n]):
            cells = cells[1:]
        return cells

    def _fail(self, text: str, problem: str) -> None:
        said = shown(text) if text.strip() else "an empty answer"
        row = " | ".join(self.columns)
        raise Unreadable(f"cannot read {said} as a table: {problem}; one row a line can be read: {row}")

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """The mean credit of the cells."""
        if not isinstance(given, tuple):
            raise TypeError(f"rows of cells are wanted, not {shown(given)}")
        x = given

        def against(each: Targets) -> Grade:
            if not isinstance(each, tuple) or len(each) != len(self.rows):
                raise TypeError(f"a row of targets for each of {len(self.rows)} rows is wanted, not {shown(each)}")
            if len(x) != len(each):
                return Grade(fmpq(0), f"{counted(len(x), 'row')} given, and {len(each)} are asked for", ((),))
            credit, wrong, named = fmpq(0), list[tuple[int, int]](), list[str]()
            for i, (row, wanted) in enumerate(zip(x, each, strict=True)):
                if not isinstance(row, tuple) or not isinstance(wanted, tuple):
                    raise TypeError("a table is made of rows of cells")
                for j, (cell, its) in enumerate(zip(row, wanted, strict=True)):
                    one = Grade(fmpq(0), "left blank") if cell is None else self.kinds[j].grade(cell, its)
                    credit += one.credit
                    if one.credit != 1:
                        wrong.append((i, j))
                        why = "blank" if cell is None else _short(self.kinds[j].show(cell))
                        named.append(f"{self.rows[i]}, {self.columns[j]} ({why})")
            cells = len(self.rows) * len(self.columns)
            if not wrong:
                return Grade(fmpq(1), RIGHT)
            return Grade(credit / cells, share(cells - len(wrong), cells, named), tuple(wrong))

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """Rows with ``;`` between them, cells with ``|``."""
        return "; ".join(f"{' | '.join(cells)}" for cells in self._texts(value, "show"))

    def latex(self, value: Value) -> str:
        """An array of the cells."""
        body = r" \\ ".join(" & ".join(cells) for cells in self._texts(value, "latex"))
        return rf"\begin{{array}}{{{'l' * len(self.columns)}}} {body} \end{{array}}"

    def _texts(self, value: Value, how: str) -> list[list[str]]:
        if not isinstance(value, tuple) or not all(isinstance(row, tuple) for row in value):
            raise TypeError(f"rows of cells are wanted, not {shown(value)}")
        return [
            ["" if cell is None else getattr(kind, how)(cell) for kind, cell in zip(self.kinds, row, strict=True)]
            for row in value
            if isinstance(row, tuple)
        ]

    def hint(self) -> str:
        """How to type it."""
        each = "; ".join(f"{column}: {kind.hint()}" for column, kind in zip(self.columns, self.kinds, strict=True))
        return f"one row a line, {' | '.join(self.columns)} ({each})"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "table", "columns": [...], "kinds": [...], "rows": [...]}``."""
        return {
            "kind": self.name,
            "columns": list(self.columns),
            "kinds": [kind.to_json() for kind in self.kinds],
            "rows": list(self.rows),
        }


def _cut(line: str, separators: frozenset[str]) -> list[str]:
    """The pieces of a line between separators that stand outside brackets; blanks in a row are one separator."""
    pieces, depth, piece = list[str](), 0, ""
    for c in line:
        depth += (c in "([") - (c in ")]")
        if c in separators and depth <= 0:
            pieces.append(piece)
            piece = ""
        else:
            piece += c
    pieces.append(piece)
    stripped = [each.strip(_STRIPPED) for each in pieces]
    return stripped if separators == {","} else [each for each in stripped if each]


def _same(a: str, b: str) -> bool:
    return " ".join(a.split()).casefold() == " ".join(b.split()).casefold()


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:16]}…{text[-7:]}"
