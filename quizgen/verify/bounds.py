"""How far float64 may end from the exact value of a graph, worked out on the graph itself.

Every operation of float64 gives its exact result times (1 + d), |d| <= u = 2^-53 (IEEE 754, rounding to nearest). So
the graph is worked again in balls, a midpoint with a proven radius, and after every operation the ball is widened by
what rounding that operation may do; the balls carry each such error on to the answer, through every cancellation and
every product, to all orders. What a computation in float64 reaches lies inside. Widening an operation that counts for
k roundings is by

    g(k) = k u / (1 - k u)          (Higham, Accuracy and Stability of Numerical Algorithms, 2002, lemma 3.1)

times the magnitude that the roundings act on. Which k and which magnitude:

    numbers that are given           k = 1          of the number: a rational becomes the nearest float64; integers
                                                    up to 2^53 are themselves, and so are their sums and products
    sum, difference                  k = 1 a sign   of the sum of the magnitudes, so that the terms of a longer sum may
                                                    be added in any order (Higham, section 4.2)
    product, quotient, root          k = 1          of the result
    power n                          k = n - 1      of the result
    exp, log, tanh                   k = 4          of the result: libraries promise two units in the last place,
                                                    each of two roundings
    sigmoid                          k = 6          of the result: an exponential, a sum and a quotient
    matrix product, correlation      k = terms      of the product of the magnitudes, in any order, fused or not
    softmax of n entries             k = n + 5 + r  of the result: exponentials, sum and quotient; r is the range of
                                                    the entries, for an exponent x - max that is off by u (x - max)
                                                    makes its exponential off by that factor
    max, relu, transposing, …        k = 0          nothing is rounded
    an operation not listed here     k = 8          of the result

PyTorch need not go the way of the graph: a quotient may be a product with the reciprocal, a scale may be split over
two factors, a correction may be moved from one term to another. Each way does a few operations in the place of one, so
every k counts `WAYS` times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flint import arb, fmpq

from quizgen_solvers import Quantity
from quizgen_solvers.arrays import Array, each, entries

from ..answers.formula import Apply, Formula, Variable, evaluate

WAYS = 4
"""How many operations of PyTorch's may stand in the place of one of the graph."""

BITS = 53
WHOLE = 1 << BITS
"""Up to here every integer is a float64."""

LEAST = WAYS * 2.0**-BITS
"""What a number is widened by at least, relative: whatever is no integer was rounded once, so within this nothing needs
to be worked again."""


def reach(q: Quantity, balls: dict[Quantity, Any]) -> Any:
    """The ball, or `Array` of balls, that holds whatever float64 makes of a quantity.

    ``balls`` is what is known of the quantities of the same work already, and is added to.
    """
    found = balls.get(q)
    if found is None:
        if q.op is None:
            found = each(_nearest, q.value)
        else:
            found = _worked(q.op, [reach(a, balls) for a in q.args])
        balls[q] = found
    return found


def at_least(q: Quantity) -> float:
    """What the numbers of a quantity are widened by at least, relative: by its last operation alone."""
    while q.op is not None and q.op.name in ("item", "same", "neg", "transpose"):
        q = q.args[0]
    name = q.op.name if q.op is not None else ""
    if name == "softmax":
        return (len(q.value.items) + 5) * LEAST
    if name == "matmul":
        return float(max(1, q.args[0].value.shape[1]) * LEAST)
    return FUNCTIONS.get(name, 1) * LEAST


@cache
def unit(k: int) -> arb:
    """The ball of k roundings around 0, in every way that PyTorch may go: plus or minus g(k)."""
    k *= WAYS
    return arb(0, arb(fmpq(k, WHOLE - k)).upper())


def _nearest(x: Any) -> Any:
    if x.__class__ is int and -WHOLE <= x <= WHOLE:
        return x
    x = arb(x)
    return x + x * unit(1) if x.is_finite() else x


def _worked(op: Any, values: list[Any]) -> Any:
    result = op.compute(*values)
    if op.name in FREE or (result.__class__ is int and -WHOLE <= result <= WHOLE):
        return result  # nothing is rounded: an integer comes of integers alone
    k, magnitude = ROUNDINGS.get(op.name, _other)(op, values, result)
    by = unit(k)
    if result.__class__ is not Array:
        return _widened(result, magnitude, by)
    sizes = magnitude.items if magnitude.__class__ is Array else (magnitude,) * len(result.items)
    return Array(result.shape, tuple(_widened(x, m, by) for x, m in zip(result.items, sizes, strict=True)))


def _widened(x: Any, magnitude: Any, by: arb) -> Any:
    if x.__class__ is int and -WHOLE <= x <= WHOLE:
        return x
    return x + by * magnitude if x.__class__ is int or x.is_finite() else x


Count = Callable[[Any, list[Any], Any], tuple[int, Any]]


def _of_result(k: int) -> Count:
    return lambda op, values, result: (k, result)


def _sum(op: Any, values: list[Any], result: Any) -> tuple[int, Any]:
    a, b = values
    if a.__class__ is not Array and b.__class__ is not Array:
        return 1, abs(a) + abs(b)
    return 1, abs_of(a) + abs_of(b)


def abs_of(x: Any) -> Any:
    """The magnitude, entry by entry."""
    return each(abs, x)


def _sum_of(op: Any, values: list[Any], result: Any) -> tuple[int, Any]:
    terms = [x for value in values for x in entries(value)] if op.name == "total" else values
    return max(1, len(terms) - 1), sum(abs_of(x) for x in terms)


def _power(op: Any, values: list[Any], result: Any) -> tuple[int, Any]:
    return max(1, abs(int(values[1])) - 1), result


def _products(op: Any, values: list[Any], result: Any) -> tuple[int, Any]:
    """Sums of products: as many roundings as terms, of what the magnitudes would give."""
    a, b, *rest = values
    terms = a.shape[1] if op.name == "matmul" else len(b.items)
    return max(1, terms), op.compute(abs_of(a), abs_of(b), *rest)


def _softmax(op: Any, values: list[Any], result: Any) -> tuple[int, Any]:
    xs = [float(x) for x in values[0].items]
    seen = [x for x in xs if x > float("-inf")]
    return len(xs) + 5 + int(max(seen) - min(seen) + 1), result


FUNCTIONS = {"exp": 4, "log": 4, "tanh": 4, "sigmoid": 6}

_other = _of_result(8)

ROUNDINGS: dict[str, Count] = {
    "add": _sum,
    "sub": _sum,
    "mul": _of_result(1),
    "div": _of_result(1),
    "sqrt": _of_result(1),
    "pow": _power,
    **{name: _of_result(k) for name, k in FUNCTIONS.items()},
    "sum": _sum_of,
    "total": _sum_of,
    "matmul": _products,
    "cross_correlate": _products,
    "softmax": _softmax,
}

FREE = frozenset({
    "neg", "relu", "step", "floor", "ceil", "abs", "max", "min", "transpose", "item", "stack", "matrix", "mask", "pad",
    "flip", "same", "concat",
})  # fmt: skip
"""Operations that round nothing."""


def reach_formula(formula: Formula, point: Mapping[str, Any]) -> arb:
    """The ball that holds whatever float64 makes of a formula at a point; `ArithmeticError` where it has no value."""
    if not isinstance(formula, Apply):
        return arb(_nearest(evaluate(formula, point)))
    names = [str(i) for i in range(len(formula.args))]
    balls: dict[str, Any] = {name: reach_formula(x, point) for name, x in zip(names, formula.args, strict=True)}
    result = evaluate(Apply(formula.op, tuple(map(Variable, names))), balls)
    if formula.op in ("add", "sub"):
        return arb(result + unit(1) * sum(map(abs, balls.values())))
    return arb(result + unit(0 if formula.op in FREE else 8) * result)
