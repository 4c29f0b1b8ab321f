"""Real tensors whose products PyTorch must accept, for the shapes of attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quizgen.families.attention.shapes import Shapes


def shapes_of(one: Shapes, device: str) -> list[tuple[int, ...]]:
    """The shapes of Q, K, V, S, with several heads of C and W_o, and of Z.

    Before all axes stands one of length 0: every product is checked as ever, but there is nothing to multiply.
    """
    import torch

    h, d_k = one.heads, one.d_k or one.d // one.heads
    d_v = one.d_v or d_k
    first = (0, one.batch) if one.batch else (0,)

    def weights(outputs: int, inputs: int) -> torch.Tensor:
        return torch.zeros(1, 1, device=device).expand(outputs, inputs)  # one number, seen as a whole matrix

    def project(x: torch.Tensor, width: int) -> torch.Tensor:
        made = torch.nn.functional.linear(x, weights(h * width, one.d))
        return made.view(*made.shape[:-1], h, width).transpose(-2, -3) if h > 1 else made

    x = torch.empty(*first, one.n, one.d, device=device)
    y = torch.empty(*first, one.m, one.d, device=device) if one.m else x
    q, k, v = project(x, d_k), project(y, d_k), project(y, d_v)
    scores = q @ k.mT
    z = scores @ v
    if h == 1:
        return [tuple(t.shape[1:]) for t in (q, k, v, scores, z)]
    joined = z.transpose(-2, -3).flatten(-2)
    mix = weights(one.d, h * d_v)  # a layer keeps its matrix transposed
    z = torch.nn.functional.linear(joined, mix)
    return [*(tuple(t.shape[1:]) for t in (q, k, v, scores, joined)), tuple(mix.T.shape), tuple(z.shape[1:])]


def program(one: Shapes) -> str:
    """The same with tensors of the size that the question states, as a program to paste."""
    h, d_k = one.heads, one.d_k or one.d // one.heads
    d_v = one.d_v or d_k
    lead = f"{one.batch}, " if one.batch else ""
    asked = f"torch.empty({lead}{one.m}, {one.d})" if one.m else "X"
    lines = [f"X = torch.empty({lead}{one.n}, {one.d})", f"Y = {asked}"]
    for name, source, width in (("Q", "X", d_k), ("K", "Y", d_k), ("V", "Y", d_v)):
        made = f"{source} @ torch.empty({one.d}, {h * width})"
        lines.append(
            f"{name} = ({made}).unflatten(-1, ({h}, {width})).transpose(-2, -3)" if h > 1 else f"{name} = {made}"
        )
    lines += ["S = Q @ K.mT", "Z = torch.softmax(S, dim=-1) @ V"]
    if h > 1:
        lines += ["C = Z.transpose(-2, -3).flatten(-2)", f"W_o = torch.empty({h * d_v}, {one.d})", "Z = C @ W_o"]
    lines += [f"for made in ({', '.join(one.names)}):", "    print(tuple(made.shape))"]
    start = 'import torch\n\nwith torch.device("meta"):  # shapes alone: no memory, no arithmetic\n'
    return start + "".join(f"    {line}\n" for line in lines)
