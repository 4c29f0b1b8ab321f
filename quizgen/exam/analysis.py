"""What an item analysis finds, as values: of the exam, its versions, its questions and their parts."""

from __future__ import annotations

from dataclasses import dataclass

from .results import Asked

Unsaid = dict[str, str]
"""What can't be said, by the name of the figure, and why."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A named mistake: how many students made it, of those who had the question, as a share too.

    ``why`` says in small markup what to look at; it is empty where nobody has said.
    """

    name: str
    count: int
    share: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Separation:
    """How far those who do well in the rest of the exam do well here: a correlation and its 95% interval."""

    r: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How a question or a part went.

    ``share`` is the mean share of its points, ``right``, ``partly`` and ``wrong`` are counts of students who answered,
    ``omitted`` of those who did not. ``separation`` is against all that is not of the same question.
    """

    students: int
    of: float
    share: float | None
    right: int
    partly: int
    wrong: int
    omitted: int
    separation: Separation | None
    mistakes: tuple[Mistake, ...]
    seconds: float | None
    unsaid: Unsaid

    @property
    def answered(self) -> int:
        return self.right + self.partly + self.wrong


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison of versions by ranks. ``effect``: the share of the differences that goes with the version.

    ``p`` of a question is Holm's, which counts that many questions were tested.
    """

    H: float
    df: int
    p: float
    effect: float

    __test__ = False  # for pytest, which would take it for a class of tests


@dataclass(frozen=True, slots=True)
class Reach:
    """What a comparison of versions can see, in points between the easiest version and the hardest.

    ``gap`` is found four times out of five; ``small`` is a twentieth of all points, and is found with the chance
    ``power``.
    """

    gap: float
    small: float
    power: float


@dataclass(frozen=True, slots=True)
class Group:
    """The students of a version: what they earned, and what it took by hand (None: not known).

    ``lower`` and ``upper`` are the quartiles.
    """

    version: str
    students: int
    mean: float
    sd: float | None
    least: float
    lower: float
    median: float
    upper: float
    most: float
    operations: int | None = None
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """How versions compare. ``left_out``: those with too few students."""

    groups: tuple[Group, ...]
    left_out: tuple[str, ...]
    test: Test | None
    reach: Reach | None
    unsaid: Unsaid


@dataclass(frozen=True, slots=True)
class HandWork:
    """Whether more work by hand earned less: a rank correlation over versions, and what they took.

    ``visible``: a correlation that is found four times out of five. ``p`` of a question is Holm's, as in `Test`.
    """

    least: int
    most: int
    rho: float
    p: float
    visible: float


@dataclass(frozen=True, slots=True)
class QuestionStatistics:
    """All of a question. ``hand_work`` is None where it is the same for all, or not known."""

    asked: Asked
    all: Tally
    parts: tuple[Tally, ...]
    versions: Versions
    hand_work: HandWork | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """Cronbach's alpha of the questions and its 95% interval; ``sem``: the standard error of measurement, in points."""

    alpha: float
    low: float
    high: float
    sem: float


@dataclass(frozen=True, slots=True)
class Marks:
    """How the marks are distributed. ``of``: all points, or 100 where papers have different ones (``in_percent``).

    ``bins``: from which share of all points to which, and how many students are there.
    """

    of: float
    in_percent: bool
    mean: float | None
    median: float | None
    sd: float | None
    least: float | None
    most: float | None
    bins: tuple[tuple[float, float, int], ...]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class PassMark:
    """What it takes to pass: so many points, or (``in_percent``) so many percent of all."""

    value: float
    in_percent: bool = False


@dataclass(frozen=True, slots=True)
class Passing:
    """Who passed: ``students`` have ``mark`` or more, in the unit of `Marks`.

    ``near``: how many are no further from it than a mark is uncertain; None where that is not known.
    """

    mark: float
    students: int
    near: int | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What there is to say of an exam. ``empty``: students who wrote nothing, who are left out; ``open``: answers that
    a person has to look at still, which count as they stand. ``passing`` is None where no pass mark was given."""

    title: str
    students: int
    empty: int
    open: int
    marks: Marks
    passing: Passing | None
    reliability: Reliability | None
    versions: Versions
    hand_work: HandWork | None
    questions: tuple[QuestionStatistics, ...]
    unsaid: Unsaid
