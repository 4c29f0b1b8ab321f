"""How well a question went, as FSRS wants to know it: 1 again, 2 hard, 3 good, 4 easy."""

from __future__ import annotations

from quizgen.practice.records import ZERO, Outcome
from quizgen_solvers.exact import fmpq

HALF = fmpq(1, 2)
"""Credit below which a question counts as not known."""

NEARLY_ALL = fmpq(4, 5)
"""Credit below which it counts as hard: one slip among several parts still is good."""

QUICK, SLOW = 0.6, 3
"""Times the expected seconds: up to the first it was easy, beyond the second it was hard."""


def rating(outcome: Outcome, expected: int) -> int:
    """1 to 4; 0 where nothing can be said. ``expected``: seconds that one takes who knows how.

    - not rated: a question that can't be asked any more, and one that was left, or that the end of an exam met, before
      anything was answered or any help taken;
    - again: less than half of the credit;
    - hard: less than four fifths, or the solution was shown before the end, or it took three times as long;
    - easy: all of it, without a hint or a wrong try, in at most three fifths of the time;
    - good: the rest.

    Hints and wrong tries have cost credit already. Exams are rated alike.
    """
    nothing_done = outcome.credit == ZERO and outcome.hints == outcome.wrong == 0
    if outcome.ending == "gone" or (outcome.ending in ("skipped", "time") and nothing_done):
        return 0
    if outcome.credit < HALF:
        return 1
    if outcome.credit < NEARLY_ALL or outcome.ending == "shown" or outcome.seconds > SLOW * expected:
        return 2
    alone = outcome.credit >= 1 and outcome.hints == outcome.wrong == 0
    return 4 if alone and 0 < outcome.seconds <= QUICK * expected else 3  # no seconds: the clock went back meanwhile
