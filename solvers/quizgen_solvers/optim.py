"""Optimisers by hand: one parameter, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from . import exact
from .quantity import Quantity, sqrt
from .work import Work, Wrong, indexed

DECIMALS = 6
"""To how many decimals the lines of these solutions are carried."""


def adam(
    theta: Any,
    gradients: Sequence[Any],
    *,
    lr: Any = "0.001",
    beta1: Any = "0.9",
    beta2: Any = "0.999",
    eps: Any = "1e-8",
    m: Any = 0,
    v: Any = 0,
    t: int = 0,
    bias_correction: bool = True,
    decimals: int = DECIMALS,
) -> Work:
    """Adam on one parameter, a step for each gradient, after ``t`` steps that left the moments ``m`` and ``v``.

    Lines are named ``m_t``, ``v_t``, with bias correction ``\\hat m_t``, ``\\hat v_t``, and ``\\theta_t``.
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1. Without bias
    correction the moments themselves stand in the update, as some course notes have it.
    """
    work = Work(decimals)
    at = work.given(indexed(r"\theta", t), theta)
    m_t, v_t = work.given(indexed("m", t), m), work.given(indexed("v", t), v)
    alpha = work.given(r"\alpha", lr, "learning rate")
    b1, b2 = work.given(r"\beta_1", beta1), work.given(r"\beta_2", beta2)
    epsilon = work.given(r"\epsilon", eps)
    for gradient in gradients:
        t += 1
        g = work.given(indexed("g", t), gradient, f"gradient of step {t}")
        step = work.given("t", t, "number of the step") if len(gradients) == 1 else t
        m_t = work.let(indexed("m", t), b1 * m_t + (1 - b1) * g, "first moment")
        v_t = work.let(indexed("v", t), b2 * v_t + (1 - b2) * g**2, "second moment")
        top, bottom = m_t, v_t
        if bias_correction:
            top = work.let(indexed(r"\hat m", t), m_t / (1 - b1**step), "bias-corrected first moment")
            bottom = work.let(indexed(r"\hat v", t), v_t / (1 - b2**step), "bias-corrected second moment")
        at = work.let(indexed(r"\theta", t), at - alpha * top / (sqrt(bottom) + epsilon), "update")
    return work


def adam_mistakes(work: Work, t: int, steps: int) -> Iterator[Wrong]:
    """The wrong turns of `adam` in a work that makes ``steps`` steps after ``t``."""
    b1, b2, rate, epsilon = (work[name] for name in (r"\beta_1", r"\beta_2", r"\alpha", r"\epsilon"))
    made = range(t + 1, t + 1 + steps)

    def the(name: str, i: int) -> Quantity:
        return work[indexed(name, i)]

    corrected = work.has(indexed(r"\hat m", t + 1))
    hat = r"\hat " if corrected else ""

    def each(symbol: str, wrong: Callable[[int], Any]) -> dict[Quantity, Any]:
        return {the(symbol, i): wrong(i) for i in made}

    yield "betas swapped", "β₁ belongs to the first moment and β₂ to the second.", {b1: b2.value, b2: b1.value}
    squares = "The second moment averages the squares of the gradients."
    yield "g for g²", squares, each("v", lambda i: b2 * the("v", i - 1) + (1 - b2) * the("g", i))
    if corrected:
        raw = each(r"\hat m", lambda i: the("m", i)) | each(r"\hat v", lambda i: the("v", i))
        yield "no bias correction", "Divide both moments by 1 − βᵗ before the update.", raw
        late = each(r"\hat m", lambda i: the("m", i) / (1 - b1 ** (i + 1)))
        late |= each(r"\hat v", lambda i: the("v", i) / (1 - b2 ** (i + 1)))
        yield "t off by one", "The first step is t = 1: correct with the number of the step just made.", late
    if epsilon.value >= exact.rational("0.001"):  # a smaller one changes no digit that is asked for

        def inside(i: int) -> Any:
            root = sqrt(the(f"{hat}v", i) + epsilon)
            return the(r"\theta", i - 1) - rate * the(f"{hat}m", i) / root

        yield "epsilon inside the root", "ε is added to the root, not under it.", each(r"\theta", inside)


Convention = Literal["heavy ball", "averaged", "Nesterov"]


def momentum(
    theta: Any,
    gradients: Sequence[Any],
    *,
    convention: Convention = "heavy ball",
    lr: Any = "0.1",
    gamma: Any = "0.9",
    v: Any = 0,
    decimals: int = DECIMALS,
) -> Work:
    """Gradient descent with momentum on one parameter, a step for each gradient, from the velocity ``v``.

    Three conventions, which are not the same method with other names:

    * heavy ball: v_t = γ v_{t-1} + η g_t, θ_t = θ_{t-1} - v_t (Polyak 1964; the rate is inside the velocity);
    * averaged: v_t = γ v_{t-1} + (1 - γ) g_t, θ_t = θ_{t-1} - η v_t;
    * Nesterov: v_t = γ v_{t-1} + g_t, θ_t = θ_{t-1} - η (g_t + γ v_t) (as PyTorch has it, after Sutskever and others,
      "On the importance of initialization and momentum in deep learning", ICML 2013).

    Lines are named ``v_t`` and ``\\theta_t``.
    """
    work = Work(decimals)
    at, velocity = work.given(r"\theta_0", theta), work.given("v_0", v)
    rate, decay = work.given(r"\eta", lr, "learning rate"), work.given(r"\gamma", gamma, "momentum")
    for t, gradient in enumerate(gradients, 1):
        g = work.given(indexed("g", t), gradient, f"gradient of step {t}")
        velocity = work.let(indexed("v", t), next_velocity(convention, decay, rate, velocity, g), "velocity")
        at = work.let(indexed(r"\theta", t), at - descent(convention, decay, rate, velocity, g), "update")
    return work


def next_velocity(convention: Convention, decay: Quantity, rate: Quantity, v: Quantity | int, g: Quantity) -> Quantity:
    """The velocity after a gradient; see `momentum`."""
    if convention == "heavy ball":
        return decay * v + rate * g
    return decay * v + ((1 - decay) * g if convention == "averaged" else g)


def descent(convention: Convention, decay: Quantity, rate: Quantity, v: Quantity, g: Quantity) -> Quantity:
    """What is taken off the parameter; see `momentum`."""
    if convention == "heavy ball":
        return v
    return rate * v if convention == "averaged" else rate * (g + decay * v)
