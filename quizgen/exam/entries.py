"""What the files of marks hold of one student, made from her script alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quizgen.collector import at_rest
from quizgen.errors import QuizgenError
from quizgen.labour import labour
from quizgen.question import decimal_text
from quizgen_solvers.exact import fmpq

from .blueprint import Marking
from .cells import called, cell, number
from .feedback import Feedback
from .gathering import Problem
from .grade import Examiner, Marked, PartMark, QuestionMark
from .manifest import Manifest
from .outline import title_of
from .roster import safe_name
from .scripts import Script

PAGES = "feedback"
FIXED = ("student", "name", "email", "group", "paper", "points", "of", "open")
"""The columns of marks.csv before those of the parts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A student in the files: her object in marks.json, her cells in marks.csv, what a person has to look at.

    ``paper`` is empty where questions were dealt one by one; ``asked``: of each question the paper that it is on, its
    number there, and what there is to know of it, as JSON; ``mistakes``: those she made, by the key of the place and
    the name, and why they are one; ``failure``: why her page can't be made, or nothing.
    """

    student: str
    paper: str
    data: str
    columns: tuple[str, ...]
    cells: tuple[str, ...]
    asked: tuple[tuple[str, int, str], ...]
    mistakes: tuple[tuple[str, str, str], ...]
    problems: tuple[Problem, ...]
    absent: bool
    points: fmpq
    of: fmpq
    states: tuple[str, ...]
    """Of each part that is not blank: "right", "carried" (which is right too), "open" or "" for anything else."""
    failure: str = ""


@dataclass(frozen=True)
class Desk:
    """What it takes to make entries: an exam, a policy (None: the blueprint's), and where pages go (None: nowhere).

    ``manifest`` needs its papers only where questions were dealt one by one.
    """

    manifest: Manifest
    policy: Marking | None = None
    folder: Path | None = None

    def __call__(self) -> Callable[[Sequence[Script]], list[Entry]]:
        """A clerk, who takes a pile of scripts."""
        return _Clerk(self).enter


class _Clerk:
    def __init__(self, desk: Desk) -> None:
        self._folder = desk.folder
        self._examiner = Examiner(desk.manifest, desk.policy)
        self._pages = None if desk.folder is None else Feedback(desk.manifest.exam)
        self._known: dict[int, str] = {}  # what there is to know of the questions of the last paper
        self._code = ""

    def enter(self, pile: Sequence[Script]) -> list[Entry]:
        """Raises what `manifest.Again.paper` does, `OSError` where a page can't be written."""
        with at_rest():
            return [self._entry(script) for script in pile]

    def _entry(self, script: Script) -> Entry:
        marked, problems = self._examiner.mark(script)
        if marked.code != self._code:
            self._known.clear()
            self._code = marked.code
        page, failure = "", ""
        if self._pages is not None and self._folder is not None:
            page = f"{PAGES}/{safe_name(marked.student)}.html"
            failure = _page(self._pages, marked, self._folder / page)
        parts = [(question, part) for question in marked.questions for part in question.parts]
        points = ["" if marked.absent else number(part.points) for _, part in parts]
        student = marked.student
        whose = map(cell, (student.id, student.name, student.email, student.group, marked.paper))
        total = "" if marked.absent else number(marked.points)
        return Entry(
            student=student.id,
            paper=marked.paper,
            data=dumped(to_json(marked, "" if failure else page)),
            columns=tuple(called(question.number, part.number, len(question.parts)) for question, part in parts),
            cells=(*whose, total, number(marked.of), str(marked.open), *points),
            asked=tuple((q.paper, q.number, self._asked(q)) for q in marked.questions),
            mistakes=tuple((q.placed.slot.key, one.name, one.why) for q, part in parts for one in part.diagnosed),
            problems=tuple(problems),
            absent=marked.absent,
            points=marked.points,
            of=marked.of,
            states=tuple(_state(part) for _, part in parts if part.state != "blank"),
            failure=failure,
        )

    def _asked(self, mark: QuestionMark) -> str:
        key = id(mark.question)
        if key not in self._known:
            self._known[key] = dumped(_question(mark))
        return self._known[key]


def _page(pages: Feedback, marked: Marked, path: Path) -> str:
    """Writes the page of a student; why it can't be made, or nothing. Raises `OSError`."""
    try:
        text = pages.page(marked)
    except QuizgenError as problem:
        return problem.message
    path.write_text(text, encoding="utf-8", newline="")
    return ""


def _state(part: PartMark) -> str:
    return "open" if part.state == "open" else "carried" if part.carried else "right" if part.right else ""


def dumped(data: Any) -> str:
    """JSON without blanks."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _question(mark: QuestionMark) -> dict[str, Any]:
    """What a paper asks at a place."""
    question, slot = mark.question, mark.placed.slot
    takes = labour(question)
    return {
        "number": mark.number,
        "key": slot.key,
        "code": question.code,
        "family": question.family,
        "level": question.level,
        "title": title_of(question),
        "points": list(map(decimal_text, mark.placed.points)),
        "operations": takes.operations,
        "digits": takes.digits,
        "kinds": list(takes.kinds),
    }


def to_json(marked: Marked, page: str = "") -> dict[str, Any]:
    """A student's marks as plain data; points are exact, as decimals or fractions."""
    student = marked.student
    return {
        "id": student.id,
        "name": student.name,
        "email": student.email,
        "group": student.group,
        "paper": marked.paper,
        "absent": marked.absent,
        "points": decimal_text(marked.points),
        "of": decimal_text(marked.of),
        "page": page,
        **({} if marked.seconds is None else {"seconds": marked.seconds}),
        "questions": [
            {
                "number": question.number,
                "key": question.placed.slot.key,
                "paper": question.paper,
                "parts": [_part(part) for part in question.parts],
            }
            for question in marked.questions
        ],
    }


def _part(part: PartMark) -> dict[str, Any]:
    """A part; what says nothing is left out."""
    found = {
        "part": part.number,
        "state": part.state,
        "points": decimal_text(part.points),
        "of": decimal_text(part.of),
        "credit": decimal_text(part.credit),
        "typed": part.typed,
        "read_as": part.read_as if part.read_as != part.typed else "",
        "reason": part.reason,
        "why": part.why,
        "carried": part.carried,
        "mistakes": [mistake.name for mistake in part.diagnosed],
    }
    return {key: value for key, value in found.items() if value or key in ("state", "points", "of")}


__all__ = ["PAGES", "Desk", "Entry", "dumped", "to_json"]
