"""From the fields of a question's form to the text that was meant.

One part is answered at a time, so the names of fields do not carry its number; a hidden field ``part`` does. In an
exam all parts of a question are sent together: the fields of the second part begin with ``2.``, and so on.

| the part is answered in | fields |
|---|---|
| a line | ``answer`` |
| a choice, or choices | ``answer``, its value the letter of the option; several where several are ticked |
| a matrix or table | ``cell-1-1``, ``cell-1-2``, … by row and column from 1; or ``answer``, typed as one text |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from quizgen.answers import Matrix, Table
from quizgen.errors import Unreadable, shown

from .fields import Fields

if TYPE_CHECKING:
    from quizgen.question import QuestionPart

_PLACED = re.compile(r"([1-9][0-9]?)\.(.+)", re.ASCII)
_CELL = re.compile(r"cell-([1-9][0-9]?)-([1-9][0-9]?)", re.ASCII)
_IN_TABLE = re.compile(r"[;|\r\n]")


def of_part(fields: Fields, number: int) -> Fields:
    """What an exam's form sent for a part, under the names that the part would have alone."""
    found = [(_PLACED.fullmatch(name), name, value) for name, value in fields]
    if number == 1:
        return Fields(tuple((name, value) for at, name, value in found if at is None))
    return Fields(tuple((at[2], value) for at, _, value in found if at and int(at[1]) == number))


def is_filled_in(fields: Fields) -> bool:
    """Whether anything was typed or ticked."""
    return any(value.strip() for name, value in fields if name == "answer" or _CELL.fullmatch(name))


def is_complete(fields: Fields, part: QuestionPart) -> bool:
    """Whether every box of a matrix holds something, and any of a table: before that there is nothing to read."""
    cells = [cell for row in grid(fields) or () for cell in row]
    return not cells or (any(cells) if isinstance(part.kind, Table) else all(cells))


def typed(fields: Fields, part: QuestionPart, *, choice: bool = False) -> str:
    """The answer to a part as one text; ``choice``: it is answered by letters. Raises `Unreadable` for a cell that
    would not stay one."""
    if choice or part.kind.name in ("choice", "choices"):
        return ", ".join(each for each in fields.texts("answer") if each)
    cells = grid(fields)
    if cells is None or not isinstance(part.kind, (Matrix, Table)):
        return fields.text("answer")
    if isinstance(part.kind, Matrix):
        return _matrix(cells, part.kind)
    return _table(cells, part.kind)


def grid(fields: Fields) -> tuple[tuple[str, ...], ...] | None:
    """The cells that were typed, row by row; None where no cell was sent."""
    found = {(int(at[1]), int(at[2])): value for name, value in fields if (at := _CELL.fullmatch(name))}
    if not found:
        return None
    rows, columns = max(i for i, _ in found), max(j for _, j in found)
    return tuple(tuple(found.get((i, j), "").strip() for j in range(1, columns + 1)) for i in range(1, rows + 1))


def _matrix(cells: Sequence[Sequence[str]], kind: Matrix) -> str:
    value = kind.read_cells(cells)  # names the box that can't be read
    rows = (f"[{', '.join(row)}]" for row in cells)
    text = f"[{', '.join(rows)}]"
    try:
        return text if kind.read(text) == value else kind.show(value)
    except Unreadable:  # a box holds what only a box can
        return kind.show(value)


def _table(cells: Sequence[Sequence[str]], kind: Table) -> str:
    for row in cells:
        for cell in row:
            if _IN_TABLE.search(cell):
                raise Unreadable(f"{shown(cell)} is more than one cell; type a cell into a box")
    if not any(cell for row in cells for cell in row):
        raise Unreadable("the table is empty; a box may stay so, but not all of them")
    kind.read_cells(cells)  # names the box that can't be read
    return "; ".join(f"| {' | '.join(row)} |" for row in cells)
