"""Marking: is it right, does it follow from a wrong earlier answer, or which named mistakes lead to it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quizgen_solvers import ExactError
from quizgen_solvers.arrays import Array
from quizgen_solvers.exact import fmpq

from . import targets
from .answers import Table
from .errors import Unreadable, UsageError, shown
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
    for other in earlier:
        if question.part(other).index >= part.index:
            raise UsageError(f"part {other} does not come before part {number}")
    given = part.kind.read(typed_text(text))
    read_as = part.kind.show(given)
    grade = part.kind.grade(given, part.target, part.also_targets)
    if grade.credit == 1:
        return Verdict(grade.credit, grade.reason, read_as)
    carried = _carried(question, part, earlier)
    if carried is not None and part.kind.grade(given, carried).credit == 1:
        return Verdict(fmpq(1), "Right, carried forward from your earlier answer.", read_as, carried=True)
    diagnosed = tuple(m for m in part.mistakes if part.kind.grade(given, m.target).credit == 1)
    return Verdict(grade.credit, grade.reason, read_as, diagnosed)


def typed_text(answer: object) -> str:
    """An answer as text; raises `Unreadable` for a number of Python, which may not be what its digits say."""
    if isinstance(answer, str):
        return answer
    raise Unreadable(f"an answer is text, as one types it: write '{shown(answer)}' in quotes")


def _carried(question: Question, part: QuestionPart, earlier: Mapping[int, str]) -> Any:
    """What is right for a part after the earlier answers as they were typed, or None where they change nothing."""
    answers = question.answered_by[part.index]
    replace: dict[Any, Any] = {}
    for other, text in sorted(earlier.items()) if answers else ():
        before = question.part(other)
        typed = before.kind.read(typed_text(text))
        if before.kind.grade(typed, before.target).credit != 1:  # another right answer is carried forward too
            replace |= _instead(before, question.answered_by[before.index], typed)
    if not replace:
        return None
    try:
        ((centre, tolerance),) = targets.targets(question.work, [_as_asked(part, answers)], replace)
    except ExactError:
        return None
    return targets.with_tolerance(centre, tolerance) if targets.apart(centre, part.centre, fmpq(0)) else None


def _instead(part: QuestionPart, answers: Sequence[Any], typed: Any) -> dict[Any, Any]:
    """What a wrong answer puts in the place of which quantities of the work: of a table, only its wrong cells."""
    instead = [typed] if answers else []
    if isinstance(part.kind, Table):
        if len(typed) != len(part.centre):
            return {}
        cells = [pair for rows in zip(typed, part.centre, strict=True) for pair in zip(*rows, strict=True)]
        instead = [x if x is not None and targets.apart(x, right, part.tolerance) else None for x, right in cells]
    pairs = zip(answers, instead, strict=True)
    found = {q: array_of(x) for q, x in pairs if x is not None and fits(q.value, x)}
    return found if isinstance(part.kind, Table) else found | _entries(found)


def _entries(typed: Mapping[Any, Any]) -> dict[Any, Any]:
    """What typed shapes and vectors put in the place of the worked quantities that were gathered in them.

    An entry that stands there twice, with two values now, says nothing.
    """
    found: dict[Any, Any] = {}
    for whole, value in typed.items():
        if whole.op is None or whole.op.name != "stack":
            continue
        values: dict[Any, set[Any]] = {}
        for entry, x in zip(whole.args, value.items, strict=True):
            if entry.op is not None:  # what is given stays as it is
                values.setdefault(entry, set()).add(x)
        found |= {entry: xs.pop() for entry, xs in values.items() if len(xs) == 1}
    return found


def fits(value: Any, typed: Any) -> bool:
    """Whether a typed answer has the shape of the quantity that it would stand for."""
    wanted = value.shape if value.__class__ is Array else ()
    shape: tuple[int, ...] = ()
    while isinstance(typed, tuple):
        shape = (*shape, len(typed))
        typed = typed[0] if typed else None
    return shape == wanted


def _as_asked(part: QuestionPart, answers: Sequence[Any]) -> Part:
    """The part as the family stated it, with the quantities of this question's work."""
    if not isinstance(part.kind, Table):
        return Part(part.words, answers[0], part.kind)
    rows = iter(answers)
    return Part(part.words, tuple(tuple(next(rows) for _ in row) for row in part.centre), part.kind)
