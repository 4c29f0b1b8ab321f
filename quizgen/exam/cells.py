"""Cells of the CSV files of marks: text that stays text in a spreadsheet, and points."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from quizgen.question import decimal_text
from quizgen.wording import letter
from quizgen_solvers.exact import decimal, fmpq, places_needed

from .responses import FORMULA

_PLACES = 4  # of points that are no decimal
_BOM = "\ufeff"  # spreadsheets take the file for UTF-8 by it


def cell(text: str, most: int = 1000) -> str:
    """Text for a cell of a spreadsheet, in which it is text and no formula, on one line and not endless."""
    line = " ".join(text.split()) if any(c in text for c in "\t\r\n\v\f") else text
    line = "".join(c if c.isprintable() else "\ufffd" for c in line)
    line = line if len(line) <= most else f"{line[: most - 1]}…"
    return f"'{line}" if line.startswith(FORMULA) else line


def number(x: fmpq) -> str:
    """Points in a table: a decimal, to four places where it has no end."""
    return decimal_text(x) if places_needed(x) is not None else decimal(x, _PLACES)


def called(question: int, part: int, parts: int) -> str:
    """What a part is called: "q1a", "q2" where the question has no other."""
    return f"q{question}{letter(part - 1) if parts > 1 else ''}"


def lines(rows: Iterable[Sequence[str]], bom: bool = False) -> str:
    """Rows as lines of a file; ``bom``: it begins with them."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return (_BOM if bom else "") + out.getvalue()
