"""At which level a learner stands in each family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from quizgen.practice.rating import HALF
from quizgen.practice.records import History, Outcome, Skill, Standing

if TYPE_CHECKING:
    from quizgen.family import Entry

IN_A_ROW = 2
"""How many questions in a row must go well, or badly, for a level to change."""


def standing_skill(history: History, entry: Entry) -> Skill:
    """The skill that a learner practises of a family: at the lowest level in the beginning."""
    standing = history.standings.get(entry.name, Standing(entry.name))
    return Skill(entry.name, _there_is(standing.level, tuple(entry.levels)))


def stand(standing: Standing | None, family: str, levels: Sequence[int], level: int, outcome: Outcome) -> Standing:
    """Where a learner stands after a question of ``level``.

    Two in a row with full credit and without a hint lead up, two in a row with less than half of it lead down; anything
    between begins the row anew. What was asked at another level says nothing, but one thing: who does a harder one
    without help could have done this one too. What was not rated changes nothing.
    """
    standing = standing or Standing(family)
    at = _there_is(standing.level, levels)
    well = outcome.credit >= 1 and outcome.hints == 0
    if not outcome.rating or level < at or (level > at and not well):
        return Standing(family, at, standing.run)
    run = max(standing.run, 0) + 1 if well else min(standing.run, 0) - 1 if outcome.credit < HALF else 0
    if abs(run) >= IN_A_ROW:
        others = sorted((other for other in levels if (other - at) * run > 0), key=lambda other: abs(other - at))
        if others:
            return Standing(family, others[0])
    return Standing(family, at, run)


def _there_is(level: int, levels: Sequence[int]) -> int:
    """The level that a family has instead of one that it may have no more: the next one below."""
    return max((there for there in levels if there <= level), default=min(levels))
