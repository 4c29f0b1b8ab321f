"""A table to type answers into, with the columns that `quizgen exam grade` reads."""

from __future__ import annotations

from .cells import called, cell, lines
from .manifest import Manifest

__all__ = ["text"]


def text(manifest: Manifest) -> str:
    """A line for each student of the roster, a column for each part; without a roster the columns alone."""
    parts = [
        called(place, part, len(question.points))
        for place, question in enumerate(manifest.papers[0].questions, 1)
        for part in range(1, len(question.points) + 1)
    ]
    students = [person for paper in manifest.papers if (person := paper.person()) is not None]
    who = [[cell(person.id), cell(person.name)] for person in students]
    if students:
        return lines([["student", "name", *parts], *([*each, *([""] * len(parts))] for each in who)], bom=True)
    return lines([["student", "name", "paper", *parts]], bom=True)
