"""Marking: right, partly right, wrong in a way that has a name, or right in what follows from an earlier answer."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import quizgen
from quizgen import code as codes
from quizgen import family as families
from quizgen import targets
from quizgen.answers import Choice, Expression, Integer, Kind, Matrix, Number, Shape, Table, Vector
from quizgen.draw import draw
from quizgen.errors import Unreadable, UsageError
from quizgen.family import Part
from quizgen.marking import Verdict, fits
from quizgen.question import Question, QuestionPart, WrongWay
from quizgen_solvers import Work, quantity
from quizgen_solvers.exact import exponential, rational, rounded
from quizgen_solvers.quantity import Quantity

ADAM = {"theta": 1, "gradients": 2, "lr": "0.1", "beta1": "1/2", "beta2": "3/4", "eps": "0.1"}


def question_of(work: Work, parts: list[Part], ways: list[tuple[str, dict[Quantity, Any]]] | None = None) -> Question:
    """A question without a family."""
    right = targets.targets(work, parts)
    order = [(part, targets.wanted(part)) for part in parts]
    found = []
    for name, replace in ways or []:
        values = []
        for part, answers in order:
            reworked = work.rework(replace, answers)
            printed = [targets.centres(v, d) for v, d in zip(reworked, targets.decimals_of(part), strict=True)]
            values.append(targets.nested(printed, part) if answers else None)
        found.append(WrongWay(name, "Look again.", tuple(values)))
    return Question(
        code="",
        family="test",
        level=0,
        title="A test",
        parts=tuple(
            QuestionPart(part.prompt, part.kind, part.points, centre, tolerance, part.also, tuple(found), i)
            for i, (part, (centre, tolerance)) in enumerate(zip(parts, right, strict=True))
        ),
        work=work,
        answered_by=tuple(targets.wanted(part) for part in parts),
    )


def names(verdict: Verdict) -> list[str]:
    return [mistake.name for mistake in verdict.diagnosed]


# --- right and wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["0.9048", "0.904762", "19/21", " 0.9048 ", "9.048e-1", "1 - 0.2/2.1", "0,9048"])
def test_what_is_right_within_the_tolerance(typed: str) -> None:
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    if typed == "0,9048":
        with pytest.raises(Unreadable, match="the decimal mark is a point"):
            question.check(typed, 3)
        return
    verdict = question.check(typed, 3)
    assert verdict
    assert (verdict.credit, verdict.carried, verdict.diagnosed) == (1, False, ())


def test_the_ends_of_the_tolerance_are_in_it() -> None:
    part = quizgen.solve("optim.adam", verify=False, **ADAM).part(3)
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    hair = fmpq(1, 10**40)
    for end in (part.centre - part.tolerance, part.centre + part.tolerance):
        assert question.check(f"{end.p}/{end.q}", 3)
    beyond = part.centre + part.tolerance + hair
    assert not question.check(f"{beyond.p}/{beyond.q}", 3)


def test_what_was_read_is_said() -> None:
    question = quizgen.solve("net.parameter-count", sizes=(20, 50, 100, 3), verify=False)
    assert question.check("6000 + 453", 3).read_as == "6453"
    assert str(question.check("6300", 3)).splitlines() == [
        "6300 isn't right",
        "bias forgotten: Every unit that is not an input has a bias.",
    ]


@pytest.mark.parametrize("typed", ["", "abc", "1..2", "(3,", "9" * 10**6, "(" * 1000, "1e999999999", "٣", "½"])
def test_what_cannot_be_read(typed: str) -> None:
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    with pytest.raises(Unreadable) as found:
        question.check(typed, 3)
    assert "\n" not in str(found.value)
    with pytest.raises(Unreadable):
        question.check("0.5", 3, {1: typed})


@pytest.mark.parametrize("typed", [0.9048, 1, None, b"0.9", fmpq(1, 2), ["0.9"]])
def test_answers_are_text(typed: Any) -> None:
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    with pytest.raises(Unreadable, match=r"^an answer is text, as one types it: write '"):
        question.check(typed, 3)
    with pytest.raises(Unreadable, match=r"^an answer is text"):
        question.check("0.5", 3, {1: typed})


@pytest.mark.parametrize("part", [0, 4, -1, 10**30, "1", None, 1.0, True])
def test_a_part_that_is_not_there(part: Any) -> None:
    question = quizgen.from_code("optim.adam/2/k7", verify=False)
    with pytest.raises(UsageError, match=r"^optim\.adam/2/k7 has 3 part"):
        question.check("0.9", part)


@pytest.mark.parametrize(("part", "earlier"), [(1, 1), (1, 2), (2, 3), (2, 2), (2, 9), (2, 0)])
def test_what_is_earlier_comes_before(part: int, earlier: int) -> None:
    question = quizgen.from_code("optim.adam/2/k7", verify=False)
    with pytest.raises(UsageError, match=r"does not come before part|has 3 part"):
        question.check(question.part(part).answer, part, {earlier: "1"})


# --- partial credit ---------------------------------------------------------------------------------------------------


def several() -> Question:
    """A vector, a matrix, a shape and a table out of two numbers."""
    work = Work(decimals=None)
    a, b = work.given("a", 2), work.given("b", 5)
    v = work.let("v", quantity.stack(a, b, a * b))
    m = work.let("M", quantity.matrix([[a, b], [b, a]]))
    s = work.let("s", quantity.stack(b, a))
    cells = ((work.let("n", a + b), work.let("t", quantity.stack(a, a))), (work.let("k", a - b), s))
    return question_of(
        work,
        [
            Part("v", v, Vector()),
            Part("M", m, Matrix()),
            Part("s", s, Shape()),
            Part("t", cells, Table(("n", "shape"), (Integer(), Shape()), ("one", "two"))),
        ],
    )


@pytest.mark.parametrize(
    ("part", "typed", "credit", "words"),
    [
        (1, "(2, 5, 10)", "1", "right"),
        (1, "(2, 5, 11)", "2/3", "entry 3 (11)"),
        (1, "(5, 2, 10)", "1/3", "entry 1 (5) and entry 2 (2)"),
        (1, "(2, 5)", "0", "2 entries given, and 3 are asked for"),
        (2, "[[2, 5], [5, 2]]", "1", "right"),
        (2, "2 5; 5 3", "3/4", "3 of 4"),
        (2, "2 5 5 2", "0", "asked for"),
        (3, "(5, 2)", "1", "right"),
        (3, "(5, 3)", "0", "dimension 2 (3) isn't right"),
        (3, "(5, 2, 1)", "0", "3 dimension"),
        (4, "7 | (2, 2); -3 | (5, 2)", "1", "right"),
        (4, "7 | (2, 2); 3 | (5, 2)", "3/4", "two, n (3)"),
        (4, "7 | ; | (5, 2)", "1/2", "one, shape (blank) and two, n (blank)"),
        (4, "7 | (2, 2)", "0", "1 row given, and 2 are asked for"),
    ],
)
def test_partial_credit(part: int, typed: str, credit: str, words: str) -> None:
    verdict = several().check(typed, part)
    assert str(verdict.credit) == credit
    assert words in verdict.reason
    assert verdict.right is (credit == "1")


# --- diagnosis is a set -----------------------------------------------------------------------------------------------


def test_a_value_that_several_mistakes_lead_to_names_them_all() -> None:
    work = Work(decimals=None)
    a, b = work.given("a", 4), work.given("b", 2)
    answer = work.let("y", a + b)
    question = question_of(
        work,
        [Part("y", answer, Integer())],
        [
            ("product", {answer: a * b}),
            ("power", {answer: b**3}),
            ("difference", {answer: a - b}),
            ("harmless", {a: 4}),
        ],
    )
    assert names(question.check("8")) == ["product", "power"]
    assert names(question.check("2")) == ["difference"]
    assert names(question.check("7")) == []
    assert question.check("6").right
    assert [mistake.name for mistake in question.parts[0].mistakes] == ["product", "power", "difference"]


def test_a_diagnosis_has_the_slack_of_a_rounded_answer() -> None:
    # 1 - 0.1/1.1 = 0.90909…: typed to four decimals, one unit off, in full; not two units off.
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    for typed in ("0.9091", "0.9090", "0.9092", "10/11"):
        assert names(question.check(typed, 3)) == ["no bias correction"], typed
    for typed in ("0.9088", "0.9094"):
        assert names(question.check(typed, 3)) == [], typed


def test_what_is_right_is_never_diagnosed() -> None:
    # The mistake is one unit off, and its slack reaches the right answer, which is right all the same.
    work = Work(decimals=4)
    x = work.given("x", "0.5")
    answer = work.let("y", x * 1)
    question = question_of(work, [Part("y", answer, Number(4))], [("near", {answer: rational("0.5001")})])
    assert question.check("0.5").right
    assert question.check("0.5").diagnosed == ()
    assert names(question.check("0.5001")) == ["near"]


@pytest.mark.parametrize("name", ["optim.adam", "optim.momentum", "loss.softmax", "net.parameter-count", "net.shapes"])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_diagnosis_is_exactly_who_leads_there(name: str, level: int) -> None:
    question = draw(codes.make(families.find(name), level, "set"))
    for number, part in enumerate(question.parts, 1):
        for mistake in part.mistakes:
            value = part.kind.read(mistake.value)
            leading = {other.name for other in part.mistakes if part.kind.grade(value, other.target).credit == 1}
            found = set(names(question.check(mistake.value, number)))
            assert mistake.name in found == leading


def test_only_a_whole_vector_is_diagnosed() -> None:
    question = quizgen.solve("loss.softmax", logits=(1, 2, 3), temperature=2, verify=False)
    assert names(question.check("(0.0900, 0.2447, 0.6652)")) == ["temperature left out"]
    assert names(question.check("(0.0900, 0.2447, 0.5065)")) == []


# --- carried forward --------------------------------------------------------------------------------------------------


def test_adam_after_a_wrong_first_moment() -> None:
    # m = 0.5 instead of 1: m̂ = 1, and θ = 1 - 0.1/(2 + 0.1) = 0.952381.
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    verdict = question.check("0.9524", 3, {1: "0.5"})
    assert (verdict.right, verdict.carried) == (True, True)
    assert verdict.reason == "Right, carried forward from your earlier answer."
    assert not question.check("0.9524", 3)
    assert not question.check("0.9524", 3, {1: "1"}), "nothing is carried from what was right"
    assert not question.check("0.9524", 3, {1: "0.6"})


def test_adam_after_two_wrong_moments() -> None:
    # m = 0.5 and v = 2, the betas swapped: m̂ = 1, v̂ = 8, θ = 1 - 0.1/(2.828427 + 0.1) = 0.965852.
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    assert question.check("0.9659", 3, {1: "0.5", 2: "2"}).carried
    assert not question.check("0.9659", 3, {1: "0.5"})
    assert not question.check("0.9659", 3, {2: "2"})


def test_what_is_right_is_right_whatever_came_before() -> None:
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    verdict = question.check("0.9048", 3, {1: "77"})
    assert (verdict.right, verdict.carried) == (True, False)


def test_momentum_carries_the_place() -> None:
    # θ: 0.9, then 0.9 - 0.19. Who came to 0.8 goes on to 0.61, and the velocity is not touched.
    question = quizgen.solve("optim.momentum", theta=1, gradients=(1, 1), verify=False)
    assert question.check("0.61", 2, {1: "0.8"}).carried
    assert not question.check("0.61", 2)
    assert not question.check("0.29", 3, {1: "0.8"}).carried
    assert question.check("0.19", 3, {1: "0.8"}).right


def test_counts_carry_their_sum() -> None:
    question = quizgen.solve("net.parameter-count", sizes=(20, 50, 100, 3), verify=False)
    assert question.check("6000", 3, {1: "5900", 2: "100"}).carried
    assert question.check("6053", 3, {1: "5900"}).carried
    assert not question.check("6053", 3, {1: "5900", 2: "100"})
    assert not question.check("100", 2, {1: "5900"})


def test_a_graph_carries_nothing_from_its_output() -> None:
    question = quizgen.solve("backprop.scalar-graph", nodes="q=x+y, f=q*z", values=(-2, 5, -4), verify=False)
    verdict = question.check("4", 2, {1: "12"})
    assert (verdict.right, verdict.carried) == (False, False)


@given(st.integers(-300, 300), st.integers(1, 400))
def test_adam_from_any_wrong_moments(m: int, v: int) -> None:
    # From scratch: θ = 1 - 0.1·(m/½) / (√(v/¼) + 0.1), with the moments as they were typed.
    import math

    wrong_m, wrong_v = m / 100, v / 100
    if (wrong_m, wrong_v) == (1.0, 1.0):
        return
    expected = 1 - 0.1 * (2 * wrong_m) / (math.sqrt(4 * wrong_v) + 0.1)
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    if abs(expected - float(question.part(3).centre)) < 2e-4:
        return
    verdict = question.check(f"{expected:.4f}", 3, {1: f"{wrong_m}", 2: f"{wrong_v}"})
    assert verdict.right
    assert verdict.carried


def thirds(decimals: int | None) -> Question:
    work = Work(decimals=6)
    b = work.let("b", work.given("a", 1) / 3)
    c = work.let("c", 1000 * b)
    return question_of(work, [Part("b", b, Number(decimals)), Part("c", c, Number(1))])


def test_what_is_carried_may_have_been_rounded_to_be_typed() -> None:
    # b was 0.28571…, typed to two decimals as asked: who works on with it in full comes to 285.7, not to 290.
    question = thirds(decimals=2)
    for typed in ("290", "285.7", "294.9"):
        assert question.check(typed, 2, {1: "0.29"}).carried, typed
    for typed in ("284.8", "295.2", "300"):
        assert not question.check(typed, 2, {1: "0.29"}).right, typed
    # More digits were typed, so there is less to guess.
    assert question.check("285.7", 2, {1: "0.2857"}).carried
    assert not question.check("290", 2, {1: "0.2857"}).right


def test_what_was_asked_for_exactly_is_carried_exactly() -> None:
    question = thirds(decimals=None)
    assert question.check("290", 2, {1: "0.29"}).carried
    assert not question.check("289.9", 2, {1: "0.29"}).right
    assert question.check("285.7", 2, {1: "2/7"}).carried


def test_where_rounding_could_lead_anywhere_what_was_typed_counts() -> None:
    work = Work(decimals=6)
    b = work.let("b", work.given("a", 1) / 3)
    question = question_of(work, [Part("b", b, Number(2)), Part("c", work.let("c", quantity.sqrt(b)), Number(2))])
    assert question.check("0", 2, {1: "0"}).carried
    assert question.check("0.1", 2, {1: "0.01"}).carried
    assert not question.check("0.5", 2, {1: "0"}).right


def chain(kinds: tuple[Kind, Kind], second: Any = None) -> Question:
    work = Work(decimals=None)
    a = work.given("a", 3)
    b = work.let("b", a * 2)
    c = work.let("c", b + 1)
    return question_of(work, [Part("b", b, kinds[0]), Part("c", c if second is None else second, kinds[1])])


@pytest.mark.parametrize(
    ("kind", "answer", "wrong", "right"),
    [
        (Choice(("a lot", "a little")), frozenset({1}), "a", "b"),
        (Expression(("w",)), "w^2", "w", "w*w"),
    ],
)
def test_nothing_is_carried_to_or_from_choices_and_formulas(kind: Kind, answer: Any, wrong: str, right: str) -> None:
    question = chain((Integer(), kind), answer)
    verdict = question.check(wrong, 2, {1: "77"})
    assert (verdict.right, verdict.carried) == (False, False)
    assert question.check(right, 2, {1: "77"}).right
    work = Work(decimals=None)
    b = work.let("b", work.given("a", 3) * 2)
    after = question_of(work, [Part("?", answer, kind), Part("b", b, Integer())])
    assert not after.check("7", 2, {1: wrong}).carried
    assert after.check("6", 2, {1: wrong}).right


def test_a_wrong_cell_is_carried_out_of_a_table() -> None:
    work = Work(decimals=None)
    a, b = work.given("a", 2), work.given("b", 5)
    n, k = work.let("n", a + b), work.let("k", a * b)
    total = work.let("t", n + k)
    cells = ((n,), (k,))
    question = question_of(
        work, [Part("t", cells, Table(("n",), (Integer(),), ("n", "k"))), Part("t", total, Integer())]
    )
    assert question.check("18", 2, {1: "8; 10"}).carried
    assert question.check("19", 2, {1: "8; 11"}).carried
    assert not question.check("19", 2, {1: "8; 10"}).right
    assert not question.check("18", 2, {1: "7; 10"}).right
    assert not question.check("18", 2, {1: "8"}).right, "a table of another length says nothing"
    assert question.check("18", 2, {1: "8; |"}).carried, "a blank cell says nothing"


def test_a_table_is_asked_after_a_wrong_number() -> None:
    work = Work(decimals=None)
    a = work.given("a", 2)
    b = work.let("b", a * 3)
    cells = ((work.let("s", quantity.stack(b, a)),), (work.let("p", quantity.stack(a, a)),))
    question = question_of(work, [Part("b", b, Integer()), Part("t", cells, Table(("s",), (Shape(),), ("s", "p")))])
    verdict = question.check("(7, 2); (2, 2)", 2, {1: "7"})
    assert (verdict.right, verdict.carried) == (True, True)
    assert str(question.check("(7, 2); (2, 2)", 2).credit) == "1/2"


def test_a_vector_and_a_matrix_are_carried_whole() -> None:
    work = Work(decimals=None)
    x = work.given("X", [[1, 2], [3, 4]])
    y = work.let("Y", x @ x)  # 7 10; 15 22
    z = work.let("z", quantity.total(y))
    question = question_of(work, [Part("Y", y, Matrix()), Part("z", z, Integer())])
    assert question.check("40", 2, {1: "1 4; 15 20"}).carried
    assert not question.check("40", 2, {1: "1 4 15 20"}).right, "of another shape nothing is carried"
    assert not question.check("40", 2, {1: "(1, 4)"}).right


def test_an_also_right_answer_is_carried_forward_too() -> None:
    # Any of two paddings will do; the size that follows from the one that was chosen is right.
    work = Work(decimals=None)
    p = work.let("p", work.given("f", 5) - 3)
    size = work.let("n", 10 + 2 * p)
    question = question_of(work, [Part("p", p, Integer(), also=(fmpq(3),)), Part("n", size, Integer())])
    assert question.check("3", 1).right
    assert question.check("16", 2, {1: "3"}).carried
    assert question.check("14", 2, {1: "2"}).right
    assert not question.check("16", 2, {1: "2"}).right


def test_what_has_no_value_is_not_carried() -> None:
    work = Work(decimals=None)
    b = work.let("b", work.given("a", 3) * 2)
    question = question_of(work, [Part("b", b, Integer()), Part("c", work.let("c", 6 / b), Integer())])
    assert not question.check("0", 2, {1: "0"}).right
    assert question.check("2", 2, {1: "3"}).carried


def test_a_wrong_answer_out_of_all_proportion_takes_no_time() -> None:
    work = Work(decimals=6)
    b = work.let("b", work.given("a", 1) * 2)
    c = work.let("c", quantity.exp(b))
    question = question_of(work, [Part("b", b, Number(4)), Part("c", c, Number(4))])
    for wrong in ("1e300", "-1e300", "1e-300", "2^1000"):
        assert not question.check("5", 2, {1: wrong}).carried
    assert question.check(str(float(rounded(exponential(fmpq(3)), 4))), 2, {1: "3"}).carried


def test_several_wrong_answers_to_one_part_and_its_own_descendant() -> None:
    # c is b + 1: typed 10 after a typed 5, both wrong. What follows from c is what was typed for c.
    work = Work(decimals=None)
    b = work.let("b", work.given("a", 3) * 2)
    c = work.let("c", b + 1)
    d = work.let("d", 100 * b + c)
    question = question_of(work, [Part("b", b, Integer()), Part("c", c, Integer()), Part("d", d, Integer())])
    assert question.check("510", 3, {1: "5", 2: "10"}).carried
    assert question.check("506", 3, {1: "5"}).carried
    assert question.check("506", 3, {1: "5", 2: "6"}).carried, "6 follows from 5, and is what was typed anyway"
    assert question.check("507", 3, {1: "5", 2: "7"}).carried, "7 is the right c after a wrong b: it stays 7"


@pytest.mark.parametrize(
    ("value", "typed", "found"),
    [
        (3, fmpq(1), True),
        (3, (fmpq(1),), False),
        ([1, 2], (fmpq(1), fmpq(2)), True),
        ([1, 2], (fmpq(1),), False),
        ([1, 2], fmpq(1), False),
        ([[1, 2], [3, 4]], ((fmpq(1), fmpq(2)), (fmpq(3), fmpq(4))), True),
        ([[1, 2], [3, 4]], ((fmpq(1), fmpq(2)),), False),
    ],
)
def test_fits(value: Any, typed: Any, found: bool) -> None:
    assert fits(quantity.value_of(value), typed) is found
