"""Kinds of answers: how what a person types is read, graded, shown and asked for.

One file holds one kind; `base` says what a kind is, `reader` and `formula` read. Everything is exact, every input
either reads or raises `Unreadable`, and nothing that is typed is ever evaluated by Python or SymPy.

>>> kind = Number(decimals=2)
>>> kind.grade(kind.read("1/3"), Target(rational_from_json("33/100"), rational_from_json("1/200"))).reason
'right'
"""

from __future__ import annotations

from typing import Any

from quizgen.answers.base import (
    Grade,
    Kind,
    Target,
    Targets,
    Value,
    centres,
    exactly,
    rational_from_json,
    rational_to_json,
    targets_from_json,
    targets_to_json,
)
from quizgen.answers.choice import LETTERS, Choice
from quizgen.answers.choices import Choices
from quizgen.answers.expression import Expression
from quizgen.answers.formula import Formula, to_sympy
from quizgen.answers.integer import Integer
from quizgen.answers.matrix import Matrix
from quizgen.answers.number import Number
from quizgen.answers.shape import Shape
from quizgen.answers.table import Table
from quizgen.answers.vector import Vector
from quizgen.errors import InputError, Unreadable, did_you_mean, shown

__all__ = [
    "LETTERS",
    "Choice",
    "Choices",
    "Expression",
    "Formula",
    "Grade",
    "Integer",
    "Kind",
    "Matrix",
    "Number",
    "Shape",
    "Table",
    "Target",
    "Targets",
    "Unreadable",
    "Value",
    "Vector",
    "centres",
    "exactly",
    "kind_from_json",
    "rational_from_json",
    "rational_to_json",
    "targets_from_json",
    "targets_to_json",
    "to_sympy",
]

NAMES = ("integer", "number", "shape", "vector", "matrix", "table", "expression", "choice", "choices")


def kind_from_json(obj: Any) -> Kind:
    """The kind behind its `to_json`. Raises `InputError`."""
    match obj:
        case {"kind": "integer"}:
            return Integer()
        case {"kind": "shape"}:
            return Shape()
        case {"kind": "number", "decimals": decimals} if _is_decimals(decimals):
            return Number(decimals)
        case {"kind": "vector", "decimals": decimals} if _is_decimals(decimals):
            return Vector(decimals)
        case {"kind": "matrix", "decimals": decimals} if _is_decimals(decimals):
            return Matrix(decimals)
        case {"kind": "expression", "variables": variables} if _is_texts(variables):
            return Expression(tuple(variables))
        case {"kind": "choice", "options": options} if _is_texts(options):
            return Choice(tuple(options))
        case {"kind": "choices", "options": options} if _is_texts(options):
            return Choices(tuple(options))
        case {"kind": "table", "columns": columns, "kinds": [*kinds], "rows": rows} if _is_texts(columns, rows):
            return Table(tuple(columns), tuple(kind_from_json(each) for each in kinds), tuple(rows))
        case {"kind": str(name)} if name not in NAMES:
            raise InputError(f"there is no kind of answer {shown(name)}{did_you_mean(name, NAMES)}")
    raise InputError(f"{shown(obj)} is no kind of answer as JSON keeps it: a field is missing or of another type")


def _is_decimals(obj: object) -> bool:
    return obj is None or (type(obj) is int and 0 <= obj <= 100)


def _is_texts(*lists: object) -> bool:
    return all(isinstance(each, list) and all(isinstance(text, str) for text in each) for each in lists)
