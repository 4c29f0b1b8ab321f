"""Marking: is it right, does it follow from a wrong earlier answer, or which named mistakes lead to it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quizgen_solvers import ExactError
from quizgen_solvers.arrays import Array
from quizgen_solvers.exact import fmpq

from . import targets
from .errors import UsageError
from .family import Part
from .question import PartMistake, Question, QuestionPart, array_of


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth, and why.

    ``credit`` from 0 to 1; ``diagnosed``: every named mistake that leads to the value typed; ``carried``: right in what
    follows from an earlier answer that was wrong; ``read_as``: how the text was understood.
    """

    credit: fmpq
    reason: str
    read_as: str
    diagnosed: tuple[PartMistake, ...] = ()
    carried: bool = False

    @property
    def right(self) -> bool:
        return bool(self.credit == 1)

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        lines = [self.reason, *(f"{mistake.name}: {mistake.why}" for mistake in self.diagnosed)]
        return "\n".join(lines)


def mark(question: Question, text: str, number: int, earlier: Mapping[int, str]) -> Verdict:
    """Marks ``text`` for part ``number`` (from 1); ``earlier`` is what was typed for the parts before it.

    Raises `Unreadable` where a text can't be read, `UsageError` for a part that is not there.
    """
    part = question.part(number)
    given = part.kind.read(text)
    read_as = part.kind.show(given)
    grade = part.kind.grade(given, part.target, part.also_targets)
    if grade.credit == 1:
        return Verdict(grade.credit, grade.reason, read_as)
    carried = _carried(question, number, earlier)
    if carried is not None and part.kind.grade(given, carried).credit == 1:
        return Verdict(fmpq(1), "Right, carried forward from your earlier answer.", read_as, carried=True)
    diagnosed = tuple(m for m in part.mistakes if part.kind.grade(given, m.target).credit == 1)
    return Verdict(grade.credit, grade.reason, read_as, diagnosed)


def _carried(question: Question, number: int, earlier: Mapping[int, str]) -> Any:
    """What is right for a part after the earlier answers as they were typed, or None where they change nothing."""
    replace: dict[Any, Any] = {}
    for other, text in sorted(earlier.items()):
        if other >= number:
            raise UsageError(f"part {other} does not come before part {number}")
        before = question.part(other)
        answers = question.answered_by[other - 1]
        if len(answers) != 1:
            continue
        typed = before.kind.read(text)
        if before.kind.grade(typed, before.target, before.also_targets).credit != 1 and fits(answers[0].value, typed):
            replace[answers[0]] = array_of(typed)
    if not replace:
        return None
    part = question.part(number)
    try:
        ((centre, tolerance),) = targets.targets(question.work, [_as_asked(question, part)], replace)
    except ExactError:
        return None
    return targets.with_tolerance(centre, tolerance) if targets.apart(centre, part.centre, fmpq(0)) else None


def fits(value: Any, typed: Any) -> bool:
    """Whether a typed answer has the shape of the quantity that it would stand for."""
    wanted = value.shape if value.__class__ is Array else ()
    shape: tuple[int, ...] = ()
    while isinstance(typed, tuple):
        shape = (*shape, len(typed))
        typed = typed[0] if typed else None
    return shape == wanted


def _as_asked(question: Question, part: QuestionPart) -> Part:
    """The part as the family stated it, with the quantities of this question's work."""
    answers = question.answered_by[part.index]
    if not isinstance(part.centre, tuple) or len(answers) == 1:
        return Part(part.words, answers[0], part.kind)
    rows = iter(answers)
    return Part(part.words, tuple(tuple(next(rows) for _ in row) for row in part.centre), part.kind)
