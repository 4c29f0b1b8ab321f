"""What a person is told when something goes wrong: one line, without internals; those are in the log, under an id."""

from __future__ import annotations

import logging
import os
import secrets
import traceback
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from quizgen.errors import (
    BadCode,
    ParameterError,
    PluginError,
    QuizgenError,
    Stale,
    StoreBusy,
    StoreError,
    Unavailable,
    UnknownName,
    Unreadable,
    UsageError,
    VerifyError,
    one_line,
    shown,
)
from quizgen.wording import sentence

from .respond import render

log = logging.getLogger("quizgen.web")

SAID = (BadCode, ParameterError, Stale, UnknownName, Unreadable)
"""Errors whose line is the asker's business, as a plain `UsageError` is. Other lines may name files of this machine."""


@dataclass
class Refused(Exception):
    """A request that is not answered, with what the one who made it is told."""

    status: int
    line: str
    headers: dict[str, str] = field(default_factory=dict)


def too_many(wait: float) -> Refused:
    """Too much was asked for at once."""
    seconds = max(1, int(wait + 1))
    line = f"That was a lot at once. Try again in {seconds} second{'s' * (seconds != 1)}; nothing was lost."
    return Refused(429, line, {"Retry-After": str(seconds)})


def page(request: Request, problem: Exception) -> Response:
    """The page for an error."""
    found = refused(request, problem)
    response = render(request, "error.html.j2", number=found.status, line=found.line)
    response.status_code = found.status  # of a piece too: it is not what was asked for
    response.headers.update(found.headers)
    return response


def refused(request: Request, problem: Exception) -> Refused:
    """What to tell of an error; logs the ones that are ours."""
    match problem:
        case Refused():
            return problem
        case HTTPException(status_code=404):
            return Refused(404, "There is no such page.")
        case HTTPException():
            return Refused(
                problem.status_code, f"{HTTPStatus(problem.status_code).phrase}.", dict(problem.headers or {})
            )
        case StoreBusy():
            line = "The database is busy. Nothing was lost: try again in a moment."
            return Refused(503, f"{line} (error {logged(request, problem)})", {"Retry-After": "2"})
        case Unavailable():
            line = "PyTorch is missing on the server, and no question is asked that it has not checked."
            return Refused(503, f"{line} (error {logged(request, problem)})")
        case VerifyError():
            line = "This question could not be checked, so it is not asked. Take another one."
            return Refused(500, f"{line} (error {logged(request, problem)})")
        case StoreError():
            line = "The database can't be used just now. What was answered before is kept."
            return Refused(503, f"{line} (error {logged(request, problem)})", {"Retry-After": "30"})
        case UnknownName():
            return Refused(404, sentence(problem.bare))
        case BadCode():
            return Refused(404, sentence(problem.message))
    if isinstance(problem, SAID) or type(problem) is UsageError:
        return Refused(409 if isinstance(problem, Stale) else 400, str(problem))
    line = "Something went wrong here, and it was written down. What was answered before is kept."
    return Refused(500, f"{line} (error {logged(request, problem)})")


def logged(request: Request, problem: Exception) -> str:
    """Writes one line about an error into the log, and returns the id that it bears there."""
    number = secrets.token_hex(4)
    said = f"{type(problem).__name__}: {shown(str(problem), 300)}"
    if not isinstance(problem, QuizgenError) or isinstance(problem, PluginError):
        said += _place(problem)
    log.error(one_line(f"error {number}: {request.method} {request.url.path}: {said}"))
    if os.environ.get("QUIZGEN_DEBUG") == "1":
        log.error("".join(traceback.format_exception(problem)))
    return number


def _place(problem: Exception) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    return f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
