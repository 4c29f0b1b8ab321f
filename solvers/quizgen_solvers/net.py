"""Fully connected networks: how many parameters, and which shapes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .exact import ExactError
from .quantity import floor, sum_of
from .work import Work


def parameter_count(sizes: Sequence[int], bias: bool = True) -> Work:
    """The parameters of a fully connected network d₀-d₁-…-d_L: its weights ``W``, biases ``B`` and both, ``P``.

    ``sizes`` are the numbers of units, the input first. A layer from m to n units has m·n weights and n biases.
    """
    work = Work(decimals=None)
    units = [work.given(f"d_{i}", size) for i, size in enumerate(sizes)]
    weights = work.let("W", sum_of([a * b for a, b in pairwise(units)]), "weights: every unit with all before it")
    if bias:
        biases = work.let("B", sum_of(units[1:]), "biases: one for every unit that is not an input")
    else:
        biases = work.let("B", 0, "no biases")
    work.let("P", weights + biases, "parameters in all")
    return work


def width_from_budget(sizes: Sequence[int | None], budget: int) -> Work:
    """The largest width of one hidden layer with which a network keeps within ``budget`` parameters, biases included.

    ``sizes`` holds None where the width is asked for; it is the line ``h``. Raises `ExactError` where not even one
    unit fits.
    """
    at = sizes.index(None)
    if not 0 < at < len(sizes) - 1:
        raise ExactError("the width of a hidden layer is asked for, not that of the input or output")
    work = Work(decimals=None)
    units = {i: work.given(f"d_{i}", size) for i, size in enumerate(sizes) if size is not None}
    most = work.given("P", budget, "parameters at most")
    before, after = units[at - 1], units[at + 1]
    rest = [units[i] * units[i + 1] + units[i + 1] for i in range(len(sizes) - 1) if at not in (i, i + 1)]
    each = work.let("c", before + 1 + after, "what a unit of the layer brings: weights in, a bias, weights out")
    fixed = work.let("r", sum_of([*rest, after]), "parameters that do not depend on the width")
    found = work.let("h", floor((most - fixed) / each), "whole units that the rest of the budget pays for")
    if found.value < 1:
        raise ExactError("the budget does not pay for a single unit")
    return work
