"""Work that is worked again: replaced, rounded line by line, at more bits, from its record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flint import arb, fmpq
from hypothesis import assume, given
from hypothesis import strategies as st

from quizgen_solvers import exact, optim
from quizgen_solvers import quantity as qty
from quizgen_solvers.arrays import Array, entries
from quizgen_solvers.exact import ExactError, rational
from quizgen_solvers.quantity import Quantity
from quizgen_solvers.work import Work, topological
from strategies import RATIONAL, rationals, works


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal, balls where they overlap."""
    return all(exact.ball(x).overlaps(exact.ball(y)) for x, y in zip(entries(a), entries(b), strict=True))


def replayed(work: Work, values: dict[Quantity, Any]) -> dict[Quantity, Any]:
    """The whole work from scratch, with some quantities' values set: the plainest way there is."""
    made: dict[Quantity, Any] = {}
    for q in work.quantities():
        if q in values:
            made[q] = values[q]
        elif q.op is None:
            made[q] = q.value
        else:
            made[q] = q.op.compute(*(made[a] for a in q.args))
    return made


def adam() -> Work:
    return optim.adam("1", ["0.5"], lr="0.1", m="0.1", v="0.04", decimals=4)


# --- replacing --------------------------------------------------------------------------------------------------------


@given(works(), st.data())
def test_reworking_is_working_from_scratch_with_another_given(work: Work, data: st.DataObject) -> None:
    changed = data.draw(st.sampled_from(work.givens)).quantity
    value = data.draw(rationals)
    record = work.to_json()
    place = work.quantities().index(changed)
    record["nodes"][place]["value"] = f"{value.p}/{value.q}"
    wanted = [line.quantity for line in work.lines]
    try:
        expected = [line.value for line in Work.from_json(record).lines]
    except ExactError:
        with pytest.raises(ExactError):
            work.rework({changed: value}, wanted)
        return
    for ours, theirs in zip(work.rework({changed: value}, wanted), expected, strict=True):
        assert same(ours, theirs) or not exact.ball(theirs).is_finite()


@given(works(), st.data())
def test_replacing_a_line_changes_only_what_follows_from_it(work: Work, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(work.lines)).quantity
    value = data.draw(rationals)
    wanted = [line.quantity for line in work.lines]
    try:
        expected = replayed(work, {line: value})
    except ExactError:
        assume(False)
    before = [q.value for q in wanted]
    for q, again in zip(wanted, work.rework({line: value}, wanted), strict=True):
        assert same(again, expected[q]) or not exact.ball(expected[q]).is_finite()
        if line not in topological([q]):
            assert again is q.value
    assert [q.value for q in wanted] == before or any(v != v for v in before)  # the work itself stays as it was


def test_a_mistake_is_a_line_replaced_by_another_expression() -> None:
    work = adam()
    right = work[r"\theta_1"]
    (wrong,) = work.rework({work[r"\hat m_1"]: work["m_1"], work[r"\hat v_1"]: work["v_1"]}, [right])
    m, v = fmpq(9, 100) + fmpq(5, 100), rational("0.999") * rational("0.04") + rational("0.00025")
    root = exact.square_root(v)
    assert same(wrong, 1 - m / 10 / (root + rational("1e-8")))
    assert not same(wrong, right.value)


def test_inside_its_own_replacement_a_quantity_is_what_it_was() -> None:
    work = Work()
    kernel = work.given("K", [[1, 2], [3, 4]])
    y = work.let("Y", qty.cross_correlate([[1, 0, 0], [0, 0, 0], [0, 0, 2]], kernel))
    assert y.value.nested() == ((1, 0), (0, 8))
    assert work.rework({kernel: qty.flip(kernel)}, [y])[0].nested() == ((4, 0), (0, 2))


def test_two_quantities_change_places_by_their_values() -> None:
    work = Work()
    a, b = work.given("a", 3), work.given("b", 5)
    c = work.let("c", a - 2 * b)
    assert work.rework({a: b.value, b: a.value}, [c]) == [-1]


def test_in_an_expression_earlier_quantities_are_what_they_have_become() -> None:
    work = Work()
    a, b = work.given("a", 3), work.given("b", 5)
    c = work.let("c", a * b)
    d = work.let("d", a + b)  # not made from c, but comes after it
    assert work.rework({d: c + 1, c: a + 1}, [d]) == [5]  # in whichever order they are named
    assert work.rework({c: a + 1, d: c + 1}, [d]) == [5]
    assert work.rework({a: a + 1, d: c + 1}, [d]) == [21]


def test_what_is_carried_forward_is_seen_by_a_later_mistake() -> None:
    work = Work()
    a = work.given("a", 3)
    b = work.let("b", a * 2)
    c = work.let("c", b + 1)
    d = work.let("d", c * 10)
    assert work.rework({b: 7, c: b * b}, [b, c, d]) == [7, 49, 490]
    assert work.rework({c: b, b: a}, [d]) == [30]  # b is upstream of c, so its replacement is seen


def test_a_replaced_quantity_is_itself_wanted() -> None:
    work = adam()
    m = work["m_1"]
    assert work.rework({m: "0.25"}, [m]) == [fmpq(1, 4)]


def test_what_is_not_wanted_is_not_worked() -> None:
    work = Work()
    a = work.given("a", 1)
    work.let("b", 1 / a)
    c = work.let("c", a + 1)
    assert work.rework({a: 0}, [c]) == [1]
    with pytest.raises(ExactError, match="division by zero"):
        work.rework({a: 0}, [work["b"]])


def test_a_work_of_a_thousand_lines_is_worked_again() -> None:
    work = Work(4)
    first = last = work.given("x_0", 1)
    for i in range(1000):
        last = work.let(f"x_{i + 1}", last + 1)
    assert work.rework({first: 5}, [last]) == [1005]
    assert work.hand_operations == 1000
    assert Work.from_json(work.to_json()).lines[-1].value == 1001


# --- what honest rounding reaches -------------------------------------------------------------------------------------


@given(works(), st.data())
def test_every_outcome_of_honest_rounding_is_reached(work: Work, data: st.DataObject) -> None:
    """Each line kept as it is or rounded, at random: the result is inside what ``reach`` says."""
    wanted = [line.quantity for line in work.lines]
    reached = work.reach(wanted)
    decimals = {line.quantity: line.decimals for line in work.lines}
    made: dict[Quantity, Any] = {}
    for q in work.quantities():
        try:
            made[q] = q.value if q.op is None else q.op.compute(*(made[a] for a in q.args))
            places = decimals.get(q)
            if places is not None and data.draw(st.booleans()):
                made[q] = exact.rounded(made[q], places)
        except ExactError:
            assume(False)
    for q, all_of_it in zip(wanted, reached, strict=True):
        if not isinstance(all_of_it, arb):
            assert made[q] == all_of_it
        else:
            assert all_of_it.overlaps(exact.ball(made[q])) or not all_of_it.is_finite()


def test_reach_is_no_more_than_honest_rounding_does() -> None:
    work = Work(2)
    x = work.given("x", "1/3")
    y = work.let("y", x * 1)
    z = work.let("z", 10 * y)
    y_reach, z_reach = work.reach([y, z])
    assert same(y_reach, arb(fmpq(1, 3), fmpq(5, 1000)))
    assert y_reach.rad() < fmpq(5001, 10**6)
    assert z_reach.rad() < fmpq(55001, 10**6)  # ten times half a hundredth, and its own


def test_a_line_that_comes_out_even_is_not_widened() -> None:
    work = Work(2)
    x = work.given("x", "0.25")
    y = work.let("y", x * 2)
    z = work.let("z", qty.stack(y, x / 3), decimals=None)
    assert work.reach([y]) == [fmpq(1, 2)]
    assert work.reach([z])[0] == z.value


def test_the_reach_of_a_mistake() -> None:
    work = Work(3)
    x = work.given("x", "1/3")
    y = work.let("y", x * 3)
    z = work.let("z", y + x)
    (reach,) = work.reach([z], {y: x})
    assert reach.contains(arb(fmpq(2, 3)))
    assert not reach.contains(arb(1))
    assert reach.rad() < fmpq(2, 1000)


# --- more bits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [50, 200])
def test_a_value_just_above_a_boundary_is_proven_with_more_bits(digits: int) -> None:
    work = Work(4)
    x = work.given("x", fmpq(1, 400_000_000) + fmpq(1, 10**digits))  # its root is a hair above 0.00005
    root = work.let("r", qty.sqrt(x))
    with pytest.raises(exact.NeedsPrecision):
        exact.decimal(root.value, 4)
    assert work.precisely(root, lambda v: exact.decimal(v, 4)) == "0.0001"
    below = work.given("y", fmpq(1, 400_000_000) - fmpq(1, 10**digits))
    assert work.precisely(work.let("s", qty.sqrt(below)), lambda v: exact.decimal(v, 4)) == "0.0000"


def test_what_no_precision_decides_ends_in_an_error() -> None:
    work = Work(0)
    half = work.let("h", qty.sqrt(2) * qty.sqrt(2) / 4)  # one half, but no ball knows it
    with pytest.raises(ExactError, match=r"h: .* bits do not decide"):
        work.precisely(half, lambda v: exact.decimal(v, 0))


# --- the record -------------------------------------------------------------------------------------------------------


@given(works())
def test_a_work_is_read_back_from_its_record(work: Work) -> None:
    record = json.loads(json.dumps(work.to_json()))
    again = Work.from_json(record)
    assert again.to_json() == record
    for ours, theirs in zip((*work.givens, *work.lines), (*again.givens, *again.lines), strict=True):
        assert (ours.symbol, ours.why, ours.decimals, ours.heading) == (
            theirs.symbol,
            theirs.why,
            theirs.decimals,
            theirs.heading,
        )
        assert same(ours.value, theirs.value)


def test_arrays_why_and_headings_are_recorded() -> None:
    work = Work(3)
    x = work.given("X", [[1, "0.5"]], "the input")
    work.heading("First step")
    work.let("Y", x @ x.T, "a product", decimals=None)
    again = Work.from_json(json.loads(json.dumps(work.to_json())))
    assert again["X"].value == x.value
    assert again["Y"].value == Array((1, 1), (fmpq(5, 4),))
    line = again.lines[0]
    assert (line.heading, line.why, line.decimals) == ("First step", "a product", None)
    assert again.givens[0].why == "the input"


def broken(change: Any) -> dict[str, Any]:
    record = adam().to_json()
    change(record)
    return record


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"decimals": 4, "nodes": [{"op": "add", "args": [0, 0]}], "givens": [], "lines": []},
        {"decimals": 4, "nodes": [{"op": "conjure", "args": []}], "givens": [], "lines": []},
        {"decimals": 4, "nodes": [{"value": "one"}], "givens": [], "lines": []},
        {"decimals": 4, "nodes": [{"value": 0.5}], "givens": [], "lines": []},
        {"decimals": 4, "nodes": [], "givens": [[0, ""]], "lines": []},
        broken(lambda record: record.pop("lines")),
    ],
)
def test_a_record_that_is_none_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ExactError):
        Work.from_json(record)


# --- naming and counting ----------------------------------------------------------------------------------------------


def test_a_line_is_found_by_its_symbol_the_latest_first() -> None:
    work = Work()
    a = work.given("a", 1)
    first = work.let("b", a + 1)
    second = work.let("b", first + 1)
    assert work["b"] is second
    assert work["a"] is a
    with pytest.raises(KeyError, match="no quantity 'c'"):
        work["c"]


def test_naming_something_that_has_a_name_makes_a_line_of_its_own() -> None:
    work = Work()
    a = work.given("a", 1)
    b = work.let("b", a)
    assert (a.symbol, b.symbol) == ("a", "b")
    assert b.args == (a,)
    assert work.let("c", 5).value == 5


def test_hand_operations_leave_out_what_is_free() -> None:
    work = Work()
    x, y = work.given("x", 3), work.given("y", "0.5")
    for expression, count in [
        (x + y, 1),
        (x + 0, 0),
        (x * 1, 0),
        (x * y, 1),
        (x / 1, 0),
        (x / y, 1),
        (-x, 0),
        (x**2, 1),
        (x**3, 2),
        (qty.sqrt(x), 1),
        (qty.exp(x) + y, 2),
        (qty.floor(x / 2), 1),
        (qty.sum_of([x, 0, y]), 1),
        (qty.constant([[1, 2], [3, 4]]) @ qty.constant([[1], [1]]), 6),
        (qty.total([1, 2, 3]), 2),
        (qty.softmax([1, 2]), 6),
        (qty.cross_correlate([[1, 2], [3, 4]], [[1, 0], [0, 1]]), 3),
    ]:
        alone = Work()
        alone.let("z", expression)
        assert alone.hand_operations == count, expression


@given(works(ops=RATIONAL))
def test_a_shared_quantity_is_counted_once(work: Work) -> None:
    before = work.hand_operations
    last = work.lines[-1].quantity
    work.let("again", last)
    assert work.hand_operations == before
