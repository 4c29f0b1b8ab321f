"""Questions per second on one core, by family, and the median over families.

    python benchmarks/throughput.py [FAMILY …] [-n 2000] [--levels] [--device cpu] [--json FILE]

draw, solve     parameters drawn and worked out with their answers and tolerances, mistakes not worked out
whole           drawn with the gate (mistakes worked out, refused draws counted), solved, run by PyTorch and compared,
                in batches of 1,000
PyTorch         which part of the whole PyTorch takes; "compare" is the comparing beside it
batched         how many times faster PyTorch is in batches of 1,000 than question by question
redraws         draws refused for each question

Every figure is CPU time of this process, every level of a family counts the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from _measure import figure, one_core, table

BATCH = 1000
REACH = {"solve": 10_000, "whole": 5_000, "pytorch": 0.2, "batched": 10}


def measure(entry: Any, level: int, count: int, device: str) -> dict[str, float]:
    """Seconds for each question of a family at a level, and what goes with it."""
    from quizgen import draw
    from quizgen.code import make
    from quizgen.errors import ParameterError
    from quizgen.question import build
    from quizgen.rng import Rng
    from quizgen.verify.run import check
    from quizgen_solvers import ExactError

    codes = [make(entry, level, Rng(f"throughput {entry.name}/{level} {i}").word()) for i in range(count)]
    few = draw.take(draw.stream(entry, level, "throughput alone"), 100)
    check(few[:40], device)  # imports, the first run of each operation
    few = few[40:]  # and these are run for the first time
    alone = sum(check([question], device).run for question in few) / len(few)

    rng, solved = Rng(f"throughput {entry.name}/{level}"), 0
    begun = process_time()
    while solved < count:
        try:
            build(draw.raw(entry, rng, level), mistakes=False)
        except (ParameterError, ExactError):
            continue
        solved += 1
    solving = process_time() - begun

    drawing = running = comparing = 0.0
    for first in range(0, count, BATCH):
        batch = codes[first : first + BATCH]
        begun = process_time()
        questions = draw.take(map(draw.draw, batch), BATCH)
        drawing += process_time() - begun
        done = check(questions, device)
        running, comparing = running + done.run, comparing + done.compared
        failed = [result for result in done.results if isinstance(result, Exception)]
        if failed:
            raise failed[0]
    tries = sum(sum(1 for _ in draw.attempts(entry, code)) for code in codes[:200])
    return {
        "solve": solving / count,
        "draw": drawing / count,
        "run": running / count,
        "compare": comparing / count,
        "alone": alone,
        "redraws": tries / min(200, count) - 1,
    }


def summary(rows: list[dict[str, float]]) -> dict[str, float]:
    """The figures of a family from those of its levels."""
    mean = {key: sum(row[key] for row in rows) / len(rows) for key in rows[0]}
    whole = mean["draw"] + mean["run"] + mean["compare"]
    return {
        "solve": 1 / mean["solve"],
        "whole": 1 / whole,
        "pytorch": mean["run"] / whole,
        "compare": mean["compare"] / whole,
        "batched": mean["alone"] / mean["run"],
        "redraws": mean["redraws"],
    }


def cells(name: str, found: dict[str, float]) -> list[str]:
    return [
        name,
        figure(found["solve"]),
        figure(found["whole"]),
        f"{found['pytorch']:.0%}",
        f"{found['compare']:.0%}",
        figure(found["batched"]),
        f"{found['redraws']:.2f}",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*")
    parser.add_argument("-n", dest="count", type=int, default=2000, help="questions of each family and level")
    parser.add_argument("--levels", action="store_true", help="a row for each level")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    machine = one_core()

    import torch

    from quizgen import family

    torch.set_num_threads(1)
    header = ["family", "draw, solve /s", "whole /s", "PyTorch", "compare", "batched", "redraws"]
    rows, found = [], {}
    for entry in family.select(chosen.families):
        by_level = {level: measure(entry, level, chosen.count, chosen.device) for level in entry.levels}
        if chosen.levels:
            rows += [cells(f"{entry.name}/{level}", summary([row])) for level, row in by_level.items()]
        found[entry.name] = summary(list(by_level.values()))
        rows.append(cells(entry.name, found[entry.name]))
        print(f"  {entry.name}", file=sys.stderr)
    middle = {key: median(one[key] for one in found.values()) for key in next(iter(found.values()))}
    rows.append(cells("**median**", middle))
    print(f"{machine}, PyTorch {torch.__version__} on {chosen.device}\n")
    print(table(header, rows))
    print(
        f"\nto reach: {REACH['solve']:,} drawn and solved, {REACH['whole']:,} the whole, "
        f"PyTorch at most {REACH['pytorch']:.0%}, batched at least {REACH['batched']} times"
    )
    if chosen.json:
        chosen.json.write_text(json.dumps({"machine": machine, "families": found, "median": middle}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
