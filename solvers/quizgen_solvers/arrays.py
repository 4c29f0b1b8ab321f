"""Vectors, matrices and small tensors of exact numbers, as values: nothing here is traced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from operator import add, mul, sub
from typing import Any, TypeAlias

from flint import arb, fmpq

from . import exact
from .exact import ExactError, Scalar


class Array:
    """Exact numbers in row-major order under a shape: (3,) a vector or a tuple, (2, 3) a matrix, (C, H, W) an image."""

    __slots__ = ("items", "shape")

    def __init__(self, shape: tuple[int, ...], items: tuple[Scalar, ...]) -> None:
        self.shape = shape
        self.items = items

    @classmethod
    def of(cls, nested: Sequence[Any]) -> Array:
        """From nested sequences of numbers, all rows equally long; raises ``ExactError`` where they are not."""
        if not nested:
            return cls((0,), ())
        if not isinstance(nested[0], (list, tuple)):
            return cls((len(nested),), tuple(_number(x) for x in nested))
        rows = [cls.of(row) for row in nested]
        if any(row.shape != rows[0].shape for row in rows):
            raise ExactError("the rows of an array differ in length")
        return cls((len(rows), *rows[0].shape), tuple(x for row in rows for x in row.items))

    def nested(self) -> Any:
        """Nested tuples, as ``of`` reads them."""
        items, shape = self.items, self.shape
        if len(shape) == 1:
            return items
        step = len(items) // shape[0] if shape[0] else 0
        return tuple(Array(shape[1:], items[i * step : (i + 1) * step]).nested() for i in range(shape[0]))

    def __getitem__(self, index: tuple[int, ...]) -> Scalar | Array:
        place = 0
        if len(index) > len(self.shape):
            raise ExactError(f"an array of shape {self.shape} has no entry {index}")
        for i, size in zip(index, self.shape, strict=False):
            if not 0 <= i < size:
                raise ExactError(f"an array of shape {self.shape} has no entry {index}")
            place = place * size + i
        rest = self.shape[len(index) :]
        if not rest:
            return self.items[place]
        size = 1
        for n in rest:
            size *= n
        return Array(rest, self.items[place * size : (place + 1) * size])

    def map(self, f: Callable[[Any], Scalar]) -> Array:
        return Array(self.shape, tuple(map(f, self.items)))

    def _with(self, other: Any, f: Callable[[Any, Any], Scalar], turned: bool = False) -> Array:
        if not isinstance(other, Array):
            if turned:
                return Array(self.shape, tuple(f(other, x) for x in self.items))
            return Array(self.shape, tuple(f(x, other) for x in self.items))
        if self.shape == other.shape:
            return Array(self.shape, tuple(map(f, self.items, other.items)))
        shape = broadcast(self.shape, other.shape)
        return Array(shape, tuple(map(f, self.spread(shape).items, other.spread(shape).items)))

    def spread(self, shape: tuple[int, ...]) -> Array:
        """Repeated along the axes of length 1 to fill ``shape``, as NumPy broadcasts."""
        lead = (1,) * (len(shape) - len(self.shape)) + self.shape
        own = Array(lead, self.items)
        places = product(*(range(n) for n in shape))
        return Array(shape, tuple(own[tuple(0 if m == 1 else i for i, m in zip(p, lead, strict=True))] for p in places))  # type: ignore[misc]

    def __add__(self, other: Any) -> Array:
        return self._with(other, add)

    def __sub__(self, other: Any) -> Array:
        return self._with(other, sub)

    def __mul__(self, other: Any) -> Array:
        return self._with(other, mul)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Array:
        return self._with(other, sub, turned=True)

    def __truediv__(self, other: Any) -> Array:
        return self._with(other, exact.divide)

    def __rtruediv__(self, other: Any) -> Array:
        return self._with(other, exact.divide, turned=True)

    def __neg__(self) -> Array:
        return Array(self.shape, tuple(-x for x in self.items))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Array) and self.shape == other.shape and self.items == other.items

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Array({self.shape}, {self.items})"


Value: TypeAlias = int | fmpq | arb | Array


def _number(x: object) -> Scalar:
    if isinstance(x, (fmpq, arb)) or x.__class__ is int:
        return x
    return exact.rational(x)  # type: ignore[arg-type]  # which names anything else that is not a number


def broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """The common shape of two arrays; raises ``ExactError`` where there is none."""
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    if any(x != y and 1 not in (x, y) for x, y in zip(a, b, strict=True)):
        raise ExactError(f"shapes {a} and {b} do not go together")
    return tuple(map(max, a, b))


def each(f: Callable[[Any], Scalar], x: Value) -> Value:
    """``f`` of a scalar, or of every entry of an array."""
    return x.map(f) if isinstance(x, Array) else f(x)


def entries(x: Value) -> tuple[Scalar, ...]:
    """The entries in row-major order; of a scalar, itself."""
    return x.items if isinstance(x, Array) else (x,)


def divide(a: Value, b: Value) -> Value:
    """``a / b``, entry by entry where one is an array; raises ``ExactError`` for a division by zero."""
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        try:
            return a / b
        except ZeroDivisionError:
            raise ExactError("a division by zero") from None
    if isinstance(a, Array) or isinstance(b, Array):
        return a / b  # type: ignore[return-value]  # one is an array, so no float comes of it
    return exact.divide(a, b)


def power(x: Value, n: Value) -> Value:
    """Every entry to the power ``n``, a whole number; raises ``ExactError`` for any other exponent."""
    if isinstance(n, Array):
        raise ExactError("an array can't be an exponent here")
    return each(lambda e: exact.power(e, n), x)


def _matrix(x: Value) -> tuple[int, int, tuple[Scalar, ...]]:
    if not isinstance(x, Array) or len(x.shape) != 2:
        raise ExactError("a matrix is needed here")
    return x.shape[0], x.shape[1], x.items


def matmul(a: Value, b: Value) -> Array:
    """The matrix product of (m, k) and (k, n)."""
    m, k, left = _matrix(a)
    k2, n, right = _matrix(b)
    if k != k2:
        raise ExactError(f"a ({m}, {k}) matrix can't be multiplied by a ({k2}, {n}) one")
    rows = [left[i * k : (i + 1) * k] for i in range(m)]
    columns = [right[j::n] for j in range(n)]
    return Array((m, n), tuple(dot(row, column) for row in rows for column in columns))


def dot(a: Iterable[Any], b: Iterable[Any]) -> Scalar:
    """The sum of the products of two equally long rows."""
    return sum(map(mul, a, b))  # type: ignore[no-any-return]


def transpose(a: Value) -> Array:
    """An (m, n) matrix as an (n, m) one."""
    m, n, items = _matrix(a)
    return Array((n, m), tuple(x for j in range(n) for x in items[j::n]))


def concat(*xs: Value) -> Array:
    """Matrices of equally many rows side by side."""
    sizes = [_matrix(x) for x in xs]
    if len({m for m, _, _ in sizes}) != 1:
        raise ExactError("matrices of unequal heights can't stand side by side")
    rows = [x for i in range(sizes[0][0]) for _, n, items in sizes for x in items[i * n : (i + 1) * n]]
    return Array((sizes[0][0], sum(n for _, n, _ in sizes)), tuple(rows))


def flip(kernel: Value) -> Array:
    """The kernel turned by 180 degrees in its last two axes, each channel on its own."""
    if not isinstance(kernel, Array) or len(kernel.shape) < 2:
        raise ExactError("a kernel is a matrix, or one matrix per channel")
    size = kernel.shape[-1] * kernel.shape[-2]
    planes = range(0, len(kernel.items), size)
    return Array(kernel.shape, tuple(x for at in planes for x in reversed(kernel.items[at : at + size])))


def _shape(x: Value) -> tuple[int, ...]:
    return x.shape if isinstance(x, Array) else ()


def planes(x: Value) -> list[list[tuple[Scalar, ...]]]:
    """The channels of an image (C, H, W), or the one of a matrix (H, W), each as its rows."""
    if not isinstance(x, Array) or len(x.shape) not in (2, 3):
        raise ExactError("an image is a matrix, or one matrix per channel")
    *lead, h, w = x.shape
    count = lead[0] if lead else 1
    return [[x.items[(c * h + i) * w : (c * h + i + 1) * w] for i in range(h)] for c in range(count)]


def pad(x: Value, p: Scalar) -> Array:
    """``p`` rows and columns of zeros on each side of the last two axes."""
    n = exact.whole(p)
    if n < 0:
        raise ExactError(f"a padding of {n} is negative")
    if n > 1_000:
        raise ExactError(f"a padding of {n} is out of all proportion")
    channels = planes(x)
    h, w = len(channels[0]) + 2 * n, len(channels[0][0]) + 2 * n
    blank: tuple[Scalar, ...] = (0,) * (n * w)
    side: tuple[Scalar, ...] = (0,) * n
    items: list[Scalar] = []
    for rows in channels:
        items.extend(blank)
        for row in rows:
            items.extend(side + row + side)
        items.extend(blank)
    return Array((*_shape(x)[:-2], h, w), tuple(items))


def cross_correlate(x: Value, kernel: Value, p: Scalar, s: Scalar) -> Array:
    """The cross-correlation of an image with one kernel, zero padding ``p`` and stride ``s``, channels summed.

    Shapes: (H, W) with (f, g), or (C, H, W) with (C, f, g); gives (H', W'). The kernel is not flipped: this is what
    deep learning calls convolution (Goodfellow, Bengio and Courville, Deep Learning, 2016, equation 9.6).
    """
    image = planes(pad(x, p) if p else x)
    filters = planes(kernel)
    if len(image) != len(filters):
        raise ExactError(f"a kernel of {len(filters)} channels can't go over an image of {len(image)}")
    stride = exact.whole(s)
    if stride < 1:
        raise ExactError(f"a stride of {stride} goes nowhere")
    f, g = len(filters[0]), len(filters[0][0])
    h, w = len(image[0]), len(image[0][0])
    if f > h or g > w:
        raise ExactError(f"a {f} by {g} kernel does not fit on a {h} by {w} image")
    weights = [x for rows in filters for row in rows for x in row]
    tops, lefts = range(0, h - f + 1, stride), range(0, w - g + 1, stride)
    out: list[Scalar] = []
    for i in tops:
        band = [row for rows in image for row in rows[i : i + f]]
        out.extend([dot(weights, [x for row in band for x in row[j : j + g]]) for j in lefts])
    return Array((len(tops), len(lefts)), tuple(out))


def softmax(x: Value, axis: Scalar) -> Array:
    """e^x over its sum along ``axis`` (0: down the columns; 1, or 0 of a vector: along the rows).

    Equal entries give equal rationals, for rationals are shifted by the first of their group before the exponential,
    which changes no quotient. An entry of minus infinity has weight 0.
    """
    if not isinstance(x, Array) or len(x.shape) > 2:
        raise ExactError("softmax is worked on a vector or a matrix")
    if len(x.shape) == 1:
        return Array(x.shape, _normalised(x.items))
    m, n = x.shape
    if exact.whole(axis) == 1:
        return Array(x.shape, tuple(e for i in range(m) for e in _normalised(x.items[i * n : (i + 1) * n])))
    columns = [_normalised(x.items[j::n]) for j in range(n)]
    return Array(x.shape, tuple(columns[j][i] for i in range(m) for j in range(n)))


def _normalised(xs: Sequence[Scalar]) -> tuple[Scalar, ...]:
    seen = [x for x in xs if not _masked(x)]
    if not seen:
        raise ExactError("every entry is masked, so softmax has no value")
    if all(not isinstance(x, arb) for x in seen):
        weights = [0 if _masked(x) else exact.exponential(x - seen[0]) for x in xs]
        norm = sum(weights)
        return tuple(exact.divide(w, norm) for w in weights)
    # As 1 / (1 + others / own), where each ball stands once: a quotient by the sum would count its radius twice.
    weights = [0 if _masked(x) else exact.exponential(x) for x in xs]
    if len(seen) == 1:
        return tuple(0 if _masked(x) else 1 for x in xs)
    others = [sum(w for j, w in enumerate(weights) if j != i) for i in range(len(xs))]
    divide = exact.divide
    return tuple(
        0 if _masked(x) else divide(1, 1 + divide(rest, own)) for x, own, rest in zip(xs, weights, others, strict=True)
    )


def _masked(x: Scalar) -> bool:
    return isinstance(x, arb) and not x.is_finite() and bool(x < 0)


def causal(x: Value) -> Array:
    """Minus infinity above the diagonal: position i sees positions up to i."""
    m, n, items = _matrix(x)
    hidden = exact.MINUS_INFINITY
    return Array((m, n), tuple(items[i * n + j] if j <= i else hidden for i in range(m) for j in range(n)))


def total(x: Value) -> Scalar:
    """The sum of all entries."""
    return sum(entries(x))
