"""What each kind of answer becomes on each platform: one table, which the formats obey and the command prints.

A row is a kind of answer, a column a format. What a format can't carry says why, and is said to the person before
anything is written. What depends on the values of an answer (a fraction where only decimals are read) is the format's
own `obstacle`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from flint import fmpq

from quizgen.errors import UnknownFormat

if TYPE_CHECKING:
    from quizgen.question import QuestionPart

__all__ = ["KINDS", "TABLE", "Cell", "Way", "as_choice", "cell", "described", "own_choice", "way_of"]


class Way(Enum):
    """How an answer travels."""

    NUMBER = "one numeric field"
    FIELDS = "a numeric field for each entry"
    TEXT = "short text, compared letter by letter"
    ONE = "multiple choice, one is right"
    SEVERAL = "multiple choice, several are right"
    FORMULA = "a formula, compared by its values"
    SHOWN = "shown on the back; the learner marks herself"
    READ = "read and marked as quizgen reads it"
    DATA = "as data"
    NO = "not carried"


@dataclass(frozen=True, slots=True)
class Cell:
    """How a kind of answer travels in a format, and what is to be known of that: for `Way.NO`, why it doesn't."""

    way: Way
    words: str = ""

    def __str__(self) -> str:
        if self.way is Way.NO:
            return f"no: {self.words}"
        return f"{self.way.value}; {self.words}" if self.words else self.way.value


KINDS = ("integer", "number", "shape", "vector", "matrix", "table", "expression", "choice", "choices")

_NUMBER = Cell(Way.NUMBER)
_EXACT = "an exact answer must be a decimal, and no fraction"
_DECIMAL = Cell(Way.NUMBER, _EXACT)
_FIELDS = Cell(Way.FIELDS, _EXACT)
_SIDES = Cell(Way.FIELDS, "so the number of dimensions is seen, and each counts")
_ONE, _SEVERAL = Cell(Way.ONE), Cell(Way.SEVERAL)
_SHOWN, _READ, _DATA = Cell(Way.SHOWN), Cell(Way.READ), Cell(Way.DATA)
_BLANK = "a blank for each entry"
_BLANKS = Cell(Way.TEXT, f"{_BLANK}; multiple choice where not all numbers are whole, for blanks have no tolerance")
_TOLD_TOGETHER = "what is known of wrong answers is told together: a wrong number has no feedback of its own"
_NO_FORMULA = Cell(Way.NO, "it has no field for formulas")
_INSTEAD = Cell(Way.ONE, "the answer and its named mistakes: it has one field a question")


def _fields(**others: Cell) -> dict[str, Cell]:
    """A format with numeric fields that have a tolerance, any number of them in a question."""
    usual = {
        "integer": _NUMBER,
        "number": _DECIMAL,
        "shape": _SIDES,
        "vector": _FIELDS,
        "matrix": _FIELDS,
        "table": _FIELDS,
        "expression": _NO_FORMULA,
        "choice": _ONE,
        "choices": _SEVERAL,
    }
    return usual | others


TABLE: dict[str, dict[str, Cell]] = {
    "moodle": _fields(choices=Cell(Way.SEVERAL, "1 to 10 right options")),
    "canvas": _fields(
        integer=Cell(Way.NUMBER, _TOLD_TOGETHER),
        number=Cell(Way.NUMBER, f"{_EXACT}, and 4 decimals are kept; {_TOLD_TOGETHER}"),
        shape=Cell(Way.TEXT, _BLANK),
        vector=_BLANKS,
        matrix=_BLANKS,
        table=Cell(Way.TEXT, f"{_BLANK}, of whole numbers only, for blanks have no tolerance"),
    ),
    "qti21": _fields(),
    "qti30": _fields(),
    "gift": _fields(
        shape=Cell(Way.TEXT, "in the usual spellings"),
        vector=_INSTEAD,
        matrix=_INSTEAD,
        table=Cell(Way.FIELDS, "each cell becomes a question of its own, of a number or a shape"),
        choices=Cell(Way.SEVERAL, "1 to 10 right options"),
    ),
    "anki": dict.fromkeys(KINDS, _SHOWN),
    "prairielearn": _fields(
        number=_NUMBER,
        vector=Cell(Way.FIELDS),
        matrix=Cell(Way.FIELDS),
        table=Cell(Way.FIELDS),
        expression=Cell(Way.FORMULA, "without sigmoid and relu"),
    ),
    "jupyter": dict.fromkeys(KINDS, _READ)
    | {"expression": Cell(Way.READ, "where quizgen is installed; elsewhere the cell says so")},
    "jsonl": dict.fromkeys(KINDS, _DATA),
}
"""Format, then kind of answer, then how that travels."""


def cell(kind: str, form: str) -> Cell:
    """How a kind of answer travels in a format. Raises `UnknownFormat`."""
    if form not in TABLE:
        raise UnknownFormat.among(form, TABLE)
    return TABLE[form].get(kind, Cell(Way.NO, f"nobody has said what becomes of {kind}"))


def own_choice(part: QuestionPart) -> bool:
    """Whether a part is multiple choice by itself."""
    return part.kind.name in ("choice", "choices")


def as_choice(part: QuestionPart) -> bool:
    """Whether a part can be asked as multiple choice: it is one, or its answer has a named mistake beside it."""
    return own_choice(part) or (part.kind.name != "table" and len(part.options) > 1)


def way_of(part: QuestionPart, form: str, choices: bool = False) -> Cell:
    """How this part travels. With ``choices``, as multiple choice wherever it can be one and the format marks."""
    usual = cell(part.kind.name, form)
    wanted = choices and usual.way not in (Way.SHOWN, Way.DATA)
    needed = usual.way is Way.TEXT and not _whole(part)
    if (wanted or needed) and not own_choice(part) and as_choice(part):
        return Cell(Way.ONE, "the answer and its named mistakes")
    return usual


def _whole(part: QuestionPart) -> bool:
    """Whether every number of the answer is whole, and asked for exactly."""

    def whole(value: Any) -> bool:
        return all(map(whole, value)) if isinstance(value, tuple) else value.__class__ is fmpq and value.q == 1

    return part.tolerance == 0 and all(map(whole, (part.centre, *part.also)))


def described(form: str) -> dict[str, str]:
    """What becomes of each kind of answer in a format. Raises `UnknownFormat`."""
    return {kind: str(cell(kind, form)) for kind in KINDS}
