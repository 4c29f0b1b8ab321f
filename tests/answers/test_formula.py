"""Formulas: what is read, what is refused, and which are equal, with SymPy for a second opinion."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import flint
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quizgen.answers import Expression, to_sympy
from quizgen.answers.formula import (
    Apply,
    Constant,
    Formula,
    UndefinedError,
    Variable,
    compare,
    evaluate,
    latex,
    latex_name,
    points,
    read_formula,
    show,
    variables_of,
)
from quizgen.errors import Unreadable

NAMES = ("x", "y", "w", "beta_1")
KIND = Expression(NAMES)
X, Y = Variable("x"), Variable("y")


def read(text: str) -> Formula:
    return read_formula(text, NAMES)


def test_what_a_formula_is_read_as() -> None:
    assert read("2x") == Apply("mul", (Constant(fmpq(2)), X))
    assert read("x - y - 1") == Apply("sub", (Apply("sub", (X, Y)), Constant(fmpq(1))))
    assert read("-x^2") == Apply("neg", (Apply("pow", (X, Constant(fmpq(2)))),))
    assert read("x^-1") == Apply("pow", (X, Constant(fmpq(-1))))
    assert read("x²") == read("x^2") == read("x**2")
    assert read("max(x, y, 0)") == Apply("max", (X, Y, Constant(fmpq(0))))
    assert variables_of(read("exp(-w*x) + beta_1")) == {"w", "x", "beta_1"}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2x^2", "2*(x^2)"),
        ("2x/3", "(2*x)/3"),
        ("3(x + 1)(x - 1)", "3*(x + 1)*(x - 1)"),
        ("(x + 1)y", "(x + 1)*y"),
        ("2e^x", "2*e^x"),
        ("2e-3x", "0.002*x"),
        ("σ(x)", "sigmoid(x)"),
        ("sigma(x)", "sigmoid(x)"),
        ("ln(x)", "log(x)"),
        ("ReLU(x)", "relu(x)"),
        ("√x", "sqrt(x)"),
        ("√(x + 1)", "sqrt(x + 1)"),
        ("β₁*x", "beta_1*x"),
        ("beta1*x", "beta_1*x"),
        ("2π", "2*pi"),
        ("x·y ÷ 2", "x*y/2"),
    ],
)
def test_other_spellings(left: str, right: str) -> None:
    assert read(left) == read(right)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty answer as a formula"),
        ("xy", "'xy' is no name here (as a product it is written x*y)"),
        ("x y", "a product needs its sign before 'y' (write *)"),
        ("1/2x", "after a division write * before 'x', or brackets"),
        ("x^2y", "a product needs its sign before 'y'"),
        ("x(y + 1)", "'x' is no function (write * for a product)"),
        ("(x)2", "a product needs its sign before '2'"),
        ("sin x", "sin needs a bracket, as in sin(…)"),
        ("x^y^2", "a second power in a row"),
        ("x--y", "two signs in a row"),
        ("sqart(x)", "'sqart' is no name here (did you mean 'sqrt'?); the variables are beta_1, w, x, y"),
        ("max(x)", "2 arguments or more are wanted"),
        ("exp(x, y)", "at most 1 argument can stand here"),
        ("9^(9^(9^9))", "a power too large to work with"),
        ("(x^1000)^1000", "a power too large to work with"),
        ("((1.000001^99)^99)^99", "a power too large to work with"),
        ("x" * 501, "at most 500 characters are read"),
        ("(" * 21 + "x" + ")" * 21, "brackets are nested more than 20 deep"),
        ("__import__('os').system('ls')", "'_' has no meaning here"),
        ("lambda: x", "has no meaning here"),
        ("x.real", "a point without digits"),
        ("[x]", "a number or a name is missing before '['"),
        ("x;", "an operation is missing before ';'"),
    ],
)
def test_refused_formulas(text: str, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert words in str(refused.value)


def test_a_declared_variable_comes_before_a_function_or_constant_of_its_name() -> None:
    kind = Expression(("e", "sigma", "x"))
    assert kind.read("e*sigma") == Apply("mul", (Variable("e"), Variable("sigma")))
    with pytest.raises(Unreadable, match="'sigma' is no function"):
        kind.read("sigma(x)")


def test_variables_that_cannot_be_told_apart_are_an_authors_mistake() -> None:
    with pytest.raises(ValueError, match="'x1' and 'x_1' can't be told apart"):
        Expression(("x_1", "x1"))
    with pytest.raises(ValueError, match="is no name of a variable"):
        Expression((r"\beta",))


# Equality -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x*(1 - x)", "x - x^2"),
        ("1/(1 + e^(-x))", "sigmoid(x)"),
        ("sigmoid(x)*(1 - sigmoid(x))", "exp(-x)/(1 + exp(-x))^2"),
        ("tanh(x)", "2*sigmoid(2x) - 1"),
        ("1 - tanh(x)^2", "4*sigmoid(2x)*sigmoid(-2x)"),
        ("relu(x)", "max(0, x)"),
        ("relu(x)", "(x + abs(x))/2"),
        ("max(x, y)", "-min(-x, -y)"),
        ("abs(x)", "sqrt(x^2)"),
        ("log(x^2)", "2*log(x)"),
        ("-y*log(x) - (1 - y)*log(1 - x)", "-(y*log(x) + (1 - y)*log(1 - x))"),
        ("sin(x)^2 + cos(x)^2", "1"),
        ("(x + y)^2", "x^2 + 2x*y + y^2"),
        ("x^(1/2)", "√x"),
        ("e^(x + y)", "exp(x)*exp(y)"),
        ("beta_1*w + (1 - β₁)*x", "x + beta1*(w - x)"),
        ("2/4", "0.5"),
    ],
)
def test_equal_formulas(left: str, right: str) -> None:
    assert compare(read(left), read(right)).equal is True
    assert KIND.grade(read(left), right).credit == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x", "y"),
        ("(x + y)^2", "x^2 + y^2"),
        ("x + 1e-60", "x"),
        ("x*(1 + 1e-40)", "x"),
        ("relu(x - 5)", "0"),
        ("relu(x - 10000)", "0"),
        ("max(x, -10000)", "x"),
        ("abs(x)", "x"),
        ("tanh(x)", "2*sigmoid(x) - 1"),
        ("sigmoid(x)", "1 - sigmoid(x)"),
        ("1/(1 + e^x)", "sigmoid(x)"),
        ("x^2/y", "x/y^2"),
        ("0", "1e-300"),
        ("sin(x)", "x - x^3/6"),
    ],
)
def test_unequal_formulas_and_the_point_that_proves_it(left: str, right: str) -> None:
    found = compare(read(left), read(right))
    assert found.equal is False
    assert found.point is not None
    with flint.ctx.workprec(512):
        assert not (evaluate(read(left), found.point) - evaluate(read(right), found.point)).contains(0)


def test_the_reason_names_a_point_that_can_be_tried() -> None:
    assert KIND.grade(read("x + y"), "x*y").reason == "not equal to the right answer: try x = 2, y = 3"


def test_formulas_without_common_values_are_not_compared() -> None:
    for text in ("1/0", "sqrt(-1 - x^2)", "log(0*x)", "exp(exp(exp(exp(1000))))"):
        found = KIND.grade(read(text), "x")
        assert (str(found.credit), found.reason) == ("0", "the formula has no value where the right answer has one")


# With random formulas -------------------------------------------------------------------------------------------------

leaves = st.one_of(
    st.sampled_from([X, Y, Variable("w")]),
    st.builds(lambda p, q: Constant(fmpq(p, q)), st.integers(0, 20), st.sampled_from([1, 2, 3, 5, 8])),
)
formulas: st.SearchStrategy[Formula] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(
            lambda op, a, b: Apply(op, (a, b)), st.sampled_from(["add", "sub", "mul", "div", "max"]), inner, inner
        ),
        st.builds(
            lambda op, a: Apply(op, (a,)), st.sampled_from(["neg", "tanh", "sigmoid", "relu", "abs", "cos"]), inner
        ),
        st.builds(lambda a, n: Apply("pow", (a, Constant(fmpq(n)))), inner, st.integers(-3, 3)),
    ),
    max_leaves=8,
)


@given(formulas)
def test_what_is_shown_reads_back_as_the_same_formula(formula: Formula) -> None:
    again = read(show(formula))
    assert show(again) == show(formula)
    point = {"x": fmpq(3, 7), "y": fmpq(-5, 3), "w": fmpq(11, 2)}
    try:
        value = evaluate(formula, point)
    except UndefinedError:
        with pytest.raises(UndefinedError):
            evaluate(again, point)
    else:
        assert evaluate(again, point).overlaps(value)
    assert latex(formula).count("{") == latex(formula).count("}")


@settings(max_examples=60, deadline=None)
@given(formulas)
def test_values_are_those_that_sympy_gives(formula: Formula) -> None:
    point = {"x": fmpq(3, 7), "y": fmpq(-5, 3), "w": fmpq(11, 2)}
    exact = {sympy.Symbol(name, real=True): sympy.Rational(int(v.p), int(v.q)) for name, v in point.items()}
    try:
        value = evaluate(formula, point)
    except UndefinedError:
        assume(False)
    theirs: Any = to_sympy(formula).subs(exact).evalf(30)
    assert abs(value - arb(str(theirs))) <= arb("1e-20") * (1 + abs(value))


@settings(max_examples=100, deadline=None)
@given(formulas, formulas)
def test_rules_of_algebra_keep_formulas_equal(a: Formula, b: Formula) -> None:
    assume(compare(a, a).equal and compare(b, b).equal)
    one = Constant(fmpq(1))
    for left, right in (
        (Apply("add", (a, b)), Apply("add", (b, a))),
        (Apply("sub", (a, b)), Apply("neg", (Apply("sub", (b, a)),))),
        (Apply("mul", (a, Apply("add", (b, one)))), Apply("add", (Apply("mul", (a, b)), a))),
    ):
        assert compare(left, right).equal is not False
    for left, right in ((Apply("add", (a, one)), a), (Apply("sub", (a, Apply("add", (a, one)))), one)):
        assert compare(left, right).equal is not True


def test_points_are_the_same_everywhere_and_of_every_size() -> None:
    found = list(points(["x", "y"], [fmpq(5000)]))
    assert found == list(points(["y", "x"], [fmpq(5000)]))
    assert found[0] == {"x": 2, "y": 3}
    xs = [point["x"] for point in found]
    assert min(xs) < -5000 < 5000 < max(xs)
    assert sum(0 < x < 1 for x in xs) > 8
    assert any(0 < abs(x) < fmpq(1, 10) for x in xs)


def test_names_in_latex() -> None:
    names = ("x", "w_1", "w1", "beta_1", "w_ij", "loss", "W_1_2", "eta", "d_model")
    assert [latex_name(name) for name in names] == [
        "x", "w_{1}", "w_{1}", r"\beta_{1}", "w_{ij}", r"\mathrm{loss}", "W_{1,2}", r"\eta", "d_{model}",
    ]  # fmt: skip


def test_reading_and_grading_import_neither_sympy_nor_numpy_nor_torch() -> None:
    program = (
        "import sys; from quizgen.answers import Expression; k = Expression(('x',)); "
        "assert k.grade(k.read('2x'), 'x + x').credit == 1; "
        "print(*sorted({'sympy', 'numpy', 'torch', 'jinja2', 'rich'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "\n"
