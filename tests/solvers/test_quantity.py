"""Traced quantities: what they are worth, what they remember, what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from quizgen_solvers import arrays, exact
from quizgen_solvers import quantity as qty
from quizgen_solvers.arrays import Array
from quizgen_solvers.exact import ExactError, rational
from quizgen_solvers.quantity import Quantity, constant
from strategies import integers, rationals

operands = st.one_of(integers, rationals)


def matrices(rows: int, columns: int) -> st.SearchStrategy[list[list[Any]]]:
    row = st.lists(operands, min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows)


@given(operands, operands)
def test_arithmetic_on_quantities_is_arithmetic_on_their_values(a: Any, b: Any) -> None:
    x, y = constant(a), constant(b)
    assert (x + y).value == (x + b).value == (a + y).value == a + b
    assert (x - y).value == (x - b).value == (a - y).value == a - b
    assert (x * y).value == (x * b).value == (a * y).value == a * b
    assert (-x).value == -a
    if b:
        assert (x / y).value == (x / b).value == (a / y).value == fmpq(a) / fmpq(b)
        assert (y**3 * y**-2).value == b


@pytest.mark.parametrize(
    ("make", "op"),
    [
        (lambda a, b: a + b, "add"),
        (lambda a, b: a - b, "sub"),
        (lambda a, b: a * b, "mul"),
        (lambda a, b: a / b, "div"),
        (lambda a, b: a**3, "pow"),
        (lambda a, b: -a, "neg"),
        (lambda a, b: 2 + a, "add"),
        (lambda a, b: 2 - a, "sub"),
        (lambda a, b: 2 * a, "mul"),
        (lambda a, b: 2 / a, "div"),
    ],
)
def test_a_result_remembers_what_made_it(make: Callable[[Any, Any], Quantity], op: str) -> None:
    a, b = constant("0.9"), constant("1/3")
    made = make(a, b)
    assert made.op is qty.OPS[op]
    assert made.symbol is None
    assert any(x is a for x in made.args)
    assert made.value == made.op.compute(*(x.value for x in made.args))


@pytest.mark.parametrize("value", [0.5, [[1, 0.5]], True])
def test_floats_and_truth_values_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="exact"):
        constant(value)
    with pytest.raises(TypeError, match="exact"):
        constant(1) + value


def test_a_quantity_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match=r"ask its \.value"):
        bool(constant(1))


@given(matrices(2, 3), matrices(3, 2))
def test_a_matrix_product_is_its_definition(a: list[list[Any]], b: list[list[Any]]) -> None:
    found = (constant(a) @ constant(b)).value
    assert found.shape == (2, 2)
    for i in range(2):
        for j in range(2):
            assert found[i, j] == sum(a[i][k] * b[k][j] for k in range(3))
    assert constant(a).T.value.nested() == tuple(zip(*constant(a).value.nested(), strict=True))


@given(matrices(4, 5), matrices(2, 3), st.integers(0, 2), st.integers(1, 3))
def test_a_cross_correlation_is_its_definition(x: list[list[Any]], k: list[list[Any]], p: int, s: int) -> None:
    found = qty.cross_correlate(x, k, p, s).value

    def pixel(i: int, j: int) -> Any:
        return x[i][j] if 0 <= i < 4 and 0 <= j < 5 else 0

    assert found.shape == ((4 + 2 * p - 2) // s + 1, (5 + 2 * p - 3) // s + 1)
    for i in range(found.shape[0]):
        for j in range(found.shape[1]):
            window = sum(pixel(i * s + u - p, j * s + v - p) * k[u][v] for u in range(2) for v in range(3))
            assert found[i, j] == window


def test_channels_are_summed_and_flipped_each_on_its_own() -> None:
    x = [[[1, 2], [3, 4]], [[0, 1], [1, 0]]]
    k = [[[1, 0], [0, 0]], [[0, 0], [0, 2]]]
    assert qty.cross_correlate(x, k).value.nested() == ((1,),)
    assert qty.cross_correlate(x, qty.flip(k)).value.nested() == ((4,),)
    assert qty.flip(k).value.nested() == (((0, 0), (0, 1)), ((2, 0), (0, 0)))


@given(st.lists(rationals, min_size=1, max_size=4), rationals)
def test_softmax_sums_to_one_and_does_not_mind_a_shift(xs: list[fmpq], shift: fmpq) -> None:
    found = qty.softmax(xs).value
    assert exact.ball(arrays.total(found)).overlaps(arb(1))
    for a, b in zip(found.items, qty.softmax([x + shift for x in xs]).value.items, strict=True):
        assert exact.ball(a).overlaps(exact.ball(b))
    norm = sum(arb(x).exp() for x in xs)
    for x, share in zip(xs, found.items, strict=True):
        assert exact.ball(share).overlaps(arb(x).exp() / norm)


def test_softmax_of_equal_scores_is_rational() -> None:
    assert qty.softmax(["0.3"] * 4).value.items == (fmpq(1, 4),) * 4


def test_softmax_goes_along_the_axis_that_is_named() -> None:
    scores = [[0, 0], [1, 0]]
    by_rows, by_columns = qty.softmax(scores, axis=1).value, qty.softmax(scores, axis=0).value
    assert by_rows[0, 0] == fmpq(1, 2)
    assert by_columns[0, 1] == fmpq(1, 2)
    assert not exact.ball(by_rows[1, 0]).overlaps(exact.ball(by_columns[1, 0]) - fmpq(1, 10))


@pytest.mark.parametrize("scale", ["1", "0.5", "sqrt"])
def test_a_masked_position_weighs_nothing(scale: str) -> None:
    scores = constant([[3, 7], [1, 1]]) * (qty.sqrt(2) if scale == "sqrt" else scale)
    found = qty.softmax(qty.causal_mask(scores), axis=1).value
    assert found[0, 0] == 1
    assert found[0, 1] == 0
    assert exact.decimal(found[1, 0], 6) == "0.500000"


def test_every_entry_masked_has_no_softmax() -> None:
    with pytest.raises(ExactError, match="every entry is masked"):
        qty.softmax(constant(Array((1,), (exact.MINUS_INFINITY,))))


@given(matrices(2, 2), matrices(2, 2), rationals)
def test_arrays_go_entry_by_entry(a: list[list[Any]], b: list[list[Any]], c: fmpq) -> None:
    x, y = constant(a), constant(b)
    for made, entry in [
        (x + y, lambda i, j: a[i][j] + b[i][j]),
        (x - y, lambda i, j: a[i][j] - b[i][j]),
        (x * y, lambda i, j: a[i][j] * b[i][j]),
        (c * x, lambda i, j: c * a[i][j]),
        (c - x, lambda i, j: c - a[i][j]),
        (x / 7, lambda i, j: fmpq(a[i][j]) / 7),
        (qty.relu(x), lambda i, j: max(a[i][j], 0)),
        (x + constant([[1, 2]]), lambda i, j: a[i][j] + (1, 2)[j]),
    ]:
        assert all(made.value[i, j] == entry(i, j) for i in range(2) for j in range(2))


def test_items_rows_and_stacks() -> None:
    x = constant([[1, 2], [3, 4]])
    assert x[1, 0].value == 3
    assert x[1].value.items == (3, 4)
    assert qty.stack(x[0, 0], 5, x[1, 1]).value.items == (1, 5, 4)
    assert qty.matrix([[x[0, 0], 2], [3, x[1, 1]]]).value == x.value
    assert qty.total(x).value == 10
    assert x.shape == (2, 2)
    assert constant(3).shape == ()


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (lambda: constant(1) / 0, "division by zero"),
        (lambda: constant([1, 2]) / 0, "division by zero"),
        (lambda: constant([[1, 2]]) @ constant([[1, 2]]), r"\(1, 2\) matrix can't be multiplied by a \(1, 2\)"),
        (lambda: constant([1, 2]) @ constant([[1]]), "a matrix is needed"),
        (lambda: constant([1, 2]) + constant([1, 2, 3]), "do not go together"),
        (lambda: constant([[1, 2], [3]]), "differ in length"),
        (lambda: qty.matrix([[1, 2], [3]]), "differ in length"),
        (lambda: constant([1, 2])[2], "no entry"),
        (lambda: constant([1, 2])[0, 0], "no entry"),
        (lambda: qty.cross_correlate([[1]], [[1, 1], [1, 1]]), "does not fit"),
        (lambda: qty.cross_correlate([[1]], [[1]], 0, 0), "goes nowhere"),
        (lambda: qty.cross_correlate([[1]], [[1]], -1), "negative"),
        (lambda: qty.cross_correlate([[1]], [[1]], "0.5"), "whole number"),
        (lambda: qty.cross_correlate([[[1]]], [[[1]], [[1]]]), "2 channels"),
        (lambda: constant([1, 2]) ** constant([1, 2]), "exponent"),
    ],
)
def test_what_does_not_go_together_says_so(work: Callable[[], Any], says: str) -> None:
    with pytest.raises(ExactError, match=says):
        work()


def test_a_constant_is_what_it_spells() -> None:
    assert constant("0.10").value == rational("1/10")
    assert isinstance(constant("3").value, int)
    assert constant(7) is constant(7)  # small integers are shared
    assert constant([["0.5", 1]]).value.nested() == ((fmpq(1, 2), 1),)
