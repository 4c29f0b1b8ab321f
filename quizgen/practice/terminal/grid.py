"""A matrix or a table that is filled in cell by cell.

It is one widget and no crowd of inputs: keys that come in one burst, as they do over a slow line, then reach it in
order, and each lands in the cell that the one before has moved to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual import events
from textual.geometry import Offset, Size
from textual.message import Message
from textual.widget import Widget

from quizgen.answers import Kind, Number, Table
from quizgen.errors import Unreadable
from quizgen.practice.terminal.bars import cut
from quizgen.practice.terminal.cells import joined, split, trimmed
from quizgen.practice.terminal.entry import Sent
from quizgen.render.terminal import in_a_line
from quizgen.render.unicode_math import width

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt

FIRST = 2
"""Rows and columns of a matrix before it grows: how large the answer is, is part of the answer."""

MOST = 24
"""Rows or columns that a matrix grows to."""

LONGEST = 400
"""Characters in a cell."""

NARROW, USUAL, WIDE = 6, 8, 24
"""Columns of the screen that a cell takes: at least, as a rule, and at most."""

BETWEEN = 2
LABEL = 28


class Grid(Widget, can_focus=True):
    """The cells of a matrix, which grows at its edges, or of a table."""

    class Changed(Message):
        """Something was typed, or another cell is being filled."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind
        self.table = kind if isinstance(kind, Table) else None
        self.heads = [in_a_line(name) for name in self.table.columns] if self.table else []
        self.labels = [in_a_line(name) for name in self.table.rows] if self.table else []
        rows, columns = (len(self.table.rows), len(self.table.columns)) if self.table else (FIRST, FIRST)
        self.cells = [[""] * columns for _ in range(rows)]
        self.row = self.column = self.at = 0
        """The cell that is being filled, and where in its text."""

    # --- what is in it ------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The answer in one text; raises `Unreadable`."""
        return joined(self.kind, self.cells)

    @property
    def is_empty(self) -> bool:
        return not any(cell.strip() for row in self.cells for cell in row)

    def hint(self) -> str:
        """How the cell is typed that is being filled."""
        if self.table is not None:
            return f"{self.heads[self.column]}: {self.table.kinds[self.column].hint()}"
        return Number(getattr(self.kind, "decimals", None)).hint()

    @property
    def reading(self) -> str:
        """Of a table, all of which can be read: how the cell is read that is being filled, and how many are."""
        cells = [cell.strip() for row in self.cells for cell in row]
        how_many = f"{sum(map(bool, cells))} of {len(cells)} cells filled"
        if self.table is None or not self._cell.strip():
            return how_many
        kind = self.table.kinds[self.column]
        return f"read as {kind.show(kind.read(self._cell))} · {how_many}"

    def spread(self, text: str) -> bool:
        """Puts a whole answer into the cells, if the text is one."""
        rows = split(self.kind, text)
        if rows is None:
            return False
        if self.table is None:
            height, wide = max(len(rows), FIRST), max(len(rows[0]), FIRST)
        else:
            height, wide = len(self.cells), len(self.cells[0])
        whole = [row + [""] * (wide - len(row)) for row in rows]
        self.cells = whole + [[""] * wide for _ in range(height - len(rows))]
        self.row, self.column = len(rows) - 1, len(rows[0]) - 1
        self.at = len(self._cell)
        self._changed()
        return True

    @property
    def typing(self) -> str:
        return self._cell

    @property
    def _cell(self) -> str:
        return self.cells[self.row][self.column]

    @property
    def _is_alone(self) -> bool:
        """Whether nothing stands in the other cells."""
        filled = sum(bool(cell.strip()) for row in self.cells for cell in row)
        return filled == bool(self._cell.strip())

    def _put(self, text: str, at: int) -> None:
        self.cells[self.row][self.column] = text[:LONGEST]
        self.at = min(at, LONGEST)
        self._changed()

    def _changed(self) -> None:
        self.refresh(layout=True)
        self.post_message(self.Changed())

    # --- moving -------------------------------------------------------------------------------------------------------

    def go(self, row: int, column: int) -> None:
        """To a cell; over the edge of a matrix to a new column or row, but not to a second empty one."""
        if self.table is None:
            filled = trimmed(self.cells)
            rows = min(row, len(filled), MOST - 1) + 1
            columns = min(column, max(map(len, filled), default=0), MOST - 1) + 1
            for one in self.cells:
                one += [""] * (columns - len(one))
            self.cells += [[""] * len(self.cells[0]) for _ in range(rows - len(self.cells))]
        if 0 <= row < len(self.cells) and 0 <= column < len(self.cells[0]):
            self.row, self.column = row, column
            self.at = len(self._cell)
            self._changed()

    def _along(self, by: int) -> None:
        """To the next cell or the one before, row by row."""
        columns = len(self.cells[0])
        at = self.row * columns + self.column + by
        if 0 <= at < len(self.cells) * columns:
            self.go(*divmod(at, columns))

    def _enter(self) -> None:
        """On to the next cell that is empty; where none is left, or only empty ones, the answer is sent.

        A command is sent from any cell.
        """
        typed = self._cell.strip()
        if typed.startswith(":") or (len(typed) == 1 and (typed.isalpha() or typed == "?")):
            self._put("", 0)
            self.post_message(Sent(typed))
            return
        if self._is_alone and self.spread(typed):
            return
        columns = len(self.cells[0])
        texts = [cell.strip() for row in self.cells for cell in row]
        here = self.row * columns + self.column
        empty = [n for n in range(here + 1, len(texts)) if not texts[n]]
        if typed:
            empty += [n for n in range(here) if not texts[n]]
        if empty and (typed or len(empty) < len(texts) - here - 1):
            self.go(*divmod(empty[0], columns))
            return
        try:
            self.post_message(Sent(self.text))
        except Unreadable as problem:
            self.post_message(Sent("", problem))

    # --- keys ---------------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if self._press(event):
            event.stop()
            event.prevent_default()

    def _press(self, event: events.Key) -> bool:
        """Whether a key means something here."""
        text, at = self._cell, self.at
        match event.key:
            case "up":
                self.go(self.row - 1, self.column)
            case "down":
                self.go(self.row + 1, self.column)
            case "left":
                self.go(self.row, self.column - 1)
            case "right":
                self.go(self.row, self.column + 1)
            case "ctrl+left":
                self._put(text, max(0, at - 1))
            case "ctrl+right":
                self._put(text, min(len(text), at + 1))
            case "home" | "ctrl+a":
                self._put(text, 0)
            case "end" | "ctrl+e":
                self._put(text, len(text))
            case "tab" | "shift+tab":
                self._along(1 if event.key == "tab" else -1)
            case "enter":
                self._enter()
            case "backspace":
                self._put(text[: max(0, at - 1)] + text[at:], max(0, at - 1))
            case "delete" | "ctrl+d":
                self._put(text[:at] + text[at + 1 :], at)
            case "ctrl+u" | "ctrl+w":
                self._put(text[at:], 0)
            case "ctrl+k":
                self._put(text[:at], at)
            case _ if event.is_printable and event.character is not None:
                self._put(text[:at] + event.character + text[at:], at + 1)
            case _:
                return False
        return True

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if not ((self._is_alone or "\n" in event.text or ";" in event.text) and self.spread(event.text)):
            pasted = " ".join(event.text.split())
            self._put(self._cell[: self.at] + pasted + self._cell[self.at :], self.at + len(pasted))

    def on_click(self, event: events.Click) -> None:
        """To the cell that was clicked."""
        label, wide = self._widths(self.size.width)
        top, left = self._corner
        at = event.get_content_offset(self) or Offset(0, 0)
        row = at.y - (1 if self.table is not None else 0) + top
        column = (at.x - label) // (wide + BETWEEN) + left
        if 0 <= row < len(self.cells) and 0 <= column < len(self.cells[0]):
            self.go(row, column)

    # --- drawing ------------------------------------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.cells) + (1 if self.table is not None else 0)

    def _widths(self, room: int) -> tuple[int, int]:
        """Of what stands before the cells, and of a cell."""
        columns = len(self.cells[0])
        longest = max(len(cell) for row in self.cells for cell in row) + 1
        if self.table is None:
            label = 2
        else:
            longest = max(longest, *map(width, self.heads))
            wanted = max(map(width, self.labels)) + BETWEEN
            label = min(wanted, LABEL, max(NARROW, room - columns * (max(longest, USUAL) + BETWEEN)))
        fits = (room - label - 2) // columns - BETWEEN
        return label, max(NARROW, min(max(longest, USUAL), WIDE, fits))

    @property
    def _corner(self) -> tuple[int, int]:
        """The first row and column that are seen, so that the cell being filled is."""
        label, wide = self._widths(self.size.width)
        rows = max(1, self.size.height - (1 if self.table is not None else 0))
        columns = max(1, (self.size.width - label - 2) // (wide + BETWEEN))
        top = min(max(0, self.row - rows // 2), max(0, len(self.cells) - rows))
        return top, min(max(0, self.column - columns + 1), max(0, len(self.cells[0]) - columns))

    def render(self) -> Text:
        label, wide = self._widths(self.size.width)
        top, left = self._corner
        lines = []
        if self.table is not None:
            heads = (cut(name, wide) for name in self.heads[left:])
            lines.append(Text(" " * label + (" " * BETWEEN).join(heads), style="bold"))
        rows = self.size.height - len(lines)
        for n in range(top, min(len(self.cells), top + rows)):
            line = Text(self._before(n, label))
            for m in range(left, len(self.cells[0])):
                line.append_text(self._drawn(n, m, wide)).append(" " * BETWEEN)
            lines.append(line.append(self._after(n)))
        if len(self.cells) > top + rows:
            lines[-1].append("↓")  # there are more
        text = Text("\n", no_wrap=True, overflow="crop").join(lines)
        text.no_wrap = True
        return text

    def _before(self, row: int, room: int) -> str:
        return cut(self.labels[row], room) if self.table is not None else f"{self._bracket(row, '⎡⎢⎣[')} "

    def _after(self, row: int) -> str:
        return "" if self.table is not None else self._bracket(row, "⎤⎥⎦]")

    def _bracket(self, row: int, sides: str) -> str:
        last = len(self.cells) - 1
        return sides[3 if last == 0 else 0 if row == 0 else 2 if row == last else 1]

    def _drawn(self, row: int, column: int, wide: int) -> Text:
        """A cell, underlined as a blank is on paper; of a long one the part around the cursor."""
        cell = self.cells[row][column]
        if (row, column) != (self.row, self.column) or not self.has_focus:
            return Text(cut(cell, wide), style="underline")
        start = max(0, self.at - wide + 1)
        text = Text(f"{cell[start:]} "[:wide].ljust(wide), style="underline")
        text.stylize("reverse", self.at - start, self.at - start + 1)
        return text


def has_grid(attempt: Attempt, part: int) -> bool:
    """Whether a part is answered cell by cell."""
    return attempt.question.part(part).kind.name in ("matrix", "table") and not attempt.is_choice(part)
