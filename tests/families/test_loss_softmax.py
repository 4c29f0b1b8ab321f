"""Softmax: probabilities that courses print, and wrong turns by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import quizgen
from quizgen.errors import ParameterError
from quizgen_solvers import loss
from quizgen_solvers.exact import decimal, rational


def probabilities(*logits: Any, **given: Any) -> str:
    return quizgen.solve("loss.softmax", logits=logits, **given).parts[0].answer


def wrong(question: quizgen.Question) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in question.parts[0].mistakes}


def test_cs231n() -> None:
    # CS231n, Linear classification: scores -2.85, 0.86, 0.28; exponentials 0.058, 2.36, 1.32; 0.016, 0.631, 0.353.
    # The first share comes of the rounded exponential, 0.058/3.738; unrounded it is 0.0154.
    work = loss.softmax(["-2.85", "0.86", "0.28"])
    assert [decimal(work[f"w_{i}"].value, 2) for i in (1, 2, 3)] == ["0.06", "2.36", "1.32"]
    assert decimal(work["w_1"].value, 3) == "0.058"
    assert [decimal(work[f"p_{i}"].value, 3) for i in (1, 2, 3)] == ["0.015", "0.631", "0.353"]
    assert probabilities("-2.85", "0.86", "0.28") == "(0.0154, 0.6312, 0.3534)"


def test_cs231n_shifts_large_scores() -> None:
    # The same notes: 123, 456, 789 become -666, -333, 0.
    work = loss.softmax([123, 456, 789], shift=True)
    assert [work[f"u_{i}"].value for i in (1, 2, 3)] == [-666, -333, 0]
    assert probabilities(123, 456, 789, shift=True) == "(0.0000, 0.0000, 1.0000)"


def test_a_published_example_step_by_step() -> None:
    # freeacademy.ai, "Softmax and temperature": 2.5, 1, -0.5.
    work = loss.softmax(["2.5", 1, "-0.5"])
    assert [decimal(work[f"w_{i}"].value, 2) for i in (1, 2, 3)] == ["12.18", "2.72", "0.61"]
    assert [decimal(work[f"p_{i}"].value, 3) for i in (1, 2, 3)] == ["0.786", "0.175", "0.039"]  # 0.785 there: cut off
    warm = loss.softmax(["2.5", 1, "-0.5"], temperature=2)
    assert [warm[f"u_{i}"].value for i in (1, 2, 3)] == [rational(x) for x in ("1.25", "0.5", "-0.25")]


@pytest.mark.parametrize(
    ("temperature", "printed"),
    [
        (1, ("0.090", "0.245", "0.665")),  # crackedaicode.com, "Temperature scaling": logits 1, 2, 3
        ("1/2", ("0.016", "0.117", "0.867")),
        (2, ("0.186", "0.307", "0.506")),
    ],
)
def test_published_temperatures(temperature: Any, printed: tuple[str, ...]) -> None:
    work = loss.softmax([1, 2, 3], temperature)
    found = [decimal(work[f"p_{i}"].value, 3) for i in (1, 2, 3)]
    assert tuple(found) == printed


def test_two_logits_are_a_sigmoid() -> None:
    # e^ln3 is 3: a quarter and three quarters, to the last digit that is asked for.
    assert probabilities(0, "1.0986122886681098") == "(0.2500, 0.7500)"


@given(st.lists(st.integers(-40, 40), min_size=2, max_size=4), st.integers(-50, 50))
def test_a_shift_changes_nothing(tenths: list[int], shift: int) -> None:
    # Goodfellow, Bengio and Courville, Deep Learning, section 4.1: softmax(z + c) = softmax(z).
    plain = loss.softmax([f"{n}/10" for n in tenths])["p"].value
    moved = loss.softmax([f"{n + shift}/10" for n in tenths], shift=True)["p"].value
    assert [decimal(x, 12) for x in plain.items] == [decimal(x, 12) for x in moved.items]


def test_wrong_turns() -> None:
    # p = e^½, e, e^1½ over their sum.
    question = quizgen.solve("loss.softmax", logits=(1, 2, 3), temperature=2)
    assert question.parts[0].answer == "(0.1863, 0.3072, 0.5065)"
    assert wrong(question) == {
        "not normalised": "(1.6487, 2.7183, 4.4817)",
        "exponential forgotten": "(0.1667, 0.3333, 0.5000)",  # 0.5 : 1 : 1.5
        "temperature multiplied": "(0.0159, 0.1173, 0.8668)",  # what a temperature of one half gives
        "temperature left out": "(0.0900, 0.2447, 0.6652)",
    }


def test_wrong_turns_after_a_shift() -> None:
    # The shifted logits are -2, -1, 0: their shares 2/3, 1/3 and 0 of one another.
    question = quizgen.solve("loss.softmax", logits=(101, 102, 103), shift=True)
    assert wrong(question) == {
        "not normalised": "(0.1353, 0.3679, 1.0000)",
        "exponential forgotten": "(0.6667, 0.3333, 0.0000)",
    }


def test_a_share_of_nothing_is_no_wrong_turn() -> None:
    # -1, 0 and 1 add up to 0, so who forgets the exponential gets no answer at all.
    names = {way.name for way in quizgen.solve("loss.softmax", logits=(-1, 0, 1)).mistakes}
    assert names == {"not normalised"}


def test_partial_credit_counts_entries() -> None:
    question = quizgen.solve("loss.softmax", logits=(1, 2, 3))
    verdict = question.check("(0.0900, 0.2447, 0.7)")
    assert (str(verdict.credit), verdict.right) == ("2/3", False)
    assert "entry 3" in verdict.reason


def test_what_cannot_be_worked() -> None:
    with pytest.raises(ParameterError, match="give shift=yes"):
        quizgen.solve("loss.softmax", logits=(101, 2))
    with pytest.raises(ParameterError, match="2 to 10 logits, not 1"):
        quizgen.solve("loss.softmax", logits=(1,))
