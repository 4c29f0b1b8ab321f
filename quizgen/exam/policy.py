"""What an answer is worth that is not simply right: the marking policy, in exact rationals.

A share is of the part's points. Of a vector, matrix or table every entry counts by itself, as it does where it is right
or wrong; a shape is right as a whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from quizgen.answers import Choice, Choices, Kind, Matrix, Table, Target, Vector
from quizgen.marking import Verdict
from quizgen.question import QuestionPart, decimal_text
from quizgen_solvers.exact import fmpq, places_needed, rounded

from . import reading
from .blueprint import Marking
from .fields import Table as TomlTable
from .mending import read_into
from .reading import BlueprintError, Problem

ZERO, ONE = fmpq(0), fmpq(1)
_MOST_PLACES = 12  # a decimal of more places was not rounded by hand
_SIGN, _DIGITS = "the sign is wrong", "fewer digits than were asked for"


class _PolicyFile(TomlTable):
    """A file with a policy and nothing else."""

    stand_in: ClassVar[dict[str, Any]] = {"marking": {}}

    marking: Marking


def read(path: Path | str) -> Marking:
    """The policy in the table [marking] of a TOML file, which may be a whole blueprint.

    Raises `BlueprintError` with its problems, `InputError` where the file can't be read.
    """
    text, name = reading.text_of(Path(path)), str(path)
    data = reading.values_of(text, name)
    if "marking" not in data:
        raise BlueprintError(name, [Problem(1, "", "there is no table [marking] with a policy in it")])
    if "sections" in data:  # a blueprint, whose other tables are for others to judge
        data = {"marking": data["marking"]}
    return read_into(_PolicyFile, data, lambda: reading.Lines(text), name, context=None).marking


def to_json(policy: Marking) -> dict[str, Any]:
    """The policy as plain data, shares as decimals."""
    return {
        "carry_forward": policy.carry_forward,
        "wrong_sign": decimal_text(policy.wrong_sign),
        "lost_digits": decimal_text(policy.lost_digits),
        "wrong_choice": decimal_text(policy.wrong_choice),
    }


def credit(part: QuestionPart, text: str, verdict: Verdict, policy: Marking, carried: Any = None) -> tuple[fmpq, str]:
    """The share of its points that an answer earns under a policy, and what the policy did, in words or nothing.

    ``carried``: what would be right after the earlier answers. The share is below 0 only for a wrong choice.
    """
    if verdict.right:
        return ONE, ""
    kind = part.kind
    if isinstance(kind, (Choice, Choices)):
        return _of_choice(kind, text, part, verdict, policy.wrong_choice)
    if policy.wrong_sign == 0 and policy.lost_digits == 0:
        return verdict.credit, ""
    given = kind.read(text)
    best, said = verdict.credit, ""
    for target in (part.target, *part.also_targets, *([carried] if carried is not None else [])):
        found = _Lenient(policy, "such an entry" if isinstance(kind, (Vector, Matrix, Table)) else "the points")
        share = found.of(kind, given, target)
        if share > best:
            best, said = share, " and ".join(found.said)
    return best, said


def _of_choice(
    kind: Choice | Choices, text: str, part: QuestionPart, verdict: Verdict, penalty: fmpq
) -> tuple[fmpq, str]:
    """What a choice costs where nothing of it is right and something is wrong."""
    if penalty == 0 or verdict.credit > 0 or not kind.read(text) - part.correct:
        return verdict.credit, ""
    return -penalty, f"a wrong choice costs {percent(penalty)} of the points"


class _Lenient:
    """The credit of an answer whose numbers may have the wrong sign or too few digits."""

    def __init__(self, policy: Marking, unit: str) -> None:
        self.policy = policy
        self.unit = unit  # what a share is of, in words
        self.said: list[str] = []

    def of(self, kind: Kind, given: Any, target: Any) -> fmpq:
        if isinstance(kind, Table):
            return self._of_table(kind, given, target)
        if isinstance(kind, Vector):
            return self._mean(given, target, kind.decimals)
        if isinstance(kind, Matrix):
            if len(given) != len(target) or {*map(len, given)} != {*map(len, target)}:
                return ZERO
            return self._mean(_flat(given), _flat(target), kind.decimals)
        if isinstance(target, Target):
            return self._one(given, target, getattr(kind, "decimals", None))
        return kind.grade(given, target).credit

    def _of_table(self, kind: Table, given: Any, target: Any) -> fmpq:
        if len(given) != len(target):
            return ZERO
        pairs = (pair for rows in zip(given, target, strict=True) for pair in zip(kind.kinds, *rows, strict=True))
        shares = [ZERO if cell is None else self.of(column, cell, its) for column, cell, its in pairs]
        return sum(shares, ZERO) / len(shares)

    def _mean(self, given: Any, target: Any, decimals: int | None) -> fmpq:
        if len(given) != len(target):
            return ZERO
        pairs = zip(given, target, strict=True)
        return sum((self._one(x, its, decimals) for x, its in pairs), ZERO) / len(target)

    def _one(self, x: fmpq, target: Target, decimals: int | None) -> fmpq:
        if target.accepts(x):
            return ONE
        for share, is_so, words in (
            (self.policy.wrong_sign, x != 0 and target.accepts(-x), _SIGN),
            (self.policy.lost_digits, lost_digits(x, target, decimals), _DIGITS),
        ):
            if share > 0 and is_so:
                words = f"{words}: {percent(share)} of {self.unit}"
                self.said += [words] * (words not in self.said)
                return share
        return ZERO


def _flat(rows: Any) -> list[Any]:
    return [x for row in rows for x in row]


def lost_digits(x: fmpq, target: Target, decimals: int | None) -> bool:
    """Whether a number is the right one, rounded to fewer decimals than were asked for.

    Where the exact value is asked for (``decimals`` None), to any but a whole number.
    """
    places = places_needed(x)
    if places is None or places > _MOST_PLACES or x == 0:
        return False
    too_few = places > 0 and target.tolerance == 0 if decimals is None else places < decimals
    return bool(too_few and rounded(target.centre, places) == x)


def percent(share: fmpq) -> str:
    """A share in percent: "50%"."""
    return f"{decimal_text(100 * share)}%"
