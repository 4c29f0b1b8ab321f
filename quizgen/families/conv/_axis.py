"""One axis of a real convolution, run along a strip that is one pixel wide."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any


def along(n: int, f: int, p: int, s: int, d: int, device: str) -> int:
    """The output size that PyTorch gives for these sizes; raises what PyTorch raises where the kernel does not fit."""
    import torch

    strip, kernel = torch.empty(1, 1, n, 1, device=device), torch.empty(1, 1, f, 1, device=device)
    return torch.nn.functional.conv2d(strip, kernel, None, (s, 1), (p, 0), (d, 1)).shape[2]


def sizes(n: tuple[int, ...], f: tuple[int, ...], p: int, s: int, d: int, device: str) -> int | tuple[int, int]:
    """The output size, or height and width where the input or the kernel has both."""
    if len(n) == len(f) == 1:
        return along(n[0], f[0], p, s, d, device)
    return along(n[0], f[0], p, s, d, device), along(n[-1], f[-1], p, s, d, device)


def search(name: str, way: int, device: str, **at: int) -> int:
    """The last value of parameter ``name``, going up (``way`` 1) or down (-1), with which the output stays the same."""
    wanted = along(**at, device=device)
    while True:
        further = at | {name: at[name] + way}
        try:
            if along(**further, device=device) != wanted:
                return at[name]
        except (RuntimeError, ValueError):  # PyTorch refuses what does not fit
            return at[name]
        at = further


def layer(size: Sequence[Any], kernel: Sequence[Any], p: Any, s: Any, d: Any) -> str:
    """A layer on an input of one channel, as a program writes it; one number stands for height and width."""
    image = f"torch.zeros(1, 1, {size[0]}, {size[-1]})"
    return f"torch.nn.Conv2d(1, 1, ({kernel[0]}, {kernel[-1]}), {s}, {p}, {d})({image})"


def trials(at: Mapping[str, Any], name: str, right: range, wanted: int) -> str:
    """A program that tries values of ``name`` around the right ones."""
    here = {**at, name: name}
    output = layer([here["n"]], [here["f"]], here["p"], here["s"], here["d"])
    return (
        f"import torch\n\nfor {name} in {range(max(name != 'p', right.start - 1), right.stop + 1)}:\n"
        f'    print({name}, "right" if {output}.shape[2] == {wanted} else "wrong")\n'
    )


def same(n: int, f: int, s: int, d: int, device: str) -> tuple[int, int, tuple[int, int]]:
    """Along one axis what "same" padding comes to: output size, zeros in all, and zeros before and after."""
    import torch

    wanted = torch.empty(n)[::s].numel()  # one place for every s-th pixel

    def enough(zeros: int) -> bool:
        try:
            return along(n + zeros, f, 0, s, d, device) >= wanted
        except RuntimeError:  # PyTorch refuses what does not fit
            return False

    zeros = d * (f - 1)  # a good place to begin: as far as the kernel can stick out
    while not enough(zeros):
        zeros += 1
    while zeros and enough(zeros - 1):
        zeros -= 1
    return wanted, zeros, split_in_two(zeros)


@lru_cache(maxsize=1024)
def split_in_two(zeros: int) -> tuple[int, int]:
    """How PyTorch's own "same" padding lays so many zeros before and after an input."""
    import torch

    first = torch.zeros(1, 1, zeros + 1)  # a kernel that passes on what its first pixel sees
    first[..., 0] = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns that kernels of even size are slower
        seen = torch.nn.functional.conv1d(torch.ones(1, 1, zeros + 1), first, padding="same")
    before = int((seen == 0).sum())
    return before, zeros - before


def padded_alike(n: Sequence[int], f: Sequence[int], d: int, p: Sequence[int]) -> str:
    """A program that pads alike on both sides and shows that the size is kept."""
    return (
        f"import torch\n\nlayer = torch.nn.Conv2d(1, 1, ({f[0]}, {f[-1]}), padding=({p[0]}, {p[-1]}), dilation={d})\n"
        f"print(layer.padding, layer(torch.zeros(1, 1, {n[0]}, {n[-1]})).shape[2:])\n"
    )


def padded_apart(n: Sequence[int], f: Sequence[int], s: int, d: int, sides: Sequence[int]) -> str:
    """A program that pads each side for itself and shows the size of the output."""
    return (
        f"import torch\n\ntop, bottom, left, right = {', '.join(map(str, (*sides[:2], *sides[-2:])))}\n"
        f"image = torch.nn.functional.pad(torch.zeros(1, 1, {n[0]}, {n[-1]}), (left, right, top, bottom))\n"
        f"output = torch.nn.Conv2d(1, 1, ({f[0]}, {f[-1]}), stride={s}, dilation={d})(image)\n"
        "print(output.shape[2:], (top + bottom, left + right), (top, bottom, left, right))\n"
    )
