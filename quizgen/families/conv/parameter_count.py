from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen.answers import Integer
from quizgen.errors import ParameterError
from quizgen.families.conv._modules import count, layer_text, most_filters
from quizgen.families.conv._words import times
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen_solvers import Work, conv


@family("conv.parameter-count", levels={1: "weights and biases", 2: "groups, not square", 3: "how many filters"})
@dataclass(frozen=True)
class ParameterCount:
    """Parameters of a convolution layer.

    Asks for the weights and for all parameters of one layer, or turns it round: how many filters a number of
    parameters pays for.

        W = f_h · f_w · C_in / g · C_out          P = W + C_out          (P = W without biases)

    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998, which
    counts one bias for each feature map. In g groups a filter sees only the C_in / g channels of its own group.
    """

    c_in: Annotated[int, Range(1, 8192), "input channels"]
    f: Annotated[tuple[int, ...], Range(1, 64), "kernel size in pixels, or height and width"]
    c_out: Annotated[int, Range(0, 8192), "filters; 0 asks for them"] = 0
    budget: Annotated[int, Range(0, 10**9), "parameters at most, where filters are asked for"] = 0
    groups: Annotated[int, Range(1, 8192), "groups that the channels are split into"] = 1
    bias: bool = True

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        if level == 1:
            return cls(rng.integer(2, 64), (rng.integer(2, 7),), rng.integer(4, 128))
        groups, bias = rng.choice((1, 2, 2, 4, 8)), rng.chance(3, 4)
        c_in, c_out = groups * rng.integer(2, 40), groups * rng.integer(4, 60)
        if level == 2:
            return cls(c_in, rng.integers(2, 1, 7), c_out, 0, groups, bias)
        f = rng.integer(2, 5)
        each = f * f * c_in + groups * bias  # one filter more in every group
        budget = each * (c_out // groups) + rng.integer(0, each - 1)
        return cls(c_in, (f,), 0, budget, groups, bias)

    def validate(self) -> None:
        if len(self.f) not in (1, 2):
            raise ParameterError("f is one number or two: height and width")
        if (self.c_out > 0) == (self.budget > 0):
            raise ParameterError("give c_out to count its parameters, or a budget to ask for c_out")
        if self.c_in % self.groups or self.c_out % self.groups:
            raise ParameterError(f"groups must divide c_in and c_out, and {self.groups} does not")

    def statement(self) -> str:
        biases = "**one bias for each filter**" if self.bias else "**no biases**"
        channels = f"${conv.C_IN} = {self.c_in}$ input channels"
        groups = f" in $g = {self.groups}$ **groups**" if self.groups > 1 else ""
        filters = f"${conv.C_OUT} = {self.c_out}$ filters" if self.c_out else "filters"
        kernel = times((self.f[0], self.f[-1]))
        most = f" It may have at most {self.budget} parameters{', biases included' * self.bias}."
        return f"A convolution layer with {biases} takes {channels}{groups} and has {filters} of ${kernel}$ pixels." + (
            most if self.budget else ""
        )

    def solve(self) -> Work:
        if self.budget:
            return conv.filters_from_budget(self.c_in, self.budget, self.f, self.groups, self.bias)
        return conv.parameter_count(self.c_in, self.c_out, self.f, self.groups, self.bias)

    def parts(self, work: Work) -> tuple[Part, ...]:
        if self.budget:
            even = ", equally many in every group" if self.groups > 1 else ""
            return (Part(f"How many filters may it have at most{even}?", work[conv.C_OUT], Integer(), 2),)
        weights, every = "How many weights does it have?", "How many parameters does it have in all?"
        return Part(weights, work["W"], Integer()), Part(every, work["P"], Integer())

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in conv.count_mistakes(work, self.groups, self.bias))

    def batch_key(self) -> bool:
        return self.budget > 0

    @staticmethod
    def torch_run(batch: Sequence["ParameterCount"], device: str) -> Sequence[Any]:
        if batch[0].budget:
            return ([most_filters(q.c_in, q.budget, q.f, q.groups, q.bias) for q in batch],)
        return tuple(zip(*(count(q.c_in, q.c_out, q.f, q.groups, q.bias) for q in batch), strict=True))

    def program(self) -> str:
        if not self.budget:
            layer = layer_text(self.c_in, self.c_out, self.f, self.groups, self.bias)
            return f"""\
from torch import nn

layer = {layer}
print(layer.weight.numel(), sum(p.numel() for p in layer.parameters()))
"""
        right = self.solve()[conv.C_OUT].value
        layer = layer_text(self.c_in, "filters", self.f, self.groups, self.bias)
        return f"""\
from torch import nn

for filters in range({max(self.groups, right - self.groups)}, {right + self.groups + 1}, {self.groups}):
    count = sum(p.numel() for p in {layer}.parameters())
    print(filters, count, "fits" if count <= {self.budget} else "too many")
"""
