"""Seconds to export 1,000 questions to each format, and the memory that takes.

    python benchmarks/exports.py [-n 1000] [--formats moodle gift …] [--json FILE]

The questions are drawn beforehand, of every family at every level in turn; what a format can't carry is left out and
the next taken in its place. They come as from a code, with nothing worked out of their solutions. Measured is CPU time
on one core from the questions in memory to the file on the disk, finding what can't be carried included, and the memory
that the process takes at most beyond what it took before. Each format runs in a process of its own, so that none
profits from another's caches.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING

from _measure import figure, one_core, table

if TYPE_CHECKING:
    from quizgen.export import Exported
    from quizgen.question import Question

REACH = 5.0  # seconds for 1,000 questions


def drawn() -> Iterator[Question]:
    """Questions of every family and level in turn, without end."""
    from quizgen import draw
    from quizgen import family as families
    from quizgen.code import make

    entries = [entry for _, entry in sorted(families.everything().items())]
    skills = cycle([(entry, level) for entry in entries for level in entry.levels])
    for number, (entry, level) in zip(count(), skills):
        yield draw.draw(make(entry, level, f"bench{number}"))


def carried(form: str) -> Iterator[Exported]:
    """Questions that a format can carry, each as if it had just been drawn."""
    from quizgen.export import Exported, problems
    from quizgen_solvers.exact import fmpq

    number = count(1)
    for question in drawn():
        exported = Exported(question, tuple(fmpq(part.points) for part in question.parts), f"q{next(number)}")
        if not problems([exported], form):
            yield replace(exported, question=replace(question, parts=tuple(map(replace, question.parts))))


def measure(form: str, many: int) -> dict[str, float]:
    """CPU seconds for 1,000, megabytes of the file, megabytes of memory."""
    from quizgen.export import export

    questions = list(islice(carried(form), many))
    with TemporaryDirectory() as folder:
        target = Path(folder) / "exam"
        export(list(islice(carried(form), 2)), form, Path(folder) / "few", title="Imports and templates")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = process_time()
        export(questions, form, target, title="A thousand questions")
        seconds = process_time() - begun
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        files = [target] if target.is_file() else [path for path in target.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
    return {"seconds": seconds * 1000 / many, "size": size / 1e6, "memory": taken / 1024}


def main() -> int:
    from quizgen.export import FORMATS

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--formats", nargs="+", default=list(FORMATS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    where = one_core()
    if given.one:
        print(json.dumps(measure(given.one, given.n)))
        return 0
    found = {}
    for form in given.formats:
        command = [sys.executable, __file__, "--one", form, "-n", str(given.n)]
        found[form] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    print(f"{where}; {given.n:,} questions of every family and level\n")
    rows = [[form, *(figure(each[name]) for name in ("seconds", "size", "memory"))] for form, each in found.items()]
    print(table(["format", "s for 1,000 questions", "MB of the file", "MB of memory"], rows))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(any(each["seconds"] > REACH for each in found.values()))


if __name__ == "__main__":
    raise SystemExit(main())
