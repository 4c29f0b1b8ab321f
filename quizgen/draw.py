"""Drawing: parameters are drawn from a code's stream until the question is worth asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from quizgen_solvers import ExactError
from quizgen_solvers.exact import fmpq

from . import family as families
from . import targets
from .code import Code, make
from .collector import at_rest
from .errors import DrawError, ParameterError
from .question import Question, Solved, WrongWay, finished, solved, wrong_ways
from .rng import Rng

MOST_DRAWS = 1000
WIDEST = 12
"""Characters that a number of an answer may take, sign and point included."""


def draw(code: Code) -> Question:
    """The question of a code, not yet checked by a run. Raises `DrawError` when no draw is worth asking."""
    entry = families.find(code.family)
    reasons: dict[str, int] = {}
    for question, refusal in attempts(entry, code):
        if question is not None:
            return question
        reasons[refusal] = reasons.get(refusal, 0) + 1
    common = max(reasons, key=lambda reason: reasons[reason])
    raise DrawError(
        f"{code}: none of {MOST_DRAWS} draws was worth asking (mostly: {common}); "
        f"the family's sample should draw other parameters at this level"
    )


def attempts(
    entry: families.Entry, code: Code, wanted: Callable[[Solved], bool] | None = None
) -> Iterator[tuple[Question | None, str]]:
    """One draw after the other: the question, or None and why it was not worth asking. Ends with the first question.

    With ``wanted`` it ends without one where that says no, before any mistake is worked out: for whoever looks through
    many codes for a certain question.
    """
    rng = Rng(str(code))
    for _ in range(MOST_DRAWS):
        try:
            found = solved(raw(entry, rng, code.level))
            ways: tuple[WrongWay, ...] = ()
            refusal = refuse(found)
            if not refusal and wanted is not None and not wanted(found):
                return
            if not refusal:  # mistakes are what takes the time
                ways, refusal = told_apart(found, entry.distractors)
        except (ParameterError, ExactError) as problem:
            yield None, str(problem)
            continue
        if not refusal:
            yield finished(found, code, ways), ""
            return
        yield None, refusal


def raw(entry: families.Entry, rng: Rng, level: int) -> Any:
    """One parameter set, valid but not yet gated; raises `ParameterError` where it does not go together."""
    instance = entry.cls.sample(rng, level)
    validate = getattr(instance, "validate", None)
    if validate is not None:
        validate()
    return instance


def stream(entry: families.Entry, level: int, seed: str) -> Iterator[Question]:
    """Questions of one family at one level without end, from one seed."""
    number = 0
    while True:
        yield draw(make(entry, level, Rng(f"{seed} {entry.name}/{level} {number}").word()))
        number += 1


def take(questions: Iterator[Question], count: int) -> list[Question]:
    """The next ``count`` questions of a stream, for a batch."""
    with at_rest():
        return list(islice(questions, count))


def refuse(found: Solved) -> str:
    """Why a question is not worth asking, or nothing, before its mistakes are looked at.

    Worth asking is: not degenerate, answers that are not trivial, numbers that fit on a line.
    """
    own = getattr(found.source, "worth_asking", None)
    if own is not None and not own(found.work):
        return "the family calls it degenerate"
    for part, (centre, tolerance) in zip(found.asked, found.right, strict=True):
        if isinstance(centre, (frozenset, str)):
            continue
        flat = leaves(centre)
        alike = len(flat) > 2 and part.kind.name in ("vector", "matrix") and all(x == flat[0] for x in flat)
        if alike or (len(found.asked) == 1 and not any(flat)):
            return "an answer is trivial"
        if tolerance != 0 and not any(abs(x) > tolerance for x in flat):
            return "rounding on the way swallows an answer"
        decimals = getattr(part.kind, "decimals", None)
        if any(too_wide(x, decimals) for x in flat):
            return "a number does not fit on a line"
    return ""


def told_apart(found: Solved, distractors: int) -> tuple[tuple[WrongWay, ...], str]:
    """Where the mistakes lead, and why the question is not worth asking for that, or nothing.

    Worth asking is: at least ``distractors`` mistakes that differ from the answer and from each other, and none of them
    so near to the right answer that honest rounding on either side could confuse the two. Among several parts one may
    be 0, such as the gradient behind a closed ReLU, where a mistake leads elsewhere.
    """
    ways: list[WrongWay] = []
    different: list[Any] = []
    right = [
        (centre, part.also, 2 * tolerance if tolerance != 0 else None)
        for part, (centre, tolerance) in zip(found.asked, found.right, strict=True)
    ]
    nothing = {i for i, (centre, *_) in enumerate(right) if centre.__class__ is fmpq and centre == 0}
    for way in wrong_ways(found):
        elsewhere = False
        for i, (value, (centre, also, near)) in enumerate(zip(way.values, right, strict=True)):
            if value is None or value is centre or not targets.is_wrong(value, centre, also):
                continue
            if near is not None and not all(targets.apart(value, x, near) for x in (centre, *also)):
                return (), "a mistake is too near to the right answer"
            elsewhere = True
            nothing.discard(i)
        if elsewhere and way.values not in different:
            different.append(way.values)
        ways.append(way)
    if nothing:
        return (), "an answer is trivial"
    if len(different) < min(distractors, len(ways)):
        return (), "too few mistakes lead to different answers"
    return tuple(ways), ""


def leaves(value: Any) -> list[fmpq]:
    """The numbers in nested tuples."""
    if not isinstance(value, tuple):
        return [value]
    return [number for x in value for number in (leaves(x) if x.__class__ is tuple else (x,))]


def too_wide(x: fmpq, decimals: int | None) -> bool:
    """Whether a number takes more than WIDEST characters: digits and point of a decimal, both sides of a fraction."""
    if decimals is not None or x.q == 1:
        digits = WIDEST - (decimals or 0)
        return digits < 1 or abs(int(x.floor())) >= 10**digits
    return len(str(x)) > WIDEST
