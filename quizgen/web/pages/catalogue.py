"""Every family by topic, and a page for each: what it asks, its formula and source, the mistakes that it knows, and a
question of each level, always the same one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quizgen import code as codes
from quizgen import family as families
from quizgen.describe import Description, describe
from quizgen.errors import UnknownFamily, VerifyError
from quizgen.render.html_markup import inline

from .. import problems, views
from ..respond import go, practice, render, site
from ..waiting import Later, patient
from .practice import later, waiting

if TYPE_CHECKING:
    from quizgen.family import Entry
    from quizgen.question import Question
    from quizgen.render.html_views import QuestionView

SEED = "k7q3m9"


def page(request: Request) -> Response:
    """All families."""
    return render(request, "catalogue.html.j2", entries=practice(request).entries)


def family(request: Request) -> Response | Later:
    """One family, once PyTorch has reproduced its samples."""
    name = request.path_params["family"]
    if any(entry.topic == name for entry in practice(request).entries):
        return go(request, f"/catalogue#{name}")
    if name not in {entry.name for entry in practice(request).entries}:
        raise UnknownFamily.among(name, [entry.name for entry in practice(request).entries], "the catalogue has all")
    entry = families.find(name)
    here, key = site(request), f"samples {name}"
    found = [question for code in _codes(entry) if (question := here.checked.get(code)) is not None]
    if len(found) == len(_codes(entry)):
        return _show(request, entry, found)
    job = here.jobs.start(key, lambda: _checked(request, entry))

    def then() -> Response:
        if not job.done():
            return waiting(request, request.url.path)
        try:
            return _show(request, entry, here.jobs.finished(key, job).result())
        except VerifyError as error:
            number = problems.logged(request, error)
            line = f"PyTorch could not check the samples just now, so none is shown (error {number})."
            return _show(request, entry, [], line)

    return later(request, job, then)


def _show(request: Request, entry: Entry, samples: Sequence[Question], problem: str = "") -> Response:
    return render(
        request,
        "family.html.j2",
        told=told(entry.name),
        entry=entry,
        about=paragraphs(entry.doc),
        samples=[_sample(question) for question in samples],
        problem=problem,
        inline=inline,
    )


def paragraphs(doc: str) -> list[tuple[bool, str]]:
    """What a family says of itself, after its title: each paragraph, and whether its lines stay as they are."""
    found = []
    for paragraph in doc.split("\n\n")[1:]:
        lines = paragraph.strip("\n").split("\n")
        kept = all(line.startswith(" ") for line in lines)
        indent = min((len(line) - len(line.lstrip()) for line in lines), default=0)
        found.append((kept, "\n".join(line[indent:] for line in lines) if kept else " ".join(map(str.strip, lines))))
    return found


def _codes(entry: Entry) -> list[str]:
    return [str(codes.make(entry, level, SEED)) for level in entry.levels]


def _checked(request: Request, entry: Entry) -> list[Question]:
    here = site(request)
    checked = here.practice.stock.verify([here.practice.question(code) for code in _codes(entry)])
    for question in checked:
        here.checked.put(question.code, question)
    return checked


def _sample(question: Question) -> QuestionView:
    return views.asked(question, f"level-{question.level}")


@lru_cache(maxsize=256)
def told(name: str) -> Description:
    """Everything about a family, worked out once."""
    return describe(families.find(name))


routes = [Route("/catalogue", page), Route("/catalogue/{family}", patient(family))]
