"""The worked solution: which quantities are given, which are lines, and what follows from working them again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flint

from . import arrays, exact
from .arrays import Array, Value
from .exact import ExactError, Scalar, fmpq
from .quantity import OPS, SAME, Quantity, apply, constant, value_of


@dataclass(slots=True)
class Line:
    """A named quantity of a solution.

    ``why`` says in a few words what the line is (small markup); ``decimals`` is to how many decimals a hand is expected
    to round it where it does not come out even, ``None`` where it stays exact; ``heading`` opens a new step.
    """

    quantity: Quantity
    why: str = ""
    decimals: int | None = None
    heading: str = ""

    @property
    def symbol(self) -> str:
        return self.quantity.symbol or ""

    @property
    def value(self) -> Any:
        return self.quantity.value


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

    def given(self, symbol: str, value: Any, about: str = "") -> Quantity:
        """A number or array that the question states. ``value`` as ``constant`` takes it; ``about`` says what it is."""
        quantity = Quantity(None, (), value_of(value))
        quantity.symbol = symbol
        self.givens.append(Line(quantity, about))
        return quantity

    def let(self, symbol: str, expression: Any, why: str = "", decimals: int | None = -1) -> Quantity:
        """Names an expression: the name is a line of the solution. ``decimals=None`` keeps the line exact."""
        quantity = expression if expression.__class__ is Quantity else constant(expression)
        if quantity.op is None or quantity.symbol is not None:
            quantity = apply(SAME, quantity)
        quantity.symbol = symbol
        self.lines.append(Line(quantity, why, self.decimals if decimals == -1 else decimals, self._heading))
        self._heading = ""
        return quantity

    def heading(self, text: str) -> None:
        """A heading (small markup) above the line that comes next."""
        self._heading = text

    def __getitem__(self, symbol: str) -> Quantity:
        for line in reversed(self.lines):
            if line.quantity.symbol == symbol:
                return line.quantity
        for line in self.givens:
            if line.quantity.symbol == symbol:
                return line.quantity
        raise KeyError(f"this work has no quantity {symbol!r}")

    # --- working it again ---------------------------------------------------------------------------------------------

    def rework(self, replace: Mapping[Quantity, Any], wanted: Sequence[Quantity]) -> list[Value]:
        """The values of ``wanted`` when some quantities are replaced, everything downstream worked again.

        A replacement is a number or array, or another expression of the work's own quantities (upstream of what it
        replaces; inside it the replaced quantity stands for what it was: ``{K: flip(K)}``). Raises ``ExactError``
        where the changed work has no value.
        """
        again = _Again({id(q): x for q, x in replace.items()})
        return [again.value(q) for q in wanted]

    def reach(self, wanted: Sequence[Quantity], replace: Mapping[Quantity, Any] | None = None) -> list[Value]:
        """Everything that honest rounding can make of ``wanted``: the work again, each line rounded to its decimals.

        A line that comes out even is not widened; any other one becomes a ball of half a unit in its last decimal.
        """
        widths = {id(line.quantity): line.decimals for line in self.lines if line.decimals is not None}
        again = _Again({id(q): x for q, x in (replace or {}).items()}, widths)
        return [again.value(q) for q in wanted]

    def precisely(self, wanted: Quantity, read: Callable[[Value], Any]) -> Any:
        """``read(value)`` of ``wanted``, worked again at higher precisions as long as it raises ``NeedsPrecision``."""
        try:
            return read(wanted.value)
        except exact.NeedsPrecision:
            bits = exact.PRECISION
        while bits < exact.MOST_BITS:
            bits *= 2
            with flint.ctx.workprec(bits):
                try:
                    return read(_Again({}, afresh=True).value(wanted))
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
        return sum(
            q.op.hand(*(a.value for a in q.args), q.value) for q in self.quantities() if q.op is not None
        )

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
            made: list[Quantity] = []
            for node in data["nodes"]:
                if "op" in node:
                    if not all(0 <= i < len(made) for i in node["args"]):
                        raise ExactError("an operation before its arguments")
                    q = apply(OPS[node["op"]], *(made[i] for i in node["args"]))
                else:
                    q = Quantity(None, (), value_from_json(node["value"]))
                q.symbol = node.get("symbol")
                made.append(q)
            work = cls(data["decimals"])
            work.givens = [Line(made[i], why) for i, why in data["givens"]]
            work.lines = [Line(made[i], why, decimals, heading) for i, why, decimals, heading in data["lines"]]
        except (KeyError, IndexError, TypeError, ValueError) as problem:
            raise ExactError(f"this is not the record of a work: {problem}") from problem
        return work


class _Again:
    """One more working of a graph. A node is worked anew only where something that it was made from has changed."""

    def __init__(
        self, replace: dict[int, Any], widths: Mapping[int, int | None] | None = None, afresh: bool = False
    ) -> None:
        self.replace = replace
        self.widths = widths
        self.afresh = afresh
        self.known: dict[int, Value] = {}

    def value(self, q: Quantity) -> Value:
        key = id(q)
        found = self.known.get(key)
        if found is not None:
            return found
        if key in self.replace:
            new = self.replace[key]
            if new.__class__ is Quantity:
                # Inside its own replacement a quantity is what it was, so that one can say {K: flip(K)}.
                self.known[key] = self._own(q)
                found = self.value(new)
            else:
                found = value_of(new)
        else:
            found = self._own(q)
        if self.widths is not None and (decimals := self.widths.get(key)) is not None:
            found = arrays.each(lambda x: widened(x, decimals), found)
        self.known[key] = found
        return found

    def _own(self, q: Quantity) -> Value:
        if q.op is None:
            return q.value  # type: ignore[no-any-return]
        values = [self.value(a) for a in q.args]
        if not self.afresh and all(v is a.value for v, a in zip(values, q.args)):
            return q.value  # type: ignore[no-any-return]
        return q.op.compute(*values)  # type: ignore[no-any-return]


def widened(x: Scalar, decimals: int) -> Scalar:
    """``x`` as it may be after rounding to ``decimals``: itself where it comes out even, else a ball around it."""
    if x.__class__ is int or (x.__class__ is fmpq and 10**decimals % int(x.q) == 0):
        return x
    if x.__class__ is exact.arb and not x.is_finite():
        return x
    half = exact.arb(fmpq(1, 2 * 10**decimals))
    return exact.arb(x, half) if x.__class__ is fmpq else x + exact.arb(0, half)


def topological(roots: Iterable[Quantity]) -> list[Quantity]:
    """Every quantity under ``roots``, each once and after those that it was made from."""
    order: list[Quantity] = []
    seen: set[int] = set()

    def visit(q: Quantity) -> None:
        if id(q) in seen:
            return
        seen.add(id(q))
        for a in q.args:
            visit(a)
        order.append(q)

    for root in roots:
        visit(root)
    return order


def value_to_json(value: Value) -> Any:
    """An integer, ``"p/q"``, or a shape with its items. Balls are not data: they are worked again."""
    if value.__class__ is Array:
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
