"""Backpropagation by hand: the chain rule along the edges of a computation graph, and the deltas of a small network."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from .exact import ExactError
from .quantity import Quantity, relu, sigmoid, step, sum_of, tanh
from .work import Work, Wrong

_NAME = "[a-z][A-Za-z0-9]?"
_NODE = re.compile(
    rf"\s*(?P<name>{_NAME})\s*=\s*(?:(?P<left>{_NAME})\s*(?P<op>[-+*])\s*(?P<right>{_NAME})"
    rf"|(?P<function>relu|sigmoid|tanh|square)\s*\(\s*(?P<inner>{_NAME})\s*\))\s*",
    re.ASCII,
)

FORWARD: dict[str, Callable[..., Quantity]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "square": lambda a: a**2,
}


@dataclass(frozen=True)
class Node:
    """``name = op(args)``: one operation of a computation graph, its arguments by name."""

    name: str
    op: str
    args: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """A computation graph: its inputs in order of appearance, and its nodes, the last of which is the output."""

    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]

    @property
    def output(self) -> str:
        return self.nodes[-1].name

    def users(self, name: str) -> list[tuple[Node, int]]:
        """The nodes that take ``name``, and as which of their arguments; one entry for every edge."""
        return self._users.get(name, [])

    @cached_property
    def _users(self) -> dict[str, list[tuple[Node, int]]]:
        found: dict[str, list[tuple[Node, int]]] = {}
        for node in self.nodes:
            for i, arg in enumerate(node.args):
                found.setdefault(arg, []).append((node, i))
        return found


@lru_cache(maxsize=4096)
def graph(lines: tuple[str, ...]) -> Graph:
    """Reads lines like ``q = x + y``, ``r = q * z``, ``f = relu(r)``: + - * and relu, sigmoid, tanh, square.

    A name is a small letter, and perhaps one more letter or digit. Raises `ExactError` for a line that is none of
    these, a name that is set twice, and a node that nothing uses.
    """
    nodes: list[Node] = []
    inputs: dict[str, None] = {}
    for line in lines:
        found = _NODE.fullmatch(line)
        if not found:
            raise ExactError(f"{line!r} is no node: write 'q = x + y', 'q = x * y' or 'q = relu(x)'")
        args = (found["left"], found["right"]) if found["op"] else (found["inner"],)
        made = {node.name for node in nodes}
        if found["name"] in made or found["name"] in inputs or found["name"] in args:
            raise ExactError(f"{found['name']} is set twice: give every node a name of its own, before it is used")
        inputs |= dict.fromkeys(arg for arg in args if arg not in made)
        nodes.append(Node(found["name"], found["op"] or found["function"], args))
    whole = Graph(tuple(inputs), tuple(nodes))
    if not nodes or any(not whole.users(node.name) for node in nodes[:-1]):
        raise ExactError("every node but the last must be used by a later one")
    return whole


def local(node: Node, which: int, values: dict[str, Quantity]) -> Quantity | int:
    """The derivative of a node with respect to one of its arguments, at the values of the forward pass."""
    value = values[node.args[which]]
    match node.op:
        case "+":
            return 1
        case "-":
            return 1 if which == 0 else -1
        case "*":
            return values[node.args[1 - which]]
        case "square":
            return 2 * value
        case "relu":
            return step(value)
        case "sigmoid":
            return values[node.name] * (1 - values[node.name])
        case _:
            return 1 - values[node.name] ** 2


LOCAL_WORDS = {
    "+": "a sum passes the gradient on",
    "-": "a difference passes the gradient on, with its sign",
    "*": "a product passes it on times the other factor",
    "square": "the derivative of a square is twice its argument",
    "relu": "ReLU lets it through where its argument is positive",
    "sigmoid": r"$\sigma' = \sigma(1 - \sigma)$, at the value of the forward pass",
    "tanh": r"$\tanh' = 1 - \tanh^2$, at the value of the forward pass",
}


def gradient_symbol(output: str, name: str) -> str:
    return rf"\frac{{\partial {symbol(output)}}}{{\partial {symbol(name)}}}"


def symbol(name: str) -> str:
    return name if len(name) == 1 else f"{name[0]}_{{{name[1]}}}"


def scalar_graph(lines: Sequence[str], values: Sequence[Any], decimals: int | None = 6) -> Work:
    """Values forward, then gradients back through a computation graph, every edge by the chain rule.

    ``lines`` as `graph` reads them; ``values`` are those of the inputs in order of appearance. Lines are named like
    the nodes, and ``gradient_symbol(output, name)`` for the gradients. Where a value is used several times the
    gradients of its paths add.
    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.5.
    """
    whole = graph(tuple(lines))
    if len(values) != len(whole.inputs):
        raise ExactError(f"the graph has the inputs {', '.join(whole.inputs)}, so it takes {len(whole.inputs)} values")
    work = Work(decimals)
    known = {name: work.given(symbol(name), value) for name, value in zip(whole.inputs, values, strict=True)}
    work.heading("Forward")
    for node in whole.nodes:
        known[node.name] = work.let(symbol(node.name), FORWARD[node.op](*(known[a] for a in node.args)), "forward")
    work.heading("Backward")
    gradients: dict[str, Quantity] = {}
    order = [*(node.name for node in reversed(whole.nodes[:-1])), *whole.inputs]
    for name in order:
        paths = [along(whole, edge, known, gradients) for edge in whole.users(name)]
        words = "; ".join(dict.fromkeys(LOCAL_WORDS[node.op] for node, _ in whole.users(name)))
        if len(paths) > 1:
            words = f"{len(paths)} paths lead from here, and they add: {words}"
        total = paths[0] if len(paths) == 1 else sum_of(paths)
        gradients[name] = work.let(gradient_symbol(whole.output, name), total, words)
    return work


def along(
    whole: Graph, edge: tuple[Node, int], values: dict[str, Quantity], gradients: dict[str, Quantity]
) -> Quantity | int:
    """What flows back along one edge: the gradient at its head times the local derivative."""
    node, which = edge
    derivative = local(node, which, values)
    if node.name == whole.output:
        return derivative
    upstream = gradients[node.name]
    if derivative.__class__ is int:
        return upstream if derivative == 1 else -upstream
    return upstream * derivative


def scalar_graph_mistakes(work: Work, lines: Sequence[str]) -> list[Wrong]:
    """The wrong turns of `scalar_graph`: a name, what to look at, and what stands in place of what."""
    whole = graph(tuple(lines))
    out = whole.output
    names = [*whole.inputs, *(node.name for node in whole.nodes)]
    values = {name: work[symbol(name)] for name in names}
    gradients = {name: work[gradient_symbol(out, name)] for name in names if name != out}

    def everywhere(rule: Callable[[Node, int], Quantity | int | None]) -> dict[Quantity, Any]:
        """Every gradient of which ``rule`` changes the local derivative of an edge (None: leave it)."""
        found: dict[Quantity, Any] = {}
        for name, total in gradients.items():
            edges = whole.users(name)
            changed = [rule(*edge) for edge in edges]
            if any(c is not None for c in changed):
                paths = []
                for (node, which), wrong in zip(edges, changed, strict=True):
                    upstream = gradients.get(node.name, 1)
                    paths.append(along(whole, (node, which), values, gradients) if wrong is None else upstream * wrong)
                found[total] = sum_of(paths)
        return found

    def own_value(node: Node, which: int) -> Quantity | None:
        return {"*": values[node.args[which]], "square": values[node.name]}.get(node.op)

    def open_gate(node: Node, which: int) -> int | None:
        return 1 if node.op == "relu" else None

    branching = {name: whole.users(name) for name in gradients if len(whole.users(name)) > 1}
    one, product = {}, {}
    for name, edges in branching.items():
        paths = [along(whole, edge, values, gradients) for edge in edges]
        one[gradients[name]] = paths[0]
        product[gradients[name]] = paths[0]
        for path in paths[1:]:
            product[gradients[name]] = product[gradients[name]] * path
    upstream_lost = {
        gradients[name]: sum_of([local(node, which, values) for node, which in whole.users(name)])
        for name in gradients
        if any(node.name != out for node, _ in whole.users(name))
    }
    found = [
        (
            "own value for the other",
            "The derivative of a product is the other factor; of a square, twice its argument.",
            everywhere(own_value),
        ),
        ("gate of ReLU ignored", "ReLU passes no gradient where its argument is not positive.", everywhere(open_gate)),
        ("one path only", "The gradient comes back along every path, and the paths add.", one),
        ("paths multiplied", "Factors along a path multiply; paths add.", product),
        (
            "upstream gradient forgotten",
            "Multiply the local derivative by the gradient that comes from above.",
            upstream_lost,
        ),
    ]
    return [(name, why, replace) for name, why, replace in found if replace]
