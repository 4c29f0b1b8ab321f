"""Formulas as MathML, by math-core."""

from __future__ import annotations

import re
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
        reason = re.sub(r"^[0-9]+: ", "", " ".join(str(problem).split()))
        raise FormulaError(f"the formula {short(latex)} can't be printed: {reason}") from problem
    except UnicodeEncodeError as problem:  # half of a pair of surrogates
        bad = latex[problem.start]
        raise FormulaError(f"the formula {short(latex)} holds {bad!r}, which is no character") from problem


def short(latex: str) -> str:
    """A formula as a message quotes it: on one line, and not long."""
    latex = " ".join(latex.split())
    return f"${latex if len(latex) <= 80 else latex[:79] + '…'}$"
