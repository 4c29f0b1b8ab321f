from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from quizgen.answers import Shape, Table
from quizgen.errors import ParameterError
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen_solvers import Work, net

LAYOUT_NAMES: tuple[net.Layout, ...] = ("columns", "rows", "folded")
LAYOUTS = {
    "columns": r"**samples are columns**: $Z_l = W_l A_{l-1} + b_l$, with $A_0 = X^\top$ and $b_l$ a column",
    "rows": r"**samples are rows**: $Z_l = A_{l-1} W_l^\top + b_l$, with $A_0 = X$ and $b_l$ a row",
    "folded": r"**samples are columns and the bias is folded in**: $Z_l = W_l^\top [1; A_{l-1}]$, with $A_0 = X^\top$",
}


@family("net.shapes", levels={1: "one layer", 2: "two layers", 3: "three layers, the bias folded in or not"})
@dataclass(frozen=True)
class Shapes:
    """Shapes in a fully connected network.

    Asks for the shape of every weight matrix, bias, pre-activation and activation when a batch of N samples goes
    through. Books differ in how samples lie, so the first line of a question names it:

        columns   Z = W A + b        W (out, in)        b (out, 1)     Z (out, N)
        rows      Z = A Wᵀ + b       W (out, in)        b (1, out)     Z (N, out)
        folded    Z = Wᵀ [1; A]      W (in + 1, out)                   Z (out, N)

    Source: the first is common in courses on backpropagation, the second is that of PyTorch's Linear, the third that
    of Bishop, Pattern Recognition and Machine Learning, 2006, section 5.1.
    """

    sizes: Annotated[tuple[int, ...], Range(1, 4096), "units of each layer, the input first"]
    batch: Annotated[int, Range(1, 4096), "samples in the batch, N"]
    layout: Literal["columns", "rows", "folded"] = "columns"

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        layout = rng.choice(LAYOUT_NAMES[: 3 if level == 3 else 2])
        sizes = rng.sample(range(2, 49), level + 2)  # all different, so that a shape says where it is from
        return cls(tuple(sizes[:-1]), sizes[-1], layout)

    def validate(self) -> None:
        if not 2 <= len(self.sizes) <= 7:
            raise ParameterError(f"the sizes of 1 to 6 layers are wanted, the input first: not {len(self.sizes)} sizes")

    def statement(self) -> str:
        network = "-".join(map(str, self.sizes))
        return (
            f"A fully connected network in which {LAYOUTS[self.layout]}.\n\n"
            f"The network is {network}, the input first, and a batch of $N = {self.batch}$ samples "
            f"$X$ of shape $({self.batch}, {self.sizes[0]})$ goes through it."
        )

    def solve(self) -> Work:
        return net.shapes(self.sizes, self.batch, self.layout)

    @property
    def names(self) -> list[str]:
        """What has a shape, layer by layer: W_1, b_1, Z_1, A_1, W_2, …"""
        kinds = "WZA" if self.layout == "folded" else "WbZA"
        return [f"{kind}_{i}" for i in range(1, len(self.sizes)) for kind in kinds]

    def parts(self, work: Work) -> tuple[Part, ...]:
        cells = tuple((work[net.shape_symbol(name)],) for name in self.names)
        kind = Table(("shape",), (Shape(),), tuple(f"${name}$" for name in self.names))
        return (Part("Fill in the shapes.", cells, kind, len(self.sizes)),)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in net.shape_mistakes(work, len(self.sizes) - 1, self.layout))

    @staticmethod
    def torch_run(batch: Sequence["Shapes"], device: str) -> Sequence[Any]:
        from quizgen.families.net._modules import shapes_of

        return ([tuple((shape,) for shape in shapes_of(q.sizes, q.batch, q.layout, device)) for q in batch],)

    def program(self) -> str:
        from quizgen.families.net._modules import shapes_program

        return shapes_program(self.sizes, self.batch, self.layout)
