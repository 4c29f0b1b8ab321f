"""JSON lines: a question a line, everything as data, written one after the other so that memory stays flat.

A line is the record of `Question.to_json`, which `Question.from_json` reads back, and beside it

    exam, key, variant      where the question stands; variants count from 1
    lines                   the worked solution: heading, why, text, aligned LaTeX, unfolded lines
    written                 the solution of a question that was written by hand, in the small markup
    parts[].worth           points in the exam, as a decimal
    parts[].text, latex     the right answer as one types and as one prints it
    parts[].accepted        what is accepted: for each number a centre and a tolerance; `also_accepted`: other answers
    parts[].options, right  where the part is asked as multiple choice
    parts[].mistakes        each named mistake with the answer that it leads to

Rationals are text, "3/4" or "0.75", so that nothing is rounded. Text is escaped to ASCII: one line is one question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from quizgen.answers import targets_to_json

from . import Exported, joined
from .capability import as_choice, own_choice
from .html import right_options, written_solution
from .numbers import points_text

if TYPE_CHECKING:
    from quizgen.question import Question, QuestionPart, Step

NAME = "JSON lines"
SUFFIX = ".jsonl"


def write(questions: Sequence[Exported], title: str, choices: bool = False) -> bytes:
    """The file."""
    return joined(pieces(questions, title, choices))


def pieces(questions: Sequence[Exported], title: str, choices: bool = False) -> Iterator[str]:
    """The file, line by line."""
    for exported in questions:
        for number, question in enumerate(exported.every, 1):
            where = {"exam": title, "key": exported.key, "variant": number}
            yield json.dumps(where | record(exported, question, choices), separators=(",", ":")) + "\n"


def record(exported: Exported, question: Question, choices: bool) -> dict[str, Any]:
    """A question as plain data."""
    data = question.to_json()
    for part, told, points in zip(question.parts, data["parts"], exported.points, strict=True):
        told["worth"] = points_text(points)
        told |= _answers(part)
        if own_choice(part) or (choices and as_choice(part)):
            told |= {"options": list(part.options), "right": sorted(right_options(part))}
    data["lines"] = [_line(step) for step in question.solution] if question.family else []
    if written := written_solution(question):
        data["written"] = written
    return data


def _answers(part: QuestionPart) -> dict[str, Any]:
    return {
        "text": part.answer,
        "latex": part.answer_latex,
        "accepted": targets_to_json(part.target),
        "also_accepted": [targets_to_json(target) for target in part.also_targets],
        "mistakes": [
            {"name": m.name, "why": m.why, "text": m.value, "latex": m.latex, "accepted": targets_to_json(m.target)}
            for m in part.mistakes
        ],
    }


def _line(step: Step) -> dict[str, Any]:
    line: dict[str, Any] = {"text": step.text, "latex": list(step.latex)}
    for name in ("why", "heading"):
        if said := getattr(step, name):
            line[name] = said
    if step.unfolded:
        line["unfolded"] = [_line(inner) for inner in step.unfolded]
    return line
