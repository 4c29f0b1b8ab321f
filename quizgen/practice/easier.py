"""The same question with easier numbers."""

from __future__ import annotations

from collections.abc import Container
from itertools import islice

from quizgen import code as codes
from quizgen import draw
from quizgen import family as families
from quizgen.labour import labour
from quizgen.question import Question

DRAWN = 32
"""How many questions of a level are looked at."""


def easier(question: Question, avoid: Container[str] = ()) -> Question:
    """A question of the same family that takes less to work out by hand: of those drawn at its level the easiest, else
    the easiest of the level below. Where neither is easier, the easiest that there is.
    """
    entry = families.find(question.family)
    most = labour(question).total
    found = []
    for level in range(question.level, max(0, question.level - 2), -1):
        drawn = islice(draw.stream(entry, level, codes.fresh_seed()), DRAWN)
        found += [(labour(one).total, -level, one) for one in drawn if one.code not in avoid]
        best = min(found, key=lambda each: each[:2])
        if best[0] < most:
            break
    return best[2]
