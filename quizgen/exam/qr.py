"""QR codes as rules, which every TeX engine draws: no picture file, no package."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import segno


@dataclass(frozen=True, slots=True)
class Squares:
    """A QR code of ``size`` × ``size`` squares: its dark runs as (column, row from the bottom, width)."""

    size: int
    runs: tuple[tuple[int, int, int], ...]

    @property
    def picture(self) -> str:
        """The runs in a picture environment of LaTeX, a little higher than they are: no light shows between two."""
        put = r"\put({},{}){{\rule{{{}\unitlength}}{{1.02\unitlength}}}}"
        return "\n".join(put.format(*run) for run in self.runs)


@lru_cache(maxsize=64)
def squares(text: str) -> Squares:
    """The QR code that says ``text``; a seventh of it may be unreadable (level M, or better where it fits)."""
    rows = segno.make(text, micro=False, error="m", encoding="utf-8").matrix
    runs = []
    for row, modules in enumerate(rows):
        column = 0
        for dark, group in groupby(modules):
            width = len(list(group))
            if dark:
                runs.append((column, len(rows) - 1 - row, width))
            column += width
    return Squares(len(rows), tuple(runs))
