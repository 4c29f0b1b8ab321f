"""Attention that others have worked, and small cases worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError
from quizgen_solvers import ExactError, attention
from quizgen_solvers.exact import fmpq
from quizgen_solvers.quantity import concat, constant

# Stefania Cristina, "The Attention Mechanism from Scratch", Machine Learning Mastery, 2022: four words as unit vectors
# and their sum, and weight matrices of small whole numbers, give these queries, keys and values.
WORDS = {
    "Q": [[2, 0, 2], [2, 0, 0], [4, 0, 2], [2, 1, 2]],
    "K": [[2, 2, 2], [0, 2, 1], [2, 4, 3], [0, 1, 1]],
    "V": [[1, 1, 0], [0, 1, 1], [1, 2, 1], [0, 0, 0]],
}
# Andrej Karpathy, "Let's build GPT", 2023, on the averages that a causal mask makes of equal scores.
PREFIXES = {"Q": [[0], [0], [0]], "K": [[0], [0], [0]], "V": [[2, 7], [6, 4], [6, 5]], "causal": True}
# Two heads with equal keys each, so that every weight is a half.
HEADS = {
    "Q": [[1, 0, 2, 1], [0, 1, 1, 1]],
    "K": [[1, 1, 2, 0], [1, 1, 2, 0]],
    "V": [[4, 0, 2, 2], [0, 2, 0, 4]],
    "W_o": [[1, 0], [0, 1], [1, 1], [2, -1]],
    "heads": 2,
}


def answers(question: quizgen.Question) -> list[Any]:
    return [part.centre for part in question.parts]


def decimals(rows: Any) -> list[list[str]]:
    return [[f"{float(x):.4f}" for x in row] for row in rows]


def wrong(question: quizgen.Question, part: int) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in question.parts[part - 1].mistakes}


def test_the_four_words_of_a_tutorial() -> None:
    scores, weights, output = answers(quizgen.solve("attention.scores", **WORDS))
    assert decimals(scores)[0] == ["4.6188", "1.1547", "5.7735", "1.1547"]  # 8, 2, 10 and 2 over √3
    assert decimals(weights) == [
        ["0.2361", "0.0074", "0.7491", "0.0074"],
        ["0.4548", "0.0452", "0.4548", "0.0452"],
        ["0.2393", "0.0007", "0.7592", "0.0007"],
        ["0.0900", "0.0028", "0.9057", "0.0016"],
    ]
    assert decimals(output) == [
        ["0.9852", "1.7417", "0.7565"],
        ["0.9097", "1.4097", "0.5000"],
        ["0.9985", "1.7585", "0.7600"],
        ["0.9956", "1.9041", "0.9085"],
    ]


def test_two_words_of_the_illustrated_transformer() -> None:
    """Jay Alammar, 2018: scores of 112 and 96 under d_k = 64 are 14 and 12, whose softmax is 0.88 and 0.12."""
    query, keys = [[1] * 64], [["1.75"] * 64, ["1.5"] * 64]
    scores, weights, output = answers(quizgen.solve("attention.scores", Q=query, K=keys, V=[[1], [0]]))
    assert scores == ((14, 12),)
    assert [round(float(x), 2) for x in weights[0]] == [0.88, 0.12]
    assert output == ((weights[0][0],),)


def test_a_causal_mask_over_equal_scores_averages_what_came_before() -> None:
    _, weights, output = answers(quizgen.solve("attention.scores", **PREFIXES))
    assert decimals(weights) == [["1.0000", "0.0000", "0.0000"], ["0.5000", "0.5000", "0.0000"], ["0.3333"] * 3]
    assert decimals(output) == [["2.0000", "7.0000"], ["4.0000", "5.5000"], ["4.6667", "5.3333"]]
    work = attention.scores(PREFIXES["Q"], PREFIXES["K"], PREFIXES["V"], causal=True)
    assert work["Z"].value.nested()[2] == (fmpq(14, 3), fmpq(16, 3)), "equal scores give exact weights"


def test_its_wrong_turns_worked_by_hand() -> None:
    question = quizgen.solve("attention.scores", **PREFIXES)
    assert wrong(question, 2) == {
        "softmax over columns": "[[0.3333, 0.0000, 0.0000], [0.3333, 0.5000, 0.0000], [0.3333, 0.5000, 1.0000]]",
        "mask forgotten": "[[0.3333, 0.3333, 0.3333], [0.3333, 0.3333, 0.3333], [0.3333, 0.3333, 0.3333]]",
        "mask after softmax": "[[0.3333, 0.0000, 0.0000], [0.3333, 0.3333, 0.0000], [0.3333, 0.3333, 0.3333]]",
    }
    assert wrong(question, 3)["mask after softmax"] == "[[0.6667, 2.3333], [2.6667, 3.6667], [4.6667, 5.3333]]"


def test_scores_without_the_root_and_with_d_k() -> None:
    question = quizgen.solve("attention.scores", Q=[[1, 1, 1, 1]], K=[[1, 1, 1, 1], [1, 1, 1, -1]], V=[[1], [2]])
    assert answers(question)[0] == ((2, 1),)
    assert wrong(question, 1) == {"no scaling": "[[4, 2]]", "divided by d_k": "[[1, 0.5]]"}


def test_two_heads_side_by_side() -> None:
    """Equal keys: both heads give the mean of their values, (2, 1) and (1, 3); W_o makes 2 + 1 + 6 and 1 + 1 - 3."""
    question = quizgen.solve("attention.scores", **HEADS)
    first, second, output = answers(question)
    half = (fmpq(1, 2), fmpq(1, 2))
    assert first == second == (half, half)
    assert output == ((9, -1), (9, -1))
    assert decimals(question.work["C"].value.nested()) == [["2.0000", "1.0000", "1.0000", "3.0000"]] * 2


def test_the_width_under_the_root_is_that_of_a_head() -> None:
    heads = HEADS | {"K": [[1, 1, 2, 0], [0, 0, 2, 0]]}
    question = quizgen.solve("attention.scores", **heads)
    assert decimals(answers(question)[0])[0] == ["0.6698", "0.3302"]  # 1 / (1 + exp(-1 / √2))
    assert wrong(question, 1)["scaled by the whole width"] == "[[0.6225, 0.3775], [0.6225, 0.3775]]"  # exp(-1 / 2)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"K": [[1, 1], [1, 1]]}, "equally wide"),
        ({"V": [[1, 1, 1, 1]]}, "a row for every row of K"),
        ({"heads": 3}, "3 heads can't share 4 and 4 columns evenly"),
        ({"W_o": [[1, 0]]}, "a W_o, here of 4 rows"),
        ({"heads": 1}, "several heads, and only they"),
        ({"K": [[1, 1, 2, 0]], "V": [[4, 0, 2, 2]], "causal": True}, "as many queries as keys"),
    ],
)
def test_what_does_not_go_together_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        quizgen.solve("attention.scores", **HEADS | change)


def test_matrices_stand_side_by_side_only_at_one_height() -> None:
    assert concat([[1], [2]], [[3, 4], [5, 6]]).value.nested() == ((1, 3, 4), (2, 5, 6))
    with pytest.raises(ExactError, match="unequal heights"):
        concat(constant([[1]]), [[1], [2]])
