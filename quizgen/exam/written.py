"""Questions that were written by hand: words in the small markup, and an answer as one types it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator

from quizgen.answers import NAMES as KINDS
from quizgen.answers import Kind, kind_from_json
from quizgen.answers import Table as TableKind
from quizgen.errors import QuizgenError
from quizgen.question import Question, QuestionPart, WrongWay, array_of, last_unit
from quizgen.targets import accepted
from quizgen.wording import listed
from quizgen_solvers import Work
from quizgen_solvers.exact import fmpq, rounded

from . import fields
from .fields import Inline, Line, Raw, Table, Wrong
from .model import HALF
from .reading import Path_, Spelled

GOES_WITH = {
    "decimals": ("number", "vector", "matrix", "table"),
    "tolerance": ("number", "vector", "matrix", "table"),
    "options": ("choice", "choices"),
    "variables": ("expression",),
    "columns": ("table",),
    "kinds": ("table",),
    "rows": ("table",),
}
"""The kinds of answers that a key says more about."""

MOST_ITEMS = 100
"""How long a list is at most: of options, of rows, of mistakes."""


def _lines(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ITEMS:
        raise fields.takes("a list of texts", value)
    found = tuple(map(fields.inline, value))
    if len(set(found)) < len(found):
        raise ValueError(f"has the same text twice: {fields.given(value)}")
    return found


def _kinds(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ITEMS:
        raise fields.takes("the kind of each column", value)
    return tuple(map(fields.one_of(*(name for name in KINDS if name in _OF_A_COLUMN)), value))


def _answers(value: object) -> tuple[Any, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ITEMS:
        raise fields.takes("a list of answers", value)
    return tuple(value)


_OF_A_COLUMN = ("integer", "number", "shape", "vector")
Lines = Annotated[tuple[str, ...], PlainValidator(_lines)]


class Mistake(Table):
    """A wrong answer that is expected, its name, and a sentence that says what to look at."""

    answer: Raw
    name: Line
    why: Inline


class Answered(Table):
    """An answer: as one types it, its kind, and what there is to say of that kind."""

    kind: Annotated[str, PlainValidator(fields.one_of(*KINDS))] | None = None
    answer: Raw = None
    decimals: Annotated[int, PlainValidator(fields.whole(0, 12))] | None = None
    tolerance: Annotated[fmpq, PlainValidator(fields.between(0, 10**6, "(how far off is right too)"))] | None = None
    also: Annotated[tuple[Any, ...], PlainValidator(_answers)] = ()
    options: Lines = ()
    variables: Lines = ()
    columns: Lines = ()
    kinds: Annotated[tuple[str, ...], PlainValidator(_kinds)] = ()
    rows: Lines = ()
    mistakes: Annotated[tuple[Mistake, ...], Field(max_length=MOST_ITEMS)] = ()


class WrittenPart(Answered):
    """One of several things that are asked."""

    stand_in: ClassVar[dict[str, Any]] = {"text": "-", "answer": 1}
    bound = frozenset({"answer", *GOES_WITH, "kind", "also", "mistakes"})

    text: Inline


def question(title: str, statement: str, parts: Sequence[tuple[Path_, str, Answered]], solution: str) -> Question:
    """The question that was written: of each part the path to it in the blueprint, its words, and its answer.

    It has no code, no family and no source. Raises `Wrong` for an answer that its kind can't read, and for what does
    not go together.
    """
    work = Work()
    found = [_found(path, answered) for path, _, answered in parts]
    ways = tuple(
        WrongWay(mistake.name, mistake.why, tuple(wrong if other == place else None for other in range(len(parts))))
        for place, (_, _, answered) in enumerate(parts)
        for mistake, wrong in zip(answered.mistakes, found[place].wrong, strict=True)
    )
    return Question(
        code="",
        family="",
        level=0,
        title=title,
        parts=tuple(
            QuestionPart(words, each.kind, 1, each.centre, each.tolerance, each.also, ways, place)
            for place, ((_, words, _), each) in enumerate(zip(parts, found, strict=True))
        ),
        work=work,
        recorded={"parameters": {}, "statement": statement, "program": "", "figures": {}, "solution": solution},
        answered_by=tuple(tuple(work.let(r"\text{answer}", x) for x in _quantities(each)) for each in found),
    )


def solution(question: Question) -> str:
    """The solution of a question that was written by hand (small markup); nothing for one of a family."""
    return str(question.recorded.get("solution", "")) if question.source is None else ""


@dataclass(frozen=True)
class _Found:
    """What is right and what is wrong for one part, as values of its kind."""

    kind: Kind
    centre: Any
    tolerance: fmpq
    also: tuple[Any, ...]
    wrong: tuple[Any, ...]


def _found(path: Path_, answered: Answered) -> _Found:
    kind = _kind(path, answered)
    if answered.answer is None:
        raise Wrong((*path, "answer"), f"is missing: give {kind.hint()}")
    tolerance = answered.tolerance
    if tolerance is None:
        tolerance = last_unit(kind) * HALF  # what rounding to the last decimal may have taken
    centre = _value((*path, "answer"), kind, answered.answer)
    also = tuple(_value((*path, "also"), kind, each) for each in answered.also)
    wrong = []
    target = accepted(kind, centre, tolerance)
    if kind.grade(kind.read(kind.show(centre)), target).credit != 1:
        raise Wrong((*path, "answer"), f"{fields.given(answered.answer)} can't be compared with what is typed")
    others = [accepted(kind, each, tolerance) for each in also]
    for place, mistake in enumerate(answered.mistakes):
        where = (*path, "mistakes", place, "answer")
        wrong.append(_value(where, kind, mistake.answer))
        if kind.grade(wrong[-1], target, others).credit == 1:
            raise Wrong(where, f"{fields.given(mistake.answer)} is right, so it is no mistake")
    return _Found(kind, centre, tolerance, also, tuple(wrong))


def _kind(path: Path_, answered: Answered) -> Kind:
    """The kind that was named, or the one that goes without saying: a choice where there are options, else a number."""
    usual = ("choices" if isinstance(answered.answer, list) else "choice") if answered.options else "number"
    name = answered.kind or usual
    for key, kinds in GOES_WITH.items():
        if key in answered.model_fields_set and name not in kinds:
            raise Wrong((*path, key), f"goes with an answer of kind {_either(kinds)}, and this one is of kind {name}")
    lacks = [key for key in ("options", "columns", "kinds", "rows") if name in GOES_WITH[key]]
    for key in lacks:
        if not getattr(answered, key):
            raise Wrong((*path, key), f"is missing: an answer of kind {name} has {listed(lacks)}")
    data: dict[str, Any] = {"kind": name, "decimals": answered.decimals}
    data |= {key: list(getattr(answered, key)) for key in ("options", "variables", "columns", "rows")}
    data["kinds"] = [{"kind": each, "decimals": answered.decimals} for each in answered.kinds]
    try:
        return kind_from_json(data)
    except (QuizgenError, ValueError) as problem:
        raise Wrong((*path, lacks[0] if lacks else "variables"), str(problem)) from None


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _value(path: Path_, kind: Kind, answer: object) -> Any:
    """An answer as the kind reads it, rounded to the decimals that are asked for."""
    try:
        text = _typed(answer, kind.name)
        value: Any = kind.read(text)
        if not isinstance(kind, TableKind):
            return text if kind.name == "expression" else _as_asked(value, kind)
        if len(value) != len(kind.rows) or any(cell is None for row in value for cell in row):
            raise fields.takes(f"a cell for each column of {len(kind.rows)} rows", answer)
        return tuple(tuple(map(_as_asked, row, kind.kinds)) for row in value)
    except (QuizgenError, ValueError) as problem:
        raise Wrong(path, str(problem)) from None


def _as_asked(value: Any, kind: Kind) -> Any:
    if isinstance(value, tuple):
        return tuple(_as_asked(x, kind) for x in value)
    if kind.name == "integer" and value.q != 1:
        raise fields.takes("a whole number where the kind is integer", fields.plain(value))
    decimals = getattr(kind, "decimals", None)
    return value if decimals is None else rounded(value, decimals)


def _typed(answer: object, kind: str) -> str:
    """An answer of TOML as a person would type it."""
    if isinstance(answer, str):
        return answer
    if type(answer) in (int, Spelled):
        return str(answer).replace("_", "")
    if isinstance(answer, list) and answer:
        inner = [_typed(each, "" if kind == "choices" else "list") for each in answer]
        match kind:
            case "choices":
                return ", ".join(inner)
            case "table":
                return "\n".join(
                    " | ".join(_typed(cell, "list") for cell in row) if isinstance(row, list) else _typed(row, "list")
                    for row in answer
                )
            case "list" | "shape" | "vector" | "matrix":
                return f"[{', '.join(inner)}]"
    raise fields.takes(f"an answer of kind {kind}", answer)


def _quantities(found: _Found) -> list[Any]:
    """The values that are quantities of the work, in reading order."""
    if isinstance(found.centre, (frozenset, str)):
        return []
    cells = [x for row in found.centre for x in row] if isinstance(found.kind, TableKind) else [found.centre]
    return [array_of(x) for x in cells]
