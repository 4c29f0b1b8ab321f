from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen.answers import Number
from quizgen.families.optim._steps import program, run, said
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range, latex, text
from quizgen.rng import Rng
from quizgen_solvers import Work, optim
from quizgen_solvers.exact import fmpq
from quizgen_solvers.work import indexed

RATES = (fmpq(1, 100), fmpq(1, 20), fmpq(1, 10), fmpq(1, 5))
SETTINGS = (
    (fmpq(9, 10), fmpq(999, 1000), fmpq(1, 10**8)),  # β₁, β₂ and ε as the paper has them
    (fmpq(9, 10), fmpq(99, 100), fmpq(1, 10**8)),
    (fmpq(1, 2), fmpq(3, 4), fmpq(1, 10)),
    (fmpq(4, 5), fmpq(9, 10), fmpq(1, 100)),
)


@family("optim.adam", levels={1: "one step from rest", 2: "a later step, moments given", 3: "two or three steps"})
@dataclass(frozen=True)
class Adam:
    """Adam steps on one parameter.

    Asks for the moments and the updated parameter after one to three steps, with or without bias correction.

        m_t = β₁ m_{t-1} + (1 - β₁) g_t          m̂_t = m_t / (1 - β₁ᵗ)
        v_t = β₂ v_{t-1} + (1 - β₂) g_t²         v̂_t = v_t / (1 - β₂ᵗ)
        θ_t = θ_{t-1} - α m̂_t / (√v̂_t + ε)

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1. Some course notes
    leave the bias correction out; the first line of a question says which is meant.
    """

    theta: Annotated[fmpq, Range(-100, 100), "the parameter before the first step"]
    gradients: Annotated[tuple[fmpq, ...], Range(-100, 100), "one gradient for each step"]
    lr: Annotated[fmpq, Range("0.0001", 1), "learning rate α"] = fmpq(1, 10)
    beta1: Annotated[fmpq, Range(0, "0.9999"), "decay of the first moment"] = fmpq(9, 10)
    beta2: Annotated[fmpq, Range(0, "0.9999"), "decay of the second moment"] = fmpq(999, 1000)
    eps: Annotated[fmpq, Range("1e-12", 1), "what keeps the quotient finite"] = fmpq(1, 10**8)
    m: Annotated[fmpq, Range(-100, 100), "first moment before the first step"] = fmpq(0)
    v: Annotated[fmpq, Range(0, 10_000), "second moment before the first step"] = fmpq(0)
    t: Annotated[int, Range(0, 100), "steps already made"] = 0
    bias_correction: bool = True

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        steps = rng.integer(2, 3) if level == 3 else 1
        beta1, beta2, eps = rng.choice(SETTINGS)
        return cls(
            theta=rng.decimal(-2, 2, 2),
            gradients=tuple(fmpq(rng.nonzero(-30, 30), 10) for _ in range(steps)),
            lr=rng.choice(RATES),
            beta1=beta1,
            beta2=beta2,
            eps=eps,
            m=rng.decimal(-1, 1, 1) if level == 2 else fmpq(0),
            v=rng.decimal("0.1", 2, 1) if level == 2 else fmpq(0),
            t=rng.integer(1, 4) if level == 2 else 0,
            bias_correction=level == 1 or rng.chance(3, 4),
        )

    def statement(self) -> str:
        hat, how = (r"\hat ", "with") if self.bias_correction else ("", "without")
        first, last = self.t + 1, self.t + len(self.gradients)
        update = rf"\theta_t = \theta_{{t-1}} - \alpha\,\frac{{{hat}m_t}}{{\sqrt{{{hat}v_t}} + \epsilon}}"
        at, m, v = (indexed(name, self.t) for name in (r"\theta", "m", "v"))
        steps = f"step {last}" if first == last else f"steps {first} to {last}"
        return (
            f"Adam **{how} bias correction**, so that\n\n$${update}.$$\n\n"
            rf"With $\alpha = {latex(self.lr)}$, $\beta_1 = {latex(self.beta1)}$, $\beta_2 = {latex(self.beta2)}$ and "
            rf"$\epsilon = {latex(self.eps)}$, make {steps} from ${at} = {latex(self.theta)}$, "
            f"${m} = {latex(self.m)}$, ${v} = {latex(self.v)}$. {said(self.gradients, first)} "
            f"Carry at least {optim.DECIMALS} decimals on the way."
        )

    def solve(self) -> Work:
        return optim.adam(
            self.theta, self.gradients, lr=self.lr, beta1=self.beta1, beta2=self.beta2, eps=self.eps,
            m=self.m, v=self.v, t=self.t, bias_correction=self.bias_correction,
        )  # fmt: skip

    def parts(self, work: Work) -> tuple[Part, ...]:
        last = self.t + len(self.gradients)
        asked = {indexed("m", last): 1, indexed("v", last): 1, indexed(r"\theta", last): 2}
        return tuple(Part(f"What is ${s}$?", work[s], Number(decimals=4), points) for s, points in asked.items())

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in optim.adam_mistakes(work, self.t, len(self.gradients)))

    def batch_key(self) -> tuple[Any, ...]:
        return len(self.gradients), self.t, self.bias_correction, *map(str, (self.lr, self.beta1, self.beta2, self.eps))

    def _steps_made(self) -> int:
        # PyTorch always corrects the bias. After very many steps the corrections are 1 exactly, which is none at all.
        return self.t if self.bias_correction else 10**9

    @staticmethod
    def torch_run(batch: Sequence["Adam"], device: str) -> Sequence[Any]:
        import torch

        from quizgen.verify.tensors import as_float, tensor

        one = batch[0]
        lr, beta1, beta2, eps = map(as_float, (one.lr, one.beta1, one.beta2, one.eps))
        m, v = tensor([q.m for q in batch], device), tensor([q.v for q in batch], device)
        made = {"step": torch.tensor(float(one._steps_made())), "exp_avg": m, "exp_avg_sq": v}
        thetas, state = run(batch, device, lambda theta: torch.optim.Adam([theta], lr, (beta1, beta2), eps), made)
        return state["exp_avg"], state["exp_avg_sq"], thetas[-1]

    def program(self) -> str:
        b1, b2 = text(self.beta1), text(self.beta2)
        moments = {"exp_avg": self.m, "exp_avg_sq": self.v}
        state = {name: f"torch.tensor([{text(x)}], dtype=torch.float64)" for name, x in moments.items()}
        made = {"step": f"torch.tensor({self._steps_made()}.0)"} | state
        make = f"Adam([theta], lr={text(self.lr)}, betas=({b1}, {b2}), eps={text(self.eps)})"
        asked = ['state["exp_avg"].item()', 'state["exp_avg_sq"].item()', "theta.item()"]
        return program(self.theta, self.gradients, make, made, asked)
