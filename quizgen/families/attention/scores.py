from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Annotated, Any, Self

from quizgen.answers import Matrix
from quizgen.errors import ParameterError
from quizgen.families.attention._tokens import displayed, program, run, seen_by
from quizgen.family import Mistake, Part, family
from quizgen.figures import AttentionMap
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen_solvers import Work, attention
from quizgen_solvers.exact import fmpq

Rows = tuple[tuple[fmpq, ...], ...]


@family(
    "attention.scores",
    levels={1: "one head", 2: "one head under a causal mask", 3: "two heads and the output matrix"},
    distractors=3,
)
@dataclass(frozen=True)
class Scores:
    """Scaled dot-product attention by hand.

    Asks for the scores, the weights and the output of a few tokens, under a causal mask, or of two heads that an
    output matrix mixes.

        S = Q Kᵀ / √d_k          A = softmax(S), row by row          Z = A V
        two heads: the outputs stand side by side, and Z = [H₁ H₂] W_o with W_o of (h·d_v, d_model)

    Source: Vaswani and others, "Attention Is All You Need", 2017, sections 3.2.1 to 3.2.3. Tokens are rows. A mask is
    applied before softmax: a query sees no key that comes later.
    """

    Q: Annotated[Rows, Range(-1000, 1000), "queries, a row for each token; those of several heads side by side"]
    K: Annotated[Rows, Range(-1000, 1000), "keys, as wide as the queries"]
    V: Annotated[Rows, Range(-1000, 1000), "values, a row for each key; those of several heads side by side"]
    W_o: Annotated[Rows, Range(-1000, 1000), "what the heads are mixed by, a row for each column of the values"] = ()
    heads: Annotated[int, Range(1, 8), "how many heads share the columns"] = 1
    causal: Annotated[bool, "no query sees a later key"] = False

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        def draw(rows: int, columns: int, most: int = 2) -> Rows:
            return tuple(tuple(map(fmpq, row)) for row in rng.matrix(rows, columns, -most, most))

        if level == 1:
            m = rng.integer(2, 3)
            return cls(draw(2, 4), draw(m, 4), draw(m, 2, 4))
        if level == 2:
            d_k = rng.integer(2, 3)
            return cls(draw(3, d_k), draw(3, d_k), draw(3, 2, 4), causal=True)
        mix = tuple(tuple(fmpq(rng.nonzero(-1, 2)) for _ in range(2)) for _ in range(4))
        signs = tuple(tuple(fmpq(rng.nonzero(-1, 1)) for _ in range(4)) for _ in range(2))
        return cls(signs, draw(2, 4), draw(2, 4, 3), mix, 2)

    def validate(self) -> None:
        if not self.Q or len(self.K) != len(self.V) or len(self.Q[0]) != len(self.K[0]):
            raise ParameterError("Q and K must be equally wide, and V must have a row for every row of K")
        if len(self.Q[0]) % self.heads or len(self.V[0]) % self.heads:
            raise ParameterError(f"{self.heads} heads can't share {len(self.Q[0])} and {len(self.V[0])} columns evenly")
        if len(self.W_o) != (len(self.V[0]) if self.heads > 1 else 0):
            raise ParameterError(f"several heads, and only they, have a W_o, here of {len(self.V[0])} rows")
        if self.causal and len(self.Q) != len(self.K):
            raise ParameterError("under a causal mask there are as many queries as keys")

    def worth_asking(self, work: Work) -> bool:
        """No query is all eyes for one key, unless it sees no other."""
        every = [x for name in attention.names("A", self.heads) for x in work[name].value.items]
        return all(x.__class__ is int or x < fmpq(99, 100) for x in every)

    @property
    def d_k(self) -> int:
        return len(self.Q[0]) // self.heads

    def statement(self) -> str:
        heads = f"with **{self.heads} heads** and " if self.heads > 1 else ""
        mask = r"under a **causal mask** ($-\infty$ before softmax)" if self.causal else "**without a mask**"
        joined = ", ".join(attention.names("H", self.heads))
        output = rf"H = A V, \quad Z = \operatorname{{concat}}({joined}) \, W_o" if self.heads > 1 else "Z = A V"
        return (
            f"Scaled dot-product attention {heads}{mask}; **tokens are rows** and **softmax goes along each row**:\n\n"
            rf"$$S = \frac{{Q K^\top}}{{\sqrt{{d_k}}}}, \quad A = \operatorname{{softmax}}(S), \quad {output}$$"
            "\n\nThe queries, keys and values are\n\n"
            + "\n\n".join(displayed(self))
            + ("\n\n![Which query sees which key](figure:mask)\n\n" if self.causal else "\n\n")
            + f"Carry at least {attention.DECIMALS} decimals on the way."
        )

    def figures(self) -> dict[str, AttentionMap]:
        return {"mask": seen_by(len(self.Q))} if self.causal else {}

    def solve(self) -> Work:
        return attention.scores(self.Q, self.K, self.V, self.W_o, self.heads, self.causal)

    def parts(self, work: Work) -> tuple[Part, ...]:
        weights = [
            Part(f"What are the attention weights ${name}$?", work[name], Matrix(decimals=4))
            for name in attention.names("A", self.heads)
        ]
        output = Part("What is the output $Z$?", work["Z"], Matrix(decimals=4), 2)
        if self.heads > 1:
            return *weights, output
        when = ", before the mask" if self.causal else ""
        exact = isqrt(self.d_k) ** 2 == self.d_k
        scaled = Part(f"What are the scaled scores $S${when}?", work["S"], Matrix(None if exact else 4))
        return scaled, *weights, output

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in attention.score_mistakes(work, self.heads, self.causal))

    def batch_key(self) -> tuple[int | bool, ...]:
        wide = len(self.W_o[0]) if self.W_o else 0
        return len(self.Q), len(self.K), len(self.Q[0]), len(self.V[0]), wide, self.heads, self.causal

    @staticmethod
    def torch_run(batch: Sequence["Scores"], device: str) -> Sequence[Any]:
        return run(batch, device)

    def program(self) -> str:
        return program(self)
