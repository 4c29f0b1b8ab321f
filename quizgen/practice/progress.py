"""What a learner has done: figures by topic and family, day by day, and what comes due. Pure: no clock, no drawing.

Days are calendar days of a time zone. A clock that was wrong for a while breaks nothing: what seems to lie in the
future counts in the totals and in no day, and items may come in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from quizgen.practice.levels import standing_skill
from quizgen.practice.memory import late
from quizgen.practice.records import ZERO, History, Item, Moment, Outcome, Skill
from quizgen_solvers.exact import fmpq

if TYPE_CHECKING:
    from quizgen.family import Entry
    from quizgen.practice.store import Store

WEEKS = 12
"""For how many weeks, the present day's included, each day is counted."""
AHEAD = 30
"""For how many days, from today on, it is said what comes due."""
QUARTER = 900_000
"""Milliseconds of a quarter of an hour: the day of no time zone begins within one."""

_DAY = timedelta(days=1)
_LATEST: Moment = 32_503_680_000_000  # the year 3000: not every system has a calendar beyond it


@dataclass(slots=True)
class Tally:
    """Questions counted by what they earned: all of the credit, some of it, or none; and the credit of all together."""

    right: int = 0
    partly: int = 0
    wrong: int = 0
    credit: fmpq = ZERO

    def add(self, credit: fmpq) -> None:
        if credit >= 1:
            self.right += 1
        elif credit > 0:
            self.partly += 1
        else:
            self.wrong += 1
        self.credit += credit

    @property
    def answered(self) -> int:
        return self.right + self.partly + self.wrong

    @property
    def share(self) -> fmpq | None:
        """The mean credit, from 0 to 1; None where nothing was answered."""
        return self.credit / self.answered if self.answered else None

    def to_json(self) -> dict[str, Any]:
        counts = {"answered": self.answered, "right": self.right, "partly": self.partly, "wrong": self.wrong}
        return counts | {"credit": _json_share(self.share)}


@dataclass(frozen=True, slots=True)
class Slip:
    """A named mistake: how often it was made in a family, and on which day for the last time."""

    family: str
    name: str
    count: int
    last: date


@dataclass(frozen=True, slots=True)
class FamilyProgress:
    """A family with what came of it; ``title`` is empty and ``levels`` 0 where it is not installed.

    ``row``: how many were right one after the other up to now, ``longest``: in the longest such row; ``level``: the one
    she stands at, of so many ``levels``; ``due``: whether it is due today; ``last``: the latest day it was practised.
    """

    name: str
    title: str
    tally: Tally
    row: int
    longest: int
    level: int
    levels: int
    due: bool
    last: date
    mistakes: tuple[Slip, ...]

    @property
    def topic(self) -> str:
        return Skill(self.name, self.level).topic

    @property
    def installed(self) -> bool:
        return self.levels > 0


@dataclass(frozen=True, slots=True)
class TopicProgress:
    """A topic with its families; ``weeks`` are the last twelve, the present one last."""

    name: str
    tally: Tally
    weeks: tuple[Tally, ...]
    families: tuple[FamilyProgress, ...]

    @property
    def due(self) -> int:
        return sum(family.due for family in self.families)


@dataclass(frozen=True, slots=True)
class Progress:
    """All the figures of a learner at a moment."""

    now: datetime
    names: tuple[str, ...]
    """The topics and families that it is about; none for all."""
    row: int
    """On how many days in a row something was answered, up to today, or to yesterday where today has nothing yet."""
    tally: Tally
    days: tuple[tuple[date, Tally], ...]
    """The last twelve weeks day by day, today last."""
    coming: tuple[tuple[date, int], ...]
    """How many skills come due on each of the next thirty days; what is overdue comes today, which is the first."""
    topics: tuple[TopicProgress, ...]
    mistakes: tuple[Slip, ...]
    """The commonest first, and of equally common ones the latest."""
    fresh: tuple[str, ...]
    """The installed families that were never practised."""

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def families(self) -> tuple[FamilyProgress, ...]:
        return tuple(family for topic in self.topics for family in topic.families)

    def answered_within(self, days: int) -> int:
        """How many questions were answered on the last so many days, today included: 84 at most."""
        return sum(tally.answered for _, tally in self.days[-days:])

    def due_within(self, days: int) -> int:
        """How many skills come due on the next so many days, today included: 30 at most."""
        return sum(count for _, count in self.coming[:days])

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data; credit is a share from 0 to 1."""
        return {
            "at": self.now.isoformat(timespec="seconds"),
            "names": list(self.names),
            "days_in_a_row": self.row,
            "total": self.tally.to_json(),
            "answered_in_7_days": self.answered_within(7),
            "answered_in_30_days": self.answered_within(30),
            "due": {"today": self.due_within(1), "tomorrow": self.coming[1][1], "in_7_days": self.due_within(7)},
            "topics": [
                {
                    "topic": topic.name,
                    "total": topic.tally.to_json(),
                    "due_today": topic.due,
                    "weeks": [tally.to_json() for tally in topic.weeks],
                    "families": [_family_json(family) for family in topic.families],
                }
                for topic in self.topics
            ],
            "days": [{"day": str(day)} | tally.to_json() for day, tally in self.days],
            "coming": [{"day": str(day), "due": count} for day, count in self.coming],
            "not_practised": list(self.fresh),
        }


def _family_json(family: FamilyProgress) -> dict[str, Any]:
    return {
        "family": family.name,
        "title": family.title,
        "installed": family.installed,
        "total": family.tally.to_json(),
        "right_in_a_row": family.row,
        "longest_row": family.longest,
        "level": family.level,
        "levels": family.levels,
        "due_today": family.due,
        "last": str(family.last),
        "mistakes": [{"name": slip.name, "count": slip.count, "last": str(slip.last)} for slip in family.mistakes],
    }


def _json_share(share: fmpq | None) -> float | None:
    """A share as a number of JSON, to four decimals."""
    return None if share is None else round(int(share.p) / int(share.q), 4)


def progress(
    store: Store,
    learner: str,
    entries: Sequence[Entry],
    now: Moment,
    tz: tzinfo | None = None,
    names: Sequence[str] = (),
) -> Progress:
    """The figures of a learner, out of the store; arguments as of `measure`, which says what they are."""
    return measure(store.every(learner), store.history(learner), entries, now, tz, names)


def days_in_a_row(store: Store, learner: str, now: Moment, tz: tzinfo | None = None) -> int:
    """`Progress.row` alone, without reading the whole past."""
    return _in_a_row({day(at, tz) for at in store.rated(learner, QUARTER)}, day(now, tz))


def measure(
    items: Iterable[Item],
    history: History,
    entries: Sequence[Entry],
    now: Moment,
    tz: tzinfo | None = None,
    names: Sequence[str] = (),
) -> Progress:
    """The figures of closed items, oldest first; they are looked at one by one and not kept.

    ``entries`` are the families that are installed, ``tz`` the time zone whose days count (None: that of this machine),
    ``names`` the topics and families that are meant, none for all. An item counts as answered when it was rated.
    """

    def wanted(name: str) -> bool:
        return not names or name in names or name.partition(".")[0] in names

    today = day(now, tz)
    running: dict[str, _Running] = {}
    weeks: dict[str, tuple[Tally, ...]] = {}
    days = {today - _DAY * back: Tally() for back in reversed(range(7 * WEEKS))}
    total, practised = Tally(), set()
    for item in items:
        outcome, name = item.outcome, item.skill.family
        if outcome is None or not outcome.rating or not wanted(name):
            continue
        if name not in running:
            running[name] = _Running()
            weeks.setdefault(item.skill.topic, tuple(Tally() for _ in range(WEEKS)))
        on = day(item.opened if item.closed is None else item.closed, tz)
        running[name].add(item.skill.level, outcome, on)
        practised.add(on)
        total.add(outcome.credit)
        if on in days:
            days[on].add(outcome.credit)
            weeks[item.skill.topic][WEEKS - 1 - (today - on).days // 7].add(outcome.credit)

    installed = {entry.name: entry for entry in entries if wanted(entry.name)}
    due = {name: _due(history, entry, now, tz) for name, entry in installed.items()}
    coming = Counter(due.values())
    families = [_family(name, running[name], installed.get(name), history, due.get(name) == today) for name in running]
    return Progress(
        now=datetime.fromtimestamp(_within_calendar(now) / 1000, tz),
        names=tuple(names),
        row=_in_a_row(practised, today),
        tally=total,
        days=tuple(days.items()),
        coming=tuple((on, coming[on]) for on in (today + _DAY * ahead for ahead in range(AHEAD))),
        topics=tuple(
            _topic(topic, weeks[topic], [family for family in families if family.topic == topic])
            for topic in sorted(weeks)
        ),
        mistakes=tuple(sorted((slip for family in families for slip in family.mistakes), key=_rank)),
        fresh=tuple(sorted(installed.keys() - running.keys())),
    )


@dataclass(slots=True)
class _Running:
    """What is kept of a family while its items go by."""

    tally: Tally = field(default_factory=Tally)
    row: int = 0
    longest: int = 0
    highest: int = 0
    last: date = date.min
    mistakes: dict[str, tuple[int, date]] = field(default_factory=dict)

    def add(self, level: int, outcome: Outcome, on: date) -> None:
        self.tally.add(outcome.credit)
        self.row = self.row + 1 if outcome.credit >= 1 else 0
        self.longest = max(self.longest, self.row)
        self.highest = max(self.highest, level)
        self.last = max(self.last, on)
        for name in outcome.mistakes:
            count, last = self.mistakes.get(name, (0, on))
            self.mistakes[name] = count + 1, max(last, on)


def _due(history: History, entry: Entry, now: Moment, tz: tzinfo | None) -> date | None:
    """The day on which the skill that is practised of a family comes due: today where it is overdue, None where it was
    never practised."""
    memory = history.memories.get(standing_skill(history, entry))
    if memory is None:
        return None
    return day(now if late(memory, now) >= 0 else max(memory.due, now), tz)


def _family(name: str, running: _Running, entry: Entry | None, history: History, due: bool) -> FamilyProgress:
    slips = [Slip(name, mistake, count, last) for mistake, (count, last) in running.mistakes.items()]
    return FamilyProgress(
        name=name,
        title=entry.title if entry is not None else "",
        tally=running.tally,
        row=running.row,
        longest=running.longest,
        level=standing_skill(history, entry).level if entry is not None else running.highest,
        levels=len(entry.levels) if entry is not None else 0,
        due=due,
        last=running.last,
        mistakes=tuple(sorted(slips, key=_rank)),
    )


def _topic(name: str, weeks: tuple[Tally, ...], families: Sequence[FamilyProgress]) -> TopicProgress:
    tally = Tally()
    for family in families:
        tally.right += family.tally.right
        tally.partly += family.tally.partly
        tally.wrong += family.tally.wrong
        tally.credit += family.tally.credit
    return TopicProgress(name, tally, weeks, tuple(sorted(families, key=lambda family: family.name)))


def _rank(slip: Slip) -> tuple[int, int, str, str]:
    return -slip.count, -slip.last.toordinal(), slip.family, slip.name


def _in_a_row(days: set[date], today: date) -> int:
    """Days in a row with something on them, up to today; a today that has nothing yet does not end the row."""
    on = today if today in days else today - _DAY
    row = 0
    while on in days:
        on, row = on - _DAY, row + 1
    return row


def day(moment: Moment, tz: tzinfo | None) -> date:
    """The calendar day of a moment; of one that no calendar has, the first or the last."""
    return datetime.fromtimestamp(_within_calendar(moment) / 1000, tz).date()


def _within_calendar(moment: Moment) -> Moment:
    return min(max(moment, 0), _LATEST)
