"""Tolerances: all that honest rounding can reach, and not much more."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quizgen import code as codes
from quizgen import family as families
from quizgen import targets
from quizgen.answers import Integer, Number, Shape, Table, Target, Vector
from quizgen.draw import draw, leaves
from quizgen.family import Part
from quizgen.question import Question
from quizgen_solvers import ExactError, Work, exact, quantity
from quizgen_solvers.arrays import Array, entries
from quizgen_solvers.exact import rational
from strategies import works

ROUGH = [
    (name, level)
    for name, entry in families.everything().items()
    for level in entry.levels
    if any(
        getattr(kind, "decimals", None) is not None
        for part in draw(codes.make(entry, level, "kinds")).parts
        for kind in getattr(part.kind, "kinds", (part.kind,))
    )
]


def rounded(value: Any, places: int, chance: random.Random | None = None) -> Any:
    """A value as a hand writes it down: in full where it is that short, else rounded; at a tie either way."""

    def one(x: Any) -> Any:
        if not exact.is_exact(x) and not x.is_finite():
            return x  # a masked score
        if exact.is_exact(x) and (needed := exact.places_needed(x)) is not None and needed <= places:
            return x
        up = exact.rounded(x, places)
        tie = exact.is_exact(x) and abs(fmpq(x) - up) * 2 * 10**places == 1
        if tie and chance is not None and chance.random() < 0.5:
            return 2 * fmpq(x) - up
        return up

    return value.map(one) if isinstance(value, Array) else one(value)


def by_hand(work: Work, chance: random.Random) -> dict[Any, Any]:
    """Every value of the work when each line is rounded, or carried with a few more decimals, or not rounded at all."""
    decimals = {line.quantity: line.decimals for line in work.lines}
    style = chance.choice(["always", "sometimes", "more"])
    made: dict[Any, Any] = {}
    for q in work.quantities():
        value = q.value if q.op is None else q.op.compute(*(made[a] for a in q.args))
        places = decimals.get(q)
        if places is not None and (style != "sometimes" or chance.random() < 0.5):
            value = rounded(value, places + (chance.randint(0, 3) if style == "more" else 0), chance)
        made[q] = value
    return made


def typed(value: Any, decimals: int, chance: random.Random) -> list[fmpq]:
    """What a hand then types."""
    return [fmpq(rounded(x, decimals, chance)) for x in entries(value)]


def tolerance(work: Work, answer: Any, decimals: int) -> tuple[Any, fmpq]:
    kind = Vector(decimals) if answer.shape else Number(decimals)
    ((centre, found),) = targets.targets(work, [Part("?", answer, kind)])
    return centre, found


# --- nothing honest is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "level"), ROUGH, ids=[f"{name}-{level}" for name, level in ROUGH])
def test_honest_rounding_stays_within_the_tolerance(name: str, level: int) -> None:
    chance = random.Random(f"{name} {level}")
    entry = families.find(name)
    for seed in range(12):
        question = draw(codes.make(entry, level, f"hand{seed}"))
        for _ in range(4):
            made = by_hand(question.work, chance)
            for part, answers in zip(question.parts, question.answered_by, strict=True):
                decimals = getattr(part.kind, "decimals", None)
                if decimals is None:
                    continue
                for x, right in zip(typed(made[answers[0]], decimals, chance), leaves(part.centre), strict=True):
                    assert abs(x - right) <= part.tolerance, (question.code, part.words)


@settings(max_examples=150)
@given(works(lines=4), st.integers(2, 5), st.randoms(use_true_random=False))
def test_honest_rounding_of_any_work_stays_within(work: Work, decimals: int, chance: random.Random) -> None:
    answer = work.lines[-1].quantity
    try:
        centre, found = tolerance(work, answer, decimals)
        hands = [by_hand(work, chance)[answer] for _ in range(4)]
        answers = [fmpq(exact.rounded(hand, decimals)) for hand in hands]
    except ExactError:
        assume(False)
    for x in answers:
        assert abs(x - centre) <= found


# --- and hardly anything else is accepted -----------------------------------------------------------------------------


def test_it_is_worked_out_by_hand() -> None:
    # y = 1/3 is off by at most 0.005 after rounding, z = 10y by 0.05 and 0.005 of its own, and 3.33 by 1/300 from 10/3;
    # what is typed is rounded once more.
    work = Work(decimals=2)
    x = work.given("x", 1)
    z = work.let("z", 10 * work.let("y", x / 3))
    centre, found = tolerance(work, z, 2)
    assert centre == rational("3.33")
    most = rational("0.05") + rational("0.005") * 2 + fmpq(10, 3) - centre
    assert found == targets.two_figures(most) == rational("0.064")
    assert abs(rational("3.3") - centre) < found < abs(rational("3.26") - centre)


def test_it_is_nearly_attained() -> None:
    # Of many numbers through the same two lines, some are rounded about as badly as can be.
    worst = 0.0
    for n in range(1, 400):
        work = Work(decimals=2)
        z = work.let("z", 10 * work.let("y", work.given("x", fmpq(n, 997)) * 1), decimals=None)
        centre, found = tolerance(work, z, 2)
        answer = exact.rounded(10 * exact.rounded(work["y"].value, 2), 2)
        worst = max(worst, float(abs(answer - centre) / found))
    assert 0.8 < worst <= 1


@pytest.mark.parametrize("name", ["optim.adam", "loss.softmax", "optim.momentum"])
def test_families_accept_about_one_unit(name: str) -> None:
    # A tolerance of many units would accept wrong answers; these are worked with two decimals in hand.
    entry = families.find(name)
    for level in entry.levels:
        units = sorted(
            float(part.tolerance * 10**4)
            for seed in range(40)
            for part in draw(codes.make(entry, level, f"unit{seed}")).parts
        )
        assert units[len(units) // 2] <= 1.2
        assert units[-1] < 20


def test_what_comes_out_even_is_asked_for_exactly() -> None:
    work = Work(decimals=4)
    y = work.let("y", work.given("x", "0.5") * work.given("w", "0.25"))
    assert tolerance(work, y, 4) == (rational("0.125"), 0)
    assert tolerance(work, y, 2)[1] == rational("0.01")  # 0.125 may become 0.12 or 0.13


def test_a_line_that_stays_exact_costs_nothing() -> None:
    def built(decimals: int | None) -> fmpq:
        work = Work(decimals=4)
        y = work.let("y", work.given("x", 1) / 3, decimals=decimals)
        return tolerance(work, work.let("z", 1000 * y, decimals=None), 4)[1]

    assert built(None) == rational("0.000084")  # 1/30000 from the printed 333.3333, and half a unit
    assert built(4) > rational("0.05")


def test_an_exact_answer_has_no_tolerance() -> None:
    work = Work(decimals=2)
    y = work.let("y", work.given("x", 1) / 3)
    assert targets.targets(work, [Part("?", y, Number())]) == ((fmpq(1, 3), 0),)
    shape = work.let("s", quantity.stack(3, 4))
    assert targets.targets(work, [Part("?", shape, Shape())]) == (((3, 4), 0),)


def test_an_irrational_answer_cannot_be_asked_for_exactly() -> None:
    work = Work()
    y = work.let("y", quantity.sqrt(work.given("x", 2)))
    with pytest.raises(ExactError, match="ask for decimals"):
        targets.targets(work, [Part("?", y, Number())])


def test_rounding_that_may_end_anywhere_is_an_error() -> None:
    work = Work(decimals=1)
    small = work.let("y", work.given("x", "0.02") / 3)
    with pytest.raises(ExactError, match="can lead anywhere"):
        tolerance(work, work.let("z", 1 / small), 2)


def test_the_largest_entry_gives_the_tolerance_of_a_vector() -> None:
    work = Work(decimals=3)
    x = work.given("x", 1)
    y = work.let("y", quantity.stack(x / 3, 100 * x / 7, x), decimals=None)
    centre, found = tolerance(work, y, 1)
    assert centre == (rational("0.3"), rational("14.3"), 1)
    assert found == targets.two_figures(max(abs(fmpq(1, 3) - centre[0]), abs(fmpq(100, 7) - centre[1])) + fmpq(1, 20))


def test_replacing_moves_the_centre_and_the_tolerance() -> None:
    work = Work(decimals=2)
    y = work.let("y", work.given("x", 1) / 3)
    z = work.let("z", 10 * y)
    ((centre, found),) = targets.targets(work, [Part("?", z, Number(2))], {y: rational("0.3")})
    assert (centre, found) == (3, 0)  # what was typed is not rounded again
    ((centre, found),) = targets.targets(work, [Part("?", z, Number(2))], {y: fmpq(2, 7)})
    assert centre == rational("2.86")
    assert found > rational("0.05")


def test_a_choice_and_a_text_are_their_own_targets() -> None:
    work = Work()
    asked = [Part("?", frozenset({1}), Integer()), Part("?", "w*x", Integer())]  # the kind does not matter here
    assert targets.targets(work, asked) == ((frozenset({1}), 0), ("w*x", 0))


def test_a_table_is_nested_row_by_row() -> None:
    work = Work(decimals=None)
    a, b = work.given("a", 2), work.given("b", 3)
    rows = (
        (work.let("p", quantity.stack(a, b)), work.let("n", a * b)),
        (work.let("q", quantity.stack(b)), work.let("m", a + b)),
    )
    kind = Table(("shape", "count"), (Shape(), Integer()), ("first", "second"))
    ((centre, found),) = targets.targets(work, [Part("?", rows, kind)])
    assert (centre, found) == ((((2, 3), 6), ((3,), 5)), 0)
    assert targets.accepted(kind, centre, found)[1] == ((Target(fmpq(3)),), Target(fmpq(5)))


def test_only_rounded_columns_of_a_table_have_a_tolerance() -> None:
    work = Work(decimals=1)
    n = work.given("n", 3)
    share = work.let("p", n / 7)  # 0.4, give or take
    rows = ((work.let("m", n * 2), work.let("s", 40 * share), work.let("q", n / 8, decimals=None)),)
    kind = Table(("count", "share", "exact"), (Integer(), Number(1), Number()), ("first",))
    ((centre, found),) = targets.targets(work, [Part("?", rows, kind)])
    assert found > 2  # wide enough to accept a wrong count
    ((count, rough, exactly),) = targets.accepted(kind, centre, found)
    assert (count.tolerance, rough.tolerance, exactly.tolerance) == (0, found, 0)
    assert kind.grade(kind.read("8 | 17 | 0.375"), ((count, rough, exactly),)).wrong == ((0, 0),)


def test_the_rounding_of_a_centre_is_proven() -> None:
    # A root a hair above a tie: 128 bits don't tell, so the work is done again with more.
    work = Work(decimals=4)
    y = work.let("y", quantity.sqrt(work.given("x", fmpq(1, 400_000_000) + fmpq(1, 10**60))))
    assert tolerance(work, y, 4)[0] == rational("0.0001")


# --- small pieces -----------------------------------------------------------------------------------------------------


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_two_figures_round_up(top: int, bottom: int) -> None:
    x = fmpq(top, bottom)
    found = targets.two_figures(x)
    assert x <= found <= x * fmpq(11, 10)
    scaled = found
    while scaled >= 100:
        scaled /= 10
    while scaled < 10:
        scaled *= 10
    assert scaled.q == 1, "two digits and zeros"


@pytest.mark.parametrize(
    ("x", "printed"),
    [
        ("0", "0"),
        ("1", "1"),
        ("0.00005", "0.00005"),
        ("0.0000501", "0.000051"),
        ("1/3", "0.34"),
        ("99", "99"),
        ("99.1", "100"),
        ("100", "100"),
        ("101", "110"),
        ("0.0999", "0.1"),
        ("12345", "13000"),
    ],
)
def test_two_figures(x: str, printed: str) -> None:
    assert targets.two_figures(rational(x)) == rational(printed)


@pytest.mark.parametrize(
    ("a", "b", "distance", "found"),
    [
        (1, 1, 0, False),
        (1, 2, 1, False),
        (1, 2, "0.9", True),
        ((1, 2), (1, 2), 0, False),
        ((1, 2), (1, 3), "0.5", True),
        ((1, 2), (1, 2, 3), 10, True),
        ((1,), 1, 10, True),
        (1, (1,), 10, True),
        (((1, 2), (3, 4)), ((1, 2), (3, 5)), 0, True),
        ((((2, 3), 6),), (((2, 3), 6),), 0, False),
        ((((2, 3), 6),), (((2,), 6),), 9, True),
    ],
)
def test_apart(a: Any, b: Any, distance: Any, found: bool) -> None:
    def exactly(x: Any) -> Any:
        return tuple(map(exactly, x)) if isinstance(x, tuple) else fmpq(x)

    assert targets.apart(exactly(a), exactly(b), rational(distance)) is found
    assert targets.apart(exactly(b), exactly(a), rational(distance)) is found


def test_the_prompt_states_the_tolerance_that_is_accepted() -> None:
    question = draw(codes.parse("optim.adam/3/law1"))
    for part in question.parts:
        if part.tolerance:
            said = rational(part.precision.split("±")[1].split(" ")[0])
            assert said == part.tolerance == part.target.tolerance
            edge = part.centre + part.tolerance
            assert part.kind.grade(edge, part.target).credit == 1
            assert part.kind.grade(edge + fmpq(1, 10**30), part.target).credit == 0


def carried_to(question: Question) -> list[int]:
    return [line.decimals for line in question.work.lines if line.decimals is not None]


@pytest.mark.parametrize(("name", "level"), ROUGH, ids=[f"{name}-{level}" for name, level in ROUGH])
def test_a_statement_says_to_how_many_decimals_one_carries(name: str, level: int) -> None:
    # A tolerance that takes six decimals for granted is fair only where the words say so.
    for seed in range(3):
        question = draw(codes.make(families.find(name), level, f"say{seed}"))
        if any(isinstance(x, arb) for line in question.work.lines for x in entries(line.value)):
            assert f"at least {min(carried_to(question))} decimals" in question.statement
