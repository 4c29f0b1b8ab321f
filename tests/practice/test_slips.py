"""A mistake that is made twice, from the answers that were typed to the day on which the family comes again."""

from pathlib import Path

from quizgen.practice.records import Plan, Skill
from quizgen.practice.session import Practice
from sittings import Clock, practising

SKILL = Skill("conv.parameter-count", 1)
ONE, ANOTHER = "input channels forgotten", "side for area"
A_DAY = 24 * 3_600_000


def days_until_due(practice: Practice, clock: Clock, learner: str, slips: tuple[str, ...]) -> float:
    """In how many days a skill comes again that was practised each time when it was due, its first part answered with
    a slip first, or with none."""
    memory = None
    for slip in slips:
        session = practice.begin(learner, Plan(names=(SKILL.family,), level=SKILL.level, count=1))
        attempt = session.next()
        assert attempt is not None
        clock.wait(60)
        if slip:
            wrong = next(one.value for one in attempt.question.part(1).mistakes if one.name == slip)
            assert session.answer(wrong).mistakes == (slip,)
        for part in attempt.question.parts:
            session.answer(part.answer)
        session.finish()
        memory = practice.store.history(learner).memories[SKILL]
        clock.at = max(clock.at, memory.due)
    assert memory is not None
    return (memory.due - memory.last) / A_DAY


def test_a_mistake_that_is_made_twice_brings_its_family_back_sooner(tmp_path: Path) -> None:
    clock = Clock()
    with practising(tmp_path, clock) as practice:
        apart = days_until_due(practice, clock, "one of each", ("", "", ONE, ANOTHER))
        twice = days_until_due(practice, clock, "twice the same", ("", "", ONE, ONE))
        later = days_until_due(practice, clock, "with others between", ("", ONE, "", "", ONE))
    assert apart > 3, "both questions earned enough to count as good"
    assert twice <= 1
    assert later <= 1
