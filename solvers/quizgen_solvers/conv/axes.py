"""The axes of a convolution: one that stands for both, or height and width, with their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..quantity import Quantity
from ..work import Work

Axis = tuple[str, Quantity, Quantity]
"""The name of an axis, the input size along it, and the kernel's."""

AXES = ("h", "w")
OUTPUT = r"\text{output}"  # its height and width together
NAMES = {"": ("n", "f"), "h": ("h", "f_h"), "w": ("w", "f_w")}


def out_symbol(axis: str = "") -> str:
    """How the output size is named, along the only axis or along ``"h"`` or ``"w"``."""
    return rf"{axis or 'n'}_{{\mathrm{{out}}}}"


def span_symbol(axis: str = "") -> str:
    """How is named what a dilated kernel spans."""
    return rf"f_{{{axis + ',' if axis else ''}\mathrm{{eff}}}}"


def padding_symbol(axis: str = "") -> str:
    """How the padding on each side is named, where height and width have one each."""
    return f"p_{axis}" if axis else "p"


def given_axes(work: Work, n: Any, f: Any) -> list[Axis]:
    """Names what is given of the input and the kernel: numbers, or pairs of height and width, or one of each."""
    sizes, kernels = _both(n), _both(f)
    axes = AXES if len(sizes) > 1 or len(kernels) > 1 else ("",)
    return [
        (
            axis,
            work.given(NAMES[axis][0], sizes[min(i, len(sizes) - 1)]),
            work.given(NAMES[axis][1], kernels[min(i, len(kernels) - 1)]),
        )
        for i, axis in enumerate(axes)
    ]


def spans(work: Work, axes: Sequence[Axis], d: Any) -> list[Axis]:
    """The axes with what the kernel spans in place of its size: with dilation a line of its own."""
    if d == 1:
        return list(axes)
    dilation, why = work.given("d", d), "what the dilated kernel spans"
    return [(axis, n, work.let(span_symbol(axis), dilation * (f - 1) + 1, why)) for axis, n, f in axes]


def _both(x: Any) -> Sequence[Any]:
    return x if isinstance(x, (list, tuple)) else (x,)
