"""Which papers share an answer, against a comparison of every pair."""

from __future__ import annotations

from collections.abc import Hashable

from hypothesis import given
from hypothesis import strategies as st

from quizgen import from_code
from quizgen.exam.shared import NEVER, SLACK, Answer, Answers, answers

HUNDREDTHS = st.integers(0, 20).map(lambda n: n / 100)
TABLES = st.tuples(HUNDREDTHS, HUNDREDTHS) | st.tuples(HUNDREDTHS)


@st.composite
def given_answers(draw: st.DrawFn) -> Answer:
    tolerance = draw(st.sampled_from([0.0, 0.005, 0.01, 0.02]))
    values = draw(st.lists(TABLES, min_size=1, max_size=2))
    are_words = draw(st.booleans())
    return Answer(tuple((("words", value), ()) if are_words else (value, value) for value in values), tolerance)


def shares(one: Answer, other: Answer) -> bool:
    far = max(one.tolerance, other.tolerance) * SLACK

    def is_near(a: tuple[Hashable, tuple[float, ...]], b: tuple[Hashable, tuple[float, ...]]) -> bool:
        near = len(a[1]) == len(b[1]) > 0 and all(abs(x - y) <= far for x, y in zip(a[1], b[1], strict=True))
        return a[0] == b[0] or (far > 0 and near)

    return any(is_near(a, b) for a in one.values for b in other.values)


def test_an_exact_answer_is_shared_with_one_that_may_be_off() -> None:
    """0.0064 exactly, and 0.0063 where 0.0001 off is right too: what is right on one paper is right on the other."""
    one, other = (answers(from_code(f"optim.adam/1/{seed}", verify=False)) for seed in ("t5wh8e", "c5wcsr"))
    for first, second in ((one, other), (other, one)):
        seen = Answers()
        seen.add(first, 0)
        assert seen.latest(second) == 0


@given(st.lists(st.tuples(given_answers(), st.booleans()), max_size=40))
def test_the_last_paper_that_shares_an_answer(asked: list[tuple[Answer, bool]]) -> None:
    known, papers = Answers(), list[tuple[int, Answer]]()
    for number, (answer, is_dealt) in enumerate(asked):
        last = max((paper for paper, other in papers if shares(answer, other)), default=NEVER)
        assert known.latest([answer]) == last
        if is_dealt:
            known.add([answer], number)
            papers.append((number, answer))
