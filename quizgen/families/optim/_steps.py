"""What the optimisers' families share: steps of a real `torch.optim` optimiser on a batch of parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quizgen.parameters import text
from quizgen.verify.tensors import tensor

if TYPE_CHECKING:
    import torch


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
    """The same for one parameter, as a program to paste, which prints ``printed`` (of ``theta`` and ``state``) after every step."""
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
