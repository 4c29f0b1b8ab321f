"""The worked solution: which quantities are given, which are lines, and what follows from working them again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import prod
from operator import is_
from typing import Any

import flint
from flint import arb, fmpq

from . import exact
from .arrays import Array, Value
from .exact import ExactError, Scalar
from .quantity import OPS, SAME, Quantity, apply, constant, quantity, value_of

MOST_NODES, MOST_ITEMS, MOST_BITS = 20_000, 4_096, 16_384
"""What a record of a work may hold: quantities, entries of an array, bits of a number."""

Wrong = tuple[str, str, dict[Quantity, Any]]
"""A named mistake: its name, one sentence that says what to look at, and what stands in place of what."""


def indexed(name: str, i: int) -> str:
    """The symbol of the ``i``-th of several quantities: "m_3", "m_{12}"."""
    return f"{name}_{i}" if i < 10 else f"{name}_{{{i}}}"


class Line:
    """A named quantity of a solution.

    ``why`` says in a few words what the line is (small markup); ``decimals`` is to how many decimals a hand is expected
    to round it where it does not come out even, ``None`` where it stays exact; ``heading`` opens a new step.
    """

    __slots__ = ("decimals", "heading", "quantity", "why")

    quantity: Quantity
    why: str
    decimals: int | None
    heading: str

    @property
    def symbol(self) -> str:
        return self.quantity.symbol or ""

    @property
    def value(self) -> Any:
        return self.quantity.value


def _line(quantity: Quantity, why: str, decimals: int | None, heading: str) -> Line:
    line = Line()
    line.quantity = quantity
    line.why = why
    line.decimals = decimals
    line.heading = heading
    return line


class Work:
    """What is given, and line by line what follows from it.

    >>> work = Work()
    >>> beta, g = work.given(r"\\beta", "0.9"), work.given("g", 2)
    >>> work.let("m", (1 - beta) * g).value
    1/5

    ``decimals`` is to how many decimals lines are rounded that do not come out even.
    """

    def __init__(self, decimals: int | None = 4) -> None:
        self.decimals = decimals
        self.givens: list[Line] = []
        self.lines: list[Line] = []
        self._heading = ""
        self._orders: dict[Any, tuple[list[Quantity], dict[Quantity, int]]] = {}
        self._named: dict[str | None, Quantity] = {}
        self._named_of = 0

    def given(self, symbol: str, value: Any, about: str = "") -> Quantity:
        """A number or array that the question states. ``value`` as ``constant`` takes it; ``about`` says what it is."""
        made = Quantity()
        made.op = None
        made.args = ()
        made.value = value_of(value)
        made.symbol = symbol
        self.givens.append(_line(made, about, None, ""))
        return made

    def let(self, symbol: str, expression: Any, why: str = "", decimals: int | None = -1) -> Quantity:
        """Names an expression: the name is a line of the solution. ``decimals=None`` keeps the line exact."""
        made = expression if expression.__class__ is Quantity else constant(expression)
        if made.op is None or made.symbol is not None:
            made = apply(SAME, made)
        made.symbol = symbol
        self.lines.append(_line(made, why, self.decimals if decimals == -1 else decimals, self._heading))
        self._heading = ""
        return made

    def heading(self, text: str) -> None:
        """A heading (small markup) above the line that comes next."""
        self._heading = text

    def has(self, symbol: str) -> bool:
        """Whether a quantity of that name is given or is a line."""
        return any(line.quantity.symbol == symbol for line in (*self.givens, *self.lines))

    def __getitem__(self, symbol: str) -> Quantity:
        count = len(self.givens) + len(self.lines)
        if count != self._named_of:  # of one name the last line counts, else the first given
            every = (*reversed(self.givens), *self.lines)
            self._named, self._named_of = {line.quantity.symbol: line.quantity for line in every}, count
        found = self._named.get(symbol)
        if found is None:
            raise KeyError(f"this work has no quantity {symbol!r}")
        return found

    # --- working it again ---------------------------------------------------------------------------------------------

    def rework(self, replace: Mapping[Quantity, Any], wanted: Sequence[Quantity]) -> list[Value]:
        """The values of ``wanted`` when some quantities are replaced, everything downstream worked again.

        A replacement is a number or array, or another expression of the work's own quantities that come before it.
        Inside it the quantity that it replaces stands for what it was (``{K: flip(K)}``), earlier ones for what they
        have become; two quantities change places by their values (``{a: b.value, b: a.value}``). Raises `ExactError`
        where the changed work has no value.
        """
        return self._again(replace, {}, wanted)

    def reach(self, wanted: Sequence[Quantity], replace: Mapping[Quantity, Any] | None = None) -> list[Value]:
        """Everything that honest rounding can make of ``wanted``: the work again, each line rounded to its decimals.

        A line that comes out even is not widened; any other one becomes a ball of half a unit in its last decimal.
        """
        widths = {line.quantity: line.decimals for line in self.lines if line.decimals is not None}
        return self._again(replace or {}, widths, wanted)

    def _again(
        self, replace: Mapping[Quantity, Any], widths: Mapping[Quantity, int], wanted: Sequence[Quantity]
    ) -> list[Value]:
        """One more working. A node is worked anew only where something that it was made from has changed."""
        order, place = self._order(tuple(wanted))
        if not replace.keys() <= place.keys():
            order, place = self._order((*replace, *wanted))
        known: dict[Quantity, Any] = {}  # what has changed
        # Nothing changes before the first quantity that is replaced or does not come out even.
        changed = [*replace, *(q for q, d in widths.items() if q in place and widened(q.value, d) is not q.value)]
        for i in range(min([place[q] for q in changed], default=len(order)), len(order)):
            q = order[i]
            args = q.args
            if q in replace:
                new = replace[q]
                if new.__class__ is not Quantity:
                    known[q] = value_of(new)
                else:
                    known[q] = _standing(new, i, place, known) if known else new.value
            elif len(args) == 2:  # most have two: this is where the time of working again goes
                a, b = args
                if a in known:
                    known[q] = q.op.compute(known[a], known.get(b, b.value))  # type: ignore[union-attr]
                elif b in known:
                    known[q] = q.op.compute(a.value, known[b])  # type: ignore[union-attr]
            else:
                for a in args:
                    if a in known:
                        known[q] = _computed(q, [known.get(b, b.value) for b in args])
                        break
            if q in widths:
                value = known.get(q, q.value)
                wide = widened(value, widths[q])
                if wide is not value:
                    known[q] = wide
        return [known.get(q, q.value) for q in wanted]

    def _order(self, roots: tuple[Quantity, ...]) -> tuple[list[Quantity], dict[Quantity, int]]:
        """What ``roots`` were made from, in the order of the work, and the place of each."""
        key = (len(self.givens) + len(self.lines), *roots)
        found = self._orders.get(key)
        if found is None:
            whole = topological([line.quantity for line in (*self.givens, *self.lines)] + list(roots))
            needed = set(roots)
            for q in reversed(whole):
                if q in needed:
                    needed.update(q.args)
            order = whole if len(needed) == len(whole) else [q for q in whole if q in needed]
            found = self._orders[key] = order, {q: i for i, q in enumerate(order)}
        return found

    def precisely(self, wanted: Quantity, read: Callable[[Value], Any]) -> Any:
        """``read(value)`` of ``wanted``, worked again at higher precisions as long as it raises ``NeedsPrecision``."""
        try:
            return read(wanted.value)
        except exact.NeedsPrecision:
            bits = exact.PRECISION
        order = topological([wanted])
        while bits < exact.MOST_BITS:
            bits *= 2
            with flint.ctx.workprec(bits):
                values: dict[Quantity, Any] = {}
                for q in order:
                    values[q] = _computed(q, [values[a] for a in q.args])
                try:
                    return read(values[wanted])
                except exact.NeedsPrecision:
                    continue
        raise ExactError(f"{wanted.symbol}: {exact.MOST_BITS} bits do not decide how it is rounded")

    # --- the graph ----------------------------------------------------------------------------------------------------

    def quantities(self) -> list[Quantity]:
        """Every quantity of the work, each after those that it was made from."""
        return topological(line.quantity for line in (*self.givens, *self.lines))

    @property
    def hand_operations(self) -> int:
        """How many operations a hand does: products, sums, quotients, roots and exponentials that are not free."""
        return sum(q.op.hand(*(a.value for a in q.args), q.value) for q in self.quantities() if q.op is not None)

    def to_json(self) -> dict[str, Any]:
        """The graph as plain data: operations, symbols and the values of what was given."""
        order = self.quantities()
        place = {id(q): i for i, q in enumerate(order)}
        nodes: list[dict[str, Any]] = []
        for q in order:
            node: dict[str, Any] = {"symbol": q.symbol} if q.symbol is not None else {}
            if q.op is None:
                node["value"] = value_to_json(q.value)
            else:
                node |= {"op": q.op.name, "args": [place[id(a)] for a in q.args]}
            nodes.append(node)
        return {
            "decimals": self.decimals,
            "nodes": nodes,
            "givens": [[place[id(line.quantity)], line.why] for line in self.givens],
            "lines": [[place[id(line.quantity)], line.why, line.decimals, line.heading] for line in self.lines],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Work:
        """The work that ``to_json`` wrote, worked again. Raises ``ExactError`` where the data is no work."""
        try:
            if len(data["nodes"]) > MOST_NODES:
                raise ExactError(f"this is not the record of a work: it has {len(data['nodes'])} quantities")
            made: list[Quantity] = []
            for node in data["nodes"]:
                if "op" in node:
                    if not all(0 <= i < len(made) for i in node["args"]):
                        raise ExactError("an operation before its arguments")
                    q = apply(OPS[node["op"]], *(made[i] for i in node["args"]))
                else:
                    q = quantity(None, (), value_from_json(node["value"]))
                _in_proportion(q.value)
                symbol = node.get("symbol")
                q.symbol = None if symbol is None else _text(symbol)
                made.append(q)
            work = cls(_places(data["decimals"]))
            work.givens = [_line(_at(made, i), _text(why), None, "") for i, why in data["givens"]]
            work.lines = [
                _line(_at(made, i), _text(why), _places(decimals), _text(heading))
                for i, why, decimals, heading in data["lines"]
            ]
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError) as problem:
            raise ExactError(f"this is not the record of a work: {problem}") from problem
        return work


def _in_proportion(value: Value) -> None:
    """Raises where a record holds what no work of ours holds: enormous numbers or arrays, arrays inside arrays."""
    items: tuple[Any, ...] = (value,)
    if isinstance(value, Array):
        items = value.items
        if any(type(n) is not int or n < 0 for n in value.shape) or prod(value.shape) != len(items):
            raise ValueError(f"an array of shape {value.shape} with {len(items)} entries")
    if len(items) > MOST_ITEMS:
        raise ValueError(f"an array of {len(items)} entries")
    for x in items:
        if x.__class__ is not int and x.__class__ is not fmpq and x.__class__ is not arb:
            raise TypeError("an entry that is no number")
        if not exact.is_ball(x) and exact.bits(x) > MOST_BITS:
            raise ValueError("a number of enormous length")


def _text(x: Any) -> str:
    if not isinstance(x, str):
        raise TypeError(f"{x!r} is no text")
    return x


def _places(x: Any) -> int | None:
    if x is not None and (type(x) is not int or not 0 <= x <= 100):
        raise ValueError(f"{x!r} is no number of decimals")
    return x


def _at(made: list[Quantity], i: Any) -> Quantity:
    if type(i) is not int or i < 0:
        raise IndexError(f"there is no quantity {i!r}")
    return made[i]


def _standing(q: Quantity, at: int, place: Mapping[Quantity, int], known: Mapping[Quantity, Any]) -> Any:
    """The value of a quantity in an expression that stands in the place ``at`` of a working."""
    args = q.args
    if place.get(q, at + 1) <= at:
        return known.get(q, q.value)
    if len(args) == 2:
        a, b = args
        x, y = _standing(a, at, place, known), _standing(b, at, place, known)
        return q.value if x is a.value and y is b.value else q.op.compute(x, y)  # type: ignore[union-attr]
    values = [_standing(a, at, place, known) for a in args]
    return q.value if all(map(is_, values, [a.value for a in args])) else _computed(q, values)


def _computed(q: Quantity, values: list[Any]) -> Any:
    return q.value if q.op is None else q.op.compute(*values)


def widened(value: Value, decimals: int) -> Value:
    """``value`` as it may be after rounding to ``decimals``: itself where it comes out even, else balls around it."""
    if isinstance(value, Array):
        items = tuple([_widened(x, decimals) for x in value.items])
        return value if all(map(is_, items, value.items)) else Array(value.shape, items)
    return _widened(value, decimals)


def _widened(x: Scalar, decimals: int) -> Scalar:
    if isinstance(x, int):
        return x
    if isinstance(x, fmpq):
        return x if 10**decimals % int(x.q) == 0 else arb(x, _half(decimals))
    return x + arb(0, _half(decimals)) if x.is_finite() else x


@lru_cache(maxsize=64)
def _half(decimals: int) -> arb:
    return arb(fmpq(1, 2 * 10**decimals))


def topological(roots: Iterable[Quantity]) -> list[Quantity]:
    """Every quantity under ``roots``, each once and after those that it was made from."""
    order: list[Quantity] = []
    seen: set[Quantity] = set()
    for root in roots:
        waiting = [(root, iter(root.args))] if root not in seen else []
        while waiting:
            q, rest = waiting[-1]
            for a in rest:
                if a not in seen:
                    if a.args:
                        waiting.append((a, iter(a.args)))
                        break
                    seen.add(a)
                    order.append(a)
            else:
                seen.add(q)
                order.append(q)
                waiting.pop()
    return order


def value_to_json(value: Value) -> Any:
    """An integer, ``"p/q"``, or a shape with its items. Balls are not data: they are worked again."""
    if isinstance(value, Array):
        return {"shape": list(value.shape), "items": [value_to_json(x) for x in value.items]}
    if value.__class__ is int:
        return value
    if value.__class__ is fmpq:
        return f"{value.p}/{value.q}"
    raise ExactError("a ball is worked again, not written down")


def value_from_json(data: Any) -> Value:
    if isinstance(data, dict):
        return Array(tuple(data["shape"]), tuple(value_from_json(x) for x in data["items"]))  # type: ignore[misc]
    return data if data.__class__ is int else exact.rational(data)
