"""Computation graphs: CS231n's circuits, a branching chain, and wrong turns by hand."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError, SolveError
from quizgen_solvers import backprop, symbolic
from quizgen_solvers.backprop import gradient_symbol
from quizgen_solvers.exact import decimal


def solve(nodes: str, values: Any) -> quizgen.Question:
    return quizgen.solve("backprop.scalar-graph", nodes=nodes, values=values)


def answers(question: quizgen.Question) -> dict[str, str]:
    """The output and the gradients, by the inputs' names."""
    source = question.source
    names = [source.graph.output, *source.graph.inputs]
    return {name: part.answer for name, part in zip(names, question.parts, strict=True)}


def wrong(question: quizgen.Question, mistake: str) -> dict[str, str]:
    """What a mistake changes, by the inputs' names."""
    names = [question.source.graph.output, *question.source.graph.inputs]
    return {
        name: found.value
        for name, part in zip(names, question.parts, strict=True)
        for found in part.mistakes
        if found.name == mistake
    }


def test_cs231ns_first_circuit() -> None:
    # CS231n, Backpropagation, intuitions: f = (x + y)z at -2, 5, -4.
    question = solve("q=x+y, f=q*z", (-2, 5, -4))
    assert answers(question) == {"f": "-12", "x": "-4", "y": "-4", "z": "3"}
    assert question.work["q"].value == 3
    assert question.work[gradient_symbol("f", "q")].value == -4


def test_wrong_turns_in_it() -> None:
    question = solve("q=x+y, f=q*z", (-2, 5, -4))
    assert wrong(question, "own value for the other") == {"x": "3", "y": "3", "z": "-4"}
    assert wrong(question, "upstream gradient forgotten") == {"x": "1", "y": "1"}
    assert wrong(question, "one path only") == {}


def test_cs231ns_sigmoid_neuron() -> None:
    # The same notes: w = 2, -3, -3 and x = -1, -2. The sigmoid of 1 is 0.73, and its derivative 0.73·0.27 ≈ 0.2.
    nodes = "p=a*x, q=b*y, r=p+q, s=r+c, f=sigmoid(s)"
    question = solve(nodes, (2, -1, -3, -2, -3))
    found = {name: decimal(part.centre, 2) for name, part in zip("faxbyc", question.parts, strict=True)}
    assert found == {"f": "0.73", "a": "-0.20", "x": "0.39", "b": "-0.39", "y": "-0.59", "c": "0.20"}
    assert answers(question)["c"] == "0.1966"
    assert question.part(1).precision.startswith("*(4 decimals; ±")


def test_a_sum_gives_an_input_used_twice_both_paths() -> None:
    assert answers(solve("f=x*x", "3")) == {"f": "9", "x": "6"}
    assert answers(solve("f=x+x", "3")) == {"f": "6", "x": "2"}
    assert answers(solve("f=x-x", "3")) == {"f": "0", "x": "0"}


def test_paths_add() -> None:
    # q = 5, r = 20, s = 25, f = 500; ∂f/∂r = 25 and ∂f/∂s = 20, so ∂f/∂q = 25·4 + 20·5.
    question = solve("q=x+y, r=q*z, s=q*w, f=r*s", (2, 3, 4, 5))
    assert answers(question) == {"f": "500", "x": "200", "y": "200", "z": "125", "w": "100"}
    assert wrong(question, "one path only") == {"x": "100", "y": "100"}
    assert wrong(question, "paths multiplied") == {"x": "10000", "y": "10000"}


def test_a_closed_gate_lets_nothing_through() -> None:
    # q = -6, r = -5, ReLU gives 0: f = 0, and only the last weight would see anything, but sees 0.
    question = solve("q=w*x, r=q+b, s=relu(r), f=s*v", (2, -3, 1, 4))
    assert answers(question) == {"f": "0", "w": "0", "x": "0", "b": "0", "v": "0"}
    assert wrong(question, "gate of ReLU ignored") == {"w": "-12", "x": "8", "b": "4"}


def test_relu_at_its_kink_passes_nothing() -> None:
    assert answers(solve("q=x+y, f=relu(q)", (2, -2))) == {"f": "0", "x": "0", "y": "0"}


def test_squares_and_tanh() -> None:
    # d/dx (3x)² = 18x; at 2: 36. tanh' at 0 is 1.
    assert answers(solve("q=w*x, f=square(q)", (3, 2))) == {"f": "36", "w": "24", "x": "36"}
    assert answers(solve("q=x-y, f=tanh(q)", (2, 2))) == {"f": "0.0000", "x": "1.0000", "y": "-1.0000"}


CHAIN = (
    "p = a * x",  # z₁ = w_a x
    "q = sigmoid(p)",  # a₁
    "r = b * q",  # z₂
    "s = tanh(r)",  # a₂
    "t = c * q",  # z₃
    "u = square(t)",  # a₃
    "v = d * s",
    "w = e * u",
    "y = v + w",  # z₄
    "z = sigmoid(y)",  # ŷ
    "l = square(z)",  # ℓ
)


def test_the_input_weight_of_a_branching_chain_has_two_paths() -> None:
    # A course's cheat sheet writes ∂ℓ/∂w_a = ∂ℓ/∂ŷ ∂ŷ/∂z₄ [through a₂ + through a₃] ∂a₁/∂z₁ ∂z₁/∂w_a. Each factor here
    # is SymPy's derivative of one node.
    import sympy

    values = ("0.5", "2", "-1", "1.5", "0.7", "-0.4")
    work = backprop.scalar_graph(CHAIN, values)

    def local(node: str, by: str) -> Any:
        expression = symbolic.expression(work[node])
        return sympy.diff(expression, symbolic.symbol(work[by]))

    up = local("l", "z") * local("z", "y")
    first = local("y", "v") * local("v", "s") * local("s", "r") * local("r", "q")
    second = local("y", "w") * local("w", "u") * local("u", "t") * local("t", "q")
    chain = up * (first + second) * local("q", "p") * local("p", "a")
    known = symbolic.values([line.quantity for line in work.givens])
    inner = {symbolic.symbol(work[n]): symbolic.expression(work[n], deep=True) for n in "pqrstuvwyz"}
    published = sympy.N(chain.subs(inner).subs(known), 30)
    ours = decimal(work[gradient_symbol("l", "a")].value, 20)
    assert abs(sympy.Rational(ours) - published) < sympy.Rational(1, 10**19)


@pytest.mark.parametrize("name", list("axbcde"))
def test_every_gradient_of_the_chain_is_sympys(name: str) -> None:
    import sympy

    values = ("0.5", "2", "-1", "1.5", "0.7", "-0.4")
    work = backprop.scalar_graph(CHAIN, values)
    derivative = symbolic.derivative(work["l"], work[name])
    known = symbolic.values([line.quantity for line in work.givens])
    theirs = sympy.N(derivative.subs(known), 30)
    ours = decimal(work[gradient_symbol("l", name)].value, 20)
    assert abs(sympy.Rational(ours) - theirs) < sympy.Rational(1, 10**19)


@pytest.mark.parametrize(
    ("nodes", "values", "message"),
    [
        ("f=x/y", (1, 2), "'f=x/y' is no node"),
        ("f=x*y", (1,), "the graph has the inputs x, y: give 2 values"),
        ("q=x*y, f=x+z", (1, 2, 3), "every node but the last must be used"),
        ("x=x+y", (1, 2), "x is set twice"),
        ("q=x+y, q=q*x", (1, 2), "q is set twice"),
        ("f=q*z, q=x+y", (1, 2, 3, 4), "q is set twice"),
        ("if=x*y", (1, 2), "'if' is a word of Python"),
        ("f=is+x", (1, 2), "'is' is a word of Python"),
        ("x_=x*y", (1, 2), "is no node"),
        ("f=x*ß", (1, 2), "is no node"),
        ("f=__import__('os')", (1,), "is no node"),
        ("", (1,), "is no node"),
    ],
)
def test_what_is_no_graph(nodes: str, values: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        solve(nodes, values)


def squares(count: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ", ".join(f"{letters[i + 1]}=square({letters[i]})" for i in range(count))


def test_numbers_beyond_all_reason() -> None:
    with pytest.raises(SolveError, match="over 300 digits"):
        solve(squares(12), (999,))
    with pytest.raises(ParameterError, match="at most 12 nodes, not 20"):
        solve(squares(20), (999,))


@pytest.mark.parametrize(
    "nodes", ["[q=w*x, f=sigmoid(q)]", "(q=w*x, f=sigmoid(q))", "q=w*x,f=sigmoid(q)", ["q=w*x", "f=sigmoid(q)"]]
)
def test_a_list_may_end_in_a_function(nodes: Any) -> None:
    assert solve(nodes, (0, 1)).parts[0].answer == "0.5000"
