"""Points and times in words."""

from quizgen.practice.said import counted_points, lasting, of_points
from quizgen.question import two_decimals
from quizgen_solvers.exact import fmpq


def test_points_are_rounded_to_two_decimals() -> None:
    given = [fmpq(2), fmpq(0), fmpq(3, 2), fmpq(2, 3), fmpq(1, 200), fmpq(1, 201), fmpq(199, 100), fmpq(-1, 2)]
    assert list(map(two_decimals, given)) == ["2", "0", "1.5", "0.67", "0.01", "0", "1.99", "-0.5"]


def test_time_in_words() -> None:
    assert [lasting(seconds) for seconds in (1, 59, 60, 119)] == ["1 second", "59 seconds", "1 minute", "1 minute"]
    assert [lasting(seconds) for seconds in (3600, 7500)] == ["1 hour", "2 hours 5 minutes"]


def test_points_are_counted() -> None:
    given = [fmpq(0), fmpq(1, 2), fmpq(1), fmpq(4, 3)]
    assert list(map(counted_points, given)) == ["0 points", "0.5 point", "1 point", "1.33 points"]
    assert (of_points(fmpq(2, 3), 1), of_points(fmpq(5, 2), 4)) == ("0.67 of 1 point", "2.5 of 4 points")
