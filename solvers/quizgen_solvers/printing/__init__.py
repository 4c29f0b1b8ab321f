"""A worked solution as it is read: LaTeX, MathML and Unicode from the graph that was worked.

>>> work = Work()
>>> beta, g = work.given(r"\\beta", "0.9"), work.given("g", "0.5")
>>> m = work.let("m", (1 - beta) * g)
>>> print(lines(work)[0].text)
m = (1 − β)·g = (1 − 0.9)·0.5 = 0.05
"""

from __future__ import annotations

from ..arrays import Array, Value
from ..exact import ExactError
from ..quantity import Quantity
from ..work import Line, Work
from .digits import numbers
from .formula import Formula
from .lines import PrintedLine, Printer
from .mathml import FormulaError, mathml
from .symbols import unicode as symbol_text
from .targets import LATEX, UNICODE, Piece, Target


def line(work: Work, line: Line) -> PrintedLine:
    """One line of ``work``: its symbol, the formula in symbols and in numbers, and the result."""
    return Printer(work).line(line)


def lines(work: Work) -> list[PrintedLine]:
    """The whole solution."""
    printer = Printer(work)
    return [printer.line(one) for one in work.lines]


def givens(work: Work) -> list[PrintedLine]:
    """What is given, each as ``symbol = value``."""
    printer = Printer(work)
    return [printer.line(one) for one in work.givens]


def unfold(work: Work, q: Quantity, *index: int) -> PrintedLine:
    """How the entry of ``q`` at ``index`` comes about: ``C[0, 1] = 0·1 + 2·0 + …``.

    Raises ``ExactError`` where there is no such entry.
    """
    made = Printer(work).entry(q, index, most=10**6)
    if made is None:
        raise ExactError(f"the entry {index} has too many terms to be shown")
    return made


def latex(q: Quantity) -> str:
    """The formula of ``q`` in symbols; for a given its symbol, for a constant its number."""
    return _formula(LATEX, q).text


def text(q: Quantity) -> str:
    """The formula of ``q`` in symbols, in Unicode."""
    return _formula(UNICODE, q).text


def _formula(target: Target, q: Quantity) -> Piece:
    return Formula(target, False, Printer(Work()).symbol_or_numbers).of(q)


def value_latex(value: Value, decimals: int | None = None) -> str:
    """A number or array as a line of ``decimals`` decimals writes it; ``None`` keeps rationals exact.

    Raises ``NeedsPrecision`` where the decimals of a ball are not proven.
    """
    return _value(LATEX, value, decimals).text


def value_text(value: Value, decimals: int | None = None) -> str:
    """Like ``value_latex``, in Unicode."""
    return _value(UNICODE, value, decimals).text


def _value(target: Target, value: Value, decimals: int | None) -> Piece:
    shape = value.shape if isinstance(value, Array) else ()
    return Formula(target, True, lambda q: None).value(numbers(value, decimals), shape)


__all__ = [
    "FormulaError",
    "PrintedLine",
    "Printer",
    "givens",
    "latex",
    "line",
    "lines",
    "mathml",
    "symbol_text",
    "text",
    "unfold",
    "value_latex",
    "value_text",
]
