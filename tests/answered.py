"""Exams that were built without a run, and answers to them as rows of a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from exams import exam, family
from quizgen.exam import manifest as manifests
from quizgen.exam import marks, responses
from quizgen.exam.blueprint import Marking
from quizgen.exam.grade import Marked, gather, grade
from quizgen.exam.manifest import Manifest
from quizgen.exam.model import Student, Version
from quizgen.exam.versions import versions
from quizgen.question import QuestionPart
from quizgen.wording import letter

CHOICE = """\
id = "dropout"
text = "What does dropout do at test time?"
options = ["It drops units.", "Nothing.", "It scales by $1 - p$."]
answer = "b"
"""
QUESTIONS = (
    family("optim.adam"),
    family("net.parameter-count"),
    family("conv.output-size", 2),
    CHOICE,
)
STUDENTS = (
    Student("s1", "Zoë Müller-Łukasiewicz", "zoe@example.org", "blue"),
    Student("s2", '=HYPERLINK("http://x")'),
    Student("../../x", "<b>李</b> & {name}"),
)
Row = tuple[str, str, str, str, str]
HEADER = ("student", "paper", "question", "part", "answer")


@cache
def built(names: tuple[str | Student, ...] = ("A", "B"), questions: tuple[str, ...] = QUESTIONS) -> Manifest:
    """The manifest of an exam that no run has checked."""
    blueprint = exam(*questions)
    made, fairness = versions(blueprint, names, verify=False)
    return manifests.of(blueprint, made, fairness, "midterm.toml")


@cache
def papers(
    names: tuple[str | Student, ...] = ("A", "B"), questions: tuple[str, ...] = QUESTIONS
) -> tuple[Version, ...]:
    return manifests.versions_of(built(names, questions))


def answer(part: QuestionPart) -> str:
    """What is right, as the key has it."""
    return part.answer


def rows(
    version: Version, student: str = "ada", typed: Callable[[QuestionPart], str] = answer, *, by_code: bool = False
) -> list[Row]:
    """What a student writes on a paper, a row a part."""
    return [
        (student, version.code if by_code else version.name, str(place), letter(part.index), typed(part))
        for place, placed in enumerate(version.questions, 1)
        for part in placed.question.parts
    ]


def text(given: Iterable[Sequence[str]], header: Sequence[str] = HEADER, delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *given])
    return out.getvalue()


def marked(
    folder: Path,
    given: Iterable[Sequence[str]] | str,
    manifest: Manifest | None = None,
    policy: Marking | None = None,
    form: str | None = None,
) -> list[Marked]:
    """The marks of these rows, or of the text of a file."""
    path = folder / "responses.csv"
    path.write_text(given if isinstance(given, str) else text(given), encoding="utf-8", newline="")
    found = manifest or built()
    keys = {question.key for paper in found.papers for question in paper.questions}
    with gather(found, responses.read(path, form, keys)) as gathered:
        return list(grade(gathered, policy))


def written(
    folder: Path, given: Iterable[Sequence[str]], manifest: Manifest | None = None, policy: Marking | None = None
) -> dict[str, bytes]:
    """The files of marks that these rows give, without pages."""
    path = folder / "responses.csv"
    path.write_text(text(given), encoding="utf-8", newline="")
    with gather(manifest or built(), responses.read(path)) as gathered:
        marks.write(gathered, folder / "marks", policy, feedback=False, force=True)
    return {each.name: each.read_bytes() for each in (folder / "marks").iterdir() if each.is_file()}
