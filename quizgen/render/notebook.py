"""Sheets as Jupyter notebooks: cells with the questions, cells to type answers in, the solutions folded away.

A notebook is JSON of the format nbformat 4.5, written here by hand. The same sheet gives the same bytes.
"""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quizgen.render.markdown import JUPYTER, Writer, code, escape, folded
from quizgen.render.parts import is_choice, label
from quizgen.render.unicode_math import plain
from quizgen.wording import counted, letter

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import Question
    from quizgen.sheet import Sheet

__all__ = ["Cell", "CellWriter", "as_text", "code_cell", "document", "markdown_cell"]

Cell = dict[str, Any]


@dataclass(frozen=True)
class CellWriter(Writer):
    """Writes Markdown whose pictures are attached to the cell that shows them."""

    attached: dict[str, str] = field(default_factory=dict)

    def figure(self, name: str, figure: "Figure", alt: str) -> str:
        from quizgen.render.figures import on_paper, svg

        file = f"{name}.svg"
        self.attached[file] = on_paper(svg(figure))
        words = re.sub(r"[\[\]\\]", " ", plain(alt or figure.alt))
        return f"![{words}](attachment:{file})"


def document(sheet: "Sheet") -> str:
    """The sheet as the text of an `.ipynb` file.

    Raises RenderError where a figure or a piece of markup can't be printed.
    """
    count, points = len(sheet.questions), sum(question.points for question in sheet.questions)
    about = [f"# {escape(sheet.title, JUPYTER.dollar)}", f"{counted(count, 'question')}, {counted(points, 'point')}"]
    codes = any(question.code for question in sheet.questions)
    if codes:
        about.append(
            "Type each answer between the quotation marks and run the cell: it says whether the answer is right."
        )
    if sheet.command:
        about.append(f"<sub>Made again by {code(sheet.command)}</sub>")
    cells = [markdown_cell("title", about)]
    if codes:
        cells.append(code_cell("import", "import quizgen"))
    for number, question in enumerate(sheet.questions, 1):
        cells += _question(question, number, sheet.choices)
        if sheet.solutions == "after":
            cells += _solution(question, number, sheet.choices, folded_away=True)
    if sheet.solutions == "separate":
        cells.append(markdown_cell("solutions", ["# Solutions"]))
        for number, question in enumerate(sheet.questions, 1):
            cells += _solution(question, number, sheet.choices, folded_away=False)
    return as_text(cells, sheet.title)


def _question(question: "Question", number: int, choices: bool) -> list[Cell]:
    several = len(question.parts) > 1
    write = CellWriter(JUPYTER)
    head = write.head(question, number)
    if not several:
        head += write.part(question, 0, choices)
    cells = [markdown_cell(f"q{number}", head, write.attached)]
    for at in range(len(question.parts)):
        name = f"q{number}-{letter(at)}"
        if several:
            write = CellWriter(JUPYTER)
            cells.append(markdown_cell(name, write.part(question, at, choices), write.attached))
        if question.code:
            cells.append(code_cell(f"{name}-answer", _check(question, at, choices), tags=["answer"]))
    return cells


def _check(question: "Question", at: int, choices: bool) -> str:
    """The call that checks an answer, with a comment that says how to type it."""
    part = question.parts[at]
    number = f", part={at + 1}" if len(question.parts) > 1 else ""
    hint = plain(part.kind.hint())
    if is_choice(part, choices) and part.kind.name not in ("choice", "choices"):
        hint = "the value of the option that you choose"
    name = f"{label(question, at)} " if number else ""
    comment = f"# {name}{hint}\n" if hint else ""
    return f'{comment}quizgen.check({json.dumps(question.code)}, ""{number})'


def _solution(question: "Question", number: int, choices: bool, folded_away: bool) -> list[Cell]:
    write = CellWriter(JUPYTER)
    lines = write.solution(question, choices, program=False)
    if folded_away:
        lines = folded("Solution", lines)
    else:
        lines = [f"## {number}. {escape(question.title, JUPYTER.dollar)}", *lines]
    cells = [markdown_cell(f"q{number}-solution", lines, write.attached, tags=["solution"])]
    if question.program:
        program = "\n".join(plain(line) for line in question.program.expandtabs(4).strip("\n").split("\n"))
        heading = "# The same in PyTorch\n"
        cells.append(code_cell(f"q{number}-program", heading + program, tags=["solution"], hidden=folded_away))
    return cells


# --- cells --------------------------------------------------------------------------------------------------------


def as_text(cells: Sequence[Cell], title: str) -> str:
    """A notebook of these cells."""
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "title": plain(title),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def markdown_cell(
    name: str, blocks: Sequence[str], attached: dict[str, str] | None = None, tags: Sequence[str] = ()
) -> Cell:
    """A cell of text. ``name`` is its id; ``attached`` the pictures that it shows, by their file names."""
    cell = _cell("markdown", name, "\n\n".join(blocks), tags)
    if attached:
        cell["attachments"] = {
            file: {"image/svg+xml": base64.b64encode(svg.encode()).decode()} for file, svg in attached.items()
        }
    return cell


def code_cell(name: str, source: str, tags: Sequence[str] = (), hidden: bool = False) -> Cell:
    """A cell of code, whose lines are folded away where it is ``hidden``."""
    cell = _cell("code", name, source, tags)
    if hidden:
        cell["metadata"]["jupyter"] = {"source_hidden": True}
    return cell | {"execution_count": None, "outputs": []}


def _cell(kind: str, name: str, source: str, tags: Sequence[str]) -> Cell:
    return {
        "cell_type": kind,
        "id": name,
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source.splitlines(keepends=True),
    }
