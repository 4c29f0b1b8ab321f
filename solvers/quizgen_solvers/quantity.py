"""Traced quantities: numbers and arrays that remember the operation that made them.

Arithmetic on quantities gives quantities: ``beta1 * m0 + (1 - beta1) * g`` is at once the exact value and the formula
that is printed. Nothing is registered anywhere: a quantity holds the operation and the quantities that it was made
from, and ``Work`` names those that are lines of a solution.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from flint import arb, fmpq

from . import arrays, exact
from .arrays import Array, Value, divide
from .exact import ExactError


class Op:
    """An operation: its name, how values are worked, and how many operations of a hand that takes.

    ``compute`` gets the values of the arguments; ``hand`` gets them too, and the result.
    """

    __slots__ = ("name", "compute", "hand")

    def __init__(self, name: str, compute: Callable[..., Any], hand: Callable[..., int]) -> None:
        self.name = name
        self.compute = compute
        self.hand = hand
        OPS[name] = self

    def __repr__(self) -> str:
        return self.name


OPS: dict[str, Op] = {}


class Quantity:
    """A value with the operation that made it.

    ``op`` is None for a given or a constant, ``symbol`` is LaTeX and None until the quantity is named.
    """

    __slots__ = ("op", "args", "value", "symbol")

    op: Op | None
    args: tuple[Quantity, ...]
    value: Any  # a Value: a Scalar or an Array
    symbol: str | None

    # Spelled out, one by one: this is where the time of drawing a question goes.
    def __add__(self, other: Any) -> Quantity:
        if other.__class__ is not Quantity:
            other = constant(other)
        made = Quantity()
        made.op = ADD
        made.args = (self, other)
        made.value = self.value + other.value
        made.symbol = None
        return made

    def __radd__(self, other: Any) -> Quantity:
        left = constant(other)
        made = Quantity()
        made.op = ADD
        made.args = (left, self)
        made.value = left.value + self.value
        made.symbol = None
        return made

    def __sub__(self, other: Any) -> Quantity:
        if other.__class__ is not Quantity:
            other = constant(other)
        made = Quantity()
        made.op = SUB
        made.args = (self, other)
        made.value = self.value - other.value
        made.symbol = None
        return made

    def __rsub__(self, other: Any) -> Quantity:
        left = constant(other)
        made = Quantity()
        made.op = SUB
        made.args = (left, self)
        made.value = left.value - self.value
        made.symbol = None
        return made

    def __mul__(self, other: Any) -> Quantity:
        if other.__class__ is not Quantity:
            other = constant(other)
        made = Quantity()
        made.op = MUL
        made.args = (self, other)
        made.value = self.value * other.value
        made.symbol = None
        return made

    def __rmul__(self, other: Any) -> Quantity:
        left = constant(other)
        made = Quantity()
        made.op = MUL
        made.args = (left, self)
        made.value = left.value * self.value
        made.symbol = None
        return made

    def __truediv__(self, other: Any) -> Quantity:
        if other.__class__ is not Quantity:
            other = constant(other)
        made = Quantity()
        made.op = DIV
        made.args = (self, other)
        made.value = divide(self.value, other.value)
        made.symbol = None
        return made

    def __rtruediv__(self, other: Any) -> Quantity:
        left = constant(other)
        made = Quantity()
        made.op = DIV
        made.args = (left, self)
        made.value = divide(left.value, self.value)
        made.symbol = None
        return made

    def __neg__(self) -> Quantity:
        made = Quantity()
        made.op = NEG
        made.args = (self,)
        made.value = -self.value
        made.symbol = None
        return made

    def __pow__(self, other: Any) -> Quantity:
        return apply(POW, self, other)

    def __rpow__(self, other: Any) -> Quantity:
        return apply(POW, other, self)

    def __matmul__(self, other: Any) -> Quantity:
        return apply(MATMUL, self, other)

    def __rmatmul__(self, other: Any) -> Quantity:
        return apply(MATMUL, other, self)

    @property
    def T(self) -> Quantity:  # noqa: N802 (as NumPy and PyTorch write it)
        """The transpose of a matrix."""
        return unary(TRANSPOSE, self)

    def __getitem__(self, index: int | tuple[int, ...]) -> Quantity:
        return apply(ITEM, self, *(index if isinstance(index, tuple) else (index,)))

    @property
    def shape(self) -> tuple[int, ...]:
        """() for a scalar."""
        return self.value.shape if isinstance(self.value, Array) else ()

    def __bool__(self) -> bool:
        raise TypeError("a quantity is not true or false: ask its .value")

    def __repr__(self) -> str:
        return f"{self.symbol or self.op or 'constant'} = {self.value}"


def quantity(op: Op | None, args: tuple[Quantity, ...], value: Value, symbol: str | None = None) -> Quantity:
    """A quantity put together from its parts."""
    made = Quantity()
    made.op = op
    made.args = args
    made.value = value
    made.symbol = symbol
    return made


def constant(x: Any) -> Quantity:
    """A number (an integer, a rational, a decimal as text) or nested sequences of numbers, as a quantity."""
    if x.__class__ is int and x in _SMALL:
        return _SMALL[x]
    return x if x.__class__ is Quantity else quantity(None, (), value_of(x))


def value_of(x: Any) -> Value:
    """The value that ``x`` spells; raises ``TypeError`` for a float and ``ValueError`` for text that is no number."""
    if x.__class__ is fmpq or x.__class__ is int:
        return x
    if isinstance(x, (Array, fmpq, arb)):
        return x
    if isinstance(x, (list, tuple)):
        return Array.of(x)
    number = exact.rational(x)
    return int(number.p) if number.q == 1 else number


def apply(op: Op, *args: Any) -> Quantity:
    """The quantity that ``op`` makes of ``args``, constants among them being plain numbers."""
    made = tuple([x if x.__class__ is Quantity else constant(x) for x in args])
    return quantity(op, made, op.compute(*[x.value for x in made]))


def unary(op: Op, x: Any) -> Quantity:
    """``apply`` for one argument, which is what most functions have."""
    if x.__class__ is not Quantity:
        x = constant(x)
    return quantity(op, (x,), op.compute(x.value))


# --- operations, with what each costs a hand -------------------------------------------------------------------------


def _entries(*values: Any) -> int:
    return len(arrays.entries(values[-1]))


def _product(a: Any, b: Any, result: Any) -> int:
    """A product by 0, 1 or -1 is free; of arrays, one product an entry."""
    if isinstance(result, Array):
        return len(result.items)
    return 0 if _is_unit(a) or _is_unit(b) else 1


def _sum(a: Any, b: Any, result: Any) -> int:
    if isinstance(result, Array):
        return len(result.items)
    return 0 if _is_zero(a) or _is_zero(b) else 1


def _is_zero(x: Any) -> bool:
    return isinstance(x, (int, fmpq)) and x == 0


def _is_unit(x: Any) -> bool:
    return isinstance(x, (int, fmpq)) and x in (0, 1, -1)


def _free(*_: Any) -> int:
    return 0


def _matmul_hand(a: Array, b: Array, result: Array) -> int:
    return len(result.items) * (2 * a.shape[1] - 1)


def _window_hand(x: Any, kernel: Any, p: Any, s: Any, result: Any) -> int:
    return len(result.items) * (2 * sum(1 for w in kernel.items if w != 0) - 1)


def _softmax_hand(x: Any, axis: Any, result: Any) -> int:
    return 3 * len(result.items)


ADD = Op("add", operator.add, _sum)
SUB = Op("sub", operator.sub, _sum)
MUL = Op("mul", operator.mul, _product)
DIV = Op("div", arrays.divide, lambda a, b, r: _entries(r) if isinstance(r, Array) else int(not _is_unit(b)))
NEG = Op("neg", operator.neg, _free)
POW = Op("pow", arrays.power, lambda x, n, r: _entries(r) * max(0, abs(int(n)) - 1))
SQRT = Op("sqrt", lambda x: arrays.each(exact.square_root, x), _entries)
EXP = Op("exp", lambda x: arrays.each(exact.exponential, x), _entries)
LOG = Op("log", lambda x: arrays.each(exact.logarithm, x), _entries)
TANH = Op("tanh", lambda x: arrays.each(exact.hyperbolic_tangent, x), _entries)
SIGMOID = Op("sigmoid", lambda x: arrays.each(exact.logistic, x), _entries)
RELU = Op("relu", lambda x: arrays.each(exact.rectified, x), _entries)
STEP = Op("step", lambda x: arrays.each(exact.unit_step, x), _entries)
FLOOR = Op("floor", lambda x: arrays.each(exact.floor, x), _free)
CEIL = Op("ceil", lambda x: arrays.each(exact.ceiling, x), _free)
ABS = Op("abs", lambda x: arrays.each(abs, x), _free)
MAX = Op("max", exact.largest, _free)
MIN = Op("min", exact.smallest, _free)
SUM = Op("sum", lambda *xs: sum(xs), lambda *v: max(0, sum(not _is_zero(x) for x in v[:-1]) - 1))
TOTAL = Op("total", arrays.total, lambda x, r: max(0, _entries(x) - 1))
MATMUL = Op("matmul", arrays.matmul, _matmul_hand)
TRANSPOSE = Op("transpose", arrays.transpose, _free)
ITEM = Op("item", lambda x, *at: x[tuple(map(exact.whole, at))], _free)
STACK = Op("stack", lambda *xs: Array((len(xs),), xs), _free)
MATRIX = Op("matrix", lambda m, n, *xs: Array((int(m), int(n)), xs), _free)
CONCAT = Op("concat", arrays.concat, _free)
SOFTMAX = Op("softmax", arrays.softmax, _softmax_hand)
MASK = Op("mask", arrays.causal, _free)
CROSS_CORRELATE = Op("cross_correlate", arrays.cross_correlate, _window_hand)
PAD = Op("pad", arrays.pad, _free)
FLIP = Op("flip", arrays.flip, _free)
SAME = Op("same", lambda x: x, _free)

_SMALL = {n: quantity(None, (), n) for n in range(-16, 1025)}


def sqrt(x: Any) -> Quantity:
    """The square root, entry by entry; rational where it is."""
    return unary(SQRT, x)


def exp(x: Any) -> Quantity:
    """e^x, entry by entry."""
    return unary(EXP, x)


def log(x: Any) -> Quantity:
    """The natural logarithm."""
    return unary(LOG, x)


def tanh(x: Any) -> Quantity:
    """The hyperbolic tangent, entry by entry."""
    return unary(TANH, x)


def sigmoid(x: Any) -> Quantity:
    """1 / (1 + e^-x), entry by entry."""
    return unary(SIGMOID, x)


def relu(x: Any) -> Quantity:
    """max(0, x), entry by entry."""
    return unary(RELU, x)


def step(x: Any) -> Quantity:
    """The derivative of ReLU, entry by entry; 0 at 0, as in PyTorch."""
    return unary(STEP, x)


def floor(x: Any) -> Quantity:
    """Rounded down, entry by entry."""
    return unary(FLOOR, x)


def ceil(x: Any) -> Quantity:
    """Rounded up, entry by entry."""
    return unary(CEIL, x)


def absolute(x: Any) -> Quantity:
    """|x|, entry by entry."""
    return unary(ABS, x)


def maximum(*xs: Any) -> Quantity:
    """The largest of several scalars."""
    return apply(MAX, *xs)


def minimum(*xs: Any) -> Quantity:
    """The smallest of several scalars."""
    return apply(MIN, *xs)


def sum_of(xs: Sequence[Any]) -> Quantity:
    """The sum of several quantities, printed flat: a + b + c."""
    return apply(SUM, *xs)


def total(x: Any) -> Quantity:
    """The sum of the entries of an array."""
    return unary(TOTAL, x)


def stack(*xs: Any) -> Quantity:
    """Scalars as a vector or a shape: (64, 32, 3)."""
    return apply(STACK, *xs)


def matrix(rows: Sequence[Sequence[Any]]) -> Quantity:
    """Scalars as a matrix; all rows equally long."""
    if any(len(row) != len(rows[0]) for row in rows):
        raise ExactError("the rows of a matrix differ in length")
    return apply(MATRIX, len(rows), len(rows[0]), *(x for row in rows for x in row))


def concat(*xs: Any) -> Quantity:
    """Matrices of equally many rows side by side, as the heads of attention are."""
    return apply(CONCAT, *xs)


def softmax(x: Any, axis: int = 0) -> Quantity:
    """e^x over its sum along ``axis``: 1 is along each row of a matrix; a vector has only 0."""
    return apply(SOFTMAX, x, axis)


def causal_mask(x: Any) -> Quantity:
    """Minus infinity above the diagonal of a matrix of scores."""
    return unary(MASK, x)


def cross_correlate(x: Any, kernel: Any, padding: Any = 0, stride: Any = 1) -> Quantity:
    """One kernel over an image, zero padded: (H, W) with (f, g), or (C, H, W) with (C, f, g) and channels summed."""
    return apply(CROSS_CORRELATE, x, kernel, padding, stride)


def pad(x: Any, padding: Any) -> Quantity:
    """``padding`` rows and columns of zeros on every side of the last two axes."""
    return apply(PAD, x, padding)


def flip(kernel: Any) -> Quantity:
    """The kernel turned by 180 degrees, channel by channel."""
    return unary(FLIP, kernel)
