"""A session as a state machine: two windows on one database, in which anything may be done in any order."""

import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quizgen.errors import Stale, Unreadable, UsageError
from quizgen.practice.records import ME, Item, Move, Plan
from quizgen.practice.session import Session
from sittings import Clock, practising

PLANS = st.builds(
    Plan,
    names=st.sampled_from([(), ("conv",), ("optim.adam", "backprop.two-layer")]),
    level=st.sampled_from([None, 1, 3]),
    count=st.integers(1, 4),
    choices=st.booleans(),
)
WINDOWS = st.integers(0, 1)


class TwoWindows(RuleBasedStateMachine):
    """Whatever a window was told is in the database, and never taken back."""

    @initialize(plan=PLANS)
    def begin(self, plan: Plan) -> None:
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.clock = Clock()
        self.practice = self.stack.enter_context(practising(Path(folder), self.clock))
        first = self.practice.begin(ME, plan)
        self.windows = [first, self.found()]
        self.told: dict[str, list[Move]] = {}
        self.closed: dict[str, Item] = {}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def found(self) -> Session:
        session = self.practice.resume(ME)
        assert session is not None
        return session

    def seen(self, session: Session) -> None:
        """What a window shows has been acknowledged."""
        for item in session.items:
            if item.closed is not None:
                self.closed.setdefault(item.id, item)
        if session.item is not None and session.attempt is not None:
            told = self.told.setdefault(session.item.id, [])
            told += session.attempt.moves[len(told) :]

    @rule(window=WINDOWS)
    def load_again(self, window: int) -> None:
        self.windows[window] = self.found()

    @rule(window=WINDOWS)
    def ask(self, window: int) -> None:
        session = self.windows[window]
        if session.next() is not None:
            self.seen(session)

    @rule(window=WINDOWS, action=st.sampled_from(["hint", "on", "solution", "skip", "another", "easier"]))
    def act(self, window: int, action: str) -> None:
        session = self.windows[window]
        with suppress(Stale, UsageError):
            getattr(session, action)()
            self.seen(session)

    @rule(window=WINDOWS, right=st.booleans(), twice=st.booleans(), seconds=st.integers(-5000, 5000))
    def answer(self, window: int, right: bool, twice: bool, seconds: int) -> None:
        session = self.windows[window]
        self.clock.wait(seconds)
        attempt = session.attempt
        if attempt is None or attempt.part is None:
            return
        part = attempt.question.part(attempt.part)
        text = part.answer if right else part.mistakes[0].value if part.mistakes else "0"
        if attempt.is_choice(attempt.part):
            text = "ABCDEF"[next(i for i in range(len(part.options)) if (i in part.correct) == right)]
        with suppress(Stale, Unreadable):
            move = session.answer(text, attempt.part, len(attempt.moves))
            self.seen(session)
            if twice:
                assert session.answer(text, attempt.part, len(attempt.moves)) == move

    @invariant()
    def nothing_is_lost(self) -> None:
        store = self.practice.store
        for item, told in self.told.items():
            assert list(store.moves(item))[: len(told)] == told
        for item, closed in self.closed.items():
            assert store.item(item) == closed

    @invariant()
    def a_new_window_sees_what_is_there(self) -> None:
        session = self.found()
        items = session.items
        assert [item.number for item in items] == list(range(1, len(items) + 1))
        assert all(item.closed is not None for item in items[:-1])
        counted = [item for item in items if item.outcome is not None and item.outcome.rating]
        memories = self.practice.store.history(ME).memories
        assert sum(memory.reviews for memory in memories.values()) == len(counted)


TestTwoWindows = TwoWindows.TestCase
TestTwoWindows.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
