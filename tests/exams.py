"""Small exams for the tests of versions and manifests, and a second opinion on what is fair."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from quizgen.exam import blueprint
from quizgen.exam.model import Student, Version
from quizgen.labour import labour
from quizgen.question import Question
from quizgen_solvers.exact import fmpq

TOYS = Path(__file__).parent / "exam" / "toy_families.py"


def exam(*questions: str, seed: str = "k7q3m9", band: str = "10%", section: str = "") -> blueprint.Blueprint:
    """An exam of one section with these questions, each in lines of TOML."""
    asked = "".join(f"[[sections.questions]]\n{question}\n" for question in questions)
    return blueprint.parse(f'title = "Midterm"\nseed = "{seed}"\nband = "{band}"\n[[sections]]\n{section}\n{asked}')


def family(name: str, level: int = 1, more: str = "") -> str:
    return f'family = "{name}"\nlevel = {level}\n{more}'


def students(count: int) -> list[Student]:
    return [Student(f"s{number:03}", f"Student {number}") for number in range(count)]


def codes(versions: Sequence[Version]) -> list[list[str]]:
    return [[placed.question.code for placed in version.questions] for version in versions]


def at_each_place(versions: Sequence[Version]) -> list[list[Question]]:
    """For each place of the paper the questions that stand there."""
    return [list(column) for column in zip(*([p.question for p in v.questions] for v in versions), strict=True)]


def shares_an_answer(one: Question, other: Question) -> bool:
    """Whether what is right for a part of one is marked right on the other."""
    pairs = zip(one.parts, other.parts, strict=True)
    return any(_accepts(a, b) or _accepts(b, a) for a, b in pairs)


def _accepts(part: Any, other: Any) -> bool:
    if isinstance(part.centre, frozenset):
        return {part.options[i] for i in part.centre} == {other.options[i] for i in other.centre}
    return part.kind.grade(other.centre, part.target, part.also_targets).credit == 1


def spread(questions: Sequence[Question], count: Callable[[Question], int]) -> fmpq:
    """By which share the most is above the least."""
    counts = [count(question) for question in questions]
    return fmpq(max(counts) - min(counts), min(counts) or 1)


def operations(question: Question) -> int:
    return labour(question).operations


def digits(question: Question) -> int:
    return labour(question).digits
