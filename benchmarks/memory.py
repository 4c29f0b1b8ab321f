"""Memory while 100,000 questions of all families are drawn in a stream, and, with --check, run by PyTorch.

python benchmarks/memory.py [FAMILY …] [-n 100000] [--check]
"""

from __future__ import annotations

import argparse
import resource
import sys
from itertools import islice
from pathlib import Path

from _measure import one_core, table

STEPS = 10
MOST = 8 * 2**20
"""Bytes that memory may grow from the first tenth to the last: the room of the allocator, not questions."""


def resident() -> int:
    """Bytes of this process in memory."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * resource.getpagesize()
    except OSError:  # no Linux: the most so far
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*")
    parser.add_argument("-n", dest="count", type=int, default=100_000)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    one_core()

    from quizgen import draw, family
    from quizgen.verify import verified

    streams = [draw.stream(e, level, "memory") for e in family.select(chosen.families) for level in e.levels]
    each = chosen.count // STEPS // len(streams)
    rows, sizes = [], []
    for step in range(1, STEPS + 1):
        for stream in streams:
            if chosen.check:
                verified(list(islice(stream, each)))
            else:
                for _ in islice(stream, each):
                    pass
        sizes.append(resident())
        rows.append([f"{step * each * len(streams):,}", f"{sizes[-1] / 2**20:.1f} MiB"])
        print(f"  {step} of {STEPS}", file=sys.stderr)
    grown = sizes[-1] - sizes[0]
    print(table(["questions drawn", "in memory"], rows))
    print(f"\nfrom the first tenth to the last: {grown / 2**20:+.1f} MiB (flat: at most {MOST / 2**20:.0f})")
    return 0 if grown <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
