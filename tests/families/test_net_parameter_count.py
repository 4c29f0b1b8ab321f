"""Parameter counts that textbooks and the courses print."""

from __future__ import annotations

import pytest

import quizgen
from quizgen.errors import ParameterError, SolveError
from quizgen_solvers import net


def answers(question: quizgen.Question) -> tuple[int, ...]:
    return tuple(int(part.answer) for part in question.parts)


def wrong(question: quizgen.Question, part: int) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in question.part(part).mistakes}


@pytest.mark.parametrize(
    ("sizes", "weights", "biases", "total"),
    [
        ((20, 50, 100, 3), 6300, 153, 6453),  # a course's cheat sheet: (20·50 + 50) + (50·100 + 100) + (100·3 + 3)
        ((3, 4, 2), 20, 6, 26),  # CS231n, Neural networks 1: sizing, the first network
        ((3, 4, 4, 1), 32, 9, 41),  # and the second
        ((784, 512, 10), 406_528, 522, 407_050),  # Chollet, Deep Learning with Python: 401,920 + 5,130
        ((784, 30, 10), 23_820, 40, 23_860),  # Nielsen, Neural Networks and Deep Learning, chapter 3: nearly 24,000
        ((784, 100, 10), 79_400, 110, 79_510),  # and nearly 80,000
        ((2, 3, 4, 5, 1), 43, 13, 56),  # Benjamin Li, Learning ML/DL, 2025: 6 + 12 + 20 + 5 weights
    ],
)
def test_published_counts(sizes: tuple[int, ...], weights: int, biases: int, total: int) -> None:
    assert answers(quizgen.solve("net.parameter-count", sizes=sizes)) == (weights, biases, total)


def test_why_images_are_convolved() -> None:
    # J. Adamczyk, Deep Learning Lecture Notes, equation 2.1: two layers as wide as a 256 by 256 colour image.
    width = 256 * 256 * 3
    assert width == 196_608
    assert answers(quizgen.solve("net.parameter-count", sizes=(width,) * 3))[2] == 77_309_804_544


def test_wrong_turns_on_the_cheat_sheets_network() -> None:
    question = quizgen.solve("net.parameter-count", sizes=(20, 50, 100, 3))
    assert wrong(question, 1) == {}
    assert wrong(question, 2) == {
        "bias forgotten": "0",
        "input counted as a layer": "173",  # 20 more
        "one bias for a layer": "3",
    }
    assert wrong(question, 3) == {
        "bias forgotten": "6300",
        "input counted as a layer": "6473",
        "one bias for a layer": "6303",
    }


def test_a_layer_without_biases_is_counted_by_the_solver() -> None:
    assert net.parameter_count((20, 50, 100, 3), bias=False)["P"].value == 6300


def test_the_width_that_a_budget_pays_for() -> None:
    # 20-h-3: a unit brings 20 + 1 + 3 = 24, and 3 biases of the output are there anyway. 987/24 = 41.125.
    question = quizgen.solve("net.parameter-count", sizes=(20, 1, 3), find="width", layer=1, budget=990)
    assert answers(question) == (41,)
    assert wrong(question, 1) == {"rounded up": "42", "bias forgotten": "42"}  # 987/23 = 42.9
    assert net.parameter_count((20, 41, 3))["P"].value == 987
    assert net.parameter_count((20, 42, 3))["P"].value == 1011


def test_who_forgets_the_rest_gets_a_unit_more() -> None:
    # 20-h-3 with 1010: (1010 - 3)/24 = 41.96, and 1010/24 = 42.08.
    question = quizgen.solve("net.parameter-count", sizes=(20, 1, 3), find="width", budget=1010)
    assert answers(question) == (41,)
    assert wrong(question, 1)["rest forgotten"] == "42"


def test_a_width_between_other_hidden_layers() -> None:
    # 10-20-h-30-4: rest (10·20 + 20) + (30·4 + 4) + 30 = 374, each unit 20 + 1 + 30 = 51: 5000 pays for 90, 4964.
    question = quizgen.solve("net.parameter-count", sizes=(10, 20, 1, 30, 4), find="width", layer=2, budget=5000)
    assert answers(question) == (90,)
    assert net.parameter_count((10, 20, 90, 30, 4))["P"].value == 4964
    assert "**10-20-h-30-4**" in question.statement


def test_a_budget_that_is_met_exactly_is_not_exceeded() -> None:
    assert answers(quizgen.solve("net.parameter-count", sizes=(20, 1, 3), find="width", budget=987)) == (41,)
    assert answers(quizgen.solve("net.parameter-count", sizes=(20, 1, 3), find="width", budget=986)) == (40,)


def test_what_cannot_be_counted() -> None:
    with pytest.raises(SolveError, match="does not pay for a single unit"):
        quizgen.solve("net.parameter-count", sizes=(20, 1, 3), find="width", budget=26)
    with pytest.raises(ParameterError, match="layer 2 is none of the 1 hidden layers"):
        quizgen.solve("net.parameter-count", sizes=(20, 1, 3), find="width", layer=2)
    with pytest.raises(ParameterError, match="at least an input and an output"):
        quizgen.solve("net.parameter-count", sizes=(20,))
