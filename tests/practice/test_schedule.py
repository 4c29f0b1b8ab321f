"""The schedule: ratings, memories, levels, and what is asked next."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import code as codes
from quizgen.draw import draw
from quizgen.family import Entry, everything
from quizgen.practice.memory import DAY, EARLY, HOUR, LONGEST, late
from quizgen.practice.records import History, Item, Memory, Outcome, Plan, Skill, Standing
from quizgen.practice.schedule import (
    after,
    choose,
    due,
    due_today,
    expected_seconds,
    rating,
    replayed,
    review,
    skills,
    sooner,
    stand,
    standing_skill,
)
from quizgen.question import Question
from quizgen_solvers.exact import fmpq

NOW = 1_800_000_000_000  # some day in 2027
MINUTE = HOUR // 60
SKILL = Skill("optim.adam", 2)
ALL = tuple(everything().values())
ONE = fmpq(1)


def entry(name: str, levels: int = 3) -> Entry:
    return Entry(name, object, {n: f"level {n}" for n in range(1, levels + 1)}, 1, {}, 2, "")


def question(code: str) -> Question:
    return draw(codes.parse(code))


def known(skill: Skill, days: float, last: int = NOW, **rest: Any) -> Memory:
    """A memory of a review at ``last`` that is due so many days later."""
    return Memory(skill, due=last + round(days * DAY), last=last, stability=days, difficulty=5.0, state=2, **rest)


def remembering(*memories: Memory, recent: Sequence[Item] = (), **standings: int) -> History:
    stands = {name.replace("_", "."): Standing(name.replace("_", "."), level) for name, level in standings.items()}
    return History({memory.skill: memory for memory in memories}, stands, tuple(recent))


def item(skill: Skill, opened: int = NOW, outcome: Outcome | None = None, closed: int | None = None) -> Item:
    code = f"{skill}/aaaaaa"
    return Item(f"{skill} {opened}", "sitting", 1, code, skill, opened, closed=closed, outcome=outcome)


def right(**rest: Any) -> Outcome:
    return Outcome("answered", **{"credit": ONE, "points": 2, "rating": 3, **rest})


def wrong(**rest: Any) -> Outcome:
    return Outcome("answered", **{"credit": fmpq(0), "points": 2, "wrong": 1, "rating": 1, **rest})


# --- how long a question takes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        ("conv.output-size/1/aaaaaa", 30, 60),
        ("net.shapes/1/aaaaaa", 60, 120),
        ("optim.adam/1/aaaaaa", 150, 300),
        ("backprop.two-layer/2/aaaaaa", 480, 720),
        ("attention.scores/3/aaaaaa", 900, 1500),
    ],
)
def test_the_expected_time_is_one_that_a_person_takes(code: str, low: int, high: int) -> None:
    assert low <= expected_seconds(question(code)) <= high


def test_whole_numbers_are_quicker_than_decimals() -> None:
    """Queries, keys and scores are whole numbers; the rest has decimals."""
    one = question("attention.scores/1/aaaaaa")
    assert 5 * one.work.hand_operations < expected_seconds(one) < 10 * one.work.hand_operations


# --- ratings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (right(seconds=60), 4),
        (right(seconds=61), 3),
        (right(seconds=300), 3),
        (right(seconds=301), 2),
        (right(seconds=0), 3),  # the clock went back: nothing is known of the time
        (right(seconds=10, hints=1), 3),
        (right(credit=fmpq(8, 9), seconds=10, wrong=1), 3),
        (right(credit=fmpq(4, 5), seconds=100), 3),
        (right(credit=fmpq(2, 3), seconds=10, wrong=1), 2),
        (right(credit=fmpq(1, 2), seconds=100), 2),
        (right(credit=fmpq(49, 100), seconds=100), 1),
        (wrong(seconds=10), 1),
        (Outcome("answered", seconds=10), 1),  # gone through without an answer
        (Outcome("shown", seconds=5), 1),
        (Outcome("shown", credit=fmpq(9, 10), seconds=50), 2),
        (Outcome("skipped", seconds=50), 0),
        (Outcome("skipped", hints=1, seconds=50), 1),
        (Outcome("skipped", wrong=1, seconds=50), 1),
        (Outcome("skipped", credit=fmpq(3, 4), seconds=50), 2),
        (Outcome("time"), 0),  # the end of the exam met it untouched
        (Outcome("time", wrong=1, seconds=50), 1),
        (Outcome("time", credit=ONE, seconds=50), 4),
        (Outcome("gone", credit=ONE, wrong=1, seconds=50), 0),
    ],
)
def test_a_rating(outcome: Outcome, expected: int) -> None:
    assert rating(outcome, 100) == expected


outcomes = st.builds(
    Outcome,
    st.sampled_from(["answered", "shown", "skipped", "time"]),
    credit=st.builds(fmpq, st.integers(0, 12), st.just(12)),
    points=st.integers(1, 9),
    hints=st.integers(0, 3),
    wrong=st.integers(0, 3),
    seconds=st.integers(0, 10_000),
)


@given(outcomes, outcomes, st.integers(30, 1500))
def test_nothing_that_goes_better_is_rated_worse(one: Outcome, other: Outcome, expected: int) -> None:
    better = replace(
        one,
        credit=max(one.credit, other.credit),
        hints=min(one.hints, other.hints),
        wrong=min(one.wrong, other.wrong),
        seconds=max(1, min(one.seconds, other.seconds)) if one.seconds else 0,
    )
    ratings = rating(one, expected), rating(better, expected)
    assert set(ratings) <= {0, 1, 2, 3, 4}
    assert 0 in ratings or ratings[1] >= ratings[0]


# --- memories ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rated", "wait"),
    [(1, 10 * MINUTE), (2, 15 * MINUTE), (3, 2 * DAY - EARLY), (4, 8 * DAY - EARLY)],
)
def test_the_first_review(rated: int, wait: int) -> None:
    memory = review(None, SKILL, rated, NOW)
    assert (memory.skill, memory.last, memory.due - NOW) == (SKILL, NOW, wait)
    assert (memory.reviews, memory.lapses) == (1, 0)


def test_intervals_grow_while_it_goes_well_and_a_lapse_begins_anew() -> None:
    memory, waits = review(None, SKILL, 3, NOW), []
    for _ in range(8):
        memory = review(memory, SKILL, 3, memory.due)
        waits.append(memory.due - memory.last)
    assert all(a < b or b == LONGEST * DAY - EARLY for a, b in pairwise(waits))
    assert waits[-1] == LONGEST * DAY - EARLY
    lapsed = review(memory, SKILL, 1, memory.due)
    assert (lapsed.due - lapsed.last, lapsed.lapses, lapsed.reviews) == (10 * MINUTE, 1, 10)
    back = review(lapsed, SKILL, 3, lapsed.due)
    assert DAY / 2 < back.due - back.last < waits[-1] / 4
    assert back.lapses == 1


def test_days_are_counted_by_evenings() -> None:
    memory = review(review(None, SKILL, 1, NOW), SKILL, 3, NOW + 10 * MINUTE)
    assert late(memory, NOW + 20 * HOUR) > 0  # an evening a little earlier than the last
    next_day = review(memory, SKILL, 3, NOW + 20 * HOUR)
    same_day = review(memory, SKILL, 3, NOW + 10 * HOUR)
    assert (next_day.stability or 0) > 1.5 * (same_day.stability or 0)


def test_nobody_learns_for_months_in_one_evening() -> None:
    memory = review(None, SKILL, 4, NOW)
    once = memory.due - memory.last
    for n in range(1, 20):
        memory = review(memory, SKILL, 4, NOW + n * 5 * MINUTE)
    assert memory.due - memory.last <= 1.1 * once


def test_no_card_waits_for_an_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it slept"))
    review(review(None, SKILL, 3, NOW), SKILL, 3, NOW + DAY)


@pytest.mark.parametrize("rated", [0, 5])
def test_what_is_no_rating_is_refused(rated: int) -> None:
    with pytest.raises(ValueError, match=str(rated)):
        review(None, SKILL, rated, NOW)


moments = st.integers(0, 2**42)  # up to the year 2109
ratings = st.integers(1, 4)


@st.composite
def memories(draw: st.DrawFn) -> Memory:
    """What reviews lead to, whenever they seemed to be."""
    memory: Memory | None = None
    for rated in draw(st.lists(ratings, min_size=1, max_size=12)):
        now = draw(moments) if memory is None else memory.last
        gap = draw(st.one_of(st.just(0), st.integers(0, 400 * DAY), st.integers(-400 * DAY, 0)))
        memory = review(memory, SKILL, rated, max(0, now + gap))
        if draw(st.booleans()):
            memory = sooner(memory, memory.last + draw(st.integers(0, DAY)))
    assert memory is not None
    return memory


@given(memories(), moments)
def test_a_memory_is_sound(memory: Memory, now: int) -> None:
    for rated in (1, 2, 3, 4):
        found = review(memory, SKILL, rated, now)
        assert found.last == now
        assert 10 * MINUTE <= found.due - now <= LONGEST * DAY
        assert math.isfinite(found.stability or 0)
        assert (found.stability or 0) > 0
        assert 1 <= (found.difficulty or 0) <= 10
        assert found.reviews == memory.reviews + 1


@given(memories(), moments)
def test_the_better_the_rating_the_later_it_is_due(memory: Memory, now: int) -> None:
    dues = [review(memory, SKILL, rated, now).due for rated in (1, 2, 3, 4)]
    assert dues == sorted(dues)
    assert dues[0] < dues[2]


@given(memories(), moments)
def test_a_mistake_made_twice_brings_it_back_tomorrow_at_the_latest(memory: Memory, now: int) -> None:
    found = sooner(memory, now)
    assert found.due == min(memory.due, now + DAY - EARLY)
    assert replace(found, due=memory.due) == memory


# --- a clock that is wrong --------------------------------------------------------------------------------------------


def test_a_review_before_the_last_counts_as_made_right_after_it() -> None:
    memory = known(SKILL, 30)
    back = review(memory, SKILL, 4, NOW - 400 * DAY)
    at_once = review(memory, SKILL, 4, NOW)
    assert back.stability == at_once.stability
    assert back.due - back.last == at_once.due - at_once.last >= 25 * DAY


def test_what_was_reviewed_in_the_future_does_not_wait_for_it() -> None:
    ahead = remembering(known(standing_skill(History(), ALL[0]), 10, last=NOW + 400 * DAY))
    assert len(due(ahead, ALL, NOW, Plan())) == 1
    memory = review(next(iter(ahead.memories.values())), SKILL, 3, NOW)
    assert NOW < memory.due < NOW + 30 * DAY


def test_a_clock_that_was_set_back_a_little_makes_nothing_due() -> None:
    memory = known(standing_skill(History(), ALL[0]), 10)
    assert due(remembering(memory), ALL, NOW - 3 * HOUR, Plan()) == ()
    assert late(memory, NOW + 10 * DAY) == 0


@given(memories(), moments)
def test_nothing_waits_longer_than_twice_its_interval(memory: Memory, now: int) -> None:
    wait = max(memory.due - memory.last, 0)
    assert late(memory, now) >= 0 or late(memory, now + 2 * wait) >= 0


# --- levels -----------------------------------------------------------------------------------------------------------

LEVELS = (1, 2, 3)


def walk(outcomes: Sequence[Outcome], start: Standing | None = None, level: int | None = None) -> Standing:
    """Where these outcomes lead, each at the level at which she stands, or at ``level``."""
    standing = start or Standing("optim.adam")
    for outcome in outcomes:
        standing = stand(standing, "optim.adam", LEVELS, level or standing.level, outcome)
    return standing


HALFWAY = right(credit=fmpq(1, 2), rating=2)
HELPED = right(hints=1)
LEFT = Outcome("skipped")


@pytest.mark.parametrize(
    ("outcomes", "level", "run"),
    [
        ([], 1, 0),
        ([right()], 1, 1),
        ([right()] * 2, 2, 0),
        ([right()] * 4, 3, 0),
        ([right()] * 9, 3, 5),
        ([right(), HALFWAY, right()], 1, 1),
        ([right(), HELPED, right()], 1, 1),
        ([right(), LEFT, right()], 2, 0),
        ([right(), wrong(), right()], 1, 1),
        ([right()] * 3 + [wrong()] * 2, 1, 0),
        ([wrong()] * 3, 1, -3),
        ([wrong()] * 3 + [right()] * 2, 2, 0),
        ([right()] * 2 + [wrong()] * 2, 1, 0),
        ([right()] * 4 + [wrong(), HALFWAY, wrong()], 3, -1),
        ([right()] * 4 + [wrong()] * 4, 1, 0),
    ],
)
def test_levels_follow_what_was_answered(outcomes: list[Outcome], level: int, run: int) -> None:
    assert walk(outcomes) == Standing("optim.adam", level, run)


def test_a_first_question_may_be_at_any_level() -> None:
    assert stand(None, "optim.adam", LEVELS, 1, right()) == Standing("optim.adam", 1, 1)
    assert stand(None, "optim.adam", LEVELS, 3, wrong()) == Standing("optim.adam", 1, 0)


def test_what_is_done_well_at_a_higher_level_counts_and_what_goes_badly_does_not() -> None:
    assert walk([right()] * 2, level=3) == Standing("optim.adam", 2)
    assert walk([right()] * 4, level=3) == Standing("optim.adam", 3)
    assert walk([wrong(), HELPED] * 3, Standing("optim.adam", 2, 1), level=3) == Standing("optim.adam", 2, 1)


@pytest.mark.parametrize("outcome", [right(), HALFWAY, wrong(), LEFT])
def test_a_lower_level_says_nothing(outcome: Outcome) -> None:
    assert walk([outcome] * 5, Standing("optim.adam", 2, 1), level=1) == Standing("optim.adam", 2, 1)


def test_a_level_that_is_gone_becomes_the_next_below() -> None:
    assert stand(Standing("optim.adam", 5), "optim.adam", LEVELS, 3, HALFWAY) == Standing("optim.adam", 3)
    assert standing_skill(remembering(a_b=5), entry("a.b", levels=2)) == Skill("a.b", 2)


@given(st.lists(outcomes.map(lambda one: replace(one, rating=rating(one, 300))), max_size=30), st.data())
def test_a_level_is_always_one_that_there_is_and_moves_by_one(steps: list[Outcome], data: st.DataObject) -> None:
    standing = Standing("optim.adam")
    for outcome in steps:
        level = data.draw(st.sampled_from(LEVELS))
        found = stand(standing, "optim.adam", LEVELS, level, outcome)
        assert found.level in LEVELS
        assert abs(found.level - standing.level) <= 1
        standing = found


# --- what is due ------------------------------------------------------------------------------------------------------

A, B, C, D = (Skill(name, 1) for name in ("x.a", "x.b", "y.c", "z.d"))
FOUR = tuple(entry(skill.family) for skill in (A, B, C, D))


def test_what_has_waited_longer_and_what_fades_faster_presses_more() -> None:
    history = remembering(
        known(A, 10, last=NOW - 12 * DAY),
        known(B, 10, last=NOW - 15 * DAY),
        known(C, 1, last=NOW - 3 * DAY),
        known(D, 10, last=NOW - 9 * DAY),
    )
    assert due(history, FOUR, NOW, Plan()) == (C, B, A)
    assert due_today(history, FOUR, NOW, Plan(), NOW + DAY) == 4
    assert due_today(history, FOUR, NOW, Plan(), NOW + HOUR) == 3


def test_what_lasts_is_not_put_off_for_ever_by_what_fades_fast() -> None:
    history = remembering(known(A, 100, last=NOW - 120 * DAY), known(C, 1, last=NOW - 3 * DAY))
    assert due(history, FOUR, NOW, Plan()) == (A, C)


def test_only_the_level_at_which_she_stands_is_due() -> None:
    old, new = known(A, 1, last=NOW - 9 * DAY), known(Skill("x.a", 2), 1, last=NOW - 9 * DAY)
    assert due(remembering(old, new), FOUR, NOW, Plan()) == (A,)
    assert due(remembering(old, new, x_a=2), FOUR, NOW, Plan()) == (new.skill,)
    assert due(remembering(old, x_a=2), FOUR, NOW, Plan()) == ()
    assert due(remembering(old, x_a=2), FOUR, NOW, Plan(level=1)) == (A,)


def test_a_plan_says_which_skills() -> None:
    assert skills(History(), FOUR, Plan(names=("x", "z.d"))) == (A, B, D)
    assert skills(History(), (*FOUR, entry("z.e", levels=1)), Plan(names=("z",), level=2)) == (Skill("z.d", 2),)
    assert choose(History(), FOUR, Plan(names=("optim",)), NOW, "") is None
    assert choose(History(), FOUR, Plan(level=9), NOW, "") is None


# --- what comes next --------------------------------------------------------------------------------------------------


def test_what_is_due_comes_first_and_each_fourth_question_is_new() -> None:
    entries = [entry(f"{topic}.{n}") for topic in "abcdefgh" for n in "pq"]
    old = [Skill(one.name, 1) for one in entries[:10]]
    history = remembering(*(known(skill, 1, last=NOW - 9 * DAY, reviews=5) for skill in old))
    asked = practise(history, entries, 12)
    assert [skill in old for skill in asked] == [False, True, True, True] * 3
    assert len(set(asked)) == 12


def test_a_skill_that_she_has_just_reached_comes_soon() -> None:
    entries = [entry(f"{topic}.p") for topic in "abcdefgh"]
    history = remembering(known(Skill("c.p", 1), 5), c_p=2, recent=[item(Skill("d.p", 1), outcome=right())])
    assert choose(history, entries, Plan(), NOW, "seed") == Skill("c.p", 2)


def test_new_skills_are_spread_over_the_topics() -> None:
    topics = {one.topic for one in ALL}
    assert {skill.topic for skill in practise(History(), ALL, len(topics))} == topics


def test_with_nothing_due_and_nothing_new_comes_what_has_faded_most() -> None:
    last = NOW - 4 * DAY
    history = remembering(
        known(A, 50, last=last), known(B, 8, last=last), known(C, 5, last=last), known(D, 100, last=last)
    )
    assert practise(history, FOUR, 4) == [C, B, D, A]


def test_what_is_not_due_waits_until_half_of_the_skills_have_been_asked() -> None:
    minutes = NOW - 10 * MINUTE
    weak, rest = known(A, 1, last=NOW - HOUR), [known(skill, 100, last=minutes) for skill in (B, C, D)]
    asked = [item(D, NOW, right()), item(A, NOW, right())]
    assert choose(remembering(weak, *rest, recent=asked), FOUR, Plan(), NOW, "") == B
    assert choose(remembering(weak, *rest, recent=[item(C, NOW, right()), *asked]), FOUR, Plan(), NOW, "") == A


LATE = [
    known(A, 1, last=NOW - 9 * DAY),
    known(B, 1, last=NOW - 8 * DAY),
    known(C, 1, last=NOW - 20 * DAY),
    known(D, 30),
]


def test_what_was_left_comes_after_all_others() -> None:
    recent = [item(D, NOW, right()), item(C, NOW - HOUR, LEFT)]
    history = remembering(*LATE, recent=recent)
    assert choose(history, FOUR, Plan(), NOW, "") == A
    assert choose(history, FOUR, Plan(names=("y", "z")), NOW, "") == C
    assert choose(history, FOUR, Plan(), NOW + 12 * HOUR, "") == C


def test_no_family_comes_twice_in_a_row_even_if_only_what_was_left_is_there() -> None:
    recent = [item(A, NOW, wrong()), item(C, NOW - HOUR, LEFT)]
    assert choose(remembering(*LATE, recent=recent), FOUR, Plan(names=("x.a", "y")), NOW, "") == C
    assert choose(remembering(*LATE, recent=recent), FOUR, Plan(names=("x.a",)), NOW, "") == A


def test_of_what_was_left_the_longest_ago_comes_first() -> None:
    recent = [item(skill, NOW - n * MINUTE, LEFT) for n, skill in enumerate((A, B, C, D))]
    assert choose(remembering(*LATE, recent=recent), FOUR, Plan(), NOW, "") == D


def paper(history: History, entries: Sequence[Entry], count: int) -> list[Skill]:
    """The skills of an exam: chosen one after the other before any is answered."""
    asked = []
    for n in range(count):
        skill = choose(history, entries, Plan(exam=True), NOW, f"exam {n}")
        assert skill is not None
        asked.append(skill)
        history = replace(history, recent=(item(skill, NOW + n), *history.recent))
    return asked


def test_an_exam_asks_all_skills_before_it_asks_one_again() -> None:
    asked = paper(remembering(known(A, 1, last=NOW - 9 * DAY), known(C, 50)), FOUR, 12)
    assert [set(asked[n : n + 4]) for n in (0, 4, 8)] == [{A, B, C, D}] * 3
    assert asked[0] == A or asked[1] == A


def test_an_exam_is_spread_over_the_topics() -> None:
    topics = {one.topic for one in ALL}
    assert {skill.topic for skill in paper(History(), ALL, len(topics))} == topics


def practise(history: History, entries: Sequence[Entry], count: int, plan: Plan | None = None) -> list[Skill]:
    """The skills of so many questions in a row, each answered rightly in a minute."""
    asked = []
    levels = {one.name: tuple(one.levels) for one in entries}
    for n in range(count):
        now = NOW + n * MINUTE
        skill = choose(history, entries, plan or Plan(), now, f"seed {n}")
        assert skill is not None
        asked.append(skill)
        outcome = right()
        done = item(skill, now, outcome, closed=now)
        history.memories[skill], standing = after(history, (), done, outcome, levels[skill.family], now)
        history.standings[skill.family] = replace(standing, level=skill.level)  # levels stay, to keep it short
        history = replace(history, recent=(done, *history.recent)[:24])
    return asked


names = st.builds(lambda topic, name: f"{topic}.{name}", st.sampled_from("vwxyz"), st.sampled_from("abcdef"))
entry_lists = st.lists(names, min_size=1, max_size=14, unique=True).flatmap(
    lambda found: st.tuples(*(st.builds(entry, st.just(name), st.integers(1, 3)) for name in found))
)
plans = st.builds(
    Plan,
    names=st.one_of(st.just(()), st.lists(st.one_of(st.sampled_from("vwxyz"), names), max_size=4).map(tuple)),
    level=st.sampled_from([None, None, 1, 2, 3]),
)


@st.composite
def histories(draw: st.DrawFn, entries: Sequence[Entry]) -> History:
    """Whatever may have been before, under a clock that may have been wrong."""
    there = [Skill(one.name, level) for one in entries for level in one.levels]
    skill = st.sampled_from([*there, Skill("gone.family", 1)])
    history = History()
    for each in draw(st.lists(skill, unique=True, max_size=len(there))):
        last, days = NOW - draw(st.integers(-200, 200)) * DAY // 2, draw(st.sampled_from([0.01, 1, 3, 10, 60, 180]))
        history.memories[each] = known(each, days, last, reviews=draw(st.integers(1, 9)))
    for one in entries:
        if draw(st.booleans()):
            history.standings[one.name] = Standing(one.name, draw(st.integers(1, 4)))
    recent = draw(
        st.lists(st.tuples(skill, st.integers(-10, 500), st.sampled_from([None, right(), LEFT])), max_size=24)
    )
    return replace(history, recent=tuple(item(each, NOW - ago * HOUR, outcome) for each, ago, outcome in recent))


@given(st.data())
def test_what_is_chosen_is_within_the_plan_and_always_the_same(data: st.DataObject) -> None:
    entries = data.draw(entry_lists)
    history, plan = data.draw(histories(entries)), data.draw(plans)
    chosen = choose(history, entries, plan, NOW, "seed")
    assert chosen == choose(history, entries, plan, NOW, "seed")
    asked = [one for one in entries if not plan.names or one.name in plan.names or one.topic in plan.names]
    asked = [one for one in asked if plan.level is None or plan.level in one.levels]
    assert (chosen is None) == (not asked)
    if chosen is not None:
        of = {one.name: one for one in asked}[chosen.family]
        assert chosen.level == (plan.level or standing_skill(history, of).level)
        assert chosen.level in of.levels


@given(st.data())
def test_what_is_due_is_within_the_plan_and_known(data: st.DataObject) -> None:
    entries = data.draw(entry_lists)
    history, plan = data.draw(histories(entries)), data.draw(plans)
    found = due(history, entries, NOW, plan)
    assert set(found) <= set(skills(history, entries, plan)) & set(history.memories)
    assert len(set(found)) == len(found)
    assert len(found) <= due_today(history, entries, NOW, plan, NOW + DAY) <= len(entries)


@given(st.data())
def test_a_topic_comes_twice_only_where_no_other_can_be_asked(data: st.DataObject) -> None:
    """Another can: it is due, or new, or none of the latest questions; and it was not left."""
    entries = data.draw(entry_lists)
    history, plan = data.draw(histories(entries)), data.draw(plans)
    chosen, wanted = choose(history, entries, plan, NOW, "seed"), skills(history, entries, plan)
    if chosen is None or not history.recent:
        return
    last = history.recent[0].skill
    assert chosen.family != last.family or len(wanted) == 1
    if chosen.topic == last.topic and chosen.family != last.family:
        latest = {one.skill for one in history.recent[: len(wanted) // 2]}
        left = {one.skill for one in history.recent if one.outcome is None or not one.outcome.rating}
        again = set(due(history, entries, NOW, plan))
        for other in set(wanted) - left:
            assert other.topic == last.topic or (other in latest - again and other in history.memories)


def test_topics_are_interleaved_all_day_long() -> None:
    asked = practise(History(), ALL, 200)
    assert all(one.topic != other.topic for one, other in pairwise(asked))
    counts = Counter(skill.family for skill in asked)
    assert max(counts.values()) <= 2 * min(counts[one.name] for one in ALL)


@given(st.data())
def test_nothing_starves_from_any_beginning(data: st.DataObject) -> None:
    """Whatever was before: all that is due or new in the beginning has been asked before long."""
    entries = data.draw(entry_lists)
    history = data.draw(histories(entries))
    history = replace(history, recent=tuple(one for one in history.recent if one.outcome and one.outcome.rating))
    history.standings.update({one.name: Standing(one.name, standing_skill(history, one).level) for one in entries})
    wanted = skills(history, entries, Plan())
    new = {skill for skill in wanted if skill not in history.memories}
    waiting = set(due(history, entries, NOW, Plan())) | new
    assert waiting <= set(practise(history, entries, 4 * len(entries) + 4))


# --- all of it together -----------------------------------------------------------------------------------------------


def test_after_a_question_memory_and_standing_are_new() -> None:
    history = remembering(optim_adam=2)
    memory, standing = after(history, (), item(SKILL), right(rating=4), LEVELS, NOW)
    assert memory == review(None, SKILL, 4, NOW)
    assert standing == Standing("optim.adam", 2, 1)


def test_the_same_mistake_twice_brings_the_family_back_sooner() -> None:
    slip = right(credit=fmpq(8, 9), wrong=1, mistakes=("no bias correction",), rating=3)
    history = remembering(known(SKILL, 30, last=NOW - 30 * DAY))
    once, _ = after(history, [("wrong sign",), ()], item(SKILL), slip, LEVELS, NOW)
    assert once.due > NOW + 30 * DAY
    twice, _ = after(history, [(), ("wrong sign", "no bias correction")], item(SKILL), slip, LEVELS, NOW)
    assert twice == replace(once, due=NOW + DAY - EARLY)


def test_what_was_not_rated_changes_nothing_and_is_refused() -> None:
    with pytest.raises(ValueError, match="0"):
        after(History(), (), item(SKILL), LEFT, LEVELS, NOW)


def test_a_past_that_is_read_again_leads_to_the_same() -> None:
    slip = right(credit=fmpq(8, 9), wrong=1, mistakes=("no bias correction",), rating=4)
    gone = Skill("gone.family", 2)
    steps = [
        (SKILL, right()),
        (SKILL, slip),
        (gone, right()),
        (SKILL, LEFT),
        (SKILL, slip),
        (Skill("optim.adam", 1), right()),
    ]
    items: list[Item] = []
    mistakes: list[tuple[str, ...]] = []
    history = History()
    for n, (skill, outcome) in enumerate(steps):
        at = NOW + n * DAY
        items.append(item(skill, at - HOUR, outcome, closed=at))
        if outcome.rating:
            before = mistakes[::-1] if skill.family == "optim.adam" else []
            history.memories[skill], standing = after(history, before, items[-1], outcome, LEVELS, at)
            if skill.family == "optim.adam":
                history.standings[skill.family] = standing
                mistakes.append(outcome.mistakes)
    items.append(item(SKILL, NOW + 9 * DAY))  # still open
    assert replayed(reversed(items), ALL) == (list(history.memories.values()), list(history.standings.values()))
    assert history.memories[SKILL].due == NOW + 5 * DAY - EARLY
