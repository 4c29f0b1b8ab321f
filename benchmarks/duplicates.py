"""How many of 10,000 draws of a family at levels 2 and 3 are there already: the same words and the same answers.

python benchmarks/duplicates.py [FAMILY …] [-n 10000] [--level 2 --level 3]
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice

from _measure import one_core, table

REACH = 0.01


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*")
    parser.add_argument("-n", dest="count", type=int, default=10_000)
    parser.add_argument("--level", dest="levels", type=int, action="append")
    chosen = parser.parse_args()
    one_core()

    from quizgen import draw, family
    from quizgen.sheet import identity

    levels = chosen.levels or [2, 3]
    rows, worst = [], 0.0
    for entry in family.select(chosen.families):
        row = [entry.name]
        for level in levels:
            if level not in entry.levels:
                row += ["", ""]
                continue
            stream = islice(draw.stream(entry, level, "duplicates"), chosen.count)
            different = len({hash(identity(question)) for question in stream})
            share = 1 - different / chosen.count
            space = entry.spaces.get(level)
            if space is None:
                worst = max(worst, share)
            row += [f"{share:.2%}", f"{space:,}" if space is not None else ""]
        rows.append(row)
        print(f"  {entry.name}", file=sys.stderr)
    header = ["family", *(text for level in levels for text in (f"level {level}", "said to be different"))]
    print(f"duplicates among {chosen.count:,} draws\n")
    print(table(header, rows))
    print(f"\nto reach: under {REACH:.0%} where the space is not said to be small")
    return 0 if worst < REACH else 1


if __name__ == "__main__":
    sys.exit(main())
