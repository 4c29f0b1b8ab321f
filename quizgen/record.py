"""Reading the JSON of a question: what is accepted is a whole question, and anything else is one line that says why.

A record may come from another machine or another program, so nothing in it is taken on trust: texts are texts, answers
have the shape of their kind and of the work, and the right answer is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quizgen_solvers import ExactError, Work
from quizgen_solvers.exact import bits, fmpq, rational

from . import targets
from .answers import Table, kind_from_json
from .answers.reader import BITS
from .code import malformed
from .errors import InputError, QuizgenError, shown
from .figures import figure_from_json
from .marking import fits
from .question import FORMAT, Question, QuestionPart, WrongWay
from .verify.provenance import Provenance

MOST_ITEMS = 500
"""Parts, mistakes, or cells of a table."""


def question_from_json(data: Any) -> Question:
    """The question that `Question.to_json` wrote; raises `InputError` where the data is none."""
    try:
        return _question(data)
    except InputError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, ExactError, QuizgenError) as problem:
        raise InputError(f"this is not the record of a question: {type(problem).__name__}: {problem}") from problem


def _question(data: Mapping[str, Any]) -> Question:
    if data["format"] != FORMAT:
        raise InputError(f"this question is of format {shown(data['format'])}, and this quizgen reads format {FORMAT}")
    code = _text(data, "code")
    if code and malformed(code):
        raise InputError(f"this is not the record of a question: {shown(code)} is no question code")
    work = Work.from_json(data["work"])
    order = work.quantities()
    ways = tuple(
        WrongWay(_text(m, "name"), _text(m, "why"), tuple(value_from_json(v) for v in _list(m, "answers")))
        for m in _list(data, "mistakes")
    )
    if any(len(way.values) != len(_list(data, "parts")) for way in ways):
        raise InputError("this is not the record of a question: a mistake has an answer for each part")
    parts = tuple(_part(p, i, code, ways) for i, p in enumerate(_list(data, "parts")))
    answered_by = tuple(tuple(order[_count(i)] for i in _list(p, "quantities")) for p in data["parts"])
    for part, answers in zip(parts, answered_by, strict=True):
        _check(part, answers)
    if not isinstance(data["parameters"], Mapping) or not _is_plain(list(data["parameters"].items())):
        raise InputError(f"this is not the record of a question: its parameters are {shown(data['parameters'])}")
    return Question(
        code=code,
        family=_text(data, "family"),
        level=_count(data["level"]),
        title=_text(data, "title"),
        parts=parts,
        work=work,
        provenance=None if data["provenance"] is None else Provenance.from_json(data["provenance"]),
        recorded={
            "parameters": data["parameters"],
            "statement": _text(data, "statement"),
            "program": _text(data, "program"),
            "figures": {str(name): figure_from_json(figure) for name, figure in data["figures"].items()},
        },
        answered_by=answered_by,
    )


def _part(data: Mapping[str, Any], index: int, code: str, ways: tuple[WrongWay, ...]) -> QuestionPart:
    tolerance = _number(data["tolerance"])
    if tolerance < 0:
        raise InputError(f"this is not the record of a question: a tolerance of {shown(data['tolerance'])}")
    return QuestionPart(
        words=_text(data, "prompt"),
        kind=kind_from_json(data["kind"]),
        points=_count(data["points"]),
        centre=value_from_json(data["answer"]),
        tolerance=tolerance,
        also=tuple(value_from_json(x) for x in _list(data, "also")),
        wrong=ways,
        index=index,
        code=code,
    )


def _check(part: QuestionPart, answers: Sequence[Any]) -> None:
    """Raises where the answers of a part don't go together with each other, its kind or its work."""
    values = [part.centre, *part.also, *(v for way in part.wrong if (v := way.values[part.index]) is not None)]
    for value in values:
        if isinstance(value, frozenset) and not all(n < len(part.options) for n in value):
            raise InputError(f"this is not the record of a question: it has no option {max(value)}")
        part.kind.show(value)
        part.kind.latex(value)
        part.kind.grade(value, part.target, part.also_targets)
        part.kind.grade(part.centre, targets.accepted(part.kind, value, part.tolerance))
    if part.kind.grade(part.kind.read(part.answer), part.target).credit != 1:
        raise InputError(f"this is not the record of a question: its own answer {shown(part.answer)} is not right")
    cells = [x for row in part.centre for x in row] if isinstance(part.kind, Table) else [part.centre]
    if isinstance(part.centre, (frozenset, str)):
        cells = []
    if len(cells) != len(answers) or not all(fits(q.value, x) for q, x in zip(answers, cells, strict=True)):
        raise InputError("this is not the record of a question: an answer is not that of its work")


def _is_plain(x: Any) -> bool:
    """Whether it is what parameters are written as: whole numbers, texts, yes or no, and lists of these."""
    return all(map(_is_plain, x)) if isinstance(x, (list, tuple)) else type(x) in (int, bool, str)


def _text(data: Mapping[str, Any], key: str) -> str:
    found = data[key]
    if not isinstance(found, str):
        raise InputError(f"this is not the record of a question: its {key} is {shown(found)}, which is no text")
    found.encode()  # half a character, which no file can hold, is an error
    return found


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    found = data[key]
    if not isinstance(found, list) or len(found) > MOST_ITEMS:
        raise InputError(f"this is not the record of a question: its {key} are {shown(found)}, which is no list")
    return found


def _count(x: Any) -> int:
    if type(x) is not int or not 0 <= x < 10**6:
        raise InputError(f"this is not the record of a question: {shown(x)} stands where a number from 0 belongs")
    return x


def value_from_json(data: Any) -> Any:
    """Nested rationals, option numbers or text, as `quizgen.question.value_to_json` wrote them."""
    if data is None:
        return None
    if isinstance(data, dict):
        return frozenset(map(_count, data["options"])) if "options" in data else _text(data, "expression")
    if isinstance(data, list):
        return tuple(value_from_json(x) for x in data)
    return _number(data)


def _number(data: Any) -> fmpq:
    x = rational(data)
    if bits(x) > BITS:
        raise InputError(f"this is not the record of a question: {shown(data)} would fill a page with digits")
    return x
