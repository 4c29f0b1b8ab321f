"""Shapes of attention that others have printed, and the usual wrong turns on them."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError
from quizgen_solvers import ExactError, attention


def shapes(**given: Any) -> dict[str, tuple[int, ...]]:
    question = quizgen.solve("attention.shapes", **given)
    return {
        name: tuple(int(x) for x in part.centre)
        for name, part in zip(question.source.names, question.parts, strict=True)
    }


def wrong(question: quizgen.Question) -> dict[str, list[str]]:
    """For each mistake what it makes of the parts that it changes."""
    found: dict[str, list[str]] = {}
    for part in question.parts:
        for mistake in part.mistakes:
            found.setdefault(mistake.name, []).append(mistake.value)
    return found


def test_two_words_of_a_decoder_ask_four_of_an_encoder() -> None:
    """A course's review sheet, "Scaled dot-product attention": 4 × 512 encoded, 2 × 512 decoded, projected to 64."""
    found = shapes(n=2, m=4, d=512, d_k=64)
    assert found == {"Q": (2, 64), "K": (4, 64), "V": (4, 64), "S": (2, 4), "Z": (2, 64)}


def test_its_wrong_turns() -> None:
    assert wrong(quizgen.solve("attention.shapes", n=2, m=4, d=512, d_k=64)) == {
        "decoder length for keys": ["(2, 64)", "(2, 64)", "(2, 2)"],
        "scores turned round": ["(4, 2)"],
        "inner size kept": ["(2, 64)"],
        "not projected": ["(2, 512)", "(4, 512)", "(4, 512)", "(2, 512)"],
    }


def test_the_heads_of_the_first_transformer() -> None:
    """Vaswani and others, 2017, section 3.2.2: d_model = 512 and h = 8, so that d_k = d_v = 64."""
    found = shapes(n=10, d=512, heads=8)
    assert found["Q"] == found["K"] == found["V"] == (8, 10, 64)
    assert found["S"] == (8, 10, 10)
    assert found["C"] == (10, 512)
    assert found["W_o"] == (512, 512)
    assert found["Z"] == (10, 512)


def test_the_heads_of_the_same_sheet_with_the_output_matrix_put_right() -> None:
    """Heads of n × d_k stand side by side as n × h·d_k; W_o is h·d_v by d_model, and not d_model by h·d_model."""
    question = quizgen.solve("attention.shapes", n=2, m=4, d=512, d_k=64, heads=3)
    assert [int(x) for x in question.parts[4].centre] == [2, 192]
    assert [int(x) for x in question.parts[5].centre] == [192, 512]
    assert wrong(question)["concat forgotten"] == ["(2, 64)", "(64, 512)"]
    assert wrong(question)["output matrix turned"] == ["(512, 192)"]


def test_a_batch_comes_before_the_heads_and_not_before_the_weights() -> None:
    given = {"n": 7, "m": 9, "d": 32, "d_k": 4, "d_v": 6, "heads": 3, "batch": 5}
    assert shapes(**given) == {
        "Q": (5, 3, 7, 4), "K": (5, 3, 9, 4), "V": (5, 3, 9, 6), "S": (5, 3, 7, 9),
        "C": (5, 7, 18), "W_o": (18, 32), "Z": (5, 7, 32),
    }  # fmt: skip
    found = wrong(quizgen.solve("attention.shapes", **given))
    assert found["batch in the weights"] == ["(5, 18, 32)"]
    assert found["heads forgotten"] == ["(5, 7, 4)", "(5, 9, 4)", "(5, 9, 6)", "(5, 7, 9)"]
    assert found["joined along the tokens"] == ["(5, 21, 6)", "(6, 32)", "(5, 21, 32)"]


def test_a_width_that_heads_cannot_share_is_refused() -> None:
    with pytest.raises(ParameterError, match="can't share a width of 50 evenly: give d_k"):
        quizgen.solve("attention.shapes", n=2, d=50, heads=4)
    with pytest.raises(ExactError, match="4 heads can't share"):
        attention.shapes(2, 50, heads=4)
