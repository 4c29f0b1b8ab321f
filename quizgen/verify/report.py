"""Solver against PyTorch on many questions of every family and level: what `quizgen verify` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from .. import draw
from ..errors import DrawError
from ..family import Entry
from .provenance import Provenance
from .run import MOST, check

SHOWN = 3
"""How many failures of a family and level are kept in words."""


@dataclass(frozen=True)
class Row:
    """One family at one level.

    ``worst`` is the largest relative difference (see `Provenance`); the seconds went into drawing with mistakes worked
    out and draws refused, into PyTorch, and into comparing; ``failures`` are the first few errors.
    """

    family: str
    level: int
    device: str
    drawn: int
    agree: int
    worst: float
    drawing: float
    running: float
    comparing: float
    batches: int
    failures: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return self.drawing + self.running + self.comparing

    @property
    def per_second(self) -> float:
        """Questions drawn, solved and checked in a second."""
        return self.drawn / self.seconds if self.seconds else 0.0

    @property
    def pytorch_share(self) -> float:
        """Which part of the time PyTorch takes, from 0 to 1."""
        return self.running / self.seconds if self.seconds else 0.0

    @property
    def ok(self) -> bool:
        return self.agree == self.drawn and not self.failures

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"per_second": self.per_second, "pytorch_share": self.pytorch_share}


def report(
    entries: Sequence[Entry],
    count: int,
    *,
    levels: Sequence[int] = (),
    seed: int | str = "verify",
    device: str = "cpu",
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[Row]:
    """A row for each family and level, as soon as it is known; ``count`` questions each, the same for the same seed.

    ``progress`` is told family, level and how many questions are done. A question that fails is counted and named, and
    the others go on; raises only `Unavailable` and `UsageError`, for the device.
    """
    check([], device)  # a device that is not here is said before any work is done
    for entry in entries:
        for level in entry.levels:
            if not levels or level in levels:
                yield _row(entry, level, count, str(seed), device, progress)


def _row(
    entry: Entry, level: int, count: int, seed: str, device: str, progress: Callable[[str, int, int], None] | None
) -> Row:
    drawn = agree = batches = 0
    worst = drawing = running = comparing = 0.0
    failures: list[str] = []
    where = device
    stream = draw.stream(entry, level, seed)
    while drawn < count:
        begun = perf_counter()
        try:
            questions = draw.take(stream, min(MOST, count - drawn))
        except DrawError as problem:
            failures.append(str(problem))
            break
        drawing += perf_counter() - begun
        done = check(questions, device)
        where, batches = done.device, batches + done.batches
        running, comparing = running + done.run, comparing + done.compared
        drawn += len(questions)
        for result in done.results:
            if isinstance(result, Provenance):
                agree, worst = agree + 1, max(worst, result.worst)
            elif len(failures) < SHOWN:
                failures.append(str(result))
        if progress is not None:
            progress(entry.name, level, drawn)
    found = tuple(failures)
    return Row(entry.name, level, where, drawn, agree, worst, drawing, running, comparing, batches, found)
