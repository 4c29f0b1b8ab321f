"""Layers of PyTorch whose parameters are counted, not used."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=16)
def bare(name: str) -> Any:
    """A class of `torch.nn` without the random numbers in its parameters: nobody looks at them, and they take long."""
    import torch

    return type(name, (getattr(torch.nn, name),), {"reset_parameters": lambda self: None})
