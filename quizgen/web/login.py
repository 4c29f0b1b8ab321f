"""The password: who knows it gets a signed cookie; who guesses is slowed down."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import problems
from .limits import network
from .respond import go, render, site, visit
from .security import cookie

_HERE = re.compile(r"/(?!/)[A-Za-z0-9._~/-]{0,200}", re.ASCII)
A_MONTH = 30 * 24 * 3600


def page(request: Request) -> Response:
    """The form; or, with the token that the link on start-up holds, the way in."""
    fields = visit(request).fields
    if not site(request).keys.password:
        return go(request, "/")
    if token := fields.text("token"):
        return _enter(request, token, "/")
    return render(request, "login.html.j2", next=_next(fields.text("next")), problem="")


def enter(request: Request) -> Response:
    """The form as it was sent."""
    fields = visit(request).fields
    return _enter(request, fields.text("password"), _next(fields.text("next")))


def leave(request: Request) -> Response:
    """Out: the browser keeps who it is, and has to give the password again."""
    response = go(request, "/login", say="out")
    response.headers.append("Set-Cookie", cookie(request, site(request).keys.admission, "", seconds=0))
    return response


def _enter(request: Request, password: str, onward: str) -> Response:
    here = site(request)
    address = network(request.client.host if request.client else "")
    if wait := here.limits.passwords.wait(address):
        raise problems.too_many(wait)
    if not here.keys.is_password(password):
        here.limits.passwords.take(address)
        line = "That is not the password. The one who runs this site can tell it."
        return render(request, "login.html.j2", status=403, next=onward, problem=line)
    response = go(request, onward)
    admission = here.keys.pass_of(visit(request).browser)
    response.headers.append("Set-Cookie", cookie(request, here.keys.admission, admission, seconds=A_MONTH))
    return response


def _next(path: str) -> str:
    """Where one wanted to go, if that is a page of this site."""
    return path if _HERE.fullmatch(path) else "/"


routes = [
    Route("/login", page),
    Route("/login", enter, methods=["POST"]),
    Route("/logout", leave, methods=["POST"]),
]
