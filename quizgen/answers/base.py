"""What every kind of answer has in common: values, targets, grades, and how they travel as JSON.

A **value** is what a person typed, read exactly: a rational (``fmpq``), a tuple of rationals, rows of them, a set of
chosen options, a formula, or None for a cell left blank. A **target** is what is accepted in place of one number: an
interval with rational ends, ``|x - centre| <= tolerance``. Targets nest as the values do. Chosen options and formulas
are their own targets. Since ends are rational, Python, a script in a page and every export decide alike.

As JSON a rational is the string "p/q" in lowest terms, or "p" where q is 1; a target is
``{"centre": "0", "tolerance": "1/20000"}``; nested targets are lists; chosen options are ``{"options": [0, 2]}``;
a formula is ``{"formula": "w*x + b"}``, in the variables that its kind declares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

from flint import fmpq

from quizgen.answers import formula
from quizgen.answers.formula import Formula
from quizgen.errors import InputError, shown
from quizgen_solvers.exact import decimal, places_needed

RIGHT = "right"
ZERO = fmpq(0)
SHOWN_PLACES = 12  # a decimal of more places is shown as a fraction where that is exact
_RATIONAL = re.compile(r"-?[0-9]{1,700}(?:/[0-9]{1,700})?")


@dataclass(frozen=True, slots=True)
class Target:
    """The numbers that are accepted: those at most `tolerance` from `centre`, ends included; 0 means exactly."""

    centre: fmpq
    tolerance: fmpq = ZERO

    def accepts(self, x: fmpq) -> bool:
        """Whether x lies in the interval, ends included."""
        return bool(abs(x - self.centre) <= self.tolerance)


# A formula may be kept as its text, as questions do.
Value: TypeAlias = "fmpq | Formula | str | frozenset[int] | tuple[Value, ...] | None"
Targets: TypeAlias = "Target | Formula | str | frozenset[int] | tuple[Targets, ...]"


@dataclass(frozen=True, slots=True)
class Grade:
    """How much of an answer is right, from 0 to 1, and why, in words for the one who typed it.

    `wrong` holds the places of what isn't right, counted from 0: ``(1,)`` in a vector, ``(0, 2)`` in a matrix or table.
    """

    credit: fmpq
    reason: str
    wrong: tuple[tuple[int, ...], ...] = ()


@runtime_checkable
class Kind(Protocol):
    """A kind of answer: how it is read, graded, shown and asked for. Kinds are frozen dataclasses."""

    name: ClassVar[str]

    def read(self, text: str) -> Value:
        """The value that was typed. Raises `Unreadable`, in one line: what could not be read, where, what could."""
        ...

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """The best grade of a value against the target and the others that are accepted `also`."""
        ...

    def show(self, value: Value) -> str:
        """A text that `read` reads as this value; None where a table leaves a cell blank."""
        ...

    def latex(self, value: Value) -> str:
        """The value as LaTeX for math mode."""
        ...

    def hint(self) -> str:
        """How to type it: "numbers in brackets, such as (64, 32, 3)"."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The kind as JSON; `kind_from_json` reads it."""
        ...


def best(grade: Callable[[Targets], Grade], target: Targets, also: Sequence[Targets]) -> Grade:
    """The grade of highest credit, the target's own where several are equal."""
    grades = [grade(target)]
    for other in also:
        if grades[0].credit == 1:
            break
        grades.append(grade(other))
    return max(grades, key=lambda each: each.credit)


# ---------------------------------------------------------------------------------------------------------------------
# Values of the shape that a kind wants. Another shape is a programmer's mistake, not a student's.


def number(value: Value) -> fmpq:
    """The value as one rational."""
    if isinstance(value, fmpq):
        return value
    raise TypeError(f"one rational is wanted, not {shown(value)}")


def numbers(value: Value) -> tuple[fmpq, ...]:
    """The value as a tuple of rationals."""
    if isinstance(value, tuple):
        return tuple(number(each) for each in value)
    raise TypeError(f"a tuple of rationals is wanted, not {shown(value)}")


def rows(value: Value) -> tuple[tuple[fmpq, ...], ...]:
    """The value as rows of rationals."""
    if isinstance(value, tuple):
        return tuple(numbers(each) for each in value)
    raise TypeError(f"rows of rationals are wanted, not {shown(value)}")


def interval(target: Targets) -> Target:
    """The target as that of one number."""
    if isinstance(target, Target):
        return target
    raise TypeError(f"the target of one number is wanted, not {shown(target)}")


def intervals(target: Targets) -> tuple[Target, ...]:
    """The target as a tuple of those of one number each."""
    if isinstance(target, tuple):
        return tuple(interval(each) for each in target)
    raise TypeError(f"a tuple of targets is wanted, not {shown(target)}")


def options(value: Value | Targets) -> frozenset[int]:
    """The value or target as chosen options."""
    if isinstance(value, frozenset):
        return value
    raise TypeError(f"a set of options is wanted, not {shown(value)}")


def exactly(value: Value) -> Targets:
    """The targets that accept this value alone: tolerance 0 everywhere."""
    if isinstance(value, fmpq):
        return Target(value)
    if isinstance(value, tuple):
        return tuple(exactly(each) for each in value)
    if value is None:
        raise TypeError("a blank cell is no target")
    return value


def centres(target: Targets) -> Value:
    """The right answer in the middle of the targets: what `show` and `latex` take."""
    if isinstance(target, Target):
        return target.centre
    if isinstance(target, tuple):
        return tuple(centres(each) for each in target)
    return target


# ---------------------------------------------------------------------------------------------------------------------
# Words


def plain(x: fmpq, decimals: int | None = None) -> str:
    """A rational as people write it: with `decimals` places where it has no more, else in full up to 12, else p/q."""
    places = places_needed(x)
    if decimals is not None and places is not None and places <= decimals:
        return decimal(x, decimals)
    if places is not None and places <= SHOWN_PLACES:
        return decimal(x, places)
    return f"{x.p}/{x.q}"


def latex_number(x: fmpq, decimals: int | None = None) -> str:
    """`plain` in LaTeX: a fraction is set as one."""
    text = plain(x, decimals)
    if "/" not in text:
        return text
    return rf"{'-' if x < 0 else ''}\frac{{{abs(x.p)}}}{{{x.q}}}"


def short(x: fmpq) -> str:
    """A number inside a reason: in full where that is short, else cut."""
    text = plain(x)
    return text if len(text) <= 24 else f"{text[:14]}…{text[-6:]}"


# ---------------------------------------------------------------------------------------------------------------------
# JSON


def rational_to_json(x: fmpq) -> str:
    """ "p/q" in lowest terms, "p" where q is 1."""
    return str(x)


def rational_from_json(obj: object) -> fmpq:
    """The rational behind "p/q" or "p". Raises `InputError`."""
    if isinstance(obj, str) and _RATIONAL.fullmatch(obj):
        p, _, q = obj.partition("/")
        if int(q or 1):
            return fmpq(int(p), int(q or 1))
    raise InputError(f"{shown(obj)} is no rational number as JSON keeps them: a string such as '3/4' or '-2'")


def targets_to_json(target: Targets) -> Any:
    """Targets as JSON, as the top of this file says."""
    if isinstance(target, Target):
        return {"centre": rational_to_json(target.centre), "tolerance": rational_to_json(target.tolerance)}
    if isinstance(target, tuple):
        return [targets_to_json(each) for each in target]
    if isinstance(target, frozenset):
        return {"options": sorted(target)}
    return {"formula": target if isinstance(target, str) else formula.show(target)}


def targets_from_json(obj: Any) -> Targets:
    """The targets behind `targets_to_json`. Raises `InputError`."""
    if isinstance(obj, list):
        return tuple(targets_from_json(each) for each in obj)
    match obj:
        case {"centre": centre, "tolerance": tolerance}:
            target = Target(rational_from_json(centre), rational_from_json(tolerance))
            if target.tolerance < 0:
                raise InputError(f"a target's tolerance isn't negative, as {shown(tolerance)} is")
            return target
        case {"options": [*chosen]} if all(type(each) is int and each >= 0 for each in chosen):
            return frozenset(chosen)
        case {"formula": str(text)}:
            return text
    raise InputError(f"{shown(obj)} is no target: it has neither a centre and a tolerance, nor options, nor a formula")
