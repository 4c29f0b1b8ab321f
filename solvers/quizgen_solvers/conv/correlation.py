"""The cross-correlation itself: an image, its zero padding, and one filter after the other over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from ..exact import ExactError
from ..quantity import Quantity, cross_correlate, flip, pad
from ..work import Work, Wrong

Matrix: TypeAlias = Sequence[Sequence[Any]]


def correlation(
    image: Sequence[Matrix], filters: Sequence[Sequence[Matrix]], p: Any = 0, s: Any = 1, bias: Sequence[Any] = ()
) -> Work:
    """The output of a convolution layer, which cross-correlates: no kernel is flipped.

    ``image``: channels of rows; ``filters``: for each filter a kernel for each channel; ``p`` zero padding on every
    side, ``s`` stride, ``bias`` one number for each filter, or none. The answers are the lines that `output_names`
    names: ``Y``, or one for each of several filters. Source: Goodfellow, Bengio and Courville, Deep Learning, 2016,
    equation 9.6; with channels, stride and bias as PyTorch's Conv2d documents them. Raises `ExactError` where filters,
    channels and biases don't go together.
    """
    if bias and len(bias) != len(filters):
        raise ExactError(f"{len(filters)} filters have {len(filters)} biases, not {len(bias)}")
    if any(len(kernels) != len(image) for kernels in filters):
        raise ExactError(f"a filter has a kernel for each channel of the image, {len(image)} in all")
    work = Work(decimals=None)
    x = [work.given(name, channel) for name, channel in zip(image_names(len(image)), image, strict=True)]
    names = filter_names(len(filters), len(image))
    kernels = [[work.given(*each) for each in zip(row, k, strict=True)] for row, k in zip(names, filters, strict=True)]
    offsets = [work.given(name, b) for name, b in zip(bias_names(len(bias)), bias, strict=False)]
    work.given("p", p)
    stride = work.given("s", s)
    if p:
        work.heading("Padding")
        x = [work.let(rf"\tilde {c.symbol}", pad(c, p), "a border of zeros") for c in x]
    for i, (row, y) in enumerate(zip(kernels, output_names(len(filters)), strict=True)):
        if len(filters) > 1:
            work.heading(f"Filter {i + 1}")
        if len(x) == 1 and not offsets:
            work.let(y, cross_correlate(x[0], row[0], 0, stride), "each entry: a window times the kernel, summed")
            continue
        outs = [
            work.let(
                _channel_name(i, c, len(filters), len(x)),
                cross_correlate(one, kernel, 0, stride),
                f"channel {c + 1}" if len(x) > 1 else "each entry: a window times the kernel, summed",
            )
            for c, (one, kernel) in enumerate(zip(x, row, strict=True))
        ]
        made = outs[0]
        for out in outs[1:]:
            made = made + out
        both = "the channels added, and the bias in every entry" if len(x) > 1 else "the bias in every entry"
        work.let(y, made + offsets[i] if offsets else made, both if offsets else "the channels added")
    return work


def correlation_mistakes(work: Work, channels: int, filters: int) -> Iterator[Wrong]:
    """The wrong turns of `correlation`; only those that are possible with this padding, stride and bias."""
    kernels = [work[name] for row in filter_names(filters, channels) for name in row]
    yield "kernel flipped", "Lay the kernel on the image as it is: nothing is flipped.", {k: flip(k) for k in kernels}
    if work["p"].value:
        without = {work[rf"\tilde {x}"]: work[x] for x in image_names(channels)}
        yield "no padding", "Put the border of zeros around the image first.", without
    if work["s"].value != 1:
        yield "stride 1", "The window moves on by the stride, to the right and down.", {work["s"]: 1}
    if channels > 1:
        only = {}
        for i, y in enumerate(output_names(filters)):
            first = work[_channel_name(i, 0, filters, channels)]
            only[work[y]] = first + work[bias_names(filters)[i]] if _has_bias(work) else first
        yield "one channel only", "Every channel has a kernel of its own, and their results are added.", only
    if _has_bias(work):
        none: dict[Quantity, Any] = {work[b]: 0 for b in bias_names(filters)}
        yield "bias forgotten", "Add the filter's bias to every entry.", none


def image_names(channels: int) -> list[str]:
    """How the channels of the image are called: X, or X_1, X_2, …"""
    return ["X"] if channels == 1 else [f"X_{c + 1}" for c in range(channels)]


def filter_names(filters: int, channels: int) -> list[list[str]]:
    """For each filter the names of its kernels, one for each channel: K, K_c, or K^{(i)}_c."""
    return [
        [_subscripted("K", i, filters) + (f"_{c + 1}" if channels > 1 else "") for c in range(channels)]
        for i in range(filters)
    ]


def bias_names(filters: int) -> list[str]:
    """How the biases are called: b, or b^{(1)}, b^{(2)}, … for several filters."""
    return [_subscripted("b", i, filters) for i in range(filters)]


def output_names(filters: int) -> list[str]:
    """How the outputs are called: Y, or Y^{(1)}, Y^{(2)}, … for several filters."""
    return [_subscripted("Y", i, filters) for i in range(filters)]


def _subscripted(letter: str, i: int, filters: int) -> str:
    return letter if filters == 1 else f"{letter}^{{({i + 1})}}"


def _channel_name(i: int, c: int, filters: int, channels: int) -> str:
    return _subscripted("Z", i, filters) + (f"_{c + 1}" if channels > 1 else "")


def _has_bias(work: Work) -> bool:
    return any(line.symbol.startswith("b") for line in work.givens)
