from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from quizgen.answers import Integer
from quizgen.errors import ParameterError
from quizgen.families.net._modules import net_program, stack, widest, width_program
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen_solvers import Work, net
from quizgen_solvers.quantity import Quantity, ceil, floor
from quizgen_solvers.work import indexed

Wrong = dict[str, tuple[str, dict[Quantity, Any]]]
WIDTHS = (*range(5, 13), *range(15, 41, 5), *range(16, 129, 8), 50, 150, 200)
"""Widths that a hand multiplies easily."""


@family(
    "net.parameter-count",
    levels={1: "one hidden layer", 2: "two or three hidden layers", 3: "inverse: a width from a budget"},
)
@dataclass(frozen=True)
class ParameterCount:
    """Parameters of a fully connected network.

    Asks how many weights and biases a network d₀-d₁-…-d_L has, or how wide a hidden layer may be within a budget.

        weights  d₀d₁ + d₁d₂ + …          biases  d₁ + d₂ + … + d_L

    Every unit but those of the input has one bias. Source: Goodfellow, Bengio and Courville, Deep Learning, 2016,
    section 6.1.
    """

    sizes: Annotated[tuple[int, ...], Range(1, 1_000_000), "units of each layer, the input first"]
    find: Literal["count", "width"] = "count"
    layer: Annotated[int, Range(1, 20), "which hidden layer's width is asked for; the one in sizes is not used"] = 1
    budget: Annotated[int, Range(1, 10**12), "parameters at most, when a width is asked for"] = 10_000

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        hidden = {1: 1, 2: rng.integer(2, 3), 3: rng.integer(1, 2)}[level]
        sizes = (rng.choice(WIDTHS), *(rng.choice(WIDTHS) for _ in range(hidden)), rng.integer(2, 20))
        if level < 3:
            return cls(sizes)
        layer = rng.integer(1, hidden)
        each = sizes[layer - 1] + 1 + sizes[layer + 1]
        return cls(sizes, "width", layer, net.parameter_count(sizes)["P"].value + rng.integer(1, each - 1))

    def validate(self) -> None:
        if len(self.sizes) < 2:
            raise ParameterError("a network has at least an input and an output: sizes=20,50,100,3")
        if self.find == "width" and not 0 < self.layer < len(self.sizes) - 1:
            raise ParameterError(f"layer {self.layer} is none of the {len(self.sizes) - 2} hidden layers")

    @property
    def network(self) -> str:
        hidden = self.layer if self.find == "width" else -1
        return "-".join("h" if i == hidden else str(size) for i, size in enumerate(self.sizes))

    def statement(self) -> str:
        start = f"A fully connected network **{self.network}**, the input first, has **a bias in every layer**."
        if self.find == "count":
            return start
        return f"{start} It may have at most {self.budget} parameters, biases included."

    def solve(self) -> Work:
        if self.find == "count":
            return net.parameter_count(self.sizes)
        return net.width_from_budget([None if i == self.layer else n for i, n in enumerate(self.sizes)], self.budget)

    def parts(self, work: Work) -> tuple[Part, ...]:
        if self.find == "width":
            return (Part("How wide may the layer $h$ be at most?", work["h"], Integer(), 2),)
        return (
            Part("How many weights are there?", work["W"], Integer()),
            Part("How many biases are there?", work["B"], Integer()),
            Part("How many parameters are there in all?", work["P"], Integer()),
        )

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        if self.find == "width":
            most, fixed, each = work["P"], work["r"], work["c"]
            before, after = work[indexed("d", self.layer - 1)], work[indexed("d", self.layer + 1)]
            wrong: Wrong = {
                "rounded up": (
                    "One unit more is too many: round down.",
                    {work["h"]: ceil((most - fixed) / each)},
                ),
                "bias forgotten": ("Every unit of the layer brings a bias too.", {each: before + after}),
                "rest forgotten": ("First take off what the width does not change.", {work["h"]: floor(most / each)}),
            }
        else:
            inputs, units = work["d_0"], self.sizes[1:]
            wrong = {
                "bias forgotten": ("Every unit that is not an input has a bias.", {work["B"]: 0}),
                "input counted as a layer": ("Inputs have no bias.", {work["B"]: inputs + sum(units)}),
                "one bias for a layer": ("A layer has as many biases as units.", {work["B"]: len(units)}),
            }
        return tuple(Mistake(name, why, replace) for name, (why, replace) in wrong.items())

    def batch_key(self) -> str:
        return self.find

    @staticmethod
    def torch_run(batch: Sequence["ParameterCount"], device: str) -> Sequence[Any]:
        if batch[0].find == "width":
            return ([widest(q.sizes, q.layer, q.budget) for q in batch],)
        counted = [stack(q.sizes) for q in batch]
        return [w for w, _ in counted], [b for _, b in counted], [w + b for w, b in counted]

    def program(self) -> str:
        if self.find == "count":
            return net_program(self.sizes)
        return width_program(self.sizes, self.layer, self.budget, int(self.solve()["h"].value))
