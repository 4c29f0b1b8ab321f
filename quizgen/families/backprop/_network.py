"""A network of two sigmoid layers in PyTorch, and its numbers as a statement shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from quizgen.parameters import latex, matrix, text
from quizgen.verify.tensors import tensor

if TYPE_CHECKING:
    import torch

    from quizgen.families.backprop.two_layer import Rows, TwoLayer


def displayed(one: TwoLayer) -> list[str]:
    """The given numbers as displayed formulas."""

    def show(name: str) -> str:
        rows = getattr(one, name)
        return f"{name} = {latex(rows[0][0]) if len(rows) == len(rows[0]) == 1 else matrix(rows)}"

    groups = (("x", "y"), ("W_1", "b_1"), ("W_2", "b_2"))
    return ["$$" + r", \quad ".join(map(show, group)) + "$$" for group in groups]


def run(batch: Sequence[TwoLayer], device: str) -> list[torch.Tensor]:
    """Both deltas, then the gradients by autograd, for a batch of one shape.

    Those of the biases are left out where there is one sample: they are the deltas.
    """
    import torch

    def given(name: str) -> torch.Tensor:
        return tensor([getattr(q, name) for q in batch], device).requires_grad_()

    x, y, w1, b1, w2, b2 = map(given, ("x", "y", "W_1", "b_1", "W_2", "b_2"))
    z1 = torch.baddbmm(b1, w1, x)
    z2 = torch.baddbmm(b2, w2, torch.sigmoid(z1))
    loss = torch.nn.functional.mse_loss(torch.sigmoid(z2), y, reduction="sum") / 2
    found = torch.autograd.grad(loss, [z2, z1, w2, b2, w1, b1] if x.shape[2] > 1 else [z2, z1, w2, w1])
    return [g.flatten() if g.shape[1:] == (1, 1) else g for g in found]


def program(one: TwoLayer) -> str:
    """The same by layers of PyTorch, as a program to paste. There samples are rows, so the deltas are turned."""

    def typed(rows: Rows) -> str:
        return str([[text(x) for x in row] for row in rows]).replace("'", "")

    def layer(name: str, weights: Rows, biases: Rows) -> str:
        return (
            f"{name} = torch.nn.Linear({len(weights[0])}, {len(weights)}, dtype=torch.float64)\n"
            f"{name}.weight.data = torch.tensor({typed(weights)}, dtype=torch.float64)\n"
            f"{name}.bias.data = torch.tensor([{', '.join(text(x) for (x,) in biases)}], dtype=torch.float64)\n"
        )

    return (
        "import torch\n\n"
        f"{layer('first', one.W_1, one.b_1)}{layer('second', one.W_2, one.b_2)}"
        f"x = torch.tensor({typed(one.x)}, dtype=torch.float64).T\n"
        f"y = torch.tensor({typed(one.y)}, dtype=torch.float64).T\n"
        "z1 = first(x)\n"
        "z2 = second(torch.sigmoid(z1))\n"
        "z1.retain_grad()\nz2.retain_grad()\n"
        'loss = torch.nn.functional.mse_loss(torch.sigmoid(z2), y, reduction="sum") / 2\n'
        "loss.backward()\n"
        "print(z2.grad.T.tolist(), z1.grad.T.tolist())  # the deltas\n"
        "for layer in (second, first):\n"
        "    print(layer.weight.grad.tolist(), layer.bias.grad.tolist())\n"
    )
