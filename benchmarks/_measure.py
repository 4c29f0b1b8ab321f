"""What the benchmarks share: one core, a clock that counts only our own work, tables."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

for folder in (ROOT, ROOT / "solvers"):  # this checkout, not another one that is installed
    sys.path.insert(0, str(folder))


def one_core() -> str:
    """Keeps this process on one core, PyTorch on one thread; says which processor that is."""
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = "an unknown processor"
    return f"{name}, one core, Python {sys.version.split()[0]}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, the first column to the left and the others to the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return f"| {' | '.join(padded)} |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:])]) + "|"
    return "\n".join([line(lines[0]), rule, *map(line, lines[1:])])


def figure(x: float) -> str:
    """A number with three figures at most, thousands marked."""
    if x >= 100:
        digits = len(str(int(x))) - 3
        return f"{round(x, -digits) if digits > 0 else round(x):,.0f}"
    return f"{x:.2g}" if x < 10 else f"{x:.1f}"
