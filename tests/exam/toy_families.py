"""Families for the tests of versions: each has one thing that makes fair versions hard to find."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from quizgen.answers import Choice, Integer
from quizgen.family import Mistake, Part, family
from quizgen.rng import Rng
from quizgen_solvers import Work


class Toy:
    """What the families below share: two numbers, of which the difference is asked for."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        raise NotImplementedError

    def statement(self) -> str:
        return f"What is ${self.a} - {self.b}$?"

    def solve(self) -> Work:
        work = Work()
        work.let("c", work.given("a", self.a) - work.given("b", self.b))
        return work

    def parts(self, work: Work) -> tuple[Part, ...]:
        return (Part("The difference?", work["c"], Integer()),)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return ()

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        return ([q.a - q.b for q in batch],)

    def program(self) -> str:
        return f"print({self.a} - {self.b})"


def toy(name: str) -> Any:
    return lambda cls: family(f"toy.{name}", levels={1: "as it is"}, distractors=0)(dataclass(frozen=True)(cls))


@toy("two")
class Two(Toy):
    """Many questions, two answers."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        b = rng.integer(100, 900)
        return cls(b + rng.integer(6, 7), b)


@toy("few")
class Few(Toy):
    """Three questions, three answers."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(rng.integer(21, 23), 10)


@toy("one")
class One(Toy):
    """A single question."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(22, 10)


@toy("long")
class Long(Toy):
    """A sum of ones: the answer is how much work it was."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(rng.integer(2, 60), 0)

    def solve(self) -> Work:
        work = Work()
        one = total = work.given("x", 1)
        for _ in range(self.a - 1):
            total = total + one
        work.let("c", total)
        return work


@toy("never")
class Never(Toy):
    """Nothing worth asking: the answer is always 0."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        a = rng.integer(1, 99)
        return cls(a, a)


@toy("wrong")
class Wrong(Toy):
    """PyTorch gets another answer."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(rng.integer(500, 900), rng.integer(100, 400))

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        return ([q.a + q.b for q in batch],)


@toy("parts")
class Parts(Toy):
    """One part or two of the same kind."""

    a: int
    b: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(rng.integer(500, 900), rng.integer(100, 400))

    def parts(self, work: Work) -> tuple[Part, ...]:
        asked = (Part("The difference?", work["c"], Integer()), Part("And again?", work["a"], Integer()))
        return asked[: 1 + self.a % 2]


@toy("choice")
class Of(Toy):
    """Four options in an order that is drawn."""

    a: int
    b: int
    place: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(rng.integer(500, 900), rng.integer(100, 400), rng.integer(0, 3))  # type: ignore[call-arg]

    def parts(self, work: Work) -> tuple[Part, ...]:
        options = [str(self.a + self.b), str(self.a), str(self.b)]
        options.insert(self.place, str(self.a - self.b))
        return (Part("Which?", frozenset({self.place}), Choice(tuple(options))),)
