"""A whole convolutional network, layer by layer: the shape that leaves each layer, and its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from ..exact import ExactError
from ..quantity import Quantity, constant, floor, stack, sum_of
from ..work import Work, Wrong, indexed

ACTIVATIONS = {"relu": "ReLU", "leakyrelu": "LeakyReLU", "sigmoid": "Sigmoid", "tanh": "Tanh", "gelu": "GELU"}
POOLS = {"pool": "Pool", "maxpool": "Pool", "avgpool": "AvgPool"}
CONV = re.compile(r"conv([1-9]\d?)-([1-9]\d{0,4})")
POOL = re.compile(r"(pool|maxpool|avgpool)([1-9]\d?)")
DENSE = re.compile(r"fc-?([1-9]\d{0,5})")
OPTION = re.compile(r"([spg])(\d{1,4})|(nobias)()")


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: ``size`` of its kernel or window, ``count`` of its filters or units, and how else it is written."""

    kind: Literal["conv", "pool", "norm", "activation", "flatten", "dense"]
    name: str
    size: int = 0
    count: int = 0
    stride: int = 1
    padding: int = 0
    groups: int = 1
    bias: bool = True

    @property
    def label(self) -> str:
        """The name, and what differs from stride 1 and padding 1 of a convolution or from pooling in its own steps."""
        said = [f"stride {self.stride}"] if self.stride != (self.size if self.kind == "pool" else 1) else []
        said += [f"padding {self.padding}"] if self.padding != (self.kind == "conv") else []
        said += [f"{self.groups} groups"] if self.groups > 1 else []
        said += [] if self.bias else ["no bias"]
        return f"{self.name} ({', '.join(said)})" if said else self.name


@lru_cache(maxsize=4096)
def layer(text: str) -> Layer:
    """The layer that a text names: conv3-8, pool2, avgpool2, batchnorm, relu, flatten or fc10, options after blanks.

    Options are s2 (stride), p0 (padding), g4 (groups) and nobias. A convolution has stride 1 and padding 1 where none
    is stated; a pooling steps by its own size, without padding. Raises `ExactError` for anything else.
    """
    first, *rest = text.lower().split() or [""]
    options = {m[1] or m[3]: int(m[2] or 0) for each in rest if (m := OPTION.fullmatch(each))}
    left = len(rest) - len(options)  # what is no option, or stands twice
    take = options.pop
    made = None
    if m := CONV.fullmatch(first):
        f, n = int(m[1]), int(m[2])
        made = Layer("conv", f"Conv{f}-{n}", f, n, take("s", 1), take("p", 1), take("g", 1), bool(take("nobias", 1)))
    elif m := POOL.fullmatch(first):
        f = int(m[2])
        made = Layer("pool", f"{POOLS[m[1]]}{f}", f, 0, take("s", f), take("p", 0))
    elif m := DENSE.fullmatch(first):
        made = Layer("dense", f"FC-{int(m[1])}", 0, int(m[1]), bias=bool(take("nobias", 1)))
    elif first in ACTIVATIONS:
        made = Layer("activation", ACTIVATIONS[first])
    elif first in ("batchnorm", "flatten"):
        made = Layer("norm", "BatchNorm") if first == "batchnorm" else Layer("flatten", "Flatten")
    if made is None or left or options or not made.stride or not made.groups:
        raise ExactError(
            f"{text[:40]!r} is no layer; layers are conv3-8 (with options s2 p0 g4 nobias), pool2, avgpool2, "
            f"batchnorm, flatten, fc10, {', '.join(ACTIVATIONS)}"
        )
    return made


def network(layers: Sequence[str], size: int, channels: int) -> Work:
    """The shapes (height, width, channels) and parameters of a network on ``size`` × ``size`` pixels.

    ``layers`` as `layer` reads them. In layer i the lines are ``h_i`` (height and width), ``S_i`` (shape), ``P_i``
    (learnable parameters) and, of a batch norm, ``R_i`` (running mean and variance); ``P`` and ``R`` are the totals.
    What a layer leaves as it was has no line: `table` says which lines answer. Sources: `output_size` and
    `parameter_count`; Ioffe and Szegedy, "Batch normalization", 2015. Raises `ExactError` where layers don't fit.
    """
    work = Work(decimals=None)
    side, depth = work.given("h_0", size, "height and width of the input"), constant(channels)
    flat: Quantity | None = None
    counts, running = [], []
    if layer(layers[0]).kind in ("norm", "activation"):
        work.let("S_0", stack(side, side, depth), "the input")
    work.let("P_0", 0, "activations and flattening have no parameters")
    for i, text in enumerate(layers, 1):
        one = layer(text)
        if one.kind != "activation" and (one.kind == "dense") == (flat is None):
            where = "behind" if one.kind == "dense" else "before"
            raise ExactError(f"layer {i}, {one.name}, must stand {where} a flatten")
        if one.kind != "activation":
            work.heading(f"{i}. {one.label}")
        if one.kind in ("conv", "pool"):
            side = _places(work, i, one, side)
        if one.kind == "conv":
            if int(depth.value) % one.groups or one.count % one.groups:
                raise ExactError(
                    f"layer {i}, {one.label}: its groups don't divide {depth.value} and {one.count} channels"
                )
            weights = constant(one.size) * one.size * _seen(depth, one) * one.count
            depth = constant(one.count)
            work.let(indexed("S", i), stack(side, side, depth), "height, width and one channel for each filter")
            counts.append(_with_bias(work, i, one, weights))
        elif one.kind == "pool":
            work.let(indexed("S", i), stack(side, side, depth), "the channels stay")
            counts.append(work.let(indexed("P", i), 0, "pooling learns nothing"))
        elif one.kind == "norm":
            counts.append(work.let(indexed("P", i), 2 * depth, r"each channel has its own $\gamma$ and $\beta$"))
            running.append(work.let(indexed("R", i), 2 * depth, "and a running mean and variance, not learned"))
        elif one.kind == "flatten":
            flat = work.let(indexed("d", i), side * side * depth, "every number of every channel")
            work.let(indexed("S", i), stack(flat), "one long vector")
        elif one.kind == "dense" and flat is not None:
            counts.append(_with_bias(work, i, one, flat * one.count))
            flat = constant(one.count)
            work.let(indexed("S", i), stack(flat), "one number for each unit")
    work.heading("In all")
    work.let("P", sum_of(counts), "learnable parameters")
    if running:
        work.let("R", sum_of(running), "running statistics")
    return work


def _places(work: Work, i: int, one: Layer, side: Quantity) -> Quantity:
    """The line of the height, which is the width too."""
    reach = side + 2 * work.given(indexed("p", i), one.padding) if one.padding else side
    if one.kind == "pool" and 2 * one.padding > one.size:
        raise ExactError(f"layer {i}, {one.label}: a pooling is padded by half of its window at most")
    if reach.value < one.size:
        raise ExactError(
            f"layer {i}, {one.label}: {one.size} by {one.size} does not fit on {side.value} by {side.value}"
        )
    places = reach - one.size + 1 if one.stride == 1 else floor((reach - one.size) / one.stride) + 1
    return work.let(indexed("h", i), places, "height and width: places that the window takes")


def _seen(depth: Quantity, one: Layer) -> Quantity:
    return depth / one.groups if one.groups > 1 else depth


def _with_bias(work: Work, i: int, one: Layer, weights: Quantity) -> Quantity:
    if not one.bias:
        return work.let(indexed("P", i), weights, "weights; there are no biases")
    return work.let(
        indexed("P", i),
        weights + one.count,
        f"weights, and a bias for each {'unit' if one.kind == 'dense' else 'filter'}",
    )


class Row(NamedTuple):
    """What a layer's row of the table holds: the lines of its shape and of its parameters."""

    shape: Quantity
    parameters: Quantity


def table(work: Work, layers: Sequence[str]) -> tuple[Row, ...]:
    """The row of each layer; one that leaves its input as it was has the shape of the layer before."""
    names = {line.symbol: line.quantity for line in work.lines}
    rows, shape = [], names.get("S_0")
    for i in range(1, len(layers) + 1):
        shape = names.get(indexed("S", i), shape)
        if shape is None:
            raise ExactError("a network begins with its input")
        rows.append(Row(shape, names.get(indexed("P", i), names["P_0"])))
    return tuple(rows)


WHY = {
    "padding dropped": "Padding $p$ makes the input $2p$ larger before the window moves over it.",
    "stride ignored": "With stride $s$ the window takes only every $s$-th place.",
    "channels not carried on": "A filter sees the channels that come out of the layer before, not those of the image.",
    "groups ignored": "In $g$ groups a filter sees only one $g$-th of the channels.",
    "pooling counted": "Pooling has nothing to learn: its window holds no weights.",
    "running statistics learned": r"$\gamma$ and $\beta$ are learned; running mean and variance are only kept.",
    "channels lost in flattening": "Flattening keeps every number: height times width times channels.",
    "biases forgotten": "Every filter and every unit has a bias, unless the layer has none.",
}


def network_mistakes(work: Work, layers: Sequence[str], channels: int) -> Iterator[Wrong]:
    """The wrong turns of `network`; only those that these layers can lead to."""
    names = {line.symbol: line.quantity for line in (*work.givens, *work.lines)}
    wrong: dict[str, dict[Quantity, Any]] = {name: {} for name in WHY}
    side, depth, bare = names["h_0"], channels, int(names["h_0"].value)
    for i, text in enumerate(layers, 1):
        one, p = layer(text), names.get(indexed("P", i), names["P_0"])
        if one.kind in ("conv", "pool"):
            bare = (bare - one.size) // one.stride + 1  # without any padding: is there anything left?
        if one.padding:
            wrong["padding dropped"][names[indexed("p", i)]] = 0
        if one.kind == "conv":
            area, bias = one.size * one.size, one.count * one.bias
            if one.stride > 1:
                wrong["stride ignored"][names[indexed("h", i)]] = side + (2 * one.padding - one.size + 1)
            if depth != channels:
                wrong["channels not carried on"][p] = area * channels * one.count + bias
            if one.groups > 1:
                wrong["groups ignored"][p] = area * depth * one.count + bias
            depth = one.count
        elif one.kind == "pool":
            wrong["pooling counted"][p] = one.size * one.size * depth
        elif one.kind == "norm":
            wrong["running statistics learned"][p] = 4 * depth
        elif one.kind == "flatten":
            wrong["channels lost in flattening"][names[indexed("d", i)]] = side * side
        if one.kind in ("conv", "dense") and one.bias:
            wrong["biases forgotten"][p] = p - one.count
        side = names.get(indexed("h", i), side)
    if bare < 1:
        del wrong["padding dropped"]
    yield from ((name, WHY[name], replaced) for name, replaced in wrong.items() if replaced)
