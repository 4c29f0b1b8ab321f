"""Hints: the worked solution, revealed piece by piece. A line is shown in symbols first, then in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

from quizgen_solvers import printing
from quizgen_solvers.work import topological

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quizgen.question import Question
    from quizgen_solvers import Quantity, Work

_Symbols: TypeAlias = tuple[tuple[str, str], str]
"""A line without its numbers: as aligned pieces, and in one line of Unicode."""

_found: WeakKeyDictionary[Work, tuple[_Symbols | None, ...]] = WeakKeyDictionary()
"""What was found of works that are still there."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One piece of a worked solution: the ``at``-th of the ``of`` that lead to the answer of a part.

    ``latex`` holds aligned pieces as `quizgen.question.Step` does: the left side, then each ``= …``; ``text`` is the
    same in one line of Unicode; ``why`` and ``heading`` are small markup. A hint ``in_numbers`` is the whole line, with
    its result.
    """

    at: int
    of: int
    latex: tuple[str, ...]
    text: str
    why: str
    heading: str
    in_numbers: bool


def hints(question: Question, part: int, known: Iterable[int] = ()) -> tuple[Hint, ...]:
    """Everything that leads to the answer of ``part`` (from 1), in the order of the work.

    What leads to the parts ``known``, answered rightly before, is left out; the lines that answer the part never are.
    """
    own = set(question.answered_by[part - 1])
    needed = set(topological(own)) if own else {line.quantity for line in question.work.lines}
    done = set(topological(q for other in known for q in question.answered_by[other - 1]))
    found: list[tuple[tuple[str, ...], str, str, str, bool]] = []
    for line, step, symbols in zip(question.work.lines, question.solution, _without_numbers(question), strict=True):
        q = line.quantity
        if q not in needed or (q in done and q not in own):
            continue
        if symbols is not None:
            found.append((*symbols, step.why, step.heading, False))
        found.append((step.latex, step.text, step.why, step.heading, True))
    return tuple(Hint(at, len(found), *one) for at, one in enumerate(found, 1))


def _without_numbers(question: Question) -> tuple[_Symbols | None, ...]:
    """Each line of the solution without its numbers. Every page of a question asks for them, if only to count."""
    found = _found.get(question.work)
    if found is None:
        lines = zip(question.work.lines, question.solution, strict=True)
        found = tuple(_in_symbols(line.quantity, step.latex[0], step.text) for line, step in lines)
        _found[question.work] = found
    return found


def _in_symbols(q: Quantity, left: str, whole: str) -> _Symbols | None:
    """The line without its numbers, or None where that would say no less than the line."""
    if q.op is None or not any(a.symbol or a.args for a in q.args):
        return None
    text = f"{printing.symbol_text(left)} = {printing.text(q)}"
    return None if text == whole else ((left, f"= {printing.latex(q)}"), text)
