"""How one entry of an array comes about, as a formula of scalars made from the array's own graph."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from ..arrays import Array
from ..exact import MINUS_INFINITY, ExactError
from ..quantity import DIV, EXP, Quantity, apply, constant, sum_of

Index = tuple[int, ...]

WHOLE = frozenset(["matmul", "cross_correlate", "softmax"])
"""Operations whose entries each come about in a way of their own, so that one is shown."""


def entry(q: Quantity, index: Index) -> Quantity:
    """The formula of the entry of ``q`` at ``index``: of (2, 3) times (3, 2) at (0, 1), the sum of three products.

    Named quantities inside are not opened; their entries are items. Raises ``ExactError`` where there is no such entry.
    """
    if len(index) != len(q.shape) or not all(0 <= i < n for i, n in zip(index, q.shape, strict=True)):
        raise ExactError(f"an array of shape {q.shape} has no entry {index}")
    return q if q.op is None and not q.shape else _opened(q, index)


def _inside(q: Quantity, index: Index) -> Quantity:
    """The entry of an operand at the place of the result's: a scalar serves everywhere, an axis of length 1 repeats."""
    shape = q.shape
    if not shape:
        return q
    own = tuple(0 if n == 1 else i for i, n in zip(index[len(index) - len(shape) :], shape, strict=True))
    if q.op is None and q.symbol is None:
        return constant(q.value[own])
    return q[own] if q.symbol is not None else _opened(q, own)


def _opened(q: Quantity, index: Index) -> Quantity:
    if q.op is None:
        return q[index] if index else q
    if not index and not any(a.shape for a in q.args):
        return q
    rule = _RULES.get(q.op.name)
    if rule is not None:
        return rule(q, index)
    return apply(q.op, *(_inside(a, index) for a in q.args))


def _matmul(q: Quantity, index: Index) -> Quantity:
    a, b = q.args
    i, j = index
    return sum_of([_inside(a, (i, k)) * _inside(b, (k, j)) for k in range(a.shape[1])])


def _transpose(q: Quantity, index: Index) -> Quantity:
    return _inside(q.args[0], index[::-1])


def _cross_correlate(q: Quantity, index: Index) -> Quantity:
    x, kernel = q.args[:2]
    p, s = (int(a.value) for a in q.args[2:])
    h, w = x.shape[-2:]
    terms = []
    for place in product(*map(range, kernel.shape)):
        *channel, u, v = place
        row, column = index[0] * s + u - p, index[1] * s + v - p
        inside = 0 <= row < h and 0 <= column < w
        pixel = _inside(x, (*channel[: len(x.shape) - 2], row, column)) if inside else constant(0)
        terms.append(pixel * _inside(kernel, place))
    return sum_of(terms)


def _softmax(q: Quantity, index: Index) -> Quantity:
    x = q.args[0]
    if len(index) == 1:
        line: list[Index] = [(j,) for j in range(x.shape[0])]
    elif int(q.args[1].value) == 1:
        line = [(index[0], j) for j in range(x.shape[1])]
    else:
        line = [(i, index[1]) for i in range(x.shape[0])]
    if _masked(x, index):
        return constant(0)
    # An entry of minus infinity weighs nothing: it is left out.
    return apply(
        DIV,
        apply(EXP, _inside(x, index)),
        sum_of([apply(EXP, _inside(x, at)) for at in line if not _masked(x, at)]),
    )


def _masked(x: Quantity, index: Index) -> bool:
    value = x.value[index]
    return not isinstance(value, (int, Array)) and bool(value == MINUS_INFINITY)


def _mask(q: Quantity, index: Index) -> Quantity:
    return _inside(q.args[0], index) if index[1] <= index[0] else constant(MINUS_INFINITY)


def _pad(q: Quantity, index: Index) -> Quantity:
    x, p = q.args[0], int(q.args[1].value)
    *channel, i, j = index
    h, w = x.shape[-2:]
    if not (p <= i < h + p and p <= j < w + p):
        return constant(0)
    return _inside(x, (*channel, i - p, j - p))


def _flip(q: Quantity, index: Index) -> Quantity:
    h, w = q.shape[-2:]
    *channel, i, j = index
    return _inside(q.args[0], (*channel, h - 1 - i, w - 1 - j))


def _item(q: Quantity, index: Index) -> Quantity:
    return _inside(q.args[0], (*(int(a.value) for a in q.args[1:]), *index))


def _stack(q: Quantity, index: Index) -> Quantity:
    return q.args[index[0]]


def _matrix(q: Quantity, index: Index) -> Quantity:
    return q.args[2 + index[0] * q.shape[1] + index[1]]


def _concat(q: Quantity, index: Index) -> Quantity:
    i, j = index
    for x in q.args:
        if j < x.shape[1]:
            return _inside(x, (i, j))
        j -= x.shape[1]
    raise ExactError(f"an array of shape {q.shape} has no entry {index}")


def _scalar(q: Quantity, index: Index) -> Quantity:
    return q


_RULES: dict[str, Callable[[Quantity, Index], Quantity]] = {
    "matmul": _matmul,
    "transpose": _transpose,
    "cross_correlate": _cross_correlate,
    "softmax": _softmax,
    "mask": _mask,
    "pad": _pad,
    "flip": _flip,
    "item": _item,
    "stack": _stack,
    "matrix": _matrix,
    "concat": _concat,
    "total": _scalar,
}


def first_entry(q: Quantity) -> Index | None:
    """The first entry of an array that is worth showing, or None where its formula says everything.

    Of a softmax under a causal mask, the first row that sees more than itself.
    """
    kind = _whole(q)
    if kind is None or not q.shape or 0 in q.shape:
        return None
    first = (0,) * len(q.shape)
    if kind.op is None or kind.op.name != "softmax" or kind.shape != q.shape or len(q.shape) != 2:
        return first
    rows = q.value.nested()
    row = next((i for i, cells in enumerate(rows) if sum(bool(x != 0) for x in cells) > 1), 0)
    return (row, 0)


def _whole(q: Quantity) -> Quantity | None:
    """The first operation in the formula of ``q`` that works with whole rows, columns or windows."""
    waiting = [q]
    while waiting:
        at = waiting.pop()
        if at.op is not None and at.op.name in WHOLE:
            return at
        waiting.extend(a for a in reversed(at.args) if a.symbol is None and a.op is not None)
    return None
