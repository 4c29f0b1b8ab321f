"""Two sigmoid layers that others have worked, and small cases worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError
from quizgen_solvers import backprop
from quizgen_solvers.backprop import gradient_of
from quizgen_solvers.exact import decimal, fmpq, rational

# Matt Mazur, "A Step by Step Backpropagation Example", 2015. Each layer has one bias for both units.
MAZUR = {
    "x": [["0.05"], ["0.10"]],
    "y": [["0.01"], ["0.99"]],
    "W_1": [["0.15", "0.20"], ["0.25", "0.30"]],
    "b_1": [["0.35"], ["0.35"]],
    "W_2": [["0.40", "0.45"], ["0.50", "0.55"]],
    "b_2": [["0.60"], ["0.60"]],
}
# All sums are 0, so every activation is a half and every σ' a quarter.
HALVES = {
    "x": [[1], [1]],
    "y": [[1]],
    "W_1": [[1, -1], [2, -2]],
    "b_1": [[0], [0]],
    "W_2": [[2, -2]],
    "b_2": [[0]],
}


def column(*entries: str) -> tuple[tuple[fmpq], ...]:
    return tuple((rational(x),) for x in entries)


def answers(question: quizgen.Question) -> list[Any]:
    return [part.centre for part in question.parts]


def wrong(question: quizgen.Question, part: int) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in question.parts[part - 1].mistakes}


def rounded(q: Any, places: int) -> list[str]:
    return [decimal(x, places) for x in q.value.items]


def test_the_forward_pass_of_a_well_known_example() -> None:
    work = backprop.two_layer(**MAZUR)
    assert work["z_1"].value.items[0] == rational("0.3775")
    assert rounded(work["a_1"], 9) == ["0.593269992", "0.596884378"]
    assert rounded(work[r"\hat y"], 8) == ["0.75136507", "0.77292847"]


def test_its_backward_pass() -> None:
    work = backprop.two_layer(**MAZUR)
    assert rounded(work[r"\delta_2"], 9)[0] == "0.138498562"
    assert rounded(work[gradient_of("W_2")], 9)[0] == "0.082167041"
    assert rounded(work[gradient_of("W_1")], 9)[0] == "0.000438568"


def test_its_weights_after_a_step_at_a_rate_of_one_half() -> None:
    work = backprop.two_layer(**MAZUR)
    after = {name: work[name] - work[gradient_of(name)] / 2 for name in ("W_1", "W_2")}
    assert rounded(after["W_2"], 9) == ["0.358916480", "0.408666186", "0.511301270", "0.561370121"]
    assert rounded(after["W_1"], 8) == ["0.14978072", "0.19956143", "0.24975114", "0.29950229"]


def test_the_formulas_of_the_course_notes_on_halves() -> None:
    """The formulas of "Introduction to Deep Learning", notes of 2025, by hand: δ₂ = (1/2 - 1)/4, δ₁ = W₂ᵀ δ₂ / 4, and
    the gradients are δ times what came in, 1/2 and 1."""
    work = backprop.two_layer(**HALVES)
    assert work[r"\delta_2"].value == fmpq(-1, 8)
    assert work[r"\delta_1"].value.nested() == column("-1/16", "1/16")
    assert work[gradient_of("W_2")].value.nested() == ((fmpq(-1, 16), fmpq(-1, 16)),)
    assert work[gradient_of("W_1")].value.items == (fmpq(-1, 16), fmpq(-1, 16), fmpq(1, 16), fmpq(1, 16))
    assert work[gradient_of("b_2")].value == fmpq(-1, 8)
    assert work[gradient_of("b_1")].value.nested() == column("-1/16", "1/16")


def test_their_wrong_turns() -> None:
    question = quizgen.solve("backprop.two-layer", **HALVES)
    assert answers(question)[:2] == [rational("-0.125"), column("-0.0625", "0.0625")]
    sharper = "-0.1175"  # σ(1/2) is 0.6225, and 0.6225 · 0.3775 is 0.2350 in the place of a quarter
    assert wrong(question, 1) == {
        "σ' forgotten": "-0.5000", "delta at a": "-0.5000", "σ' taken at a": sharper, "sign": "0.1250",
        "factor 2": "-0.2500",
    }  # fmt: skip
    assert wrong(question, 2)["σ' forgotten"] == "[[-1.0000], [1.0000]]"
    assert wrong(question, 2)["delta at a"] == "[[-0.2500], [0.2500]]"
    assert wrong(question, 3)["z for a"] == "[[0.0000, 0.0000]]"


def test_a_batch_of_the_same_sample_twice_doubles_the_gradients() -> None:
    question = quizgen.solve("backprop.two-layer", **HALVES | {"x": [[1, 1], [1, 1]], "y": [[1, 1]]})
    delta2, delta1, w2, b2, w1, b1 = answers(question)
    assert delta2 == ((fmpq(-1, 8), fmpq(-1, 8)),)
    assert delta1 == ((fmpq(-1, 16),) * 2, (fmpq(1, 16),) * 2)
    assert w2 == ((fmpq(-1, 8), fmpq(-1, 8)),)
    assert b2 == fmpq(-1, 4)
    assert w1 == ((fmpq(-1, 8),) * 2, (fmpq(1, 8),) * 2)
    assert b1 == column("-0.125", "0.125")
    assert wrong(question, 4)["mean for sum"] == "-0.1250"


def test_weights_that_are_not_transposed() -> None:
    """Both outputs have δ = -1/8: the columns of W₂ add up to 4 and 2, its rows to 3 and 3."""
    given = HALVES | {"y": [[1], [1]], "W_2": [[2, 1], [2, 1]], "b_2": [["-1.5"], ["-1.5"]]}
    question = quizgen.solve("backprop.two-layer", **given)
    assert answers(question)[1] == column("-0.125", "-0.0625")
    assert wrong(question, 2)["W not transposed"] == "[[-0.0938], [-0.0938]]"


def test_one_unit_in_each_layer_is_asked_in_numbers() -> None:
    """z₁ = 1 - 1 and z₂ = 2/2 - 1 are 0: δ₂ = 1/8, δ₁ = 2 · 1/8 · 1/4."""
    one = {"x": [[1]], "y": [[0]], "W_1": [[1]], "b_1": [[-1]], "W_2": [[2]], "b_2": [[-1]]}
    question = quizgen.solve("backprop.two-layer", **one)
    assert answers(question) == [fmpq(1, 8), fmpq(1, 16), fmpq(1, 16), fmpq(1, 16)]
    work = backprop.two_layer(1, 0, 1, -1, 2, -1)
    assert work[r"\delta_1"].value == fmpq(1, 16)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"x": [[1, 2]]}, "x must be 2 by 2"),
        ({"y": [[1], [1]]}, "y must be 1 by 1"),
        ({"b_1": [[0, 0]]}, "b_1 must be 2 by 1 here: vectors are columns"),
        ({"W_2": [[1, 2, 3]]}, "W_2 must be 1 by 2"),
    ],
)
def test_what_does_not_go_together_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        quizgen.solve("backprop.two-layer", **HALVES | change)
