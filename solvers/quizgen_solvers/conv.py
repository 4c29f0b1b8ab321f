"""Convolution layers: sizes, padding, parameters, and the cross-correlation itself."""

from __future__ import annotations

from typing import Any

from .quantity import Quantity, floor
from .work import Work


def output_size(n: Any, f: Any, p: Any = 0, s: Any = 1, d: Any = 1) -> Work:
    """The size of a convolution's output along one axis: ⌊(n + 2p − d(f − 1) − 1) / s⌋ + 1.

    ``n`` input size, ``f`` kernel size, ``p`` padding on each side, ``s`` stride, ``d`` dilation, in pixels.
    The line is named ``n_{out}``; with dilation the span of the kernel is a line ``f_{eff}`` of its own.
    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, relationships 6 and 15.
    """
    work = Work(decimals=None)
    size, kernel = work.given("n", n, "input size"), work.given("f", f, "kernel size")
    padding, stride = work.given("p", p, "padding on each side"), work.given("s", s, "stride")
    span = kernel
    if d != 1:
        dilation = work.given("d", d, "dilation")
        span = work.let(r"f_{\mathrm{eff}}", dilation * (kernel - 1) + 1, "what the dilated kernel spans")
    work.let(r"n_{\mathrm{out}}", one_axis(size, span, padding, stride), "positions that the kernel takes")
    return work


def one_axis(size: Quantity, span: Quantity, padding: Quantity, stride: Quantity) -> Quantity:
    """⌊(n + 2p − f) / s⌋ + 1, for a kernel that spans f."""
    return floor((size + 2 * padding - span) / stride) + 1
