"""How long a learner waits for a checked question: on the first start, and with a stock that lies ready.

    python benchmarks/practice_stock.py [-n 300]

Wall-clock time, the checker in its own process, the store an SQLite file in a temporary folder.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

from _measure import figure, table

from quizgen.family import everything
from quizgen.practice.records import Skill
from quizgen.practice.stock import Stock
from quizgen.practice.store import Store

DEEP = 40
"""Questions of each skill when checking is timed."""

LEARNERS = 40
"""Threads that take questions at the same time, each a few a second."""


def full(store: Store, stock: Stock, each: int) -> None:
    wanted = each * len(stock._entries)
    while sum(store.stocked().values()) < wanted and stock.state != "failed":
        sleep(0.002)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", dest="times", type=int, default=300)
    times = parser.parse_args().times
    entries = list(everything().values())
    skills = [Skill(entry.name, level) for entry in entries for level in entry.levels]

    def timed(stock: Stock, skill: Skill) -> float:
        begun = perf_counter()
        stock.take(skill)
        return perf_counter() - begun

    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder) / "practice.db") as store:
            begun = perf_counter()
            stock = Stock(store, entries)
            stock.start()
            first = timed(stock, skills[0])
            full(store, stock, 3)
            filled = perf_counter() - begun
            alone = []
            for skill in islice(cycle(skills), times):
                alone.append(timed(stock, skill))
                sleep(0.02)
            full(store, stock, 3)

            def learner(number: int) -> list[float]:
                sleep(number / LEARNERS)
                found = []
                for skill in islice(cycle(skills[number % len(skills) :]), max(1, times // LEARNERS)):
                    found.append(timed(stock, skill))
                    sleep(0.5)
                return found

            with ThreadPoolExecutor(LEARNERS) as pool:
                crowd = [seconds for each in pool.map(learner, range(LEARNERS)) for seconds in each]
            begun = perf_counter()
            stock.close()
            closed = perf_counter() - begun
        with Store.open(Path(folder) / "deep.db") as store:
            deep = Stock(store, entries, each=DEEP)
            deep.start()
            while not store.stocked():
                sleep(0.002)
            begun, already = perf_counter(), sum(store.stocked().values())
            full(store, deep, DEEP)
            rate = (DEEP * len(skills) - already) / (perf_counter() - begun)
            deep.close()
    rows = [
        ["first start: to the first checked question", f"{first:.2f} s", ""],
        [f"first start: to a full stock of {3 * len(skills)}", f"{filled:.2f} s", ""],
        ["checked while filling up, questions per second", figure(rate), ""],
        ["a question from stock, one learner", *twice(alone)],
        [f"a question from stock, {LEARNERS} threads, each twice a second", *twice(crowd)],
        ["closing", f"{closed:.2f} s", ""],
    ]
    print(table([f"{len(skills)} skills", "median", "95%"], rows))
    return 0


def twice(seconds: list[float]) -> list[str]:
    """The median and the 95th percentile."""
    return [f"{1000 * x:.1f} ms" for x in (median(seconds), quantiles(seconds, n=20)[-1])]


if __name__ == "__main__":
    sys.exit(main())
