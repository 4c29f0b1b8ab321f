"""Exact numbers: integers, rationals, and balls where a value is transcendental.

A ``Scalar`` is a Python ``int``, a rational (``flint.fmpq``) or a ball (``flint.arb``): a midpoint with a proven
radius. Roots, exponentials and their kin stay rational where they are (√4, e⁰, tanh 0) and are balls otherwise.
Floats never enter. Decimals that are typed are read as the rationals that they spell: "0.1" is 1/10.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import reduce
from math import isqrt
from typing import TYPE_CHECKING, TypeAlias

import flint
from flint import arb as arb
from flint import fmpq as fmpq

if TYPE_CHECKING:
    from typing_extensions import TypeIs

Rational: TypeAlias = int | fmpq
Scalar: TypeAlias = int | fmpq | arb

PRECISION = 128
"""Bits that every ball is worked with at first. FLINT keeps its precision in one place for the whole process."""

MOST_BITS = 1 << 14
"""Where raising the precision of a value that straddles a rounding boundary ends."""

if flint.ctx.prec < PRECISION:
    flint.ctx.prec = PRECISION

HALF = fmpq(1, 2)
MINUS_INFINITY = arb.neg_inf()

_DECIMAL = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?", re.ASCII)
_FRACTION = re.compile(r"([+-]?\d+)/(\d+)", re.ASCII)


class ExactError(ArithmeticError):
    """Work that has no value: a division by zero, a kernel that does not fit, shapes that do not go together."""


class NeedsPrecision(ExactError):
    """A ball straddles a rounding boundary, so its decimals are not proven yet; work it again with more bits."""


def rational(value: int | str | fmpq | Fraction) -> fmpq:
    """The rational that ``value`` spells: ``rational("0.1") == fmpq(1, 10)``.

    Raises ``TypeError`` for a float and ``ValueError`` for text that is neither a decimal nor a fraction.
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, (bool, float)):
        raise TypeError(f"numbers are exact here: write {value!r} as a string, an integer or a fraction")
    if isinstance(value, int):
        return fmpq(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    text = value.strip()
    if found := _FRACTION.fullmatch(text):
        if not int(found[2]):
            raise ValueError(f"{value!r} divides by zero")
        return fmpq(int(found[1]), int(found[2]))
    found = _DECIMAL.fullmatch(text)
    if not found or not (found[2] or found[3]):
        raise ValueError(f"{value!r} is neither a decimal nor a fraction")
    sign, whole, part, exponent = found.groups(default="")
    scale = int(exponent or 0) - len(part)
    digits = int(whole + part)
    number = fmpq(digits * 10**scale) if scale >= 0 else fmpq(digits, 10**-scale)
    return -number if sign == "-" else number


def is_ball(x: Scalar) -> TypeIs[arb]:
    """Whether ``x`` is a ball, so that its decimals have to be proven."""
    return isinstance(x, arb)


def is_exact(x: Scalar) -> bool:
    """Whether ``x`` is an integer or a rational, so that it has no radius."""
    return not isinstance(x, arb)


def is_integer(x: Scalar) -> bool:
    """Whether ``x`` is a whole number, known exactly."""
    return isinstance(x, int) or (isinstance(x, fmpq) and x.q == 1)


def whole(x: Scalar) -> int:
    """``x`` as an int; raises ``ExactError`` where it is no integer."""
    if isinstance(x, int):
        return x
    if isinstance(x, fmpq) and x.q == 1:
        return int(x.p)
    raise ExactError(f"a whole number is needed here, not {x}")


def places_needed(x: Rational) -> int | None:
    """How many decimals write ``x`` in full, or ``None`` where they never end: 1/8 needs 3, 1/3 has none."""
    if isinstance(x, int):
        return 0
    bottom = int(x.q)
    twos = (bottom & -bottom).bit_length() - 1
    bottom >>= twos
    fives = 0
    while bottom % 5 == 0:
        bottom //= 5
        fives += 1
    return max(twos, fives) if bottom == 1 else None


def ball(x: Scalar) -> arb:
    """``x`` as a ball of the working precision."""
    return x if isinstance(x, arb) else arb(x)


def rounded_integer(x: Scalar, places: int) -> int:
    """``x * 10**places`` rounded to the nearest integer, halves away from zero, and proven.

    Raises ``NeedsPrecision`` where the ball reaches over a boundary, ``ExactError`` where it is not finite.
    """
    if not isinstance(x, arb):
        top, bottom = (x, 1) if isinstance(x, int) else (int(x.p), int(x.q))
        units: int = (2 * abs(top) * 10**places + bottom) // (2 * bottom)
        return units if top >= 0 else -units
    nearest = (abs(x) * 10**places + HALF).floor().unique_fmpz()  # of a ball around 0: 0, or unknown
    if nearest is None:
        if not x.is_finite():
            raise ExactError("the value is not finite")
        raise NeedsPrecision(f"{x} is not known well enough for {places} decimals")
    return -int(nearest) if x < 0 else int(nearest)


def rounded(x: Scalar, places: int) -> fmpq:
    """``x`` correctly rounded to ``places`` decimals, as a rational; raises like ``rounded_integer``."""
    return fmpq(rounded_integer(x, places), 10**places)


def decimal(x: Scalar, places: int) -> str:
    """``x`` written with ``places`` decimals, correctly rounded (halves away from zero): ``"-0.38"``."""
    units = rounded_integer(x, places)
    sign = "-" if units < 0 else ""
    digits = str(abs(units)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def divide(a: Scalar, b: Scalar) -> Scalar:
    """``a / b``; two integers give a rational, and 0 stays 0. Raises ``ExactError`` where ``b`` is zero."""
    if isinstance(b, arb):
        return 0 if not a and not isinstance(a, arb) and b != 0 else a / b
    if not b:
        raise ExactError("a division by zero")
    if isinstance(a, int) and isinstance(b, int):
        return a // b if a % b == 0 else fmpq(a, b)
    return a / b  # type: ignore[return-value]  # two integers, which would give a float, are gone


def bits(x: Rational) -> int:
    """How long ``x`` is: the bits of its numerator or denominator, whichever has more."""
    return x.bit_length() if isinstance(x, int) else max(int(x.p).bit_length(), int(x.q).bit_length())


def power(x: Scalar, n: Scalar) -> Scalar:
    """``x**n`` for an integer ``n`` of at most ten thousand."""
    if not is_integer(n):
        raise ExactError("only whole powers are worked here")
    exponent = whole(n)
    if abs(exponent) > 10_000:
        raise ExactError(f"a power of {exponent} is out of all proportion")
    if abs(exponent) > 2 and not isinstance(x, arb) and abs(exponent) * bits(x) > 1_000_000:
        raise ExactError(f"a power of {exponent} of so long a number is out of all proportion")
    return x**exponent if exponent >= 0 else divide(1, x**-exponent)


def square_root(x: Scalar) -> Scalar:
    """√x, rational where it is; raises ``ExactError`` for a negative number."""
    if isinstance(x, arb):
        return x.sqrt()
    if x < 0:
        raise ExactError("the square root of a negative number")
    top, bottom = (x, 1) if isinstance(x, int) else (int(x.p), int(x.q))
    a, b = isqrt(top), isqrt(bottom)
    if a * a == top and b * b == bottom:
        return a if b == 1 else fmpq(a, b)
    return arb(x).sqrt()


def exponential(x: Scalar) -> Scalar:
    """e^x; 1 where ``x`` is exactly 0."""
    return 1 if not isinstance(x, arb) and x == 0 else ball(x).exp()


def logarithm(x: Scalar) -> Scalar:
    """The natural logarithm."""
    if not isinstance(x, arb):
        if x <= 0:
            raise ExactError("the logarithm of a number that is not positive")
        if x == 1:
            return 0
    return ball(x).log()


def hyperbolic_tangent(x: Scalar) -> Scalar:
    """tanh x; 0 where ``x`` is exactly 0."""
    return 0 if not isinstance(x, arb) and x == 0 else ball(x).tanh()


def logistic(x: Scalar) -> Scalar:
    """The sigmoid 1 / (1 + e^-x)."""
    return HALF if not isinstance(x, arb) and x == 0 else 1 / (1 + (-ball(x)).exp())


def rectified(x: Scalar) -> Scalar:
    """ReLU: max(0, x); of a ball that reaches over zero, the ball of what it may be."""
    if isinstance(x, arb):
        return x.max(arb(0))
    return x if x > 0 else 0


def unit_step(x: Scalar) -> Scalar:
    """The derivative of ReLU, 0 at 0 as in PyTorch; of a ball that reaches over zero, the ball [0, 1]."""
    if isinstance(x, arb):
        return 1 if x > 0 else 0 if x <= 0 else arb(HALF, HALF)
    return 1 if x > 0 else 0


def floor(x: Scalar) -> Scalar:
    """The largest whole number up to ``x``; of a ball that reaches over one, the ball of what it may be."""
    if isinstance(x, int):
        return x
    if isinstance(x, fmpq):
        return int(x.floor())
    low = x.floor()
    known = low.unique_fmpz()
    return low if known is None else int(known)


def ceiling(x: Scalar) -> Scalar:
    """The smallest whole number from ``x`` on; balls as in ``floor``."""
    return -floor(-x)


def largest(*xs: Scalar) -> Scalar:
    """The maximum; of balls, the ball of what it may be."""
    if not any(isinstance(x, arb) for x in xs):
        return max(xs)
    return reduce(lambda a, b: ball(a).max(ball(b)), xs)


def smallest(*xs: Scalar) -> Scalar:
    """The minimum; balls as in ``largest``."""
    return -largest(*(-x for x in xs))
