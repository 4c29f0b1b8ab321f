"""Hints: the worked solution, revealed piece by piece. A line is shown in symbols first, then in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quizgen_solvers import printing
from quizgen_solvers.work import topological

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quizgen.question import Question
    from quizgen_solvers import Quantity


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
    for line, step in zip(question.work.lines, question.solution, strict=True):
        q = line.quantity
        if q not in needed or (q in done and q not in own):
            continue
        if (symbols := _in_symbols(q, step.latex[0], step.text)) is not None:
            found.append((*symbols, step.why, step.heading, False))
        found.append((step.latex, step.text, step.why, step.heading, True))
    return tuple(Hint(at, len(found), *one) for at, one in enumerate(found, 1))


def _in_symbols(q: Quantity, left: str, whole: str) -> tuple[tuple[str, str], str] | None:
    """The line without its numbers, or None where that would say no less than the line."""
    if q.op is None or not any(a.symbol or a.args for a in q.args):
        return None
    text = f"{printing.symbol_text(left)} = {printing.text(q)}"
    return None if text == whole else ((left, f"= {printing.latex(q)}"), text)
