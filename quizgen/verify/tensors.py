"""Exact parameters as float64 tensors, for the families' runs. PyTorch is imported at the moment of use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def tensor(values: Iterable[Any], device: str) -> torch.Tensor:
    """Nested sequences of integers and rationals as a float64 tensor of the same shape."""
    import torch

    return torch.tensor(_floats(values), dtype=torch.float64, device=device)


def _floats(x: Any) -> Any:
    return [_floats(item) for item in x] if isinstance(x, (list, tuple)) else as_float(x)


def as_float(x: Any) -> float:
    """The float64 nearest to an integer or rational: Python divides integers correctly rounded."""
    return float(x) if isinstance(x, int) else int(x.p) / int(x.q)
