"""What to ask next, and what an answer changes. Pure: no clock, no file, and chance only from a seed.

What is remembered is a skill, a family at a level. Unless a plan fixes the level, the skill at which the learner stands
is the one of its family that is asked; the memory of the others is kept for when she stands there again.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from quizgen.labour import expected_seconds
from quizgen.practice.levels import stand, standing_skill
from quizgen.practice.memory import HOUR, faded, late, pressing, review, sooner
from quizgen.practice.rating import rating
from quizgen.practice.records import History, Item, Memory, Moment, Outcome, Plan, Skill, Standing
from quizgen.rng import Rng

if TYPE_CHECKING:
    from quizgen.family import Entry

NEW = 4
"""One question of so many is of a skill that was never practised, while there are any."""

LATELY = 12 * HOUR
"""For so long a question that was left, or put in an exam, is not put first again."""

MISTAKES = 6
"""Among how many questions of a family a mistake that is made again counts as made twice."""


def skills(history: History, entries: Sequence[Entry], plan: Plan) -> tuple[Skill, ...]:
    """The skills that a plan asks: one of each family that it names, at its level or where the learner stands."""
    return tuple(
        standing_skill(history, entry) if plan.level is None else Skill(entry.name, plan.level)
        for entry in entries
        if (not plan.names or entry.name in plan.names or entry.topic in plan.names)
        and (plan.level is None or plan.level in entry.levels)
    )


def due(history: History, entries: Sequence[Entry], now: Moment, plan: Plan) -> tuple[Skill, ...]:
    """What is to be practised again, the most pressing first."""
    known = [history.memories[skill] for skill in skills(history, entries, plan) if skill in history.memories]
    found = [memory for memory in known if late(memory, now) >= 0]
    return tuple(memory.skill for memory in sorted(found, key=lambda one: (-pressing(one, now), one.skill)))


def due_today(history: History, entries: Sequence[Entry], now: Moment, plan: Plan, end_of_day: Moment) -> int:
    """How many skills are to be practised again before the day ends."""
    return len(set(due(history, entries, now, plan)).union(due(history, entries, end_of_day, plan)))


def choose(history: History, entries: Sequence[Entry], plan: Plan, now: Moment, seed: str) -> Skill | None:
    """The skill to ask next; None where the plan leaves nothing to ask.

    First what is due; each fourth question something new, while there is any; with neither, what has faded most. Of
    these the first whose topic is another than that of the question before. What is not due waits after a question
    until half of the skills have had theirs, and what was left a while ago until there is nothing else. No family comes
    twice in a row, unless it is the only one.
    """
    groups = _groups(history, entries, plan, now, seed)
    last = history.recent[0].skill if history.recent else None
    for group in groups:
        if apart := [skill for skill in group if last is None or skill.family != last.family]:
            return min(apart, key=lambda skill: last is not None and skill.topic == last.topic)
    return next((skill for group in groups for skill in group), None)


def _groups(
    history: History, entries: Sequence[Entry], plan: Plan, now: Moment, seed: str
) -> tuple[list[Skill], list[Skill]]:
    """The skills of a plan in the order in which they should come, and in the same way those that were left lately."""
    wanted = skills(history, entries, plan)
    ages: dict[Skill, int] = {}  # how many questions ago each was asked
    for age, item in enumerate(history.recent):
        ages.setdefault(item.skill, age)
    left = {skill for skill in wanted if skill in ages and _is_left(history.recent[ages[skill]], now)}
    again = [skill for skill in due(history, entries, now, plan) if skill not in left]
    new = [skill for skill in _new(history, wanted, seed) if skill not in left]
    latest = {skill for skill in wanted if ages.get(skill, len(wanted)) < len(wanted) // 2}
    mixed = sorted(
        set(wanted) - latest - left - {*again, *new},
        key=lambda skill: (-faded(history.memories[skill], now), skill),
    )
    had_new = any(_was_new(history, item) for item in history.recent[: NEW - 1])
    return (
        [*again, *new, *mixed] if had_new else [*new, *again, *mixed],
        sorted(left - latest, key=lambda skill: -ages[skill]),
    )


def _new(history: History, wanted: Sequence[Skill], seed: str) -> list[Skill]:
    """The skills that were never practised: first those of families at which she has just changed level, then of the
    topic of which least was seen."""
    practised = {skill.family for skill in history.memories}
    seen = practised.union(item.skill.family for item in history.recent)
    of_topic = Counter(skill.topic for skill in wanted)
    seen_of_topic = Counter(skill.topic for skill in wanted if skill.family in seen)
    drawn = Rng(f"new {seed}").shuffled(sorted(skill for skill in wanted if skill not in history.memories))
    return sorted(drawn, key=lambda one: (one.family not in practised, seen_of_topic[one.topic] / of_topic[one.topic]))


def _was_new(history: History, item: Item) -> bool:
    memory = history.memories.get(item.skill)
    return memory is None or memory.reviews <= 1


def _is_left(item: Item, now: Moment) -> bool:
    """Whether a question was put lately and not rated: left, or still to be answered in an exam."""
    return (item.outcome is None or not item.outcome.rating) and abs(now - item.opened) < LATELY


# --- what an answer changes -----------------------------------------------------------------------------------------


def after(
    history: History,
    mistakes_before: Sequence[Sequence[str]],
    item: Item,
    outcome: Outcome,
    levels: Sequence[int],
    now: Moment,
) -> tuple[Memory, Standing]:
    """The memory of a skill and the standing in its family after a question that was rated.

    ``mistakes_before``: those of the questions of the family before this one; one that is made again brings the skill
    back tomorrow at the latest. ``levels``: those of the family. Raises `ValueError` where there is no rating.
    """
    memory = review(history.memories.get(item.skill), item.skill, outcome.rating, now)
    if set(outcome.mistakes).intersection(chain.from_iterable(mistakes_before)):
        memory = sooner(memory, now)
    family = item.skill.family
    return memory, stand(history.standings.get(family), family, levels, item.skill.level, outcome)


def replayed(items: Iterable[Item], entries: Sequence[Entry]) -> tuple[list[Memory], list[Standing]]:
    """The memories and standings that these questions lead to, from the beginning and in the order in which they were
    closed. Of a family that is not here only the memories are worked out."""
    levels = {entry.name: tuple(entry.levels) for entry in entries}
    history = History()
    mistakes: defaultdict[str, deque[tuple[str, ...]]] = defaultdict(lambda: deque(maxlen=MISTAKES))
    rated = [
        (item.closed, item, item.outcome)
        for item in items
        if item.closed is not None and item.outcome is not None and item.outcome.rating
    ]
    for closed, item, outcome in sorted(rated, key=lambda one: one[0]):
        family = item.skill.family
        there = levels.get(family, (item.skill.level,))
        history.memories[item.skill], standing = after(history, mistakes[family], item, outcome, there, closed)
        if family in levels:
            history.standings[family] = standing
        mistakes[family].appendleft(outcome.mistakes)
    return list(history.memories.values()), list(history.standings.values())


__all__ = [
    "after",
    "choose",
    "due",
    "due_today",
    "expected_seconds",
    "rating",
    "replayed",
    "review",
    "skills",
    "sooner",
    "stand",
    "standing_skill",
]
