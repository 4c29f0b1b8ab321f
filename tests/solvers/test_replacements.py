"""Replacing several quantities at once: what is known already gives the same values as working each one on its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen_solvers import ExactError, Work
from quizgen_solvers import work as works


@st.composite
def cases(draw: st.DrawFn) -> tuple[Work, dict[Any, Any], list[Any]]:
    """A work of a few lines, some of its quantities replaced by numbers and by expressions, and what is wanted."""
    work = Work()
    made = [work.given(f"x_{i}", draw(st.integers(-5, 5))) for i in range(3)]
    operations = (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a * 2 - b)
    for i in range(draw(st.integers(2, 7))):
        a, b = draw(st.sampled_from(made)), draw(st.sampled_from(made))
        made.append(work.let(f"y_{i}", draw(st.sampled_from(operations))(a, b)))
    replace: dict[Any, Any] = {}
    for q in draw(st.lists(st.sampled_from(made), min_size=1, max_size=4, unique=True)):
        if draw(st.booleans()):
            replace[q] = draw(st.integers(-9, 9))
        else:
            a, b = draw(st.sampled_from(made)), draw(st.sampled_from(made))
            replace[q] = draw(st.sampled_from(operations))(a, b)
    wanted = draw(st.lists(st.sampled_from(made), min_size=1, max_size=3, unique=True))
    return work, replace, wanted


def outcome(work: Work, replace: dict[Any, Any], wanted: list[Any]) -> Any:
    try:
        return work.rework(replace, wanted)
    except (ExactError, RecursionError) as problem:
        return type(problem)


@given(cases())
def test_what_is_known_gives_what_working_alone_gives(case):
    work, replace, wanted = case
    quick = outcome(work, replace, wanted)
    with pytest.MonkeyPatch.context() as patched:

        def refuse(*_: Any) -> Any:
            raise works._Entangled

        patched.setattr(works._Order, "replacement", refuse)
        assert outcome(work, replace, wanted) == quick


def test_two_quantities_are_exchanged():
    work = Work()
    a, b = work.given("a", 2), work.given("b", 5)
    c = work.let("c", a - b)
    assert work.rework({a: b, b: a}, [c]) == [3]


def test_a_chain_of_replaced_lines_uses_the_replaced_ones_before():
    work = Work()
    b, g = work.given("b", 3), work.given("g", 2)
    v1 = work.let("v_1", b + g * g)
    v2 = work.let("v_2", b * v1 + g * g)
    v3 = work.let("v_3", b * v2 + g * g)
    assert work.rework({v1: b + g, v2: b * v1 + g, v3: b * v2 + g}, [v3]) == [3 * (3 * 5 + 2) + 2]
