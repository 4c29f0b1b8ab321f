"""The figures of progress, over questions whose figures one can count by hand."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practised import item, moment
from quizgen.family import Entry
from quizgen.practice.progress import AHEAD, WEEKS, Progress, Slip, day, days_in_a_row, measure, progress
from quizgen.practice.records import ME, History, Item, Memory, Plan, Sitting, Skill, Standing
from quizgen.practice.schedule import due_today
from quizgen.practice.store import Store
from quizgen_solvers.exact import fmpq

HERE = timezone(timedelta(hours=2))
NOW = moment("2026-05-12 14:00", HERE)
DAY = 86_400_000


def entry(name: str, levels: int = 3) -> Entry:
    named = type(name, (), {"__doc__": f"All about {name}."})
    return Entry(name, named, {n: f"level {n}" for n in range(1, levels + 1)}, 1, {}, 2, "")


ENTRIES = [entry("conv.size", 2), entry("optim.adam"), entry("optim.momentum")]


def figures(items: Sequence[Item] = (), history: History | None = None, **options: Any) -> Progress:
    options = {"entries": ENTRIES, "now": NOW, "tz": HERE, **options}
    return measure(iter(items), history or History(), **options)


def on(*days: str, zone: tzinfo = HERE, **fields: Any) -> list[Item]:
    return [item(moment(f"2026-{each}", zone), **fields) for each in days]


def memory(name: str, due: int, level: int = 1, last: int = NOW - DAY) -> Memory:
    return Memory(Skill(name, level), due=due, last=last, stability=1.0, difficulty=5.0, state=2, step=None, reviews=1)


def remembering(*memories: Memory, standings: Sequence[Standing] = ()) -> History:
    return History({each.skill: each for each in memories}, {each.family: each for each in standings})


# --- counting -----------------------------------------------------------------------------------------------------


def test_nothing_was_practised() -> None:
    found = figures()
    assert (found.tally.answered, found.tally.share, found.row, found.due_within(30)) == (0, None, 0, 0)
    assert found.topics == found.mistakes == ()
    assert found.fresh == ("conv.size", "optim.adam", "optim.momentum")
    assert len(found.days) == 7 * WEEKS
    assert (found.days[-1][0], found.coming[0][0]) == (date(2026, 5, 12), date(2026, 5, 12))
    assert len(found.coming) == AHEAD


def test_credit_is_counted_exactly() -> None:
    found = figures(
        [item(NOW, credit="1"), item(NOW, credit="1/3"), item(NOW, credit="0"), item(NOW, "conv.size", "1/2")]
    )
    tally = found.tally
    assert (tally.right, tally.partly, tally.wrong, tally.answered) == (1, 2, 1, 4)
    assert tally.share == fmpq(11, 24)
    conv, optim = found.topics
    assert (conv.name, conv.tally.share) == ("conv", fmpq(1, 2))
    assert (optim.name, optim.tally.share, optim.tally.answered) == ("optim", fmpq(4, 9), 3)
    assert [family.name for family in optim.families] == ["optim.adam"]
    assert optim.families[0].title == "All about optim.adam"
    assert found.fresh == ("optim.momentum",)


def test_what_was_not_rated_does_not_count() -> None:
    unrated = [
        item(NOW, credit="0", rating=0, ending="skipped"),
        item(NOW, "gone.family", "0", rating=0, ending="gone"),
        replace(item(NOW), closed=None, outcome=None),
    ]
    found = figures(unrated)
    assert (found.tally.answered, found.row, found.topics) == (0, 0, ())
    assert figures([*unrated, item(NOW, credit="0", ending="shown")]).tally.wrong == 1


def test_names_narrow_everything() -> None:
    items = [item(NOW - DAY, "conv.size"), item(NOW, "optim.adam"), item(NOW, "optim.momentum", mistakes=["m"])]
    history = remembering(*(memory(each.skill.family, NOW) for each in items))
    topic = figures(items, history, names=["optim"])
    assert (topic.tally.answered, topic.row, topic.due_within(1), topic.fresh) == (2, 1, 2, ())
    assert [family.name for family in topic.families] == ["optim.adam", "optim.momentum"]
    one = figures(items, history, names=["optim.adam"])
    assert (one.tally.answered, one.due_within(1), one.mistakes) == (1, 1, ())
    both = figures(items, history, names=["conv", "optim.momentum"])
    assert (both.tally.answered, both.row, both.names) == (2, 2, ("conv", "optim.momentum"))


def test_right_in_a_row_is_counted_by_family_and_the_longest_kept() -> None:
    earned = ["1", "1", "1", "2/3", "1", "1"]
    items = [item(NOW - (9 - n) * 1000, credit=credit) for n, credit in enumerate(earned)]
    items.insert(5, item(NOW, "conv.size", "0"))
    adam = figures(items).topics[1].families[0]
    assert (adam.row, adam.longest) == (2, 3)


def test_a_family_that_is_gone_stays_by_its_name() -> None:
    found = figures([item(NOW, "rnn.unroll", level=2), item(NOW, "rnn.unroll", "0", level=1, mistakes=["swapped"])])
    (gone,) = found.families
    assert (gone.name, gone.title, gone.topic, gone.installed) == ("rnn.unroll", "", "rnn", False)
    assert (gone.level, gone.levels, gone.due) == (2, 0, False)
    assert found.mistakes == (Slip("rnn.unroll", "swapped", 1, date(2026, 5, 12)),)
    assert figures([item(NOW, "rnn.unroll")], names=["rnn"]).tally.answered == 1


def test_the_level_is_that_at_which_she_stands() -> None:
    items = [item(NOW, level=3), item(NOW, "optim.momentum")]
    found = figures(items, remembering(standings=[Standing("optim.adam", 2)]))
    assert [(family.level, family.levels) for family in found.families] == [(2, 3), (1, 3)]
    lower = figures(items, remembering(standings=[Standing("optim.adam", 7)]))
    assert lower.families[0].level == 3  # of a family that has fewer levels by now


def test_mistakes_come_by_how_often_they_were_made_and_then_by_when() -> None:
    items = [
        *on("05-01 10:00", "05-02 10:00", "05-03 10:00", credit="0", mistakes=["sign", "bias"]),
        *on("05-04 10:00", credit="0", mistakes=["bias"]),
        *on("05-05 10:00", credit="0", family="optim.momentum", mistakes=["sign"]),
        *on("05-06 10:00", credit="0", mistakes=["eps"]),
    ]
    assert figures(items).mistakes == (
        Slip("optim.adam", "bias", 4, date(2026, 5, 4)),
        Slip("optim.adam", "sign", 3, date(2026, 5, 3)),
        Slip("optim.adam", "eps", 1, date(2026, 5, 6)),
        Slip("optim.momentum", "sign", 1, date(2026, 5, 5)),
    )
    assert [slip.name for slip in figures(items).families[0].mistakes] == ["bias", "sign", "eps"]


# --- days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "row"),
    [
        (["05-12"], 1),
        (["05-12", "05-11", "05-10"], 3),
        (["05-11", "05-10"], 2),  # today has nothing yet
        (["05-12", "05-10"], 1),
        (["05-10", "05-09"], 0),
        (["05-12", "05-12", "05-12"], 1),
        (["05-01", "05-12", "05-11", "04-30"], 2),
    ],
)
def test_days_in_a_row(days: list[str], row: int) -> None:
    assert figures(on(*(f"{each} 10:00" for each in days))).row == row


def test_a_day_is_one_of_the_calendar_that_hangs_there() -> None:
    items = [item(moment("2026-05-11 23:59:59.999", HERE)), item(moment("2026-05-12 00:00", HERE))]
    here = figures(items)
    assert (here.row, here.days[-1][1].answered, here.days[-2][1].answered) == (2, 1, 1)
    elsewhere = figures(items, tz=UTC)  # both on the evening of the 11th
    assert (elsewhere.row, elsewhere.days[-1][1].answered, elsewhere.days[-2][1].answered) == (1, 0, 2)


def test_a_day_of_23_and_of_25_hours_is_one_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for last in ("2026-03-30", "2026-10-26"):
        days = [date.fromisoformat(last) - timedelta(back) for back in range(3)]
        items = [item(moment(f"{each} {hour}", berlin)) for each in days for hour in ("00:01", "23:59")]
        found = figures(items, now=moment(f"{last} 23:59", berlin), tz=berlin)
        assert found.row == 3
        assert [tally.answered for _, tally in found.days[-4:]] == [0, 2, 2, 2]


def test_the_machines_own_days_count_where_no_zone_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    at = moment("2026-05-11 23:30", UTC)
    try:
        for name, expected in (("Pacific/Auckland", date(2026, 5, 12)), ("America/New_York", date(2026, 5, 11))):
            monkeypatch.setenv("TZ", name)
            time.tzset()
            found = figures([item(at)], now=at, tz=None)
            assert (found.today, found.days[-1][0], found.row) == (expected, expected, 1)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_last_days_and_weeks_are_counted_from_today() -> None:
    backs = [0, 6, 7, 29, 30, 83, 84]
    found = figures([item(NOW - back * DAY) for back in backs])
    assert (found.answered_within(7), found.answered_within(30), found.tally.answered) == (2, 4, 7)
    assert [week.answered for week in found.topics[0].weeks] == [1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 2]
    assert sum(tally.answered for _, tally in found.days) == 6


def test_weeks_are_counted_for_each_topic() -> None:
    found = figures([item(NOW, "conv.size", "1/2"), item(NOW, "optim.adam"), item(NOW - 7 * DAY, "optim.momentum")])
    conv, optim = found.topics
    assert [week.share for week in conv.weeks[-2:]] == [None, fmpq(1, 2)]
    assert [week.share for week in optim.weeks[-2:]] == [fmpq(1), fmpq(1)]


# --- a clock that was wrong ---------------------------------------------------------------------------------------


def test_what_seems_to_lie_in_the_future_counts_in_the_totals_alone() -> None:
    found = figures([item(NOW), item(NOW + DAY), item(NOW + 4000 * DAY, mistakes=["m"]), item(NOW - DAY)])
    assert (found.tally.answered, found.row, found.answered_within(30)) == (4, 2, 2)
    assert found.mistakes[0].count == 1


@pytest.mark.parametrize("now", [-1, 0, 10**9, NOW, 10**18])
@pytest.mark.parametrize("at", [0, 5 * DAY, NOW, 10**13, 10**18])
def test_no_moment_is_too_strange(now: int, at: int) -> None:
    found = figures([item(at, mistakes=["m"])], remembering(memory("optim.adam", due=at, last=at)), now=now)
    assert found.tally.answered == 1
    assert len(found.days) == 7 * WEEKS
    json.dumps(found.to_json(), allow_nan=False)


def test_items_may_come_in_any_order() -> None:
    days = ["05-10 10:00", "05-12 10:00", "05-11 10:00", "04-20 10:00"]
    assert figures(on(*days)).days == figures(on(*sorted(days))).days
    assert figures(on(*days)).row == 3
    assert figures(on(*days)).families[0].last == date(2026, 5, 12)


# --- what is due --------------------------------------------------------------------------------------------------


def test_due_days() -> None:
    found = figures(
        [item(NOW), item(NOW, "conv.size"), item(NOW, "optim.momentum")],
        remembering(
            memory("optim.adam", NOW - 5 * DAY, last=NOW - 9 * DAY),
            memory("conv.size", moment("2026-05-12 23:59", HERE)),
            memory("optim.momentum", moment("2026-05-13 00:01", HERE)),
        ),
    )
    assert [count for _, count in found.coming[:3]] == [2, 1, 0]
    assert (found.due_within(1), found.due_within(7)) == (2, 3)
    assert [(family.name, family.due) for family in found.families] == [
        ("conv.size", True), ("optim.adam", True), ("optim.momentum", False),
    ]  # fmt: skip
    assert [topic.due for topic in found.topics] == [1, 1]


def test_only_the_skill_that_she_practises_is_due() -> None:
    history = remembering(memory("optim.adam", NOW - DAY, level=1), standings=[Standing("optim.adam", 2)])
    assert figures([item(NOW)], history).due_within(30) == 0
    both = replace(history, memories=history.memories | {Skill("optim.adam", 2): memory("optim.adam", NOW, level=2)})
    assert figures([item(NOW)], both).due_within(30) == 1


def test_what_comes_due_later_than_a_month_is_not_shown() -> None:
    found = figures([item(NOW)], remembering(memory("optim.adam", NOW + AHEAD * DAY)))
    assert found.due_within(30) == 0
    assert figures([item(NOW)], remembering(memory("optim.adam", NOW + (AHEAD - 1) * DAY))).coming[-1][1] == 1


@given(
    st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 40)), min_size=3, max_size=3),
    st.integers(0, 23),
)
def test_as_much_is_due_today_as_the_schedule_says(times: list[tuple[int, int]], hour: int) -> None:
    now = moment(f"2026-05-12 {hour:02}:30", HERE)
    six = 6 * 3_600_000
    memories = [
        memory(each.name, last=now + last * six, due=now + (last + wait) * six)
        for each, (last, wait) in zip(ENTRIES, times, strict=True)
    ]
    history = remembering(*memories)
    end = moment("2026-05-13 00:00", HERE)
    expected = due_today(history, ENTRIES, now, Plan(), end - 1)
    assert figures((), history, now=now).due_within(1) == expected


# --- altogether ---------------------------------------------------------------------------------------------------

MOMENTS = st.one_of(st.integers(NOW - 100 * DAY, NOW + 2 * DAY), st.integers(0, 10**14))
FAMILIES = st.sampled_from(["optim.adam", "optim.momentum", "conv.size", "rnn.unroll"])


@st.composite
def items_of_anybody(draw: st.DrawFn) -> list[Item]:
    return [
        item(
            draw(MOMENTS),
            draw(FAMILIES),
            draw(st.sampled_from(["0", "1/3", "2/3", "1"])),
            level=draw(st.integers(1, 3)),
            rating=draw(st.integers(0, 4)),
            mistakes=draw(st.lists(st.sampled_from("abc"), max_size=2, unique=True)),
        )
        for _ in range(draw(st.integers(0, 30)))
    ]


@given(items_of_anybody(), st.sampled_from([UTC, HERE, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia")]))
def test_figures_add_up(items: list[Item], zone: tzinfo) -> None:
    found = figures(items, tz=zone)
    rated = [each for each in items if each.outcome is not None and each.outcome.rating]
    assert found.tally.answered == len(rated) == sum(topic.tally.answered for topic in found.topics)
    assert found.tally.credit == sum((topic.tally.credit for topic in found.topics), fmpq(0))
    for topic in found.topics:
        assert topic.tally.answered == sum(family.tally.answered for family in topic.families)
    of_days = sum(tally.answered for _, tally in found.days)
    assert of_days == sum(week.answered for topic in found.topics for week in topic.weeks) <= found.tally.answered
    within = [each for each in rated if timedelta(0) <= found.today - day(each.closed or 0, zone) < timedelta(84)]
    assert of_days == len(within)
    assert sum(slip.count for slip in found.mistakes) == sum(len(each.outcome.mistakes) for each in rated)  # type: ignore[union-attr]
    assert all(family.row <= family.longest <= family.tally.right for family in found.families)
    assert {family.name for family in found.families} | set(found.fresh) >= {each.name for each in ENTRIES}


@pytest.mark.parametrize("name", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"])
def test_days_in_a_row_are_told_without_the_rest(store: Store, name: str) -> None:
    zone = ZoneInfo(name)
    evenings = on("05-12 00:00", "05-11 23:59", "05-10 00:01", "05-09 12:00", "05-09 12:01", "05-07 12:00", zone=zone)
    left = on("05-08 12:00", zone=zone, rating=0)
    hers = [replace(each, number=n) for n, each in enumerate((*left, *evenings), 1)]
    theirs = [replace(each, sitting="1" * 32) for each in on("05-08 12:00", zone=zone)]
    for learner, questions in ((ME, hers), ("another", theirs)):
        store.start(Sitting(questions[0].sitting, learner, Plan(), 0), questions)
    for now, row in (("05-12 00:00", 4), ("05-12 23:59", 4), ("05-13 09:00", 4), ("05-14 09:00", 0)):
        at = moment(f"2026-{now}", zone)
        assert days_in_a_row(store, ME, at, zone) == progress(store, ME, (), at, zone).row == row


def test_items_go_by_and_are_not_kept() -> None:
    def stream(count: int) -> Iterator[Item]:
        for number in range(count):
            yield item(NOW - number * 60_000, mistakes=["m"])

    def peak(count: int) -> int:
        tracemalloc.start()
        measure(stream(count), History(), ENTRIES, NOW, HERE)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(8_000) < peak(400) + 100_000  # bytes: 7,600 items would take some millions


def test_json_says_it_all() -> None:
    items = [item(NOW, credit="2/3", mistakes=["bias"]), item(NOW - DAY, "rnn.unroll")]
    told = figures(items, remembering(memory("optim.adam", NOW + DAY))).to_json()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["at"] == "2026-05-12T14:00:00+02:00"
    assert (told["days_in_a_row"], told["total"]["answered"], told["total"]["credit"]) == (2, 2, 0.8333)
    assert told["due"] == {"today": 0, "tomorrow": 1, "in_7_days": 1}
    adam = told["topics"][0]["families"][0]
    assert (adam["family"], adam["installed"], adam["level"], adam["levels"]) == ("optim.adam", True, 1, 3)
    assert adam["mistakes"] == [{"name": "bias", "count": 1, "last": "2026-05-12"}]
    assert told["topics"][1]["families"][0]["installed"] is False
    assert told["days"][-1] == {
        "day": "2026-05-12",
        "answered": 1,
        "right": 0,
        "partly": 1,
        "wrong": 0,
        "credit": 0.6667,
    }
    assert told["coming"][1] == {"day": "2026-05-13", "due": 1}
    assert told["not_practised"] == ["conv.size", "optim.momentum"]
