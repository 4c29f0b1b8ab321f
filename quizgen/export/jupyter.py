"""A Jupyter notebook: each question with a cell that checks its answers.

The cells mark through quizgen where it is installed, with its reader, its diagnosis and marks that are carried forward;
elsewhere through a small reader that the notebook brings along (`templates/export/jupyter/check.py`). What is right
lies packed (zlib, then base64) in a cell that is folded away: out of sight, but no secret. Worked solutions are not in
the notebook.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flint import fmpq

from quizgen.answers import Choice, targets_to_json
from quizgen.render.html_markup import in_words
from quizgen.render.markdown import JUPYTER, code, escape
from quizgen.render.notebook import CellWriter, as_text, code_cell, markdown_cell
from quizgen.render.parts import label
from quizgen.render.unicode_math import plain
from quizgen.text import parse_inline
from quizgen.wording import capital, counted

from . import Exported
from .capability import own_choice, way_of
from .html import CHOSEN
from .numbers import points_text
from .templating import asset

if TYPE_CHECKING:
    from quizgen.question import Question, QuestionPart

NAME = "a notebook"
SUFFIX = ".ipynb"

_TITLE = "# @title The cell that checks: run it once"


def write(questions: Sequence[Exported], title: str, choices: bool = False) -> bytes:
    """The notebook. Raises `RenderError` where a formula or figure can't be printed."""
    every = [
        (exported, question, f"{exported.key}-{number}" if exported.variants else exported.key)
        for exported in questions
        for number, question in enumerate(exported.every, 1)
    ]
    packed = {key: _packed(exported, question, choices) for exported, question, key in every}
    cells = [
        markdown_cell(
            "title",
            [
                f"# {escape(title, JUPYTER.dollar)}",
                counted(len(every), "question"),
                "Run the next cell once. Then type each answer between the quotation marks of its cell and run that.",
            ],
        ),
        _folded(code_cell("check", f"{_TITLE}\n{asset('jupyter/check.py')}\n\n{_as_python(packed)}", hidden=True)),
    ]
    for number, (exported, question, key) in enumerate(every, 1):
        write = CellWriter(JUPYTER)
        cells += [
            markdown_cell(f"q{number}", _words(write, exported, question, number, choices), write.attached),
            code_cell(f"q{number}-answer", "\n".join(_call(question, key, choices)), tags=["answer"]),
        ]
    return as_text(cells, title).encode("utf-8", "replace")


def _folded(cell: dict[str, Any]) -> dict[str, Any]:
    """The cell as Colab, which knows no hidden source, folds it away: under its title."""
    return {**cell, "metadata": {**cell["metadata"], "cellView": "form"}}


def _words(write: CellWriter, exported: Exported, question: Question, number: int, choices: bool) -> list[str]:
    """What a question asks, in Markdown."""
    about = [*([code(question.code)] if question.code else []), _points(sum(exported.points, fmpq(0)))]
    lines = [
        f"## {number}. {escape(question.title or exported.key, JUPYTER.dollar)}",
        f"<sub>{' · '.join(about)}</sub>",
    ]
    lines += write.blocks(question.statement, question.figures)
    for at, points in enumerate(exported.points):
        lines += write.asked(question, at, choices, _points(points))
    return lines


def _points(points: fmpq) -> str:
    return f"{points_text(points)} point{'' if points == 1 else 's'}"


def _call(question: Question, key: str, choices: bool) -> Iterator[str]:
    """The lines that check a question, each answer with how to type it."""
    yield "check("
    yield f"    {json.dumps(key)},"
    for part in question.parts:
        hint = plain(_asked(part, choices).hint())
        yield f'    "",  # {" ".join(filter(None, (label(question, part.index), hint)))}'
    yield ")"


def _asked(part: QuestionPart, choices: bool) -> Any:
    """The kind that a part is asked as."""
    chosen = way_of(part, "jupyter", choices).way in CHOSEN
    return Choice(part.options) if chosen and not own_choice(part) else part.kind


def _packed(exported: Exported, question: Question, choices: bool) -> str:
    """What the cells need to know of a question, as one word."""
    parts = [
        _part(question, part, points_text(points), choices)
        for part, points in zip(question.parts, exported.points, strict=True)
    ]
    text = json.dumps(parts, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _part(question: Question, part: QuestionPart, points: str, choices: bool) -> dict[str, Any]:
    kind = _asked(part, choices)
    if kind is part.kind:
        right = [targets_to_json(target) for target in (part.target, *part.also_targets)]
        wrong = [targets_to_json(mistake.target) for mistake in part.mistakes]
    else:
        right = [{"options": sorted(part.correct)}]
        wrong = [
            {"options": [n for n, each in enumerate(part.options) if each == f"${m.latex}$"]} for m in part.mistakes
        ]
    mistakes = zip(part.mistakes, wrong, strict=True)
    return {
        "name": label(question, part.index),
        "points": points,
        "code": question.code if kind is part.kind else "",
        "kind": kind.to_json(),
        "right": right,
        "mistakes": [[mistake.name, _plain(mistake.why), target] for mistake, target in mistakes],
    }


def _plain(markup: str) -> str:
    return capital(plain(in_words(parse_inline(markup))))


def _as_python(packed: dict[str, str]) -> str:
    lines = (f"    {json.dumps(key)}: {json.dumps(word)}," for key, word in packed.items())
    return "PACKED |= {\n" + "\n".join(lines) + "\n}"
