"""Sheets as web pages, and questions as pieces of a notebook's page.

`page` makes one file that needs nothing else: style, script and the mathematics font are inside it, a policy in its
head forbids it to fetch anything, and everything but checking an answer works without the script. A page that is
not to show solutions does not hold them: neither steps nor targets are written into it.
"""

import base64
import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from quizgen.render.html_markup import blocks, raw
from quizgen.render.html_views import QuestionView
from quizgen.render.templates import asset, asset_bytes, html_environment

if TYPE_CHECKING:
    from quizgen.question import Question
    from quizgen.sheet import Sheet

__all__ = ["blocks", "font_face", "fragment", "page", "printable"]

FONT = "latinmodern-math-subset.woff2"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def page(sheet: "Sheet") -> str:
    """The sheet as one self-contained HTML file.

    Raises RenderError where a formula, a figure or a piece of markup can't be printed.
    """
    script = asset("check.js")
    checks = sheet.solutions != "none"
    views = [
        QuestionView(question, f"q{at}", at, sheet.choices, checks) for at, question in enumerate(sheet.questions, 1)
    ]
    template = html_environment().get_template("page.html.j2")
    html = template.render(
        sheet=sheet,
        questions=views,
        points=sum(question.points for question in sheet.questions),
        checks=checks,
        style=raw(asset("sheet.css") + font_face()),
        script=raw(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        data=_json([[part.check for part in view.parts] for view in views]) if checks else None,
    )
    return printable(html)


def fragment(question: "Question") -> str:
    """The question as HTML for a notebook's output: no script, no font of its own, the solution folded away.

    Raises RenderError as `page` does.
    """
    name = hashlib.sha256(question.code.encode()).hexdigest()[:8]
    view = QuestionView(question, f"quizgen-{name}")
    template = html_environment().get_template("fragment.html.j2")
    return printable(template.render(view=view, solution=True, style=raw(asset("sheet.css"))))


def printable(html: str) -> str:
    """A page without control characters and halves of characters, which no page may hold."""
    return _CONTROL.sub("\ufffd", html)


@lru_cache
def font_face() -> str:
    """The rule that brings the mathematics font, inside it, to a page that needs nothing else."""
    font = base64.b64encode(asset_bytes(FONT)).decode()
    return (
        '\n@font-face {\n  font-family: "quizgen math";\n  font-display: block;\n'
        f'  src: url("data:font/woff2;base64,{font}") format("woff2");\n}}\n'
    )


def _json(value: object) -> Markup:
    """JSON that can stand in a script element: no character in it begins a tag or ends a line of a script."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return raw(text)
