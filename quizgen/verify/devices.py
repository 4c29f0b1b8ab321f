"""Where runs take place, and the conditions that they take place under."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ..errors import Unavailable, UsageError, did_you_mean, shown

SEED = 0
"""What PyTorch's generators start from before every batch, for a layer whose initial weights are never read."""

_CUDA = re.compile(r"cuda(?::(\d{1,3}))?", re.ASCII)
_WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"
_COMPILER = "torch._dynamo"


def pytorch() -> Any:
    """PyTorch, imported at the moment of use; raises `Unavailable` where it can't be."""
    try:
        return importlib.import_module("torch")
    except ImportError as problem:
        missing = "is not installed" if getattr(problem, "name", None) == "torch" else f"can't be imported ({problem})"
        raise Unavailable(
            f"PyTorch {missing}, so no answer can be checked: `pip install torch`, or go on without the check"
        ) from problem
    except OSError as problem:  # a library that it was built with is not there
        raise Unavailable(f"PyTorch can't be loaded ({problem}): install it again, `pip install torch`") from problem


def resolve(device: str) -> str:
    """The device that a name means: "cpu", "cuda:0". "auto" is the first CUDA device, else the CPU.

    Raises `UsageError` for a name that is none, and `Unavailable` where that device is not here.
    """
    found = _CUDA.fullmatch(device)
    if device == "cpu":
        return "cpu"
    if not found and device != "auto":
        hint = did_you_mean(device, ["auto", "cpu", "cuda"])
        raise UsageError(f"{shown(device)} is no device{hint}; devices are auto, cpu, cuda, and cuda:1 of several")
    torch = pytorch()
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not found:
        return "cuda:0" if count else "cpu"
    if not count:
        why = "PyTorch sees no GPU" if torch.version.cuda else "this PyTorch is built without CUDA"
        raise Unavailable(f"there is no device {device}: {why}; use cpu or auto")
    number = int(found[1] or 0)
    if number >= count:
        last = f"cuda:0 to cuda:{count - 1}" if count > 1 else "cuda:0"
        raise Unavailable(f"there is no device {device}: PyTorch sees {last}; use one of them, cpu or auto")
    return f"cuda:{number}"


@contextmanager
def controlled(device: str) -> Iterator[Callable[[], None]]:
    """The conditions of a run; gives what sets them again between batches, and puts back what was there before.

    float64 by default, one thread (the batches are small, and sums are then added up in one order), algorithms that
    give the same bits every time, gradients on, generators seeded, no autocast, and the CPU as the device of tensors
    that name none. A family that changes any of it changes nothing for the next one, nor for the caller.
    """
    torch = pytorch()
    cuda = device.startswith("cuda")
    threads, dtype, home = torch.get_num_threads(), torch.get_default_dtype(), torch.get_default_device()
    strict = torch.get_deterministic_debug_mode()
    benchmark, workspace = torch.backends.cudnn.benchmark, os.environ.get(_WORKSPACE)

    def again() -> None:
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)
        torch.set_default_dtype(torch.float64)
        torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms would import the compiler for it
        torch.set_grad_enabled(True)
        torch.default_generator.manual_seed(SEED)
        if cuda:
            torch.backends.cudnn.benchmark = False
            torch.cuda.manual_seed(SEED)

    try:
        if cuda:
            os.environ[_WORKSPACE] = ":4096:8"  # without it cuBLAS promises no reproducible sums
        if home.type != "cpu":
            torch.set_default_device("cpu")
        with (
            torch.random.fork_rng(devices=[device] if cuda else []),
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.autocast("cuda" if cuda else "cpu", enabled=False),
            _no_compiler(torch),
        ):
            again()
            yield again
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(dtype)
        torch.set_deterministic_debug_mode(strict)
        torch.backends.cudnn.benchmark = benchmark
        if home.type != "cpu":
            torch.set_default_device(home)
        if cuda and workspace is None:
            os.environ.pop(_WORKSPACE, None)
        elif cuda and workspace is not None:
            os.environ[_WORKSPACE] = workspace


class _Compiler(ModuleType):
    """Stands for PyTorch's compiler as long as nobody wants it to compile: then it is imported after all."""

    @staticmethod
    def graph_break() -> None:
        """Ends a piece that is compiled; where nothing is compiled, it does nothing."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _no_compiler(torch: Any) -> Iterator[None]:
    """Lets an optimiser make a step without the compiler being imported, which takes about a second.

    `torch.optim.Optimizer` imports it only to have one of its methods left alone, and to say where a piece that is
    compiled would end.
    """
    method = getattr(torch.optim.Optimizer.add_param_group, "__wrapped__", None)
    if _COMPILER in sys.modules or method is None or hasattr(method, "__dynamo_disable"):
        yield
        return
    sys.modules[_COMPILER] = torch._dynamo = stand_in = _Compiler(_COMPILER)
    method.__dynamo_disable = method
    try:
        yield
    finally:
        del method.__dynamo_disable
        if sys.modules.get(_COMPILER) is stand_in:
            del sys.modules[_COMPILER]
        if torch.__dict__.get("_dynamo") is stand_in:
            del torch._dynamo
