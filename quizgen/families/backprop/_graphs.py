"""Small computation graphs: which are drawn at random, how they are pictured, and how PyTorch writes them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from quizgen.figures import ComputationGraph, Edge, Node
from quizgen.parameters import latex, text
from quizgen.rng import Rng
from quizgen_solvers.backprop import Graph, graph, symbol

SHAPES = {  # @ stands for one of + - *
    1: (
        "q = x + y; f = q * z",
        "q = x * y; f = q @ z",
        "q = x @ y; r = q * z; f = r @ w",
        "q = x @ y; r = z * w; f = q * r",
    ),
    2: (
        "q = w * x; r = q @ b; s = relu(r); f = s * v",
        "q = x @ y; r = square(q); f = r * z",
        "q = w * x; r = q @ b; s = r @ y; f = square(s)",
        "q = x * y; r = relu(q); s = z * w; f = r @ s",
        "q = x @ y; r = q * z; s = relu(r); f = s @ w",
        "q = u * x; r = v * y; s = q @ r; f = square(s)",
    ),
    3: (
        "q = x @ y; r = q * z; s = q @ w; f = r * s",
        "q = x * y; r = q @ x; s = r * z; f = s @ w",
        "q = w * x; r = relu(q); s = u * r; t = v * r; f = s @ t",
        "q = x @ y; r = square(q); s = q * z; f = r @ s",
        "q = x * y; r = q @ z; s = r * q; t = relu(s); f = t @ x",
        "q = w * x; r = q @ b; s = r * v; t = square(r); f = s @ t",
    ),
}
FORMULAS = {
    "+": "{} + {}",
    "-": "{} - {}",
    "*": r"{} \cdot {}",
    "relu": r"\mathrm{{ReLU}}({})",
    "sigmoid": r"\sigma({})",
    "tanh": r"\tanh({})",
    "square": "{}^2",
}
CALLS = {
    "relu": "torch.relu({})",
    "sigmoid": "torch.sigmoid({})",
    "tanh": "torch.tanh({})",
    "square": "{} ** 2",
}


PLAIN: dict[str, Callable[..., int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "relu": lambda a: max(a, 0),
    "square": lambda a: a * a,
}
LARGEST = 9999
"""The largest value of a node that a hand is asked to carry on."""


def drawn(rng: Rng, level: int) -> tuple[tuple[str, ...], list[int]]:
    """The nodes of a random graph of that level, and inputs with which no node is out of proportion.

    None is 0 either, but where a ReLU is closed: sometimes one should be.
    """
    shape = rng.choice(SHAPES[level])
    nodes = tuple(line.strip().replace("@", rng.choice("+-*")) for line in shape.split(";"))
    made = graph(nodes)
    most = 9 if len(made.inputs) > 3 else 20
    while True:
        values = [rng.nonzero(-most, most) for _ in made.inputs]
        known = dict(zip(made.inputs, values, strict=True))
        for node in made.nodes:
            known[node.name] = PLAIN[node.op](*(known[a] for a in node.args))
        closed = {node.name for node in made.nodes if node.op == "relu"} if rng.chance(1, 4) else set()
        if all(abs(x) <= LARGEST and (x or name in closed) for name, x in known.items()):
            return nodes, values


def picture(graph: Graph, values: Sequence[Any]) -> ComputationGraph:
    """The graph with the values of its inputs; the edges whose gradients are asked for are marked."""
    inputs = [Node(x, symbol(x), "input", latex(v)) for x, v in zip(graph.inputs, values, strict=True)]
    made = []
    for n in graph.nodes:  # each node spells its formula: a picture alone does not say which operand comes first
        formula = f"{symbol(n.name)} = {FORMULAS[n.op].format(*map(symbol, n.args))}"
        made.append(Node(n.name, formula, "output" if n.name == graph.output else "operation"))
    edges = [Edge(a, n.name, marked=a in graph.inputs) for n in graph.nodes for a in n.args]
    return ComputationGraph((*inputs, *made), edges, "Computation graph")


def program(graph: Graph, values: Sequence[Any]) -> str:
    """The forward pass and autograd, as a program to paste."""
    lines = [f"{n.name} = " + CALLS.get(n.op, f"{{}} {n.op} {{}}").format(*n.args) for n in graph.nodes]
    names = ", ".join(graph.inputs)
    given = f"torch.tensor([{', '.join(map(text, values))}], dtype=torch.float64, requires_grad=True).unbind()"
    asked = f"print({graph.output}.item(), *torch.autograd.grad({graph.output}, [{names}]))"
    return "\n".join(["import torch", "", f"{names} = {given}", *lines, asked, ""])
