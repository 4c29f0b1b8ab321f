"""A quantity as SymPy sees it: the same value, and a derivative found by another road."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quizgen_solvers import exact, optim, symbolic
from quizgen_solvers import quantity as qty
from quizgen_solvers.arrays import Array
from quizgen_solvers.exact import ExactError
from quizgen_solvers.quantity import Quantity
from quizgen_solvers.work import Work
from strategies import RATIONAL, rationals, works

SMOOTH = frozenset(["neg", "exp", "tanh", "sigmoid", "add", "sub", "mul", "div", "pow", "sum"])


def at_the_givens(expression: Any, work: Work) -> Any:
    values = symbolic.values(line.quantity for line in work.givens)
    return expression.subs(values) if hasattr(expression, "subs") else expression


def agrees(x: Any, value: Any) -> bool:
    if isinstance(value, arb):
        return bool(abs(arb(str(sympy.N(x, 50))) - value) < fmpq(1, 10**25) * (1 + abs(value)))
    value = fmpq(value)
    return bool(x == sympy.Rational(int(value.p), int(value.q)))


@settings(max_examples=50)
@given(works(ops=RATIONAL))
def test_the_expression_is_worth_what_the_quantity_is(work: Work) -> None:
    for line in work.lines:
        assert agrees(at_the_givens(symbolic.expression(line.quantity, deep=True), work), line.value)


@settings(max_examples=30)
@given(works(lines=2, steps=3))
def test_so_is_one_with_functions(work: Work) -> None:
    q = work.lines[-1].quantity
    found = at_the_givens(symbolic.expression(q, deep=True), work)
    value = exact.ball(q.value)
    assume(value.is_finite())
    assert abs(arb(str(sympy.N(found, 40))) - value) < fmpq(1, 10**20) * (1 + abs(value))


def test_named_quantities_are_symbols_unless_it_goes_deep() -> None:
    work = optim.adam("1", ["0.5"], lr="0.1")
    theta, hat = work[r"\theta_1"], work[r"\hat m_1"]
    names = {symbol.name for symbol in symbolic.expression(theta).free_symbols}
    assert names == {r"\theta_0", r"\alpha", r"\epsilon", r"\hat m_1", r"\hat v_1"}
    deep = {symbol.name for symbol in symbolic.expression(theta, deep=True).free_symbols}
    assert deep == {line.symbol for line in work.givens}
    kept = symbolic.expression(theta, deep=True, keep=[hat]).free_symbols
    assert symbolic.symbol(hat) in kept
    assert symbolic.symbol(work["m_0"]) not in kept


def test_the_derivative_of_a_neuron_is_the_chain_rule() -> None:
    work = Work()
    x, w, b, t = (work.given(name, value) for name, value in [("x", "0.5"), ("w", "-1"), ("b", "0.25"), ("t", 1)])
    a = work.let("a", qty.sigmoid(w * x + b))
    loss = work.let("L", (a - t) ** 2 / 2)
    by_hand = work.let("g", (a - t) * a * (1 - a) * x)
    assert agrees(at_the_givens(symbolic.derivative(loss, w), work), by_hand.value)
    by_a = symbolic.derivative(loss, a)
    assert sympy.simplify(by_a - (symbolic.symbol(a) - symbolic.symbol(t))) == 0


@settings(max_examples=25)
@given(works(ops=SMOOTH, lines=2, steps=3), st.data())
def test_a_derivative_is_the_limit_of_differences(work: Work, data: st.DataObject) -> None:
    x = data.draw(st.sampled_from(work.givens)).quantity
    y = work.lines[-1].quantity
    h = fmpq(1, 10**12)
    try:
        after, before = (exact.ball(work.rework({x: x.value + step}, [y])[0]) for step in (h, -h))
    except ExactError:
        assume(False)
    slope = at_the_givens(symbolic.derivative(y, x), work)
    assume(slope.is_finite is not False and abs(sympy.N(slope, 20)) < 1000)
    assert abs(arb(str(sympy.N(slope, 30))) - (after - before) / (2 * h)) < fmpq(1, 10**6)


rows = st.lists(st.lists(rationals, min_size=3, max_size=3), min_size=3, max_size=3)


@settings(max_examples=25)
@given(rows, rows, st.data())
def test_arrays_are_matrices(a: list[Any], b: list[Any], data: st.DataObject) -> None:
    work = Work()
    x, y = work.given("X", a), work.given("Y_1", b)
    made: Quantity = data.draw(
        st.sampled_from(
            [
                x @ y.T - x * y,
                qty.cross_correlate(x, qty.flip(y), 1, 2),
                qty.pad(-x, 1) / 2,
                qty.relu(x) + qty.step(y) * 3,
                qty.matrix([[x[0, 0], 2], [y[1, 2] ** 2, qty.total(x)]]),
                qty.floor(x) + qty.ceil(y) + qty.absolute(x),
                qty.maximum(x[0, 0], y[0, 0]) * x,
            ]
        )
    )
    found = symbolic.expression(work.let("Z", made), deep=True)
    assert isinstance(found, sympy.MatrixBase)
    assert found.shape == made.shape
    found = at_the_givens(found, work)
    assert all(agrees(found[i, j], made.value[i, j]) for i in range(made.shape[0]) for j in range(made.shape[1]))


def test_softmax_under_a_causal_mask() -> None:
    work = Work()
    s = work.given("S", [[1, 2], ["0.5", 3]])
    for axis in (0, 1):
        made = qty.softmax(qty.causal_mask(s), axis=axis)
        found = at_the_givens(symbolic.expression(made, deep=True), work)
        assert all(agrees(sympy.nsimplify(found[i, j]), made.value[i, j]) for i in range(2) for j in range(2))
    vector = qty.softmax(s[1])
    found = symbolic.expression(vector, deep=True)
    assert found.shape == (2,)
    assert sympy.simplify(sum(found) - 1) == 0


def test_vectors_and_shapes_are_arrays() -> None:
    work = Work()
    v = work.given("v", [1, 2, 3])
    assert symbolic.symbol(v) == sympy.Array([sympy.Symbol(f"v_{{{i}}}", real=True) for i in range(3)])
    assert symbolic.expression(qty.stack(v[0], 5, 2)) == sympy.Array([sympy.Symbol("v_{0}", real=True), 5, 2])


def test_what_has_no_symbolic_form_says_so() -> None:
    work = Work()
    a, b = work.given("a", 1), work.given("a", 2)
    with pytest.raises(ExactError, match="two quantities are called a"):
        symbolic.expression(a + b)
    with pytest.raises(ExactError, match="as a ball only"):
        symbolic.expression(a + qty.constant(arb(2).sqrt()))
    with pytest.raises(ExactError, match="without a name"):
        symbolic.symbol(a + 1)
    with pytest.raises(ExactError, match="of a scalar, by a scalar"):
        symbolic.derivative(qty.stack(a, 1), a)


def test_nothing_of_sympy_is_imported_before_it_is_needed() -> None:
    import subprocess
    import sys

    code = "import sys; from quizgen_solvers import symbolic, printing, optim; assert 'sympy' not in sys.modules; "
    code += "assert 'math_core' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_minus_infinity_is_minus_infinity() -> None:
    hidden = qty.constant(Array((1, 1), (exact.MINUS_INFINITY,)))
    assert symbolic.expression(hidden)[0, 0] == -sympy.oo
