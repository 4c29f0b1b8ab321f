"""One axis of a real convolution, run along a strip that is one pixel wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
