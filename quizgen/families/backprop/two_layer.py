from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen.answers import Matrix, Number
from quizgen.errors import ParameterError
from quizgen.families.backprop._network import displayed, program, run
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen_solvers import Work, backprop
from quizgen_solvers.arrays import entries
from quizgen_solvers.backprop import GRADIENTS, gradient_of
from quizgen_solvers.exact import fmpq

Rows = tuple[tuple[fmpq, ...], ...]
LEAST = fmpq(1, 100)


@family(
    "backprop.two-layer",
    levels={1: "one or two hidden units", 2: "two inputs, two hidden units", 3: "two outputs, or a batch of two"},
    distractors=3,
)
@dataclass(frozen=True)
class TwoLayer:
    """Backpropagation through two sigmoid layers.

    Asks for the deltas of both layers and for the gradients of all weights and biases, under half the squared error.

        δ₂ = (ŷ - y) ⊙ σ'(z₂)        ∂L/∂W₂ = δ₂ a₁ᵀ        ∂L/∂b₂ = δ₂
        δ₁ = W₂ᵀ δ₂ ⊙ σ'(z₁)         ∂L/∂W₁ = δ₁ xᵀ         ∂L/∂b₁ = δ₁

    Source: Nielsen, Neural Networks and Deep Learning, 2015, chapter 2. Vectors are columns; δ is the derivative of the
    loss with respect to z; over a batch, whose samples are columns, the loss is summed.
    """

    x: Annotated[Rows, Range(-1000, 1000), "input, a column for each sample"]
    y: Annotated[Rows, Range(-1000, 1000), "target, a column for each sample"]
    W_1: Annotated[Rows, Range(-1000, 1000), "weights of the hidden layer, a row for each unit"]
    b_1: Annotated[Rows, Range(-1000, 1000), "its biases, a column"]
    W_2: Annotated[Rows, Range(-1000, 1000), "weights of the output layer, a row for each output"]
    b_2: Annotated[Rows, Range(-1000, 1000), "its biases, a column"]

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        inputs, hidden = (1, rng.integer(1, 2)) if level == 1 else (2, 2)
        outputs, batch = rng.choice(((2, 1), (1, 2))) if level == 3 else (1, 1)

        def draw(rows: int, columns: int, most: int, unit: int) -> Rows:
            return tuple(tuple(fmpq(rng.nonzero(-most, most), unit) for _ in range(columns)) for _ in range(rows))

        x, w1, b1 = draw(inputs, batch, 4, 2), draw(hidden, inputs, 15, 10), draw(hidden, 1, 10, 10)
        w2, b2 = draw(outputs, hidden, 20, 10), draw(outputs, 1, 10, 10)
        return cls(x, tuple(tuple(map(fmpq, row)) for row in rng.matrix(outputs, batch, 0, 1)), w1, b1, w2, b2)

    def validate(self) -> None:
        hidden, outputs = len(self.W_1), len(self.W_2)
        wanted = {
            "x": (len(self.W_1[0]), len(self.x[0])), "y": (outputs, len(self.x[0])), "b_1": (hidden, 1),
            "W_2": (outputs, hidden), "b_2": (outputs, 1),
        }  # fmt: skip
        for name, shape in wanted.items():
            rows = getattr(self, name)
            if (len(rows), len(rows[0])) != shape:
                raise ParameterError(f"{name} must be {shape[0]} by {shape[1]} here: vectors are columns, like 1; 2")

    def worth_asking(self, work: Work) -> bool:
        """Gradients of which 4 decimals say something."""
        asked = (r"\delta_2", r"\delta_1", *map(gradient_of, GRADIENTS))
        return all(any(x > LEAST or -x > LEAST for x in entries(work[symbol].value)) for symbol in asked)

    def statement(self) -> str:
        many = len(self.x[0]) > 1
        given = "\n\n".join(displayed(self))
        summed = ", **summed over the samples** (the columns of $x$ and $y$)" if many else ""
        return (
            "A network of two layers with the **sigmoid** after both, **column vectors** and **half the squared error**"
            f"{summed}:\n\n"
            r"$$z_l = W_l\, a_{l-1} + b_l, \quad a_l = \sigma(z_l), \quad a_0 = x, \quad \hat y = a_2, \quad "
            r"L = \tfrac{1}{2} \lVert \hat y - y \rVert^2$$"
            f"\n\n{given}\n\n"
            rf"The delta of a layer is $\delta_l = \partial L / \partial z_l$. Carry at least {backprop.DECIMALS} "
            "decimals on the way."
        )

    def solve(self) -> Work:
        return backprop.two_layer(self.x, self.y, self.W_1, self.b_1, self.W_2, self.b_2)

    def parts(self, work: Work) -> tuple[Part, ...]:
        def part(symbol: str, words: str, points: int) -> Part:
            kind = Matrix(decimals=4) if work[symbol].shape else Number(decimals=4)
            return Part(f"What is ${words}?", work[symbol], kind, points)

        def derivative(name: str) -> str:
            return rf"\partial L / \partial {name}$"

        many = len(self.x[0]) > 1
        also = {i: "$" if many else f"$, which is also ${derivative(f'b_{i}')}" for i in (2, 1)}
        deltas = [part(rf"\delta_{i}", rf"\delta_{i}{also[i]}", 2) for i in (2, 1)]
        asked = GRADIENTS if many else ("W_2", "W_1")
        return (*deltas, *(part(gradient_of(name), derivative(name), 1) for name in asked))

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in backprop.two_layer_mistakes(work))

    def batch_key(self) -> tuple[int, ...]:
        return len(self.W_1[0]), len(self.W_1), len(self.W_2), len(self.x[0])

    @staticmethod
    def torch_run(batch: Sequence["TwoLayer"], device: str) -> Sequence[Any]:
        return run(batch, device)

    def program(self) -> str:
        return program(self)
