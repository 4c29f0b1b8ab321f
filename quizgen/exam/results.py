"""What a report is made from: who had which paper, and what each part of it earned.

Read from the folder that `quizgen exam grade` writes, or made in Python by whoever marked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from quizgen.errors import InputError, shown
from quizgen.labour import Labour
from quizgen_solvers.exact import rational

from . import marks

__all__ = ["Asked", "Earned", "Reasons", "Results", "Work", "read"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A place of the exam: its number on paper A, what names it for good, and what was asked there.

    ``family`` is empty for a question that was written by hand. ``same``: all papers have the very same question there.
    """

    number: int
    key: str
    title: str
    family: str = ""
    level: int | None = None
    same: bool = False


@dataclass(frozen=True, slots=True)
class Earned:
    """What a student earned in a part: ``points`` of ``of``.

    ``key`` names the place of the question (`Asked`), ``part`` counts from 1. ``answered``: something was written.
    ``mistakes`` are the named ones that lead to the answer. ``seconds`` is None where nobody measured. ``open``: a
    person has to look at it still.
    """

    student: str
    version: str
    key: str
    part: int
    points: float
    of: float
    answered: bool = True
    mistakes: tuple[str, ...] = ()
    seconds: float | None = None
    open: bool = False


Work = Mapping[tuple[str, str], Labour]
"""What the question at a place takes by hand, by the name of the version and the key of the place."""
Reasons = Mapping[tuple[str, str], str]
"""What there is to say about a mistake, in small markup, by the key of the place and the name of the mistake."""


@dataclass(frozen=True)
class Results:
    """The marks of an exam. ``times``: for how many seconds a student sat, where that is known."""

    title: str
    questions: tuple[Asked, ...]
    earned: tuple[Earned, ...]
    times: Mapping[str, float] = field(default_factory=dict)
    work: Work = field(default_factory=dict)
    reasons: Reasons = field(default_factory=dict)


def read(folder: str | Path) -> Results:
    """The marks in the folder that `quizgen exam grade` wrote, or in its marks.json. Raises `InputError`."""
    data = marks.read(folder)
    try:
        return _results(data)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        name, what = shown(str(folder), 160), shown(repr(problem), 120)
        raise InputError(f"the marks in {name} were changed by hand or are damaged ({what}); mark again") from None


def _results(data: Mapping[str, Any]) -> Results:
    asked: dict[str, Asked] = {}
    work: dict[tuple[str, str], Labour] = {}
    codes: dict[str, set[str]] = {}
    for paper in data["papers"]:
        for one in paper["questions"]:
            key, family = _text(one["key"]), _text(one["family"])
            level = int(one["level"]) if family else None
            asked.setdefault(key, Asked(int(one["number"]), key, _text(one["title"]), family, level))
            codes.setdefault(key, set()).add(_text(one["code"]))
            work[_text(paper["name"]), key] = Labour(int(one["operations"]), int(one["digits"]), tuple(one["kinds"]))
    times = {one["id"]: float(one["seconds"]) for one in data["students"] if "seconds" in one}
    reasons = {
        (key, name): _text(why) for key, known in data.get("mistakes", {}).items() for name, why in known.items()
    }
    questions = tuple(replace(each, same=len(codes[key]) == 1) for key, each in asked.items())
    return Results(_text(data["title"]), questions, tuple(_earned(data["students"])), times, work, reasons)


def _earned(students: Sequence[Mapping[str, Any]]) -> Iterator[Earned]:
    for student in students:
        for question in student["questions"]:
            for number, part in enumerate(question["parts"], 1):
                yield Earned(
                    _text(student["id"]),
                    _text(question["paper"]),
                    _text(question["key"]),
                    number,
                    _points(part["points"]),
                    _points(part["of"]),
                    part["state"] != "blank",
                    tuple(map(_text, part.get("mistakes", ()))),
                    part.get("seconds"),
                    part["state"] == "open",
                )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{value!r} is no text")


def _points(text: str) -> float:
    exact = rational(text)
    return int(exact.p) / int(exact.q)
