"""Sessions over a real database: what was acknowledged is there, whoever looks, and nothing is done twice."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from quizgen.errors import Stale, UnknownFamily, UnknownLevel, Unreadable, UsageError
from quizgen.practice.records import ME, Plan, Skill
from quizgen.practice.session import PAUSE, NotReady, Practice, Session
from quizgen.question import Question
from quizgen_solvers.exact import fmpq
from sittings import RUN, START, Clock, practising

ADAM = "optim.adam/2/k7q3m9"
RIGHT = ("-1.1", "1.39", "-0.8008")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def practice(tmp_path: Path, clock: Clock) -> Iterator[Practice]:
    with practising(tmp_path, clock) as practice:
        yield practice


def at_adam(practice: Practice) -> Session:
    return practice.begin(ME, Plan(code=ADAM))


def seen_anew(session: Session) -> Session:
    """The same session, as another window or a new start of the program finds it."""
    again = session.practice.resume(ME, session.id)
    assert again is not None
    return again


def same(one: Session, other: Session) -> bool:
    return (one.item, one.attempt and one.attempt.moves) == (other.item, other.attempt and other.attempt.moves)


def test_a_question_from_its_first_part_to_its_last(practice: Practice, clock: Clock) -> None:
    session = at_adam(practice)
    assert (session.number, session.count, session.seconds_left) == (1, 1, None)
    for part, answer in enumerate(RIGHT, 1):
        assert session.attempt is not None
        assert session.attempt.part == part
        clock.wait(30)
        assert session.answer(answer).credit == 1
        assert same(session, seen_anew(session)), "whatever was acknowledged is on disk"
    assert session.item is not None
    assert session.item.closed == START + 90_000
    assert session.item.outcome is not None
    assert (session.item.outcome.credit, session.item.outcome.seconds) == (1, 90)
    assert session.next() is None
    assert session.over
    memory = practice.store.history(ME).memories[session.item.skill]
    assert memory.reviews == 1
    assert memory.due > clock.at


def test_unreadable_is_no_attempt(practice: Practice) -> None:
    session = at_adam(practice)
    with pytest.raises(Unreadable):
        session.answer("0,5")
    assert session.attempt is not None
    assert session.attempt.moves == ()
    assert seen_anew(session).attempt.moves == ()  # type: ignore[union-attr]
    assert session.attempt.worth(1) == 1


def test_the_same_answer_again_is_no_second_try(practice: Practice) -> None:
    session = at_adam(practice)
    first = session.answer("3")
    assert session.answer(" 3.0 ") == first
    assert session.attempt is not None
    assert session.attempt.moves == (first,)


def test_what_is_sent_twice_is_made_once(practice: Practice) -> None:
    """Two windows show the same page, and both send: the first counts, and the same thing twice is that one thing."""
    session = at_adam(practice)
    other = seen_anew(session)
    first = session.answer("3", part=1, number=0)
    assert other.answer("3", part=1, number=0) == first, "the database says that it is there"
    assert session.answer("3", part=1, number=0) == first
    with pytest.raises(Stale, match="has gone on since"):
        other.answer("4", part=1, number=0)
    assert same(session, other), "the other window now shows where it stands"
    hint = session.hint(number=1)
    assert other.hint(number=1) == hint
    assert session.hint(number=1) == hint
    session.on(number=2)
    other.on(number=2)
    with pytest.raises(Stale):
        other.skip(number=2)
    assert len(seen_anew(session).attempt.moves) == 3  # type: ignore[union-attr]


def test_two_windows_ask_for_the_next_question(practice: Practice) -> None:
    session = practice.begin(ME, Plan(names=("optim",), count=3))
    other = seen_anew(session)
    assert session.next() is not None
    other.next()
    assert same(session, other)


def test_two_windows_leave_for_another_question(practice: Practice) -> None:
    session = practice.begin(ME, Plan(names=("optim",)))
    session.next()
    other, third = seen_anew(session), seen_anew(session)
    session.another()
    other.another()
    assert same(session, other)
    with pytest.raises(Stale):
        third.hint(number=0)
    third.next()
    assert same(session, third)
    assert [item.closed is None for item in seen_anew(session).items] == [False, True]


def test_whoever_is_not_to_wait_gets_no_question_where_none_is_ready(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = practice.begin(ME, Plan(names=("optim",)))
    monkeypatch.setattr(practice.stock, "ready", lambda *_: None)
    with pytest.raises(NotReady, match="no checked question of optim"):
        session.next(wait=False)
    assert seen_anew(session).items == ()
    first = session.next()
    assert session.next(wait=False) == first, "that one is open"
    with pytest.raises(NotReady):
        session.another(wait=False)
    assert session.another() != first
    assert [item.closed is None for item in seen_anew(session).items] == [False, True]


def test_a_session_begins_with_its_first_question_or_not_at_all(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(names=("optim",), count=3)
    with monkeypatch.context() as patch:
        patch.setattr(practice.stock, "ready", lambda *_: None)
        with pytest.raises(NotReady):
            practice.begin_asking(ME, plan, wait=False)
    assert practice.resume(ME) is None
    session = practice.begin_asking(ME, plan, wait=False)
    assert session.number == 1
    assert session.next() == session.attempt, "that one is open"
    assert same(session, seen_anew(session))
    exam = practice.begin_asking(ME, Plan(names=("optim",), minutes=20, exam=True, count=2))
    assert len(exam.items) == 2


def test_going_back_in_the_browser_finds_a_closed_question(practice: Practice) -> None:
    session = at_adam(practice)
    session.solution()
    for move in (lambda: session.answer("3"), session.hint, session.on, session.skip):
        with pytest.raises(Stale, match="closed"):
            move()
    session.solution(number=0)  # the same again is as it was


def test_a_part_out_of_turn(practice: Practice) -> None:
    session = at_adam(practice)
    with pytest.raises(Stale, match="part 2 is not to be answered now; part 1 is"):
        session.answer("3", part=2)
    with pytest.raises(UsageError, match="no part 9"):
        session.answer("3", part=9)


def test_leaving_and_coming_back(tmp_path: Path) -> None:
    with practising(tmp_path) as practice:
        session = practice.begin(ME, Plan(names=("conv",), count=2))
        session.next()
        session.hint()
        before = session
    with practising(tmp_path) as practice:
        session = practice.resume(ME)  # type: ignore[assignment]
        assert session.id == before.id
        assert same(session, before)
        assert session.attempt is not None
        assert session.attempt.question.provenance == RUN


def test_only_ones_own_sessions(practice: Practice) -> None:
    session = at_adam(practice)
    assert practice.resume("somebody else", session.id) is None
    assert practice.resume("somebody else") is None
    assert practice.resume(ME, "0" * 32) is None


def test_as_many_questions_as_were_asked_for(practice: Practice) -> None:
    session = practice.begin(ME, Plan(count=4))
    topics = []
    while session.next() is not None:
        assert session.item is not None
        topics.append(session.item.skill.topic)
        session.solution()
    assert len(topics) == 4
    assert all(one != other for one, other in pairwise(topics)), "topics are interleaved"
    assert session.summary().asked == 4


def test_what_is_left_at_once_does_not_count(practice: Practice) -> None:
    session = practice.begin(ME, Plan(count=1))
    session.next()
    session.skip()
    assert practice.store.history(ME).memories == {}
    assert session.next() is not None
    assert session.summary().of == 0
    assert session.number == 2
    session.hint()
    assert session.attempt is not None
    assert session.summary().of == session.attempt.of
    session.skip()
    assert session.next() is None, "whoever looked at a hint has worked on it"
    assert len(practice.store.history(ME).memories) == 1


def test_another_and_easier(practice: Practice) -> None:
    from quizgen.labour import labour

    session = at_adam(practice)
    assert session.attempt is not None
    assert session.item is not None
    first = session.attempt.question
    second = session.another().question
    assert (second.family, second.level) == (first.family, first.level)
    assert second.code != first.code
    assert session.items[0].outcome is not None
    assert session.items[0].outcome.ending == "skipped"
    third = session.easier().question
    assert third.family == first.family
    assert labour(third).total < labour(second).total
    assert third.provenance == RUN
    assert session.count is None, "the session goes on beyond what it had"


def test_minutes(practice: Practice, clock: Clock) -> None:
    session = practice.begin(ME, Plan(minutes=1))
    assert session.next() is not None
    clock.wait(61)
    session.hint()  # the question at hand is worked to its end
    session.solution()
    assert session.seconds_left == 0
    assert session.next() is None


def test_long_pauses_are_not_work(practice: Practice, clock: Clock) -> None:
    session = at_adam(practice)
    clock.wait(8 * 3600)  # the page stayed open over night
    session.answer("-1.1", number=0)
    clock.wait(20)
    session.solution()
    assert session.item is not None
    assert session.item.outcome is not None
    assert session.item.outcome.seconds == PAUSE // 1000 + 20


def test_a_clock_that_is_set_back(practice: Practice, clock: Clock) -> None:
    exam = practice.begin(ME, Plan(names=("conv.output-size",), minutes=10, exam=True, count=2))
    clock.wait(240)
    exam.answer("1")
    clock.wait(-86_400)
    assert exam.seconds_left == 360, "no more time than there was"
    session = at_adam(practice)
    clock.wait(-3600)
    session.answer("-1.1")
    session.solution()
    assert session.item is not None
    assert session.item.outcome is not None
    assert session.item.outcome.seconds == 0
    assert practice.store.history(ME).recent[0].id == session.item.id, "the order is that of asking, not of the clock"
    assert seen_anew(session).item == session.item


def test_a_family_that_is_gone(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    session = practice.begin(ME, Plan(names=("optim", "conv"), count=2))
    session.next()

    def drawn(code: str, provenance: str) -> Question:
        raise UnknownFamily("there is no family 'optim.gone'")

    with monkeypatch.context() as patch:
        patch.setattr(practice, "_drawn", drawn)
        session = seen_anew(session)
        assert session.attempt is None
        assert session.notice.endswith("can't be asked any more and does not count: there is no family 'optim.gone'")
    assert session.next() is not None
    assert (session.number, session.over) == (2, False)
    assert practice.store.history(ME).memories == {}


def test_a_family_that_pytorch_disagrees_with_is_not_asked(practice: Practice) -> None:
    first = practice.begin(ME, Plan(names=("optim",), count=1)).next()
    assert first is not None
    practice.stock.problems[Skill(first.question.family, 1)] = "the solver has 1 and PyTorch has 2"
    for _ in range(6):
        session = practice.begin(ME, Plan(names=("optim",), count=1))
        attempt = session.next()
        assert attempt is not None
        assert attempt.question.family != first.question.family


# --- exams ------------------------------------------------------------------------------------------------------------


def sat(practice: Practice, **plan: int) -> Session:
    return practice.begin(ME, Plan(names=("conv.output-size", "optim.adam"), exam=True, **({"minutes": 30} | plan)))  # type: ignore[arg-type]


def test_an_exam_fits_into_its_time(practice: Practice) -> None:
    short, long = sat(practice, minutes=5), sat(practice, minutes=60)
    assert 1 <= len(short.items) < len(long.items)
    assert short.seconds_left == 300


def test_an_exam_says_nothing_before_its_end(practice: Practice) -> None:
    exam = sat(practice, count=4)
    assert len(exam.items) == 4
    for item in exam.items:
        attempt = exam.go(item.number)
        for part in range(1, len(attempt.question.parts) + 1):
            move = exam.answer("12345", part)
            assert (move.credit, move.reason, move.mistakes) == (0, "", ())
            exam.answer(attempt.question.part(part).answer, part)  # thought better of it
    for help_ in (exam.hint, exam.on, exam.solution, exam.skip, exam.another, exam.easier):
        with pytest.raises(UsageError):
            help_()
    assert practice.store.history(ME).memories == {}
    summary = exam.finish()
    assert (summary.points, summary.asked) == (summary.of, 4)
    assert exam.ended
    again = practice.resume(ME, exam.id)
    assert again is not None
    assert again.summary() == summary
    assert all(attempt.last(1).reason for _, attempt in summary.rows)  # type: ignore[union-attr]
    assert len(practice.store.history(ME).memories) >= 2


def test_marks_carry_forward_in_an_exam(practice: Practice) -> None:
    exam = practice.begin(ME, Plan(names=("optim.adam",), level=2, exam=True, minutes=30, count=1))
    attempt = exam.go(1)
    question, work = attempt.question, attempt.question.work
    wrong = question.part(1).mistakes[0].value
    exam.answer(wrong, 1)
    (q,), (last,) = question.answered_by[0], question.answered_by[-1]
    (follows,) = work.rework({q: question.part(1).kind.read(wrong)}, [last])
    exam.answer(f"{float(follows):.4f}", len(question.parts))
    ((_, done),) = exam.finish().rows
    assert [done.status(1), done.status(len(question.parts))] == ["passed", "right"]
    assert done.last(len(question.parts)).carried  # type: ignore[union-attr]


def test_the_time_of_an_exam_is_over(practice: Practice, clock: Clock) -> None:
    exam = sat(practice, count=2)
    exam.answer(exam.go(1).question.part(1).answer, 1)
    clock.wait(30 * 60 + 1)
    with pytest.raises(Stale, match="the time is over"):
        exam.answer("55", 1)
    assert exam.ended
    summary = exam.summary()
    assert summary.points > 0
    assert exam.items[0].outcome.ending == "time"  # type: ignore[union-attr]


def test_questions_that_were_not_reached_are_not_rated(practice: Practice) -> None:
    exam = sat(practice, count=2)
    exam.finish()
    assert practice.store.history(ME).memories == {}
    assert exam.summary().of > 0


# --- what can't be meant ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "error", "words"),
    [
        (Plan(names=("optimm",)), UnknownFamily, "did you mean 'optim'"),
        (Plan(names=("optim.adan",)), UnknownFamily, "did you mean 'optim.adam'"),
        (Plan(level=9), UnknownLevel, "level 9"),
        (Plan(count=0), UsageError, "1 to 1,000 questions, not 0"),
        (Plan(minutes=-1), UsageError, "1 to 1,440 minutes"),
        (Plan(exam=True), UsageError, "how many minutes"),
        (Plan(code="optim.adam/2"), UsageError, "no question code"),
    ],
)
def test_a_plan_that_cannot_be_meant(practice: Practice, plan: Plan, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        practice.begin(ME, plan)
    assert practice.resume(ME) is None


def test_the_usual_length(practice: Practice, clock: Clock) -> None:
    assert practice.usual(ME, Plan()).count == 10
    assert practice.usual(ME, Plan(minutes=5)) == Plan(minutes=5)
    session = practice.begin(ME, Plan(code="optim.adam/1/k7q3m9"))
    session.solution()
    clock.wait(40 * 86_400)
    assert practice.due(ME) == 1
    assert practice.due(ME, Plan(names=("conv",))) == 0
    assert practice.usual(ME, Plan()).count == 1


def test_credit_is_exact(practice: Practice) -> None:
    session = at_adam(practice)
    session.hint()
    session.answer("-1.1")
    session.on()
    session.on()
    assert session.item is not None
    assert session.item.outcome is not None
    assert session.item.outcome.credit == fmpq(1, 2) / session.item.outcome.points
