"""Losses and the probabilities that go into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .quantity import Quantity, exp, stack, sum_of
from .work import Work, Wrong, indexed

DECIMALS = 6
"""To how many decimals the lines of these solutions are carried."""


def softmax(logits: Sequence[Any], temperature: Any = 1, shift: bool = False, decimals: int = DECIMALS) -> Work:
    """Probabilities from logits, at a temperature, number by number: p_i = e^(z_i / T) / Σ_j e^(z_j / T).

    With ``shift`` the largest logit is taken off every one first, which changes no probability and keeps the
    exponentials small. Lines are ``u_i`` (what goes into the exponential, where it differs from ``z_i``), ``w_i``,
    their sum ``S``, and the probabilities ``p``.
    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, sections 4.1 and 6.2.2.3.
    """
    work = Work(decimals)
    z = [work.given(indexed("z", i), value) for i, value in enumerate(logits, 1)]
    into: list[Quantity] = z
    if shift:
        values = [q.value for q in z]
        top = work.let("c", z[values.index(max(values))], "the largest logit")
        into = [work.let(indexed("u", i), q - top, "shifted, which changes no probability") for i, q in enumerate(z, 1)]
    if temperature != 1:
        t = work.given("T", temperature, "temperature")
        into = [
            work.let(indexed("v" if shift else "u", i), q / t, "divided by the temperature")
            for i, q in enumerate(into, 1)
        ]
    weights = [work.let(indexed("w", i), exp(q), "exponential") for i, q in enumerate(into, 1)]
    norm = work.let("S", sum_of(weights), "their sum")
    shares = [work.let(indexed("p", i), w / norm, "its share of the sum") for i, w in enumerate(weights, 1)]
    work.let("p", stack(*shares), "the probabilities")
    return work


def softmax_mistakes(work: Work, count: int) -> Iterator[Wrong]:
    """The wrong turns of `softmax` over ``count`` logits."""
    every = range(1, count + 1)
    weights, shares = ([work[indexed(name, i)] for i in every] for name in "wp")
    into = [w.args[0] for w in weights]  # what stands in the exponents
    yield (
        "not normalised",
        "Probabilities add up to 1: divide every exponential by their sum.",
        dict(zip(shares, weights, strict=True)),
    )
    yield (
        "exponential forgotten",
        "Softmax takes the share of the exponentials, not of the logits themselves.",
        dict(zip(weights, into, strict=True)),
    )
    if work.has("T"):
        t = work["T"]
        yield (
            "temperature multiplied",
            "Logits are divided by the temperature, so that a high one flattens.",
            {q: q.args[0] * t for q in into},
        )
        yield (
            "temperature left out",
            "The temperature goes into every exponent.",
            {q: q.args[0] for q in into},
        )
