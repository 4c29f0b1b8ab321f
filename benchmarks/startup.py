"""How long a person waits: `quizgen --help`, `quizgen list`, and a sheet of 20 questions beyond `import torch`.

    python benchmarks/startup.py [-n 7]

Wall-clock time of whole processes, the median of several.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from _measure import ROOT, table

HEAVY = ("torch", "sympy", "numpy")
START = "import sys; sys.path[:0] = [{root!r}, {solvers!r}]; from quizgen.__main__ import main; "
LOADED = "import atexit; atexit.register(lambda: print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)); "


def seconds(words: list[str], times: int) -> tuple[float, str]:
    """The median over runs, and what the last one wrote to stderr."""
    found, said = [], ""
    for _ in range(times):
        begun = perf_counter()
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        found.append(perf_counter() - begun)
        said = ended.stderr.strip()
        if ended.returncode:
            raise SystemExit(f"{' '.join(words[-3:])} failed: {said}")
    return median(found), said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", dest="times", type=int, default=7)
    times = parser.parse_args().times
    start = START.format(root=str(ROOT), solvers=str(ROOT / "solvers")) + LOADED.format(heavy=HEAVY)
    rows, good = [], True

    def quizgen(*words: str) -> list[str]:
        return [sys.executable, "-c", f"{start}sys.argv = ['quizgen', *{list(words)!r}]; main()"]

    bare, _ = seconds([sys.executable, "-c", "pass"], times)
    rows.append(["an empty Python", f"{bare:.2f} s", "", ""])
    for words in (["--help"], ["list"], ["explain", "optim.adam"]):
        took, loaded = seconds(quizgen(*words), times)
        limit = 0.25 if words[0] != "explain" else None
        good &= loaded == "[]" and (limit is None or took <= limit)
        rows.append([f"quizgen {' '.join(words)}", f"{took:.2f} s", f"{limit} s" if limit else "", loaded])
    torch, _ = seconds([sys.executable, "-c", "import torch"], times)
    rows.append(["import torch", f"{torch:.2f} s", "", ""])
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("html", "json"):
            out = str(Path(folder) / f"sheet.{ending}")
            took, _ = seconds(quizgen("sheet", "-n", "20", "--seed", "1", "-o", out, "--force"), times)
            good &= took - torch <= 1
            rows.append([f"a sheet of 20 as {ending}, beyond import torch", f"{took - torch:.2f} s", "1 s", ""])
    print(table(["", "median", "to reach", "of torch, sympy, numpy imported"], rows))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
