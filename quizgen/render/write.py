"""Sheets as files: the ending of the name says what is written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from quizgen.errors import UnknownFormat, did_you_mean, shown
from quizgen.files import check_output, write_whole

if TYPE_CHECKING:
    from quizgen.sheet import Sheet, Solutions

__all__ = ["FORMATS", "check_target", "usual_solutions", "write"]

FORMATS = {
    ".html": "a web page that needs nothing else",
    ".pdf": "a PDF, by TeX or a browser",
    ".tex": "LaTeX, class exam",
    ".md": "Markdown",
    ".ipynb": "a notebook",
    ".json": "everything as data",
}


def check_target(path: str | os.PathLike[str], force: bool = False) -> Path:
    """The path, when a sheet may be written there: to be asked before the work begins.

    Raises `UnknownFormat` for an ending that no printer writes, `OutputExists`, `OutputError`.
    """
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        hint = did_you_mean(target.suffix, FORMATS) if target.suffix else ""
        said = f"ends in {shown(target.suffix)}, which is no format{hint}" if target.suffix else "has no ending"
        raise UnknownFormat(f"{shown(str(path), 160)} {said}; a sheet ends in {', '.join(FORMATS)}")
    return check_output(target, force)


def write(sheet: Sheet, path: str | os.PathLike[str], force: bool = False) -> str:
    """Writes the sheet, whole or not at all, and gives the program that made it, "" where none was needed.

    Raises as `check_target` does, `RenderError`, and `NoEngine` where nothing makes a PDF.
    """
    target = check_target(path, force)
    match target.suffix.lower():
        case ".pdf":
            from quizgen.render import pdf

            return pdf.write(sheet, target, force)
        case ".html":
            from quizgen.render import html

            text = html.page(sheet)
        case ".tex":
            from quizgen.render import latex

            text = latex.document(sheet)
        case ".md":
            from quizgen.render import markdown

            text = markdown.document(sheet)
        case ".ipynb":
            from quizgen.render import notebook

            text = notebook.document(sheet)
        case _:
            text = json.dumps(sheet.to_json(), ensure_ascii=False, indent=1) + "\n"
    write_whole(target, text, force)
    return ""


def usual_solutions(path: str | os.PathLike[str] | None) -> Solutions:
    """Where a reader expects the solutions: under the question where they are folded, at the end of what is paper,
    and not at all in a terminal, where they would lie open."""
    if path is None:
        return "none"
    return "after" if Path(path).suffix.lower() in (".html", ".ipynb", ".json") else "separate"
