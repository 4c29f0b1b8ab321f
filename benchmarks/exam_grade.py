"""How long marking takes, and how much memory: answers read, placed, marked and written, without pages.

    python benchmarks/exam_grade.py [-n 100000] [--roster] [--feedback 40]

Students of an exam in four versions (with --roster: each with a paper of her own) answer every part, most of them
rightly, some by a named mistake, some otherwise wrong, and what follows from a wrong answer may be carried forward. One
core; the rows come in any order. Where memory is not flat, or marks are not what they must be, the program ends with 1.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

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


def marked(manifest: Any, rows: list[list[str]], feedback: bool) -> tuple[float, Any]:
    """How many seconds it takes to mark these rows, from the file to the folder, and what came of it."""
    from quizgen.exam import marks, responses
    from quizgen.exam.grade import gather

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "responses.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["student", "paper", "question", "part", "answer"], *rows])
        begun = perf_counter()
        with gather(manifest, responses.read(path)) as gathered:
            graded = marks.write(gathered, Path(folder) / "marks", feedback=feedback)
        return perf_counter() - begun, graded


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", dest="answers", type=int, default=100_000)
    parser.add_argument("--roster", action="store_true", help="a paper for each student")
    parser.add_argument("--feedback", type=int, metavar="STUDENTS", help="pages for so many students instead")
    chosen = parser.parse_args()
    machine = one_core()

    from quizgen.exam import manifest as manifests
    from quizgen.exam.model import Student
    from quizgen.exam.versions import versions

    exam = blueprint(QUESTIONS, "10%")
    names: list[Any] = ["A", "B", "C", "D"]
    if chosen.roster:
        names = [Student(f"s{number:05}", f"Student {number}") for number in range(200)]
    papers, fairness = versions(exam, names, verify=False)
    manifest = manifests.of(exam, papers, fairness)
    parts = sum(len(placed.question.parts) for placed in papers[0].questions)
    students = chosen.feedback or -(-chosen.answers // parts)
    if chosen.roster:
        students = min(students, len(names))
    draw = random.Random(1)
    feedback = chosen.feedback is not None

    rows = answers(list(papers), max(1, students // 10), draw)
    marked(manifest, rows, feedback)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    rows = answers(list(papers), students, draw)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    seconds, graded = marked(manifest, rows, feedback)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3

    print(f"{machine}; {students:,} students, {len(rows):,} answers, {len(papers)} papers of {QUESTIONS} questions\n")
    print(
        table(
            ["", ""],
            [
                ["seconds", figure(seconds)],
                ["answers a second", figure(len(rows) / seconds)],
                ["right", figure(graded.right / graded.answers * 100) + "%"],
                ["carried forward", f"{graded.carried:,}"],
                ["memory for a tenth of them, MB", figure(before)],
                ["more for all of them, MB (the rows of this program apart)", figure(after - held)],
            ],
        )
    )
    print(f"\nto reach: 100,000 answers in {REACH} s, and flat memory (at most {FLAT} MB more)")
    problems = []
    if graded.answers != len(rows):
        problems.append(f"{graded.answers:,} answers were marked of {len(rows):,}")
    if after - held > FLAT:
        problems.append(f"memory grows by {after - held:.0f} MB")
    if not feedback and seconds > REACH * max(1, len(rows) / 100_000):
        problems.append("it takes longer than it is to")
    print("\n".join(problems) or "every answer is marked, in flat memory")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
