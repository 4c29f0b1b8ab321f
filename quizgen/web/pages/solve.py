"""One's own numbers, worked line by line and reproduced by PyTorch. The numbers stand in the address: it can be passed
on, and loading it again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quizgen import family as families
from quizgen import parameters
from quizgen.api import solve_parameters
from quizgen.errors import SolveError, UnknownFamily
from quizgen.wording import capital, sentence

from .. import views
from ..respond import practice, render, site, visit
from ..waiting import Later, patient
from .catalogue import told
from .practice import later, waiting

if TYPE_CHECKING:
    from quizgen.family import Entry
    from quizgen.parameters import Parameter


@dataclass(frozen=True)
class Field:
    """A parameter as the form shows it."""

    parameter: Parameter
    value: str
    problem: str

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def about(self) -> str:
        return capital(self.parameter.about or self.name.replace("_", " "))

    @property
    def help(self) -> str:
        """What may stand here; nothing where the problem has just said so."""
        if self.options:
            return "" if self.parameter.required else f"{parameters.text(self.parameter.default)} unless chosen"
        takes = self.parameter.describe()
        return "" if takes in self.problem else takes

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen; empty where it is typed."""
        kind = self.parameter.type
        if kind is bool:
            return ("yes", "no")
        return tuple(map(str, get_args(kind))) if get_origin(kind) is Literal else ()


def index(request: Request) -> Response:
    """All families."""
    return render(request, "solve.html.j2", entries=practice(request).entries)


def page(request: Request) -> Response | Later:
    """The form of a family's parameters; with numbers, what comes of them."""
    entry = _entry(request)
    sent = visit(request).fields
    given = {name: text for name in parameters.of(entry.cls) if (text := sent.text(name))}
    if not sent.pairs:
        return _show(request, entry, dict(pair.split("=", 1) for pair in told(entry.name).given), {})
    problems = parameters.problems(entry, given)
    if problems:
        return _show(request, entry, given, problems)
    instance = parameters.from_text(entry, given)
    name = f"{entry.name} {json.dumps(parameters.to_json(instance))}"
    here, key = site(request), f"solve {name}"
    if (question := here.checked.get(name)) is not None:
        return _show(request, entry, given, {}, view=views.asked(question, "own"))
    try:
        drawn = solve_parameters(instance, verify=False)
    except SolveError as problem:
        return _show(request, entry, given, {"": problem.message})
    job = here.jobs.start(key, lambda: here.practice.stock.verify([drawn])[0])

    def then() -> Response:
        if not job.done():
            return waiting(request, f"{request.url.path}?{request.url.query}")
        question = here.jobs.finished(key, job).result()
        here.checked.put(name, question)
        return _show(request, entry, given, {}, view=views.asked(question, "own"))

    return later(request, job, then)


def _entry(request: Request) -> Entry:
    name = request.path_params["family"]
    known = [entry.name for entry in practice(request).entries]
    if name not in known:
        raise UnknownFamily.among(name, known, "the catalogue has all")
    return families.find(name)


def _show(
    request: Request, entry: Entry, given: Mapping[str, str], problems: Mapping[str, str], **context: Any
) -> Response:
    fields = [
        Field(parameter, given.get(name, ""), _said(entry, parameter, problems.get(name, ""), given))
        for name, parameter in parameters.of(entry.cls).items()
    ]
    return render(
        request,
        "solve_family.html.j2",
        status=422 if problems else 200,
        entry=entry,
        fields=fields,
        problem=sentence(problems[""].removeprefix(f"{entry.name}: ")) if "" in problems else "",
        **{"view": None} | context,
    )


def _said(entry: Entry, parameter: Parameter, problem: str, given: Mapping[str, str]) -> str:
    """A problem as it stands beside its field."""
    if problem and parameter.name not in given:
        return "This is needed."
    return sentence(problem.removeprefix(f"{entry.name}: ")) if problem else ""


routes = [Route("/solve", index), Route("/solve/{family}", patient(page))]
