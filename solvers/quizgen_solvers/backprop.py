"""Backpropagation by hand: the chain rule along the edges of a computation graph, and the deltas of a small network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from .exact import ExactError
from .quantity import Quantity, constant, relu, sigmoid, step, sum_of, tanh
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


WORDS = {
    "+": "a sum",
    "-": "a difference",
    "*": "a product",
    "square": "a square",
    "relu": r"$\max(0, \cdot)$",
    "sigmoid": r"$1 / (1 + e^{-\cdot})$",
    "tanh": "a hyperbolic tangent",
}
LOCAL_WORDS = {
    "+": "a sum passes the gradient on",
    "-": "a difference passes the gradient on, with its sign",
    "*": "a product passes the gradient on, times the other factor",
    "square": "the derivative of a square is twice its argument",
    "relu": "ReLU lets the gradient through where its argument is positive",
    "sigmoid": r"$\sigma' = \sigma(1 - \sigma)$, at the value of the forward pass",
    "tanh": r"$\tanh' = 1 - \tanh^2$, at the value of the forward pass",
}


def gradient_symbol(output: str, name: str) -> str:
    """How the derivative of the output with respect to a node is named: ``\\frac{\\partial f}{\\partial x}``."""
    return rf"\frac{{\partial {symbol(output)}}}{{\partial {symbol(name)}}}"


def symbol(name: str) -> str:
    """How a node is named: ``x``, and ``x_{1}`` for x1."""
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
        known[node.name] = work.let(symbol(node.name), FORWARD[node.op](*(known[a] for a in node.args)), WORDS[node.op])
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


# --- a network of two layers ------------------------------------------------------------------------------------------

DECIMALS = 6
"""To how many decimals the lines of a network's solution are carried."""

GRADIENTS = ("W_2", "b_2", "W_1", "b_1")


def two_layer(x: Any, y: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Work:
    """The deltas and all gradients of a network of two sigmoid layers under half the squared error.

    Column vectors: z_l = W_l a_{l-1} + b_l, a_l = σ(z_l), a_0 = x and ŷ = a_2; L = ½ ‖ŷ - y‖². ``x`` is (inputs, N)
    and ``y`` (outputs, N), a column for each sample, over which the loss is summed; ``W_1`` is (hidden, inputs) and
    ``b_1`` (hidden, 1). Whatever is 1 by 1 may be a number and becomes one. Lines are ``\\delta_2``, ``\\delta_1``,
    where δ_l = ∂L/∂z_l, and ``gradient_of("W_2")`` and so on.
    Source: Nielsen, Neural Networks and Deep Learning, 2015, chapter 2, equations BP1a to BP4.
    """
    work = Work(DECIMALS)
    a_0, target = work.given("x", _rows(x), "input"), work.given("y", _rows(y), "target")
    w1, b1 = work.given("W_1", _rows(W_1)), work.given("b_1", _rows(b_1))
    w2, b2 = work.given("W_2", _rows(W_2)), work.given("b_2", _rows(b_2))
    work.heading("Forward")
    z1 = work.let("z_1", _times(w1, a_0) + b1, "weighted sums of the hidden layer")
    a1 = work.let("a_1", sigmoid(z1), "its activations")
    z2 = work.let("z_2", _times(w2, a1) + b2, "weighted sums of the output layer")
    out = work.let(r"\hat y", sigmoid(z2), "the output")
    work.heading("Backward")
    d2 = work.let(
        r"\delta_2", (out - target) * out * (1 - out), r"the error times $\sigma'(z_2) = \hat y (1 - \hat y)$"
    )
    back = _times(_turned(w2), d2)
    d1 = work.let(r"\delta_1", back * a1 * (1 - a1), r"back through $W_2$, times $\sigma'(z_1) = a_1 (1 - a_1)$")
    work.heading("Gradients")
    for layer, delta, below in ((2, d2, a1), (1, d1, a_0)):
        before = "a_1" if layer == 2 else "x"
        work.let(gradient_of(f"W_{layer}"), _times(delta, _turned(below)), rf"$\delta_{layer}$ times ${before}^\top$")
        if samples(work) == 1:
            work.let(gradient_of(f"b_{layer}"), delta, "the delta itself")
        else:
            ones = constant([[1]] * samples(work))
            work.let(gradient_of(f"b_{layer}"), _times(delta, ones), "the delta, summed over the samples")
    return work


def gradient_of(name: str) -> str:
    """How the derivative of the loss with respect to a parameter is named."""
    return rf"\frac{{\partial L}}{{\partial {name}}}"


def samples(work: Work) -> int:
    """How many samples go through a network of `two_layer`."""
    shape = work[r"\hat y"].shape
    return shape[1] if shape else 1


def _rows(given: Any) -> Any:
    """Rows of numbers; a plain sequence is a column, and what is 1 by 1 is its number."""
    if not isinstance(given, (list, tuple)):
        return given
    rows = [row if isinstance(row, (list, tuple)) else [row] for row in given]
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows


def _times(a: Quantity, b: Quantity) -> Quantity:
    """The matrix product, which is an ordinary one where a factor is a number, and a number where it is 1 by 1."""
    if not a.shape or not b.shape:
        return a * b
    product = a @ b
    return product[0, 0] if product.shape == (1, 1) else product


def _turned(a: Quantity) -> Quantity:
    return a.T if a.shape else a


def two_layer_mistakes(work: Work) -> Iterator[Wrong]:
    """The wrong turns of `two_layer`."""
    y, w2, z1, a1 = (work[name] for name in ("y", "W_2", "z_1", "a_1"))
    out, d2, d1 = work[r"\hat y"], work[r"\delta_2"], work[r"\delta_1"]
    error = out - y
    back = _times(_turned(w2), d2)
    bare = {d2: error, d1: back}
    yield "σ' forgotten", r"Both deltas have the factor $\sigma'(z) = a (1 - a)$ of their own layer.", bare
    at_a = {d2: error, d1: _times(_turned(w2), error * out * (1 - out))}
    yield "delta at a", r"A delta is $\partial L / \partial z$: go on from $a$ to $z$ by $\sigma'(z)$.", at_a
    twice = {d2: error * sigmoid(out) * (1 - sigmoid(out)), d1: back * sigmoid(a1) * (1 - sigmoid(a1))}
    yield "σ' taken at a", r"$\sigma'(z) = a (1 - a)$: the activation goes in as it is.", twice
    if len(w2.shape) == 2 and w2.shape[0] == w2.shape[1]:
        straight = {d1: w2 @ d2 * a1 * (1 - a1)}
        yield "W not transposed", r"Backward, $W_2$ is transposed: each hidden unit collects over its column.", straight
    yield "sign", r"The derivative of the loss is $\hat y - y$.", {d2: (y - out) * out * (1 - out)}
    doubled = {d2: 2 * error * out * (1 - out)}
    yield "factor 2", "The half in front of the loss cancels the 2 of the square.", doubled
    before = {work[gradient_of("W_2")]: _times(d2, _turned(z1))}
    yield "z for a", "The gradient of a weight takes the activation before it.", before
    if samples(work) > 1:
        every = [work[gradient_of(name)] for name in GRADIENTS]
        yield "mean for sum", "The loss is summed over the samples.", {q: q / samples(work) for q in every}
