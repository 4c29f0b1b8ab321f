"""The parameters of one convolution layer, and how many filters a number of parameters pays for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..exact import ExactError
from ..quantity import Quantity, floor
from ..work import Work, Wrong

C_IN, C_OUT = r"C_{\mathrm{in}}", r"C_{\mathrm{out}}"


def parameter_count(c_in: int, c_out: int, f: Sequence[int], groups: int = 1, bias: bool = True) -> Work:
    """The weights ``W``, biases ``B`` and parameters ``P`` of a convolution layer.

    ``c_in`` and ``c_out`` channels, ``f`` side of the kernel or its height and width, ``groups`` into which both are
    split: a filter then sees c_in / groups channels. Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based
    learning applied to document recognition", 1998, for one bias a filter; for groups Krizhevsky, Sutskever and Hinton,
    "ImageNet classification with deep convolutional neural networks", 2012.
    """
    work = Work(decimals=None)
    channels, filters = work.given(C_IN, c_in), work.given(C_OUT, c_out)
    each = _weights_of_one(work, channels, f, groups, c_out)
    weights = work.let("W", each * filters, "weights of all filters")
    biases = work.let("B", filters if bias else 0, "one bias for each filter" if bias else "this layer has no biases")
    work.let("P", weights + biases, "parameters in all")
    return work


def filters_from_budget(c_in: int, budget: int, f: Sequence[int], groups: int = 1, bias: bool = True) -> Work:
    """The most filters, ``C_out``, that a layer can have with ``budget`` parameters. Raises `ExactError` for none."""
    work = Work(decimals=None)
    channels, most = work.given(C_IN, c_in), work.given("P", budget, "parameters at most")
    each = _weights_of_one(work, channels, f, groups, groups)
    cost = work.let("c", each + 1, "and a bias: what one filter costs") if bias else each
    if groups == 1:
        filters = work.let(C_OUT, floor(most / cost), "whole filters")
    else:
        g = work["g"]
        filters = work.let(C_OUT, g * floor(most / (g * cost)), "whole filters, equally many in every group")
    if filters.value < 1:
        raise ExactError("the budget does not pay for a single filter in every group")
    return work


def _weights_of_one(work: Work, channels: Quantity, f: Sequence[int], groups: int, c_out: int) -> Quantity:
    if channels.value % groups or c_out % groups:
        raise ExactError(f"{groups} groups don't divide {channels.value} and {c_out} channels")
    sides = [work.given(name, side) for name, side in zip(_sides(f), f, strict=True)]
    area = sides[0] * sides[-1]
    if groups == 1:
        return work.let("w", area * channels, "weights of one filter: it sees every channel")
    return work.let("w", area * (channels / work.given("g", groups)), "weights of one filter: it sees one group")


def count_mistakes(work: Work, groups: int, bias: bool) -> Iterator[Wrong]:
    """The wrong turns of `parameter_count` and `filters_from_budget`."""
    names = {line.symbol: line.quantity for line in (*work.givens, *work.lines)}
    sides = [names[name] for name in ("f", "f_h", "f_w") if name in names]
    area, channels, each = sides[0] * sides[-1], names[C_IN], names["w"]
    yield "input channels forgotten", "A filter has a kernel for every input channel that it sees.", {each: area}
    if len(sides) == 1:
        yield "side for area", r"A kernel has $f \cdot f$ weights.", {each: sides[0] * channels}
    if groups > 1:
        yield "groups ignored", "A filter sees only the channels of its own group.", {each: area * channels}
    inverse = "B" not in names
    if bias and inverse:
        yield "bias forgotten", "Every filter costs its bias too.", {names["c"]: each}
    elif bias:
        yield "bias forgotten", "Every filter has a bias.", {names["B"]: 0}
        yield "one bias for all", "Every filter has a bias of its own.", {names["B"]: 1}
    elif inverse:
        yield "bias counted", "This layer has no biases.", {each: each + 1}
    else:
        yield "bias counted", "This layer has no biases.", {names["B"]: names[C_OUT]}


def _sides(f: Sequence[Any]) -> tuple[str, ...]:
    return ("f",) if len(f) == 1 else ("f_h", "f_w")
