"""Lines of a worked solution: symbol = formula in symbols = formula in numbers = result."""

from __future__ import annotations

from dataclasses import dataclass

from ..quantity import Quantity
from ..work import Line, Work
from . import width
from .digits import Number, numbers, rounded
from .formula import Formula
from .targets import LATEX, UNICODE, Piece, Target
from .unfold import Index, entry, first_entry

ROW = 60
"""How many characters wide a row may be before a sum is broken."""

JOINED = 44
"""How wide a whole line may be to stay on one row; a wider one gets a row for each of its formulas."""

WIDEST = 100
"""A formula in numbers that is wider, and no sum that could be broken, is left out: matrices too large to repeat."""

LARGEST_UNFOLDED = 36
"""How many terms the formula of an entry may have to be shown unasked."""


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of a solution as it is printed.

    ``lhs_latex`` is the left side; ``latex`` holds the rows aligned behind it, each beginning with its relation (or,
    where a long sum is broken, with the sign of its next term); ``text`` is the whole in Unicode; ``unfolded`` shows
    how single entries of an array come about. ``why`` and ``heading`` are those of the line (small markup).
    """

    lhs_latex: str
    latex: tuple[str, ...]
    text: str
    unfolded: tuple[PrintedLine, ...] = ()
    why: str = ""
    heading: str = ""

    @property
    def aligned(self) -> str:
        """The line as one display formula."""
        if len(self.latex) == 1:
            return f"{self.lhs_latex} {self.latex[0]}"
        return rf"\begin{{aligned}} {self.lhs_latex} & " + r" \\ & ".join(self.latex) + r" \end{aligned}"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a line is printed from, in one target."""

    left: Piece
    symbols: Piece
    numbers: Piece
    rounded: bool  # a number put in was rounded
    result: Piece


class Printer:
    """Prints the lines of one work; what a quantity is written as is found once."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.decimals: dict[Quantity, int | None] = {line.quantity: None for line in work.givens}
        self.decimals |= {line.quantity: line.decimals for line in work.lines}
        self.known: dict[Quantity, tuple[Number, ...]] = {}

    def numbers(self, q: Quantity) -> tuple[Number, ...]:
        """What ``q`` is written as: on its own line if it is one, in full if it is a constant."""
        found = self.known.get(q)
        if found is None:
            decimals = self.decimals.get(q, None if q.op is None else self.work.decimals)
            found = self.known[q] = self.work.precisely(q, lambda value: numbers(value, decimals))
        return found

    def line(self, line: Line) -> PrintedLine:
        q = line.quantity
        index = first_entry(q) if q.op is not None else None
        one = None if index is None else self.entry(q, index)
        return self._printed(q, q, None, () if one is None else (one,), line)

    def entry(self, q: Quantity, index: Index, most: int = LARGEST_UNFOLDED) -> PrintedLine | None:
        """How the entry of ``q`` at ``index`` comes about, or None where it has more than ``most`` terms."""
        formula = entry(q, index)
        if max(len(formula.args), *(len(a.args) for a in formula.args), 0, 0) > most:
            return None
        return self._printed(q, formula, index, (), None)

    def _printed(
        self, q: Quantity, formula: Quantity, index: Index | None, unfolded: tuple[PrintedLine, ...], line: Line | None
    ) -> PrintedLine:
        shown = self.numbers(q)
        if index is not None:
            place = 0
            for i, n in zip(index, q.shape, strict=True):
                place = place * n + i
            shown = (shown[place],)
        more = self.decimal_of_a_fraction(q)
        latex, text = (self._parts(target, q, formula, index, shown) for target in (LATEX, UNICODE))
        # What is said is decided once, so that both say the same.
        with_symbols = all(p.symbols.text not in (p.numbers.text, p.result.text, p.left.text) for p in (latex, text))
        if index is not None and width.visible(latex.symbols.text) > ROW:
            with_symbols = False
        with_numbers = all(p.numbers.text not in (p.result.text, p.left.text) for p in (latex, text))
        if _repeats(formula) or (not latex.numbers.terms and width.visible(latex.numbers.text) > WIDEST):
            with_numbers = False
        approximate = any(n.rounded for n in shown) or (with_numbers and latex.rounded)

        def pieces(target: Target, parts: _Parts) -> list[tuple[str, Piece]]:
            out = [(target.equals, parts.symbols)] if with_symbols else []
            if with_numbers:
                out.append((target.approximately if latex.rounded else target.equals, parts.numbers))
            out.append((target.approximately if approximate else target.equals, parts.result))
            return out if more is None else [*out, (target.approximately, target.number(more))]

        return PrintedLine(
            latex.left.text,
            _rows(latex.left.text, pieces(LATEX, latex)),
            " ".join([text.left.text, *(f"{relation} {piece.text}" for relation, piece in pieces(UNICODE, text))]),
            unfolded,
            line.why if line is not None else "",
            line.heading if line is not None else "",
        )

    def decimal_of_a_fraction(self, q: Quantity) -> Number | None:
        """What stands after a fraction on a line that has decimals."""
        decimals = self.decimals.get(q)
        if q.shape or decimals is None or not self.numbers(q)[0].bottom:
            return None
        return rounded(q.value, decimals)

    def _parts(
        self, target: Target, q: Quantity, formula: Quantity, index: Index | None, shown: tuple[Number, ...]
    ) -> _Parts:
        name = target.symbol(q.symbol or "")
        if index is None:
            left = name
        elif q.symbol is not None:
            left = target.item(name, q.symbol, index, 0)
        else:
            left = target.sequence([str(i) for i in index])
        in_symbols = Formula(target, False, self.symbol_or_numbers)
        in_numbers = Formula(target, True, self.numbers)
        result = Formula(target, True, self.numbers).value(shown, () if index is not None else q.shape)
        if formula.op is None:
            return _Parts(left, result, result, False, result)
        symbols, values = in_symbols.of(formula), in_numbers.of(formula)
        return _Parts(left, symbols, values, in_numbers.rounded, result)

    def symbol_or_numbers(self, q: Quantity) -> tuple[Number, ...] | None:
        return self.numbers(q) if q.symbol is None else None


def _repeats(q: Quantity) -> bool:
    """Whether the formula in numbers would only show an array again that has a line of its own."""
    if q.op is None or not q.shape:
        return False
    named = [a for a in q.args if a.symbol is not None]
    return len(named) == 1 and bool(named[0].shape) and all(a.op is None for a in q.args if a is not named[0])


def _rows(left: str, pieces: list[tuple[str, Piece]]) -> tuple[str, ...]:
    """The rows of a line: one if it is short, else one for each formula; the result joins a short one before it."""
    whole = " ".join(f"{relation} {piece.text}" for relation, piece in pieces)
    margin = width.visible(left)
    if margin + width.visible(whole) <= JOINED:
        return (whole,)
    rows: list[str] = []
    for i, (relation, piece) in enumerate(pieces):
        row = f"{relation} {piece.text}"
        if i == len(pieces) - 1 and rows and margin + width.visible(f"{rows[-1]} {row}") <= JOINED:
            rows[-1] += f" {row}"
        else:
            rows.extend(_broken(relation, piece))
    return tuple(rows)


def _broken(relation: str, piece: Piece) -> list[str]:
    """A formula as one row, or, where it is a sum too wide for one, as several; a row goes on with a term's sign."""
    if len(piece.terms) < 2 or width.visible(piece.text) <= ROW:
        return [f"{relation} {piece.text}"]
    rows, row, wide = [], relation, 0.0
    for term in piece.terms:
        own = width.visible(term)
        if wide and wide + own > ROW:
            rows.append(row)
            row, wide = r"\quad {}", 2.0
        row += f" {term}"
        wide += own
    return [*rows, row]
