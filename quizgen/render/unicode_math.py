r"""Formulas as text: `\hat{m}_1 = \frac{0.05}{1 - 0.9}` reads m̂₁ = 0.05/(1 − 0.9).

`inline` gives one line, matrices as rows in brackets; `block` gives several lines, matrices drawn. Both know the
part of LaTeX that statements and solutions use. A formula outside of it comes out as its LaTeX source: what a
reader sees may be less pretty, but it is never wrong and never an exception.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from quizgen.label import columns as width
from quizgen_solvers.glyphs import ACCENTS, GREEK, SUBSCRIPTS, SUPERSCRIPTS, signs

__all__ = ["block", "inline", "plain", "width"]


class _Unknown(Exception):
    """LaTeX that this file does not read; its source is shown instead."""


@dataclass(frozen=True, slots=True)
class _Box:
    """A drawn piece: its lines, which of them is the line of the text around it, and how it spaces itself."""

    lines: tuple[str, ...]
    base: int = 0
    kind: str = "ord"  # ord, word, frac, op, bin, sign, tight, rel, open, close, punct, bar, space

    @property
    def text(self) -> str:
        return self.lines[self.base]

    @property
    def flat(self) -> bool:
        return len(self.lines) == 1


def _names(text: str) -> list[str]:
    return text.split()


_ORDINARY = GREEK | signs(
    "infty partial nabla ell emptyset varnothing top bot ldots dots cdots vdots ddots forall exists neg prime ast star "
    "checkmark degree dagger square hbar Re Im backslash dotsc dotsb imath jmath blacksquare bullet times triangle"
)
_RELATIONS = signs(
    "approx le leq ge geq ne neq equiv sim simeq cong propto in notin ni subset subseteq to rightarrow leftarrow gets "
    "mapsto Rightarrow Leftarrow implies iff Leftrightarrow leftrightarrow longrightarrow ll gg mid parallel coloneqq "
    "uparrow downarrow lt gt perp succ prec leqslant geqslant triangleq Vert"
)
_BINARY = signs(
    "times pm mp odot oplus otimes ominus div cup cap setminus wedge vee land lor circ ast star bmod bullet"
)
_TIGHT = signs("cdot cdotp")
_LARGE = signs("sum prod int bigcup bigcap oint")
_OPEN = signs("lfloor lceil langle lbrace lbrack lvert lVert") | {"{": "{"}
_CLOSE = signs("rfloor rceil rangle rbrace rbrack rvert rVert") | {"}": "}"}
_NAMED = frozenset(
    _names("log ln exp max min sin cos tan tanh sinh cosh arg argmax argmin det dim lim sup inf ker gcd Pr arctan")
)
_ACCENTS = ACCENTS | {
    "check": "\u030c", "acute": "\u0301", "grave": "\u0300", "overline": "\u0305", "underline": "\u0332",
}  # fmt: skip
_SPACES = {
    ",": " ",
    ":": " ",
    ";": " ",
    " ": " ",
    "quad": "  ",
    "qquad": "    ",
    "!": "",
    "thinspace": " ",
    "enspace": " ",
}
_SILENT = frozenset(
    _names(
        "displaystyle textstyle scriptstyle limits nolimits big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr "
        "Biggl Biggr bigm nonumber notag hline strut allowbreak relax mathstrut"
    )
)
_FACES = frozenset(
    _names("mathbf boldsymbol bm mathit mathnormal mathsf boxed mathord mathbin mathrel mathop vphantom")
)
_TEXTS = frozenset(_names("text textrm textnormal textit textbf textsf texttt mathrm operatorname mathtt mbox"))
_LETTERS = {
    "mathbb": {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ", "P": "ℙ", "E": "𝔼", "1": "𝟙"},
    "mathcal": {
        "L": "ℒ", "N": "𝒩", "D": "𝒟", "U": "𝒰", "O": "𝒪", "H": "ℋ", "F": "ℱ", "B": "ℬ", "E": "ℰ", "X": "𝒳", "Y": "𝒴"
    },
}  # fmt: skip
_SUPERSCRIPTS = SUPERSCRIPTS | {"∗": "*", "*": "*", ",": ","}
_SUBSCRIPTS = SUBSCRIPTS | {",": ","}
_MATRICES = {"matrix": "", "pmatrix": "()", "bmatrix": "[]", "Bmatrix": "{}", "vmatrix": "||", "Vmatrix": "‖‖",
             "smallmatrix": "", "array": ""}  # fmt: skip
_ROWS = frozenset({"aligned", "align", "align*", "split", "gathered", "gather*", "alignedat"})
_TALL = {
    "(": "⎛⎜⎝", ")": "⎞⎟⎠", "[": "⎡⎢⎣", "]": "⎤⎥⎦", "{": "⎧⎪⎩", "}": "⎫⎪⎭", "|": "│││", "‖": "‖‖‖",
    "⌊": "⎢⎢⎣", "⌋": "⎥⎥⎦", "⌈": "⎡⎢⎢", "⌉": "⎤⎥⎥",
}  # fmt: skip

_CONTINUES = tuple("=≈≤≥<>→+−")
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_DEEPEST = 40
_LONGEST = 20_000


def plain(text: str) -> str:
    """Text without control characters: nothing in it moves a cursor, rings a bell or turns a line around.

    Line breaks and tabs become spaces.
    """
    if text.isascii() and text.isprintable():  # as nearly all is
        return text
    text = re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]+", " ", text)
    return "".join(char for char in text if not _is_control(char))


def _is_control(char: str) -> bool:
    if char < "\x7f":
        return char < " "
    return unicodedata.category(char) in ("Cc", "Cs") or char in _TURNING


_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def inline(latex: str) -> str:
    """A formula on one line."""
    return _draw(latex, flat=True)[0]


def block(latex: str) -> tuple[str, ...]:
    """A formula with its matrices, cases and aligned rows drawn over several lines of equal width."""
    return _draw(latex, flat=False)


def _draw(latex: str, flat: bool) -> tuple[str, ...]:
    source = plain(latex).strip()
    if len(source) > _LONGEST:
        return (source,)
    try:
        lines = _Reader(source, flat).whole().lines
    except (_Unknown, RecursionError):
        return (source,)
    return tuple(line.rstrip() for line in lines) if flat else lines


class _Reader:
    def __init__(self, source: str, flat: bool) -> None:
        self.tokens: list[str] = _TOKEN.findall(source)
        self.at = 0
        self.flat = flat
        self.depth = 0

    def whole(self) -> _Box:
        boxes = self.boxes(frozenset())
        return _join(boxes)

    # -- tokens

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def skip_space(self) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1

    def expect(self, piece: str) -> None:
        self.skip_space()
        if self.peek() != piece:
            raise _Unknown
        self.at += 1

    def raw_group(self) -> str:
        """The source between two braces."""
        self.expect("{")
        depth = 1
        parts: list[str] = []
        while self.at < len(self.tokens):
            piece = self.tokens[self.at]
            self.at += 1
            depth += (piece == "{") - (piece == "}")
            if not depth:
                return "".join(parts)
            parts.append(piece)
        raise _Unknown

    # -- grammar

    def boxes(self, ends: frozenset[str]) -> list[_Box]:
        boxes: list[_Box] = []
        while True:
            self.skip_space()
            piece = self.peek()
            if not piece:
                if ends:
                    raise _Unknown
                return boxes
            if piece in ends:
                return boxes
            box = self.scripted()
            if box is not None:
                boxes.append(box)

    def argument(self) -> _Box:
        """What follows a command: a group or a single piece."""
        self.skip_space()
        if self.peek() == "{":
            return self.group()
        piece = self.peek()
        if re.fullmatch(r"\d+(?:\.\d+)?", piece) and len(piece) > 1:  # \frac12 takes one digit at a time
            self.tokens[self.at : self.at + 1] = [piece[0], piece[1:]]
        box = self.atom()
        if box is None:
            raise _Unknown
        return box

    def group(self, tight: bool = False) -> _Box:
        self.expect("{")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unknown
        boxes = self.boxes(frozenset({"}"}))
        self.depth -= 1
        self.at += 1
        if len(boxes) == 1:
            only = boxes[0]
            return only if only.kind not in ("punct", "bin", "rel") else _Box(only.lines, only.base)
        return _join(boxes, tight)

    def script(self) -> _Box:
        self.at += 1
        self.skip_space()
        if self.peek() == "{":
            return self.group(tight=True)
        return self.argument()

    def scripted(self) -> _Box | None:
        base = _Box(("",)) if self.peek() in ("_", "^") else self.atom()
        if base is None:
            return None
        below: _Box | None = None
        above: list[_Box] = []
        while True:
            here = self.at
            self.skip_space()
            piece = self.peek()
            if piece == "_":
                if below is not None:
                    raise _Unknown
                below = self.script()
            elif piece == "^":
                above.append(self.script())
            elif piece == "'":
                self.at += 1
                above.append(_Box(("′",)))
            else:
                self.at = here
                break
        if below is None and not above:
            return base
        lower = _subscript(below) if below is not None else ""
        upper = "".join(_superscript(box) for box in above)
        kind = base.kind if base.kind in ("bin", "op", "close", "fence", "rel") else "ord"
        if base.flat:
            inner = f"({base.text})" if base.kind == "frac" else base.text
            return _Box((inner + lower + upper,), 0, kind)
        pad = max(width(lower), width(upper))
        right = [""] * len(base.lines)
        right[-1], right[0] = lower, upper
        return _Box(
            tuple(line + _fill(end, pad) for line, end in zip(base.lines, right, strict=True)), base.base, "ord"
        )

    def atom(self) -> _Box | None:
        piece = self.peek()
        self.at += 1
        if piece.startswith("\\") and len(piece) > 1:
            return self.command(piece[1:])
        if piece == "{":
            self.at -= 1
            return self.group()
        if piece in ("}", "&", "^", "_", "#", "$", "%", "\\", ""):
            raise _Unknown
        if piece == "-":
            return _Box(("−",), 0, "bin")
        if piece == "*":
            return _Box(("∗",), 0, "bin")
        if piece == "+":
            return _Box(("+",), 0, "bin")
        if piece in "=<>≈≤≥≠→←∈:":
            return _Box((piece,), 0, "rel")
        if piece in "([":
            return _Box((piece,), 0, "open")
        if piece in ")]":
            return _Box((piece,), 0, "close")
        if piece in ",;.":
            return _Box((piece,), 0, "punct")
        if piece == "|":
            return _Box(("|",), 0, "bar")
        if piece == "/":
            return _Box(("/",), 0, "tight")
        if piece == "~":
            return _Box((" ",), 0, "space")
        if piece == "'":
            return _Box(("′",))
        return _Box((piece,))

    def command(self, name: str) -> _Box | None:
        if name in _SILENT:
            return None
        for table, kind in (
            (_TIGHT, "tight"),
            (_BINARY, "bin"),
            (_RELATIONS, "rel"),
            (_ORDINARY, "ord"),
            (_OPEN, "open"),
            (_CLOSE, "close"),
            (_LARGE, "op"),
        ):
            if name in table:
                return _Box((table[name],), 0, kind)
        if name in _SPACES:
            return _Box((_SPACES[name],), 0, "space")
        if name in "%$&#_" and len(name) == 1:
            return _Box((name,))
        if name == "|":
            return _Box(("‖",), 0, "bar")
        if name in _NAMED:
            return _Box((name.replace("arg", "arg ") if name in ("argmax", "argmin") else name,), 0, "op")
        if name in _FACES:
            return self.argument()
        if name in _TEXTS or name == "operatorname*":
            return self.words(name)
        if name in _LETTERS:
            letter = self.argument()
            return _Box(("".join(_LETTERS[name].get(char, char) for char in letter.text),))
        if name in _ACCENTS:
            return _accent(self.argument(), name)
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            above, below = self.argument(), self.argument()
            return _Box((f"{_side(above)}/{_side(below, under=True)}",), 0, "frac")
        if name == "sqrt":
            return self.root()
        if name in ("left", "right", "middle"):
            return self.delimited(name)
        if name == "begin":
            return self.environment()
        if name == "bmod":
            return _Box(("mod",), 0, "bin")
        raise _Unknown

    def words(self, name: str) -> _Box:
        text = re.sub(r"\\([ _%&#${}])", r"\1", self.raw_group()).replace("~", " ")
        if "\\" in text or "$" in text:
            raise _Unknown
        if name.startswith("operatorname"):
            return _Box((text.strip(),), 0, "op")
        if name == "mathrm":
            text = text.strip()
        return _Box((text,), 0, "word" if len(text) > 1 else "ord")

    def root(self) -> _Box:
        sign = "√"
        if self.peek() == "[":
            end = self.tokens.index("]", self.at) if "]" in self.tokens[self.at :] else -1
            index = "".join(self.tokens[self.at + 1 : end]) if end > 0 else ""
            if index not in ("2", "3", "4"):
                raise _Unknown
            sign, self.at = {"2": "√", "3": "∛", "4": "∜"}[index], end + 1
        inside = self.argument()
        if not inside.flat:
            raise _Unknown
        text = inside.text
        return _Box((sign + (text if _is_single(text) else f"({text})"),))

    def delimiter(self) -> str:
        self.skip_space()
        piece = self.peek()
        self.at += 1
        if piece == ".":
            return ""
        if piece in "()[]|/<>" and piece:
            return piece
        name = piece[1:]
        for table in (_OPEN, _CLOSE):
            if piece.startswith("\\") and name in table:
                return table[name]
        if piece == r"\|":
            return "‖"
        raise _Unknown

    def delimited(self, name: str) -> _Box:
        if name != "left":  # a \right or \middle out of place
            raise _Unknown
        opening = self.delimiter()
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unknown
        pieces: list[_Box] = []
        while True:
            pieces += self.boxes(frozenset({r"\right", r"\middle"}))
            self.at += 1
            mark = self.delimiter()
            if self.tokens[self.at - 2] == r"\right" or self._closed_by_right():
                break
            pieces.append(_Box((mark,), 0, "rel"))
        self.depth -= 1
        return _fence(_join(pieces), opening, mark)

    def _closed_by_right(self) -> bool:
        at = self.at - 2
        while at >= 0 and self.tokens[at].isspace():
            at -= 1
        return self.tokens[at] == r"\right"

    def environment(self) -> _Box:
        name = self.raw_group()
        if name in ("array", "alignedat"):
            self.raw_group()
        if name not in _MATRICES and name not in _ROWS and name != "cases":
            raise _Unknown
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unknown
        rows: list[list[_Box]] = []
        while True:
            row: list[_Box] = []
            while True:
                row.append(_join(self.boxes(frozenset({"&", r"\\", r"\cr", r"\end"}))))
                if self.peek() != "&":
                    break
                self.at += 1
            rows.append(row)
            piece = self.peek()
            self.at += 1
            if piece == r"\end":
                break
            if self.peek() == "[":  # the space after a row
                while self.peek() not in ("]", ""):
                    self.at += 1
                self.at += 1
        if self.raw_group() != name:
            raise _Unknown
        self.depth -= 1
        if rows and len(rows[-1]) == 1 and not rows[-1][0].text:
            rows.pop()
        if name in _ROWS:
            return self.rows(rows)
        if name == "cases":
            return self.cases(rows)
        return self.matrix(rows, _MATRICES[name])

    def rows(self, rows: list[list[_Box]]) -> _Box:
        if self.flat:
            text = ""
            for row in rows:
                line = " ".join(box.text for box in row if box.text)
                text += ("" if not text else " " if line.startswith(_CONTINUES) else "; ") + line
            return _Box((text,))
        return _grid(rows, " ", ("right", "left"))

    def cases(self, rows: list[list[_Box]]) -> _Box:
        if self.flat:
            return _Box(("{" + "; ".join("  ".join(box.text for box in row) for row in rows) + "}",))
        return _fence(_grid(rows, "  ", ("left",)), "{", "")

    def matrix(self, rows: list[list[_Box]], fence: str) -> _Box:
        if self.flat:
            return _Box(("[" + ", ".join("[" + ", ".join(box.text for box in row) + "]" for row in rows) + "]",))
        grid = _grid(rows, "  ", ("right",))
        return _fence(grid, fence[0], fence[1], margin=" ") if fence else grid


def _is_single(text: str) -> bool:
    """Whether a text needs no parentheses under a root or in a power."""
    return bool(re.fullmatch(r"\d+(\.\d+)?|[^\W\d_][\u0300-\u036f\u20d7]*[₀-₉ₐ-ₜᵢⱼᵣᵤᵥ]*|\(.[^()]*\)", text))


def _is_sum(text: str) -> bool:
    depth = 0
    for at, char in enumerate(text):
        depth += (char in "([{⌊⌈") - (char in ")]}⌋⌉")
        if not depth and at and char in "+−±" and text[at - 1] == " ":
            return True
        if not depth and char in "=≈<>≤≥,":
            return True
    return False


def _side(box: _Box, under: bool = False) -> str:
    """One side of a fraction, in parentheses where the slash would bind wrongly."""
    if not box.flat:
        raise _Unknown
    text = box.text
    if _is_sum(text):
        return f"({text})"
    if under and (re.search(r"[·×/⊙ ]", text) or (text[:1].isdigit() and not text.replace(".", "").isdigit())):
        return f"({text})"
    if not under and (" " in text or "/" in text) and not text.endswith(")"):
        return f"({text})"
    return text


def _accent(box: _Box, name: str) -> _Box:
    if not box.flat or not box.text:
        raise _Unknown
    mark, text = _ACCENTS[name], box.text
    if name in ("overline", "underline"):
        return _Box(("".join(char + mark for char in text),))
    if sum(not unicodedata.combining(char) for char in text) == 1:
        return _Box((text + mark,))
    head = re.match(r"[^\W\d_]", text)
    if head and all(char in _SUBSCRIPTS.values() for char in text[1:]):  # \hat{m_1}
        return _Box((text[0] + mark + text[1:],))
    return _Box((f"{name.removeprefix('wide')}({text})",))


def _subscript(box: _Box) -> str:
    if not box.flat:
        raise _Unknown
    text = box.text.strip()
    if box.kind not in ("word", "op") and text and all(char in _SUBSCRIPTS for char in text):
        return "".join(_SUBSCRIPTS[char] for char in text)
    return f"_{text}" if len(text) == 1 or text.replace("-", "").isalnum() else f"_({text})"


def _superscript(box: _Box) -> str:
    if not box.flat:
        raise _Unknown
    text = box.text.strip()
    if box.kind != "word" and text and all(char in _SUPERSCRIPTS for char in text):
        return "".join(_SUPERSCRIPTS[char] for char in text)
    return f"^{text}" if len(text) == 1 else f"^({text})"


def _join(boxes: Iterable[_Box], tight: bool = False) -> _Box:
    """Boxes side by side, spaced as their kinds ask; `tight` as in an index or exponent."""
    pieces: list[_Box] = []
    before: _Box | None = None
    for box in boxes:
        kind = box.kind
        if kind == "bin" and (before is None or before.kind in ("bin", "tight", "rel", "open", "punct", "op")):
            box = _Box(box.lines, box.base, "sign")
        elif before is not None and before.kind == "frac" and kind in ("ord", "word", "frac", "op", "open", "fence"):
            pieces[-1] = _Box((f"({before.text})",))  # (1/2)x is not 1/2x
        gap = _gap(before, box, tight)
        if gap:
            pieces.append(_Box((gap,)))
        pieces.append(box)
        before = box
    joined = _beside(pieces)
    kind = before.kind if before is not None and len(pieces) == 1 else "ord"
    return _Box(joined.lines, joined.base, kind if kind not in ("bin", "sign", "space") else "ord")


def _gap(before: _Box | None, box: _Box, tight: bool) -> str:
    if before is None or before.kind == "space" or box.kind == "space" or not before.lines[0]:
        return ""
    if tight and box.kind != "word" and before.kind != "word":
        return ""
    if not before.flat and not box.flat:
        return " "
    left, right = before.kind, box.kind
    if right in ("bin", "rel") or left in ("bin", "rel"):
        return " "
    if left == "punct":
        return "" if right == "close" else " "  # (90,) is a tuple of one
    if left == "op" and right in ("ord", "word", "op", "sign"):
        return " "
    if right in ("op", "frac") and left in ("ord", "close", "fence", "word", "frac", "op"):
        return " "
    if left == "frac" and right in ("ord", "word"):
        return " "
    if left == "word" and right in ("ord", "word") and not before.text.endswith(" "):
        return "" if box.text.startswith(" ") else " "
    if right == "word" and left in ("ord", "close", "fence") and not box.text.startswith(" "):
        return " "
    return ""


def _fill(text: str, columns: int, align: str = "left") -> str:
    space = " " * (columns - width(text))
    return space + text if align == "right" else text + space


def _beside(boxes: list[_Box]) -> _Box:
    if all(box.flat for box in boxes):
        return _Box(("".join(box.text for box in boxes),))
    above = max(box.base for box in boxes)
    below = max(len(box.lines) - box.base for box in boxes)
    lines = [""] * (above + below)
    for box in boxes:
        columns = max(map(width, box.lines))
        for at in range(above + below):
            inside = at - above + box.base
            lines[at] += _fill(box.lines[inside] if 0 <= inside < len(box.lines) else "", columns)
    return _Box(tuple(lines), above)


def _grid(rows: list[list[_Box]], gap: str, align: tuple[str, ...]) -> _Box:
    """Rows of one-line boxes in columns that are aligned as `align` says, in turn."""
    columns = max((len(row) for row in rows), default=0)
    if not columns or any(not box.flat for row in rows for box in row):
        raise _Unknown
    texts = [[box.text for box in row] + [""] * (columns - len(row)) for row in rows]
    widths = [max(width(row[at]) for row in texts) for at in range(columns)]
    lines = []
    for row in texts:
        cells = [_fill(cell, widths[at], align[at % len(align)]) for at, cell in enumerate(row)]
        lines.append(gap.join(cells))
    return _Box(tuple(lines), (len(lines) - 1) // 2)


def _fence(box: _Box, opening: str, closing: str, margin: str = "") -> _Box:
    """A box between delimiters that are as tall as it is."""
    if box.flat:
        return _Box((f"{opening}{box.text}{closing}",), 0, "fence")
    left, right = _tall(opening, len(box.lines)), _tall(closing, len(box.lines))
    if opening == "{" and len(box.lines) > 2:
        left[box.base] = "⎨"
    lines = tuple(
        f"{start}{margin if opening != '{' else ' '}{line}{margin}{end}"
        for start, line, end in zip(left, box.lines, right, strict=True)
    )
    return _Box(lines, box.base, "fence")


def _tall(delimiter: str, height: int) -> list[str]:
    if not delimiter:
        return [""] * height
    if delimiter not in _TALL:
        return [delimiter] * height
    pieces = _TALL[delimiter]
    return [pieces[0], *[pieces[1]] * (height - 2), pieces[2]]
