"""The one walk over a quantity's graph that prints it, by a table of operations.

A ``Formula`` is a walk with a target (LaTeX or Unicode) and with what a leaf shows: ``piece`` stops at whatever the
leaf function has a piece for (a named quantity as its symbol, or as its number) and sets everything else by its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..arrays import Array
from ..quantity import Quantity
from .digits import Number, numbers
from .targets import Kind, Level, Piece, Target

Leaf = Callable[[Quantity], "tuple[Number, ...] | None"]
"""The numbers that stand for a quantity, or None where its symbol does (or, without one, its formula)."""


class Formula:
    """One printing of one formula. ``rounded`` tells afterwards whether a number in it was rounded."""

    def __init__(self, target: Target, numeric: bool, leaf: Leaf) -> None:
        self.target = target
        self.numeric = numeric  # numbers in the place of symbols
        self.leaf = leaf
        self.rounded = False

    def of(self, q: Quantity) -> Piece:
        """The formula that made ``q``, whether ``q`` has a name or not."""
        if q.op is None:
            return self.piece(q)
        return RULES[q.op.name](self, q, True)

    def piece(self, q: Quantity, first: bool = True) -> Piece:
        """``q`` inside a formula; where it does not come ``first``, a leading minus is put in parentheses."""
        if q.symbol is not None or q.op is None:
            shown = self.leaf(q)
            made = self.target.symbol(q.symbol or "") if shown is None else self.value(shown, q.shape)
        else:
            made = RULES[q.op.name](self, q, first)
        return self.target.group(made) if made.minus and not first else made

    def value(self, shown: Sequence[Number], shape: tuple[int, ...]) -> Piece:
        """A number, a vector, a matrix, or a matrix for each channel."""
        self.rounded = self.rounded or any(n.rounded for n in shown)
        cells = [self.target.number(n) for n in shown]
        return self.target.number(shown[0]) if not shape else self.cells([c.text for c in cells], shape)

    def cells(self, cells: Sequence[str], shape: tuple[int, ...]) -> Piece:
        if len(shape) == 1:
            return self.target.sequence(cells)
        step = shape[-1]
        rows = [cells[i : i + step] for i in range(0, len(cells), step)] if step else []
        if len(shape) == 2:
            return self.target.matrix(rows)
        size = len(cells) // shape[0] if shape[0] else 0
        return self.target.sequence(
            [self.cells(cells[i * size : (i + 1) * size], shape[1:]).text for i in range(shape[0])]
        )

    def opened(self, q: Quantity, *ops: str) -> bool:
        """Whether the formula goes on inside ``q`` and ``q`` is made by one of ``ops``."""
        return q.symbol is None and _name(q) in ops

    def held(self, q: Quantity, level: Level, first: bool = True) -> Piece:
        """``q`` in parentheses where it holds together less tightly than ``level``."""
        made = self.piece(q)
        if made.level < level:
            return self.target.group(made)
        return self.piece(q, False) if made.minus and not first else made

    def atom(self, q: Quantity) -> Piece:
        """``q`` as a base, which an exponent must not tear; whatever begins with a minus is none."""
        made = self.piece(q)
        return made if made.level is Level.ATOM else self.target.group(made)


def _name(q: Quantity) -> str:
    return "" if q.op is None else q.op.name


# --- rules ------------------------------------------------------------------------------------------------------------


def _sum(f: Formula, q: Quantity, first: bool) -> Piece:
    """Additions and subtractions, flat: a + b - (c - d). A term that is a negation is subtracted."""
    terms: list[tuple[bool, Quantity]] = []
    at = q
    while at is q or f.opened(at, "add", "sub", "sum"):
        if _name(at) == "sum":
            terms.extend((True, a) for a in reversed(at.args[1:]))
        else:
            terms.append((_name(at) == "add", at.args[1]))
        at = at.args[0]
    made = f.piece(at, first)
    texts = list(made.terms or (made.text,))
    for plus, term in reversed(terms):
        if plus and f.opened(term, "neg"):
            plus, term = False, term.args[0]
        right = f.piece(term)
        if right.level is Level.SUM and not (plus and right.terms):
            right = f.target.group(right)
        elif right.minus:
            right = f.piece(term, False)
        head, *rest = right.terms or (right.text,)
        texts += [f"{f.target.plus if plus else f.target.minus} {head}", *rest]
    return Piece(" ".join(texts), Level.SUM, minus=made.minus, terms=tuple(texts))


def _n_ary_sum(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.piece(q.args[0], first) if len(q.args) == 1 else _sum(f, q, first)


def _negation(f: Formula, q: Quantity, first: bool) -> Piece:
    inside = f.held(q.args[0], Level.QUOTIENT, False)
    return Piece(f.target.minus + inside.text, min(inside.level, Level.PRODUCT), inside.kind, True)


def _product(f: Formula, q: Quantity, first: bool) -> Piece:
    if _is_hadamard(q):
        return _hadamard(f, q, first)
    factors = [
        f.held(x, Level.PRODUCT, first and i == 0) for i, x in enumerate(_chain(f, q, lambda x: not _is_hadamard(x)))
    ]
    array = Kind.MATRIX if any(p.kind is Kind.MATRIX for p in factors) else Kind.GROUP
    return Piece(f.target.product(factors, f.numeric), Level.PRODUCT, array, factors[0].minus)


def _is_hadamard(q: Quantity) -> bool:
    return all(isinstance(a.value, Array) for a in q.args)


def _hadamard(f: Formula, q: Quantity, first: bool) -> Piece:
    operands = [f.held(x, Level.FRACTION, first and i == 0) for i, x in enumerate(_chain(f, q, _is_hadamard))]
    text = f" {f.target.hadamard} ".join(p.text for p in operands)
    return Piece(text, Level.QUOTIENT, minus=operands[0].minus)


def _chain(f: Formula, q: Quantity, joins: Callable[[Quantity], bool]) -> list[Quantity]:
    """The factors of nested products of one kind, from left to right."""
    waiting, factors = [q], []
    while waiting:
        at = waiting.pop()
        if at is q or (f.opened(at, _name(q)) and joins(at)):
            waiting.extend(reversed(at.args))
        else:
            factors.append(at)
    return factors


def _quotient(f: Formula, q: Quantity, first: bool) -> Piece:
    top, bottom = (f.piece(a) for a in q.args)
    return f.target.quotient(top, bottom, f.numeric)


def _power(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.power(f.atom(q.args[0]), f.piece(q.args[1]))


def _matrix_product(f: Formula, q: Quantity, first: bool) -> Piece:
    factors = [f.held(x, Level.FRACTION, first and i == 0) for i, x in enumerate(_chain(f, q, lambda _: True))]
    return Piece(f.target.matrix_product(factors), Level.PRODUCT, factors[-1].kind, factors[0].minus)


def _root(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.root(f.piece(q.args[0]))


def _exponential(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.exponential(f.piece(q.args[0]), not q.shape)


def _call(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.call(_name(q), [f.piece(a) for a in q.args])


def _relu(f: Formula, q: Quantity, first: bool) -> Piece:
    inside = f.piece(q.args[0])
    if f.numeric and not q.shape:
        return f.target.call("max", [f.target.number(Number(False, "0")), inside])
    return f.target.call("ReLU", [inside])


def _step(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.indicator(f.piece(q.args[0]))


def _brackets(left: str, right: str) -> Callable[[Formula, Quantity, bool], Piece]:
    return lambda f, q, first: f.target.bars(left, f.piece(q.args[0]), right)


def _total(f: Formula, q: Quantity, first: bool) -> Piece:
    inside = q.args[0]
    shown = f.leaf(inside) if f.numeric and (inside.symbol is not None or inside.op is None) else None
    if shown is not None and 1 < len(shown) <= 16:
        made = [f.value([n], ()) for n in shown]
        rest = [f.target.group(p) if p.minus else p for p in made[1:]]
        texts = (made[0].text, *(f"{f.target.plus} {p.text}" for p in rest))
        return Piece(" ".join(texts), Level.SUM, minus=made[0].minus, terms=texts)
    return f.target.total(f.piece(inside), inside.shape)


def _transpose(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.transpose(f.atom(q.args[0]))


def _item(f: Formula, q: Quantity, first: bool) -> Piece:
    x, index = q.args[0], [int(a.value) for a in q.args[1:]]
    missing = len(x.shape) - len(index)
    if x.symbol is None and x.op is not None:
        if x.shape == (1, 1) and not missing:
            return f.piece(x, first)  # a row times a column is read as its number
        return f.target.item(f.target.group(f.piece(x)), None, index, missing)
    shown = f.leaf(x)
    if shown is None:
        return f.target.item(f.target.symbol(x.symbol or ""), x.symbol, index, missing)
    size, place = len(shown), 0
    for i, n in zip(index, x.shape, strict=False):
        size //= n
        place += i * size
    return f.value(shown[place : place + size], q.shape)


def _stack(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.sequence([f.piece(a).text for a in q.args])


def _matrix(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.cells([f.piece(a).text for a in q.args[2:]], q.shape)


def _softmax(f: Formula, q: Quantity, first: bool) -> Piece:
    note = "" if len(q.shape) == 1 else "rows" if int(q.args[1].value) == 1 else "columns"
    return f.target.call("softmax", [f.piece(q.args[0])], note)


def _mask(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.call("mask", [f.piece(q.args[0])])


def _pad(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.target.call("pad", [f.piece(a) for a in q.args])


def _star(f: Formula, q: Quantity, first: bool) -> Piece:
    image, kernel = (f.held(a, Level.FRACTION, i == 0 and first) for i, a in enumerate(q.args[:2]))
    named = zip("ps", q.args[2:], (0, 1), strict=True)
    notes = [(name, f.value(numbers(a.value, None), ())) for name, a, usual in named if a.value != usual]
    return f.target.star(image, kernel, notes)


def _same(f: Formula, q: Quantity, first: bool) -> Piece:
    return f.piece(q.args[0], first)


RULES: dict[str, Callable[[Formula, Quantity, bool], Piece]] = {
    "add": _sum,
    "sub": _sum,
    "sum": _n_ary_sum,
    "neg": _negation,
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "sqrt": _root,
    "exp": _exponential,
    "log": _call,
    "tanh": _call,
    "sigmoid": _call,
    "max": _call,
    "min": _call,
    "flip": _call,
    "relu": _relu,
    "step": _step,
    "floor": _brackets("⌊", "⌋"),
    "ceil": _brackets("⌈", "⌉"),
    "abs": _brackets("|", "|"),
    "total": _total,
    "matmul": _matrix_product,
    "transpose": _transpose,
    "item": _item,
    "stack": _stack,
    "matrix": _matrix,
    "concat": _call,
    "softmax": _softmax,
    "mask": _mask,
    "cross_correlate": _star,
    "pad": _pad,
    "same": _same,
}
