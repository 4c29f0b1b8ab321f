"""Real modules whose parameters are counted. They live on the meta device, which allots no memory to them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from quizgen.verify.layers import bare


@lru_cache(maxsize=65_536)
def layer(inputs: int, outputs: int) -> tuple[int, int]:
    """How many weights and biases a fully connected layer of PyTorch holds."""
    made = bare("Linear")(inputs, outputs, device="meta")
    return made.weight.numel(), made.bias.numel()


def stack(sizes: Sequence[int]) -> tuple[int, int]:
    """The weights and biases of the layers between ``sizes``."""
    layers = [layer(a, b) for a, b in pairwise(sizes)]
    return sum(w for w, _ in layers), sum(b for _, b in layers)


def widest(sizes: Sequence[int], at: int, budget: int) -> int:
    """The largest width of layer ``at`` with which the network keeps within ``budget``, by trying networks."""

    def fits(width: int) -> bool:
        return sum(stack([*sizes[:at], width, *sizes[at + 1 :]])) <= budget

    low, high = 0, sizes[at]  # low fits, high will not
    while fits(high):
        low, high = high, high + 1 if low == 0 else 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


MAKE = "network = nn.Sequential(*[nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])"


def net_program(sizes: Sequence[int]) -> str:
    """A program that counts weights and biases."""
    return f"""\
from torch import nn

sizes = {list(sizes)}
{MAKE}
weights = sum(p.numel() for name, p in network.named_parameters() if name.endswith("weight"))
biases = sum(p.numel() for name, p in network.named_parameters() if name.endswith("bias"))
print(weights, biases, weights + biases)
"""


def width_program(sizes: Sequence[int], at: int, budget: int, right: int) -> str:
    """A program that tries the widths around the right one."""
    listed = ", ".join("h" if i == at else str(n) for i, n in enumerate(sizes))
    return f"""\
from torch import nn

for h in range({max(1, right - 1)}, {right + 2}):
    sizes = [{listed}]
    {MAKE}
    count = sum(p.numel() for p in network.parameters())
    print(h, count, "fits" if count <= {budget} else "too many")
"""


def shapes_of(sizes: Sequence[int], batch: int, layout: str, device: str) -> list[tuple[int, ...]]:
    """The shapes of W, b, Z and A in every layer, from real tensors whose products PyTorch must accept."""
    import torch

    found: list[torch.Size] = []
    a = torch.zeros(batch, sizes[0], device=device)
    if layout != "rows":
        a = a.T
    for inputs, outputs in pairwise(sizes):
        if layout == "folded":
            w = torch.zeros(inputs + 1, outputs, device=device)
            z = w.T @ torch.cat([torch.ones(1, batch, device=device), a])
            found.append(w.shape)
        elif layout == "rows":
            w, b = torch.zeros(outputs, inputs, device=device), torch.zeros(1, outputs, device=device)
            z = torch.nn.functional.linear(a, w, b[0])
            found += [w.shape, b.shape]
        else:
            w, b = torch.zeros(outputs, inputs, device=device), torch.zeros(outputs, 1, device=device)
            z = torch.addmm(b, w, a)
            found += [w.shape, b.shape]
        a = torch.relu(z)
        found += [z.shape, a.shape]
    return [tuple(shape) for shape in found]


def shapes_program(sizes: Sequence[int], batch: int, layout: str) -> str:
    """A program that sends a batch through the layers and prints every shape."""
    rule, w, b = {
        "columns": ("W @ A + b", "torch.zeros(n, m)", "torch.zeros(n, 1)"),
        "rows": ("A @ W.T + b", "torch.zeros(n, m)", "torch.zeros(1, n)"),
        "folded": (f"W.T @ torch.cat([torch.ones(1, {batch}), A])", "torch.zeros(m + 1, n)", ""),
    }[layout]
    start = f"torch.zeros({batch}, {sizes[0]})" + ("" if layout == "rows" else ".T")
    bias = f"    b = {b}\n    print(tuple(b.shape))\n" if b else ""
    return f"""\
import torch

sizes = {list(sizes)}
A = {start}
for m, n in zip(sizes, sizes[1:]):
    W = {w}
    print(tuple(W.shape))
{bias}    Z = {rule}
    A = torch.relu(Z)
    print(tuple(Z.shape), tuple(A.shape))
"""
