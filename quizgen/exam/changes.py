"""Who gains and who loses from one marking to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quizgen.errors import InputError, shown
from quizgen_solvers.exact import fmpq, rational

from .cells import called, cell, lines, number

ZERO = fmpq(0)


@dataclass(frozen=True, slots=True)
class Change:
    """How a student's points differ from those of earlier marks; None: she is not in them."""

    student: str
    name: str
    before: fmpq | None
    after: fmpq | None
    parts: tuple[tuple[str, fmpq, fmpq], ...] = ()

    @property
    def by(self) -> fmpq:
        return (self.after or ZERO) - (self.before or ZERO)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Whose points differ between two marks, who gains most first. Raises `InputError` for marks that were damaged."""
    try:
        old, new = _by_student(before), _by_student(after)
        found = [_change(old.get(name), new.get(name)) for name in {**old, **new}]
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise InputError(f"the earlier marks are damaged or were changed by hand ({shown(str(problem), 60)})") from None
    differing = [one for one in found if one.parts or one.before != one.after]
    return sorted(differing, key=lambda one: (-one.by, one.student.casefold(), one.student))


def text(found: list[Change]) -> str:
    """changes.csv."""
    rows = [["student", "name", "before", "after", "change", "parts"]]
    for one in found:
        before, after = ("" if x is None else number(x) for x in (one.before, one.after))
        parts = "; ".join(f"{name}: {number(old)} to {number(new)}" for name, old, new in one.parts)
        rows.append([cell(one.student), cell(one.name), before, after, number(one.by), parts])
    return lines(rows, bom=True)


def _by_student(marks: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {student["id"]: student for student in marks["students"]}


def _change(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change:
    one = new or old or {}
    parts_old, parts_new = _parts(old), _parts(new)
    parts = tuple(
        (name, parts_old.get(name, ZERO), parts_new.get(name, ZERO))
        for name in {**parts_old, **parts_new}
        if old is not None and new is not None and parts_old.get(name, ZERO) != parts_new.get(name, ZERO)
    )
    return Change(one["id"], one["name"], _total(old), _total(new), parts)


def _total(student: dict[str, Any] | None) -> fmpq | None:
    return None if student is None or student["absent"] else rational(student["points"])


def _parts(student: dict[str, Any] | None) -> dict[str, fmpq]:
    """Points by question and part."""
    if student is None:
        return {}
    return {
        called(question["number"], part["part"], len(question["parts"])): rational(part["points"])
        for question in student["questions"]
        for part in question["parts"]
    }


__all__ = ["Change", "changes", "text"]
