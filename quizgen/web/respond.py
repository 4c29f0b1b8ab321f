"""What every page is made with.

A handler is a plain function (it runs in a thread, so it may wait for the database):

    def progress(request: Request) -> Response:
        report = practice(request).…(visit(request).learner)
        return render(request, "progress.html.j2", report=report)

    def make(request: Request) -> Response:
        fields = visit(request).fields            # the form: text(), texts(), ticked(), whole(); bounded already
        if what_was_sent_is_wrong:
            return render(request, "sheet.html.j2", status=422, problem="one line")
        return go(request, "/sheet", say="made")  # 303 after whatever changed something: loading again repeats nothing

    routes = [Route("/sheet", page), Route("/sheet", slow(make), methods=["POST"])]   # slow: it takes seconds

By the time a handler runs, the host, the origin and the CSRF token have been checked, the body has been read, and the
rate is within its limits: `quizgen/web/security.py` does all that. A `QuizgenError` that a handler raises becomes an
error page with its line where that line is the asker's business, and a line without internals otherwise.

Templates lie in `templates/web`, and may import those of `templates/html`. They begin with ``{% extends layout %}`` and
fill the blocks ``title`` and ``main``; ``layout`` is the whole page, or for htmx (header HX-Request) the block ``main``
alone. Beside what the handler gives, they see

    csrf       the hidden field that every form with method="post" must hold: ``{{ csrf }}``
    static(n)  the address of a file of `quizgen/web/static`, with its hash: ``{{ static("site.css") }}``
    piece      whether only a piece is asked for
    here       the path of the page
    say        one line to show on top, once ("" for none)
    shared     whether every browser is a student of her own
    protected  whether there is a password, so that there is a way to log out

Inline scripts, inline styles and ``style="…"`` attributes are forbidden by the pages' own policy: use classes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from quizgen.render.html import printable

from .fields import NONE, Fields

if TYPE_CHECKING:
    from quizgen.practice.session import Practice

    from .app import Site

SAYINGS = {
    "stale": "That page was behind: here is where the question stands now. Nothing was lost.",
    "gone": "That session has ended, or is none of yours.",
    "out": "You are logged out.",
}
"""The lines that an address may ask to be shown: ``?say=stale``. Nothing else that an address holds is shown so."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, and what for: made by the middleware for every request.

    ``browser``: the id in the signed cookie; ``learner``: whose memory it is; ``admitted``: the password was given, or
    there is none; ``csrf``: the token that its forms must bear.
    """

    browser: str
    learner: str
    csrf: str
    admitted: bool = True
    fields: Fields = NONE


def visit(request: Request) -> Visit:
    """Who asks, and the fields of the form."""
    found: Visit = request.scope["state"]["visit"]
    return found


def site(request: Request) -> Site:
    """What the application was made with."""
    found: Site = request.app.state.site
    return found


def practice(request: Request) -> Practice:
    """The machinery of the database."""
    return site(request).practice


def wants_piece(request: Request) -> bool:
    """Whether htmx asks for the piece that changed."""
    return request.headers.get("hx-request") == "true" and "hx-boosted" not in request.headers


def slow(handler: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """A handler that takes seconds, run in threads of its own: other pages don't wait for it, and it waits for its
    like."""

    async def in_turn(request: Request) -> Response:
        return await to_thread.run_sync(handler, request, limiter=site(request).slow)

    return in_turn


def render(
    request: Request, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """The page of a template, or for htmx its main block.

    htmx takes no page with an error's status as a piece, so a piece always has the status 200.
    """
    piece = wants_piece(request)
    here = site(request)
    words = {
        "layout": "_piece.html.j2" if piece else "_layout.html.j2",
        "csrf": csrf_field(visit(request).csrf),
        "static": here.static.url,
        "piece": piece,
        "here": request.url.path,
        "say": "",
        "shared": here.settings.shared,
        "protected": bool(here.settings.password),
    } | context
    words["say"] = words["say"] or SAYINGS.get(request.query_params.get("say", ""), "")
    html = here.templates.get_template(template).render(words)
    return HTMLResponse(printable(html), 200 if piece else status, dict(headers or {}))


def go(request: Request, url: str, say: str = "") -> Response:
    """To another page by GET (303), which may show one of `SAYINGS`; htmx loads it whole."""
    if say:
        url = f"{url}{'&' if '?' in url else '?'}say={say}"
    if wants_piece(request):
        return Response(headers={"HX-Redirect": url})
    return RedirectResponse(url, 303)


def csrf_field(token: str) -> Markup:
    """The hidden field of a form that changes something."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)
