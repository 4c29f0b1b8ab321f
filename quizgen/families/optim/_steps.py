"""What the optimisers' families share: steps of a real `torch.optim` optimiser on a batch of parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quizgen.parameters import latex, text
from quizgen.verify.tensors import tensor
from quizgen.wording import listed
from quizgen_solvers.work import indexed

if TYPE_CHECKING:
    import torch


def said(gradients: Sequence[Any], first: int = 1) -> str:
    """The gradients in words: "The gradients are $g_1 = 0.5$ and $g_2 = -1$."."""
    each = [f"${indexed('g', t)} = {latex(g)}$" for t, g in enumerate(gradients, first)]
    if len(each) == 1:
        return f"The gradient is {each[0]}."
    return f"The gradients are {listed(each)}."


def run(
    batch: Sequence[Any],
    device: str,
    make: Callable[[torch.Tensor], torch.optim.Optimizer],
    state: Mapping[str, Any],
) -> tuple[list[torch.Tensor], Mapping[str, torch.Tensor]]:
    """Steps the optimiser once for each gradient; gives the parameter after every step, and the state in the end.

    ``batch`` holds parameter sets with ``theta`` and ``gradients``; ``state`` is what earlier steps have left.
    """
    theta = tensor([q.theta for q in batch], device)
    optimiser = make(theta)
    optimiser.state[theta].update(state)
    after = []
    for gradient in zip(*(q.gradients for q in batch), strict=True):
        theta.grad = tensor(gradient, device)
        optimiser.step()
        after.append(theta.clone())
    return after, optimiser.state[theta]


def program(theta: Any, gradients: Sequence[Any], make: str, state: Mapping[str, str], printed: Sequence[str]) -> str:
    """The same for one parameter, as a program that prints ``printed`` (of ``theta``, ``state``) after every step."""
    before = "".join(f'state["{name}"] = {value}\n' for name, value in state.items())
    return (
        "import torch\n\n"
        f"theta = torch.tensor([{text(theta)}], dtype=torch.float64)\n"
        f"optimiser = torch.optim.{make}\n"
        f"state = optimiser.state[theta]\n{before}"
        f"for g in [{', '.join(map(text, gradients))}]:\n"
        "    theta.grad = torch.tensor([g], dtype=torch.float64)\n"
        "    optimiser.step()\n"
        f"    print({', '.join(printed)})\n"
    )
