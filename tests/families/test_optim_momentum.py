"""Momentum in the three forms that courses have: published steps, PyTorch's own, and wrong turns by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import quizgen
from quizgen_solvers import optim
from quizgen_solvers.exact import rational
from quizgen_solvers.optim import Convention

CONVENTIONS: tuple[Convention, ...] = ("heavy ball", "averaged", "Nesterov")


def steps(gradients: Any, convention: Convention, **given: Any) -> tuple[list[Any], list[Any]]:
    """The parameter and the velocity after every step."""
    work = optim.momentum(given.pop("theta"), gradients, convention=convention, **given)
    every = range(1, len(gradients) + 1)
    return [work[rf"\theta_{t}"].value for t in every], [work[f"v_{t}"].value for t in every]


def wrong(question: quizgen.Question, part: int) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in question.part(part).mistakes}


def decimals(*texts: str) -> list[Any]:
    return [rational(text) for text in texts]


def test_a_published_descent_with_a_heavy_ball() -> None:
    # University of Saida, "Momentum gradient descent": f = (x - 4)² from 10, rate 0.2, momentum 0.9. It adds a negative
    # velocity where we take off a positive one: x = 7.6, 4, 0.76 and v = -2.4, -3.6, -3.24.
    thetas, velocities = steps(["12", "7.2", "0"], "heavy ball", theta=10, lr="0.2", gamma="0.9")
    assert thetas == decimals("7.6", "4", "0.76")
    assert velocities == decimals("2.4", "3.6", "3.24")


def test_averaged_as_notes_have_it() -> None:
    # v = βv + (1 - β)g, w = w - αv (a course's cheat sheet, and "Introduction to Machine Learning", 2025, alike).
    # By hand with β = 0.9, α = 0.1: v = 0.1·2 = 0.2, then 0.18 - 0.1 = 0.08; w = 1 - 0.02, then 0.98 - 0.008.
    thetas, velocities = steps([2, -1], "averaged", theta=1, lr="0.1", gamma="0.9")
    assert (thetas, velocities) == (decimals("0.98", "0.972"), decimals("0.2", "0.08"))


def test_nesterov_by_hand() -> None:
    # v = 2, then 1.8 - 1 = 0.8; θ = 1 - 0.1(2 + 1.8), then 0.62 - 0.1(-1 + 0.72).
    thetas, velocities = steps([2, -1], "Nesterov", theta=1, lr="0.1", gamma="0.9")
    assert (thetas, velocities) == (decimals("0.62", "0.648"), decimals("2", "0.8"))


def test_nesterov_looks_ahead() -> None:
    # Sutskever and others, ICML 2013, equations 3 and 4: v = μv - ε∇f(θ + μv), θ = θ + v. What is called θ here is
    # their θ + μv, the place where the gradient is taken: descend f = θ²/2 in both forms and compare.
    rate, mu = rational("0.1"), rational("0.9")
    theirs, v = rational(2), rational(0)
    ahead: list[Any] = []
    ours: list[Any] = []
    gradients: list[Any] = []
    for _ in range(4):
        place = theirs + mu * v
        gradients.append(place)
        v = mu * v - rate * place
        theirs += v
        ahead.append(theirs + mu * v)
        ours = steps(gradients, "Nesterov", theta=2, lr="0.1", gamma="0.9")[0]
    assert ours == ahead


@settings(max_examples=25)
@given(
    st.sampled_from(CONVENTIONS),
    st.lists(st.integers(-40, 40), min_size=1, max_size=4),
    st.sampled_from(["0", "0.5", "0.9", "0.99"]),
    st.integers(-20, 20),
)
def test_pytorch_has_all_three(convention: Convention, tenths: list[int], gamma: str, start: int) -> None:
    # Without a buffer of ours: PyTorch's first step takes the gradient itself, so momentum begins at the second one.
    import torch

    gradients = [f"{n}/10" for n in tenths]
    theta = torch.tensor([start / 10], dtype=torch.float64)
    dampening = float(gamma) if convention == "averaged" else 0.0
    nesterov = convention == "Nesterov" and float(gamma) > 0
    sgd = torch.optim.SGD([theta], lr=0.1, momentum=float(gamma), dampening=dampening, nesterov=nesterov)
    if float(gamma) > 0:
        sgd.state[theta]["momentum_buffer"] = torch.zeros(1, dtype=torch.float64)
    found = []
    for n in tenths:
        theta.grad = torch.tensor([n / 10], dtype=torch.float64)
        sgd.step()
        found.append(theta.item())
    exact, _ = steps(gradients, convention, theta=f"{start}/10", lr="0.1", gamma=gamma)
    assert found == pytest.approx([float(x) for x in exact], abs=1e-12)


def test_all_wrong_turns_of_a_heavy_ball() -> None:
    # θ: 0.9, 0.71; v: 0.1, 0.19.
    question = quizgen.solve("optim.momentum", theta=1, gradients=(1, 1), lr="0.1", gamma="0.9")
    assert [part.answer for part in question.parts] == ["0.9000", "0.7100", "0.1900"]
    assert wrong(question, 1) == {"uphill": "1.1000", "averaged instead": "0.9900", "Nesterov instead": "0.8100"}
    assert wrong(question, 2) == {
        "velocity reset": "0.8000",
        "uphill": "1.2900",
        "averaged instead": "0.9710",
        "Nesterov instead": "0.5390",  # 0.81 - 0.1(1 + 0.9·1.9)
    }
    assert wrong(question, 3) == {"velocity reset": "0.1000", "Nesterov instead": "1.9000"}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_taking_one_form_for_another_gives_that_forms_answers(convention: Convention) -> None:
    given: dict[str, Any] = {"theta": 2, "gradients": ("1.5", "-0.5", 3), "lr": "0.2", "gamma": "0.8", "v": "0.7"}
    question = quizgen.solve("optim.momentum", convention=convention, **given)
    others = {way.name.removesuffix(" instead"): way.values for way in question.mistakes if "instead" in way.name}
    assert others.keys() == set(CONVENTIONS) - {convention}
    for other, values in others.items():
        right = quizgen.solve("optim.momentum", convention=other, verify=False, **given)
        assert values == tuple(part.centre for part in right.parts)


def test_one_step_reads_as_one() -> None:
    question = quizgen.solve("optim.momentum", theta=1, gradients=1, verify=False)
    assert "make one step from" in question.statement
    assert "The gradient is $g_1 = 1$." in question.statement


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_first_line_names_the_convention(convention: Convention) -> None:
    question = quizgen.solve("optim.momentum", theta=1, gradients=(1, 2), convention=convention, verify=False)
    assert f"**{convention}**" in question.statement.splitlines()[0]
