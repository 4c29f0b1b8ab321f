"""What practice remembers, as plain values: the store keeps them, the session and the schedule make them.

Moments are whole milliseconds since 1970 in UTC, so that every database keeps them alike. Credit is an exact rational.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from quizgen_solvers.exact import fmpq

Moment: TypeAlias = int

Action: TypeAlias = Literal["answer", "hint", "on", "solution", "skip"]
"""What a learner can do at a question: answer a part, have the next piece of its solution shown, go on to the next part
with what she has, have the whole solution shown (which ends the question), or leave the question."""

Ending: TypeAlias = Literal["answered", "shown", "skipped", "gone", "time"]
"""How a question came to its end: every part was dealt with; the solution was shown; it was left; its family is not
here any more; the time of an exam was over."""

ME = "me"
"""The learner of a machine that one person practises on."""

ZERO = fmpq(0)


@dataclass(frozen=True, order=True, slots=True)
class Skill:
    """What is remembered: a family at a level. Every review of it draws fresh numbers."""

    family: str
    level: int

    @property
    def topic(self) -> str:
        return self.family.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.family}/{self.level}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session asks.

    ``names``: topics and families, none for all of them; ``level``: None follows what was answered; ``count`` questions
    or ``minutes`` or, with neither, without end; ``exam``: timed, no help and no verdict until the end; ``choices``:
    as multiple choice; ``code``: this one question.
    """

    names: tuple[str, ...] = ()
    level: int | None = None
    count: int | None = None
    minutes: int | None = None
    exam: bool = False
    choices: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session: whose it is, what it asks, when it began and ended."""

    id: str
    learner: str
    plan: Plan
    started: Moment
    ended: Moment | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that a learner did at a question.

    ``number``: its place among the moves of the question, from 0; ``part`` from 1. Of an answer: what was typed, how it
    was read, and the verdict on it: ``credit`` as it was marked (before hints and tries are taken off), the reason, the
    names of the mistakes that lead there. In an exam an answer has no verdict until the end.
    """

    number: int
    action: Action
    part: int
    at: Moment
    typed: str = ""
    read_as: str = ""
    credit: fmpq = ZERO
    reason: str = ""
    carried: bool = False
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question: ``credit`` from 0 to 1 of its points, how many hints and wrong tries it took, for how
    long it was worked on, the mistakes that were made, and the rating (1 again, 2 hard, 3 good, 4 easy; 0: not rated).
    """

    ending: Ending
    credit: fmpq = ZERO
    points: int = 0
    hints: int = 0
    wrong: int = 0
    seconds: int = 0
    rating: int = 0
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A question that was put to a learner: ``number`` is its place in its session, from 1; ``provenance``, as JSON,
    says how PyTorch reproduced its answers."""

    id: str
    sitting: str
    number: int
    code: str
    skill: Skill
    opened: Moment
    provenance: str = ""
    closed: Moment | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What FSRS keeps of a skill (https://github.com/open-spaced-repetition/py-fsrs), and when it is due again."""

    skill: Skill
    due: Moment
    last: Moment
    stability: float | None = None
    difficulty: float | None = None
    state: int = 1
    step: int | None = 0
    reviews: int = 0
    lapses: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """At which level a learner stands in a family; ``run``: how many times in a row she did well there (positive) or
    badly (negative)."""

    family: str
    level: int = 1
    run: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a learner when the next question is chosen: the latest items come first in ``recent``."""

    memories: dict[Skill, Memory] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    recent: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """A question that a run has checked and nobody has seen: its code, the provenance as JSON, and a ``seal`` that a
    question drawn from the code by another quizgen would not bear."""

    code: str
    skill: Skill
    provenance: str
    seal: str
