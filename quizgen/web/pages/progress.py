"""What was practised, and how it went: the figures and charts of `quizgen progress`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quizgen.practice.progress import progress
from quizgen.practice.report import View, tell

from ..respond import practice, render, visit


def page(request: Request) -> Response:
    """The progress of the one who asks."""
    machine = practice(request)
    found = progress(machine.store, visit(request).learner, machine.entries, machine.clock())
    return render(request, "progress_page.html.j2", view=View(found, tell(found.mistakes, machine.entries)))


routes = [Route("/progress", page)]
