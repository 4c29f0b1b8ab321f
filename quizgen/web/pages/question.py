"""One question by its code, under an address that can be passed on. Looking changes nothing; an answer begins a
session with this question."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quizgen import code as codes
from quizgen.errors import Stale, Unreadable
from quizgen.practice.attempt import Attempt
from quizgen.practice.records import Plan
from quizgen.question import Question

from .. import views
from ..fields import NONE, Fields
from ..respond import go, practice, render, site, visit
from ..typed import typed
from ..waiting import Later, patient
from .practice import address, begun, later, waiting


def lead(request: Request) -> Response:
    """From a code that was typed to the address of its question."""
    return go(request, f"/q/{codes.parse(visit(request).fields.text('code'))}")


def page(request: Request) -> Response | Later:
    """The question, once PyTorch has reproduced its answers here."""
    code = _code(request)
    here = site(request)
    if (checked := here.checked.get(code)) is not None:
        return _show(request, checked)
    question, key = practice(request).question(code), f"check {code}"
    job = here.jobs.start(key, lambda: here.practice.stock.verify([question])[0])

    def then() -> Response:
        if not job.done():
            return waiting(request, request.url.path)
        checked = here.jobs.finished(key, job).result()  # raises what went wrong
        here.checked.put(code, checked)
        return _show(request, checked)

    return later(request, job, then)


def back(request: Request) -> Response:
    """From the address of the form, which a browser may load again, to that of the question."""
    return go(request, f"/q/{_code(request)}")


def answer(request: Request) -> Response | Later:
    """Begins a session with this question, and answers its first part there. Sent twice, it is the same session."""
    code, asker, machine = _code(request), visit(request), practice(request)
    question = machine.question(code)
    attempt = Attempt(question)
    try:
        text = typed(asker.fields, question.part(1), choice=attempt.is_choice(1))
        attempt.read(text, 1)
    except Unreadable as problem:
        return _show(request, question, str(problem), asker.fields)

    def work() -> str:
        plan = Plan(code=code)
        session = machine.resume(asker.learner)
        if session is not None and session.plan == plan:
            try:
                session.answer(text, 1, 0)
            except Stale:
                if session.attempt is None or not session.attempt.closed:
                    return f"{address(session)}?say=stale"
            else:
                return address(session)
        session = machine.begin(asker.learner, plan)
        session.answer(text, 1, 0)
        return address(session)

    return begun(request, f"{code} {text}", work)


def _show(request: Request, question: Question, problem: str = "", sent: Fields = NONE) -> Response:
    return render(
        request,
        "question.html.j2",
        status=422 if problem else 200,
        here=f"/q/{question.code}",
        question=question,
        work=views.Work(
            Attempt(question), views.asked(question, "q"), {1: problem} if problem else {}, {1: sent} if problem else {}
        ),
    )


def _code(request: Request) -> str:
    """The code in an address; raises `BadCode` and its kin."""
    return str(codes.parse("/".join(str(piece) for piece in request.path_params.values())))


routes = [Route("/q", lead)]
for one in ("/q/{family}/{level}/{seed}", "/q/{family}/{level}/{seed}/{version}"):
    routes += [Route(f"{one}/answer", back), Route(f"{one}/answer", patient(answer), methods=["POST"])]
    routes += [Route(one, patient(page))]
