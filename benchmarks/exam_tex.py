"""How long an exam takes beside its TeX runs, and whether these keep all cores busy.

    python benchmarks/exam_tex.py [-n 40] [--questions 20] [--jobs N]
    taskset -c 0,1 python benchmarks/exam_tex.py -n 200 --no-tex

Papers and keys for so many students. The bare engine gets the very same files, in as many shells as there are cores,
each run as often as a document needs; where the build takes over 1.2 times as long the program ends with 1.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from _measure import figure, table
from exam_versions import blueprint

from quizgen.render.pdf import Limits

REACH = 1.2
BEFORE = 60
BARE = """
cd "$(mktemp -d "$2/bare-XXXXXX")" && cp "$1" sheet.tex
for run in $(seq "$3"); do
    pdflatex -no-shell-escape -interaction=nonstopmode -halt-on-error sheet.tex > said.txt || exit 255
done"""
"""One document by the bare engine: its source, a folder, and how many runs it takes."""


def children() -> float:
    """Seconds of processors that programs of this one have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=40, help="how many students")
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--jobs", type=int, help="runs at once")
    parser.add_argument("--no-tex", action="store_true", help="what is before TeX only")
    given = parser.parse_args()

    from quizgen.exam import manifest
    from quizgen.exam.build import How, again, build
    from quizgen.exam.model import Student
    from quizgen.exam.tex import Run, cores

    spans: list[tuple[float, float]] = []
    pdf = Run.pdf

    def timed(run: Run, limits: Limits) -> bytes:
        start = perf_counter()
        try:
            return pdf(run, limits)
        finally:
            spans.append((start, perf_counter()))

    Run.pdf = timed  # type: ignore[method-assign]

    jobs = given.jobs or cores()
    exam = blueprint(given.questions, "10%")
    students = [Student(f"s{number}", f"Student {number}") for number in range(given.n)]
    with tempfile.TemporaryDirectory(prefix="quizgen-benchmark-") as name:
        folder = Path(name)
        began = perf_counter()
        build(exam, students, folder / "first", how=How(jobs=jobs, pdf=False))
        drawn = perf_counter() - began
        found = manifest.read(folder / "first" / "manifest.json")

        began = perf_counter()
        again(found, folder / "second", how=How(jobs=jobs, pdf=False))
        written = perf_counter() - began
        before = [
            ["drawn, solved, checked, .tex and keys written", figure(drawn)],
            ["drawn again from the manifest, .tex and keys written", figure(written)],
        ]
        heading = f"{given.n} students, {given.questions} questions each; {cores()} cores, {jobs} programs at once\n"
        if given.no_tex:
            print(f"{heading}\n{table(['what', 'seconds'], before)}\n\nto reach: {BEFORE} s for 200 on two cores")
            return int(given.n == 200 and drawn > BEFORE)

        began, used = perf_counter(), children()
        built = again(found, folder / "second", how=How(jobs=jobs))
        whole, busy, began_tex = perf_counter() - began, children() - used, began
        assert built.typeset == 2 * given.n
        first, last = min(start for start, _ in spans), max(end for _, end in spans)
        together = sum(end - start for start, end in spans) / (last - first)

        began = perf_counter()
        assert again(found, folder / "second", how=How(jobs=jobs)).kept == 2 * given.n
        kept = perf_counter() - began

        sources = sorted(map(str, (folder / "second").glob("*/*.tex")))
        began = perf_counter()
        subprocess.run(
            ["xargs", "-P", str(jobs), "-I", "{}", "sh", "-c", BARE, "sh", "{}", name, "2"],
            input="\n".join(sources),
            text=True,
            check=True,
        )
        bare = perf_counter() - began
    rows = [
        *before,
        [f"the same and {len(sources)} PDFs, {jobs} runs at once", figure(whole)],
        ["… before the first run of TeX", figure(first - began_tex)],
        ["… runs at once from the first to the last, on average", f"{together:.2f}"],
        ["… cores that TeX used in that time, on average", f"{busy / (last - first):.2f}"],
        ["the bare engine on the same files, two runs each", figure(bare)],
        ["… against the build without what is before TeX", f"{(whole - written) / bare:.2f}"],
        ["… against the whole build", f"{whole / bare:.2f}"],
        ["built again, nothing changed", figure(kept)],
    ]
    print(heading)
    print(table(["what", "seconds"], rows))
    return int((whole - written) / bare > REACH)


if __name__ == "__main__":
    sys.exit(main())
