"""Comparing what PyTorch gives for a part with the exact value that answers it.

Whole numbers, shapes and choices must be equal. A real number agrees when it lies in what float64 can reach from the
question's numbers (`bounds`): the graph is worked again for it only where it is further off than one rounding. The
exact value is the rational or the ball of the work, not the digits that are printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from flint import arb, fmpq

from quizgen_solvers.arrays import Array

from . import bounds
from .bounds import LEAST

if TYPE_CHECKING:
    from ..answers import Kind
    from ..question import Question, QuestionPart

EXACT_KINDS = frozenset({"integer", "shape"})
"""Kinds whose values are whole numbers: nothing but equality will do."""


class Differs(Exception):
    """PyTorch gives something else for a part: where in it, the exact value, PyTorch's, and why that counts."""

    def __init__(self, where: str, exact: str, run: str, why: str = "") -> None:
        super().__init__(where, exact, run, why)
        self.where, self.exact, self.run, self.why = where, exact, run, why


class Malformed(Exception):
    """What a run returned can't be compared with anything; says what is wrong with it."""


def shape_of(question: Question, index: int) -> tuple[int, ...] | None:
    """The shape of a part's answer, () for a number; None where no tensor could hold it (choices, tables of shapes)."""
    centre, answers = question.parts[index].centre, question.answered_by[index]
    if not answers or isinstance(centre, (frozenset, str)):
        return None
    if _is_table(question.parts[index], answers):
        single = all(q.value.__class__ is not Array for q in answers) and len({len(row) for row in centre}) == 1
        return (len(centre), len(centre[0])) if single else None
    value = answers[0].value
    return value.shape if value.__class__ is Array else ()


def difference(question: Question, index: int, got: Any, balls: dict[Any, Any]) -> float:
    """The relative difference between a part and what PyTorch gave for it, once they agree.

    ``got`` is nested as the answer is, or flat in reading order; ``balls`` is shared by the parts of a question. Raises
    `Differs` where they don't agree and `Malformed` where ``got`` is nothing that could.
    """
    part = question.parts[index]
    if isinstance(part.centre, frozenset):
        return _same_options(part, got)
    if isinstance(part.centre, str):
        return _same_formula(part, got)
    answers = question.answered_by[index]
    try:
        return _same_numbers(part, answers, got, balls)
    except Differs:
        if any(_is_other(part, answers, other, got) for other in part.also):
            return 0.0
        raise


def _is_table(part: QuestionPart, answers: Sequence[Any]) -> bool:
    """Whether the part's quantities are the cells of a table, not the whole answer."""
    return len(answers) > 1 or hasattr(part.kind, "kinds")


def _cells(part: QuestionPart, answers: Sequence[Any], got: Any) -> Iterator[tuple[Any, Any, Kind, Any, Any]]:
    """The quantities of a part: where each stands, its value, its kind, what PyTorch gave for it, and the quantity."""
    if not _is_table(part, answers):
        yield None, answers[0].value, part.kind, got, answers[0]
        return
    rows = _items(got, len(part.centre), "rows of the table")
    rest = iter(answers)
    for i, (row, given) in enumerate(zip(part.centre, rows, strict=True)):
        for j, x in enumerate(_items(given, len(row), f"cells in row {i + 1} of the table")):
            q = next(rest)
            yield (i, j), q.value, part.kind.kinds[j], x, q  # type: ignore[attr-defined]


def _same_numbers(part: QuestionPart, answers: Sequence[Any], got: Any, balls: dict[Any, Any]) -> float:
    largest = worst = 0.0
    for where, value, kind, given, q in _cells(part, answers, got):
        if value.__class__ is Array:
            exact: Sequence[Any] = value.items
            run: Sequence[Any] = flat(given, value.shape)
        else:
            exact, run = (value,), (given,)
        whole = kind.name in EXACT_KINDS
        if whole and exact == tuple(run):
            continue
        for i, (x, y) in enumerate(zip(exact, run, strict=True)):
            if y.__class__ is int or whole:
                if y.__class__ not in (int, float):
                    raise Malformed(f"a {type(y).__name__} where a number is wanted")
                if x != y:
                    raise Differs(_place(where, value, i), text(x), text(y), "whole numbers must be equal")
                continue
            if y.__class__ is not float:
                raise Malformed(f"a {type(y).__name__} where a number is wanted")
            if x.__class__ is fmpq:
                x = arb(x)
            gap = abs(float(x - y))
            size = abs(float(x))
            if not gap <= LEAST * size and not gap <= bounds.at_least(q) * size:
                _inside(part, q, i, y, _place(where, value, i), kind, balls)
            if gap > worst:
                worst = gap
            if size > largest:
                largest = size
    return worst / largest if largest else worst


def _inside(part: QuestionPart, q: Any, i: int, y: float, where: str, kind: Kind, balls: dict[Any, Any]) -> None:
    """Raises `Differs` where ``y`` is not in what float64 reaches, and `Malformed` where that says too little."""
    value = q.value.items[i] if q.value.__class__ is Array else q.value
    if not isfinite(y):
        raise Differs(where, text(value), text(y), "it is no finite number")
    found = bounds.reach(q, balls)
    ball = arb(found.items[i] if found.__class__ is Array else found)
    radius = float(ball.rad()) if ball.is_finite() else inf
    if not isfinite(radius) or not ball.contains(y):
        raise Differs(where, text(value), text(y), f"float64 ends within {radius:.1e} of the exact value")
    decimals = getattr(kind, "decimals", None)
    if decimals is not None and 2 * radius > 10.0**-decimals:
        raise Malformed(
            f"{where or 'the answer'}: float64 only ends within {radius:.1e} of the exact value, and {decimals} "
            f"decimals are asked, so the run proves nothing"
        )


def _is_other(part: QuestionPart, answers: Sequence[Any], other: Any, got: Any) -> bool:
    """Whether PyTorch gives another of the answers that count as right: equal, or within one rounding."""
    if _is_table(part, answers):
        return False
    shape: tuple[int, ...] = ()
    level = other
    while isinstance(level, tuple):
        shape, level = (*shape, len(level)), level[0] if level else None
    try:
        pairs = zip(flat(other, shape), flat(got, shape), strict=True)
        return all(x == y if y.__class__ is int else abs(float(arb(x) - y)) <= LEAST * abs(float(x)) for x, y in pairs)
    except Malformed:
        return False


def _same_options(part: QuestionPart, got: Any) -> float:
    """One right option of a single choice, or just the right ones of several."""
    try:
        chosen = frozenset([got] if got.__class__ is int else map(int, got))
    except (TypeError, ValueError) as problem:
        raise Malformed(f"{got!r} where option numbers are wanted") from problem
    accepted = [part.centre, *part.also]
    single = part.kind.name == "choice" and len(chosen) == 1
    if not any(chosen == right or (single and chosen <= right) for right in accepted):
        raise Differs("", _options(part.centre), _options(chosen), "options must be equal")
    return 0.0


def _options(chosen: frozenset[int]) -> str:
    return f"options {{{', '.join(map(str, sorted(chosen)))}}}"


def _same_formula(part: QuestionPart, got: Any) -> float:
    """A formula at points: pairs of a point (names to exact numbers) and what PyTorch has there, a float."""
    formula = part.kind.read(part.centre)
    worst = largest = 0.0
    pairs = list(got) if isinstance(got, (list, tuple)) else []
    if not pairs:
        raise Malformed("a formula is compared at points: pairs of a point, like {'x': 2}, and PyTorch's value there")
    for point, y in pairs:
        if not isinstance(point, Mapping) or y.__class__ is not float:
            raise Malformed(f"{(point, y)!r} where a point, like {{'x': 2}}, and a float are wanted")
        try:
            ball = bounds.reach_formula(formula, point)  # type: ignore[arg-type]
        except (ArithmeticError, KeyError) as problem:
            raise Malformed(f"{part.centre} has no value at {point}") from problem
        x = ball.mid()
        if not isfinite(y) or not ball.contains(y):
            radius = f"float64 ends within {float(ball.rad()):.1e} of the exact value"
            raise Differs(f"at {point}", text(x), text(y), radius)
        worst, largest = max(worst, abs(float(x - y))), max(largest, abs(float(x)))
    return worst / largest if largest else worst


def flat(got: Any, shape: tuple[int, ...]) -> Sequence[Any]:
    """The numbers of nested sequences in reading order; raises `Malformed` where they have another shape."""
    if not shape:
        return (got,)
    items = _items(got, shape[0], f"entries along an axis of shape {shape}")
    if len(shape) == 1:
        return items
    return [x for item in items for x in flat(item, shape[1:])]


def _items(got: Any, count: int, what: str) -> Sequence[Any]:
    if not isinstance(got, (list, tuple)):
        raise Malformed(f"{text(got)} where {count} {what} are wanted")
    if len(got) != count:
        raise Differs("", f"{count} {what}", str(len(got)), "the shapes differ")
    return got


def _place(cell: tuple[int, int] | None, value: Any, i: int) -> str:
    """Where a number stands: "row 2, column 1", "entry (0, 1)", or both."""
    where = f"row {cell[0] + 1}, column {cell[1] + 1}" if cell is not None else ""
    if value.__class__ is not Array:
        return where
    index: tuple[int, ...] = ()
    for size in reversed(value.shape):
        index, i = (i % size, *index), i // size
    entry = f"entry {index[0] if len(index) == 1 else index}"
    return f"{where}, {entry}" if where else entry


def text(x: Any) -> str:
    """A value as a message says it: whole numbers in full, others to the 17 figures that tell float64 apart."""
    if x.__class__ is int:
        return str(x)
    if x.__class__ is fmpq:
        return str(x.p) if x.q == 1 else f"{arb(x).mid().str(17, radius=False)} ({x})"
    if x.__class__ is arb:
        return x.mid().str(17, radius=False)
    return repr(x)
