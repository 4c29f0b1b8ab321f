"""For platforms that compute with doubles: 0.2 is further from 0.3 than 0.1 there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flint import fmpq

from .fields import typed
from .numbers import significant

if TYPE_CHECKING:
    from quizgen.answers import Target
    from quizgen.question import QuestionPart

__all__ = ["DIGITS", "double", "slack", "too_long"]

DIGITS = 15
"""Decimals of so many significant digits are told apart."""


def slack(target: Target) -> fmpq:
    """The tolerance; a hair more where the ends of the interval, computed with doubles, would be outside.

    A hair is a millionth of the tolerance, or of the answer what its last bits are worth.

    >>> from quizgen.answers import Target
    >>> slack(Target(fmpq(1, 2), fmpq(1, 4))), slack(Target(fmpq(3, 10), fmpq(1, 10)))
    (1/4, 1000001/10000000)
    """
    centre, tolerance = double(target.centre), double(target.tolerance)
    for end in (double(target.centre - target.tolerance), double(target.centre + target.tolerance)):
        around_the_answer = centre - tolerance <= end <= centre + tolerance
        around_what_is_typed = end - tolerance <= centre <= end + tolerance
        if not (around_the_answer and around_what_is_typed and abs(end - centre) <= tolerance):
            return target.tolerance + max(target.tolerance / 10**6, abs(target.centre) / 10**15)
    return target.tolerance


def too_long(part: QuestionPart) -> str:
    """Why the numbers of a part are too long for doubles, "" where they aren't. Ask `fields.unfit` first."""
    long = next((text for text in typed(part) if significant(text) > DIGITS), "")
    return f"{long} has more than the {DIGITS} digits that are told apart there" if long else ""


def double(x: fmpq) -> float:
    """The double that is nearest to a number of `DIGITS` digits or a fraction of such."""
    return int(x.p) / int(x.q)
