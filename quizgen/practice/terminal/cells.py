"""The texts of a grid's cells, and the one text that is the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from quizgen.answers import Matrix, Number, Table
from quizgen.errors import Unreadable
from quizgen.render.terminal import in_a_line

if TYPE_CHECKING:
    from quizgen.answers import Kind

NUMBER = Number()
Texts = Sequence[Sequence[str]]


def trimmed(cells: Texts) -> list[list[str]]:
    """Without the empty rows at the bottom and the empty columns at the right."""
    rows = [[cell.strip() for cell in row] for row in cells]
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((n for row in rows for n, cell in enumerate(row, 1) if cell), default=0)
    return [row[:width] for row in rows]


def joined(kind: Kind, cells: Texts) -> str:
    """One text that the kind reads as it reads these cells. Raises `Unreadable`, which names the cell."""
    if isinstance(kind, Table):
        rows = [[cell.strip() for cell in row] for row in cells]
        if not any(cell for row in rows for cell in row):
            raise Unreadable("nothing is there yet; a cell may stay blank, but not all of them")
        for row, label in zip(rows, kind.rows, strict=True):
            for n, (cell, column) in enumerate(zip(row, kind.columns, strict=True)):
                row[n] = _readable(kind.kinds[n], cell, f"{in_a_line(label)}, {in_a_line(column)}") if cell else ""
        return "; ".join(f"| {' | '.join(row)} |" for row in rows)
    assert isinstance(kind, Matrix)  # noqa: S101 (there is a grid for no other kind)
    rows = trimmed(cells)
    if not rows:
        raise Unreadable("nothing is there yet")
    for n, row in enumerate(rows, 1):
        if "" in row:
            raise Unreadable(f"row {n}, column {row.index('') + 1} is empty")
    for row, numbers in zip(rows, kind.read_cells(rows), strict=True):
        for n, x in enumerate(numbers):
            if any(c.isspace() for c in row[n]):  # "1 -2" between commas may be one entry or two
                row[n] = NUMBER.show(x)
    inner = (f"[{', '.join(row)}]" for row in rows)
    return f"[{', '.join(inner)}]"


def _readable(kind: Kind, cell: str, where: str) -> str:
    """What was typed into a cell of a table; without what separates cells there."""
    try:
        value = kind.read(cell)
    except Unreadable as problem:
        raise Unreadable(f"{where}: {problem.message}", position=problem.position) from None
    return kind.show(value) if any(c in cell for c in ";|\r\n") else cell


def split(kind: Kind, text: str) -> list[list[str]] | None:
    """The cells of a whole answer that was typed or pasted in one piece; None where it is none, or one entry."""
    if isinstance(kind, Table) and not any(c in text for c in "|\t\r\n"):
        return None  # commas and blanks may stand in a cell
    try:
        values: Any = kind.read(text)
    except Unreadable:
        return None
    if isinstance(kind, Table):
        rows = [
            ["" if value is None else of.show(value) for of, value in zip(kind.kinds, row, strict=True)]
            for row in values
        ]
        return rows if len(rows) <= len(kind.rows) and sum(map(len, rows)) > 1 else None
    found = [[NUMBER.show(x) for x in row] for row in values]
    return found if sum(map(len, found)) > 1 else None
