"""A family for the tests whose run can be made wrong in every way, and which belongs to no registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from quizgen import family as families
from quizgen.answers import Choice, Choices, Expression, Integer, Matrix, Number, Shape, Table
from quizgen.code import Code
from quizgen.family import Part
from quizgen.question import Question, build
from quizgen_solvers import Work, rational
from quizgen_solvers.exact import fmpq
from quizgen_solvers.quantity import exp, matrix, stack

NAME = "tests.everything"


@dataclass(frozen=True)
class Everything:
    """One part of each kind.

    Asks for n + 1, x/3 + e^x, a shape, a matrix, a table, a choice and a formula.
    """

    n: int
    x: fmpq

    @classmethod
    def sample(cls, rng: Any, level: int) -> Everything:
        return cls(rng.integer(1, 9), rng.decimal(0, 1, 2))

    def statement(self) -> str:
        return f"Everything about {self.n} and {self.x}."

    def solve(self) -> Work:
        work = Work()
        n, x = work.given("n", self.n), work.given("x", self.x)
        work.let("y", n + 1)
        work.let("z", x / 3 + exp(x))
        work.let("s", stack(n, 2 * n))
        work.let("A", matrix([[x, x * x], [n, x / 7]]))
        return work

    def parts(self, work: Work) -> tuple[Part, ...]:
        y, z, s = work["y"], work["z"], work["s"]
        return (
            Part("y?", y, Integer()),
            Part("z?", z, Number(decimals=4)),
            Part("s?", s, Shape()),
            Part("A?", work["A"], Matrix(decimals=4)),
            Part("rows?", ((s, y), (s, y)), Table(("shape", "count"), (Shape(), Integer()), ("one", "two"))),
            Part("which?", frozenset({1}), Choice(("no", "yes"))),
            Part("which ones?", frozenset({0, 2}), Choices(("a", "b", "c"))),
            Part("formula?", "2*x + x/3", Expression(("x",))),
        )

    def mistakes(self, work: Work) -> tuple[Any, ...]:
        return ()

    def batch_key(self) -> int:
        return self.n % 2

    @staticmethod
    def torch_run(batch: Any, device: str) -> Any:
        import torch

        from quizgen.verify.tensors import tensor

        n = tensor([q.n for q in batch], device)
        x = tensor([q.x for q in batch], device)
        shapes = [(q.n, 2 * q.n) for q in batch]
        return (
            [q.n + 1 for q in batch],
            x / 3 + torch.exp(x),
            shapes,
            torch.stack([x, x * x, n, x / 7], 1).reshape(-1, 2, 2),
            [((s, q.n + 1), (s, q.n + 1)) for s, q in zip(shapes, batch, strict=True)],
            [1 for _ in batch],
            [{0, 2} for _ in batch],
            [[({"x": fmpq(1, 3)}, float(7 / 9))] for _ in batch],
        )

    def program(self) -> str:
        return ""


@pytest.fixture
def asks() -> Iterator[Callable[..., Question]]:
    """Makes a question of the family: ``asks(n, x)``."""
    families.family(NAME, levels={1: "all there is"})(Everything)

    def make(n: int = 3, x: str = "0.3", seed: str = "k7q3m9") -> Question:
        return build(Everything(n, rational(x)), Code(NAME, 1, seed))

    yield make
    families._ENTRIES.pop(NAME)


@pytest.fixture
def run_gives(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[Any], Any]], None]:
    """Changes what the run gives for a part: ``run_gives(2, lambda z: z * 2)``."""
    right = Everything.torch_run

    def change(part: int, how: Callable[[Any], Any]) -> None:
        def wrong(batch: Any, device: str) -> Any:
            entries = list(right(batch, device))
            entries[part - 1] = how(entries[part - 1])
            return tuple(entries)

        monkeypatch.setattr(Everything, "torch_run", staticmethod(wrong))

    return change


@pytest.fixture
def run_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Puts another run in the place of the family's."""
    return lambda run: monkeypatch.setattr(Everything, "torch_run", staticmethod(run))


@pytest.fixture
def right() -> Callable[..., Any]:
    """The family's own run."""
    return Everything.torch_run
