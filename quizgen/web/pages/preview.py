"""How an answer is read, while it is typed. Nothing is kept, and nothing is said of whether it is right."""

from __future__ import annotations

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quizgen import code as codes
from quizgen.errors import Unreadable
from quizgen.practice.attempt import Attempt

from ..respond import practice, render, visit
from ..typed import is_complete, of_part, typed
from ..views import reading


def preview(request: Request) -> Response:
    """A small piece of HTML; empty while nothing is typed, and where letters are chosen."""
    fields = visit(request).fields
    question = practice(request).question(str(codes.parse(fields.text("code"))))
    number = fields.whole("part", 1, len(question.parts)) or 1
    part = question.part(number)
    read, problem = Markup(), ""
    if not Attempt(question, choices=fields.ticked("choices")).is_choice(number):
        try:
            sent = of_part(fields, number) if fields.ticked("exam") else fields
            if is_complete(sent, part):
                text = typed(sent, part)
                read = reading(part, text) if text else Markup()
        except Unreadable as unread:
            problem = str(unread)
    return render(request, "preview.html.j2", read=read, problem=problem)


routes = [Route("/preview", preview, methods=["POST"])]
