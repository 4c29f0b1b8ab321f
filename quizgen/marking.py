"""Marking: is it right, does it follow from a wrong earlier answer, or which named mistakes lead to it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quizgen_solvers import ExactError
from quizgen_solvers.arrays import Array, each
from quizgen_solvers.exact import arb, fmpq, places_needed

from . import targets
from .answers import Kind, Table
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
    carried = carried_target(question, part, earlier)
    if carried is not None and part.kind.grade(given, carried).credit == 1:
        return Verdict(fmpq(1), "Right, carried forward from your earlier answer.", read_as, carried=True)
    diagnosed = tuple(m for m in part.mistakes if part.kind.grade(given, m.target).credit == 1)
    return Verdict(grade.credit, grade.reason, read_as, diagnosed)


def typed_text(answer: object) -> str:
    """An answer as text; raises `Unreadable` for a number of Python, which may not be what its digits say."""
    if isinstance(answer, str):
        return answer
    raise Unreadable(f"an answer is text, as one types it: write '{shown(answer)}' in quotes")


def carried_target(question: Question, part: QuestionPart, earlier: Mapping[int, str]) -> Any:
    """What is right for a part after the earlier answers as they were typed, or None where they change nothing.

    Earlier answers that are right stay so, whatever was wrong before them.
    """
    answers = question.answered_by[part.index]
    wrong: dict[Any, Any] = {}
    loose: dict[Any, Any] = {}
    right: dict[Any, Any] = {}
    for other, text in sorted(earlier.items()) if answers else ():
        before = question.part(other)
        for q, x, kind in _typed(before, question.answered_by[before.index], before.kind.read(typed_text(text))):
            if x is None:
                right[q] = q.value
                continue
            instead = {q: x} | (_entries(q, x) if kind is before.kind else {})
            wrong |= instead
            loose |= {entry: _rounded_from(value, kind) for entry, value in instead.items()}
    asked = [_as_asked(part, answers)] if wrong else []
    for reach in (loose, wrong) if wrong else ():  # where rounding could lead anywhere, what was typed counts as it is
        try:
            ((centre, tolerance),) = targets.targets(question.work, asked, right | wrong, right | reach)
        except ExactError:
            continue
        return targets.accepted(part.kind, centre, tolerance) if targets.apart(centre, part.centre, fmpq(0)) else None
    return None


def _typed(part: QuestionPart, answers: Sequence[Any], typed: Any) -> Iterator[tuple[Any, Any, Kind]]:
    """For each quantity that was answered what was typed and its kind; None for what is right.

    Blank cells, and what has not the shape of its quantity, say nothing. Of several right answers only the first is
    that of the work; another one is carried forward as it was typed.
    """
    if not isinstance(part.kind, Table):
        if answers and fits(answers[0].value, typed):
            is_right = part.kind.grade(typed, part.target).credit == 1
            yield answers[0], None if is_right else array_of(typed), part.kind
        return
    if len(typed) != len(part.centre):
        return
    kinds = part.kind.kinds
    rows = zip(typed, part.centre, strict=True)
    cells = ((x, right, kind) for row in rows for x, right, kind in zip(*row, kinds, strict=True))
    for q, (x, right, kind) in zip(answers, cells, strict=True):
        if x is not None and fits(q.value, x):
            tolerance = part.tolerance if getattr(kind, "decimals", None) is not None else fmpq(0)
            yield q, array_of(x) if targets.apart(x, right, tolerance) else None, kind


def _rounded_from(typed: Any, kind: Kind) -> Any:
    """What a typed answer may have been before it was rounded to be typed: whoever works on works on with that."""
    decimals = getattr(kind, "decimals", None)
    if decimals is None:
        return typed

    def ball(x: Any) -> Any:
        places = places_needed(x)
        return x if places is None else arb(x, fmpq(1, 2 * 10 ** max(places, decimals)))

    return each(ball, typed)


def _entries(whole: Any, typed: Any) -> dict[Any, Any]:
    """What a typed shape or vector puts in the place of the worked quantities that were gathered in it.

    An entry that stands there twice, with two values now, says nothing.
    """
    if whole.op is None or whole.op.name != "stack":
        return {}
    values: dict[Any, set[Any]] = {}
    for entry, x in zip(whole.args, typed.items, strict=True):
        if entry.op is not None:  # what is given stays as it is
            values.setdefault(entry, set()).add(x)
    return {entry: xs.pop() for entry, xs in values.items() if len(xs) == 1}


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
