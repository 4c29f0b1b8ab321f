"""Optimisers by hand: one parameter, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .quantity import sqrt
from .work import Work

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
    at = work.given(rf"\theta_{t}", theta)
    m_t, v_t = work.given(f"m_{t}", m), work.given(f"v_{t}", v)
    alpha = work.given(r"\alpha", lr, "learning rate")
    b1, b2 = work.given(r"\beta_1", beta1), work.given(r"\beta_2", beta2)
    epsilon = work.given(r"\epsilon", eps)
    for gradient in gradients:
        t += 1
        g = work.given(f"g_{t}", gradient, f"gradient of step {t}")
        step = work.given("t", t, "number of the step") if len(gradients) == 1 else t
        m_t = work.let(f"m_{t}", b1 * m_t + (1 - b1) * g, "first moment")
        v_t = work.let(f"v_{t}", b2 * v_t + (1 - b2) * g**2, "second moment")
        top, bottom = m_t, v_t
        if bias_correction:
            top = work.let(rf"\hat m_{t}", m_t / (1 - b1**step), "bias-corrected first moment")
            bottom = work.let(rf"\hat v_{t}", v_t / (1 - b2**step), "bias-corrected second moment")
        at = work.let(rf"\theta_{t}", at - alpha * top / (sqrt(bottom) + epsilon), "update")
    return work
