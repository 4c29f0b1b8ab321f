"""The bound: what float64 does stays inside, what it doesn't do falls outside."""

from __future__ import annotations

import math
import operator
from fractions import Fraction

import pytest
import torch
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from quizgen.answers.formula import read_formula
from quizgen.verify import bounds
from quizgen.verify.tensors import as_float
from quizgen_solvers import quantity
from quizgen_solvers.arrays import Array
from quizgen_solvers.quantity import OPS, Quantity, constant

rationals = st.fractions(min_value=-50, max_value=50, max_denominator=10_000).map(
    lambda x: fmpq(x.numerator, x.denominator)
)
positive = rationals.map(abs).filter(bool)


def radius(q: Quantity) -> float:
    return float(bounds.reach(q, {}).rad())


def test_every_operation_has_its_count():
    assert set(OPS) == set(bounds.ROUNDINGS) | bounds.FREE
    assert not set(bounds.ROUNDINGS) & bounds.FREE


def test_integers_are_exact():
    q = (constant(7) + constant(5)) * constant(3) - 2**40
    assert bounds.reach(q, {}) == 36 - 2**40


def test_an_integer_that_float64_does_not_hold_is_not():
    assert radius(constant(2**53 + 1)) >= 1
    assert radius(constant(2**52) * 3) >= 1


def test_a_product_is_widened_by_the_roundings_that_are_counted():
    u = 2.0**-53
    product = constant(fmpq(1, 3)) * constant(fmpq(1, 7))
    # two conversions and a product, each of up to WAYS roundings
    assert radius(product) == pytest.approx(3 * bounds.WAYS * u / 21, rel=1e-6)


def test_cancellation_is_carried_on():
    x = constant(1) - constant(fmpq(999, 1000))
    assert radius(x * 1000) > 1000 * 2.0**-53
    assert radius(x * 1000) < 2e-12


def test_a_quotient_by_what_may_be_zero_has_no_bound():
    nearly = constant(fmpq(1, 3)) - constant(fmpq(1, 3) + fmpq(1, 10**30))
    assert not bounds.reach(constant(1) / nearly, {}).is_finite()


def test_known_balls_are_used_again():
    a = constant(fmpq(1, 3)) + 1
    balls: dict = {}
    first = bounds.reach(a, balls)
    assert bounds.reach(a * 2, balls) is not None
    assert balls[a] is first


@given(rationals, rationals, rationals)
def test_arithmetic_in_float64_lies_inside(a, b, c):
    qa, qb, qc = map(constant, (a, b, c))
    exact = (qa * qb - qc) * (qa + qb) - qb * qc
    x, y, z = map(as_float, (a, b, c))
    reached = bounds.reach(exact, {})
    for way in ((x * y - z) * (x + y) - y * z, -(y * z) + (y + x) * (y * x - z)):
        assert operator.contains(_ball(reached), way)


@given(positive, positive)
def test_functions_in_float64_lie_inside(a, b):
    qa, qb = constant(a), constant(b)
    x, y = (torch.tensor(as_float(v), dtype=torch.float64) for v in (a, b))
    pairs = [
        (quantity.sqrt(qa) / (quantity.sqrt(qb) + 1), x.sqrt() / (y.sqrt() + 1)),
        (quantity.exp(-qa) * qb, torch.exp(-x) * y),
        (quantity.log(qa + qb), torch.log(x + y)),
        (quantity.tanh(qa - qb), torch.tanh(x - y)),
        (quantity.sigmoid(qb - qa), torch.sigmoid(y - x)),
        (qa**5 / qb, x**5 / y),
    ]
    for exact, run in pairs:
        assert operator.contains(_ball(bounds.reach(exact, {})), run.item())


@given(st.lists(rationals, min_size=6, max_size=6), st.lists(rationals, min_size=6, max_size=6))
def test_arrays_in_float64_lie_inside(a, b):
    left, right = constant(Array((2, 3), tuple(a))), constant(Array((3, 2), tuple(b)))
    x = torch.tensor([as_float(v) for v in a], dtype=torch.float64).reshape(2, 3)
    y = torch.tensor([as_float(v) for v in b], dtype=torch.float64).reshape(3, 2)
    pairs = [
        (left @ right, x @ y),
        (quantity.softmax(left, 1), torch.softmax(x, 1)),
        (quantity.softmax(left, 0), torch.softmax(x, 0)),
        (quantity.total(left), x.sum()),
        (left.T * right + right, x.T * y + y),
        (quantity.cross_correlate(left, left, 1, 1), _correlate(x)),
    ]
    for exact, run in pairs:
        found = bounds.reach(exact, {})
        items = found.items if isinstance(found, Array) else (found,)
        for ball, value in zip(items, run.reshape(-1).tolist(), strict=True):
            assert operator.contains(_ball(ball), value)


@given(st.lists(rationals, min_size=4, max_size=4))
def test_the_quick_bound_is_inside_the_whole_one(items):
    a = constant(Array((2, 2), tuple(items)))
    for q in (a @ a, quantity.softmax(a, 1), quantity.sigmoid(a), quantity.tanh(a.T), a * a, a + a, (a @ a)[1]):
        balls = bounds.reach(q, {})
        for x, ball in zip(q.value.items, balls.items, strict=True):
            edge = bounds.at_least(q) * abs(float(x)) * (1 - 1e-9)
            assert x.__class__ is int or x == 0 or _ball(ball).contains(_ball(x) + edge)


def test_a_masked_softmax_keeps_its_zeros():
    scores = constant(Array((2, 2), (fmpq(1, 3), fmpq(1, 7), fmpq(2, 3), fmpq(5, 7))))
    found = bounds.reach(quantity.softmax(quantity.causal_mask(scores), 1), {})
    assert found.items[1] == 0
    assert all(_ball(x).is_finite() for x in found.items)


def test_a_formula_at_a_point():
    formula = read_formula("(x + 1)/y - exp(-x)", ("x", "y"))
    point = {"x": fmpq(1, 3), "y": fmpq(7, 9)}
    ball = bounds.reach_formula(formula, point)
    assert operator.contains(ball, (1 / 3 + 1) / (7 / 9) - math.exp(-1 / 3))
    assert 0 < float(ball.rad()) < 2e-14


def test_the_bound_is_what_the_documentation_says():
    for k in (1, 3, 100):
        g = Fraction(bounds.WAYS * k, 2**53 - bounds.WAYS * k)
        assert float(bounds.unit(k).rad()) == pytest.approx(float(g), rel=1e-8)
        assert bounds.unit(k).contains(arb(fmpq(g.numerator, g.denominator)))


def _ball(x) -> arb:
    return x if isinstance(x, arb) else arb(x)


def _correlate(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.conv2d(x[None, None], x[None, None], padding=1)[0, 0]
