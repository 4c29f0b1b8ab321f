"""Fully connected networks: how many parameters, and which shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

from .exact import ExactError
from .quantity import Quantity, floor, stack, sum_of
from .work import Work, Wrong, indexed


def parameter_count(sizes: Sequence[int], bias: bool = True) -> Work:
    """The parameters of a fully connected network d₀-d₁-…-d_L: its weights ``W``, biases ``B`` and both, ``P``.

    ``sizes`` are the numbers of units, the input first. A layer from m to n units has m·n weights and n biases.
    """
    work = Work(decimals=None)
    units = [work.given(indexed("d", i), size) for i, size in enumerate(sizes)]
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
    units = {i: work.given(indexed("d", i), size) for i, size in enumerate(sizes) if size is not None}
    most = work.given("P", budget, "parameters at most")
    before, after = units[at - 1], units[at + 1]
    rest = [units[i] * units[i + 1] + units[i + 1] for i in range(len(sizes) - 1) if at not in (i, i + 1)]
    each = work.let("c", before + 1 + after, "what a unit of the layer brings: weights in, a bias, weights out")
    fixed = work.let("r", sum_of([*rest, after]), "parameters that do not depend on the width")
    found = work.let("h", floor((most - fixed) / each), "whole units that the rest of the budget pays for")
    if found.value < 1:
        raise ExactError("the budget does not pay for a single unit")
    return work


Layout = Literal["columns", "rows", "folded"]


def shape_symbol(name: str) -> str:
    """How the shape of what is called ``name`` is named."""
    return rf"\mathrm{{shape}}({name})"


def shapes(sizes: Sequence[int], batch: int, layout: Layout = "columns") -> Work:
    """The shapes of W, b, Z and A in every layer of a fully connected network, for a batch of ``batch`` samples.

    ``layout`` says how samples lie and what stands on which side:

    * columns: Z = W A + b, samples are columns, W is (out, in), b a column that is broadcast over the samples;
    * rows: Z = A Wᵀ + b, samples are rows, W is (out, in) as in PyTorch, b a row;
    * folded: Z = Wᵀ [1; A], samples are columns, the bias is the first row of W, which is (in + 1, out).

    Lines are named ``shape_symbol("W_1")`` and so on; in the folded layout there is no b.
    """
    work = Work(decimals=None)
    units = [work.given(indexed("d", i), size) for i, size in enumerate(sizes)]
    n = work.given("N", batch, "samples in the batch")
    for i, (inputs, outputs) in enumerate(pairwise(units), 1):
        work.heading(f"Layer {i}")
        if layout == "folded":
            work.let(
                shape_symbol(indexed("W", i)), stack(inputs + 1, outputs), "a row for the 1, then one for every input"
            )
        else:
            work.let(shape_symbol(indexed("W", i)), stack(outputs, inputs), "units by inputs")
            bias = stack(1, outputs) if layout == "rows" else stack(outputs, 1)
            work.let(shape_symbol(indexed("b", i)), bias, "one for every unit, broadcast over the samples")
        made = stack(n, outputs) if layout == "rows" else stack(outputs, n)
        z = work.let(shape_symbol(indexed("Z", i)), made, "the inner sizes meet and go: units and samples are left")
        work.let(shape_symbol(indexed("A", i)), z, "an activation works entry by entry")
    return work


def shape_mistakes(work: Work, layers: int, layout: Layout) -> Iterator[Wrong]:
    """The wrong turns of `shapes`."""
    every = range(1, layers + 1)
    n = work["N"]
    units = [work[indexed("d", i)] for i in range(layers + 1)]

    def each(name: str, wrong: Callable[[int], Quantity]) -> dict[Quantity, Any]:
        return {work[shape_symbol(indexed(name, i))]: wrong(i) for i in every}

    def turned(i: int) -> Quantity:
        return stack(units[i], units[i - 1] + 1) if layout == "folded" else stack(units[i - 1], units[i])

    yield "transposed", "Check the product: the inner sizes must be equal.", each("W", turned)
    if layout == "folded":
        bare = each("W", lambda i: stack(units[i - 1], units[i]))
        yield "the 1 forgotten", "The input is extended by a 1, so W has a row more for the bias.", bare
    else:
        own = each("b", lambda i: stack(n, units[i]) if layout == "rows" else stack(units[i], n))
        yield "a bias for each sample", "All samples share one bias: it is broadcast over the batch.", own
    single = each("Z", lambda i: stack(1, units[i]) if layout == "rows" else stack(units[i], 1))
    yield "batch forgotten", "Every sample of the batch has its own activations.", single
    other = each("Z", lambda i: stack(units[i], n) if layout == "rows" else stack(n, units[i]))
    yield "samples the other way", "The first line says whether samples are rows or columns.", other
