"""A question: a value with its words, its answers, its worked solution, and what is known of wrong answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from quizgen_solvers import ExactError, Quantity, Work
from quizgen_solvers.arrays import Array
from quizgen_solvers.exact import decimal, fmpq, places_needed, rounded

from . import family as families
from . import parameters, targets
from .answers import Kind
from .code import Code
from .errors import UsageError, shown
from .family import Part
from .rng import Rng
from .wording import counted

if TYPE_CHECKING:
    from .figures import Figure
    from .marking import Verdict
    from .verify.provenance import Provenance

FORMAT = 1
"""The version of the JSON that a question is written as."""

MOST_OPTIONS = 4
"""How many options a part has when it is asked as multiple choice."""


@dataclass(frozen=True)
class Step:
    """One line of the worked solution, printed.

    ``latex`` holds aligned pieces: the left side, then each ``= …`` or ``\\approx …``; ``text`` is one line of Unicode.
    """

    latex: tuple[str, ...]
    text: str
    why: str = ""
    heading: str = ""
    unfolded: tuple[Step, ...] = ()


@dataclass(frozen=True)
class WrongWay:
    """A named mistake and where it leads: for each part the wrong answer (nested rationals), None where it has none."""

    name: str
    why: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class PartMistake:
    """A named mistake as one part sees it: the answer it leads to, as text and LaTeX, and its `target`."""

    name: str
    why: str
    value: str
    latex: str
    target: Any


@dataclass(frozen=True)
class QuestionPart:
    """One thing that is asked, with what is right.

    ``centre`` is the printed answer in nested rationals (option numbers for a choice, text for an expression),
    ``tolerance`` what is accepted around each of its numbers; ``place``: where the right one stands among options that
    are made of mistakes, None where the code says.
    """

    words: str
    kind: Kind
    points: int
    centre: Any
    tolerance: fmpq
    also: tuple[Any, ...] = ()
    wrong: tuple[WrongWay, ...] = ()
    index: int = 0
    code: str = ""
    place: int | None = None

    @property
    def prompt(self) -> str:
        """The words, and how precise the answer is to be."""
        return " ".join(filter(None, (self.words, self.precision)))

    @property
    def precision(self) -> str:
        """How many decimals are wanted and how far off is accepted: small markup, or nothing where exact is exact."""
        decimals = most_decimals(self.kind)
        if decimals is None:
            return ""
        count = counted(decimals, "decimal")
        if self.tolerance == 0:
            return f"*({count})*"
        return f"*({count}; ±{decimal_text(self.tolerance)} is accepted)*"

    @cached_property
    def target(self) -> Any:
        """What is accepted: `Target`s nested as the answer is, or the option numbers."""
        return targets.accepted(self.kind, self.centre, self.tolerance)

    @property
    def also_targets(self) -> tuple[Any, ...]:
        return tuple(targets.accepted(self.kind, x, self.tolerance) for x in self.also)

    @property
    def answer(self) -> str:
        """The right answer as one types it."""
        return self.kind.show(self.centre)

    @property
    def answer_latex(self) -> str:
        return self.kind.latex(self.centre)

    @cached_property
    def mistakes(self) -> tuple[PartMistake, ...]:
        """The named mistakes that lead to a wrong answer here."""
        found = []
        slack = max(self.tolerance, last_unit(self.kind)) if not isinstance(self.centre, (frozenset, str)) else fmpq(0)
        for way in self.wrong:
            value = way.values[self.index]
            if value is None or not self.is_wrong(value):
                continue
            shown_value, latex = self.kind.show(value), self.kind.latex(value)
            target = targets.accepted(self.kind, value, slack)
            found.append(PartMistake(way.name, way.why, shown_value, latex, target))
        return tuple(found)

    def is_wrong(self, value: Any) -> bool:
        """Whether a printed value is none of the right answers."""
        return targets.is_wrong(value, self.centre, self.also)

    @cached_property
    def _choices(self) -> tuple[tuple[str, ...], frozenset[int]]:
        options = [self.answer_latex]
        for mistake in self.mistakes if self.kind.name != "table" else ():  # whole tables are nothing to choose from
            if mistake.latex not in options and len(options) < MOST_OPTIONS:
                options.append(mistake.latex)
        order = Rng(f"choices {self.code} {self.index}").shuffled(range(len(options)))
        if self.place is not None:
            order.remove(0)
            order.insert(self.place, 0)
        return tuple(f"${options[i]}$" for i in order), frozenset({order.index(0)})

    @property
    def options(self) -> tuple[str, ...]:
        """The options (small markup) when the part is asked as multiple choice: the answer and named mistakes."""
        return getattr(self.kind, "options", None) or self._choices[0]

    @property
    def correct(self) -> frozenset[int]:
        """Which of ``options`` are right."""
        return self.centre if isinstance(self.centre, frozenset) else self._choices[1]


@dataclass(frozen=True, eq=False)
class Question:
    """A question as a value. Two questions are equal when their JSON is."""

    code: str
    family: str
    level: int
    title: str
    parts: tuple[QuestionPart, ...]
    work: Work
    source: Any = None
    """The family's parameter set; None for a question that was read from JSON."""
    provenance: Provenance | None = None
    recorded: Mapping[str, Any] = field(default_factory=dict)
    """What a question that was read from JSON had printed."""
    answered_by: tuple[tuple[Any, ...], ...] = ()
    """For each part the quantities of the work that answer it."""

    @cached_property
    def statement(self) -> str:
        """The words, in the small markup."""
        return self.recorded["statement"] if self.source is None else self.source.statement()  # type: ignore[no-any-return]

    @cached_property
    def program(self) -> str:
        """A short PyTorch program that prints the answers."""
        return self.recorded["program"] if self.source is None else self.source.program()  # type: ignore[no-any-return]

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        if self.source is None:
            return self.recorded["figures"]  # type: ignore[no-any-return]
        drawn = getattr(self.source, "figures", None)
        return drawn() if drawn is not None else {}

    @cached_property
    def givens(self) -> tuple[Step, ...]:
        """What is given, printed like the lines of the solution."""
        from quizgen_solvers import printing

        return tuple(_step(line) for line in printing.givens(self.work))

    @cached_property
    def solution(self) -> tuple[Step, ...]:
        """The worked solution, line by line."""
        from quizgen_solvers import printing

        printed = printing.lines(self.work)
        return tuple(
            replace(_step(one), why=line.why, heading=line.heading)
            for line, one in zip(self.work.lines, printed, strict=True)
        )

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    @property
    def mistakes(self) -> tuple[WrongWay, ...]:
        """The named mistakes, each with where it leads."""
        return self.parts[0].wrong if self.parts else ()

    def check(self, text: str, part: int = 1, earlier: Mapping[int, str] | None = None) -> Verdict:
        """Marks what a person typed for ``part`` (counted from 1).

        ``earlier`` holds what she typed for earlier parts: an answer that follows rightly from a wrong earlier one is
        marked as carried forward. Raises `Unreadable` where the text can't be read.
        """
        from .marking import mark

        return mark(self, text, part, earlier or {})

    def part(self, number: int) -> QuestionPart:
        """Part ``number``, counted from 1; raises `UsageError` where there is none."""
        if type(number) is not int or not 1 <= number <= len(self.parts):
            raise UsageError(f"{self.code} has {len(self.parts)} part(s), so there is no part {shown(number)}")
        return self.parts[number - 1]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data; `from_json` reads it back."""
        place = {id(q): i for i, q in enumerate(self.work.quantities())}
        return {
            "format": FORMAT,
            "code": self.code,
            "family": self.family,
            "level": self.level,
            "title": self.title,
            "parameters": self.recorded["parameters"] if self.source is None else parameters.to_json(self.source),
            "statement": self.statement,
            "parts": [
                {
                    "prompt": part.words,
                    "precision": part.precision,
                    "kind": part.kind.to_json(),
                    "points": part.points,
                    "answer": value_to_json(part.centre),
                    "tolerance": decimal_text(part.tolerance),
                    "also": [value_to_json(x) for x in part.also],
                    "quantities": [place[id(q)] for q in found],
                }
                for part, found in zip(self.parts, self.answered_by, strict=True)
            ],
            "mistakes": [
                {"name": way.name, "why": way.why, "answers": [value_to_json(v) for v in way.values]}
                for way in self.mistakes
            ],
            "work": self.work.to_json(),
            "solution": [step.text for step in self.solution],
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            "program": self.program,
            "provenance": self.provenance.to_json() if self.provenance else None,
        }

    @classmethod
    def from_json(cls, data: Any) -> Question:
        """The question that ``to_json`` wrote; raises `InputError` where the data is none."""
        from .record import question_from_json

        return question_from_json(data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Question) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.statement}" if self.code else self.statement

    def __repr__(self) -> str:
        return f"<Question {self.code}>"

    def _repr_html_(self) -> str:
        from .render.html import fragment

        return fragment(self)


def _step(printed: Any) -> Step:
    return Step(
        latex=(printed.lhs_latex, *printed.latex),
        text=printed.text,
        unfolded=tuple(_step(one) for one in printed.unfolded),
    )


# --- making questions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Solved:
    """A parameter set with its worked solution: what is asked, and for each part what is right and how near."""

    source: Any
    work: Work
    asked: tuple[Part, ...]
    right: tuple[tuple[Any, fmpq], ...]


def solved(instance: Any) -> Solved:
    """The work of a parameter set and its answers; raises `ExactError` where there is no value."""
    work = instance.solve()
    asked: tuple[Part, ...] = instance.parts(work)
    return Solved(instance, work, asked, targets.targets(work, asked))


def build(instance: Any, code: Code | None = None, *, mistakes: bool = True) -> Question:
    """The question that a parameter set asks, its answers and, with ``mistakes``, its wrong ways worked out.

    Raises `ExactError` where the work has no value.
    """
    found = solved(instance)
    return finished(found, code, tuple(wrong_ways(found)) if mistakes else ())


def finished(found: Solved, code: Code | None, ways: tuple[WrongWay, ...]) -> Question:
    """The question of a worked solution and of what is known of wrong ways."""
    entry = families.entry_of(found.source)
    name = str(code) if code else ""
    return Question(
        code=name,
        family=entry.name,
        level=code.level if code else 0,
        title=entry.title,
        parts=tuple(
            QuestionPart(part.prompt, part.kind, part.points, centre, tolerance, part.also, ways, i, name)
            for i, (part, (centre, tolerance)) in enumerate(zip(found.asked, found.right, strict=True))
        ),
        work=found.work,
        source=found.source,
        answered_by=tuple(targets.wanted(part) for part in found.asked),
    )


def wrong_ways(found: Solved) -> Iterator[WrongWay]:
    """Where each mistake leads, in the printed digits; one that leads nowhere (no value at all) is left out."""
    asked = [(part, targets.wanted(part)) for part in found.asked]
    known = [
        (q, decimals, centre)
        for (part, qs), (right, _) in zip(asked, found.right, strict=True)
        for q, decimals, centre in zip(qs, targets.decimals_of(part), targets.flat(right, part), strict=False)
    ]
    wanted = [q for q, _, _ in known]
    single = all(part.answer.__class__ is Quantity for part in found.asked)
    for mistake in found.source.mistakes(found.work):
        try:
            reworked = found.work.rework(mistake.replace, wanted)
            values = [
                x if value is q.value else targets.centres(value, d)  # most mistakes leave some answers as they are
                for value, (q, d, x) in zip(reworked, known, strict=True)
            ]
        except ExactError:
            continue
        if not single:
            rest = iter(values)
            values = [targets.nested([next(rest) for _ in qs], part) if qs else None for part, qs in asked]
        yield WrongWay(mistake.name, mistake.why, tuple(values))


# --- numbers as text --------------------------------------------------------------------------------------------


def decimal_text(x: fmpq) -> str:
    """A rational as the decimal that it is, else as a fraction: "0.0002", "1/3"."""
    places = places_needed(x)
    return f"{x.p}/{x.q}" if places is None else decimal(x, places)


def two_decimals(x: fmpq) -> str:
    """A rational as people read points, to two decimals at most.

    >>> two_decimals(fmpq(5, 2)), two_decimals(fmpq(2, 3)), two_decimals(fmpq(-1, 2)), two_decimals(fmpq(2))
    ('2.5', '0.67', '-0.5', '2')
    """
    return decimal_text(rounded(x, 2))


def last_unit(kind: Kind) -> fmpq:
    """One unit in the last decimal that a kind asks for; 0 where it asks for an exact answer."""
    decimals = most_decimals(kind)
    return fmpq(0) if decimals is None else fmpq(1, 10**decimals)


def most_decimals(kind: Kind) -> int | None:
    """To how many decimals a kind, or the finest column of a table, is asked; None where all is exact."""
    return max((d for d in targets.decimals_in(kind) if d is not None), default=None)


def value_to_json(value: Any) -> Any:
    """Nested rationals as nested text, option numbers as a sorted list under a key, text as text under a key."""
    if value is None:
        return None
    if isinstance(value, frozenset):
        return {"options": sorted(value)}
    if isinstance(value, str):
        return {"expression": value}
    if isinstance(value, tuple):
        return [value_to_json(x) for x in value]
    return decimal_text(fmpq(value))


def array_of(value: Any) -> Any:
    """Nested rationals as a value that work can be reworked with."""
    return Array.of(value) if isinstance(value, tuple) else value


__all__ = ["PartMistake", "Question", "QuestionPart", "Step", "WrongWay", "build"]
