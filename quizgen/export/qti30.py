"""A QTI 3.0 package: `qti` says what becomes what.

A numeric field is of base type float and is compared by ``qti-equal`` with the derived tolerance (by itself it is
exact); formulas are MathML, and what is told stands in a ``qti-content-body``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import Exported
from .qti import package, qti_obstacle

if TYPE_CHECKING:
    from quizgen.question import QuestionPart

    from .capability import Way

NAME = "QTI 3.0"
SUFFIX = ".zip"


def write(questions: Sequence[Exported], title: str, choices: bool = False) -> bytes:
    """The package. Raises `RenderError` where a formula or figure can't be printed."""
    return package("qti30", questions, title, choices)


def obstacle(part: QuestionPart, way: Way) -> str:
    """Why a part's values can't travel."""
    return qti_obstacle(part, way)
