"""A year of practice by learners who are made up.

A learner has an ability in each family, which grows with what she practises there, and forgets each skill along a
curve of its own, whose time constant grows with every success that came late enough. Nothing of this is known to the
schedule, which sees outcomes alone. No question is drawn.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from math import exp
from random import Random
from statistics import mean

import pytest

from quizgen.family import Entry, everything, find
from quizgen.practice.memory import DAY, HOUR, LONGEST
from quizgen.practice.records import History, Item, Moment, Outcome, Plan, Skill
from quizgen.practice.schedule import after, choose, due, rating, skills, standing_skill
from quizgen_solvers.exact import fmpq

NAMES = """
attention.scores attention.shapes backprop.scalar-graph backprop.two-layer conv.cross-correlate conv.layer-table
conv.output-size conv.parameter-count conv.same-padding loss.softmax net.parameter-count net.shapes optim.adam
optim.momentum
"""
ALL = tuple(find(name) for name in NAMES.split())  # so many for ten questions a day, however many more there will be
WEAK = ALL[::3]  # the families in which the uneven learner is weak
PLAN = Plan()
MOST = 40  # questions that anybody answers on a day
EXPECTED = 200  # seconds that a question takes who knows how

START = 1_800_000_000_000 // DAY * DAY + 18 * HOUR  # the first evening
YEAR = range(365)
QUARTERS = [range(91 * n, 91 * (n + 1)) for n in range(4)]


@dataclass
class Learner:
    """``ability``: by family, on the scale of levels: at its own level a question goes well every second time;
    ``most``: what she can reach; ``pace``: how much of the rest she learns from one question."""

    ability: dict[str, float]
    most: dict[str, float]
    pace: float
    chance: Random
    fades: dict[Skill, float] = field(default_factory=dict)
    """Days after which a third of what she knew is left."""
    last: dict[Skill, Moment] = field(default_factory=dict)

    def answer(self, skill: Skill, now: Moment) -> Outcome:
        """What comes of a question, and what she learns from it."""
        family, fades = skill.family, self.fades.get(skill, 3.0)
        days = (now - self.last.get(skill, now)) / DAY
        there = exp(-days / fades)
        knows = 1 / (1 + exp(-3 * (self.ability[family] - skill.level)))
        drawn, slow = self.chance.random(), self.chance.uniform(0.4, 1.6)
        mistake = (self.chance.choice(["one", "two", "three", "four"]),)
        self.last[skill] = now
        self.ability[family] += self.pace * (self.most[family] - self.ability[family])
        if drawn < there * knows:
            self.fades[skill] = min(fades * (1 + 3 * (1 - there)), 400.0)  # what was nearly lost is kept the longer
            return self._rated(fmpq(1), slow / (0.5 + knows), 0, ())
        self.fades[skill] = max(2.0, fades / 2)
        if drawn < there * knows + 0.1:
            return self._rated(fmpq(3, 4), slow, 1, mistake)
        return self._rated(fmpq(1, 4), 2 * slow, 2, mistake)

    def _rated(self, credit: fmpq, time: float, wrong: int, mistakes: tuple[str, ...]) -> Outcome:
        seconds = max(1, round(EXPECTED * time))
        outcome = Outcome("answered", credit=credit, points=4, wrong=wrong, seconds=seconds, mistakes=mistakes)
        return replace(outcome, rating=rating(outcome, EXPECTED))


def able(seed: int = 1, entries: Sequence[Entry] = ALL) -> Learner:
    names = [entry.name for entry in entries]
    return Learner(dict.fromkeys(names, 2.0), dict.fromkeys(names, 4.5), 0.1, Random(seed))


def weak(seed: int = 1) -> Learner:
    names = [entry.name for entry in ALL]
    return Learner(dict.fromkeys(names, 0.5), dict.fromkeys(names, 1.2), 0.02, Random(seed))


def uneven(seed: int = 1) -> Learner:
    """One who is able, but for every third family."""
    learner, other = able(seed), weak()
    for entry in WEAK:
        learner.ability[entry.name], learner.most[entry.name] = other.ability[entry.name], other.most[entry.name]
    return learner


@dataclass(frozen=True)
class Asked:
    day: int
    skill: Skill
    due: bool
    """Whether it was due, and neither new nor asked for a fair mix."""
    wait: float
    """After how many days it is due again."""
    credit: fmpq


@dataclass
class Year:
    asked: list[Asked] = field(default_factory=list)
    due: list[int] = field(default_factory=list)
    """How many skills were due when she began, day by day."""
    waited: int = 0
    """For how many evenings in a row, at most, a skill was due and not asked."""
    history: History = field(default_factory=History)

    def during(self, days: Collection[int]) -> list[Asked]:
        return [one for one in self.asked if one.day in days]

    def reviews(self, days: Collection[int]) -> int:
        return sum(one.due for one in self.during(days))

    def wait(self, days: Collection[int]) -> float:
        return mean(one.wait for one in self.during(days))

    def counts(self, days: Collection[int] = YEAR) -> dict[str, int]:
        counts = Counter(one.skill.family for one in self.during(days))
        return {entry.name: counts[entry.name] for entry in ALL}

    def levels(self) -> dict[str, int]:
        return {entry.name: standing_skill(self.history, entry).level for entry in ALL}


Wanted = Callable[[int], int | None]
"""How many questions she answers on a day; None: as long as there is something due or new."""


def practise(
    learner: Learner,
    wanted: Wanted,
    plan: Plan = PLAN,
    clock: Callable[[int], int] = lambda day: 0,
    entries: Sequence[Entry] = ALL,
) -> Year:
    """A year of practice. ``clock``: by how many days the clock of the machine is wrong on a day."""
    year = Year()
    levels = {entry.name: tuple(entry.levels) for entry in entries}
    mistakes: defaultdict[str, deque[tuple[str, ...]]] = defaultdict(lambda: deque(maxlen=6))
    waiting: Counter[Skill] = Counter()
    for day in YEAR:
        wrong = clock(day) * DAY
        now = START + day * DAY + learner.chance.randrange(-2 * HOUR, 2 * HOUR)
        due_first = due(year.history, entries, now + wrong, plan)
        year.due.append(len(due_first))
        count = wanted(day)
        for n in range(MOST if count is None else count):
            history = year.history
            pressing = due(history, entries, now + wrong, plan)
            if count is None and not pressing and history.memories.keys() >= set(skills(history, entries, plan)):
                break
            skill = choose(history, entries, plan, now + wrong, f"{day} {n}")
            assert skill is not None
            outcome, family = learner.answer(skill, now), skill.family
            item = Item(f"{day} {n}", str(day), n + 1, f"{skill}/a", skill, now + wrong, "", now + wrong, outcome)
            memory, standing = after(history, mistakes[family], item, outcome, levels[family], now + wrong)
            history.memories[skill], history.standings[family] = memory, standing
            year.history = replace(history, recent=(item, *history.recent)[:24])
            mistakes[family].appendleft(outcome.mistakes)
            year.asked.append(Asked(day, skill, skill in pressing, (memory.due - memory.last) / DAY, outcome.credit))
            now += outcome.seconds * 1000
        met = {one.skill for one in year.during({day})} if count != 0 else set(due_first)
        waiting = Counter({skill: waiting[skill] + 1 for skill in due_first if skill not in met})
        year.waited = max(year.waited, *waiting.values(), 0)
    return year


def ten(day: int) -> int:
    return 10


def what_is_due(day: int) -> None:
    return None


@cache
def year_of(learner: Callable[[int], Learner], wanted: Wanted, seed: int = 1) -> Year:
    return practise(learner(seed), wanted)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reviews_of_what_is_known_grow_rarer(seed: int) -> None:
    year = year_of(able, what_is_due, seed)
    reviews = [year.reviews(days) for days in QUARTERS]
    assert reviews[0] > reviews[1] > reviews[2]
    assert max(reviews[2:]) < reviews[0] / 4
    waits = [year.wait(days) for days in QUARTERS]
    assert waits[0] < waits[1] < waits[2]
    assert 4 * waits[0] < waits[3] < LONGEST
    assert max(one.wait for one in year.asked) <= LONGEST


def test_what_was_practised_in_time_is_mostly_still_there() -> None:
    year = year_of(able, what_is_due)
    asked = [one.credit == 1 for days in QUARTERS[1:] for one in year.during(days) if one.due]
    assert mean(asked) > 0.7


@pytest.mark.parametrize(("learner", "evenings"), [(able, 1), (uneven, 2), (weak, 7)])
def test_nothing_that_is_due_waits_long(learner: Callable[[int], Learner], evenings: int) -> None:
    """A weak learner has all fourteen skills due on most days, and answers ten questions."""
    year = year_of(learner, ten)
    assert year.waited <= evenings
    assert len(year.asked) == 10 * len(YEAR)


def test_all_families_that_there_are_are_practised_all_year() -> None:
    entries = tuple(everything().values())
    year = practise(able(1, entries), what_is_due, entries=entries)
    asked = [{one.skill.family for one in year.during(days)} for days in (range(30), range(365 - LONGEST, 365))]
    assert asked == [{entry.name for entry in entries}] * 2
    assert year.waited <= len(entries) // 10


@pytest.mark.parametrize("learner", [able, uneven, weak])
def test_every_family_is_met_in_the_first_days(learner: Callable[[int], Learner]) -> None:
    assert min(year_of(learner, ten).counts(range(7)).values()) > 0


def test_nothing_is_left_out_of_a_fair_mix() -> None:
    year = year_of(able, ten)
    for first in range(0, 335, 5):
        counts = year.counts(range(first, first + 30)).values()
        assert min(counts) >= 5
        assert max(counts) <= 60


def test_what_is_weak_comes_more_often_than_what_is_strong() -> None:
    counts = year_of(uneven, ten).counts()
    weak_ones = {entry.name for entry in WEAK}
    assert min(counts[name] for name in weak_ones) > 4 * max(counts[name] for name in counts.keys() - weak_ones)


@pytest.mark.parametrize("learner", [able, uneven])
def test_the_load_of_a_day_stays_bounded(learner: Callable[[int], Learner]) -> None:
    year = year_of(learner, ten)
    assert max(year.due) <= 11
    quarters = [mean(year.due[day] for day in days) for days in QUARTERS]
    assert max(quarters[1:]) < quarters[0]


def test_a_vacation_is_recovered_from() -> None:
    away = range(60, 90)
    year = practise(uneven(1), lambda day: 0 if day in away else 10)
    before, back = year.due[50:60], year.due[90:]
    assert back[0] > mean(before) + 3  # it left its traces
    assert mean(back[7:17]) < mean(before) + 2
    assert max(back[7:]) <= max(year.due[:60])
    assert year.waited <= 3
    assert sum(year.levels().values()) >= sum(year_of(uneven, ten).levels().values()) - 3


def test_levels_end_where_the_learner_is() -> None:
    highest = {entry.name: max(entry.levels) for entry in ALL}
    assert year_of(able, ten).levels() == highest
    low = year_of(weak, ten).levels()
    assert mean(low.values()) < 1.7
    mixed = year_of(uneven, ten).levels()
    weak_ones = {entry.name for entry in WEAK}
    assert all(mixed[name] == highest[name] for name in mixed.keys() - weak_ones)
    assert mean(mixed[name] for name in weak_ones) < 2


def test_a_clock_that_is_wrong_for_some_days_starves_nothing() -> None:
    """Three years ahead, then back in the seventies, then three days behind."""

    def wrong(day: int) -> int:
        return 1000 if 100 <= day < 110 else -18_000 if 200 <= day < 206 else -3 if 250 <= day < 253 else 0

    year = practise(uneven(1), ten, clock=wrong)
    assert year.waited <= 3
    right = year_of(uneven, ten)
    for days in QUARTERS:
        assert mean(year.due[day] for day in days) < mean(right.due[day] for day in days) + 2
        assert year.wait(days) < 2 * right.wait(days) + 5


def test_a_plan_is_kept_to_all_year() -> None:
    year = practise(able(1), lambda day: 2, Plan(names=("optim", "conv.output-size"), level=2))
    families = {"optim.adam", "optim.momentum", "conv.output-size"}
    assert {one.skill for one in year.asked} == {Skill(name, 2) for name in families}
    assert all(one.skill.family != other.skill.family for one, other in pairwise(year.asked))


def test_the_same_learner_has_the_same_year() -> None:
    assert practise(able(2), what_is_due) == year_of(able, what_is_due, 2)
