"""A sheet: questions of several families under one title, mixed fairly, no two alike, all checked by a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from . import draw
from .collector import at_rest
from .errors import DrawError, UnknownLevel, UsageError, shown
from .family import Entry
from .question import Question
from .rng import Rng

Solutions = Literal["none", "after", "separate"]

MOST = 1000
"""How many questions a sheet has at most."""

MOST_TRIES = 200
"""How many questions of a family and level in a row may be on the sheet already before it is taken to have no more."""

Progress = Callable[[str, int, int], None]
"""Is told what is being done ("drawing", "checking"), how many questions are done, and of how many."""


@dataclass(frozen=True)
class Sheet:
    """Questions to be printed together.

    ``solutions``: not printed, after each question, or all of them at the end; ``choices``: asked as multiple choice;
    ``command``: what makes the same sheet again.
    """

    title: str
    questions: tuple[Question, ...]
    solutions: Solutions = "separate"
    choices: bool = False
    command: str = ""

    @property
    def points(self) -> int:
        return sum(question.points for question in self.questions)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data, the questions as `Question.to_json` writes them."""
        return {
            "title": self.title,
            "command": self.command,
            "solutions": self.solutions,
            "choices": self.choices,
            "questions": [question.to_json() for question in self.questions],
        }


def make_sheet(
    entries: Sequence[Entry],
    levels: Sequence[int],
    count: int,
    seed: int | str,
    *,
    title: str = "",
    solutions: Solutions = "separate",
    choices: bool = False,
    command: str = "",
    verify: bool = True,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Sheet:
    """``count`` questions of these families at these levels (none given: all that a family has).

    The same arguments give the same sheet. Each family comes equally often, give or take one, in an order that spreads
    its topic over the sheet; its levels take turns. A family that has none of the levels is left out (`having` says
    which those are). No two questions have the same words, figures and answers.

    Raises `UsageError` for a count out of range, `UnknownLevel` where no family has any of the levels, `DrawError`
    where they have fewer different questions than were asked for, and what `verified` raises.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"a sheet can't have {shown(count)} questions; it has 1 to {MOST:,}")
    questions: list[Question] = []
    with at_rest():
        for question in islice(_different(having(entries, levels), levels, str(seed)), count):
            questions.append(question)
            if progress is not None:
                progress("drawing", len(questions), count)
    if len(questions) < count:
        raise DrawError(
            f"there are only {len(questions)} different questions to be had here, and {count} were asked for: "
            f"ask for fewer, or add families or levels"
        )
    if verify:
        from .verify import verified

        tell = None if progress is None else lambda done: progress("checking", done, count)
        questions = verified(questions, device, tell)
    return Sheet(title, tuple(questions), solutions, choices, command)


def having(entries: Sequence[Entry], levels: Sequence[int]) -> list[Entry]:
    """The families that have one of the levels; raises `UnknownLevel` where none has."""
    found = [entry for entry in entries if not levels or any(level in entry.levels for level in levels)]
    if not found:
        there = "; ".join(f"{entry.name} has {', '.join(map(str, entry.levels))}" for entry in entries[:4])
        more = f"; and {len(entries) - 4} families more" if len(entries) > 4 else ""
        wanted = " or ".join(map(str, sorted(set(levels))))
        raise UnknownLevel(f"none of the families chosen has level {wanted}: {there}{more}")
    return found


def spread(entries: Sequence[Entry], rng: Rng) -> list[Entry]:
    """The families in an order drawn by ``rng``, each topic first once and then spread evenly."""
    topics: dict[str, list[Entry]] = {}
    for entry in entries:
        topics.setdefault(entry.topic, []).append(entry)
    placed = []
    for rank, topic in enumerate(rng.shuffled(sorted(topics))):
        families = rng.shuffled(sorted(topics[topic], key=lambda entry: entry.name))
        placed += [(i / len(families), rank, entry) for i, entry in enumerate(families)]
    return [entry for _, _, entry in sorted(placed, key=lambda one: one[:2])]


def _different(entries: Sequence[Entry], levels: Sequence[int], seed: str) -> Iterator[Question]:
    """Questions of the families in turn, without end or until there are no more that differ."""
    rng = Rng(f"sheet {seed}")
    order = spread(entries, rng)
    streams: dict[str, deque[Iterator[Question]]] = {}
    for entry in order:
        own = rng.shuffled([level for level in entry.levels if not levels or level in levels])
        streams[entry.name] = deque(draw.stream(entry, level, seed) for level in own)
    seen: set[Any] = set()
    while order:
        for entry in list(order):
            turns = streams[entry.name]
            while turns:
                question = _new(turns[0], seen)
                if question is not None:
                    turns.rotate(-1)
                    yield question
                    break
                turns.popleft()  # this level has no more
            else:
                order.remove(entry)


def _new(stream: Iterator[Question], seen: set[Any]) -> Question | None:
    """The next question that has not been seen, or None where there seems to be none."""
    for question in islice(stream, MOST_TRIES):
        key = identity(question)
        if key not in seen:
            seen.add(key)
            return question
    return None


def identity(question: Question) -> tuple[Any, ...]:
    """What makes two questions the same to the one who is asked: the words, the figures and the answers."""
    figures = (str(figure) for figure in question.figures.values())
    return (question.statement, *figures, *((part.words, str(part.centre)) for part in question.parts))
