"""What a report is made from: who had which paper, and what each part of it earned.

Read from the folder that `quizgen exam grade` writes, or made in Python by whoever marked elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from quizgen.errors import InputError, shown
from quizgen.labour import Labour, labour
from quizgen_solvers.exact import rational

from .manifest import Manifest, drawn

__all__ = ["Asked", "Earned", "MarksError", "Results", "Work", "read", "work_of"]

FILE: Final = "marks.json"
KIND: Final = "quizgen exam marks"


class MarksError(InputError):
    """Marks that can't be read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A place of the exam: its number on paper A, what names it for good, and what was asked there.

    ``family`` is empty for a question that was written by hand.
    """

    number: int
    key: str
    title: str
    family: str = ""
    level: int | None = None


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


@dataclass(frozen=True)
class Results:
    """The marks of an exam. ``times``: for how many seconds a student sat, where that is known."""

    title: str
    questions: tuple[Asked, ...]
    earned: tuple[Earned, ...]
    times: Mapping[str, float] = field(default_factory=dict)
    work: Work = field(default_factory=dict)


def work_of(manifest: Manifest) -> Work:
    """What each question of an exam takes by hand; it is drawn again for that. Raises as `manifest.drawn` does."""
    return {
        (paper.name, placed.slot.key): labour(placed.question)
        for paper in drawn(manifest)
        for placed in paper.questions
    }


def read(path: str | Path, work: Work | None = None) -> Results:
    """The marks in the folder that `quizgen exam grade` wrote, or in its marks.json. Raises `MarksError`."""
    file = Path(path) / FILE if Path(path).is_dir() else Path(path)
    name = shown(str(file), 160)
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise MarksError(f"there is no file {name}; `quizgen exam grade` writes it") from None
    except OSError as problem:
        raise MarksError(f"cannot read {name}: {problem.strerror or problem}") from problem
    except (ValueError, RecursionError) as problem:
        raise MarksError(f"{name} holds no marks: it can't be read as JSON ({shown(str(problem), 120)})") from None
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise MarksError(f"{name} holds no marks of an exam; name the folder that `quizgen exam grade` wrote")
    try:
        return _results(data, work or {})
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise MarksError(f"{name} was changed by hand or is damaged: {shown(repr(problem), 120)}") from None


def _results(data: Mapping[str, Any], work: Work) -> Results:
    asked = tuple(
        Asked(each["number"], each["key"], each["title"], each.get("family") or "", each.get("level"))
        for each in data["questions"]
    )
    papers = data["students"]
    times = {each["student"]["id"]: float(each["seconds"]) for each in papers if each.get("seconds") is not None}
    return Results(data["title"], asked, tuple(_earned(papers)), times, work)


def _earned(papers: list[Mapping[str, Any]]) -> Iterator[Earned]:
    for paper in papers:
        for question in paper["questions"]:
            for number, part in enumerate(question["parts"], 1):
                yield Earned(
                    paper["student"]["id"],
                    paper["version"],
                    question["key"],
                    number,
                    _points(part["points"]),
                    _points(part["of"]),
                    bool(part["answered"]),
                    tuple(part.get("mistakes", ())),
                    part.get("seconds"),
                    bool(part.get("open", False)),
                )


def _points(text: str) -> float:
    exact = rational(text)
    return int(exact.p) / int(exact.q)
