"""An attempt as a state machine: whatever is done at a question, in whatever order, these things hold."""

from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from quizgen import code as codes
from quizgen import family
from quizgen.draw import draw
from quizgen.errors import Unreadable, UsageError
from quizgen.practice.attempt import A_TRY, Attempt
from quizgen.practice.hints import count, hints
from quizgen.practice.records import Action
from quizgen.question import Question
from quizgen_solvers.exact import fmpq

LEVELS = sorted((name, level) for name, entry in family.everything().items() for level in entry.levels)


def attempt_at(code: str, *, choices: bool = False, exam: bool = False) -> Attempt:
    return Attempt(draw(codes.parse(code)), choices=choices, exam=exam)


class Practising(RuleBasedStateMachine):
    """A learner who does anything that can be done."""

    exam = False

    @initialize(where=st.sampled_from(LEVELS), seed=st.integers(0, 30), choices=st.booleans())
    def begin(self, where: tuple[str, int], seed: int, choices: bool) -> None:
        name, level = where
        self.attempt = attempt_at(f"{name}/{level}/s{seed}", choices=choices, exam=self.exam)
        self.clock = 0

    @precondition(lambda self: self.attempt.closed)
    @rule(where=st.sampled_from(LEVELS), seed=st.integers(0, 30))
    def next(self, where: tuple[str, int], seed: int) -> None:
        self.begin(where, seed, self.attempt.choices)

    def do(self, after: Attempt) -> None:
        before, self.attempt = self.attempt, after
        assert len(after.moves) == len(before.moves) + 1
        for part in range(1, len(after.question.parts) + 1):
            assert self.exam or after.worth(part) <= before.worth(part)
            assert self.exam or after.credit(part) >= before.credit(part), "what is earned stays"

    def typed(self, part: int, wrong: bool) -> str:
        """A right answer or one that a named mistake leads to; a letter where letters are asked for."""
        one = self.attempt.question.part(part)
        if self.attempt.is_choice(part):
            letters = "ABCDEFGHIJ"[: len(one.options)]
            return next(c for i, c in enumerate(letters) if (i in one.correct) != wrong)
        return one.mistakes[0].value if wrong and one.mistakes else "7" if wrong else one.answer

    @precondition(lambda self: not self.attempt.closed)
    @rule(wrong=st.booleans())
    def answer(self, wrong: bool) -> None:
        part = self.attempt.part
        assert part is not None
        self.clock += 1
        try:
            move = self.attempt.answer(self.typed(part, wrong), part, self.clock)
        except Unreadable:
            assert wrong, "the right answer can always be read"
            return
        if not self.exam and not wrong and not self.attempt._earlier(part):
            assert move.credit == 1
        self.do(self.attempt.with_(move))

    @precondition(lambda self: not self.attempt.closed)
    @rule(text=st.sampled_from(["", "?", "1 2; 3", "9" * 5000, "[[[", "__import__('os')", "A.B", "\x00"]))
    def type_nonsense(self, text: str) -> None:
        part = self.attempt.part
        assert part is not None
        if self.attempt.question.part(part).kind.name not in ("matrix", "vector", "shape", "table"):  # "1 2; 3" is one
            with pytest.raises(Unreadable):
                self.attempt.answer(text, part, self.clock)

    @precondition(lambda self: not self.attempt.closed and not self.exam)
    @rule()
    def hint(self) -> None:
        part = self.attempt.part
        assert part is not None
        if not self.attempt.hints_left(part):
            with pytest.raises(UsageError, match="no hint left"):
                self.attempt.act("hint", self.clock)
            assert self.attempt.worth(part) == 0, "whoever has seen everything earns nothing more"
            return
        seen = self.attempt.hints(part)
        self.do(self.attempt.with_(self.attempt.act("hint", self.clock)))
        assert self.attempt.hints(part)[:-1] == seen

    @precondition(lambda self: not self.attempt.closed and not self.exam)
    @rule(action=st.sampled_from(["on", "on", "on", "solution", "skip"]))
    def other(self, action: Action) -> None:
        part = self.attempt.part
        self.do(self.attempt.with_(self.attempt.act(action, self.clock)))
        assert self.attempt.part != part
        assert self.attempt.closed or action == "on"

    @invariant()
    def holds(self) -> None:
        attempt = self.attempt
        assert 0 <= attempt.points <= attempt.of
        statuses = [attempt.status(n) for n in range(1, len(attempt.question.parts) + 1)]
        if attempt.closed:
            assert attempt.part is None
            assert set(statuses) <= {"right", "passed"}
        elif not self.exam:
            assert attempt.part is not None
            here = attempt.part - 1
            assert set(statuses[:here]) <= {"right", "passed"}
            assert statuses[here] in ("open", "wrong")
            assert set(statuses[here + 1 :]) <= {"waiting"}

    @invariant()
    def is_what_its_moves_say(self) -> None:
        a = self.attempt
        again = Attempt(a.question, a.moves, a.choices, a.exam)
        assert (again.part, again.closed, again.points) == (a.part, a.closed, a.points)


class SittingAnExam(Practising):
    exam = True

    @precondition(lambda self: not self.attempt.closed)
    @rule(data=st.data(), wrong=st.booleans())
    def answer_any(self, data: st.DataObject, wrong: bool) -> None:
        part = data.draw(st.integers(1, len(self.attempt.question.parts)))
        try:
            move = self.attempt.answer(self.typed(part, wrong), part, self.clock)
        except Unreadable:
            return
        assert (move.credit, move.reason, move.mistakes) == (0, "", ()), "nothing is said before the end"
        self.do(self.attempt.with_(move))
        assert self.attempt.status(part) == "open"

    def teardown(self) -> None:
        if not hasattr(self, "attempt"):
            return
        done = self.attempt.marked()
        assert done.closed
        for part in range(1, len(done.question.parts) + 1):
            last = done.last(part)
            assert done.credit(part) == (0 if last is None else last.credit)
            assert last is None or last.reason


TestPractising = Practising.TestCase
TestPractising.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestSittingAnExam = SittingAnExam.TestCase
TestSittingAnExam.settings = settings(max_examples=30, stateful_step_count=12, deadline=None)


def test_a_wrong_part_carries_forward() -> None:
    """Adam's first moment with the sign of the gradient lost, and everything after it worked rightly from there."""
    attempt = attempt_at("optim.adam/2/k7q3m9")
    first = attempt.question.part(1)
    wrong = first.mistakes[0]
    attempt = attempt.with_(attempt.answer(wrong.value, 1, 1))
    assert (attempt.status(1), attempt.last(1).mistakes[0]) == ("wrong", wrong.name)  # type: ignore[union-attr]
    assert dict(attempt.why(attempt.moves[-1]))[wrong.name] == wrong.why
    attempt = attempt.with_(attempt.act("on", 2))
    attempt = attempt.with_(attempt.answer(attempt.question.part(2).answer, 2, 3))
    work = attempt.question.work
    (follows,) = work.rework({work["m_5"]: first.kind.read(wrong.value)}, [work[r"\theta_5"]])
    move = attempt.answer(f"{float(follows):.4f}", 3, 4)
    assert (move.credit, move.carried) == (1, True)
    done = attempt.with_(move)
    assert [done.status(n) for n in (1, 2, 3)] == ["passed", "right", "right"]
    assert done.points == done.of - first.points
    assert done.closed


def test_what_help_costs() -> None:
    attempt = attempt_at("optim.adam/2/k7q3m9")
    assert attempt.hint_cost(1) == fmpq(1, 2)  # one line: in symbols, in numbers
    attempt = attempt.with_(attempt.act("hint", 1))
    (hint,) = attempt.hints(1)
    assert hint.text == "m₅ = β₁·m₄ + (1 − β₁)·g₅"
    assert (hint.at, hint.of, hint.in_numbers) == (1, 2, False)
    assert attempt.worth(1) == fmpq(1, 2)
    attempt = attempt.with_(attempt.answer("1.1", 1, 2))
    assert attempt.worth(1) == fmpq(1, 2) - A_TRY
    attempt = attempt.with_(attempt.answer("-1.1", 1, 3))
    assert attempt.credit(1) == fmpq(1, 2) - A_TRY
    assert attempt.part == 2
    assert attempt.worth(2) == 1, "a part has its own price"


def test_hints_leave_out_what_is_known() -> None:
    question = draw(codes.parse("optim.adam/2/k7q3m9"))
    assert [hint.text.partition(" ")[0] for hint in hints(question, 3)] == ["m₅", "m₅", "v₅", "v₅", *LAST]
    assert [hint.text.partition(" ")[0] for hint in hints(question, 3, known=[1, 2])] == LAST


LAST = ["m̂₅", "m̂₅", "v̂₅", "v̂₅", "θ₅", "θ₅"]


@pytest.mark.parametrize(("name", "level"), LEVELS)
def test_hints_lead_to_the_answer(name: str, level: int) -> None:
    """Every part of every family has hints, symbols before numbers, and the last line of them is one that answers."""
    question = draw(codes.parse(f"{name}/{level}/a1b2"))
    for part in range(1, len(question.parts) + 1):
        found = hints(question, part, range(1, part))
        assert count(question, part, range(1, part)) == len(found)
        assert hints(question, part, range(1, part), 1) == found[:1]
        assert [hint.at for hint in found] == list(range(1, len(found) + 1))
        assert found[-1].in_numbers
        steps = {step.text for step in question.solution}
        assert all((hint.text in steps) == hint.in_numbers for hint in found)
        for hint, following in pairwise(found):
            assert hint.in_numbers or following.text.startswith(hint.text.partition(" = ")[0])
            assert hint.in_numbers or following.in_numbers


def test_what_a_hint_costs_is_known_before_a_solution_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = attempt_at("optim.adam/2/k7q3m9")
    monkeypatch.setattr(Question, "solution", property(lambda _: pytest.fail("it was printed")))
    assert (attempt.hints_left(1), attempt.hint_cost(1), attempt.hints(1)) == (2, fmpq(1, 2), ())


def test_a_question_ends_where_its_solution_is_shown() -> None:
    attempt = attempt_at("conv.output-size/1/k7q3m9")
    for action in ("solution", "skip"):
        done = attempt.with_(attempt.act(action, 1))  # type: ignore[arg-type]
        assert (done.closed, done.part, done.status(1), done.points) == (True, None, "passed", 0)


def test_multiple_choice_takes_letters() -> None:
    attempt = attempt_at("conv.output-size/1/k7q3m9", choices=True)
    part = attempt.question.part(1)
    (right,) = part.correct
    wrong = next(i for i in range(len(part.options)) if i != right)
    assert attempt.is_choice(1)
    move = attempt.answer(f" {'abcd'[wrong]} ", 1, 1)
    assert (move.credit, move.read_as) == (0, "abcd"[wrong])
    assert move.mistakes
    assert attempt.answer("ABCD"[right], 1, 1).credit == 1
    with pytest.raises(Unreadable):
        attempt.answer("E", 1, 1)
