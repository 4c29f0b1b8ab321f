"""How a number is written: in full where it is short, as a fraction where that is simple, else rounded and proven."""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq

from .. import exact
from ..arrays import Array, Value
from ..exact import Scalar, is_ball

FULL_PLACES = 6
"""A decimal that ends within so many places is written in full."""

LARGEST_PART = 99
"""Where a line has decimals, a fraction is written as one while neither numerator nor denominator is larger."""

BALL_PLACES = 6
"""To how many decimals a ball is written where nobody says."""


@dataclass(frozen=True, slots=True)
class Number:
    """A scalar as it is written: ``digits``, over ``bottom`` if there is one, times ten to the ``exponent``."""

    negative: bool
    digits: str  # "0.05", "12345", "" for the 1 of a bare power of ten, "∞"
    bottom: str = ""
    exponent: int = 0
    rounded: bool = False


def number(x: Scalar, decimals: int | None) -> Number:
    """``x`` as a line of ``decimals`` decimals writes it; ``decimals=None`` keeps a rational exact, however long.

    Raises ``NeedsPrecision`` where the decimals of a ball are not proven yet.
    """
    if is_ball(x):
        if not x.is_finite():
            if x.is_nan():
                raise exact.ExactError("the value is not a number")
            return Number(bool(x < 0), "∞")
        return rounded(x, BALL_PLACES if decimals is None else decimals)
    negative = x < 0
    top, bottom = (abs(x), 1) if isinstance(x, int) else (abs(int(x.p)), int(x.q))
    if bottom == 1:
        return Number(negative, str(top))
    places = exact.places_needed(x)
    if places is not None:
        if places <= FULL_PLACES:
            return Number(negative, exact.decimal(fmpq(top, bottom), places))
        units = str(int(fmpq(top, bottom) * 10**places))
        if len(units) <= 3:
            return Number(negative, _mantissa(units), exponent=len(units) - 1 - places)
    if decimals is not None:
        return Number(negative, str(top), str(bottom)) if max(top, bottom) <= LARGEST_PART else rounded(x, decimals)
    if places is not None:
        return Number(negative, exact.decimal(fmpq(top, bottom), places))
    return Number(negative, str(top), str(bottom))


def _mantissa(units: str) -> str:
    if units == "1":
        return ""
    return units if len(units) == 1 else f"{units[0]}.{units[1:]}"


def rounded(x: Scalar, decimals: int) -> Number:
    """``x`` as a decimal, correctly rounded."""
    written = exact.decimal(x, decimals)
    return Number(written.startswith("-"), written.removeprefix("-"), rounded=True)


def numbers(value: Value, decimals: int | None) -> tuple[Number, ...]:
    """The entries of ``value``; where one has to be rounded, fractions beside it are written as decimals too."""
    if not isinstance(value, Array):
        return (number(value, decimals),)
    made = tuple(number(x, decimals) for x in value.items)
    if decimals is not None and any(n.rounded for n in made):
        made = tuple(rounded(x, decimals) if n.bottom else n for n, x in zip(made, value.items, strict=True))
    return made


def groups(digits: str, gap: str) -> str:
    """Thousands set apart from five digits on: "196 608", but "4096"."""
    whole, point, part = digits.partition(".")
    if len(whole) < 5 or not whole.isdigit():
        return digits
    first = len(whole) % 3 or 3
    return gap.join([whole[:first], *(whole[i : i + 3] for i in range(first, len(whole), 3))]) + point + part
