from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from quizgen.answers import Number
from quizgen.families.optim._steps import program, run, said
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range, latex, text
from quizgen.rng import Rng
from quizgen_solvers import Work, optim
from quizgen_solvers.exact import fmpq
from quizgen_solvers.optim import Convention, descent, next_velocity
from quizgen_solvers.work import indexed

RULES: dict[Convention, str] = {
    "heavy ball": r"v_t = \gamma v_{t-1} + \eta g_t, \qquad \theta_t = \theta_{t-1} - v_t",
    "averaged": r"v_t = \gamma v_{t-1} + (1 - \gamma)\, g_t, \qquad \theta_t = \theta_{t-1} - \eta v_t",
    "Nesterov": r"v_t = \gamma v_{t-1} + g_t, \qquad \theta_t = \theta_{t-1} - \eta\,(g_t + \gamma v_t)",
}
SETTINGS = [(fmpq(a, 10), fmpq(b, 100)) for a in (5, 8, 9) for b in (1, 5, 10, 20)]


@family("optim.momentum", levels={1: "two steps from rest", 2: "two steps, a velocity given", 3: "three steps"})
@dataclass(frozen=True)
class Momentum:
    """Gradient descent with momentum.

    Asks for the velocity and the parameter after two or three steps. Courses mean three different things by momentum,
    so the first line of a question names its convention:

        heavy ball   v_t = γ v_{t-1} + η g_t            θ_t = θ_{t-1} - v_t
        averaged     v_t = γ v_{t-1} + (1 - γ) g_t      θ_t = θ_{t-1} - η v_t
        Nesterov     v_t = γ v_{t-1} + g_t              θ_t = θ_{t-1} - η (g_t + γ v_t)

    Source: Polyak 1964 for the heavy ball; Sutskever and others, ICML 2013, for Nesterov's in the form that PyTorch
    has; the averaged form is that of exponentially weighted means, as in Adam.
    """

    theta: Annotated[fmpq, Range(-100, 100), "the parameter before the first step"]
    gradients: Annotated[tuple[fmpq, ...], Range(-100, 100), "one gradient for each step"]
    convention: Literal["heavy ball", "averaged", "Nesterov"] = "heavy ball"
    lr: Annotated[fmpq, Range("0.0001", 1), "learning rate η"] = fmpq(1, 10)
    gamma: Annotated[fmpq, Range(0, "0.999"), "momentum γ"] = fmpq(9, 10)
    v: Annotated[fmpq, Range(-100, 100), "velocity before the first step"] = fmpq(0)

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        convention: Convention = rng.choice(("heavy ball", "averaged", "Nesterov"))
        gamma, lr = rng.choice(SETTINGS)
        gradients = tuple(fmpq(rng.nonzero(-40, 40), 10) for _ in range(3 if level == 3 else 2))
        v = fmpq(rng.nonzero(-20, 20), 10) if level > 1 else fmpq(0)
        return cls(rng.decimal(-5, 5, 1), gradients, convention, lr, gamma, v)

    def statement(self) -> str:
        steps = f"{len(self.gradients)} steps" if len(self.gradients) > 1 else "one step"
        return (
            f"Momentum, **{self.convention}**:\n\n$${RULES[self.convention]}.$$\n\n"
            rf"With $\eta = {latex(self.lr)}$ and $\gamma = {latex(self.gamma)}$, make {steps} from "
            rf"$\theta_0 = {latex(self.theta)}$ and $v_0 = {latex(self.v)}$. {said(self.gradients)} "
            f"Carry at least {optim.DECIMALS} decimals on the way."
        )

    def solve(self) -> Work:
        return optim.momentum(
            self.theta, self.gradients, convention=self.convention, lr=self.lr, gamma=self.gamma, v=self.v
        )

    def parts(self, work: Work) -> tuple[Part, ...]:
        last = len(self.gradients)
        asked = [*(indexed(r"\theta", t) for t in range(1, last + 1)), indexed("v", last)]
        return tuple(Part(f"What is ${s}$?", work[s], Number(decimals=4)) for s in asked)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        rate, decay = work[r"\eta"], work[r"\gamma"]
        every = range(len(self.gradients) + 1)
        at, v = ([work[indexed(name, t)] for t in every] for name in (r"\theta", "v"))
        steps = [(now, before, work[indexed("g", t)]) for t, (before, now) in enumerate(pairwise(v), 1)]
        moves = [(now, before, new, g) for (before, now), (new, _, g) in zip(pairwise(at), steps, strict=True)]
        found = [
            Mistake("velocity reset", "The velocity is carried on from step to step; it does not begin at 0 again.",
                    {new: next_velocity(self.convention, decay, rate, 0, g) for new, _, g in steps}),
            Mistake("uphill", "The step goes against the gradient: it is taken off, not added.",
                    {new: old + descent(self.convention, decay, rate, v_t, g) for new, old, v_t, g in moves}),
        ]  # fmt: skip
        for other in RULES:
            if other != self.convention:
                velocities = {new: next_velocity(other, decay, rate, old, g) for new, old, g in steps}
                updates = {new: old - descent(other, decay, rate, v_t, g) for new, old, v_t, g in moves}
                why = f"This is the {other} form; the first line of the question says which one is meant."
                found.append(Mistake(f"{other} instead", why, velocities | updates))
        return tuple(found)

    def batch_key(self) -> tuple[Any, ...]:
        return len(self.gradients), self.convention, str(self.lr), str(self.gamma)

    @property
    def scale(self) -> fmpq:
        """PyTorch keeps the rate out of its buffer: with the rate inside, the velocity is rate times the buffer."""
        return self.lr if self.convention == "heavy ball" else fmpq(1)

    @staticmethod
    def torch_run(batch: Sequence["Momentum"], device: str) -> Sequence[Any]:
        import torch

        from quizgen.verify.tensors import as_float, tensor

        one = batch[0]
        lr, gamma, nesterov = as_float(one.lr), as_float(one.gamma), one.convention == "Nesterov"
        dampening = gamma if one.convention == "averaged" else 0
        buffer = {"momentum_buffer": tensor([q.v / q.scale for q in batch], device)}
        thetas, state = run(
            batch, device, lambda theta: torch.optim.SGD([theta], lr, gamma, dampening, nesterov=nesterov), buffer
        )
        return *thetas, state["momentum_buffer"] * as_float(one.scale)

    def program(self) -> str:
        lr, gamma = text(self.lr), text(self.gamma)
        extra = {"averaged": f", dampening={gamma}", "Nesterov": ", nesterov=True"}.get(self.convention, "")
        make = f"SGD([theta], lr={lr}, momentum={gamma}{extra})"
        state = {"momentum_buffer": f"torch.tensor([{text(self.v / self.scale)}], dtype=torch.float64)"}
        velocity = 'state["momentum_buffer"].item()' + (f" * {text(self.scale)}" if self.scale != 1 else "")
        return program(self.theta, self.gradients, make, state, ["theta.item()", velocity])
