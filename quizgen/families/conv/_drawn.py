"""Networks that a hand can work through: drawn at random, put into words and pictured."""

from __future__ import annotations

from collections.abc import Sequence

from quizgen.figures import Layer, LayerStack
from quizgen.rng import Rng
from quizgen.wording import listed
from quizgen_solvers import conv


def drawn(rng: Rng, level: int) -> tuple[tuple[str, ...], int]:
    """The layers of a random network of that level, and the size of its input."""
    act, pool = rng.choice(("relu", "relu", "leakyrelu", "tanh")), rng.choice(("pool2", "pool2", "avgpool2"))
    f, k = rng.choice((3, 3, 5)), rng.integer(2, 20)
    if level == 1:
        padding = rng.choice(("", "", " p2"))
        return (f"conv{f}-{rng.integer(2, 32)}{padding}", act, pool, "flatten", f"fc{k}"), rng.integer(8, 64)
    one, two = 4 * rng.integer(1, 8), 4 * rng.integer(2, 12)
    if level == 2:
        middle = rng.choice(((act, pool, "batchnorm"), ("batchnorm", act, pool), (act, "batchnorm", pool)))
        return (f"conv{f}-{one}", *middle, f"conv3-{two}", act, pool, "flatten", f"fc{k}"), rng.integer(12, 64)
    start = f"conv{f}-{one}{rng.choice(('', ' p2', ' nobias'))}", "batchnorm", act, pool
    middle = f"conv3-{two} s2{rng.choice(('', ' nobias'))}", "batchnorm", act
    kernel, filters = rng.choice((1, 3, 5)), 4 * rng.integer(2, 12)
    padding = " p0" if kernel == 1 else ""  # nobody pads under a kernel of one pixel
    last = f"conv{kernel}-{filters}{padding} {rng.choice(('g2', 'g4', 'g2 s2'))}", act
    return (*start, *middle, *last, "flatten", f"fc{10 * rng.integer(2, 12)}", act, f"fc{k}"), rng.integer(20, 96)


def conventions(layers: Sequence[str]) -> str:
    """What the names of the layers mean, as far as these need it."""
    each = [conv.layer(text) for text in layers]
    kinds = {one.kind for one in each}
    said = ["Shapes are **(height, width, channels)**; sizes are **rounded down**."]
    if "conv" in kinds:
        said.append(
            "Conv$f$-$N$: $N$ filters of $f \\times f$ pixels with biases, **padding 1 and stride 1** unless stated."
        )
    pools = sorted({one.name.rstrip("0123456789") for one in each if one.kind == "pool"})
    if pools:
        said.append(
            f"{listed(f'{name}$f$' for name in pools)}: windows of $f \\times f$ pixels side by side, no padding."
        )
    if "norm" in kinds:
        said.append("BatchNorm learns $\\gamma$ and $\\beta$ and keeps a running mean and variance.")
    if "dense" in kinds:
        said.append("FC-$N$: fully connected, $N$ units with biases.")
    return " ".join(said)


def picture(layers: Sequence[str], size: int, channels: int) -> LayerStack:
    """The network as a stack, with the shapes still to be found."""
    boxes = [Layer(conv.layer(text).label, shape="?") for text in layers]
    return LayerStack(boxes, f"${size} \\times {size} \\times {channels}$", "right")
