"""Numbers as platforms read them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import gcd, lcm

from flint import fmpq

from quizgen_solvers.exact import decimal, places_needed, rounded

__all__ = ["points_text", "significant", "whole_weights"]

_PLACES = 7


def points_text(points: fmpq) -> str:
    """Points as a decimal: exact where they have one of up to 7 places, else rounded to that.

    >>> points_text(fmpq(3)), points_text(fmpq(5, 4)), points_text(fmpq(1, 3))
    ('3', '1.25', '0.3333333')
    """
    places = places_needed(points)
    if places is None or places > _PLACES:
        return decimal(rounded(points, _PLACES), _PLACES)
    return decimal(points, places)


def significant(number: str) -> int:
    """How many significant digits a decimal has.

    >>> significant("-0.0120"), significant("1000"), significant("0")
    (2, 1, 0)
    """
    return len(number.lstrip("-").replace(".", "").strip("0"))


def whole_weights(shares: Sequence[fmpq]) -> tuple[int, ...]:
    """The smallest whole numbers that relate as ``shares`` do, or the shares themselves where they are whole.

    >>> whole_weights([fmpq(4), fmpq(2)]), whole_weights([fmpq(1, 4), fmpq(1, 4), fmpq(1)])
    ((4, 2), (1, 1, 4))
    """
    common = lcm(*(int(share.q) for share in shares))
    weights = [int((share * common).p) for share in shares]
    if common == 1:
        return tuple(weights)
    divisor = reduce(gcd, weights) or 1
    return tuple(weight // divisor for weight in weights)
