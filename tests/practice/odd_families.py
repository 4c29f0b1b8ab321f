"""Families for the tests of the stock: one that is right, and one for everything that can go wrong."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from quizgen.answers import Integer
from quizgen.family import Mistake, Part, family
from quizgen.rng import Rng
from quizgen_solvers import Work

LEVELS = {1: "small numbers", 2: "larger numbers"}


class Sum:
    """What the families below share: a + b is asked for."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(rng.integer(1, 10**6), rng.integer(1, 10**6))  # type: ignore[call-arg]

    def statement(self) -> str:
        return f"What is ${self.a} + {self.b}$?"

    def solve(self) -> Work:
        work = Work()
        work.let("c", work.given("a", self.a) + work.given("b", self.b))
        return work

    def parts(self, work: Work) -> tuple[Part, ...]:
        return (Part("The sum?", work["c"], Integer()),)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return ()

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        import torch

        return (torch.tensor([(q.a, q.b) for q in batch], device=device).sum(dim=1),)

    def program(self) -> str:
        return f"print({self.a} + {self.b})"


def odd(name: str, levels: Mapping[int, str] = LEVELS) -> Any:
    return lambda cls: family(f"odd.{name}", levels=levels, distractors=0)(dataclass(frozen=True)(cls))


@odd("right")
class Right(Sum):
    """A sum that is right."""

    a: int
    b: int


@odd("wrong")
class Wrong(Sum):
    """A sum for which PyTorch gets another answer, at level 2 alone: there a is odd."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(2 * rng.integer(1, 10**6) + level - 1, 7)

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        return ([q.a + q.b + q.a % 2 for q in batch],)


@odd("exits")
class Exits(Sum):
    """Its run ends Python politely."""

    a: int
    b: int

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        sys.exit("enough of this")


@odd("dies", {1: "each death takes seconds to get over"})
class Dies(Sum):
    """Its run ends the process, as a fault in a library does."""

    a: int
    b: int

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        os._exit(3)


@odd("hangs")
class Hangs(Sum):
    """Its run never ends."""

    a: int
    b: int

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        while True:
            time.sleep(0.01)


@odd("breaks")
class Breaks(Sum):
    """It can't be drawn."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        raise ZeroDivisionError("nothing\ncomes of it")


@odd("prints")
class Prints(Sum):
    """It talks, and asks, wherever it can."""

    a: int
    b: int

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        print("a line that is no answer", flush=True)
        os.write(1, b"[]\n")
        os.write(2, b"and a complaint\n")
        return ([q.a + q.b + len(sys.stdin.read()) for q in batch],)


@odd("elsewhere")
class Elsewhere(Sum):
    """It is another question in each process."""

    a: int
    b: int

    def statement(self) -> str:
        return f"In process {os.getpid()}: {super().statement()}"
