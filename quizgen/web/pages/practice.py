"""A session: its question, what is done at it, and the marked review.

Every form of a question bears ``item`` (which question it is) and ``number`` (how many moves there were when it was
shown). So what is sent twice is done once, and a page that has been left behind, by the button for going back or over
night, leads to where the question stands now.

What may have to wait for PyTorch is done beside the page (`quizgen.web.waiting`): the page then says so and asks again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quizgen.errors import Stale, StoreError, Unreadable, UsageError
from quizgen.practice.records import Item, Plan

from .. import views
from ..fields import NONE, Fields
from ..problems import Refused, refused
from ..respond import SAYINGS, go, practice, render, site, visit, wants_piece
from ..typed import is_filled_in, of_part, typed
from ..waiting import PATIENCE, Later, Made, careful, patient
from . import today

if TYPE_CHECKING:
    from quizgen.practice.session import Session
    from quizgen.question import Question
    from quizgen.render.html_views import QuestionView

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_JUST_BEGUN = 60_000  # ms


def address(session: Session) -> str:
    """The address of a session's question."""
    number = f"?question={session.number}" if session.plan.exam and not session.ended else ""
    return f"/practice/{session.id}{number}"


# --- starting ---------------------------------------------------------------------------------------------------------


def start(request: Request) -> Response | Later:
    """Begins a session."""
    machine, asker = practice(request), visit(request)

    def begin() -> Response | Later:
        plan = machine.usual(asker.learner, today.plan_of(asker.fields))

        def work(*, wait: bool = True) -> str:
            session = _unused(request, plan)
            if session is None:
                return address(machine.begin_asking(asker.learner, plan, wait=wait))
            session.next(wait=wait)
            return address(session)

        return begun(request, f"{plan}", work, None if plan.exam else partial(work, wait=False))

    def or_the_form(make: Made) -> Response | Later:
        try:
            return make()
        except UsageError as problem:
            return today.show(request, str(problem), asker.fields)

    return careful(or_the_form, begin)


def _unused(request: Request, plan: Plan) -> Session | None:
    """The session that the same form began a moment ago. One that is over makes room for the new one."""
    machine = practice(request)
    latest = machine.resume(visit(request).learner, exam=plan.exam)
    if latest is None:
        return None
    if latest.over:
        latest.finish()
        return None
    untouched = all(not machine.store.moves(item.id) for item in latest.items)
    recent = abs(machine.clock() - latest.sitting.started) < _JUST_BEGUN
    return latest if latest.plan == plan and untouched and recent else None


def begun(
    request: Request, what: str, work: Callable[[], str], at_once: Callable[[], str] | None = None
) -> Response | Later:
    """Leads to the address that ``work`` gives, or to the page that waits for it."""
    name = hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()[:16]
    jobs, key = site(request).jobs, _begin_key(request, name)
    job = jobs.start(key, work, at_once)

    def then() -> Response:
        return go(request, jobs.finished(key, job).result() if job.done() else f"/practice/start?job={name}")

    return later(request, job, then)


def starting(request: Request) -> Response | Later:
    """Waits for a session to begin."""
    jobs, key = site(request).jobs, _begin_key(request, visit(request).fields.text("job"))

    def then() -> Response:
        if jobs.under_way(key):
            return waiting(request, str(request.url.path) + "?" + request.url.query)
        done = jobs.take(key)
        return go(request, "/" if done is None else str(done.result()))

    return later(request, jobs.under_way(key), then)


def _begin_key(request: Request, name: str) -> str:
    return f"begin {visit(request).learner} {name}"


def waiting(request: Request, url: str) -> Response:
    """A page that asks again by itself, without a script too."""
    stock = practice(request).stock
    return render(request, "waiting.html.j2", url=url, state=stock.state)


def later(request: Request, job: Future[Any] | None, then: Callable[[], Response]) -> Response | Later:
    """The page that ``then`` makes once a job is done, or has not been done for a moment."""
    if job is None or job.done() or practice(request).stock.state == "starting":
        return then()
    return Later(job, then, PATIENCE)


# --- the question -----------------------------------------------------------------------------------------------------


def page(request: Request) -> Response | Later:
    """The question that is to be answered, or the one of an exam that the address names."""
    job = site(request).jobs.under_way(_next_key(request.path_params["sitting"]))
    return later(request, job, lambda: _page(request))


def _page(request: Request) -> Response:
    session = _session(request)
    jobs, key = site(request).jobs, _next_key(session.id)
    if jobs.under_way(key):
        return waiting(request, f"/practice/{session.id}")
    if (job := jobs.take(key)) is not None:
        job.result()  # raises what went wrong
        session = _session(request)
    if session.plan.exam and not session.ended:
        if session.seconds_left == 0:
            session.finish()
        elif (number := visit(request).fields.whole("question", 1)) is not None and number <= len(session.items):
            session.go(number)
    if session.ended:
        return go(request, f"/practice/{session.id}/review")
    return show(request, session)


def show(
    request: Request,
    session: Session,
    problem: str = "",
    *,
    problems: Mapping[int, str] = MappingProxyType({}),
    sent: Mapping[int, Fields] = MappingProxyType({}),
    say: str = "",
) -> Response:
    """Where the session stands; with a ``problem``, or one at some parts, and what was sent there."""
    work = None
    if session.item is not None and session.attempt is not None:
        view = _view(request, session, session.item, session.attempt.question)
        work = views.Work(session.attempt, view, problems, sent, wants_piece(request))
    return render(
        request,
        "practice.html.j2",
        status=422 if problem or problems else 200,
        headers={"HX-Replace-Url": address(session)},
        session=session,
        work=work,
        paper=views.paper(session) if session.plan.exam else (),
        problem=problem,
        say=say or session.notice,
    )


def _view(request: Request, session: Session, item: Item, question: Question) -> QuestionView:
    """The words of a question, which stay the same from move to move."""
    kept = site(request).views
    view = kept.get(item.id)
    if view is None:
        view = views.asked(question, "q", item.number, session.plan.choices)
        kept.put(item.id, view)
    return view


def _session(request: Request) -> Session:
    """The session of the address, if it is the asker's."""
    sitting = request.path_params["sitting"]
    session = practice(request).resume(visit(request).learner, sitting) if _ID.fullmatch(sitting) else None
    if session is None:
        raise Refused(404, "There is no such session here.")
    return session


# --- moves ------------------------------------------------------------------------------------------------------------


def act(request: Request) -> Response | Later:
    """What was done at a question."""
    action = ACTIONS.get(request.path_params["action"])
    if action is None:
        raise Refused(404, "There is no such page.")
    session, fields = _session(request), visit(request).fields
    if session.ended:
        return go(request, f"/practice/{session.id}/review")

    def or_where_it_stands(make: Made) -> Response | Later:
        try:
            return make()
        except Unreadable as problem:
            part = fields.whole("part", 1, 99) or 1
            return show(request, session, problems={part: str(problem)}, sent={part: fields})
        except Stale:
            return _behind(request)
        except StoreError as problem:
            if wants_piece(request):
                raise  # the page stays as it is
            return _unkept(request, refused(request, problem), fields)

    return careful(or_where_it_stands, lambda: action(request, session, fields))


def _unkept(request: Request, problem: Refused, fields: Fields) -> Response:
    """The question as it stands, with what was typed and why that could not be kept."""
    session = _session(request)
    with suppress(Stale):
        _at(session, fields)
    if session.plan.exam and session.attempt is not None:
        sent = {n: of_part(fields, n) for n in range(1, len(session.attempt.question.parts) + 1)}
    else:
        sent = {fields.whole("part", 1, 99) or 1: fields}
    typed_in = {n: each for n, each in sent.items() if is_filled_in(each)}
    response = show(request, session, problem.line, sent=typed_in)
    response.status_code = problem.status
    response.headers.update(problem.headers)
    return response


def _behind(request: Request) -> Response:
    """Where the question stands now, for a page that did not know."""
    session = _session(request)
    if session.ended:
        return go(request, f"/practice/{session.id}/review")
    if wants_piece(request):
        return show(request, session, say=SAYINGS["stale"])
    return go(request, address(session), say="stale")


def _done(request: Request, session: Session, sent: Fields = NONE) -> Response:
    """After a move: the piece that changed, or the page by GET. A piece keeps what was ``sent`` from its part."""
    if wants_piece(request):
        return show(request, session, sent={sent.whole("part", 1, 99) or 0: sent})
    return go(request, address(session))


def _at(session: Session, fields: Fields) -> int | None:
    """Turns to the question that the form was for; gives how many moves it had then. Raises `Stale` for another one."""
    wanted = fields.text("item")
    if session.plan.exam:
        number = next((item.number for item in session.items if item.id == wanted), None)
        if number is None:
            raise Stale("the form was for no question of this exam")
        session.go(number)
    elif session.item is None or session.item.id != wanted:
        raise Stale("the form was for another question")
    if session.attempt is None:
        raise Stale("the question is gone")
    return fields.whole("number")


def _answer(request: Request, session: Session, fields: Fields) -> Response:
    if session.plan.exam:
        return _keep(request, session, fields) or _done(request, session)
    number = _at(session, fields)
    assert session.attempt is not None  # noqa: S101 (_at saw to it)
    part = fields.whole("part", 1, len(session.attempt.question.parts)) or session.attempt.part
    if part is None:
        raise Stale("this question is closed")
    text = typed(fields, session.attempt.question.part(part), choice=session.attempt.is_choice(part))
    session.answer(text, part, number)
    return _done(request, session)


def _keep(request: Request, session: Session, fields: Fields) -> Response | None:
    """Keeps what was typed into the parts of an exam's question; the page, where something can't be read."""
    number = _at(session, fields)
    attempt = session.attempt
    assert attempt is not None  # noqa: S101 (_at saw to it)
    sent = {n: of_part(fields, n) for n in range(1, len(attempt.question.parts) + 1)}
    given, problems = dict[int, str](), dict[int, str]()
    for n, part in enumerate(attempt.question.parts, 1):
        try:
            if is_filled_in(sent[n]):
                given[n] = typed(sent[n], part, choice=attempt.is_choice(n))
        except Unreadable as problem:
            problems[n] = str(problem)
    known = all((last := attempt.last(n)) is not None and last.typed == text for n, text in given.items())
    if number is not None and number != len(attempt.moves) and not known:
        raise Stale("the question has gone on since this page was shown")
    for n, text in given.items():
        try:
            session.answer(text, n)
        except Unreadable as problem:
            problems[n] = str(problem)
    return show(request, session, problems=problems, sent={n: sent[n] for n in problems}) if problems else None


def _move(name: str) -> Callable[[Request, Session, Fields], Response]:
    """A move that needs nothing but the button."""

    def move(request: Request, session: Session, fields: Fields) -> Response:
        number = _at(session, fields)
        try:
            getattr(session, name)(number)
        except Stale:
            raise
        except UsageError as problem:  # no hint is left, or it is an exam
            return show(request, session, str(problem))
        return _done(request, session, fields if name == "hint" else NONE)

    return move


def _onward(name: str) -> Callable[[Request, Session, Fields], Response | Later]:
    """A move to another question: the next, another like this one, the same with easier numbers."""

    def onward(request: Request, session: Session, fields: Fields) -> Response | Later:
        wanted = fields.text("item")
        if (session.item.id if session.item else "") != wanted:
            before = session.items[-2].id if len(session.items) > 1 else ""
            if before == wanted and session.attempt is not None and not session.attempt.moves:
                return _done(request, session)  # sent twice
            raise Stale("the session has gone on")
        if name == "next" and session.over:
            session.finish()
            return go(request, f"/practice/{session.id}/review")

        def work(**how: bool) -> Session:
            getattr(session, name)(**how)
            return session

        jobs, key = site(request).jobs, _next_key(session.id)
        job: Future[Session] = jobs.start(key, work, None if name == "easier" else partial(work, wait=False))

        def then() -> Response:
            if not job.done():
                url = f"/practice/{session.id}"
                return waiting(request, url) if wants_piece(request) else go(request, url)
            return _done(request, jobs.finished(key, job).result())

        return later(request, job, then)

    return onward


def _next_key(sitting: str) -> str:
    return f"next {sitting}"


def _go(request: Request, session: Session, fields: Fields) -> Response:
    """To another question of an exam; what was typed into this one is kept."""
    to = fields.whole("to", 1, len(session.items))
    if fields.text("item") and (unread := _keep(request, session, fields)):
        return unread
    session.go(to or session.number)
    return _done(request, session)


def _finish(request: Request, session: Session, fields: Fields) -> Response:
    session.finish()
    return go(request, f"/practice/{session.id}/review")


ACTIONS: dict[str, Callable[[Request, Session, Fields], Response | Later]] = {
    "answer": _answer,
    "hint": _move("hint"),
    "on": _move("on"),
    "solution": _move("solution"),
    "skip": _move("skip"),
    "next": _onward("next"),
    "another": _onward("another"),
    "easier": _onward("easier"),
    "go": _go,
    "finish": _finish,
}


# --- the end ----------------------------------------------------------------------------------------------------------


def review(request: Request) -> Response:
    """The marked review: of an exam only when it has ended."""
    session = _session(request)
    if session.plan.exam and not session.ended:
        return go(request, address(session))
    summary = session.summary()
    works = [
        (item, views.Work(attempt, views.asked(attempt.question, f"q{item.number}", item.number, session.plan.choices)))
        for item, attempt in summary.rows
        if attempt.closed
    ]
    return render(request, "review.html.j2", session=session, summary=summary, works=works, say=session.notice)


routes = [
    Route("/practice", patient(start), methods=["POST"]),
    Route("/practice/start", patient(starting)),
    Route("/practice/{sitting}", patient(page)),
    Route("/practice/{sitting}/review", review),
    Route("/practice/{sitting}/{action}", patient(act), methods=["POST"]),
]
