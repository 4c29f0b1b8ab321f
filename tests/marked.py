"""Marks for the tests of the report of an exam: from a table of points, and of a simulated class."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

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


def simulated(students: int = 96, versions: Sequence[str] = "ABCD", seed: int = 1, harder: float = 0) -> Results:
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


def strange() -> Iterator[Any]:
    """Marks of which little or nothing can be said, as parameters of a test."""
    good = [[(3 * row + 5 * column) % 4 for column in range(3)] for row in range(12)]
    yield pytest.param(Results("T", asked(2), ()), id="no students")
    yield pytest.param(marked([[None, None]] * 12, of=1), id="nobody answered")
    yield pytest.param(marked([[1, 0]], of=1), id="one student")
    yield pytest.param(marked(good[:2], of=3), id="two students")
    yield pytest.param(marked(good[:9], of=3), id="nine students")
    yield pytest.param(marked(good, of=3), id="one version")
    yield pytest.param(marked([[row[0]] for row in good], of=3), id="one question")
    yield pytest.param(marked([[1, 2]] * 12, of=2), id="all equal")
    yield pytest.param(marked([[1, 2]] * 12, of=2, versions="AABBAABBAABB"), id="all equal in two versions")
    yield pytest.param(marked([[row % 2, 1 - row % 2] for row in range(12)], of=1), id="equal totals")
    yield pytest.param(marked([[0.1, 0.2] if row % 2 else [0.2, 0.1] for row in range(12)], of=1), id="nearly equal")
    yield pytest.param(marked([[row % 3] * 3 for row in range(12)], of=3), id="questions that agree")
    yield pytest.param(marked([[x, 1] for x in range(12)], of=12), id="one question equal for all")
    yield pytest.param(marked(good, of=3, versions=[str(row) for row in range(12)]), id="a paper each")
    yield pytest.param(marked(good, of=3, versions="AAAAAAAAAAAB"), id="a version of one student")
    yield pytest.param(
        marked([[0]] * 6 + [[1]] * 6, of=1, versions="AAAAAABBBBBB"), id="versions without any other difference"
    )
    yield pytest.param(marked([[0, 0]] * 12, of=0), id="worth nothing")
    yield pytest.param(marked([[-1, 1]] * 5 + [[-2, 2]] * 7, of=2), id="negative marks")
    earned = tuple(e for e in marked(good, of=3).earned if (e.student, e.key) != ("s03", "q2"))
    yield pytest.param(Results("T", asked(4), earned), id="other questions")
