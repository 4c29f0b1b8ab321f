"""The two ways in which a formula is set: LaTeX, and Unicode on one line.

Both answer the same questions of the walk in ``formula``: how a number, a symbol, a fraction, a power, a matrix is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from itertools import pairwise
from typing import ClassVar

from . import symbols, width
from .digits import Number, groups


class Level(IntEnum):
    """How tightly a piece of a formula holds together."""

    SUM = 0
    QUOTIENT = 1  # a/b on one line
    PRODUCT = 2
    FRACTION = 3  # stands in a product as it is, but not under an exponent
    POWER = 4
    ATOM = 5


class Kind(Enum):
    """What a piece is, as far as its neighbour in a product minds."""

    NUMBER = 0
    LETTER = 1
    WORD = 2
    CALL = 3
    GROUP = 4
    FRACTION = 5
    MATRIX = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula as it is set.

    ``minus``: whether it begins with one; ``terms``: the terms of a sum, each with its sign.
    """

    text: str
    level: Level = Level.ATOM
    kind: Kind = Kind.GROUP
    minus: bool = False
    terms: tuple[str, ...] = ()


class Target:
    """What the walk asks of a way of setting formulas."""

    minus: str
    plus: str
    equals: str
    approximately: str
    hadamard: str

    def number(self, n: Number) -> Piece:
        raise NotImplementedError

    def symbol(self, latex: str) -> Piece:
        raise NotImplementedError

    def item(self, name: Piece, latex: str | None, index: Sequence[int], missing: int) -> Piece:
        """An entry of something named; ``missing`` axes are taken whole."""
        raise NotImplementedError

    def group(self, inside: Piece) -> Piece:
        """In parentheses."""
        raise NotImplementedError

    def bars(self, left: str, inside: Piece, right: str) -> Piece:
        """Between the brackets of a floor, a ceiling or an absolute value."""
        raise NotImplementedError

    def product(self, factors: Sequence[Piece], numeric: bool) -> str:
        raise NotImplementedError

    def matrix_product(self, factors: Sequence[Piece]) -> str:
        raise NotImplementedError

    def quotient(self, top: Piece, bottom: Piece, numeric: bool) -> Piece:
        raise NotImplementedError

    def power(self, base: Piece, exponent: Piece) -> Piece:
        raise NotImplementedError

    def root(self, inside: Piece) -> Piece:
        raise NotImplementedError

    def exponential(self, inside: Piece, scalar: bool) -> Piece:
        raise NotImplementedError

    def call(self, name: str, arguments: Sequence[Piece], note: str = "") -> Piece:
        """A function by its name; ``note`` says along which axis it goes."""
        raise NotImplementedError

    def indicator(self, inside: Piece) -> Piece:
        """1 where ``inside`` is positive, else 0."""
        raise NotImplementedError

    def transpose(self, base: Piece) -> Piece:
        raise NotImplementedError

    def total(self, inside: Piece, shape: Sequence[int]) -> Piece:
        """The sum over all entries."""
        raise NotImplementedError

    def star(self, image: Piece, kernel: Piece, notes: Sequence[tuple[str, Piece]]) -> Piece:
        """A cross-correlation; ``notes`` names its padding and stride."""
        raise NotImplementedError

    def sequence(self, cells: Sequence[str]) -> Piece:
        """(64, 32, 3)"""
        raise NotImplementedError

    def matrix(self, rows: Sequence[Sequence[str]]) -> Piece:
        raise NotImplementedError


class LaTeX(Target):
    """LaTeX for amsmath, and for math-core."""

    minus, plus, equals, approximately, hadamard = "-", "+", "=", r"\approx", r"\odot"
    _gap = r"\,"
    _functions: ClassVar[dict[str, str]] = {
        "log": r"\ln",
        "sigmoid": r"\sigma",
        **{name: rf"\{name}" for name in ("tanh", "max", "min")},
    }

    def number(self, n: Number) -> Piece:
        sign = "-" if n.negative else ""
        digits = groups(n.digits, self._gap).replace("∞", r"\infty")
        if n.bottom:
            text = rf"\frac{{{digits}}}{{{groups(n.bottom, self._gap)}}}"
            return Piece(sign + text, Level.FRACTION, Kind.FRACTION, n.negative)
        if n.exponent:
            text = f"10^{{{n.exponent}}}"
            level = Level.POWER
            if digits:
                text, level = rf"{digits} \cdot {text}", Level.PRODUCT
            return Piece(sign + text, level, Kind.NUMBER, n.negative)
        return Piece(sign + digits, Level.PRODUCT if n.negative else Level.ATOM, Kind.NUMBER, n.negative)

    def symbol(self, latex: str) -> Piece:
        match symbols.kind(latex):
            case symbols.Kind.LETTER:
                return Piece(latex, Level.ATOM, Kind.LETTER)
            case symbols.Kind.SCRIPTED:
                return Piece(latex, Level.POWER, Kind.LETTER)
            case symbols.Kind.WORD:
                level = Level.FRACTION if "frac" in latex or "^" in latex or " " in latex else Level.ATOM
                return Piece(latex, level, Kind.WORD)
            case symbols.Kind.QUOTIENT:
                return Piece(latex, Level.QUOTIENT, Kind.WORD)
            case _:
                return Piece(latex, Level.SUM, Kind.WORD, latex.lstrip().startswith("-"))

    def item(self, name: Piece, latex: str | None, index: Sequence[int], missing: int) -> Piece:
        bare = latex is not None and name.level >= Level.POWER and not symbols.has_subscript(latex)
        base = name.text if bare else self.group(name).text
        places = ",".join([str(i) for i in index] + [":"] * missing)
        return Piece(f"{base}_{{{places}}}", Level.POWER if "^" in base else Level.ATOM, Kind.LETTER)

    def group(self, inside: Piece) -> Piece:
        kind = Kind.NUMBER if inside.kind is Kind.NUMBER else Kind.GROUP
        return Piece(self._between("(", inside.text, ")"), Level.ATOM, kind)

    def bars(self, left: str, inside: Piece, right: str) -> Piece:
        names = {"⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil"}
        opening, closing = names.get(left, r"\lvert"), names.get(right, r"\rvert")
        return Piece(self._between(f"{opening} ", inside.text, f" {closing}"))

    def _between(self, left: str, text: str, right: str) -> str:
        if width.is_tall(text):
            return rf"\left{left.strip()} {text} \right{right.strip()}"
        return left + text + right

    def product(self, factors: Sequence[Piece], numeric: bool) -> str:
        out = factors[0].text
        for left, right in pairwise(factors):
            out += self._times(left, right, numeric) + right.text
        return out

    def _times(self, left: Piece, right: Piece, numeric: bool) -> str:
        dotted = (
            numeric
            or right.kind in (Kind.NUMBER, Kind.WORD)
            or left.kind in (Kind.CALL, Kind.WORD)
            or (left.kind in (Kind.NUMBER, Kind.FRACTION) and right.kind is Kind.FRACTION)
            or left.text in ("0", "1")
        )
        if dotted:
            return r" \cdot "
        apart = right.kind is Kind.MATRIX or right.text.startswith(("(", r"\left("))
        return r" \, " if left.kind is Kind.LETTER and apart else " "

    def matrix_product(self, factors: Sequence[Piece]) -> str:
        out = factors[0].text
        for left, right in pairwise(factors):
            out += (r" \cdot " if Kind.WORD in (left.kind, right.kind) else " ") + right.text
        return out

    def quotient(self, top: Piece, bottom: Piece, numeric: bool) -> Piece:
        if top.kind is Kind.MATRIX:
            return Piece(rf"\frac{{1}}{{{bottom.text}}} {top.text}", Level.PRODUCT, Kind.MATRIX)
        return Piece(rf"\frac{{{top.text}}}{{{bottom.text}}}", Level.FRACTION, Kind.FRACTION)

    def power(self, base: Piece, exponent: Piece) -> Piece:
        return Piece(f"{base.text}^{{{exponent.text}}}", Level.POWER, base.kind)

    def root(self, inside: Piece) -> Piece:
        return Piece(rf"\sqrt{{{inside.text}}}", Level.POWER, Kind.LETTER)

    def exponential(self, inside: Piece, scalar: bool) -> Piece:
        if scalar and not width.is_tall(inside.text) and width.visible(inside.text) <= 10:
            return Piece(f"e^{{{inside.text}}}", Level.POWER, Kind.LETTER)
        return Piece(rf"\exp{self.group(inside).text}", Level.ATOM, Kind.CALL)

    def call(self, name: str, arguments: Sequence[Piece], note: str = "") -> Piece:
        head = self._functions.get(name) or rf"\operatorname{{{name}}}"
        if note:
            head += rf"_{{\text{{{note}}}}}"
        inside = ", ".join(a.text for a in arguments)
        return Piece(head + self._between("(", inside, ")"), Level.ATOM, Kind.CALL)

    def indicator(self, inside: Piece) -> Piece:
        return Piece(r"\operatorname{ReLU}'" + self._between("(", inside.text, ")"), Level.ATOM, Kind.CALL)

    def transpose(self, base: Piece) -> Piece:
        return Piece(rf"{base.text}^\top", Level.POWER, base.kind)

    def total(self, inside: Piece, shape: Sequence[int]) -> Piece:
        axes = ",".join("ijkl"[: len(shape)])
        base = inside.text if inside.level is Level.ATOM else self.group(inside).text
        return Piece(rf"\sum_{{{axes}}} {base}_{{{axes}}}", Level.SUM)

    def star(self, image: Piece, kernel: Piece, notes: Sequence[tuple[str, Piece]]) -> Piece:
        named = r",\,".join(f"{name}={piece.text}" for name, piece in notes)
        sign = rf"\star_{{{named}}}" if named else r"\star"
        return Piece(f"{image.text} {sign} {kernel.text}", Level.QUOTIENT)

    def sequence(self, cells: Sequence[str]) -> Piece:
        return Piece(self._between("(", r",\ ".join(cells), ")"))

    def matrix(self, rows: Sequence[Sequence[str]]) -> Piece:
        inside = r" \\ ".join(" & ".join(row) for row in rows)
        return Piece(rf"\begin{{bmatrix}} {inside} \end{{bmatrix}}", Level.ATOM, Kind.MATRIX)


class Unicode(Target):
    """One line of Unicode: products always have their dot, matrices are nested brackets."""

    minus, plus, equals, approximately, hadamard = "−", "+", "=", "≈", "⊙"
    _functions: ClassVar[dict[str, str]] = {"log": "ln", "sigmoid": "σ"}
    _gap = "\u202f"  # a thin space that doesn't break

    def number(self, n: Number) -> Piece:
        sign = "−" if n.negative else ""
        digits = groups(n.digits, self._gap)
        if n.bottom:
            text = f"{sign}{digits}/{groups(n.bottom, self._gap)}"
            return Piece(text, Level.QUOTIENT, Kind.FRACTION, n.negative)
        if n.exponent:
            text = f"10{symbols.raised(str(n.exponent))}"
            level = Level.POWER
            if digits:
                text, level = f"{digits}·{text}", Level.PRODUCT
            return Piece(sign + text, level, Kind.NUMBER, n.negative)
        return Piece(sign + digits, Level.PRODUCT if n.negative else Level.ATOM, Kind.NUMBER, n.negative)

    def symbol(self, latex: str) -> Piece:
        text = symbols.unicode(latex)
        match symbols.kind(latex):
            case symbols.Kind.LETTER:
                return Piece(text, Level.ATOM, Kind.LETTER)
            case symbols.Kind.SCRIPTED:
                return Piece(text, Level.POWER, Kind.LETTER)
            case symbols.Kind.SUM:
                return Piece(text, Level.SUM, Kind.WORD, text.startswith("−"))
            case _:
                return Piece(text, Level.QUOTIENT if "/" in text else Level.ATOM, Kind.WORD)

    def item(self, name: Piece, latex: str | None, index: Sequence[int], missing: int) -> Piece:
        base = name.text if name.level >= Level.POWER else self.group(name).text
        return Piece(f"{base}[{', '.join([str(i) for i in index] + [':'] * missing)}]", Level.ATOM, Kind.LETTER)

    def group(self, inside: Piece) -> Piece:
        return Piece(f"({inside.text})")

    def bars(self, left: str, inside: Piece, right: str) -> Piece:
        return Piece(left + inside.text + right)

    def product(self, factors: Sequence[Piece], numeric: bool) -> str:
        return "·".join(f.text for f in factors)

    def matrix_product(self, factors: Sequence[Piece]) -> str:
        return self.product(factors, False)

    def quotient(self, top: Piece, bottom: Piece, numeric: bool) -> Piece:
        over = top.text if top.level >= Level.PRODUCT else self.group(top).text
        under = bottom.text if bottom.level >= Level.FRACTION and not bottom.minus else self.group(bottom).text
        return Piece(f"{over}/{under}", Level.QUOTIENT, Kind.FRACTION, top.minus and over == top.text)

    def power(self, base: Piece, exponent: Piece) -> Piece:
        if exponent.text.lstrip("−").isdigit():
            return Piece(base.text + symbols.raised(exponent.text), Level.POWER, base.kind)
        inside = exponent if exponent.level is Level.ATOM and not exponent.minus else self.group(exponent)
        return Piece(f"{base.text}^{inside.text}", Level.POWER, base.kind)

    def root(self, inside: Piece) -> Piece:
        under = inside if inside.level is Level.ATOM and not inside.minus else self.group(inside)
        return Piece(f"√{under.text}", Level.POWER, Kind.LETTER)

    def exponential(self, inside: Piece, scalar: bool) -> Piece:
        return self.call("exp", [inside])

    def call(self, name: str, arguments: Sequence[Piece], note: str = "") -> Piece:
        head = self._functions.get(name, name) + (f"_{note}" if note else "")
        return Piece(f"{head}({', '.join(a.text for a in arguments)})", Level.ATOM, Kind.CALL)

    def indicator(self, inside: Piece) -> Piece:
        return self.call("ReLU′", [inside])

    def transpose(self, base: Piece) -> Piece:
        return Piece(f"{base.text}ᵀ", Level.POWER, base.kind)

    def total(self, inside: Piece, shape: Sequence[int]) -> Piece:
        return self.call("Σ", [inside])

    def star(self, image: Piece, kernel: Piece, notes: Sequence[tuple[str, Piece]]) -> Piece:
        named = ", ".join(f"{name}={piece.text}" for name, piece in notes)
        return Piece(f"{image.text} ⋆{f'[{named}]' if named else ''} {kernel.text}", Level.QUOTIENT)

    def sequence(self, cells: Sequence[str]) -> Piece:
        return Piece(f"({', '.join(cells)})")

    def matrix(self, rows: Sequence[Sequence[str]]) -> Piece:
        inside = ", ".join(f"[{', '.join(row)}]" for row in rows)
        return Piece(f"[{inside}]", Level.ATOM, Kind.MATRIX)


LATEX, UNICODE = LaTeX(), Unicode()
