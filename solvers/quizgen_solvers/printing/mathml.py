"""Formulas as MathML, by math-core."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


class FormulaError(ValueError):
    """LaTeX that can't be printed as MathML."""


@lru_cache(maxsize=1)
def _converter() -> tuple[Any, type[Exception]]:
    from math_core import LatexError, LatexToMathML

    return LatexToMathML(fancy_error=False, max_expansions=0), LatexError


def mathml(latex: str, display: bool = True) -> str:
    """The formula as one ``<math>`` element.

    Raises ``FormulaError``, naming the formula, where math-core refuses it.
    """
    converter, refused = _converter()
    try:
        return str(converter.convert_with_local_state(latex, displaystyle=display))
    except refused as problem:
        reason = " ".join(str(problem).split())
        raise FormulaError(f"the formula ${latex}$ can't be printed: {reason}") from problem
