"""The reader of what people type: scalars, shapes, vectors and matrices, exactly, or one line that says why not.

Nothing here evaluates text with Python or SymPy. Text is cut into tokens and read by the grammar below into exact
rationals, and every input either reads or raises `Unreadable`: never another exception, never more than a moment.
The check inside a printed page reads by the same grammar, so both agree on every input.

Characters
    Digits are 0 to 9; other scripts' digits, ½, ∞ and invisible marks are refused by name. Before reading,
    ``− – ‐ ‑`` are minus signs; ``× · ⋅ ∗`` and ``x``, ``X`` are times signs; ``÷ ∕ ⁄`` are division signs; ``**`` is
    ``^``; ``√`` is ``sqrt``; ``⁻²`` and its like are a power. A no-break, thin or wide space is a blank, and a line
    ends with CR, LF or CR LF. Blanks and line ends around the whole are ignored.

Grammar (EBNF; `,` inside quotes is the character, blanks may stand between any two tokens)
    literal   = ( digits [ "." [ digits ] ] | "." digits ) [ ( "e" | "E" ) [ "+" | "-" ] digits ] ;
    scalar    = [ sign ] product { sign product } ;                       sign  = "+" | "-" ;
    product   = power { ( times | "/" ) [ sign ] power } ;                times = "*" | "x" ;
    power     = atom [ "^" [ sign ] atom | superscript ] ;
    atom      = literal | "(" scalar ")" | "sqrt" "(" scalar ")" | "√" ( literal | "(" scalar ")" ) ;

    shape     = sides | "(" sides ")" | "[" sides "]"                     where times signs, but neither commas nor
              | list                                                      semicolons stand outside brackets; else a list
              | "torch.Size(" shape ")" | "(" ")" | "[" "]" ;
    sides     = [ sign ] literal { times [ sign ] literal } ;

    vector    = list ;
    list      = entries | "(" entries ")" | "[" entries "]" ;
    entries   = scalar { "," scalar } [ "," ]                             where any comma stands outside brackets,
              | scalar { ";" scalar } [ ";" ]                             else where any semicolon does,
              | scalar { blank scalar } ;                                 else: blanks and line ends separate entries

    matrix    = rows | "(" rows ")" | "[" rows "]" ;
    rows      = row { row end row } [ ";" ]                               where one stands outside brackets,
              | group { ( "," | blank ) group }                           else where all of it is bracketed groups,
              | row ;
    row       = list | group "," ;                                        group = "(" entries ")" | "[" entries "]" ;
    row end   = ";" or line ends, or line ends before, after or around one ";" ;

What the grammar leaves open, decided
    * The whole part of a number, if it has several digits, doesn't begin with 0; exponents may, as in 1e-05. ``0x``
      before a letter or digit is refused, because it looks hexadecimal.
    * -2^2 is -4. A second power in a row, 2^3^2, is refused: brackets say which is meant. So are two signs in a row,
      and a product without a sign between its factors.
    * The power is a whole number from -1024 to 1024. A root is read where it is rational: sqrt(9/4), not sqrt(2).
    * A comma never belongs to a number: "1,000" and "0,5" are refused as scalars, with both readings named.
      "50%" is refused too, because 0.5 and 50 may both be meant.
    * In a list a blank before a sign and none after it, as in "1 -2, 3", is refused where it would subtract: it may
      be one entry or two. Without commas or semicolons blanks separate, so an entry has none inside.
    * In a shape, numbers with times signs between them are its dimensions, "64x32x3"; where commas separate, a times
      sign multiplies, "(3*64, 32)". One number is a shape of one dimension, and "()" is the shape of a scalar.
    * Rows of a matrix have one length. Empty entries, and vectors and matrices of nothing, are refused.

Bounds
    700 characters for a scalar, 4,000 for the rest; brackets 20 deep; a literal of 320 digits, its exponent within
    ±400; every number read or passed on the way is p/q with |p| and q below 2^1024, and a power is only worked out
    where (bits of p or q) times |power| is at most 2,048. These are float64's range: 1e-308 reads, 1e-309 doesn't.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import NoReturn

from flint import fmpq

from quizgen.errors import Unreadable, shown

SCALAR_LENGTH = 700
LIST_LENGTH = 4_000
DEPTH = 20
DIGITS = 320
EXPONENT = 400
BITS = 1_024
POWER = 1_024
POWER_BITS = 2_048

BLANKS = frozenset(" \t\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
LINE_ENDS = frozenset("\r\n")
SAME_AS = {
    "−": "-",
    "–": "-",
    "‐": "-",
    "‑": "-",
    "×": "*",
    "·": "*",
    "⋅": "*",
    "∗": "*",
    "÷": "/",
    "∕": "/",
    "⁄": "/",
}
SUPERSCRIPTS = {**{c: str(n) for n, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}, "⁻": "-", "⁺": "+"}
VULGAR = {
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5",
    "⅙": "1/6", "⅚": "5/6", "⅐": "1/7", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8", "⅑": "1/9", "⅒": "1/10",
}  # fmt: skip
CLOSES = {"(": ")", "[": "]"}
_LITERAL = re.compile(r"(?:([0-9]+)(?:(\.)([0-9]*))?|(\.)([0-9]+))(?:[eE]([-+−–‐‑]?)([0-9]+))?")
_WORD = re.compile(r"[A-Za-z]+")
_TORCH_SIZE = re.compile(r"[ \t\r\n]*torch\.Size[ \t]*(?=[(\[])")


NOTHING = fmpq(0)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of text. `kind` is "number", "power" (a superscript), "name", "newline", or the sign itself."""

    kind: str
    text: str
    start: int
    spaced: bool  # a blank or a line end stands before it
    digits: bool = False  # a number written with digits alone
    padded: bool = False  # a number that begins with a needless 0
    value: fmpq = NOTHING


class Source:
    """A text under reading: what it should be, an example of that, and the words of its errors."""

    def __init__(self, text: str, what: str, example: str, length: int) -> None:
        self.text = text
        self.what = what
        self.example = example
        if len(text) > length:
            self.fail(f"at most {length:,} characters are read, and this has {len(text):,}")

    def fail(self, problem: str, at: int | None = None) -> NoReturn:
        """Raise `Unreadable`. `at` counts characters from 0, the message from 1."""
        where = "" if at is None else f", at character {at + 1}"
        text = "an empty answer" if len(self.text) < SCALAR_LENGTH and not self.text.strip() else shown(self.text)
        raise Unreadable(
            f"cannot read {text} as {self.what}{where}: {problem}; for example {self.example} can be read",
            position=None if at is None else at + 1,
        )


# ---------------------------------------------------------------------------------------------------------------------
# Tokens


def tokenize(source: Source, names: bool = False) -> list[Token]:
    """The tokens of a text, brackets matched. `names`: letters make names, as formulas have them."""
    text, tokens, at, spaced = source.text, list[Token](), 0, False
    open_brackets: list[tuple[str, int]] = []
    while at < len(text):
        c = text[at]
        if c in BLANKS:
            at, spaced = at + 1, True
            continue
        start = at
        if c in LINE_ENDS:
            at += 2 if text.startswith("\r\n", at) else 1
            tokens.append(Token("newline", "\n", start, spaced))
            spaced = True
            continue
        if ("0" <= c <= "9") or (c == "." and "0" <= text[at + 1 : at + 2] <= "9"):
            token, at = _literal(source, at, spaced, names)
        elif c in SUPERSCRIPTS:
            token, at = _superscript(source, at, spaced)
        elif names and (word := _formula_word(text, at)):
            token, at = Token("name", word, start, spaced), at + len(word)
        elif not names and (found := _WORD.match(text, at)):
            token, at = _word(source, found[0], at, spaced)
        elif text.startswith("**", at):
            token, at = Token("^", "**", start, spaced), at + 2
        else:
            kind = SAME_AS.get(c, c)
            if kind not in {"+", "-", "*", "/", "^", "(", ")", "[", "]", ",", ";", "√"}:
                source.fail(_unknown(text, at), at)
            token, at = Token(kind, c, start, spaced), at + 1
        if token.kind in CLOSES:
            open_brackets.append((token.kind, start))
            if len(open_brackets) > DEPTH:
                source.fail(f"brackets are nested more than {DEPTH} deep", start)
        elif token.kind in {")", "]"}:
            if not open_brackets:
                source.fail(f"{token.kind!r} closes nothing", start)
            opened, where = open_brackets.pop()
            if CLOSES[opened] != token.kind:
                source.fail(f"{opened!r} from character {where + 1} is closed by {token.kind!r}", start)
        tokens.append(token)
        spaced = False
    if open_brackets:
        source.fail(f"{open_brackets[-1][0]!r} is never closed", open_brackets[-1][1])
    while tokens and tokens[-1].kind == "newline":
        tokens.pop()
    first = next((n for n, token in enumerate(tokens) if token.kind != "newline"), 0)
    return tokens[first:]


def _literal(source: Source, at: int, spaced: bool, names: bool) -> tuple[Token, int]:
    text = source.text
    found = _LITERAL.match(text, at)
    if found is None:  # the caller saw a digit, or a point and a digit
        source.fail("a number", at)
    whole, part, end = found[1] or "", found[3] or found[5] or "", found.end()
    after = text[end : end + 1]
    if after == ".":
        source.fail("a second point in one number", end)
    if len(whole) + len(part) > DIGITS:
        source.fail(f"a number of more than {DIGITS} digits", at)
    if not names:
        if found[0] == "0" and after in ("x", "X") and re.match(r"[0-9A-Za-z]", text[end + 1 : end + 2]):
            source.fail("0x looks like a hexadecimal number, and only decimal ones are read", at)
        if after in ("e", "E"):
            source.fail(f"{after!r} wants a power of ten after it, as in 1e-3", end)
    exponent = found[7]
    if exponent is None:
        scale = 0
    else:
        exponent = exponent.lstrip("0") or "0"
        if len(exponent) > 3 or int(exponent) > EXPONENT:
            source.fail(f"a power of ten beyond ±{EXPONENT}", at)
        scale = int(exponent) if found[6] in ("", "+") else -int(exponent)
    scale -= len(part)
    digits = int(whole + part)
    value = fmpq(digits * 10**scale) if scale >= 0 else fmpq(digits, 10**-scale)
    alone = not (found[2] or found[4] or exponent)
    padded = len(whole) > 1 and whole[0] == "0"
    return Token("number", found[0], at, spaced, alone, padded, bounded(source, value, at)), end


def _superscript(source: Source, at: int, spaced: bool) -> tuple[Token, int]:
    end = at
    while end < len(source.text) and source.text[end] in SUPERSCRIPTS:
        end += 1
    raised = "".join(SUPERSCRIPTS[c] for c in source.text[at:end])
    if not re.fullmatch(r"[-+]?[0-9]{1,4}", raised):
        source.fail("a raised number that isn't one of up to four digits", at)
    return Token("power", source.text[at:end], at, spaced, value=fmpq(int(raised))), end


def _word(source: Source, word: str, at: int, spaced: bool) -> tuple[Token, int]:
    if word.lower() in {"nan", "inf", "infinity"}:
        source.fail(f"{shown(word)} is no number that an answer can be", at)
    if word not in {"x", "X", "sqrt"}:
        source.fail(f"letters aren't read here, as in {shown(word)}", at)
    return Token("name" if word == "sqrt" else "*", word, at, spaced), at + len(word)


def _formula_word(text: str, at: int) -> str:
    end = at
    while end < len(text) and (_is_letter(text[end]) or (end > at and (text[end] in "0123456789_₀₁₂₃₄₅₆₇₈₉"))):
        end += 1
    return text[at:end]


def _is_letter(c: str) -> bool:
    return "a" <= c <= "z" or "A" <= c <= "Z" or "Α" <= c <= "Ω" or "α" <= c <= "ω"


def _unknown(text: str, at: int) -> str:
    c = text[at]
    if c in VULGAR:
        return f"a fraction in one character is written {VULGAR[c]}"
    if c == "∞":
        return "infinity is no number that an answer can be"
    if c == "%":
        return "50% may mean 0.5 or 50 (write the one that is asked for, without the sign)"
    if c in "=≈≃≅~≡":
        return f"only the value is wanted, without {shown(c)}"
    if c in "_'’" and text[at - 1 : at].isdigit():
        return "digits aren't grouped (write 1000)"
    if c in "\\$":
        return "LaTeX isn't read (write 3/4 and 2^10)"
    if c == ".":
        return "a point without digits"
    if c == "|":
        return "a bar separates the cells of a table, and there is none here"
    if not c.isprintable():
        return f"the invisible character U+{ord(c):04X} is in the way (delete it)"
    if c.isdecimal() or c.isdigit():
        return f"{shown(c)} is none of the digits 0 to 9"
    return f"{shown(c)} has no meaning here"


# ---------------------------------------------------------------------------------------------------------------------
# Numbers


def bounded(source: Source, value: fmpq, at: int) -> fmpq:
    """The value, if it isn't too large or too fine to be an answer."""
    if value.height_bits() > BITS:
        source.fail("a number larger or finer than those between 1e-308 and 1e308", at)
    return value


class Scalars:
    """Recursive descent over the tokens of one scalar, which stops at `end`. `entry`: it stands in a list, where a
    blank before a sign is doubtful; `blanks`: in one whose entries blanks separate."""

    def __init__(
        self, source: Source, tokens: Sequence[Token], end: int, entry: bool = False, blanks: bool = False
    ) -> None:
        self.source = source
        self.tokens = [token for token in tokens if token.kind != "newline"]
        self.end = end
        self.at = 0
        self.entry = entry
        self.blanks = blanks

    def read(self) -> fmpq:
        """The value of all the tokens."""
        value = self.scalar()
        if self.at < len(self.tokens):
            self.unexpected("an operation")
        return value

    def kind(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].kind if at < len(self.tokens) else ""

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def unexpected(self, wanted: str) -> NoReturn:
        """Say what stands where `wanted` should."""
        if self.at >= len(self.tokens):
            advice = " (blanks separate entries: write 1-2 for a difference, or use commas)" if self.blanks else ""
            self.source.fail(f"{wanted} is missing{advice}", self.end)
        token = self.tokens[self.at]
        before = self.tokens[self.at - 1].kind if self.at else ""
        if token.kind in {"+", "-"} and before in {"+", "-", "*", "/", "^"}:
            problem = "two signs in a row (brackets say what is meant)"
        elif token.kind in {"^", "power"} and wanted == "an operation":
            problem = "a second power in a row (brackets say what is meant, as in 2^(3^2))"
        elif token.kind == ",":
            problem = self.comma(token)
        elif token.kind in {";", "["}:
            problem = f"one number is wanted, without {token.text!r}"
        elif wanted == "an operation":
            last = self.tokens[self.at - 1]
            grouped = token.digits and last.digits and len(token.text) == 3 and len(last.text) <= 3
            problem = f"an operation{' or a comma' if self.entry else ''} is missing before {shown(token.text, 16)}"
            if grouped and not self.entry:
                problem = f"blanks don't group digits (write {last.text}{token.text})"
        else:
            problem = f"{wanted} is missing before {shown(token.text, 16)}"
        self.source.fail(problem, token.start)

    def comma(self, token: Token) -> str:
        """What a comma in the place of an operation could have meant: thousands, a decimal mark, a list."""
        texts = [each.text for each in self.tokens if each.digits and len(each.text) <= 12]
        if self.entry or len(texts) * 2 != len(self.tokens) + 1 or any(t.kind != "," for t in self.tokens[1::2]):
            return "one number is wanted, without ','"
        if len(texts) > 2:
            return f"one number is wanted, and commas don't group digits (write {''.join(texts[:5])})"
        if len(texts[1]) == 3 and texts[0] != "0":
            return f"a comma may group thousands or mark decimals (write {''.join(texts)} or {'.'.join(texts)})"
        return f"the decimal mark is a point (write {'.'.join(texts)})"

    def scalar(self) -> fmpq:
        value = -self.product() if self.sign() else self.product()
        while self.kind() in {"+", "-"}:
            token = self.take()
            if self.entry and token.spaced and self.at < len(self.tokens) and not self.tokens[self.at].spaced:
                self.source.fail(
                    f"one entry or two? There is a blank before {token.text!r} but none after it", token.start
                )
            right = self.product()
            value = bounded(self.source, value - right if token.kind == "-" else value + right, token.start)
        return value

    def sign(self) -> bool:
        """Whether a minus stands here; passes over one sign of either kind."""
        return self.kind() in {"+", "-"} and self.take().kind == "-"

    def product(self) -> fmpq:
        value = self.power()
        while self.kind() in {"*", "/"}:
            token = self.take()
            right = -self.power() if self.sign() else self.power()
            if token.kind == "/":
                if right == 0:
                    self.source.fail("a division by 0", token.start)
                value = bounded(self.source, value / right, token.start)
            else:
                value = bounded(self.source, value * right, token.start)
        return value

    def power(self) -> fmpq:
        base = self.atom()
        if self.kind() not in {"^", "power"}:
            return base
        token = self.take()
        if token.kind == "power":
            exponent = token.value
        else:
            exponent = -self.atom() if self.sign() else self.atom()
        if self.kind() in {"^", "power"}:
            self.unexpected("an operation")
        if exponent.q != 1:
            self.source.fail("a power that isn't a whole number (sqrt takes roots)", token.start)
        if base == 0 and exponent <= 0:
            self.source.fail("0 to a power that isn't positive", token.start)
        if abs(exponent) > POWER or base.height_bits() * abs(exponent) > POWER_BITS:
            self.source.fail("a power that leads beyond 1e-308 or 1e308", token.start)
        return bounded(self.source, base ** int(exponent.p), token.start)

    def atom(self) -> fmpq:
        kind = self.kind()
        if kind == "number":
            return self.number()
        if kind == "(":
            return self.bracket()
        if kind not in {"name", "√"}:
            self.unexpected("a number")
        token = self.take()
        if kind == "√" and self.kind() == "number":
            return self.root(token, self.number())
        if self.kind() != "(":
            self.unexpected("the bracket of sqrt(…)" if kind == "name" else "a number or a bracket after √")
        return self.root(token, self.bracket())

    def number(self) -> fmpq:
        token = self.take()
        if token.padded:
            self.source.fail(f"a number that begins with 0 (write {token.text.lstrip('0') or '0'})", token.start)
        return token.value

    def bracket(self) -> fmpq:
        self.take()
        value = self.scalar()
        if self.kind() != ")":
            self.unexpected("an operation")
        self.take()
        return value

    def root(self, token: Token, value: fmpq) -> fmpq:
        if value < 0:
            self.source.fail("the root of a negative number", token.start)
        p, q = int(value.p), int(value.q)
        root = fmpq(isqrt(p), isqrt(q))
        if root * root != value:
            self.source.fail("a root that has no exact value (write it as a decimal)", token.start)
        return root


def read_scalar(
    text: str, what: str = "a number", example: str = "0.75, 3/4, -2^10 or 1.5e-3", length: int = SCALAR_LENGTH
) -> fmpq:
    """The number that a text spells, as a rational. Raises `Unreadable`."""
    source = Source(text, what, example, length)
    tokens = tokenize(source)
    if not tokens:
        source.fail("nothing is there")
    return Scalars(source, tokens, len(text)).read()


# ---------------------------------------------------------------------------------------------------------------------
# Lists


def _inside(tokens: list[Token]) -> list[Token]:
    """The tokens without the pair of brackets around all of them, where there is one, and without outer line ends."""
    if tokens and tokens[0].kind in CLOSES:
        depth = 0
        for n, token in enumerate(tokens):
            depth += (token.kind in CLOSES) - (token.kind in {")", "]"})
            if depth == 0:
                return _trim(tokens[1:-1]) if n == len(tokens) - 1 else tokens
    return tokens


def _trim(tokens: list[Token]) -> list[Token]:
    first, last = 0, len(tokens)
    while first < last and tokens[first].kind == "newline":
        first += 1
    while last > first and tokens[last - 1].kind == "newline":
        last -= 1
    return tokens[first:last]


def _outside(tokens: list[Token], openers: bool = False) -> list[bool]:
    """For each token whether it stands outside all brackets. A bracket counts as inside, unless `openers`: then the
    one that opens counts as outside."""
    marks, depth = [], 0
    for token in tokens:
        if openers:
            marks.append(depth == 0)
        depth += token.kind in CLOSES
        if not openers:
            marks.append(depth == 0)
        depth -= token.kind in {")", "]"}
    return marks


def _split(tokens: list[Token], separators: frozenset[str]) -> list[tuple[list[Token], Token | None]]:
    """The pieces between separators that stand outside brackets, each with the separator that ends it."""
    pieces: list[tuple[list[Token], Token | None]] = []
    piece: list[Token] = []
    for token, outside in zip(tokens, _outside(tokens), strict=True):
        if outside and token.kind in separators:
            pieces.append((piece, token))
            piece = []
        else:
            piece.append(token)
    pieces.append((piece, None))
    return pieces


def _entries(source: Source, tokens: list[Token], end: int) -> tuple[fmpq, ...]:
    """Entries without their outer brackets: separated by commas, else by semicolons, else by blanks."""
    outside = _outside(tokens)
    kinds = {token.kind for token, free in zip(tokens, outside, strict=True) if free}
    if not kinds & {",", ";"}:
        chunks = _chunks(tokens)
        ends = [chunk[0].start for chunk in chunks[1:]] + [end]
        return tuple(
            Scalars(source, chunk, stop, entry=True, blanks=True).read()
            for chunk, stop in zip(chunks, ends, strict=True)
        )
    separator = "," if "," in kinds else ";"
    pieces = _split(tokens, frozenset(separator))
    if len(pieces) > 1 and not _trim(pieces[-1][0]):
        pieces.pop()
    values = []
    for piece, ends_with in pieces:
        if not _trim(piece):
            source.fail(f"an entry is missing before {separator!r}", end if ends_with is None else ends_with.start)
        values.append(Scalars(source, piece, end if ends_with is None else ends_with.start, entry=True).read())
    return tuple(values)


def _chunks(tokens: list[Token]) -> list[list[Token]]:
    """The pieces between blanks and line ends that stand outside brackets."""
    chunks: list[list[Token]] = []
    for token, outside in zip(tokens, _outside(tokens, openers=True), strict=True):
        if outside and token.kind == "newline":
            continue
        if not chunks or (token.spaced and outside):
            chunks.append([])
        chunks[-1].append(token)
    return chunks


def _list_source(text: str, what: str, example: str) -> tuple[Source, list[Token]]:
    source = Source(text, what, example, LIST_LENGTH)
    tokens = tokenize(source)
    if not tokens:
        source.fail("nothing is there")
    return source, tokens


def read_shape(text: str, what: str = "a shape", example: str = "(64, 32, 3) or 64x32x3") -> tuple[fmpq, ...]:
    """The dimensions that a text spells. Raises `Unreadable`."""
    found = _TORCH_SIZE.match(text[:LIST_LENGTH])
    source, tokens = _list_source(text if not found else " " * found.end() + text[found.end() :], what, example)
    inner = _inside(_inside(tokens) if found else tokens)
    if not inner:
        return ()
    outside = {token.kind for token, free in zip(inner, _outside(inner), strict=True) if free}
    if "*" not in outside or outside & {",", ";"}:
        return _entries(source, inner, len(text))
    dimensions = []
    for piece, ends_with in _split(inner, frozenset("*")):
        end = len(text) if ends_with is None else ends_with.start
        value = Scalars(source, piece, end, entry=True).read()
        if len(_trim(piece)) > 2 or (len(_trim(piece)) == 2 and piece[0].kind not in {"+", "-"}):
            source.fail("between times signs stands one number (commas separate those worked out)", piece[0].start)
        dimensions.append(value)
    return tuple(dimensions)


def read_vector(text: str, what: str = "a vector", example: str = "(0.5, -1, 3/4)") -> tuple[fmpq, ...]:
    """The entries that a text spells, at least one. Raises `Unreadable`."""
    source, tokens = _list_source(text, what, example)
    inner = _inside(tokens)
    if not inner:
        source.fail("no entries are there")
    return _entries(source, inner, len(text))


def read_matrix(
    text: str, what: str = "a matrix", example: str = "1 2; 3 4 or [[1, 2], [3, 4]]"
) -> tuple[tuple[fmpq, ...], ...]:
    """The rows that a text spells: at least one, all of one length, at least 1. Raises `Unreadable`."""
    source, tokens = _list_source(text, what, example)
    inner = _inside(tokens)
    rows: list[tuple[fmpq, ...]] = []
    for piece, end in _rows(source, inner, len(text)):
        row = _inside(piece)
        if not row:
            source.fail(f"row {len(rows) + 1} has no entries")
        rows.append(_entries(source, row, end))
        if len(rows[-1]) != len(rows[0]):
            source.fail(
                f"row 1 has {len(rows[0])} {_entries_word(len(rows[0]))}, "
                f"but row {len(rows)} has {len(rows[-1])}, and rows have one length"
            )
    if not rows:
        source.fail("no rows are there")
    return tuple(rows)


def _entries_word(n: int) -> str:
    return "entry" if n == 1 else "entries"


_ROW_ENDS = frozenset({";", "newline"})


def _rows(source: Source, tokens: list[Token], end: int) -> list[tuple[list[Token], int]]:
    """The tokens of each row and where it ends."""
    pieces = _split(tokens, _ROW_ENDS)
    if len(pieces) == 1:
        return _groups(tokens, end) if tokens else []
    rows: list[tuple[list[Token], int]] = []
    separated = True  # a semicolon has stood since the last row
    for piece, ends_with in pieces:
        if piece:
            bracketed = piece[0].kind in CLOSES and piece[-1].kind == "," and len(_inside(piece[:-1])) < len(piece) - 1
            rows.append((piece[:-1] if bracketed else piece, end if ends_with is None else ends_with.start))
            separated = False
        if ends_with is not None and ends_with.kind == ";":
            if separated:
                source.fail("a row is missing before ';'", ends_with.start)
            separated = True
    return rows


def _groups(tokens: list[Token], end: int) -> list[tuple[list[Token], int]]:
    """Bracketed groups after one another, with commas or blanks between them, are rows; anything else is one row."""
    groups: list[tuple[list[Token], int]] = []
    depth, between = 0, True
    for token in tokens:
        if depth == 0:
            if token.kind == "," and not between:
                between = True
                continue
            if token.kind not in CLOSES or not (between or token.spaced):
                return [(tokens, end)]
            groups.append(([], end))
        groups[-1][0].append(token)
        depth += (token.kind in CLOSES) - (token.kind in {")", "]"})
        between = False
    return groups
