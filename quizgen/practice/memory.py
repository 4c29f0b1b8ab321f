"""How long a skill is remembered: FSRS (https://github.com/open-spaced-repetition/py-fsrs) over skills.

FSRS predicts how likely a skill is still there so many days after it was last practised, and asks again when that has
fallen to 90%. It counts whole days. Here a day of it is over after sixteen hours, so that what is practised every
evening, now a little later and now a little earlier, meets as many days as evenings.

Only the time between two reviews goes into FSRS, never the clock itself. A review that seems to lie before the last one
(the clock was set back, or ran ahead once) counts as made right after it, and the next one is due by the clock as it
now stands.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fsrs import Card, Rating, Scheduler, State

from quizgen.practice.records import Memory, Moment, Skill

HOUR = 3_600_000
DAY = 24 * HOUR
EARLY = 8 * HOUR
"""So much before a whole number of days they are taken to be over."""

LONGEST = 180
"""Days after which a skill comes again at the latest: what a term asks for is met twice a year."""

MOST_DAYS = 36_500  # that a wrong clock can put between two reviews

_FSRS = Scheduler(
    desired_retention=0.9,
    learning_steps=(timedelta(minutes=10),),
    relearning_steps=(timedelta(minutes=10),),
    maximum_interval=LONGEST,
    enable_fuzzing=False,
)
_THEN = datetime(2000, 1, 1, tzinfo=UTC)  # a zero for the time between two reviews, which is all that counts


def review(memory: Memory | None, skill: Skill, rating: int, now: Moment) -> Memory:
    """The memory after a review that was rated 1 (again), 2 (hard), 3 (good) or 4 (easy); raises `ValueError` for
    another rating.

    It is due ten or fifteen minutes later where it was not known, else after sixteen hours to half a year. A second
    review of the same day counts as good at most: nobody learns for months in one evening.
    """
    rated = Rating(rating)
    days = 0
    if memory is None:
        memory = Memory(skill, due=now, last=now)
        card = Card(card_id=0, due=_THEN)  # without an id it waits a millisecond to make a new one
    else:
        days = min(max(0, now - memory.last + EARLY) // DAY, MOST_DAYS)
        rated = rated if days else min(rated, Rating.Good)
        card = Card(0, State(memory.state), memory.step, memory.stability, memory.difficulty, _THEN, _THEN)
    at = _THEN + timedelta(days=days)
    after, _ = _FSRS.review_card(card, rated, at)
    wait = (after.due - at) // timedelta(milliseconds=1)
    return Memory(
        skill,
        due=now + (wait if wait < DAY else wait - EARLY),
        last=now,
        stability=after.stability,
        difficulty=after.difficulty,
        state=int(after.state),
        step=after.step,
        reviews=memory.reviews + 1,
        lapses=memory.lapses + (rated is Rating.Again and memory.state == State.Review),
    )


def sooner(memory: Memory, now: Moment) -> Memory:
    """The same memory, due tomorrow at the latest."""
    return replace(memory, due=min(memory.due, now + DAY - EARLY))


def interval(memory: Memory) -> Moment:
    """How long after the last review it is due, ms; a step of minutes counts as a day, to weigh it against the rest."""
    return max(memory.due - memory.last, DAY)


def late(memory: Memory, now: Moment) -> Moment:
    """For how long it has been due, ms; below 0: how long until it is.

    A memory whose last review seems to lie in the future is due as well when it lies further off than the next one was
    to come: the clock was wrong then or is wrong now, and nobody may wait until it has caught up.
    """
    return abs(now - memory.last) - (memory.due - memory.last)


def pressing(memory: Memory, now: Moment) -> float:
    """How much a skill that is due should come first: the days that it has waited, and a week for each of its own
    intervals. What fades fast goes before what lasts, but not forever: the days count alike for all."""
    waited = late(memory, now)
    return waited / DAY + 7 * waited / interval(memory)


def faded(memory: Memory, now: Moment) -> float:
    """Which share of its interval is over, of a skill that is not due."""
    return abs(now - memory.last) / interval(memory)
