"""Real layers of PyTorch, for what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from quizgen.verify.layers import bare


@lru_cache(maxsize=65_536)
def count(c_in: int, c_out: int, f: tuple[int, ...], groups: int, bias: bool) -> tuple[int, int]:
    """How many weights, and how many parameters in all, a convolution layer holds; on meta, which allots no memory."""
    layer = bare("Conv2d")(c_in, c_out, (f[0], f[-1]), groups=groups, bias=bias, device="meta")
    return layer.weight.numel(), sum(each.numel() for each in layer.parameters())


def most_filters(c_in: int, budget: int, f: tuple[int, ...], groups: int, bias: bool) -> int:
    """The most filters with which a layer keeps within ``budget``, by trying layers."""

    def fits(filters: int) -> bool:
        return count(c_in, filters * groups, f, groups, bias)[1] <= budget

    low = budget // count(c_in, groups, f, groups, bias)[1]  # where to begin
    while low and not fits(low):
        low -= 1
    while fits(low + 1):
        low += 1
    return low * groups


def layer_text(c_in: int, c_out: int | str, f: Sequence[int], groups: int, bias: bool) -> str:
    """The layer as a program writes it."""
    more = (f", groups={groups}" if groups > 1 else "") + ("" if bias else ", bias=False")
    return f"nn.Conv2d({c_in}, {c_out}, ({f[0]}, {f[-1]}){more})"
