"""The application: what a site is made of, and where its pages are."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from anyio import CapacityLimiter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from quizgen.practice.recent import Recent
from quizgen.practice.said import lasting
from quizgen.question import two_decimals
from quizgen.render.templates import templates
from quizgen.wording import capital

from . import login, pages, static_files, views
from .keys import Keys
from .limits import Limits
from .respond import site
from .security import Guard
from .settings import Settings
from .static_files import Static
from .waiting import Jobs

if TYPE_CHECKING:
    from quizgen.practice.session import Practice
    from quizgen.question import Question
    from quizgen.render.html_views import QuestionView

KEPT = 512
SLOW = 4
"""How much slow work, such as printing sheets, is done at once."""


@dataclass(frozen=True)
class Site:
    """What every page may use."""

    practice: Practice
    settings: Settings
    keys: Keys
    templates: Environment
    static: Static = field(default_factory=static_files.files)
    limits: Limits = field(default_factory=Limits)
    jobs: Jobs = field(default_factory=Jobs)
    slow: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(SLOW))
    checked: Recent[Question] = field(default_factory=lambda: Recent(KEPT))
    """Questions that PyTorch has reproduced here, by their codes: a link that a class shares is checked once."""
    views: Recent[QuestionView] = field(default_factory=lambda: Recent(KEPT))
    """The words of questions that are being worked on, by their items: each learner's are her own."""


def make_app(practice: Practice, settings: Settings | None = None, limits: Limits | None = None) -> Starlette:
    """The practice site over an open database, as an ASGI application. It begins and ends nothing: that is left to
    whoever opened ``practice``."""

    settings = settings or Settings()
    made = Site(
        practice,
        settings,
        Keys(practice.store.secret(), settings.password),
        environment(),
        limits=limits or Limits(),
    )
    routes = [
        Route("/static/{name:path}", static_files.serve),
        Route("/healthz", health),
        *login.routes,
        *page_routes(),
    ]
    app = Starlette(
        routes=routes, middleware=[Middleware(Guard, site=made)], exception_handlers={HTTPException: _raise}
    )
    app.router.redirect_slashes = False
    app.state.site = made
    return app


def page_routes() -> list[Route]:
    """The routes of all pages: being a page is lying in the folder."""
    modules = (import_module(f"{pages.__name__}.{found.name}") for found in pkgutil.iter_modules(pages.__path__))
    return [route for module in modules for route in module.routes]


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of the site, and those of sheets, whose pieces they are made with."""
    made = Environment(
        loader=FileSystemLoader([templates() / "web", templates() / "html"]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(capital=capital, lasting=lasting, points=two_decimals, topic=views.topic)
    return made


async def health(request: Request) -> Response:
    """Whether the site is up, and whether PyTorch is."""
    return JSONResponse({"status": "ok", "pytorch": site(request).practice.stock.state})


def _raise(request: Request, problem: Exception) -> Response:
    """Leaves a missing page to the guard, which answers every error."""
    raise problem
