"""Sessions: one logic for the terminal, the line mode and the site.

`Practice` is the machinery over one database: the store, the stock of checked questions, the families and the clock. A
`Session` is one learner's sitting. It holds nothing that is not on disk: whatever changes something is written before
it returns, and a session that is taken up again, here or elsewhere, stands where it stood.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from quizgen import code as codes
from quizgen import family as families
from quizgen.draw import draw
from quizgen.errors import BadCode, Stale, UnknownFamily, UnknownLevel, UnknownName, UsageError, VerifyError, shown
from quizgen.practice import schedule
from quizgen.practice.attempt import Attempt
from quizgen.practice.easier import easier
from quizgen.practice.hints import Hint
from quizgen.practice.recent import Recent
from quizgen.practice.records import (
    ZERO,
    Action,
    Ending,
    History,
    Item,
    Moment,
    Move,
    Outcome,
    Plan,
    Sitting,
    Skill,
)
from quizgen.practice.stock import Stock
from quizgen.practice.store import Store
from quizgen.sheet import having
from quizgen.verify.provenance import Provenance
from quizgen_solvers.exact import fmpq

if TYPE_CHECKING:
    from quizgen.family import Entry
    from quizgen.question import Question

MOST_QUESTIONS = 1000
MOST_MINUTES = 24 * 60
USUAL = 10
"""How many questions a session has when nothing is due and nothing was said."""

PAUSE = 10 * 60_000
"""Milliseconds between two moves beyond which nobody was thinking about the question any more."""

MOST_IN_EXAM = 60
ANYTHING = Plan()
KEPT = 512
"""How many drawn questions are kept at hand."""


def now() -> Moment:
    """The clock: milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class NotReady(VerifyError):
    """There is no checked question just now, and nobody was to wait for one."""


@dataclass(frozen=True)
class Summary:
    """What came of a session: how many questions were put and how many were worked on, the points, the time, and each
    question with its attempt for a marked review."""

    asked: int
    answered: int
    points: fmpq
    of: int
    seconds: int
    rows: tuple[tuple[Item, Attempt], ...]


class Practice:
    """The machinery over one database. Safe for many threads; one for all learners."""

    def __init__(self, store: Store, stock: Stock, entries: Sequence[Entry], clock: Callable[[], Moment] = now) -> None:
        self.store = store
        self.stock = stock
        self.entries = tuple(entries)
        self.clock = clock
        self._recent: Recent[Question] = Recent(KEPT)
        """By all that they are made from: the code, and the provenance of those that a run has checked."""

    def close(self) -> None:
        self.stock.close()
        self.store.close()

    def question(self, code: str) -> Question:
        """The question of a code, drawn and not checked. Raises what `quizgen.code.parse` and `draw` raise."""
        return self._drawn(code, "")

    def due(self, learner: str, plan: Plan = ANYTHING) -> int:
        """How many skills are due today, which ends at midnight where this machine is."""
        history, at = self.store.history(learner, recent=0), self.clock()
        return schedule.due_today(history, self.entries, at, plan, _end_of_day(at))

    def usual(self, learner: str, plan: Plan) -> Plan:
        """A plan that says how long it is: what is due today where it did not say, or a fair mix of ten."""
        if plan.count or plan.minutes or plan.code:
            return plan
        return replace(plan, count=self.due(learner, plan) or USUAL)

    def begin(self, learner: str, plan: Plan, tell: Callable[[int], None] | None = None) -> Session:
        """A new session. Of an exam all questions are drawn now; ``tell`` is told how many there are.

        Raises `UsageError` for what can't be meant: unknown names and levels, a count or time out of range.
        """
        self._check(plan)
        sitting = Sitting(uuid.uuid4().hex, learner, plan, self.clock())
        items: list[Item] = []
        if plan.code:
            items.append(self.item(sitting, 1, self._checked(plan.code)))
        elif plan.exam:
            items = self._paper(sitting, tell)
        self.store.start(sitting, items)
        return Session(self, sitting)

    def begin_asking(self, learner: str, plan: Plan, *, wait: bool = True) -> Session:
        """A new session that has its first question; where none can be had nothing begins. Raises what `begin` and
        `Session.next` raise."""
        if plan.exam or plan.code:
            return self.begin(learner, plan)
        self._check(plan)
        sitting = Sitting(uuid.uuid4().hex, learner, plan, self.clock())
        skill = self.next_skill(self.store.history(learner), plan, f"{sitting.id} 0")
        self.store.start(sitting, [self.item(sitting, 1, self.take(skill, wait=wait))])
        return Session(self, sitting)

    def resume(self, learner: str, sitting: str | None = None, *, exam: bool = False) -> Session | None:
        """The session of that id if it is this learner's, or her latest one that has not ended; None without one."""
        with self.store.at_once():
            found = self.store.latest(learner, exam=exam) if sitting is None else self.store.sitting(sitting)
            return None if found is None or found.learner != learner else Session(self, found)

    # --- choosing questions -------------------------------------------------------------------------------------------

    def _check(self, plan: Plan) -> None:
        """Raises `UsageError` for a plan that can't be meant."""
        if plan.count is not None and not 1 <= plan.count <= MOST_QUESTIONS:
            raise UsageError(f"a session has 1 to {MOST_QUESTIONS:,} questions, not {shown(plan.count)}")
        if plan.minutes is not None and not 1 <= plan.minutes <= MOST_MINUTES:
            raise UsageError(f"a session takes 1 to {MOST_MINUTES:,} minutes, not {shown(plan.minutes)}")
        if plan.exam and plan.minutes is None:
            raise UsageError("an exam has an end: say how many minutes it takes")
        chosen = [one for one in self.entries if not plan.names or {one.name, one.topic}.intersection(plan.names)]
        if strange := set(plan.names).difference(*({one.name, one.topic} for one in chosen)):
            chosen += families.select(sorted(strange))  # says what is there instead
        having(chosen, () if plan.level is None else (plan.level,))

    def next_skill(self, history: History, plan: Plan, seed: str) -> Skill:
        """What to ask next: of the families that questions can be served of."""
        troubled = {skill.family for skill in self.stock.problems}
        entries = [entry for entry in self.entries if entry.name not in troubled]
        skill = schedule.choose(history, entries or self.entries, plan, self.clock(), seed)
        if skill is None:
            raise UsageError("there is no family to ask from; choose other topics or another level")
        return skill

    def take(self, skill: Skill, avoid: Container[str] = (), *, wait: bool = True) -> Question:
        """A checked question. Raises what `Stock.take` raises, and `NotReady` where it is not to ``wait`` and would
        have to."""
        question = self.stock.take(skill, avoid) if wait else self.stock.ready(skill, avoid)
        if question is None:
            raise NotReady(f"no checked question of {skill} is ready")
        return question

    def _paper(self, sitting: Sitting, tell: Callable[[int], None] | None) -> list[Item]:
        """The questions of an exam: as many as were asked for, or as fit into its time."""
        plan, history = sitting.plan, self.store.history(sitting.learner)
        items: list[Item] = []
        seconds = 0
        while len(items) < (plan.count or MOST_IN_EXAM):
            skill = self.next_skill(history, plan, f"{sitting.id} {len(items)}")
            question = self.stock.take(skill, {item.code for item in (*items, *history.recent)})
            seconds += schedule.expected_seconds(question)
            if plan.count is None and items and seconds > 60 * (plan.minutes or 0):
                break
            items.append(self.item(sitting, len(items) + 1, question))
            history = replace(history, recent=(items[-1], *history.recent))
            if tell is not None:
                tell(len(items))
        return items

    def item(self, sitting: Sitting, number: int, question: Question) -> Item:
        """A checked question as the next of a session."""
        provenance = json.dumps(question.provenance.to_json()) if question.provenance is not None else ""
        skill = Skill(question.family, question.level)
        self._recent.put(f"{question.code} {provenance}", question)
        return Item(uuid.uuid4().hex, sitting.id, number, question.code, skill, self.clock(), provenance)

    def _checked(self, code: str) -> Question:
        return self.stock.verify([self.question(str(codes.parse(code)))])[0]

    def asked(self, item: Item) -> Question:
        """The question of an item, with the run that checked it."""
        return self._drawn(item.code, item.provenance)

    def _drawn(self, code: str, provenance: str) -> Question:
        """The question of a code, as it was when it was checked."""
        name = f"{code} {provenance}"
        question = self._recent.get(name)
        if question is None:
            question = draw(codes.parse(code))
            if provenance:
                question = replace(question, provenance=Provenance.from_json(json.loads(provenance)))
            self._recent.put(name, question)
        return question


class Session:
    """One learner's sitting. What was done elsewhere in the meantime is seen when the session is taken up again."""

    def __init__(self, practice: Practice, sitting: Sitting) -> None:
        self.practice = practice
        self.sitting = sitting
        self.notice = ""
        """One line that the learner should see, such as that a question is gone."""
        self._items: list[Item] = []
        self.item: Item | None = None
        self.attempt: Attempt | None = None
        self._take_up()

    # --- where it stands ----------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.sitting.id

    @property
    def plan(self) -> Plan:
        return self.sitting.plan

    @property
    def ended(self) -> bool:
        return self.sitting.ended is not None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(self._items)

    @property
    def number(self) -> int:
        """Which question this is, from 1; 0 before the first."""
        return self.item.number if self.item is not None else 0

    @property
    def count(self) -> int | None:
        """How many questions the session has; None where it has no set number, or goes on beyond it."""
        return None if self._wanted is not None and len(self._items) > self._wanted else self._wanted

    @property
    def _wanted(self) -> int | None:
        if self.plan.exam:
            return len(self._items)
        return 1 if self.plan.code else self.plan.count

    @property
    def seconds_left(self) -> int | None:
        """How many seconds are left; None where there is no limit. A clock that is set back gives no more than there
        were after the latest move."""
        if self.plan.minutes is None:
            return None
        latest = max((item.opened for item in self._items), default=0)
        if self.attempt is not None and self.attempt.moves:
            latest = max(latest, self.attempt.moves[-1].at)
        spent = max(self.practice.clock(), latest, self.sitting.started) - self.sitting.started
        return max(0, self.plan.minutes * 60 - spent // 1000)

    @property
    def over(self) -> bool:
        """Whether no more questions are put: there were as many as were wanted, or the time is over."""
        done = sum(item.outcome is not None and not _untouched(item.outcome) for item in self._items)
        return self.ended or self.seconds_left == 0 or (self._wanted is not None and done >= self._wanted)

    def _take_up(self, number: int | None = None) -> None:
        """Reads where the session stands: the question of that number, or the open one that was worked on last."""
        self._items = list(self.practice.store.items(self.id))
        if not self._items:
            return
        if number is None and self.plan.exam and not self.ended:
            number = next((item.number for item in self._items if item.closed is None), None)
        self._show(self._items[-1 if number is None else number - 1])

    def _show(self, item: Item, moves: Sequence[Move] | None = None) -> None:
        self.item, self.attempt = item, None
        try:
            self.attempt = self._attempt(item, moves)
        except (UnknownFamily, UnknownLevel, BadCode) as problem:
            if item.closed is None:
                self._close(item, Outcome("gone"))
            why = problem.bare if isinstance(problem, UnknownName) else problem.message
            self.notice = f"{item.code} can't be asked any more and does not count: {why}"

    def _attempt(self, item: Item, moves: Sequence[Move] | None = None) -> Attempt:
        return Attempt(
            self.practice.asked(item),
            self.practice.store.moves(item.id) if moves is None else tuple(moves),
            choices=self.plan.choices,
            exam=self.plan.exam,
            ended=item.closed is not None,
        )

    # --- from question to question ------------------------------------------------------------------------------------

    def next(self, *, wait: bool = True) -> Attempt | None:
        """The question that is open, else a new one, waiting for PyTorch if none is ready; None when there are no more.

        Raises what `Practice.take` raises.
        """
        if self._is_open():
            return self.attempt
        if self.plan.exam or self.over:
            return None
        store, plan = self.practice.store, self.plan
        skill = self.practice.next_skill(store.history(self.sitting.learner), plan, f"{self.id} {len(self._items)}")
        return self._open(lambda avoid: self.practice.take(skill, avoid, wait=wait))

    def another(self, *, wait: bool = True) -> Attempt:
        """Another like this one: the same family at the same level. An open one is left. Raises what `next` raises."""
        return self._like_this(lambda item, avoid: self.practice.take(item.skill, avoid, wait=wait))

    def easier(self) -> Attempt:
        """The same with easier numbers, checked as every question is. An open one is left."""
        stock, asked = self.practice.stock, self.practice.asked
        return self._like_this(lambda item, avoid: stock.verify([easier(asked(item), avoid)])[0])

    def _like_this(self, draw_one: Callable[[Item, set[str]], Question]) -> Attempt:
        item = self._current()
        if self.plan.exam:
            raise UsageError("an exam has its own questions; it goes on with the next of them")
        if item.closed is None:
            self.skip()
        return self._open(lambda avoid: draw_one(item, avoid))

    def _open(self, draw_one: Callable[[set[str]], Question]) -> Attempt:
        if self.ended:
            raise Stale("this session has ended; begin another")
        if self._items and self._items[-1].closed is None:  # another window has gone on: that question it is
            self._show(self._items[-1])
        if not self._is_open():
            question = draw_one({item.code for item in self._items})
            item = self.practice.item(self.sitting, len(self._items) + 1, question)
            try:
                self.practice.store.open_item(item)
            except Stale:  # the same was asked for twice, or in another window: that question it is
                self._take_up()
            else:
                self._items.append(item)
                self._show(item, moves=())
        assert self.attempt is not None  # noqa: S101 (it was drawn a moment ago)
        return self.attempt

    def go(self, number: int) -> Attempt:
        """In an exam: to the question of that number."""
        if not self.plan.exam or not 1 <= number <= len(self._items):
            raise UsageError(f"there is no question {shown(number)} to go to; the exam has {len(self._items)}")
        self._show(self._items[number - 1])
        return self._now()

    # --- at a question ------------------------------------------------------------------------------------------------

    def answer(self, text: str, part: int | None = None, number: int | None = None) -> Move:
        """Marks an answer to a part (the current one), and keeps it. The same answer again is no second try.

        ``number``: how many moves there were when the learner answered; what was sent twice is taken once. Raises
        `Unreadable`, which is no try and leaves everything as it was; `Stale` where the question has gone on.
        """

        def move(attempt: Attempt) -> Move:
            wanted = part or attempt.part
            if attempt.closed or wanted is None:
                raise Stale("this question is closed; its answers stand as they are")
            attempt.question.part(wanted)
            if not self.plan.exam and wanted != attempt.part:
                raise Stale(f"part {wanted} is not to be answered now; part {attempt.part} is")
            made = attempt.answer(text, wanted, self.practice.clock())
            last = attempt.last(wanted)
            return last if last is not None and last.read_as == made.read_as else made

        def same(before: Move) -> bool:
            return before.action == "answer" and before.typed == text and part in (None, before.part)

        return self._make(move, same, number)

    def hint(self, number: int | None = None) -> Hint:
        """The next piece of the worked solution. Raises `UsageError` where none is left, and in an exam."""
        move = self._act("hint", number)
        attempt = self._now()
        shown_before = sum(m.action == "hint" and m.part == move.part for m in attempt.moves[: move.number])
        return attempt.hints(move.part)[shown_before]

    def on(self, number: int | None = None) -> None:
        """On to the next part: what was typed counts as it is, and is carried forward."""
        self._act("on", number)

    def solution(self, number: int | None = None) -> None:
        """Ends the question; its solution may be shown."""
        self._act("solution", number)

    def skip(self, number: int | None = None) -> None:
        """Leaves the question. One at which nothing was done doesn't count."""
        self._act("skip", number)

    def _act(self, action: Action, number: int | None) -> Move:
        if self.plan.exam and not self.ended:
            raise UsageError("in an exam there is no help before the end")

        def move(attempt: Attempt) -> Move:
            if attempt.closed:
                raise Stale("this question is closed already")
            return attempt.act(action, self.practice.clock())

        return self._make(move, lambda before: before.action == action, number)

    def _make(self, make: Callable[[Attempt], Move], same: Callable[[Move], bool], number: int | None) -> Move:
        """Makes a move, keeps it, and closes the question where it was the last; what was sent twice is made once."""
        self._keep_time()
        attempt = self._now()
        if number is not None and number != len(attempt.moves):
            return self._again(same, number)
        move = make(attempt)
        if move.number < len(attempt.moves):
            return move  # the same answer again
        after = attempt.with_(move)
        item = self._current()
        try:
            if after.closed:
                self._close(item, self._outcome(item, after), move=move)
                after = replace(after, ended=True)
            else:
                self.practice.store.add_move(item.id, move)
        except Stale:  # another window was quicker
            self._take_up(item.number)
            return self._again(same, move.number)
        self.attempt = after
        return move

    def _again(self, same: Callable[[Move], bool], number: int) -> Move:
        """The move that stands where one was to be made, if it is the same."""
        moves = self._now().moves
        if 0 <= number < len(moves) and same(moves[number]):
            return moves[number]
        raise Stale("the question has gone on since this page was shown; here is where it stands")

    def _current(self) -> Item:
        if self.item is None:
            raise UsageError("no question has been asked yet")
        return self.item

    def _now(self) -> Attempt:
        if self.attempt is None:
            raise UsageError("no question has been asked yet")
        return self.attempt

    def _is_open(self) -> bool:
        return self.attempt is not None and not self.attempt.closed

    def _keep_time(self) -> None:
        if self.plan.exam and not self.ended and self.seconds_left == 0:
            self.finish()
            raise Stale("the time is over: the exam was handed in as it stood")

    # --- the end ------------------------------------------------------------------------------------------------------

    def finish(self) -> Summary:
        """Ends the session: an exam is marked, and a question that is still open is left as it stands."""
        if not self.ended:
            late = self.plan.exam and self.seconds_left == 0
            for item in self._items:
                if item.closed is None:
                    self._hand_in(item, "time" if late else "answered" if self.plan.exam else "skipped")
            at = self.practice.clock()
            self.practice.store.end(self.id, at)
            self.sitting = replace(self.sitting, ended=at)
            self._take_up(self.number or None)
        return self.summary()

    def _hand_in(self, item: Item, ending: Ending) -> None:
        try:
            attempt = self._attempt(item)
        except (UnknownFamily, UnknownLevel, BadCode):
            self._close(item, Outcome("gone"))
            return
        done = attempt.marked() if self.plan.exam else replace(attempt, ended=True)
        changed = tuple(new for new, old in zip(done.moves, attempt.moves, strict=True) if new != old)
        self._close(item, self._outcome(item, done, ending), marked=changed)

    def summary(self) -> Summary:
        """What came of the session so far; without the questions that can't be asked any more."""
        rows = []
        for item in self._items:
            try:
                rows.append((item, self._attempt(item)))
            except (UnknownFamily, UnknownLevel, BadCode):
                continue
        counted = [attempt for _, attempt in rows if attempt.counts]
        return Summary(
            asked=len(rows),
            answered=sum(any(move.action == "answer" for move in attempt.moves) for _, attempt in rows),
            points=sum((attempt.points for attempt in counted), ZERO),
            of=sum(attempt.of for attempt in counted),
            seconds=sum(_seconds(item, attempt.moves) for item, attempt in rows),
            rows=tuple(rows),
        )

    def _outcome(self, item: Item, attempt: Attempt, ending: Ending | None = None) -> Outcome:
        answers = [move for move in attempt.moves if move.action == "answer"]
        if ending is None:
            last = attempt.moves[-1].action
            ending = "shown" if last == "solution" else "skipped" if last == "skip" else "answered"
        outcome = Outcome(
            ending,
            credit=attempt.points / attempt.of if attempt.of else ZERO,
            points=attempt.of,
            hints=sum(move.action == "hint" for move in attempt.moves),
            wrong=sum(move.credit != 1 for move in answers),
            seconds=_seconds(item, attempt.moves),
            mistakes=tuple(dict.fromkeys(name for move in answers for name in move.mistakes)),
        )
        if all(move.action == "skip" for move in attempt.moves):
            return outcome
        return replace(outcome, rating=schedule.rating(outcome, schedule.expected_seconds(attempt.question)))

    def _close(self, item: Item, outcome: Outcome, *, move: Move | None = None, marked: Sequence[Move] = ()) -> None:
        """Closes an item for good, with what it changes in the schedule."""
        store, at, learner = self.practice.store, self.practice.clock(), self.sitting.learner
        memory = standing = None
        if outcome.rating:
            levels = tuple(families.find(item.skill.family).levels)
            history, before = store.history(learner, recent=0), store.mistakes(learner, item.skill.family)
            memory, standing = schedule.after(history, before, item, outcome, levels, at)
        store.close_item(item.id, at, outcome, move=move, marked=marked, memory=memory, standing=standing)
        closed = replace(item, closed=at, outcome=outcome)
        self._items[item.number - 1] = closed
        if self.item is not None and self.item.id == item.id:
            self.item = closed


def open_practice(data: str | None = None, *, files: Sequence[Path] = (), each: int = 3) -> Practice:
    """The machinery over a database (a path or a URL; None: the usual place), its stock being filled.

    ``files``: family files that are loaded already, for the process that checks. Raises `StoreError`.
    """
    entries = list(families.everything().values())
    store = Store.open(data)
    stock = Stock(store, entries, files=files, each=each)
    stock.start()
    return Practice(store, stock, entries)


def _untouched(outcome: Outcome) -> bool:
    """Whether a question does not count: it was left before anything was done at it, or can't be asked any more."""
    return outcome.ending == "gone" or (outcome.ending == "skipped" and outcome.rating == 0)


def _seconds(item: Item, moves: Sequence[Move]) -> int:
    """For how long a question was worked on, leaving out long pauses and whatever a clock set back would make of it."""
    moments = [item.opened, *(move.at for move in moves)]
    return sum(min(max(0, later - before), PAUSE) for before, later in pairwise(moments)) // 1000


def _end_of_day(at: Moment) -> Moment:
    from datetime import datetime, timedelta

    midnight = datetime.fromtimestamp(at / 1000).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return round((midnight + timedelta(days=1)).timestamp() * 1000)
