"""Generators that property tests share: exact numbers, and works of random formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, fmpq
from hypothesis import strategies as st

from quizgen_solvers import quantity as qty
from quizgen_solvers.exact import ExactError
from quizgen_solvers.quantity import Quantity
from quizgen_solvers.work import Work

NAMES = ["x", "y", r"\beta_1", r"\hat m_1", "W^{[1]}", r"d_{\text{model}}", r"\mathrm{loss}", "z'"]
NAMES += [r"\frac{\partial L}{\partial w}"]
LINES = ["a", r"\theta_1", r"\hat v_t", r"h^{(2)}", r"n_{\mathrm{out}}", r"\delta", r"\bar s", r"\gamma_{t-1}"]

integers = st.integers(-12, 12)
decimals = st.builds(lambda n, k: fmpq(n, 10**k), st.integers(-3000, 3000), st.integers(0, 4))
fractions = st.builds(fmpq, st.integers(-60, 60), st.integers(1, 40))
rationals = st.one_of(integers.map(fmpq), decimals, fractions)
long_rationals = st.builds(fmpq, st.integers(-(10**30), 10**30), st.integers(1, 10**30))

UNARY: dict[str, Callable[[Any], Quantity]] = {
    "neg": lambda a: -a,
    "sqrt": qty.sqrt,
    "exp": qty.exp,
    "log": qty.log,
    "tanh": qty.tanh,
    "sigmoid": qty.sigmoid,
    "relu": qty.relu,
    "step": qty.step,
    "floor": qty.floor,
    "ceil": qty.ceil,
    "abs": qty.absolute,
}
BINARY: dict[str, Callable[[Any, Any], Quantity]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "max": lambda a, b: qty.maximum(a, b),
    "min": lambda a, b: qty.minimum(a, b),
}
RATIONAL = frozenset(["neg", "abs", "relu", "step", "floor", "ceil", *BINARY, "pow", "sum"])


def within_reason(q: Quantity) -> bool:
    """Whether a value is one that a page would show, and certain enough to be worked with."""
    v = q.value
    if isinstance(v, arb):
        return bool(v.is_finite() and abs(v) < 10**7 and v.rad() < fmpq(1, 10**25)) and not _may_be_a_tie(v)
    return bool(abs(v) < 10**7) and (isinstance(v, int) or v.q < 10**40)


def _may_be_a_tie(v: arb) -> bool:
    """Whether a ball holds a short decimal, as that of ln(e^0.0515): where it ends in 5 no precision proves a rounding.

    That case is an error of its own, and has a test of its own.
    """
    nearest = (v * 10**7 + fmpq(1, 2)).floor().unique_fmpz()
    return nearest is None or (int(nearest) % 10**7 != 0 and bool(v.contains(fmpq(nearest, 10**7))))


@st.composite
def works(draw: st.DrawFn, ops: frozenset[str] | None = None, lines: int = 4, steps: int = 5) -> Work:
    """A work of scalars: some given, then lines whose formulas are random trees over all scalar operations.

    What has no value, or one beyond all reason, is left out; ``ops`` narrows the operations.
    """
    work = Work(decimals=draw(st.integers(2, 5)))
    named = [work.given(name, draw(rationals)) for name in draw(st.permutations(NAMES))[:3]]
    allowed = [name for name in (*UNARY, *BINARY, "pow", "sum") if ops is None or name in ops]
    for name in LINES[: draw(st.integers(1, lines))]:
        pool: list[Quantity] = list(named)
        for _ in range(draw(st.integers(1, steps))):
            op = draw(st.sampled_from(allowed))

            def operand(pool: list[Quantity] = pool) -> Any:
                # The newest ones rather more often, so that formulas get deep.
                kind = draw(st.integers(0, 5))
                if kind == 0:
                    return qty.constant(draw(rationals))
                return pool[-1] if kind < 3 else draw(st.sampled_from(pool))

            try:
                if op in UNARY:
                    made = UNARY[op](operand())
                elif op == "pow":
                    made = operand() ** draw(st.integers(-3, 4))
                elif op == "sum":
                    made = qty.sum_of([operand() for _ in range(draw(st.integers(1, 4)))])
                else:
                    made = BINARY[op](operand(), operand())
            except ExactError:
                continue
            if within_reason(made):
                pool.append(made)
        named.append(work.let(name, pool[-1], decimals=draw(st.sampled_from([-1, 3, None]))))
    return work
