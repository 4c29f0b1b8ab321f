from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen.answers import Integer, Shape, Table
from quizgen.errors import ParameterError
from quizgen.families.conv._drawn import conventions, drawn, picture
from quizgen.families.conv._network import program, run
from quizgen.family import Mistake, Part, family
from quizgen.figures import LayerStack
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen_solvers import ExactError, Work, conv

SMALL = 6
"""So many layers at most are drawn as a stack: a longer one is easier to read as a list."""


@family(
    "conv.layer-table",
    levels={1: "one convolution", 2: "two convolutions, batch norm", 3: "strides, groups, lacking biases"},
    distractors=3,
)
@dataclass(frozen=True)
class LayerTable:
    """Shapes and parameters of a whole CNN.

    Asks for the row of every layer: the shape that leaves it, and how many parameters it learns; then for the totals,
    learnable and not.

        convolution  ⌊(n + 2p - f) / s⌋ + 1 pixels a side, f² · C_in / g · C_out + C_out parameters
        pooling      ⌊(n - f) / s⌋ + 1 pixels a side, no parameters
        batch norm   the same shape, 2C learnable parameters (γ, β) and 2C running statistics
        flatten      one vector of all numbers; fully connected: m · n + n parameters

    Sources: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016; Ioffe and Szegedy, "Batch
    normalization", 2015. Shapes are (height, width, channels).
    """

    layers: Annotated[
        tuple[str, ...],
        "conv3-8, pool2, avgpool2, batchnorm, relu, flatten, fc10; options as in conv3-8 s2 p0 g4 nobias",
    ]
    size: Annotated[int, Range(1, 4096), "height and width of the input"]
    channels: Annotated[int, Range(1, 4096), "channels of the input"] = 3

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(*drawn(rng, level), 1 if level == 1 and rng.chance(1, 3) else 3)

    def validate(self) -> None:
        try:
            for text in self.layers:
                conv.layer(text)
        except ExactError as problem:
            raise ParameterError(str(problem)) from problem
        if not self.layers:
            raise ParameterError("a network has at least one layer")

    @property
    def labels(self) -> list[str]:
        return [conv.layer(text).label for text in self.layers]

    def statement(self) -> str:
        words = conventions(self.layers)
        shape = f"({self.size}, {self.size}, {self.channels})"
        figure = "\n\n![The network](figure:network)" if len(self.layers) <= SMALL else ""
        return f"{words}\n\nAn image of shape ${shape}$ goes through {' → '.join(self.labels)}.{figure}"

    def figures(self) -> dict[str, LayerStack]:
        return {"network": picture(self.layers, self.size, self.channels)} if len(self.layers) <= SMALL else {}

    def solve(self) -> Work:
        return conv.network(self.layers, self.size, self.channels)

    def parts(self, work: Work) -> tuple[Part, ...]:
        labels = tuple(f"{i}. {label}" for i, label in enumerate(self.labels, 1))
        kind = Table(("output shape", "parameters"), (Shape(), Integer()), labels)
        prompt = "Fill in the shape that leaves each layer, and how many parameters the layer learns."
        rows = Part(prompt, conv.table(work, self.layers), kind, len(self.layers))
        learned = Part("How many parameters does the network learn in all?", work["P"], Integer())
        kept = (
            Part("How many running statistics does it keep besides?", work["R"], Integer())
            if self.batch_key()
            else None
        )
        return (rows, learned, kept) if kept else (rows, learned)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in conv.network_mistakes(work, self.layers, self.channels))

    def batch_key(self) -> bool:
        return any(conv.layer(text).kind == "norm" for text in self.layers)

    @staticmethod
    def torch_run(batch: Sequence["LayerTable"], device: str) -> Sequence[Any]:
        rows, learned, kept = zip(*(run(q.layers, q.size, q.channels, device) for q in batch), strict=True)
        return (rows, learned, kept) if batch[0].batch_key() else (rows, learned)

    def program(self) -> str:
        shapes = [tuple(map(int, row.shape.value.items)) for row in conv.table(self.solve(), self.layers)]
        return program(self.layers, shapes, self.size, self.channels)
