"""What tests of sessions share: a clock that is set by hand, a stock that checks nothing, a practice over a file."""

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from quizgen import code as codes
from quizgen import family
from quizgen.draw import draw
from quizgen.practice.records import Moment, Skill
from quizgen.practice.session import Practice
from quizgen.practice.store import Store
from quizgen.question import Question
from quizgen.verify.provenance import Provenance

RUN = Provenance("2.13.0", "cpu", "float64", 1, 1, 0.0)
START: Moment = 1_790_000_000_000  # some day in September 2026


class Clock:
    """Milliseconds that pass when they are told to."""

    def __init__(self, at: Moment = START) -> None:
        self.at = at

    def __call__(self) -> Moment:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += round(1000 * seconds)


class UncheckedStock:
    """Draws what is asked for, the same in every run, and says that PyTorch agreed."""

    state = "ready"

    def __init__(self) -> None:
        self.taken = 0
        self.problems: dict[Skill, str] = {}

    def start(self) -> None: ...

    def close(self) -> None: ...

    def take(self, skill: Skill, avoid: Container[str] = (), timeout: float = 0) -> Question:
        while True:
            self.taken += 1
            code = codes.make(family.find(skill.family), skill.level, f"n{self.taken}")
            if str(code) not in avoid:
                return replace(draw(code), provenance=RUN)

    def ready(self, skill: Skill, avoid: Container[str] = ()) -> Question | None:
        return self.take(skill, avoid)

    def verify(self, questions: Sequence[Question], timeout: float = 0) -> list[Question]:
        return [replace(question, provenance=RUN) for question in questions]


@contextmanager
def practising(folder: Path, clock: Clock | None = None) -> Iterator[Practice]:
    """A practice over a database in a folder, as a program that was just started has it."""
    store = Store.open(folder / "practice.db")
    entries = list(family.everything().values())
    practice = Practice(store, UncheckedStock(), entries, clock or Clock())  # type: ignore[arg-type]
    try:
        yield practice
    finally:
        practice.close()
