"""What there is to say about a family: its words, levels, parameters, and the mistakes that it knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .errors import ParameterError
from .family import Entry, Mistake

if TYPE_CHECKING:
    from .parameters import Parameter
    from .question import Question

LOOKS = 40
"""How many draws of a level are looked at for the mistakes that are possible there."""


@dataclass(frozen=True)
class Description:
    """A family as `quizgen explain` prints it."""

    entry: Entry
    parameters: tuple[Parameter, ...]
    mistakes: tuple[tuple[str, str], ...]
    """Names, each with what to look at, in the order in which the levels bring them up."""
    example: str
    """The code of a question."""
    given: tuple[str, ...]
    """Parameters that can be worked out, as ``name=value``: those that have no default."""

    def to_json(self) -> dict[str, Any]:
        return summary(self.entry) | {
            "explanation": self.entry.doc,
            "parameters": [
                {"name": each.name, "about": each.about, "takes": each.describe(), "required": each.required}
                for each in self.parameters
            ],
            "mistakes": [{"name": name, "why": why} for name, why in self.mistakes],
            "example": self.example,
            "given": list(self.given),
        }


def describe(entry: Entry) -> Description:
    """Everything about a family. What comes from draws comes from the same ones every time."""
    from . import code, parameters  # late, so that a list of all families need not wait for it

    known = tuple(parameters.of(entry.cls).values())
    mistakes: dict[str, str] = {}
    given: tuple[str, ...] = ()
    for instance, found in _looks(entry):
        for mistake in found:
            mistakes.setdefault(mistake.name, mistake.why)
        given = given or _given(entry, instance)
    example = str(code.make(entry, min(2, len(entry.levels)), "k7q3m9"))
    return Description(entry, known, tuple(mistakes.items()), example, given)


def _given(entry: Entry, instance: Any) -> tuple[str, ...]:
    """What one types to work this parameter set out: the parameters that must be given, if these go together."""
    from . import parameters

    spelled = {name: parameters.text(getattr(instance, name)) for name in parameters.of(entry.cls)}
    needed = {name: text for name, text in spelled.items() if parameters.of(entry.cls)[name].required}
    try:
        parameters.from_text(entry, needed)
    except ParameterError:
        needed = spelled
    return tuple(f"{name}={text}" for name, text in needed.items())


def _looks(entry: Entry) -> Iterator[tuple[Any, Sequence[Mistake]]]:
    """Some parameter sets of each level, with the mistakes that are possible with them."""
    from quizgen_solvers import ExactError

    from .draw import raw
    from .rng import Rng

    for level in entry.levels:
        rng = Rng(f"mistakes of {entry.name}/{level}")
        for _ in range(LOOKS):
            try:
                instance = raw(entry, rng, level)
                found = instance.mistakes(instance.solve())
            except (ParameterError, ExactError):  # a draw that is drawn again when it is to be asked
                continue
            yield instance, found


def summary(entry: Entry) -> dict[str, Any]:
    """A family in a list, as plain data."""
    return {
        "family": entry.name,
        "topic": entry.topic,
        "title": entry.title,
        "version": entry.version,
        "levels": [
            {"level": level, "asks": asks, "questions": entry.spaces.get(level)} for level, asks in entry.levels.items()
        ],
    }


def checked(questions: Sequence[Question]) -> str:
    """What a run said of all these questions together, in one line; that they were not checked where one was not."""
    runs = [question.provenance for question in questions]
    known = [run for run in runs if run is not None]
    if not known or len(known) < len(runs):
        return "not checked: nothing of this was reproduced by PyTorch"
    agreed, parts = sum(run.agreed for run in known), sum(run.parts for run in known)
    return replace(known[0], agreed=agreed, parts=parts, worst=max(run.worst for run in known)).line()
