"""Real layers of PyTorch for the layers that a network is written with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import prod
from typing import Any

from quizgen.verify.layers import bare
from quizgen_solvers import conv

Shape = tuple[int, ...]
LARGE = 2**28
"""Weights of a layer that would take too much memory."""


def call(one: conv.Layer, channels: int) -> tuple[str, tuple[int, ...], Mapping[str, Any]]:
    """The module of `torch.nn` that a layer is, with its arguments; ``channels`` (or features) come in."""
    if one.kind == "conv":
        options = {"stride": one.stride, "padding": one.padding, "groups": one.groups, "bias": one.bias}
        usual = {"stride": 1, "padding": 0, "groups": 1, "bias": True}
        named = {name: value for name, value in options.items() if value != usual[name]}
        return "Conv2d", (channels, one.count, one.size), named
    if one.kind == "pool":
        padding = {"padding": one.padding} if one.padding else {}
        return "AvgPool2d" if one.name.startswith("Avg") else "MaxPool2d", (one.size, one.stride), padding
    if one.kind == "norm":
        return "BatchNorm2d", (channels,), {}
    if one.kind == "dense":
        return "Linear", (channels, one.count), {} if one.bias else {"bias": False}
    return one.name, (), {}


@lru_cache(maxsize=65_536)
def through(text: str, shape: Shape, device: str) -> tuple[Shape, int, int]:
    """What comes out of one layer of PyTorch for images of ``shape``, channels first.

    Gives the shape of the output, and how many numbers are learned and how many are running statistics. The layer runs
    on a batch of no images at all: in earnest, but with nothing to compute.
    """
    import torch

    name, arguments, named = call(conv.layer(text), shape[0])
    if name in ("Conv2d", "Linear", "BatchNorm2d"):
        device = "meta" if prod(arguments) > LARGE else device  # which allots no memory
        module = bare(name)(*arguments, **named, device=device)
    else:
        module = getattr(torch.nn, name)(*arguments, **named)
    out = module(torch.empty(0, *shape, device=device))
    kept = sum(each.numel() for key, each in module.named_buffers() if key.startswith("running"))
    return tuple(out.shape[1:]), sum(each.numel() for each in module.parameters()), kept


def run(layers: Sequence[str], size: int, channels: int, device: str) -> tuple[list[tuple[Shape, int]], int, int]:
    """The rows of the table (shapes with the channels last, parameters), and what is learned and kept in all."""
    shape: Shape = (channels, size, size)
    rows, learned, kept = [], 0, 0
    for text in layers:
        shape, parameters, running = through(text, shape, device)
        rows.append(((*shape[1:], shape[0]), parameters))
        learned, kept = learned + parameters, kept + running
    return rows, learned, kept


def program(layers: Sequence[str], shapes: Sequence[Sequence[int]], size: int, channels: int) -> str:
    """The network as a program to paste, with hooks that print every row; ``shapes`` have the channels last."""
    written = []
    for text, into in zip(layers, [(channels,), *shapes], strict=False):
        name, arguments, named = call(conv.layer(text), into[-1])
        inside = ", ".join([*map(str, arguments), *(f"{key}={value}" for key, value in named.items())])
        written.append(f"    nn.{name}({inside}),\n")
    return f"""\
import torch
from torch import nn

network = nn.Sequential(
{"".join(written)})


def row(layer, inputs, output):
    shape = tuple(output.movedim(1, -1).shape[1:])
    print(type(layer).__name__, shape, sum(p.numel() for p in layer.parameters()))


for layer in network:
    layer.register_forward_hook(row)
network(torch.zeros(2, {channels}, {size}, {size}))
print("learned", sum(p.numel() for p in network.parameters()))
print("kept", sum(b.numel() for name, b in network.named_buffers() if "running" in name))
"""
