"""Every kind of answer: credit, reasons, showing, JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from quizgen.answers import (
    Choice,
    Choices,
    Expression,
    Grade,
    Integer,
    Kind,
    Matrix,
    Number,
    Shape,
    Table,
    Target,
    Vector,
    centres,
    exactly,
    kind_from_json,
    rational_from_json,
    targets_from_json,
    targets_to_json,
)
from quizgen.errors import InputError, Unreadable

LAYERS = Table(("output shape", "parameters"), (Shape(), Integer()), ("conv", "pool", "linear"))
LAYERS_TARGET = exactly(
    (
        ((fmpq(64), fmpq(32), fmpq(32)), fmpq(1792)),
        ((fmpq(64), fmpq(16), fmpq(16)), fmpq(0)),
        ((fmpq(10),), fmpq(163850)),
    )
)


def grade(kind: Kind, text: str, target: Any, *also: Any) -> tuple[str, str]:
    found = kind.grade(kind.read(text), target, also)
    return str(found.credit), found.reason


def whole(*numbers: int) -> Any:
    return exactly(tuple(fmpq(n) for n in numbers))


# Targets --------------------------------------------------------------------------------------------------------------

rationals = st.builds(fmpq, st.integers(-(10**9), 10**9), st.integers(1, 10**6))


@given(rationals, rationals.map(abs), st.integers(1, 10**30))
def test_the_ends_of_an_interval_belong_to_it_and_nothing_beyond_does(centre: fmpq, tolerance: fmpq, n: int) -> None:
    target = Target(centre, tolerance)
    beyond = tolerance + fmpq(1, n)
    assert target.accepts(centre)
    assert target.accepts(centre + tolerance)
    assert target.accepts(centre - tolerance)
    assert not target.accepts(centre + beyond)
    assert not target.accepts(centre - beyond)


def test_a_half_unit_typed_in_full_is_accepted_and_the_next_digit_is_not() -> None:
    target = Target(fmpq(1, 3), fmpq(1, 200))
    assert grade(Number(2), "0.33833333333333333", target)[0] == "1"
    assert grade(Number(2), "203/600", target)[0] == "1"
    assert grade(Number(2), "0.33833333333333334", target)[0] == "0"


# Numbers --------------------------------------------------------------------------------------------------------------


def test_integers() -> None:
    assert grade(Integer(), "(227-11)/4 + 1", Target(fmpq(55))) == ("1", "right")
    assert grade(Integer(), "54.5", Target(fmpq(54))) == ("0", "a whole number is asked for, and 54.5 isn't one")
    assert grade(Integer(), "54", Target(fmpq(55))) == ("0", "54 isn't right")


def test_numbers_say_when_they_were_rounded_too_early() -> None:
    third, fine = Target(fmpq(1, 3)), Target(fmpq(9836, 10_000), fmpq(1, 10_000))
    assert "rounded, and the exact value is asked for" in grade(Number(), "0.333", third)[1]
    assert grade(Number(), "0.334", third) == ("0", "0.334 isn't right")
    assert grade(Number(), "1/3", third) == ("1", "right")
    assert grade(Number(4), "0.98", fine) == ("0", "0.98 is right as far as it goes, but 4 decimals are asked for")
    assert grade(Number(4), "0.97", fine) == ("0", "0.97 isn't right")
    assert grade(Number(4), "0.9835", fine) == ("1", "right")
    assert grade(Number(4), "0.3333", third) == ("0", "0.3333 isn't right")


def test_a_short_decimal_of_zero_is_no_rounding_of_a_small_number() -> None:
    assert grade(Number(4), "0", Target(fmpq(1, 10_000))) == ("0", "0 isn't right")


def test_other_answers_are_accepted_too_and_the_best_grade_counts() -> None:
    assert grade(Number(), "2", Target(fmpq(1)), Target(fmpq(2)))[0] == "1"
    assert grade(Vector(), "1 2", whole(5, 6), whole(1, 3)) == ("1/2", "1 of 2 entries is right; entry 2 (2) isn't")
    assert grade(Vector(), "1 2", whole(1, 9), whole(1, 3))[1] == grade(Vector(), "1 2", whole(1, 9))[1]


# Lists ----------------------------------------------------------------------------------------------------------------


def test_a_shape_is_right_or_not() -> None:
    target = whole(64, 32, 3)
    assert grade(Shape(), "64x32x3", target) == ("1", "right")
    assert grade(Shape(), "(64, 32)", target) == ("0", "(64, 32) has 2 dimensions, and 3 are asked for")
    assert grade(Shape(), "64", target) == ("0", "(64,) has 1 dimension, and 3 are asked for")
    assert grade(Shape(), "(64, 31, 4)", target) == ("0", "dimensions 2 (31) and 3 (4) aren't right")
    assert grade(Shape(), "(64, 31, 3)", target) == ("0", "dimension 2 (31) isn't right")


def test_entries_of_a_vector_count_one_by_one() -> None:
    target = whole(1, 2, 3)
    assert grade(Vector(), "1 2 3", target) == ("1", "right")
    assert grade(Vector(), "1 5 3", target) == ("2/3", "2 of 3 entries are right; entry 2 (5) isn't")
    assert grade(Vector(), "5 5 3", target) == ("1/3", "1 of 3 entries is right; entry 1 (5) and entry 2 (5) aren't")
    assert grade(Vector(), "3 1 2", target) == ("0", "none of the 3 entries is right")
    assert grade(Vector(), "1 2", target) == ("0", "2 entries given, and 3 are asked for")
    assert Vector().grade(Vector().read("5 2 5"), target).wrong == ((0,), (2,))


def test_entries_of_a_matrix_count_one_by_one() -> None:
    target = exactly(((fmpq(1), fmpq(2), fmpq(3)), (fmpq(4), fmpq(5), fmpq(6))))
    assert grade(Matrix(), "1 2 3; 4 5 6", target) == ("1", "right")
    assert grade(Matrix(), "1 2 3; 4 0 6", target) == ("5/6", "5 of 6 entries are right; row 2 column 2 (0) isn't")
    assert grade(Matrix(), "1 4; 2 5; 3 6", target) == (
        "0",
        "a 3×2 matrix given, and 2×3 is asked for (rows and columns exchanged?)",
    )
    assert grade(Matrix(), "1 2 3", target) == ("0", "a 1×3 matrix given, and 2×3 is asked for")
    assert Matrix().grade(Matrix().read("1 2 0; 0 5 6"), target).wrong == ((0, 2), (1, 0))


def test_many_wrong_entries_are_summed_up() -> None:
    reason = grade(Matrix(), "0 0 0 0; 0 0 0 8", exactly(((fmpq(1),) * 4, (fmpq(8),) * 4)))[1]
    assert reason == (
        "1 of 8 entries is right; row 1 column 1 (0), row 1 column 2 (0), row 1 column 3 (0) and 4 others aren't"
    )


# Tables ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(64, 32, 32) | 1792\n(64, 16, 16) | 0\n(10,) | 163850",
        "(64,32,32), 1792; (64,16,16), 0; (10,), 163850",
        "64x32x32 1792; 64x16x16 0; 10 163850",
        "| 64x32x32 | 1792 |\n| 64x16x16 | 0 |\n| 10 | 163850 |",
        "conv | 64x32x32 | 1792\nPOOL | 64x16x16 | 0\nlinear | 10 | 163850\n",
        "conv, 64x32x32, 1792\npool, 64x16x16, 0\nlinear, 10, 163850",
    ],
)
def test_a_table_is_read_row_by_row(text: str) -> None:
    assert grade(LAYERS, text, LAYERS_TARGET) == ("1", "right")


def test_cells_of_a_table_count_one_by_one() -> None:
    assert grade(LAYERS, "64x32x32 | 1792; 64x16x16 | ; 10 | 163840", LAYERS_TARGET) == (
        "2/3",
        "4 of 6 entries are right; pool, parameters (blank) and linear, parameters (163840) aren't",
    )
    assert grade(LAYERS, "64x32x32 | 1792; 64x16x16 | 0", LAYERS_TARGET) == ("0", "2 rows given, and 3 are asked for")


def test_a_cell_that_earns_a_part_counts_a_part() -> None:
    table = Table(("z",), (Vector(),), ("first", "second"))
    target = exactly((((fmpq(1), fmpq(2)),), ((fmpq(3), fmpq(4)),)))
    assert grade(table, "1 2; 3 5", target) == ("3/4", "1 of 2 entries is right; second, z ((3, 5)) isn't")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty answer as a table: nothing is there"),
        ("64x32x32 | 1,792; 64 | 0; 10 | 1", "row 1 (conv), column 2 (parameters): cannot read '1,792'"),
        ("64x32x32; 64 | 0", "row 1 (conv) has 1 cell, and the columns are output shape | parameters"),
        ("a | b | c | d", "row 1 (conv) has 4 cells"),
        ("x" * 5_000, "at most 4,000 characters are read"),
    ],
)
def test_refused_tables(text: str, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        LAYERS.read(text)
    assert words in str(refused.value)


def test_a_table_needs_a_kind_for_each_column() -> None:
    with pytest.raises(InputError, match="2 columns, 1 kinds and 1 rows"):
        Table(("a", "b"), (Integer(),), ("r",))


# Choices --------------------------------------------------------------------------------------------------------------


def test_one_option() -> None:
    kind = Choice(("2", "4", "$1$", "none of these"))
    for text in ("b", "B", "(b)", "b)", "2)", "(2)"):
        assert kind.read(text) == {1}
    assert kind.read("3") == kind.read("c") == {2}
    assert kind.read("None of  these") == {3}
    with pytest.raises(Unreadable, match="'2' as an option: it may be a label or what option a says; for example a"):
        kind.read("2")
    with pytest.raises(Unreadable, match="the options are a to d"):
        kind.read("e")
    assert grade(kind, "b", frozenset({1})) == ("1", "right")
    assert grade(kind, "b", frozenset({1, 2}))[0] == "1"
    assert grade(kind, "a", frozenset({1})) == ("0", "a isn't right")
    assert Choice(("b)", "x")).read("b)") == {1}


def test_several_options() -> None:
    kind = Choices(("p", "q", "r", "s"))
    right = frozenset({1, 3})
    for text in ("b, d", "d b", "bd", "2,4", "b and d", "(b) (d)"):
        assert grade(kind, text, right) == ("1", "right")
    assert grade(kind, "b", right) == ("1/2", "1 of the 2 right options chosen")
    assert grade(kind, "a, b, d", right) == ("1/2", "2 of the 2 right options chosen, 1 chosen that isn't right")
    assert grade(kind, "abcd", right)[0] == "0"
    assert grade(kind, "none", right)[0] == "0"
    assert grade(kind, "none", frozenset()) == ("1", "right")
    assert grade(kind, "a", frozenset()) == ("0", "none of the options is right, 1 chosen that isn't right")
    with pytest.raises(Unreadable, match=r"'e' as an option \(number 2\)"):
        kind.read("b, e")


def test_as_many_options_as_letters() -> None:
    assert Choice(tuple(str(n) for n in range(100, 126))).read("z") == {25}
    for count in (0, 1, 27):
        with pytest.raises(InputError, match=f"a choice has 2 to 26 options, not {count}"):
            Choices(tuple(map(str, range(count))))


# Showing and JSON -----------------------------------------------------------------------------------------------------

lists = st.lists(rationals, min_size=1, max_size=5).map(tuple)
matrices = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(rationals, min_size=n, max_size=n).map(tuple), min_size=1, max_size=4).map(tuple)
)


@given(rationals, st.one_of(st.none(), st.integers(0, 20)))
def test_numbers_read_back_as_shown(x: fmpq, decimals: int | None) -> None:
    for kind in (Number(decimals), Integer()):
        assert kind.read(kind.show(x)) == x


@given(lists, matrices, st.one_of(st.none(), st.integers(0, 6)))
def test_lists_read_back_as_shown(x: tuple[fmpq, ...], y: tuple[tuple[fmpq, ...], ...], decimals: int | None) -> None:
    assert Shape().read(Shape().show(x)) == x
    assert Vector(decimals).read(Vector(decimals).show(x)) == x
    assert Matrix(decimals).read(Matrix(decimals).show(y)) == y
    table = Table(("shape", "vector", "number"), (Shape(), Vector(), Number()), ("a", "b"))
    cells = ((x, x, x[0]), ((), x, None))
    assert table.read(table.show(cells)) == cells


@given(st.sets(st.integers(0, 5)))
def test_options_read_back_as_shown(chosen: set[int]) -> None:
    options = ("p", "q", "$r$", "2.5", "s t", "none of these")
    assert Choices(options).read(Choices(options).show(frozenset(chosen))) == chosen
    for n in chosen:
        assert Choice(options).read(Choice(options).show(frozenset({n}))) == {n}


def test_numbers_are_shown_as_they_are_asked_for() -> None:
    assert Number(4).show(fmpq(9, 10)) == "0.9000"
    assert Number(2).show(fmpq(1, 1000)) == "0.001"
    assert Number(2).show(fmpq(1, 3)) == "1/3"
    assert Number().show(fmpq(-3, 4)) == "-0.75"
    assert Number(0).show(fmpq(7)) == "7"
    assert Number().latex(fmpq(-1, 3)) == r"-\frac{1}{3}"
    assert Shape().show((fmpq(64), fmpq(3))) == "(64, 3)"
    assert Shape().show((fmpq(64),)) == "(64,)"
    assert Shape().show(()) == "()"
    assert Matrix(1).show(((fmpq(1), fmpq(2)),)) == "[[1.0, 2.0]]"
    assert Matrix().latex(((fmpq(1), fmpq(2)), (fmpq(3), fmpq(1, 3)))) == (
        r"\begin{bmatrix} 1 & 2 \\ 3 & \frac{1}{3} \end{bmatrix}"
    )
    assert LAYERS.show(centres(LAYERS_TARGET)) == "(64, 32, 32) | 1792; (64, 16, 16) | 0; (10,) | 163850"


KINDS: tuple[Kind, ...] = (
    Integer(),
    Number(),
    Number(4),
    Shape(),
    Vector(2),
    Matrix(),
    LAYERS,
    Expression(("x", "w_1")),
    Choice(("a", "b")),
    Choices(("$x$", "y")),
)


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_kinds_are_kinds_and_travel_as_json(kind: Kind) -> None:
    assert isinstance(kind, Kind)
    assert kind.to_json()["kind"] == kind.name
    assert kind_from_json(json.loads(json.dumps(kind.to_json()))) == kind
    assert hash(kind) == hash(kind_from_json(kind.to_json()))


@pytest.mark.parametrize(
    ("kind", "refusal", "examples"),
    [
        (Integer(), "54, 2^10 or 3*64", ["54", "2^10", "3*64"]),
        (Number(), "0.75, 3/4, -2^10 or 1.5e-3", ["0.75", "3/4", "-2^10", "1.5e-3"]),
        (Shape(), "(64, 32, 3) or 64x32x3", ["(64, 32, 3)", "64x32x3"]),
        (Vector(), "(0.5, -1, 3/4)", ["(0.5, -1, 3/4)"]),
        (Matrix(), "1 2; 3 4 or [[1, 2], [3, 4]]", ["1 2; 3 4", "[[1, 2], [3, 4]]"]),
        (Expression(("x",)), "3*x^2 + exp(-x)", ["3*x^2 + exp(-x)"]),
        (Choice(("p", "q")), "b or 2", ["b", "2"]),
    ],
    ids=repr,
)
def test_the_examples_in_a_refusal_can_be_read(kind: Kind, refusal: str, examples: list[str]) -> None:
    with pytest.raises(Unreadable) as refused:
        kind.read("?")
    assert str(refused.value).endswith(f"for example {refusal} can be read")
    for example in examples:
        kind.read(example)


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        (Integer(), "a whole number, such as 42"),
        (Number(), "an exact number, such as 0.75, 3/4 or 1.5e-3"),
        (Number(0), "a whole number, such as 42"),
        (Number(1), "a number to 1 decimal, such as 0.5"),
        (Number(4), "a number to 4 decimals, such as 0.5000"),
        (Shape(), "whole numbers in brackets, such as (64, 32, 3), or 64x32x3"),
        (Vector(), "numbers with commas between them, such as (0.5, -1, 2)"),
        (Matrix(3), "rows of numbers to 3 decimals, such as 1 2; 3 4 or [[1, 2], [3, 4]]"),
        (Expression(("w", "x")), "a formula in w and x, with * for products and ^ for powers"),
        (Choice(("p", "q")), "one letter from a to b"),
        (Choices(("p", "q")), "letters from a to b, such as a, b; or none"),
    ],
    ids=repr,
)
def test_hints_say_how_to_type_an_answer(kind: Kind, hint: str) -> None:
    assert kind.hint() == hint


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        ({"kind": "vektor"}, "there is no kind of answer 'vektor' (did you mean 'vector'?)"),
        ({"kind": "number"}, "is no kind of answer as JSON keeps it"),
        ({"kind": "number", "decimals": "4"}, "is no kind of answer as JSON keeps it"),
        ({"kind": "number", "decimals": True}, "is no kind of answer as JSON keeps it"),
        ({"kind": "choice", "options": "ab"}, "is no kind of answer as JSON keeps it"),
        ({"kind": "choice", "options": ["a"]}, "a choice has 2 to 26 options"),
        ([], "is no kind of answer"),
        (None, "is no kind of answer"),
    ],
)
def test_json_that_is_no_kind(obj: Any, words: str) -> None:
    with pytest.raises(InputError) as refused:
        kind_from_json(obj)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "target",
    [
        Target(fmpq(1, 3), fmpq(1, 20_000)),
        LAYERS_TARGET,
        whole(1, 2),
        frozenset({0, 2}),
        frozenset(),
        "w_1*x^2",
    ],
)
def test_targets_travel_as_json(target: Any) -> None:
    assert targets_from_json(json.loads(json.dumps(targets_to_json(target)))) == target


def test_rationals_in_json_are_text_in_lowest_terms() -> None:
    assert targets_to_json(Target(fmpq(6, 4))) == {"centre": "3/2", "tolerance": "0"}
    assert rational_from_json("-3/2") == fmpq(-3, 2)
    for bad in ("1/0", "1.5", "", "1/2/3", "x", "1" * 1_000, 3, None, 0.5, "١"):
        with pytest.raises(InputError, match="is no rational number"):
            rational_from_json(bad)


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"centre": "1"},
        {"centre": "1", "tolerance": "-1"},
        {"options": [-1]},
        {"options": [True]},
        {"formula": 3},
        "1",
        1,
    ],
)
def test_json_that_is_no_target(obj: Any) -> None:
    with pytest.raises(InputError):
        targets_from_json(obj)


def test_a_value_of_another_kind_is_a_programmers_mistake() -> None:
    for call in (
        lambda: Number().grade((fmpq(1),), Target(fmpq(1))),
        lambda: Number().grade(fmpq(1), (Target(fmpq(1)),)),
        lambda: Vector().grade(fmpq(1), (Target(fmpq(1)),)),
        lambda: Matrix().show((fmpq(1),)),
        lambda: Choice(("a", "b")).grade(fmpq(1), frozenset({1})),
        lambda: exactly(None),
        lambda: Expression(("x",)).grade(fmpq(1), "x"),
    ):
        with pytest.raises(TypeError):
            call()


def test_grades_are_values() -> None:
    assert Grade(fmpq(1), "right") == Grade(fmpq(2, 2), "right", ())
