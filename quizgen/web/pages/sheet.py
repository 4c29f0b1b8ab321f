"""The sheet builder: a form, and the file that comes of it."""

from __future__ import annotations

import re
import shlex
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quizgen.code import fresh_seed
from quizgen.errors import DrawError, NoEngine, RenderError, UsageError, shown
from quizgen.family import select
from quizgen.render.write import usual_solutions, write
from quizgen.sheet import Sheet, having, make_sheet

from ..fields import NONE, Fields
from ..problems import Refused, logged
from ..respond import practice, render, site, slow, visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quizgen.question import Question

MOST = 50
LONGEST_TITLE = 120
LONGEST_SEED = 64
TITLE = "Deep learning: practice sheet"
FORMATS = {
    "html": ("A web page", "opens offline, answers are checked in it", "text/html; charset=utf-8"),
    "pdf": ("PDF", "to print", "application/pdf"),
    "tex": ("LaTeX", "class exam, to change", "application/x-tex; charset=utf-8"),
}
AT_ONCE = threading.BoundedSemaphore(2)
"""TeX and browsers are heavy: so many PDFs are made at a time."""

PATIENCE = 90.0
"""Seconds that a PDF waits for its turn."""

_UNSAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Wish:
    """What the form asks for. The same wish gives the same questions."""

    names: tuple[str, ...]
    levels: tuple[int, ...]
    count: int
    seed: str
    choices: bool
    solutions: bool
    title: str
    format: str

    @property
    def command(self) -> str:
        """The command that makes the same sheet."""
        words = ["quizgen", "sheet", *self.names]
        words += [word for level in self.levels for word in ("--level", str(level))]
        words += ["-n", str(self.count), "--seed", self.seed, *(["--choices"] if self.choices else [])]
        words += ["--title", self.title] if self.title != TITLE else []
        words += [] if self.solutions else ["--solutions", "none"]
        return shlex.join(words)

    @property
    def file_name(self) -> str:
        """Letters, digits and hyphens of the title, and the ending."""
        stem = _UNSAFE.sub("-", self.title.lower()).strip("-")[:60].strip("-")
        return f"{stem or 'sheet'}.{self.format}"


def page(request: Request) -> Response:
    return show(request, sent=visit(request).fields)


def make(request: Request) -> Response:
    """The file, to be kept."""
    fields = visit(request).fields
    try:
        wish = read(fields)
        sheet = Sheet(wish.title, _questions(request, wish), "none", wish.choices, wish.command)
        if wish.solutions:
            sheet = replace(sheet, solutions=usual_solutions(wish.file_name))
        data = _file(sheet, wish.format)
    except NoEngine:
        line = "Nothing on the server makes a PDF. Take the web page and print it, or LaTeX."
        return show(request, line, fields)
    except (UsageError, DrawError) as problem:
        return show(request, problem.message, fields)
    except RenderError as problem:
        number = logged(request, problem)
        return show(request, f"This sheet could not be printed as {FORMATS[wish.format][0]} (error {number}).", fields)
    headers = {"Content-Disposition": f'attachment; filename="{wish.file_name}"'}
    return Response(data, media_type=FORMATS[wish.format][2], headers=headers)


def show(request: Request, problem: str = "", sent: Fields = NONE) -> Response:
    """The form, with what is wrong about it as it was sent."""
    entries = practice(request).entries
    return render(
        request,
        "sheet.html.j2",
        status=422 if problem else 200,
        entries=entries,
        levels=sorted({level for entry in entries for level in entry.levels}),
        formats=FORMATS,
        title=sent.text("title") or TITLE,
        seed=sent.text("seed") or fresh_seed(),
        most=MOST,
        problem=problem,
        sent=sent,
        again=sent.ticked("format"),
    )


def read(fields: Fields) -> Wish:
    """What a form asks for. Raises `UsageError` for what can't be meant."""
    title = " ".join(fields.text("title").split()) or TITLE
    seed = fields.text("seed") or fresh_seed()
    form = fields.text("format") or "html"
    if form not in FORMATS:
        raise UsageError(f"there is no format {shown(form)}; there are {', '.join(FORMATS)}")
    if len(title) > LONGEST_TITLE:
        raise UsageError(f"the title {shown(title)} is too long: at most {LONGEST_TITLE} characters")
    if len(seed) > LONGEST_SEED:
        raise UsageError(f"the seed {shown(seed)} is too long: at most {LONGEST_SEED} characters")
    return Wish(
        names=tuple(dict.fromkeys(name for name in fields.texts("names") if name)),
        levels=tuple(sorted({int(level) for level in fields.texts("level") if level.isascii() and level.isdigit()})),
        count=fields.whole("count", 1, MOST) or 10,
        seed=seed,
        choices=fields.ticked("choices"),
        solutions=fields.ticked("solutions"),
        title=title,
        format=form,
    )


def _questions(request: Request, wish: Wish) -> tuple[Question, ...]:
    """The questions of a sheet, checked; those of the same wish in another format are at hand."""
    here = site(request)
    entries = having(select(wish.names), wish.levels)
    made = make_sheet(entries, wish.levels, wish.count, wish.seed, verify=False).questions
    known = [here.checked.get(question.code) for question in made]
    new = [question for question, found in zip(made, known, strict=True) if found is None]
    checked = _by_code(here.practice.stock.verify(new) if new else [])
    for code, question in checked.items():
        here.checked.put(code, question)
    return tuple(found or checked[question.code] for question, found in zip(made, known, strict=True))


def _by_code(questions: Sequence[Question]) -> dict[str, Question]:
    return {question.code: question for question in questions}


def _file(sheet: Sheet, form: str) -> bytes:
    """The sheet in a format, written in a folder of its own that is gone afterwards."""
    turn = AT_ONCE if form == "pdf" else None
    if turn is not None and not turn.acquire(timeout=PATIENCE):
        raise Refused(503, "Other sheets are being printed just now. Try again in a minute.", {"Retry-After": "60"})
    try:
        with tempfile.TemporaryDirectory(prefix="quizgen-sheet-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / f"sheet.{form}"
            write(sheet, path)
            return path.read_bytes()
    finally:
        if turn is not None:
            turn.release()


routes = [Route("/sheet", page), Route("/sheet", slow(make), methods=["POST"])]
