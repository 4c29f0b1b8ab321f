"""Which papers share an answer, against a comparison of every pair."""

from __future__ import annotations

from collections.abc import Hashable

from hypothesis import given
from hypothesis import strategies as st

from quizgen.exam.shared import NEVER, SLACK, Answer, Answers

HUNDREDTHS = st.integers(0, 20).map(lambda n: n / 100)
TABLES = st.tuples(HUNDREDTHS, HUNDREDTHS)


@st.composite
def given_answers(draw: st.DrawFn) -> Answer:
    tolerance = draw(st.sampled_from([0.0, 0.005, 0.01, 0.02]))
    values = draw(st.lists(TABLES, min_size=1, max_size=2))
    return Answer(tuple((value, value if tolerance else ()) for value in values), tolerance)


def shares(one: Answer, other: Answer) -> bool:
    far = max(one.tolerance, other.tolerance) * SLACK

    def is_near(a: tuple[Hashable, tuple[float, ...]], b: tuple[Hashable, tuple[float, ...]]) -> bool:
        near = a[1] and b[1] and all(abs(x - y) <= far for x, y in zip(a[1], b[1], strict=True))
        return a[0] == b[0] or bool(near)

    return any(is_near(a, b) for a in one.values for b in other.values)


@given(st.lists(st.tuples(given_answers(), st.booleans()), max_size=40))
def test_the_last_paper_that_shares_an_answer(asked: list[tuple[Answer, bool]]) -> None:
    known, papers = Answers(), list[tuple[int, Answer]]()
    for number, (answer, is_dealt) in enumerate(asked):
        last = max((paper for paper, other in papers if shares(answer, other)), default=NEVER)
        assert known.latest([answer]) == last
        if is_dealt:
            known.add([answer], number)
            papers.append((number, answer))
