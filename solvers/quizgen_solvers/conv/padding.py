"""The padding that keeps a size, or with a stride a stride-th of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..quantity import Quantity, ceil, floor, maximum, stack
from ..work import Work, Wrong
from .axes import NAMES, OUTPUT, given_axes, out_symbol, padding_symbol, span_symbol, spans

PADDING, TOTALS, SIDES = r"\text{padding}", r"\text{in all}", r"\text{sides}"
ENDS = {"": ("before", "after"), "h": ("top", "bottom"), "w": ("left", "right")}


def same_padding(n: Any, f: Any, d: Any = 1) -> Work:
    """The padding ``p`` on each side with which an output of stride 1 is as large as the input.

    ``n`` input size, ``f`` kernel size (numbers, or pairs of height and width), ``d`` dilation. The answer is the line
    ``p``, and of pairs the line `PADDING`. A kernel that spans an even number of pixels has none: p ends in a half.
    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, half padding.
    """
    work = Work(decimals=None)
    found = []
    for axis, size, span in spans(work, given_axes(work, n, f), d):
        p = work.let(padding_symbol(axis), (span - 1) / 2, "what the kernel spans beyond its middle, on each side")
        work.let(out_symbol(axis), size + 2 * p - span + 1, "the check: as large as the input")
        found.append(p)
    if len(found) > 1:
        work.let(PADDING, stack(*found), "height and width")
    return work


def strided_same_padding(n: Any, f: Any, s: Any, d: Any = 1) -> Work:
    """What "same" pads with a stride: the output is ⌈n / s⌉, and the end gets the odd pixel.

    Arguments as `same_padding` has them, and the stride ``s``. The answers are the lines `OUTPUT` (of pairs), `TOTALS`
    (both sides together) and `SIDES` (before and after, or top, bottom, left and right). Source: TensorFlow's
    documentation of tf.nn, "Notes on padding"; PyTorch splits alike, at stride 1.
    """
    work = Work(decimals=None)
    given, stride = given_axes(work, n, f), work.given("s", s)
    outs, totals, sides = [], [], []
    for axis, size, span in spans(work, given, d):
        out = work.let(out_symbol(axis), ceil(size / stride), "a stride-th of the input, rounded up")
        lacks = maximum((out - 1) * stride + span - size, 0)
        total = work.let(_total(axis), lacks, "what the last window lacks, on both sides together")
        before, after = (rf"\text{{{end}}}" for end in ENDS[axis])
        sides.append(work.let(before, floor(total / 2), "half of it, rounded down"))
        sides.append(work.let(after, total - sides[-1], "the rest, at the end"))
        outs.append(out)
        totals.append(total)
    if len(outs) > 1:
        work.let(OUTPUT, stack(*outs), "height and width")
        work.let(TOTALS, stack(*totals), "along the height and along the width")
    work.let(SIDES, stack(*sides), ", ".join(end for axis, *_ in given for end in ENDS[axis]))
    return work


def padding_mistakes(work: Work) -> Iterator[Wrong]:
    """The wrong turns of `same_padding` and `strided_same_padding`."""
    names = {line.symbol: line.quantity for line in (*work.givens, *work.lines)}
    axes = [axis for axis, (n, _) in NAMES.items() if n in names]
    kernels = {axis: names[NAMES[axis][1]] for axis in axes}
    span = {axis: names.get(span_symbol(axis), kernels[axis]) for axis in axes}
    if "d" in names:
        yield "dilation ignored", "A dilated kernel spans $d(f - 1) + 1$ pixels.", {span[a]: kernels[a] for a in axes}
    if "s" not in names:
        p = {axis: names[padding_symbol(axis)] for axis in axes}
        yield (
            "the kernel's size",
            "Only what sticks out beyond the middle pixel is padded.",
            {p[a]: kernels[a] for a in axes},
        )
        more: dict[Quantity, Any] = {p[a]: (span[a] + 1) / 2 for a in axes}
        yield "(f + 1)/2", "The middle pixel lies on the image: $(f - 1)/2$ are left for each side.", more
        both = {p[a]: span[a] - 1 for a in axes}
        yield "both sides in one", "What sticks out is shared by both sides: half of it for each.", both
        return
    down = {names[out_symbol(a)]: floor(names[NAMES[a][0]] / names["s"]) for a in axes}
    yield "size rounded down", "The output of same padding is $n / s$ rounded up.", down
    dense = {names[_total(a)]: span[a] - 1 for a in axes}
    yield (
        "padding of stride 1",
        "With a stride the windows need not reach every pixel: pad what the last one lacks.",
        dense,
    )
    front = {names[rf"\text{{{ENDS[a][0]}}}"]: ceil(names[_total(a)] / 2) for a in axes}
    yield "odd pixel in front", "The odd pixel goes to the end.", front


def _total(axis: str) -> str:
    return f"P_{axis}" if axis else "P"
