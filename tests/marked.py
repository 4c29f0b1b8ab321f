"""Marks for the tests of the report of an exam: from a table of points, and of a simulated class."""

from __future__ import annotations

import random
from collections.abc import Sequence

from quizgen.exam.results import Asked, Earned, Results
from quizgen.labour import Labour

TITLES = (
    "One step of Adam",
    "Output size of a convolution",
    "Softmax and cross-entropy",
    "Attention scores",
    "Backpropagation",
    "Batch normalisation",
    "Receptive field",
    "Why does dropout scale?",
)
FAMILIES = ("optim.adam", "conv.output-size", "", "attention.scores", "", "", "", "")


def asked(count: int) -> tuple[Asked, ...]:
    return tuple(
        Asked(n + 1, f"q{n + 1}", TITLES[n % 8], FAMILIES[n % 8], 2 if FAMILIES[n % 8] else None) for n in range(count)
    )


def marked(table: Sequence[Sequence[float | None]], of: float, versions: Sequence[str] = ()) -> Results:
    """A student a row, a question of one part a column; None: she left it out. All had version A, or these."""
    earned = tuple(
        Earned(f"s{row:02}", versions[row] if versions else "A", f"q{column + 1}", 1, x or 0, of, x is not None)
        for row, points in enumerate(table)
        for column, x in enumerate(points)
    )
    return Results("Midterm", asked(len(table[0]) if table else 1), earned)


def simulated(
    students: int = 96, versions: str = "ABCD", seed: int = 1, harder: float = 0, own: bool = False
) -> Results:
    """A class of normally distributed ability, which question 7 has nothing to do with; question 5 has a common slip.

    ``harder``: by how much question 3 is harder in version D, in standard deviations of ability.
    """
    rng = random.Random(seed)
    difficulty = (-2.2, -1, 0, 0.5, 1, -0.5, 1.8, 0.2)
    earned, times = [], {}
    for number in range(students):
        who, ability = f"s{number:03}", rng.gauss(0, 1)
        version = versions[number % len(versions)]
        times[who] = rng.gauss(4200, 500)
        for place, (question, hard) in enumerate(zip(asked(8), difficulty, strict=True)):
            for part in (1, 2)[: 1 + place % 2]:
                level = 0 if place == 6 else ability
                reached = level - hard - (harder if place == 2 and version == "D" else 0) + rng.gauss(0, 0.8)
                omitted = rng.random() < (0.45 if place == 7 else 0.03)
                points = 0 if omitted else 2 if reached > 0.3 else 1 if reached > -0.2 else 0
                slip = place == 4 and points == 0 and not omitted and rng.random() < 0.7
                seconds = rng.gauss(200, 40) if place < 3 else None
                slips = ("forgot the square root",) if slip else ()
                earned.append(Earned(who, version, question.key, part, points, 2, not omitted, slips, seconds))
    work = {(e.version, e.key): Labour(14, 40, ("number",)) for e in earned}
    return Results("Midterm: deep learning", asked(8), tuple(earned), times, work)
