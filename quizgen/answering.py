"""A question answered part by part: what follows from an earlier answer is carried forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quizgen_solvers.exact import fmpq

from .answers.choice import read_option
from .errors import Unreadable, UsageError, shown
from .marking import Verdict
from .question import Question, QuestionPart, decimal_text

SKIP = "-"
"""What stands for a part that is left out."""


def numbered(texts: Sequence[str], part: int | None = None) -> dict[int, str]:
    """Answers in order as a mapping from the number of their part; ``part``: that of the one answer there is.

    Raises `UsageError` where there is none, and for several answers to one part.
    """
    if part is not None and len(texts) != 1:
        raise UsageError(f"--part takes one answer, and {len(texts)} were given; quote an answer that holds blanks")
    typed = {number: text for number, text in enumerate(texts, 1 if part is None else part) if text != SKIP}
    if not typed:
        raise UsageError("every part is left out; give an answer to at least one")
    return typed


def mark_all(question: Question, typed: Mapping[int, str], *, choices: bool = False) -> dict[int, Verdict]:
    """The verdict on each answer, later ones in the light of the earlier ones.

    With ``choices`` the answers are letters of the multiple-choice form. Raises `Unreadable`, and `UsageError` for a
    part that is not there.
    """
    last = len(question.parts)
    if over := [number for number in typed if not 1 <= number <= last]:
        parts = "one part" if last == 1 else f"{last} parts"
        raise UsageError(
            f"{question.code} has {parts}, so there is no part {over[0]} for the answer {shown(typed[over[0]])}; "
            "quote an answer that holds blanks"
        )
    verdicts, unreadable = mark_readable(question, typed, choices=choices)
    for problem in unreadable.values():
        raise problem
    return verdicts


def mark_readable(
    question: Question, typed: Mapping[int, str], *, choices: bool = False
) -> tuple[dict[int, Verdict], dict[int, Unreadable]]:
    """The verdict on each answer that can be read, and for the others why not: those count as left out."""
    verdicts: dict[int, Verdict] = {}
    unreadable: dict[int, Unreadable] = {}
    earlier: dict[int, str] = {}
    for number, text in sorted(typed.items()):
        try:
            answer = behind_letter(question.part(number), text) if choices else text
            verdicts[number] = question.check(answer, number, earlier)
        except Unreadable as problem:
            unreadable[number] = problem
        else:
            earlier[number] = answer
    return verdicts, unreadable


def behind_letter(part: QuestionPart, text: str) -> str:
    """The answer that an option of the multiple-choice form stands for; what has no such form is typed there too."""
    if part.kind.name in ("choice", "choices") or len(part.options) < 2:
        return text
    chosen = read_option(text, part.options)
    if chosen in part.correct:
        return part.answer
    return next(m.value for m in part.mistakes if f"${m.latex}$" == part.options[chosen])


def to_json(question: Question, typed: Mapping[int, str], verdicts: Mapping[int, Verdict]) -> dict[str, Any]:
    """The verdicts as plain data."""
    return {
        "code": question.code,
        "right": all(verdicts.values()),
        "points": decimal_text(points(question, verdicts)),
        "of": sum(question.part(number).points for number in verdicts),
        "parts": [
            {
                "part": number,
                "typed": typed[number],
                "read_as": verdict.read_as,
                "right": verdict.right,
                "credit": decimal_text(verdict.credit),
                "reason": verdict.reason,
                "carried": verdict.carried,
                "mistakes": [{"name": each.name, "why": each.why} for each in verdict.diagnosed],
            }
            for number, verdict in verdicts.items()
        ],
    }


def points(question: Question, verdicts: Mapping[int, Verdict]) -> fmpq:
    """The points that the answers are worth, exactly."""
    return sum((verdict.credit * question.part(number).points for number, verdict in verdicts.items()), fmpq(0))
