"""Points and times in words: the same in the terminal, over lines and on the site."""

from __future__ import annotations

from quizgen.question import two_decimals
from quizgen.wording import counted
from quizgen_solvers.exact import fmpq


def counted_points(x: fmpq) -> str:
    """ "0.5 point", "1 point", "1.33 points"."""
    return f"{two_decimals(x)} {'point' if 0 < x <= 1 else 'points'}"


def of_points(x: fmpq, of: int) -> str:
    """ "2.5 of 4 points"."""
    return f"{two_decimals(x)} of {counted(of, 'point')}"


def lasting(seconds: int) -> str:
    """ "45 seconds", "12 minutes", "1 hour 5 minutes"; rounded down, as a clock does."""
    if seconds < 60:
        return counted(seconds, "second")
    hours, rest = divmod(seconds // 60, 60)
    return " ".join([*([counted(hours, "hour")] if hours else []), *([counted(rest, "minute")] if rest else [])])
