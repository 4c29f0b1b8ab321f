from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen.answers import Vector
from quizgen.errors import ParameterError
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range, latex, text
from quizgen.rng import Rng
from quizgen_solvers import Work, loss
from quizgen_solvers.exact import fmpq

TEMPERATURES = (fmpq(1, 2), fmpq(2), fmpq(4), fmpq(5), fmpq(5, 2))


@family(
    "loss.softmax",
    levels={1: "three logits", 2: "a temperature", 3: "large logits: shift first, then a temperature"},
)
@dataclass(frozen=True)
class Softmax:
    """Softmax of a few logits.

    Asks for the probabilities, with a temperature at the higher levels, and with logits so large that only the shift
    invariance of softmax keeps the exponentials within reach.

        p_i = e^(z_i / T) / Σ_j e^(z_j / T)          p(z + c) = p(z)

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 4.1 for the shift and 6.2.2.3 for softmax.
    Logits are divided by the temperature: above 1 it flattens, below 1 it sharpens.
    """

    logits: Annotated[tuple[fmpq, ...], Range(-10_000, 10_000), "the logits, two or more"]
    temperature: Annotated[fmpq, Range("0.01", 100), "what the logits are divided by"] = fmpq(1)
    shift: Annotated[bool, "take the largest logit off first"] = False

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        count = 3 if level == 1 else rng.integer(3, 4)
        base = rng.integer(5, 99) * 10 if level == 3 else 0
        logits = rng.sample(range(-30, 31), count)
        warmth = rng.choice(TEMPERATURES) if level > 1 else fmpq(1)
        return cls(tuple(base + fmpq(z, 10) for z in logits), warmth, level == 3)

    def validate(self) -> None:
        if not 2 <= len(self.logits) <= 10:
            raise ParameterError(f"softmax is worked here for 2 to 10 logits, not {len(self.logits)}")
        if not self.shift and max(map(abs, self.logits)) / self.temperature > 100:
            raise ParameterError("exponentials of logits over 100 fit on no line: give shift=yes")

    def statement(self) -> str:
        z = rf"z = {latex(self.logits)}"
        if self.temperature == 1:
            words = f"Softmax with the **natural exponential**. The logits of a sample are ${z}$."
        else:
            words = (
                rf"Softmax with the **natural exponential** and **temperature** $T = {latex(self.temperature)}$: "
                rf"the logits are divided by $T$ first. They are ${z}$."
            )
        hint = (
            " Take the largest logit off all of them first: their exponentials fit on no calculator."
            if self.shift
            else ""
        )
        return f"{words}{hint} Carry at least {loss.DECIMALS} decimals on the way."

    def solve(self) -> Work:
        return loss.softmax(self.logits, self.temperature, self.shift)

    def parts(self, work: Work) -> tuple[Part, ...]:
        return (Part("What are the probabilities, in the order of the logits?", work["p"], Vector(decimals=4), 2),)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in loss.softmax_mistakes(work, len(self.logits)))

    def batch_key(self) -> int:
        return len(self.logits)

    @staticmethod
    def torch_run(batch: Sequence["Softmax"], device: str) -> Sequence[Any]:
        import torch

        from quizgen.verify.tensors import tensor

        z, t = tensor([q.logits for q in batch], device), tensor([[q.temperature] for q in batch], device)
        return (torch.nn.functional.softmax(z / t, dim=1),)

    def program(self) -> str:
        return (
            f"import torch\n\nz = torch.tensor([{', '.join(map(text, self.logits))}], dtype=torch.float64)\n"
            f"print(torch.nn.functional.softmax(z / {text(self.temperature)}, dim=0).tolist())\n"
        )
