r"""Questions for PrairieLearn: a folder for each, to be put under ``questions`` of a course.

Every folder holds the same ``question.html`` and ``server.py``; what is asked and what is right stands in
``variants.json``. A question without variants is static (``singleVariant``), so that an exam stays the exam that was
made. One with variants draws: a fresh one through quizgen and a PyTorch run, where both are installed beside
PrairieLearn, else one of those in the folder, which have been checked.

All parts stand in one question, each field with its tolerance and weight; PrairieLearn's elements mark them, and
``server.py`` adds further right answers and says which named mistake an answer comes from.
"""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flint import fmpq

from quizgen.answers import Expression, Target
from quizgen.answers.formula import Apply, Formula
from quizgen.question import decimal_text
from quizgen.wording import listed
from quizgen_solvers.exact import places_needed, rational

from . import Exported
from .capability import Way, own_choice, way_of
from .doubles import double, slack, too_long
from .fields import Field, fields, laid_out, typed, unfit
from .html import CHOSEN, Writer, clean, in_attribute, leading, right_options
from .numbers import points_text, whole_weights
from .packages import identifier
from .templating import asset

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import Question, QuestionPart

NAME = "PrairieLearn"
SUFFIX = ""

_NAMESPACE = uuid.UUID("b7b8e2a4-5a43-5f0f-9a53-2c0f4b1f6d1e")
"""Of the stable identifiers of questions."""

_WHOLE = 2**53 - 1  # the largest whole number that PrairieLearn keeps as one
_FUNCTIONS = frozenset(
    ["add", "sub", "mul", "div", "neg", "pow", "exp", "log", "sqrt", "sin", "cos", "tanh", "abs", "max", "min"]
)
_RESERVED = frozenset(["e", "pi", "i", "j", "infty", "oo", "ln", "sgn", "factorial", "tan", "sec", "csc", "cot"])


def write(questions: Sequence[Exported], title: str, choices: bool = False) -> dict[str, bytes]:
    """The files of the folder. Raises `RenderError` where a formula or figure can't be printed."""
    files: dict[str, bytes] = {}
    names: set[str] = set()
    for exported in questions:
        folder = identifier("question", exported.key)
        about = info(exported, title)
        if about["uuid"] in names:
            about["uuid"] = _uuid(f"{about['uuid']} {exported.key}")
        names.add(about["uuid"])
        made = {
            "info.json": _json(about),
            "variants.json": _json(variants(exported, choices)),
            "question.html": asset("prairielearn/question.html"),
            "server.py": asset("prairielearn/server.py"),
        }
        files |= {f"{folder}/{name}": text.encode() for name, text in made.items()}
    return files


def obstacle(part: QuestionPart, way: Way) -> str:
    """Why a part's values can't travel."""
    if way in CHOSEN:
        return _option_obstacle(part, way)
    if way is Way.FORMULA:
        return _formula_obstacle(part)
    return unfit(part, fractions=True) or _too_large(part) or too_long(part)


def notes(questions: Sequence[Exported], choices: bool) -> Iterator[str]:
    """Points are set in the assessment."""
    worth = [f"{exported.key} ({points_text(sum(exported.points, fmpq(0)))})" for exported in questions]
    yield f"PrairieLearn keeps points in the assessment: set them there: {listed(worth)}"


def fresh(family: str, level: int, seed: int, choices: bool, weights: Sequence[str]) -> dict[str, Any]:
    """A new variant, drawn and checked by a PyTorch run: what ``server.py`` asks for where quizgen is installed.

    ``weights``: the points of the parts. Raises `QuizgenError` where it can't be drawn or checked.
    """
    from quizgen import family as families
    from quizgen.code import make
    from quizgen.draw import draw
    from quizgen.errors import DrawError
    from quizgen.rng import Rng
    from quizgen.verify import verified

    entry = families.find(family)
    (question,) = verified([draw(make(entry, level, Rng(f"prairielearn {seed}").word()))])
    if len(question.parts) != len(weights):
        raise DrawError(f"{question.code} has {len(question.parts)} parts, and points are known for {len(weights)}")
    exported = Exported(question, tuple(map(_points, weights)), "fresh")
    if any(obstacle(part, way_of(part, "prairielearn", choices).way) for part in question.parts):
        raise DrawError(f"{question.code} can't be asked in PrairieLearn")
    return variant(question, exported, choices)


def _points(text: str) -> fmpq:
    top, _, bottom = text.partition("/")
    return fmpq(int(top), int(bottom or 1))


# --- the files ------------------------------------------------------------------------------------------------------


def info(exported: Exported, title: str) -> dict[str, Any]:
    """What PrairieLearn keeps of a question. Its ``uuid`` follows from the code, else from the exam and the key."""
    question = exported.question
    codes = [each.code for each in exported.every]
    name = " ".join(codes) if all(codes) else f"{title}\n{exported.key}"
    level = [f"level {question.level}"] if question.family else []
    return {
        "uuid": _uuid(name),
        "title": _line(question.title) or exported.key,
        "topic": _line(question.family.partition(".")[0]) or "quizgen",
        "tags": ["quizgen", *filter(None, [_line(question.family)]), *level],
        "type": "v3",
        "singleVariant": not exported.variants,
        "comment": f"{points_text(sum(exported.points, fmpq(0)))} points in {_line(title)}",
    }


def _uuid(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, clean(name)))


def variants(exported: Exported, choices: bool) -> dict[str, Any]:
    """What is asked and what is right; ``family``, where fresh variants may be drawn."""
    question = exported.question
    same = all(each.code and (each.family, each.level) == (question.family, question.level) for each in exported.every)
    drawn = {
        "name": question.family,
        "level": question.level,
        "choices": choices,
        "points": [str(points) for points in exported.points],
    }
    return {
        "family": drawn if exported.variants and same else None,
        "variants": [variant(each, exported, choices) for each in exported.every],
    }


def variant(question: Question, exported: Exported, choices: bool) -> dict[str, Any]:
    """One variant: what `generate` copies into ``params`` and ``correct_answers``."""
    write = PlWriter(question)
    ways = [way_of(part, "prairielearn", choices).way for part in question.parts]
    cut = [
        fields(part) if way is Way.FIELDS or way is Way.NUMBER else ()
        for part, way in zip(question.parts, ways, strict=True)
    ]
    weights = iter(_weights(exported.points, cut))
    parts: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    right: dict[str, Any] = {}
    for part, way in zip(question.parts, ways, strict=True):
        name = f"part{part.index + 1}"
        asked: dict[str, Any] = {"words": write.words(part, way)}
        if way in CHOSEN:
            asked["one" if way is Way.ONE else "several"] = _choice(write, part, name, next(weights))
        elif way is Way.FORMULA:
            asked["fields"] = f"<p>{_formula(part, name, next(weights))}</p>"
            right[name] = _typed_formula(part)
        else:
            every, shown = cut[part.index], []
            for n, one in enumerate(every, 1):
                field = name if len(every) == 1 else f"{name}_{n}"
                shown.append(_field(one, field, next(weights)))
                right[field] = _number(one.right[0])
                known.append(_known(write, one, field))
            asked["fields"] = laid_out(part, shown, write.line, write.look)
        parts.append(asked)
    params = {
        "code": question.code,
        "statement": write.statement(),
        "parts": parts,
        "solution": write.solution(ways),
        "known": known,
    }
    return {"params": params, "correct_answers": right}


def _weights(points: Sequence[fmpq], cut: Sequence[Sequence[Field]]) -> tuple[int, ...]:
    """A whole number for each element, so that they relate as the points do; a part without fields is one element."""
    shares = [
        worth * share
        for worth, every in zip(points, cut, strict=True)
        for share in ([one.share for one in every] or [fmpq(1)])
    ]
    return whole_weights(shares)


def _json(data: dict[str, Any]) -> str:
    """A line for each entry, and for each item of a list in it."""

    def lines(value: Any) -> str:
        return "[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value)

    return "{\n" + ",\n".join(f"{json.dumps(key)}: {lines(value)}" for key, value in data.items()) + "\n}\n"


def _line(text: str) -> str:
    return " ".join(clean(text).split())[:200]


# --- elements -------------------------------------------------------------------------------------------------------


def _field(one: Field, name: str, weight: int) -> str:
    usual = (
        f'answers-name="{name}" weight="{weight}" allow-blank="true" blank-value="" show-help-text="false" '
        'display="inline" size="8"'
    )
    if one.whole:
        return f'<pl-integer-input {usual} placeholder=""></pl-integer-input>'
    places = "" if one.decimals is None else f' custom-format=".{one.decimals}f"'
    near = f'comparison="relabs" rtol="{_relative(one.right[0])}" atol="{decimal_text(slack(one.right[0]))}"'
    return f'<pl-number-input {usual} placeholder="" {near}{places}></pl-number-input>'


def _relative(target: Target) -> str:
    """Nothing, but for a fraction, which is no double."""
    return "0" if places_needed(target.centre) is not None else "1e-12"


def _number(target: Target) -> int | float:
    return int(target.centre.p) if target.centre.q == 1 else double(target.centre)


def _known(write: Writer, one: Field, name: str) -> dict[str, Any]:
    """What `grade` knows of a field: all that is right, and the wrong values that have a name."""

    def around(target: Target) -> list[float]:
        centre = double(target.centre)
        return [centre, double(slack(target)) + abs(centre) * float(_relative(target))]

    return {
        "name": name,
        "right": [around(target) for target in one.right],
        "slips": [{"value": around(slip.target), "told": write.mistake(slip.mistakes)} for slip in one.slips],
    }


def _choice(write: Writer, part: QuestionPart, name: str, weight: int) -> dict[str, Any]:
    right = right_options(part)
    return {
        "name": name,
        "weight": weight,
        "order": "fixed" if own_choice(part) else "random",
        "options": [
            {
                "xhtml": write.line(option),
                "correct": "true" if n in right else "false",
                "told": write.mistake(leading(part, n)) if n not in right else "",
            }
            for n, option in enumerate(part.options)
        ],
    }


def _formula(part: QuestionPart, name: str, weight: int) -> str:
    names = in_attribute(", ".join(_expression(part).variables))
    return (
        f'<pl-symbolic-input answers-name="{name}" weight="{weight}" variables="{names}" allow-blank="true" '
        'blank-value="" display="inline"></pl-symbolic-input>'
    )


def _expression(part: QuestionPart) -> Expression:
    if not isinstance(part.kind, Expression):
        raise TypeError(f"a formula is wanted, not {part.kind.name}")
    return part.kind


def _typed_formula(part: QuestionPart) -> str:
    kind = _expression(part)
    return kind.show(kind.read(part.answer)).replace("^", "**")


# --- what can't travel ----------------------------------------------------------------------------------------------


def _too_large(part: QuestionPart) -> str:
    large = next((text for text in typed(part) if abs(rational(text)) > _WHOLE), "")
    return f"{large} is too large for it" if large else ""


def _option_obstacle(part: QuestionPart, way: Way) -> str:
    if not all(clean(option).strip() for option in part.options):
        return "one of its options is empty"
    if not right_options(part):
        return "none of its options is right"
    if way is Way.SEVERAL and part.also:
        return "several sets of options are right"
    return ""


def _formula_obstacle(part: QuestionPart) -> str:
    kind = _expression(part)
    if part.also:
        return "several formulas are right"
    if names := _RESERVED & set(kind.variables):
        return f"its variable {min(names)} means something else there"
    if strange := sorted(set(_operations(kind.read(part.answer))) - _FUNCTIONS - {"e"}):
        return f"{strange[0]} is not known there"
    return ""


def _operations(formula: Formula) -> Iterator[str]:
    if isinstance(formula, Apply):
        yield formula.op
        for each in formula.args:
            yield from _operations(each)


class PlWriter(Writer):
    r"""Writes for a page whose MathJax takes dollars too; a picture is part of the page."""

    def text(self, text: str) -> str:
        return super().text(text).replace("$", '<span class="mathjax_ignore">$</span>')

    def picture(self, name: str, figure: Figure, alt: str) -> str:
        from quizgen.render.figures import picture

        data = b64encode(picture(figure).encode()).decode()
        return f'<img src="data:image/svg+xml;base64,{data}" alt="{in_attribute(alt)}" style="max-width:100%">'
