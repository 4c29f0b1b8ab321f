"""Adam: published steps, and one worked by hand with all its wrong turns."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen_solvers import Work, optim
from quizgen_solvers.exact import decimal, rational

EASY = {"lr": "0.1", "beta1": "1/2", "beta2": "3/4", "eps": "0.1"}


def answers(question: quizgen.Question) -> list[str]:
    return [part.answer for part in question.parts]


def wrong(question: quizgen.Question, part: int) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in question.part(part).mistakes}


def digits(work: Work, symbol: str, places: int) -> str:
    return decimal(work[symbol].value, places)


def test_a_published_first_step() -> None:
    # MATH 3850, "The full Adam algorithm" (gbasran.github.io): f = θ² at θ₀ = 5, so g₁ = 10, with the paper's settings.
    work = optim.adam(5, [10], lr="0.1")
    found = [digits(work, symbol, 4) for symbol in ("m_1", "v_1", r"\hat m_1", r"\hat v_1", r"\theta_1")]
    assert found == ["1.0000", "0.1000", "10.0000", "100.0000", "4.9000"]


def test_its_second_step_by_hand() -> None:
    # g₂ = 2·4.9. m = 0.9 + 0.98, v = 0.0999 + 0.09604; corrected by 1 - 0.81 and 1 - 0.998001.
    work = optim.adam(5, [10, "9.8"], lr="0.1")
    found = [digits(work, symbol, 5) for symbol in ("m_2", "v_2", r"\hat m_2", r"\hat v_2", r"\theta_2")]
    assert found == ["1.88000", "0.19594", "9.89474", "98.01901", "4.80006"]


def test_another_published_first_step() -> None:
    # q4quant.studio, "Compute the first Adam update by hand": g = 4, α = 0.1; ε is 0 there.
    work = optim.adam(0, [4], lr="0.1", eps="1e-12")
    found = [digits(work, symbol, 4) for symbol in ("m_1", "v_1", r"\hat m_1", r"\hat v_1", r"\theta_1")]
    assert found == ["0.4000", "0.0160", "4.0000", "16.0000", "-0.1000"]


@pytest.mark.parametrize("gradient", ["-30", "-0.01", "0.5", "1/7", "99"])
@pytest.mark.parametrize("betas", [("0.9", "0.999"), ("1/2", "3/4"), ("0", "0.9")])
def test_the_first_step_is_as_long_as_the_rate(gradient: str, betas: tuple[str, str]) -> None:
    # Kingma and Ba, 2015, section 2.1: a step is about α at most. The first one, where |m̂| = √v̂, is α g/(|g| + ε).
    g, eps = rational(gradient), rational("1e-8")
    work = optim.adam(0, [gradient], lr="0.05", beta1=betas[0], beta2=betas[1])
    assert work[r"\theta_1"].value == -rational("0.05") * g / (abs(g) + eps)


def test_bias_correction_undoes_the_start_at_zero() -> None:
    # Kingma and Ba, section 3: for a constant gradient the corrected moments are the gradient and its square.
    work = optim.adam(1, [2, 2, 2], **EASY)
    for t in (1, 2, 3):
        assert (work[rf"\hat m_{t}"].value, work[rf"\hat v_{t}"].value) == (2, 4)
        assert digits(work, rf"\theta_{t}", 6) == {1: "0.904762", 2: "0.809524", 3: "0.714286"}[t]  # 0.2/2.1 a step


def test_without_bias_correction() -> None:
    # J. Adamczyk, Deep Learning Lecture Notes, equations 1.18 to 1.20, the numerator being the first moment.
    # m = 1 and 1.5, v = 1 and 1.75: 1 - 0.1/1.1 = 0.909091, less 0.15/(1.322876 + 0.1) = 0.803669.
    question = quizgen.solve("optim.adam", theta=1, gradients=(2, 2), bias_correction=False, **EASY)
    assert answers(question) == ["1.5000", "1.7500", "0.8037"]
    assert "without bias correction" in question.statement
    assert not question.work.has(r"\hat m_1")
    assert "no bias correction" not in wrong(question, 3)


def test_a_later_step_with_moments_given() -> None:
    # m = (0.3 + 2)/2 = 1.15, v = 0.6 + 1 = 1.6; t = 3: m̂ = 1.15/(7/8), v̂ = 1.6/(37/64); θ = 1 - 0.1·1.314286/1.763585.
    question = quizgen.solve("optim.adam", theta=1, gradients=2, m="0.3", v="0.8", t=2, **EASY)
    assert answers(question) == ["1.1500", "1.6000", "0.9255"]
    assert "make step 3 from" in question.statement


def test_every_wrong_turn_of_a_first_step() -> None:
    # m = 1, v = 1, m̂ = 2, v̂ = 4, θ = 1 - 0.2/2.1.
    question = quizgen.solve("optim.adam", theta=1, gradients=2, **EASY)
    assert answers(question) == ["1.0000", "1.0000", "0.9048"]
    assert wrong(question, 1) == {"betas swapped": "0.5000"}  # a quarter of 2
    assert wrong(question, 2) == {"betas swapped": "2.0000", "g for g²": "0.5000"}
    assert wrong(question, 3) == {
        "g for g²": "0.8679",  # v̂ = 2: 1 - 0.2/(1.414214 + 0.1)
        "no bias correction": "0.9091",  # 1 - 0.1/1.1
        "t off by one": "0.9173",  # m̂ = 4/3, v̂ = 16/7: 1 - 0.133333/1.611858
        "epsilon inside the root": "0.9012",  # 1 - 0.2/√4.1
    }


def test_wrong_turns_go_through_every_step() -> None:
    # Uncorrected all the way: the answer of the notes' convention above.
    question = quizgen.solve("optim.adam", theta=1, gradients=(2, 2), **EASY)
    assert answers(question)[2] == "0.8095"
    assert wrong(question, 3)["no bias correction"] == "0.8037"
    # v = 0.5 and 0.875 of g for g²: v̂ = 2 both times, so twice 0.2/1.514214.
    assert wrong(question, 3)["g for g²"] == "0.7358"


def test_a_tiny_epsilon_cannot_be_told_apart_inside_the_root() -> None:
    question = quizgen.solve("optim.adam", theta=1, gradients=2, eps="1e-8")
    assert "epsilon inside the root" not in {way.name for way in question.mistakes}


def test_diagnosis_names_what_happened() -> None:
    question = quizgen.solve("optim.adam", theta=1, gradients=2, **EASY)
    verdict = question.check("0.9091", 3)
    assert not verdict
    assert [found.name for found in verdict.diagnosed] == ["no bias correction"]


@pytest.mark.parametrize("given", [{"t": 9, "gradients": (1, 1)}, {"t": 99, "gradients": "1"}])
def test_two_digits_stay_one_subscript(given: dict[str, Any]) -> None:
    question = quizgen.solve("optim.adam", theta=1, m=1, v=1, **given)
    last = given["t"] + (2 if given["t"] == 9 else 1)
    assert question.part(3).prompt.startswith(rf"What is $\theta_{{{last}}}$?")
    assert question.solution[-1].latex[0] == rf"\theta_{{{last}}}"


@pytest.mark.parametrize(
    ("gradients", "words"),
    [("1", "The gradient is $g_1 = 1$."), ((1, 2), "The gradients are $g_1 = 1$ and $g_2 = 2$.")],
)
def test_gradients_in_words(gradients: Any, words: str) -> None:
    assert words in quizgen.solve("optim.adam", theta=1, gradients=gradients, verify=False).statement
