"""How long fair versions of an exam take: drawn, chosen, solved, checked by PyTorch, kept and drawn again.

    python benchmarks/exam_versions.py [-n 200] [--questions 20] [--band 10%] [--places]

Papers for so many students, of as many questions as there are below, one core. What is stated of their fairness is
counted again here, question by question; where a figure is not what was stated the program ends with 1.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from _measure import figure, one_core, table

ASKED = (
    ("optim.adam", 1), ("optim.adam", 3), ("optim.momentum", 2), ("conv.output-size", 1), ("conv.output-size", 3),
    ("conv.layer-table", 2), ("conv.layer-table", 3), ("conv.parameter-count", 2), ("conv.same-padding", 2),
    ("conv.cross-correlate", 1), ("conv.cross-correlate", 3), ("attention.scores", 2), ("attention.shapes", 2),
    ("backprop.scalar-graph", 1), ("backprop.scalar-graph", 3), ("backprop.two-layer", 2), ("loss.softmax", 2),
    ("net.shapes", 2), ("net.parameter-count", 2), ("net.parameter-count", 3),
)  # fmt: skip
REACH = 60
"""Seconds on two cores for all of it, the .tex files included."""


def blueprint(questions: int, band: str) -> Any:
    """An exam of so many questions."""
    from quizgen.exam.blueprint import parse

    asked = [ASKED[number % len(ASKED)] for number in range(questions)]
    lines = [f'[[sections.questions]]\nfamily = "{family}"\nlevel = {level}' for family, level in asked]
    return parse("\n".join(['title = "Benchmark"', 'seed = "1"', f'band = "{band}"', "[[sections]]", *lines]))


def wrong(made: Sequence[Any], fairness: Any) -> list[str]:
    """Where the papers are not what is stated of them."""
    from quizgen.labour import labour

    said = []
    for place in fairness.places:
        asked = [version.questions[place.number - 1].question for version in made]
        found = [labour(question) for question in asked]
        if len({each.kinds for each in found}) > 1:
            said.append(f"question {place.number}: answers of different kinds")
        for name, band in (("operations", place.operations), ("digits", place.digits)):
            counts = [getattr(each, name) for each in found]
            if (min(counts), max(counts)) != (band.least, band.most):
                said.append(f"question {place.number}: {name} {min(counts)} to {max(counts)}, not {band}")
            if max(counts) > min(counts) * (1 + fairness.band):
                said.append(f"question {place.number}: {name} {min(counts)} to {max(counts)}, outside of the band")
        for one, other in itertools.pairwise(asked):
            if any(a.centre == b.centre for a, b in zip(one.parts, other.parts, strict=True)):
                said.append(f"question {place.number}: neighbours share an answer, {one.code} and {other.code}")
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", dest="papers", type=int, default=200, help="students")
    parser.add_argument("--questions", type=int, default=len(ASKED))
    parser.add_argument("--band", default="10%")
    parser.add_argument("--places", action="store_true", help="a line for each question")
    chosen = parser.parse_args()
    machine = one_core()

    from quizgen.exam import manifest
    from quizgen.exam.model import Student
    from quizgen.exam.versions import versions

    exam = blueprint(chosen.questions, chosen.band)
    students = [Student(f"s{number:05}", f"Student {number}") for number in range(chosen.papers)]
    drawn = 0.0

    def progress(doing: str, done: int, of: int) -> None:
        nonlocal drawn
        if doing == "drawing" and done == of:
            drawn = perf_counter()

    begun = perf_counter()
    made, fairness = versions(exam, students, progress=progress)
    checked = perf_counter()
    kept = manifest.of(exam, made, fairness)
    data = manifest.text(kept).encode()
    written = perf_counter()
    read = manifest.parse(data)
    again_from = perf_counter()
    same = manifest.versions_of(read) == made if chosen.papers <= 20 else len(manifest.versions_of(read)) == len(made)
    again = perf_counter()

    print(f"{machine}; {chosen.papers} papers of {chosen.questions} questions, band {chosen.band}\n")
    rows = [
        ("drawn, solved and chosen", drawn - begun),
        ("PyTorch imported, and all checked", checked - drawn),
        (f"manifest written ({len(data) / 1e6:.1f} MB)", written - checked),
        ("manifest read and validated", again_from - written),
        ("papers drawn again from it", again - again_from),
    ]
    print(table(["step", "seconds"], [[name, figure(seconds)] for name, seconds in rows]))
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")
    print(f"to reach: {REACH} s on two cores for the first three and the .tex files\n")
    print("\n".join([*fairness.lines, *(place.line for place in fairness.places if chosen.places)]))
    problems = wrong(made, fairness) + ([] if same else ["the manifest gives other papers"])
    print("\n".join(problems) or "what is stated was counted again, and is so")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
