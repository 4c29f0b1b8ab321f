from collections.abc import Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Annotated, Any, Self

from quizgen.answers import Number
from quizgen.errors import ParameterError
from quizgen.families.backprop._graphs import drawn, picture, program
from quizgen.family import Mistake, Part, family
from quizgen.figures import ComputationGraph
from quizgen.parameters import Range, latex
from quizgen.rng import Rng
from quizgen_solvers import ExactError, Work, backprop
from quizgen_solvers.exact import fmpq

MOST_NODES = 12


@family(
    "backprop.scalar-graph",
    levels={1: "a chain of sums and products", 2: "with ReLU and squares", 3: "branching: paths add"},
)
@dataclass(frozen=True)
class ScalarGraph:
    """Backpropagation on a computation graph.

    Asks for the value at the output and for the gradient of every marked edge: forward once, then backward by the
    chain rule, multiplying along a path and adding over paths.

        ∂f/∂x = Σ over the edges from x to a node u:  ∂f/∂u · ∂u/∂x

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.5. The derivative of ReLU at 0 is 0, as in
    PyTorch.
    """

    nodes: Annotated[
        tuple[str, ...], "one operation each, like q=x+y, r=q*z, f=relu(r); also - and square, sigmoid, tanh"
    ]
    values: Annotated[tuple[fmpq, ...], Range(-1000, 1000), "the inputs, in the order in which they appear"]

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        nodes, values = drawn(rng, level)
        return cls(nodes, tuple(map(fmpq, values)))

    def validate(self) -> None:
        if len(self.nodes) > MOST_NODES:
            raise ParameterError(f"a hand works graphs of at most {MOST_NODES} nodes, not {len(self.nodes)}")
        try:
            inputs = backprop.graph(self.nodes).inputs
        except ExactError as problem:
            raise ParameterError(str(problem)) from problem
        if words := [name for name in (*inputs, *(node.name for node in self.graph.nodes)) if iskeyword(name)]:
            raise ParameterError(f"{words[0]!r} is a word of Python, so no program could use it: choose another name")
        if len(inputs) != len(self.values):
            raise ParameterError(f"the graph has the inputs {', '.join(inputs)}: give {len(inputs)} values")

    def worth_asking(self, work: Work) -> bool:
        return all(-10_000 < line.value < 10_000 for line in work.lines)

    @property
    def graph(self) -> backprop.Graph:
        return backprop.graph(self.nodes)

    @property
    def rough(self) -> bool:
        return any(node.op in ("sigmoid", "tanh") for node in self.graph.nodes)

    def statement(self) -> str:
        values = ", ".join(
            f"${backprop.symbol(x)} = {latex(v)}$" for x, v in zip(self.graph.inputs, self.values, strict=True)
        )
        relu = " The derivative of ReLU is **0 at 0**." if any(node.op == "relu" for node in self.graph.nodes) else ""
        return (
            f"Work the graph **forward**, then **backward** by the chain rule, with {values}.{relu}\n\n"
            "![The computation graph](figure:graph)"
        )

    def figures(self) -> dict[str, ComputationGraph]:
        return {"graph": picture(self.graph, self.values)}

    def solve(self) -> Work:
        return backprop.scalar_graph(self.nodes, self.values, 6 if self.rough else None)

    def parts(self, work: Work) -> tuple[Part, ...]:
        f, kind = self.graph.output, Number(4 if self.rough else None)
        gradients = [(x, backprop.gradient_symbol(f, x)) for x in self.graph.inputs]
        return (
            Part(f"What is ${backprop.symbol(f)}$?", work[backprop.symbol(f)], kind),
            *(Part(f"What is ${name}$?", work[name], kind) for _, name in gradients),
        )

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in backprop.scalar_graph_mistakes(work, self.nodes))

    def batch_key(self) -> tuple[str, ...]:
        return self.nodes

    @staticmethod
    def torch_run(batch: Sequence["ScalarGraph"], device: str) -> Sequence[Any]:
        import torch

        from quizgen.verify.tensors import tensor

        torch_ops = {"+": torch.add, "-": torch.sub, "*": torch.mul} | {
            name: getattr(torch, name) for name in ("relu", "sigmoid", "tanh", "square")
        }
        graph = batch[0].graph
        inputs = [tensor(column, device).requires_grad_() for column in zip(*(q.values for q in batch), strict=True)]
        known = dict(zip(graph.inputs, inputs, strict=True))
        for node in graph.nodes:
            known[node.name] = torch_ops[node.op](*(known[a] for a in node.args))
        return known[graph.output].detach(), *torch.autograd.grad(known[graph.output].sum(), inputs)

    def program(self) -> str:
        return program(self.graph, self.values)
