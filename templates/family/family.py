# A skeleton that runs: change it from top to bottom, in the order in which a question comes to be.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen_solvers import Work
from quizgen_solvers.exact import fmpq

from quizgen.answers import Number
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range, text
from quizgen.rng import Rng


@family("example.some-name", levels={1: "whole numbers", 2: "decimals"})
@dataclass(frozen=True)
class SomeName:
    """A neuron with two inputs.

    Say here what is asked, in which convention, and where the formula is from: `quizgen explain` prints this text.

        z = w₁ x₁ + w₂ x₂ + b

    Source: name the book, paper or course here.
    """

    # The parameters: type, range and what each of them is. `quizgen solve` takes them by these names.
    x1: Annotated[fmpq, Range(-100, 100), "first input"]
    x2: Annotated[fmpq, Range(-100, 100), "second input"]
    w1: Annotated[fmpq, Range(-100, 100), "weight of the first input"]
    w2: Annotated[fmpq, Range(-100, 100), "weight of the second input"]
    b: Annotated[fmpq, Range(-100, 100), "bias"]

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        """Numbers that a hand can work with. Draws that are degenerate are drawn again by the core."""
        unit = 1 if level == 1 else 10
        x1, x2, w1, w2, b = (fmpq(rng.nonzero(-12 * unit, 12 * unit), unit) for _ in range(5))
        return cls(x1, x2, w1, w2, b)

    def statement(self) -> str:
        """The words. The first line names every convention that changes the answer."""
        return (
            r"A linear neuron computes $z = w_1 x_1 + w_2 x_2 + b$. "
            rf"Its weights are $w_1 = {text(self.w1)}$ and $w_2 = {text(self.w2)}$, its bias is $b = {text(self.b)}$, "
            rf"and its inputs are $x_1 = {text(self.x1)}$ and $x_2 = {text(self.x2)}$."
        )

    def solve(self) -> Work:
        """The worked solution: every `let` is one of its lines.

        A solver that other families could use too belongs into solvers/quizgen_solvers/, one file for each field.
        """
        work = Work()
        x1, x2 = work.given("x_1", self.x1), work.given("x_2", self.x2)
        w1, w2 = work.given("w_1", self.w1), work.given("w_2", self.w2)
        b = work.given("b", self.b, "bias")
        s = work.let("s", w1 * x1 + w2 * x2, "weighted sum of the inputs", decimals=None)
        work.let("z", s + b, "the bias is added", decimals=None)
        return work

    def parts(self, work: Work) -> tuple[Part, ...]:
        """What is asked. `Number(decimals=4)` asks for a rounded answer; its tolerance is worked out by the core."""
        return (Part("What is $z$?", work["z"], Number(), points=2),)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        """Wrong methods, never "the answer plus one": what the work has in the place of one of its quantities."""
        x1, x2, w1, w2, s, b = (work[name] for name in ("x_1", "x_2", "w_1", "w_2", "s", "b"))
        return (
            Mistake("bias forgotten", "The bias is added after the weighted sum.", {work["z"]: s}),
            Mistake("weights swapped", "Each input is multiplied by its own weight.", {s: w2 * x1 + w1 * x2}),
            Mistake("bias weighted", "The bias is multiplied by no input.", {work["z"]: s + b * x2}),
        )

    @staticmethod
    def torch_run(batch: Sequence[SomeName], device: str) -> Sequence[Any]:
        """The answers again by PyTorch's own layer, never by the formula above: one entry a part, batch first."""
        import torch

        from quizgen.verify.tensors import tensor

        x = tensor([(q.x1, q.x2) for q in batch], device)
        weight = tensor([[(q.w1, q.w2)] for q in batch], device)
        bias = tensor([[q.b] for q in batch], device)
        layer = torch.vmap(torch.nn.functional.linear)
        return (layer(x, weight, bias)[:, 0],)

    def program(self) -> str:
        """A short program that a student can paste; it prints the answer."""
        return f"""\
import torch

neuron = torch.nn.Linear(2, 1, dtype=torch.float64)
neuron.weight.data = torch.tensor([[{text(self.w1)}, {text(self.w2)}]], dtype=torch.float64)
neuron.bias.data = torch.tensor([{text(self.b)}], dtype=torch.float64)
print(neuron(torch.tensor([{text(self.x1)}, {text(self.x2)}], dtype=torch.float64)).item())
"""
