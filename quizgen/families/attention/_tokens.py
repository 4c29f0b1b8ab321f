"""Attention among a few tokens by PyTorch, and the picture of its mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from quizgen.figures import AttentionMap
from quizgen.parameters import matrix, text
from quizgen.verify.tensors import tensor
from quizgen_solvers import attention

if TYPE_CHECKING:
    import torch

    from quizgen.families.attention.scores import Scores


def displayed(one: Scores) -> list[str]:
    """The matrices of a question, those of each head in a row of its own."""
    called = zip(*(attention.names(x, one.heads) for x in "QKV"), strict=True)
    shares = zip(*(attention.split(x, one.heads) for x in (one.Q, one.K, one.V)), strict=True)
    rows = [
        r", \quad ".join(f"{name} = {matrix(x)}" for name, x in zip(names, share, strict=True))
        for names, share in zip(called, shares, strict=True)
    ]
    if one.heads > 1:
        rows.append(f"W_o = {matrix(one.W_o)}")
    return [f"$${row}$$" for row in rows]


def run(batch: Sequence[Scores], device: str) -> list[torch.Tensor]:
    """The scores of one head or nothing, the weights of each head, and the output, for a batch of one shape."""
    import torch

    one = batch[0]
    attend = torch.nn.functional.scaled_dot_product_attention

    def heads(name: str) -> torch.Tensor:
        joined = tensor([getattr(q, name) for q in batch], device)
        return joined.view(*joined.shape[:2], one.heads, -1).transpose(1, 2)  # (batch, heads, tokens, width)

    q, k, v = map(heads, "QKV")
    unit = torch.eye(k.shape[2], dtype=q.dtype, device=device).expand(*k.shape[:2], -1, -1)
    weights = attend(q, k, unit, is_causal=one.causal)  # with the unit matrix for values, the output is the weights
    output = attend(q, k, v, is_causal=one.causal).transpose(1, 2).flatten(2)
    if one.heads > 1:
        return [*weights.unbind(1), torch.bmm(output, tensor([q.W_o for q in batch], device))]
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k) * q.shape[3] ** -0.5
    return [scores[:, 0], weights[:, 0], output]


def program(one: Scores) -> str:
    """The same for one question, as a program to paste."""
    several = one.heads > 1
    split = f".unflatten(1, ({one.heads}, -1)).transpose(0, 1)" if several else ""
    given = [f"{name} = torch.tensor({text(getattr(one, name))}, dtype=torch.float64){split}" for name in "QKV"]
    if several:
        given.append(f"W_o = torch.tensor({text(one.W_o)}, dtype=torch.float64)")
    causal = ", is_causal=True" if one.causal else ""
    output = f"attend(Q, K, V{causal})"
    scores = [] if several else ["print((Q @ K.T / Q.shape[1] ** 0.5).tolist())"]
    return "\n".join(
        [
            "import torch",
            "from torch.nn.functional import scaled_dot_product_attention as attend",
            "",
            *given,
            f"unit = torch.eye({len(one.K)}, dtype=torch.float64){f'.expand({one.heads}, -1, -1)' if several else ''}",
            *scores,
            f"print(attend(Q, K, unit{causal}).tolist())  # the weights",
            f"print(({output}.transpose(0, 1).flatten(1) @ W_o).tolist())" if several else f"print({output}.tolist())",
            "",
        ]
    )


def seen_by(tokens: int) -> AttentionMap:
    """Which query sees which key under a causal mask."""
    numbers = range(1, tokens + 1)
    return AttentionMap(
        [["?"] * tokens] * tokens,
        rows=[f"$q_{i}$" for i in numbers],
        columns=[f"$k_{j}$" for j in numbers],
        causal=True,
        title="The causal mask",
    )
