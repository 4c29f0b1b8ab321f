"""Golden files: a question as a value, and the pages that are made of it, as they were read by eye.

After a change that was meant: QUIZGEN_WRITE_GOLDEN=1 python -m pytest tests/test_golden.py; then read the difference.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import quizgen
from quizgen.question import Question
from quizgen.render import html, latex, markdown, terminal
from quizgen.sheet import Sheet
from quizgen.verify.provenance import Provenance

GOLDEN = Path(__file__).parent / "golden"
AGAIN = "QUIZGEN_WRITE_GOLDEN=1 python -m pytest tests/test_golden.py"
ADAM, GRAPH, SIZE, TABLE = (
    "optim.adam/2/k7q3m9",
    "backprop.scalar-graph/3/k7q3m9",
    "conv.output-size/3/k7q3m9",
    "conv.layer-table/1/k7q3m9",
)


def question(code: str) -> Question:
    """The question of a code with the record of a run that does not depend on this machine."""
    drawn = quizgen.from_code(code, verify=False)
    parts = len(drawn.parts)
    return replace(drawn, provenance=Provenance("2.13.0", "cpu", "float64", parts, parts, 3e-17))


def sheet() -> Sheet:
    questions = (question(ADAM), question(GRAPH))
    return Sheet("Two questions", questions, "after", False, f"quizgen show {ADAM} --solution")


def compare(path: Path, made: str) -> None:
    if os.environ.get("QUIZGEN_WRITE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert path.read_text("utf-8") == made, f"{path.name} changed; {AGAIN} writes it anew: read the difference first"


# --- a question as a value ----------------------------------------------------------------------------------------


def readable(data: Any, indent: str = "", room: int = 118) -> str:
    """JSON in which what fits on a line stands on one."""
    short = json.dumps(data, ensure_ascii=False)
    if len(indent + short) <= room or not isinstance(data, (dict, list)):
        return short
    inside = indent + "  "
    if isinstance(data, dict):
        pieces = [
            f"{json.dumps(name)}: {readable(value, inside, room - len(name) - 4)}" for name, value in data.items()
        ]
        return f"{{\n{inside}" + f",\n{inside}".join(pieces) + f"\n{indent}}}"
    return f"[\n{inside}" + f",\n{inside}".join(readable(value, inside, room) for value in data) + f"\n{indent}]"


@pytest.mark.parametrize("code", [ADAM, GRAPH, SIZE, TABLE])
def test_a_code_still_gives_the_question_that_was_seen(code: str) -> None:
    """A code promises its question for good: where another comes of it, the version of the family has to go up."""
    data = question(code).to_json()
    assert json.loads(readable(data)) == data
    compare(GOLDEN / "questions" / f"{code.partition('/')[0]}.json", readable(data) + "\n")


# --- the pages ----------------------------------------------------------------------------------------------------


def page(of: Sheet) -> str:
    """The page without style, font and script, an element a line where that changes nothing."""
    text = re.sub(r"(<(style|script)\b[^>]*>).*?(</\2>)", r"\1…\3", html.page(of), flags=re.DOTALL)
    text = re.sub(r"sha256-[\w+/=]+", "sha256-…", text)
    return re.sub(
        r">\s*(?=<(?:/?(?:section|div|p|table|tr|td|math|details|svg|g|text|rect|path|li|ul)\b))", ">\n", text
    )


def screen(of: Sheet) -> str:
    out = io.StringIO()
    terminal.show(of, Console(file=out, width=80, no_color=True))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("sheet.html", page),
        ("sheet.tex", latex.document),
        ("sheet.md", markdown.document),
        ("sheet.txt", screen),
    ],
)
def test_pages_are_as_they_were_read(name: str, write: Callable[[Sheet], str]) -> None:
    compare(GOLDEN / "pages" / name, write(sheet()).rstrip("\n") + "\n")
