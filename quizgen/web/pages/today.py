"""The first page: what is due, a session to go on with, and the form that starts another."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quizgen.practice.progress import days_in_a_row
from quizgen.practice.records import Plan
from quizgen.practice.session import MOST_MINUTES, MOST_QUESTIONS

from ..fields import NONE, Fields
from ..respond import practice, render, visit


def page(request: Request) -> Response:
    return show(request)


def show(request: Request, problem: str = "", sent: Fields = NONE) -> Response:
    """The page, with what is wrong about the form as it was sent."""
    machine, learner = practice(request), visit(request).learner
    with machine.store.at_once():
        unfinished = [machine.resume(learner), machine.resume(learner, exam=True)]
        due, streak = machine.due(learner), days_in_a_row(machine.store, learner, machine.clock())
    return render(
        request,
        "today.html.j2",
        status=422 if problem else 200,
        due=due,
        sessions=[each for each in unfinished if each is not None and (each.plan.exam or not each.over)],
        streak=streak,
        entries=machine.entries,
        titles={entry.name: entry.title for entry in machine.entries},
        levels=sorted({level for entry in machine.entries for level in entry.levels}),
        most_questions=MOST_QUESTIONS,
        most_minutes=MOST_MINUTES,
        stock=machine.stock.state,
        problem=problem,
        sent=sent,
    )


def plan_of(fields: Fields) -> Plan:
    """What the form asks for; raises `UsageError` for what can't be meant."""
    exam = fields.ticked("exam")
    return Plan(
        names=tuple(dict.fromkeys(name for name in fields.texts("names") if name)),
        level=None if fields.text("level") in ("", "auto") else fields.whole("level", 1, 99),
        count=fields.whole("count", 1, MOST_QUESTIONS),
        minutes=fields.whole("minutes", 1, MOST_MINUTES),
        exam=exam,
        choices=fields.ticked("choices"),
    )


routes = [Route("/", page)]
