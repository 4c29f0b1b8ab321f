"""What there is to say about a family: its words, levels, parameters, and the mistakes that it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .errors import ParameterError
from .family import Entry

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

    def to_json(self) -> dict[str, Any]:
        return summary(self.entry) | {
            "explanation": self.entry.doc,
            "parameters": [
                {"name": each.name, "about": each.about, "takes": each.describe(), "required": each.required}
                for each in self.parameters
            ],
            "mistakes": [{"name": name, "why": why} for name, why in self.mistakes],
            "example": self.example,
        }


def describe(entry: Entry) -> Description:
    """Everything about a family. The mistakes are those of some draws at each level, the same ones every time."""
    from . import code, parameters  # late, so that a list of all families need not wait for it

    return Description(
        entry=entry,
        parameters=tuple(parameters.of(entry.cls).values()),
        mistakes=tuple(_mistakes(entry).items()),
        example=str(code.make(entry, min(2, len(entry.levels)), "k7q3m9")),
    )


def _mistakes(entry: Entry) -> dict[str, str]:
    from quizgen_solvers import ExactError

    from .draw import raw
    from .rng import Rng

    found: dict[str, str] = {}
    for level in entry.levels:
        rng = Rng(f"mistakes of {entry.name}/{level}")
        for _ in range(LOOKS):
            try:
                instance = raw(entry, rng, level)
                for mistake in instance.mistakes(instance.solve()):
                    found.setdefault(mistake.name, mistake.why)
            except (ParameterError, ExactError):  # a draw that is drawn again when it is to be asked
                continue
    return found


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
