"""What answers are right: the printed value, and the derived tolerance around it.

A value that is asked for to k decimals is right within what honest rounding on the way can reach: the graph of the work
is worked again with every line rounded, and the tolerance is how far that gets from the printed answer, rounded up to
two figures. Nobody types an epsilon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from quizgen_solvers import ExactError, NeedsPrecision, Quantity, Work
from quizgen_solvers.arrays import Array, Value
from quizgen_solvers.exact import arb, fmpq, rounded
from quizgen_solvers.work import widened

from .answers import Kind, Table, Target
from .family import Part

ZERO = fmpq(0)


def wanted(part: Part) -> tuple[Quantity, ...]:
    """The quantities that answer a part, in reading order."""
    answer = part.answer
    if answer.__class__ is Quantity:
        return (answer,)
    if isinstance(answer, tuple):
        return tuple(q for row in answer for q in row)
    return ()


def decimals_of(part: Part) -> tuple[int | None, ...]:
    """For each quantity of ``wanted``, to how many decimals it is asked; ``None``: exactly."""
    return decimals_in(part.kind) * (len(part.answer) if isinstance(part.answer, tuple) else 1)


def decimals_in(kind: Kind) -> tuple[int | None, ...]:
    """To how many decimals a kind is asked, ``None`` exactly; of a table, each of its columns."""
    return tuple([getattr(each, "decimals", None) for each in getattr(kind, "kinds", (kind,))])


def nested(values: Sequence[Any], part: Part) -> Any:
    """Values in the order of ``wanted``, nested as the answer is."""
    if isinstance(part.answer, tuple):
        rest = iter(values)
        return tuple(tuple(next(rest) for _ in row) for row in part.answer)
    return values[0]


def flat(centre: Any, part: Part) -> tuple[Any, ...]:
    """The other way round: the values that ``nested`` has nested."""
    if isinstance(part.answer, tuple):
        return tuple(x for row in centre for x in row)
    return (centre,) if part.answer.__class__ is Quantity else ()


def convert(value: Value, f: Callable[[Any], Any]) -> Any:
    """``f`` of every scalar, nested as the array is."""
    if value.__class__ is Array:
        return Array(value.shape, tuple(map(f, value.items))).nested()
    return f(value)


def exactly(x: Any) -> fmpq:
    """A scalar that must be exact, as a rational; raises `ExactError` for a ball."""
    if x.__class__ is fmpq:
        return x
    if x.__class__ is arb:
        raise ExactError(f"{x} is asked for exactly, but is not rational: ask for decimals")
    return fmpq(x)


def centres(value: Value, decimals: int | None) -> Any:
    """The value as it is printed: rounded to ``decimals``, or exact; nested tuples of rationals."""
    if not isinstance(value, Array):
        return exactly(value) if decimals is None else rounded(value, decimals)
    f = exactly if decimals is None else partial(rounded, places=decimals)
    return tuple(map(f, value.items)) if len(value.shape) == 1 else convert(value, f)


def spread(reach: Value, centre: Any, decimals: int) -> fmpq:
    """How far, at most, what honest rounding reaches is from what is printed; the largest over the entries."""
    if reach.__class__ is Array:
        rows = centre if len(reach.shape) > 1 else (centre,)
        flat = [x for row in rows for x in row]
        return max((_far(x, c, decimals) for x, c in zip(reach.items, flat, strict=True)), default=ZERO)
    return _far(reach, centre, decimals)


def _far(x: Any, centre: fmpq, decimals: int) -> fmpq:
    wide: Any = widened(x, decimals)
    if x.__class__ is not arb:  # exactly: the upper end of a ball lies a hair above, which two figures would show
        off = abs(fmpq(x) - centre)
        return off if wide is x else off + fmpq(1, 2 * 10**decimals)
    if not wide.is_finite():
        raise ExactError("honest rounding on the way can lead anywhere")
    return abs(wide - centre).upper().fmpq()  # type: ignore[no-any-return]


def two_figures(x: fmpq) -> fmpq:
    """``x`` rounded up to two significant figures, so that a prompt can state it."""
    if x == 0:
        return ZERO
    top, bottom, places = int(x.p), int(x.q), 0
    while top < 10 * bottom:
        top, places = top * 10, places + 1
    while top > 100 * bottom:
        bottom, places = bottom * 10, places - 1
    figures = -(-top // bottom)
    return fmpq(figures, 10**places) if places >= 0 else fmpq(figures * 10**-places)


def targets(
    work: Work,
    parts: Sequence[Part],
    replace: Mapping[Quantity, Any] | None = None,
    loose: Mapping[Quantity, Any] | None = None,
) -> tuple[tuple[Any, fmpq], ...]:
    """For each part its printed answer (nested rationals) and the tolerance of its entries.

    With ``replace``, the same for the work with quantities replaced: this is how marks are carried forward. ``loose``
    has balls in their place, where they may have been rounded. Raises `ExactError` where there is no value.
    """
    asked = [(part, wanted(part), decimals_of(part)) for part in parts]
    order = [q for _, answers, _ in asked for q in answers]
    rough = any(d is not None for _, _, every in asked for d in every)
    reaches = iter(work.reach(order, loose or replace) if rough else [q.value for q in order])
    values = iter(work.rework(replace, order) if replace else [q.value for q in order])
    out = []
    for part, answers, every in asked:
        tolerance, printed = ZERO, []
        for q, decimals in zip(answers, every, strict=False):
            reach, value = next(reaches), next(values)
            try:
                centre = centres(value, decimals)
            except NeedsPrecision:
                if replace:
                    raise
                centre = work.precisely(q, partial(centres, decimals=decimals))
            if decimals is not None:
                tolerance = max(tolerance, spread(reach, centre, decimals))
            printed.append(centre)
        out.append((nested(printed, part) if printed else part.answer, two_figures(tolerance)))
    return tuple(out)


def accepted(kind: Kind, centre: Any, tolerance: fmpq) -> Any:
    """Nested rationals as nested `Target`s. Columns of a table that are asked for exactly have no tolerance."""
    if isinstance(kind, Table) and tolerance != 0:
        slack = [tolerance if getattr(each, "decimals", None) is not None else ZERO for each in kind.kinds]
        return tuple(tuple(map(_around, row, slack)) for row in centre)
    return _around(centre, tolerance)


def _around(centre: Any, tolerance: fmpq) -> Any:
    if isinstance(centre, tuple):
        return tuple([_around(x, tolerance) for x in centre])
    return Target(centre, tolerance) if isinstance(centre, fmpq) else centre


def is_wrong(value: Any, right: Any, also: Sequence[Any] = ()) -> bool:
    """Whether a printed value is none of the right answers."""
    return bool(value != right) and (not also or all(value != other for other in also))


def apart(a: Any, b: Any, distance: fmpq) -> bool:
    """Whether two printed answers differ by more than ``distance`` somewhere, or in shape."""
    if isinstance(a, tuple):
        if not isinstance(b, tuple) or len(a) != len(b):
            return True
        return any(apart(x, y, distance) for x, y in zip(a, b, strict=True))
    return isinstance(b, tuple) or abs(a - b) > distance
