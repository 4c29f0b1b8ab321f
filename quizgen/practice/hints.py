"""Hints: the worked solution, revealed piece by piece. A line is shown in symbols first, then in numbers.

How many there are is read off the graph of the work: every page of a question says what one costs, and few print one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quizgen_solvers import printing
from quizgen_solvers.work import topological

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def count(question: Question, part: int, known: Iterable[int] = ()) -> int:
    """How many hints lead to the answer of ``part`` (from 1); arguments as of `hints`."""
    return sum(1 for _ in _pieces(question, part, known))


def hints(question: Question, part: int, known: Iterable[int] = (), most: int | None = None) -> tuple[Hint, ...]:
    """Everything that leads to the answer of ``part`` (from 1), in the order of the work; the first ``most`` of it.

    What leads to the parts ``known``, answered rightly before, is left out; the lines that answer the part never are.
    """
    pieces = list(_pieces(question, part, known))
    found = []
    for at, (place, in_numbers) in enumerate(pieces[:most], 1):
        step = question.solution[place]
        latex, text = step.latex, step.text
        if not in_numbers:
            latex, text = _in_symbols(question.work.lines[place].quantity, latex[0])
        found.append(Hint(at, len(pieces), latex, text, step.why, step.heading, in_numbers))
    return tuple(found)


def _pieces(question: Question, part: int, known: Iterable[int]) -> Iterator[tuple[int, bool]]:
    """The lines that lead to an answer, by their places in the work, each with whether it is shown in numbers."""
    lines = question.work.lines
    own = set(question.answered_by[part - 1])
    needed = set(topological(own)) if own else {line.quantity for line in lines}
    done = set(topological(q for other in known for q in question.answered_by[other - 1]))
    for place, line in enumerate(lines):
        q = line.quantity
        if q not in needed or (q in done and q not in own):
            continue
        if q.op is not None and any(a.symbol or a.args for a in q.args):  # the formula says less than the whole line
            yield place, False
        yield place, True


def _in_symbols(q: Quantity, left: str) -> tuple[tuple[str, str], str]:
    """A line without its numbers: as aligned pieces, and in one line of Unicode."""
    return (left, f"= {printing.latex(q)}"), f"{printing.symbol_text(left)} = {printing.text(q)}"
