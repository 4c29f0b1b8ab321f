"""A quantity as a SymPy expression: for derivations, and for a derivative that owes nothing to the worked one.

The expression is put together node by node from the graph; nothing is ever parsed. SymPy is imported when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import product
from typing import Any

from flint import fmpq

from . import arrays
from .arrays import Array, Value
from .exact import ExactError
from .quantity import Quantity
from .work import topological

Rule = Callable[..., Any]


def symbol(q: Quantity) -> Any:
    """The SymPy symbol of a named scalar; of an array, its entries' symbols: ``X_{0,1}``.

    A matrix gives a ``sympy.Matrix``, any other array a ``sympy.Array``. Raises ``ExactError`` where ``q`` has no name.
    """
    return _shown(_symbol(q))


def expression(q: Quantity, deep: bool = False, keep: Collection[Quantity] = ()) -> Any:
    """The formula of ``q`` in SymPy.

    Named quantities inside are symbols; with ``deep`` only what is given is, and what ``keep`` names. A matrix gives a
    ``sympy.Matrix``, any other array a ``sympy.Array``. Raises ``ExactError`` where two different quantities of one
    name meet, or where a constant is known as a ball only.
    """
    return _shown(_expression(q, deep, frozenset(keep)))


def derivative(q: Quantity, by: Quantity) -> Any:
    """dq/dby of a scalar, by SymPy, in the symbols of what is given (and of ``by``).

    ``by`` is a named scalar: something given, or a line on the way to ``q``. ReLU's derivative at 0 is left open.
    """
    import sympy

    if q.shape or by.shape:
        raise ExactError("a derivative is taken of a scalar, by a scalar")
    return sympy.diff(_expression(q, True, frozenset([by])), _symbol(by))


def values(quantities: Iterable[Quantity]) -> dict[Any, Any]:
    """What the symbols of some quantities stand for, as rationals: for ``expression(q).subs(values(…))``."""
    made: dict[Any, Any] = {}
    for q in quantities:
        made |= zip(arrays.entries(_symbol(q)), map(_number, arrays.entries(q.value)), strict=True)
    return made


def _symbol(q: Quantity) -> Any:
    import sympy

    if q.symbol is None:
        raise ExactError("a quantity without a name has no symbol")
    if not q.shape:
        return sympy.Symbol(q.symbol, real=True)
    name = q.symbol if "_" not in q.symbol else f"({q.symbol})"
    places = product(*map(range, q.shape))
    return Array(q.shape, tuple(sympy.Symbol(f"{name}_{{{','.join(map(str, at))}}}", real=True) for at in places))


def _expression(q: Quantity, deep: bool, keep: frozenset[Quantity]) -> Any:
    def is_leaf(x: Quantity) -> bool:
        return x.op is None or (x is not q and x.symbol is not None and (not deep or x in keep))

    needed: set[Quantity] = set()
    waiting = [q]
    while waiting:
        x = waiting.pop()
        if x not in needed:
            needed.add(x)
            waiting.extend(() if is_leaf(x) else x.args)
    made: dict[Quantity, Any] = {}
    named: dict[str, Quantity] = {}
    for x in topological([q]):
        if x not in needed:
            continue
        if not is_leaf(x):
            made[x] = RULES[x.op.name](*(made[a] for a in x.args))  # type: ignore[union-attr]  # no leaf has no op
        elif x.symbol is None:
            made[x] = x.value.map(_number) if isinstance(x.value, Array) else _number(x.value)
        elif named.setdefault(x.symbol, x) is x:
            made[x] = _symbol(x)
        else:
            raise ExactError(f"two quantities are called {x.symbol}")
    return made[q]


def _number(x: Any) -> Any:
    import sympy

    if isinstance(x, int):
        return sympy.Integer(x)
    if isinstance(x, fmpq):
        return sympy.Rational(int(x.p), int(x.q))
    if x.is_finite():
        raise ExactError(f"{x} is known as a ball only, so it has no symbolic form")
    return -sympy.oo if x < 0 else sympy.oo


def _shown(x: Any) -> Any:
    import sympy

    if not isinstance(x, Array):
        return x
    return sympy.Matrix(*x.shape, x.items) if len(x.shape) == 2 else sympy.Array(x.items, x.shape)


# --- rules: the values are SymPy expressions, or arrays of them -------------------------------------------------------


def _sympy(name: str) -> Rule:
    """A function of SymPy, entry by entry."""

    def rule(*xs: Any) -> Any:
        import sympy

        f = getattr(sympy, name)
        return arrays.each(f, xs[0]) if len(xs) == 1 else f(*xs)

    return rule


def _sigmoid(x: Any) -> Any:
    import sympy

    return arrays.each(lambda e: 1 / (1 + sympy.exp(-e)), x)


def _relu(x: Any) -> Any:
    import sympy

    return arrays.each(lambda e: sympy.Max(0, e), x)


def _step(x: Any) -> Any:
    import sympy

    return arrays.each(lambda e: sympy.Heaviside(e, 0), x)


def _divide(a: Any, b: Any) -> Any:
    return a._with(b, _divide) if isinstance(a, Array) else b._with(a, _divide, True) if isinstance(b, Array) else a / b


def _softmax(x: Array, axis: Any) -> Array:
    import sympy

    weights = x.map(sympy.exp)
    if len(x.shape) == 1:
        return _divide(weights, sum(weights.items))  # type: ignore[no-any-return]
    if int(axis) == 0:
        return arrays.transpose(_softmax(arrays.transpose(x), sympy.Integer(1)))
    n = x.shape[1]
    rows: list[tuple[Any, ...]] = [weights.items[i : i + n] for i in range(0, len(weights.items), n)]
    return Array(x.shape, tuple(e / sum(row) for row in rows for e in row))


def _mask(x: Array) -> Array:
    import sympy

    n = x.shape[1]
    return Array(x.shape, tuple(e if k % n <= k // n else -sympy.oo for k, e in enumerate(x.items)))


def _item(x: Array, *at: Any) -> Value:
    return x[tuple(map(int, at))]


def _matrix(m: Any, n: Any, *xs: Any) -> Array:
    return Array((int(m), int(n)), xs)


RULES: dict[str, Rule] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _divide,
    "neg": lambda x: -x,
    "pow": lambda x, n: arrays.each(lambda e: e**n, x),
    "sqrt": _sympy("sqrt"),
    "exp": _sympy("exp"),
    "log": _sympy("log"),
    "tanh": _sympy("tanh"),
    "sigmoid": _sigmoid,
    "relu": _relu,
    "step": _step,
    "floor": _sympy("floor"),
    "ceil": _sympy("ceiling"),
    "abs": _sympy("Abs"),
    "max": _sympy("Max"),
    "min": _sympy("Min"),
    "sum": lambda *xs: sum(xs),
    "total": lambda x: sum(arrays.entries(x)),
    "matmul": arrays.matmul,
    "transpose": arrays.transpose,
    "item": _item,
    "stack": lambda *xs: Array((len(xs),), xs),
    "matrix": _matrix,
    "concat": arrays.concat,
    "softmax": _softmax,
    "mask": _mask,
    "cross_correlate": lambda x, kernel, p, s: arrays.cross_correlate(x, kernel, int(p), int(s)),
    "pad": lambda x, p: arrays.pad(x, int(p)),
    "flip": arrays.flip,
    "same": lambda x: x,
}

__all__ = ["derivative", "expression", "symbol", "values"]
