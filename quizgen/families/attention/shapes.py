from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen.answers import Shape
from quizgen.errors import ParameterError
from quizgen.families.attention._tensors import program, shapes_of
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen_solvers import Work, attention
from quizgen_solvers.net import shape_symbol

WIDTHS = (128, 192, 256, 320, 384, 512, 640, 768, 960, 1024)
HEAD_WIDTHS = (16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 128)
PROMPTS = {
    "Q": "of the queries $Q$",
    "K": "of the keys $K$",
    "V": "of the values $V$",
    "S": r"of the scores $S = Q K^\top / \sqrt{d_k}$",
    "C": "of the heads side by side, $C$",
    "W_o": "of the output matrix $W_o$",
    "Z": "of the output $Z$",
}


@family("attention.shapes", levels={1: "one head", 2: "several heads", 3: "several heads and a batch"})
@dataclass(frozen=True)
class Shapes:
    """Shapes in self-attention and cross-attention.

    Asks for the shapes of queries, keys, values, scores and output, with several heads also of the heads side by side
    and of the matrix that mixes them.

        Q (n, d_k)    K (m, d_k)    V (m, d_v)    S = Q Kᵀ / √d_k (n, m)    A V (n, d_v)
        h heads: Q (h, n, d_k), …; side by side (n, h·d_v); W_o (h·d_v, d_model); output (n, d_model)

    Source: Vaswani and others, "Attention Is All You Need", 2017, section 3.2.2. Tokens are rows; a batch comes first,
    then the heads, as in PyTorch's scaled_dot_product_attention.
    """

    n: Annotated[int, Range(1, 4096), "tokens that ask: those of the decoder in cross-attention"]
    d: Annotated[int, Range(1, 16384), "width of a token, d_model"]
    m: Annotated[int, Range(0, 4096), "tokens of the encoder, which are asked; 0: self-attention"] = 0
    d_k: Annotated[int, Range(0, 4096), "width of a query in a head; 0: the heads share d evenly"] = 0
    d_v: Annotated[int, Range(0, 4096), "width of a value in a head; 0: as d_k"] = 0
    heads: Annotated[int, Range(1, 256), "how many heads"] = 1
    batch: Annotated[int, Range(0, 4096), "sequences in the batch; 0: no batch"] = 0

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        heads = 1 if level == 1 else rng.choice((2, 3, 4, 6, 8, 12, 16))
        n, m = rng.sample(range(17, 128) if level > 1 else range(2, 64), 2)
        batch = rng.choice((2, 4, 8, 16, 32, 64)) if level == 3 else 0
        cross, d, widths = rng.chance(2, 3), rng.choice(WIDTHS), rng.sample(HEAD_WIDTHS, 2)
        if level == 2 and cross and rng.chance(1, 2):
            return cls(n, heads * rng.choice(HEAD_WIDTHS), m, heads=heads)
        same = level == 1 and rng.chance(1, 3)
        return cls(n, d, m * cross, widths[0], 0 if same else widths[1], heads, batch)

    def validate(self) -> None:
        if not self.d_k and (self.heads == 1 or self.d % self.heads):
            raise ParameterError(f"{self.heads} head(s) can't share a width of {self.d} evenly: give d_k")

    def statement(self) -> str:
        kind = "Cross-attention" if self.m else "Self-attention"
        heads = f"**{self.heads} heads**" if self.heads > 1 else "**one head**"
        axes = ["the batch"] * (self.batch > 0) + ["the heads"] * (self.heads > 1)
        first = f"; in shapes **{' and then '.join(axes)}** come first" if axes else ""
        lead = f"{self.batch}, " if self.batch else ""
        source = (
            f"The decoder's $X$ of shape $({lead}{self.n}, {self.d})$ asks the encoder's $Y$ of shape "
            f"$({lead}{self.m}, {self.d})$: $Q$ is made of $X$, $K$ and $V$ of $Y$."
            if self.m
            else f"$Q$, $K$ and $V$ are made of $X$ of shape $({lead}{self.n}, {self.d})$."
        )
        each = "In a head" if self.heads > 1 else "Here"
        if not self.d_k:
            widths = "The heads share the width **evenly**, $d_k = d_v$."
        elif not self.d_v:
            widths = f"{each} $d_k = d_v = {self.d_k}$."
        else:
            widths = f"{each} $d_k = {self.d_k}$ and $d_v = {self.d_v}$."
        return f"**{kind}** with {heads}; **tokens are rows**, so that $Q = X W_q${first}.\n\n{source} {widths}"

    def solve(self) -> Work:
        return attention.shapes(self.n, self.d, self.m, self.d_k, self.d_v, self.heads, self.batch)

    @property
    def names(self) -> list[str]:
        """What has a shape, in order."""
        return ["Q", "K", "V", "S", *(["C", "W_o"] if self.heads > 1 else []), "Z"]

    def parts(self, work: Work) -> tuple[Part, ...]:
        return tuple(Part(f"What is the shape {PROMPTS[x]}?", work[shape_symbol(x)], Shape()) for x in self.names)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in attention.shape_mistakes(work))

    def batch_key(self) -> bool:
        return self.heads > 1

    @staticmethod
    def torch_run(batch: Sequence["Shapes"], device: str) -> Sequence[Any]:
        return list(zip(*(shapes_of(q, device) for q in batch), strict=True))

    def program(self) -> str:
        return program(self)
