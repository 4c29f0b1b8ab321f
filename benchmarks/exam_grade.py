"""How long marking takes, and how much memory: answers read, placed, marked and written, without pages.

    python benchmarks/exam_grade.py [-n 100000] [--roster] [--jobs 1] [--feedback 40]

Students of an exam in four versions (with --roster: each with a paper of her own, drawn without a look at how hard it
is, which makes no difference here) answer every part, most of them rightly, some by a named mistake, some otherwise
wrong, and what follows from a wrong answer may be carried forward. The rows come in any order. Marking runs in a
process of its own, so that its memory is not that of this program. Where memory is not flat, or marks are not what they
must be, the program ends with 1.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from _measure import figure, one_core, table
from exam_versions import blueprint

REACH = 20
"""Seconds for 100,000 answers."""
FLAT = 40
"""Megabytes that ten times as many answers may take more."""
QUESTIONS = 20


def answers(papers: list[Any], students: int, draw: random.Random) -> list[list[str]]:
    """Rows of a long file, in any order; every student answers every part."""
    rows = []
    for number in range(students):
        paper = papers[number % len(papers)]
        who = paper.student.id if paper.student is not None else f"s{number:05}"
        for place, placed in enumerate(paper.questions, 1):
            for at, part in enumerate(placed.question.parts):
                way = draw.random()
                text = part.answer
                if way < 0.2 and part.mistakes:
                    text = draw.choice(part.mistakes).value
                elif way < 0.3 and not isinstance(part.centre, (tuple, frozenset, str)):
                    text = str(draw.randint(-999, 999))
                rows.append([who, paper.name, str(place), chr(ord("a") + at), text])
    draw.shuffle(rows)
    return rows


def own_papers(exam: Any, students: int) -> list[Any]:
    """A paper for each student."""
    from quizgen import draw, family
    from quizgen.code import make
    from quizgen.exam.model import Placed, Student
    from quizgen.exam.versions import version
    from quizgen.rng import Rng

    def placed(slot: Any, number: int) -> Placed:
        word = Rng(f"{number} {slot.key}").word()
        question = draw.draw(make(family.find(slot.family), slot.level, word))
        return Placed(slot, question, slot.points_of(question))

    names = [Student(f"s{number:05}", f"Student {number}") for number in range(students)]
    return [version(exam, name, [placed(slot, n) for slot in exam.picked]) for n, name in enumerate(names)]


class Marked(NamedTuple):
    """``busy``: seconds of processor, of all processes; ``memory``: the most of the first of them, in MB."""

    seconds: float
    busy: float
    memory: float
    answers: int
    right: int
    carried: int


def marked(folder: Path, jobs: int, feedback: bool) -> Marked:
    """Marks what is in a folder, from the files to the folder of marks."""
    from quizgen.exam import manifest as manifests
    from quizgen.exam import marks, responses
    from quizgen.exam.grade import gather

    begun = perf_counter()
    manifest = manifests.read(folder / "manifest.json")
    with gather(manifest, responses.read(folder / "responses.csv")) as gathered:
        graded = marks.write(gathered, folder / "marks", feedback=feedback, jobs=jobs)
    seconds = perf_counter() - begun
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    busy = sum(each.ru_utime + each.ru_stime for each in used)
    return Marked(seconds, busy, most_memory(), graded.answers, graded.right, graded.carried)


def most_memory() -> float:
    """The most that this process has held, in MB; not what the one that began it held, as getrusage counts too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1e3


def apart(manifest: Any, rows: list[list[str]], jobs: int, feedback: bool) -> Marked:
    """The same in a process of its own."""
    from quizgen.exam import manifest as manifests

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifests.write(manifest, folder / "manifest.json")
        with (folder / "responses.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["student", "paper", "question", "part", "answer"], *rows])
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(marked, folder, jobs, feedback).result()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", dest="answers", type=int, default=100_000)
    parser.add_argument("--roster", action="store_true", help="a paper for each student")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="of a paper")
    parser.add_argument("--jobs", type=int, default=1, help="processes; 1: one core")
    parser.add_argument("--feedback", type=int, metavar="STUDENTS", help="pages for so many students instead")
    chosen = parser.parse_args()
    machine = one_core() if chosen.jobs == 1 else f"{chosen.jobs} processes, Python {sys.version.split()[0]}"

    from quizgen.exam import manifest as manifests
    from quizgen.exam.versions import versions

    exam = blueprint(chosen.questions, "10%")
    papers, fairness = versions(exam, ["A", "B", "C", "D"], verify=False)
    parts = sum(len(placed.question.parts) for placed in papers[0].questions)
    students = chosen.feedback or -(-chosen.answers // parts)
    made = own_papers(exam, students) if chosen.roster else list(papers)
    manifest = manifests.of(exam, made, fairness)
    feedback = chosen.feedback is not None

    draw = random.Random(1)
    tenth = apart(manifest, answers(made, max(1, students // 10), draw), chosen.jobs, feedback)
    rows = answers(made, students, draw)
    found = apart(manifest, rows, chosen.jobs, feedback)

    print(
        f"{machine}; {students:,} students, {len(rows):,} answers, {len(made)} papers of {chosen.questions} questions\n"
    )
    print(
        table(
            ["", ""],
            [
                ["seconds", figure(found.seconds)],
                ["seconds of processor, all processes", figure(found.busy)],
                ["answers a second", figure(len(rows) / found.seconds)],
                ["right", figure(found.right / found.answers * 100) + "%"],
                ["carried forward", f"{found.carried:,}"],
                ["memory for a tenth of the answers, MB", figure(tenth.memory)],
                ["memory for all of them, MB", figure(found.memory)],
            ],
        )
    )
    print(f"\nto reach: 100,000 answers in {REACH} s, and flat memory (at most {FLAT} MB more)")
    problems = []
    if found.answers != len(rows):
        problems.append(f"{found.answers:,} answers were marked of {len(rows):,}")
    if found.memory - tenth.memory > FLAT:
        problems.append(f"memory grows by {found.memory - tenth.memory:.0f} MB")
    if not feedback and found.seconds > REACH * max(1, len(rows) / 100_000):
        problems.append("it takes longer than it is to")
    print("\n".join(problems) or "every answer is marked, in flat memory")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
