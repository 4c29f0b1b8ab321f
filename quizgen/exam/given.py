"""Points that a person gave: for what only she can read, for work that earns part of the points, after a complaint.

They come in a file with the columns student, question, part and points, and paper where the exam has versions.
review.csv is such a file once its column of points is filled in. What a person gave stands, whatever the answer is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from quizgen.errors import InputError, shown
from quizgen.question import decimal_text
from quizgen_solvers.exact import fmpq, rational

from .gathering import Gathered
from .manifest import Manifest
from .responses import LEFT_OUT, Response, Unread, read_points

_NUMBER = re.compile(r"[0-9]{1,6}([.,][0-9]{1,6})?|[0-9]{1,6}/0*[1-9][0-9]{0,5}", re.ASCII)

Places = Mapping[tuple[int, int], fmpq]
"""Points by place and part, both from 1."""


@dataclass(frozen=True)
class Given:
    """Points by student and part; ``present``: lines that say who was there, for `gather`, without an answer."""

    points: Mapping[str, Places]
    present: tuple[Response, ...] = ()

    def of(self, student: str) -> Places:
        return self.points.get(student.casefold(), {})


NOTHING = Given({})


def read(path: str | Path, manifest: Manifest, note: Callable[[str], None] | None = None) -> Given:
    """The points in a file; lines without points are passed over.

    Raises `InputError` with the line for a student, question or part that there is not, for points that are none or
    more than the part has, and for a part that was given different points twice.
    """
    present: list[Response] = []
    lines: dict[tuple[str, int, int], int] = {}
    found: dict[str, dict[tuple[int, int], fmpq]] = {}
    with Gathered(manifest) as gathered:
        for each in read_points(path, note):
            if isinstance(each, Unread):
                raise InputError(f"{path}:{each.line}: {each.why}")
            if each.answer in LEFT_OUT:
                continue
            at = gathered.place(each)
            if at is None:
                raise InputError(f"{path}:{each.line}: {next(gathered.problems()).why}")
            paper, student, place, part = at
            key = gathered.students[student].id.casefold()
            of = rational(manifest.papers[paper].questions[place - 1].points[part - 1])
            try:
                points = _points(each.answer, of)
            except ValueError as why:
                raise InputError(f"{path}:{each.line}: {why}") from None
            first = lines.setdefault((key, place, part), each.line)
            if found.setdefault(key, {}).setdefault((place, part), points) != points:
                raise InputError(f"{path}:{each.line}: this part has other points on line {first} already")
            present.append(replace(each, answer=""))
    if not found:
        raise InputError(f"{shown(str(path), 160)} gives no points; write them into its column points")
    return Given(found, tuple(present))


def _points(text: str, of: fmpq) -> fmpq:
    """Points, at most so many; a comma is a decimal mark too. Raises ValueError with what is wrong."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{shown(text)} is no number of points, such as 1.5 or 1/2")
    points = rational(text.replace(",", "."))
    if not 0 <= points <= of:
        raise ValueError(f"{shown(text)} points are given, and the part has 0 to {decimal_text(of)}")
    return points
