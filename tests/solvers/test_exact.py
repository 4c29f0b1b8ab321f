"""Exact numbers, against mpmath and against integer arithmetic."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import arb, fmpq
from hypothesis import assume, given
from hypothesis import strategies as st

from quizgen_solvers import exact
from quizgen_solvers.exact import ExactError, NeedsPrecision, rational
from strategies import long_rationals, rationals

DIGITS = 80

FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "square_root": (exact.square_root, mpmath.sqrt),
    "exponential": (exact.exponential, mpmath.exp),
    "logarithm": (exact.logarithm, mpmath.log),
    "hyperbolic_tangent": (exact.hyperbolic_tangent, mpmath.tanh),
    "logistic": (exact.logistic, lambda x: 1 / (1 + mpmath.exp(-x))),
}


def precise(x: fmpq) -> Any:
    return mpmath.mpf(int(x.p)) / int(x.q)


def rounded_by_mpmath(x: Any, places: int) -> str:
    """Half away from zero, by another road: through an integer of mpmath."""
    scaled = abs(x) * mpmath.mpf(10) ** places
    units = int(mpmath.floor(scaled + mpmath.mpf(1) / 2))
    digits = str(units).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    return ("-" if x < 0 and units else "") + whole + ("." + part if part else "")


@given(st.sampled_from(sorted(FUNCTIONS)), rationals, st.integers(0, 25))
def test_a_printed_decimal_of_a_function_is_rightly_rounded(name: str, x: fmpq, places: int) -> None:
    ours, theirs = FUNCTIONS[name]
    assume(abs(x) < 25 and (x > 0 or name not in ("square_root", "logarithm")))  # 128 bits hold 25 places of e^25
    with mpmath.workdps(DIGITS):
        assert exact.decimal(ours(x), places) == rounded_by_mpmath(theirs(precise(x)), places)


@given(st.one_of(rationals, long_rationals), st.integers(0, 12))
def test_a_printed_decimal_of_a_rational_is_rightly_rounded(x: fmpq, places: int) -> None:
    with decimal.localcontext() as context:
        context.prec = 200
        # A multiple of half a unit is exact; every other quotient of these sizes is far enough from one.
        value = decimal.Decimal(int(x.p)) / int(x.q)
        expected = value.quantize(decimal.Decimal(1).scaleb(-places), rounding=decimal.ROUND_HALF_UP)
    assert exact.decimal(x, places) == format(expected if expected else abs(expected), "f")


@pytest.mark.parametrize(
    ("x", "places", "written"),
    [
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("0.00004", 4, "0.0000"),
        ("-0.00004", 4, "0.0000"),
        ("1/3", 4, "0.3333"),
        ("12", 2, "12.00"),
    ],
)
def test_halves_go_away_from_zero_and_nothing_is_minus_nothing(x: str, places: int, written: str) -> None:
    assert exact.decimal(rational(x), places) == written


@given(rationals, st.integers(0, 6))
def test_rounding_is_idempotent_and_within_half_a_unit(x: fmpq, places: int) -> None:
    once = exact.rounded(x, places)
    assert exact.rounded(once, places) == once
    assert abs(once - x) <= fmpq(1, 2 * 10**places)


@given(st.sampled_from(sorted(FUNCTIONS)), rationals)
def test_a_ball_holds_what_mpmath_finds(name: str, x: fmpq) -> None:
    ours, theirs = FUNCTIONS[name]
    assume(x > 0 or name not in ("square_root", "logarithm"))
    with mpmath.workdps(DIGITS):
        found = ours(x)
        reference = arb(mpmath.nstr(theirs(precise(x)), DIGITS - 5))
    assert abs(exact.ball(found) - reference) < fmpq(1, 10**30) * (1 + abs(reference))
    assert exact.ball(found).overlaps(reference)


@given(st.builds(fmpq, st.integers(0, 10**6), st.integers(1, 10**6)))
def test_the_root_of_a_square_is_rational(x: fmpq) -> None:
    assert exact.square_root(x * x) == x
    assert not isinstance(exact.square_root(x * x), arb)


@given(rationals)
def test_what_stays_rational_where_it_is(x: fmpq) -> None:
    assert exact.exponential(fmpq(0)) == 1
    assert exact.logarithm(fmpq(1)) == 0
    assert exact.hyperbolic_tangent(0) == 0
    assert exact.logistic(0) == fmpq(1, 2)
    assert exact.rectified(x) == max(x, fmpq(0))
    assert exact.unit_step(x) == (1 if x > 0 else 0)
    assert exact.floor(x) == Fraction(int(x.p), int(x.q)).__floor__()
    assert exact.ceiling(x) == Fraction(int(x.p), int(x.q)).__ceil__()


def test_a_ball_over_a_boundary_says_so() -> None:
    with pytest.raises(NeedsPrecision):
        exact.decimal(arb(fmpq(1, 2), fmpq(1, 10**9)), 0)
    assert exact.decimal(arb(fmpq(1, 2), fmpq(1, 10**9)), 1) == "0.5"
    with pytest.raises(NeedsPrecision):
        exact.decimal(arb(0, fmpq(6, 10)), 0)
    assert exact.decimal(arb(0, fmpq(4, 10)), 0) == "0"
    with pytest.raises(ExactError, match="not finite"):
        exact.decimal(arb.neg_inf(), 2)


def test_a_ball_that_reaches_over_zero_is_a_ball_of_what_it_may_be() -> None:
    for function in (exact.rectified, exact.unit_step):
        found = exact.ball(function(arb(0, 1)))
        assert found.contains(arb(0))
        assert found.contains(arb(1))
    assert exact.unit_step(arb(2, 1)) == 1
    assert exact.ball(exact.floor(arb(2, fmpq(1, 10)))).contains(arb(1))
    assert exact.floor(arb(fmpq(5, 2), fmpq(1, 10))) == 2


@pytest.mark.parametrize("spelling", ["0.1", "1e-8", "-.5", "5.", "+3", "7/8", " 12 ", "1.5E3", "-1/3"])
def test_a_decimal_is_the_rational_that_it_spells(spelling: str) -> None:
    assert rational(spelling) == fmpq(*Fraction(spelling).as_integer_ratio())


@given(rationals)
def test_a_rational_is_read_back(x: fmpq) -> None:
    assert rational(str(x)) == x
    assert rational(Fraction(int(x.p), int(x.q))) == x


@pytest.mark.parametrize("value", [0.5, float("nan"), True])
def test_floats_never_enter(value: Any) -> None:
    with pytest.raises(TypeError, match="exact"):
        rational(value)


@pytest.mark.parametrize(
    "text", ["", ".", "1..2", "1/0", "x", "1e", "١", "1_000", "0x10", "--1", "1/2/3", "1e99999999", "nan", "inf"]
)
def test_text_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither a decimal nor a fraction|divides by zero"):
        rational(text)


@pytest.mark.parametrize(
    ("x", "places"), [("1/8", 3), ("1/3", None), ("7", 0), ("3/40", 3), ("1/1024", 10), ("22/7", None)]
)
def test_how_many_decimals_write_a_rational_in_full(x: str, places: int | None) -> None:
    assert exact.places_needed(rational(x)) == places


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (lambda: exact.divide(1, 0), "division by zero"),
        (lambda: exact.divide(arb(1), fmpq(0)), "division by zero"),
        (lambda: exact.square_root(fmpq(-1)), "square root of a negative"),
        (lambda: exact.logarithm(0), "not positive"),
        (lambda: exact.power(2, fmpq(1, 2)), "only whole powers"),
        (lambda: exact.power(2, 10**6), "out of all proportion"),
        (lambda: exact.power(0, -1), "division by zero"),
        (lambda: exact.whole(fmpq(1, 2)), "whole number"),
    ],
)
def test_what_has_no_value_says_why(work: Callable[[], Any], says: str) -> None:
    with pytest.raises(ExactError, match=says):
        work()


@given(st.lists(st.one_of(st.integers(-5, 5), rationals), min_size=1, max_size=5))
def test_the_extremes(xs: list[Any]) -> None:
    assert exact.largest(*xs) == max(xs)
    assert exact.smallest(*xs) == min(xs)
    balls = [arb(x) for x in xs]
    assert exact.ball(exact.largest(*xs[:1], *balls)).overlaps(arb(max(xs)))
    assert exact.ball(exact.smallest(*xs[:1], *balls)).overlaps(arb(min(xs)))


@given(st.integers(-50, 50), st.integers(-50, 50))
def test_integers_divide_to_integers_or_rationals(a: int, b: int) -> None:
    assume(b)
    found = exact.divide(a, b)
    assert found == fmpq(a, b)
    assert isinstance(found, int) == (a % b == 0)
