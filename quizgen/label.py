"""Labels of figures: a small piece of LaTeX math, or words with math between dollars, for three ways of drawing.

SVG has no math and a terminal has no LaTeX, so a label is parsed into a little tree that says itself as positioned
runs of text (`runs`) and as Unicode (`plain`), and is written as LaTeX anew from the tree (`parts`). Nothing is handed
through: a command that is not in the tables below comes out as the text that it is, whatever it spells.

What is understood: letters, digits, Greek, scripts (`x_1`, `W^{(1)}`, primes), `\\hat \\bar \\tilde \\dot \\vec`,
`\\mathbf \\mathrm \\mathcal \\text \\operatorname` and their relatives, named functions, the usual operators and
relations, `\\frac` (drawn on one line), `\\sqrt`, `\\left \\right` and spaces.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from quizgen_solvers.glyphs import ACCENTS, GREEK, SUBSCRIPTS, SUPERSCRIPTS, signs

__all__ = ["Label", "Row", "Run", "Said", "clip", "columns", "math", "printable", "words", "wrap"]

Face = Literal["italic", "roman", "bold", "words", "strong"]  # the last two: outside math

_DEPTH = 12  # braces within braces; what lies deeper is shown as it was typed
_SCRIPT = 0.72  # size of a script, of the size of its base
_RAISE, _LOWER = 0.40, 0.24  # how far a script moves, of the size of its base


_ORDINARY = signs(
    "partial nabla ell infty hbar ldots dots cdots vdots top bot prime star sum prod int odot oplus otimes ominus circ "
    "ast bullet forall exists emptyset langle rangle lfloor rfloor lceil rceil Vert vert dagger leftarrow rightarrow "
    "to uparrow downarrow mapsto"
) | {"|": "‖"}
_BINARY = signs("times cdot pm mp div cup cap wedge vee")
_RELATION = signs("le leq ge geq ne neq approx equiv sim in notin propto gets Rightarrow ll gg subset")
_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        "arccos arcsin arctan arg cos cosh cot det dim exp inf ker lim ln log max min Pr sec sin sinh sup tan tanh",
    )
)
_FACES: dict[str, Face] = {
    **dict.fromkeys(("mathbf", "boldsymbol", "bm", "textbf", "mathbb", "mathbfit"), "bold"),
    **dict.fromkeys(("mathcal", "mathit"), "italic"),
    **dict.fromkeys(("mathrm", "text", "textrm", "mathsf", "mathtt", "texttt", "operatorname"), "roman"),
}
_TEXT_COMMANDS = frozenset({"text", "textrm", "texttt", "textbf", "operatorname"})
_SPACES = {",": "\u2009", ":": " ", ";": " ", " ": " ", "!": "", "quad": "  ", "qquad": "    "}
_SKIP = frozenset({"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "displaystyle", "limits"})

# Advance widths in em, the wider of two wide families (DejaVu Sans and Serif): a label never outgrows its box.
_WIDTHS = {
    char: width
    for width, chars in {
        0.0: "\u0302\u0303\u0304\u0307\u0308\u20d7",
        0.2: "\u2009",
        0.32: " ',./:;\\ijl|·",
        0.42: "!()-IJ[]ftι′",
        0.5: '"*?_`rszεζ∂ℓ',
        0.64: "$0123456789abcdeghknopquvxy{}βγδηθλμνξορτυχ⋆√",
        0.73: "ABEFKLPSTVXYZακπσφΓΔΛΞΣΥ∇∑",
        0.84: "#+<=>CDGOQRU^~ψωΘΦΩ∞−×≤≥→←∗⊙",
        0.9: "&HNwΠΨ",
        1.0: "%@MWm",
    }.items()
    for char in chars
}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one face; `size` and `rise` are in units of the label's own size, `rise` upwards."""

    text: str
    face: Face
    size: float = 1.0
    rise: float = 0.0

    @property
    def width(self) -> float:
        """An upper estimate, in units of the label's own size."""
        widen = 1.12 if self.face in ("bold", "strong") else 1.0
        return self.size * widen * sum(map(_advance, self.text))


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character or one word. `latex` is how math writes it, empty for text; `role` decides the space around it."""

    text: str
    face: Face
    latex: str
    role: Literal["ordinary", "binary", "relation", "open", "comma", "function", "space"] = "ordinary"


@dataclass(frozen=True, slots=True)
class Script:
    """A base with what stands below and above it."""

    base: "Row"
    below: "Row | None"
    above: "Row | None"


@dataclass(frozen=True, slots=True)
class Accent:
    """A body under an accent, by the name of its command."""

    command: str
    body: "Row"


@dataclass(frozen=True, slots=True)
class Fraction:
    """A numerator above a denominator."""

    above: "Row"
    below: "Row"


@dataclass(frozen=True, slots=True)
class Root:
    """A square root."""

    body: "Row"


Atom = Glyph | Script | Accent | Fraction | Root
Row = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Words outside math, as they are."""

    text: str
    bold: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A parsed label: `plain` for a terminal, `runs` for a drawing, `parts` (math and words) for what sets math."""

    plain: str
    runs: tuple[Run, ...]
    parts: tuple[Row | Said, ...]

    def width(self, size: float) -> float:
        """An upper estimate of how wide it is drawn, in the units of `size`."""
        return size * sum(run.width for run in self.runs)

    def __bool__(self) -> bool:
        return bool(self.plain.strip())

    def __add__(self, other: "Label") -> "Label":
        """Two labels on one line with a thin space between them."""
        space = Glyph("\u2009", "roman", r"\,", "space")
        runs = (*self.runs, *_runs((space,)), *other.runs)
        return Label(f"{self.plain} {other.plain}", tuple(_merge(runs)), (*self.parts, (space,), *other.parts))


@lru_cache(maxsize=4096)
def math(source: str) -> Label:
    """A label that is LaTeX math throughout: `math(r"\\hat{y}_1")`."""
    row = _Reader(source).row()
    return Label(_plain(row), tuple(_merge(_runs(row))), (row,))


@lru_cache(maxsize=4096)
def words(source: str, bold: bool = False) -> Label:
    """A label of words, taken as they are, with LaTeX math between dollars.

    As in the markup of statements a backslash makes the punctuation after it literal; a `$` without a partner is one.
    """
    pieces = re.split(r"(?<!\\)\$", source)
    if len(pieces) % 2 == 0:
        pieces = [source]
    plain: list[str] = []
    runs: list[Run] = []
    parts: list[Row | Said] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            label = math(piece)
            plain.append(label.plain)
            runs.extend(label.runs)
            parts.extend(label.parts)
        elif piece:
            piece = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", piece)
            piece = printable(piece)
            plain.append(piece)
            runs.append(Run(piece, "strong" if bold else "words"))
            parts.append(Said(piece, bold))
    return Label("".join(plain), tuple(_merge(runs)), tuple(parts))


def wrap(source: str, size: float, room: float, bold: bool = False) -> tuple[Label, ...]:
    """`words(source)` on as many lines as `room` asks for; a word that is too long is cut, math never is."""
    if len(re.findall(r"(?<!\\)\$", source)) % 2:
        source = re.sub(r"(?<!\\)\$", r"\\$", source)
    lines: list[str] = []
    line, used, space = "", 0.0, Run(" ", "strong" if bold else "words").width * size
    for chunk in re.findall(r"(?:(?<!\\)\$(?:\\.|[^$])*\$|\\.|\S)+", source):
        for piece in _cut(chunk, size, room, bold):
            width = words(piece, bold).width(size)
            if line and used + space + width > room:
                lines.append(line)
                line = ""
            line, used = (f"{line} {piece}", used + space + width) if line else (piece, width)
    return tuple(words(each, bold) for each in [*lines, line])


def _cut(chunk: str, size: float, room: float, bold: bool) -> list[str]:
    """A word in pieces that fit, where it is too long and holds neither math nor an escape."""
    if "$" in chunk or "\\" in chunk:
        return [chunk]
    pieces, used = [""], 0.0
    for char in chunk:
        width = Run(char, "strong" if bold else "words").width * size
        if pieces[-1] and used + width > room:
            pieces.append("")
            used = 0.0
        pieces[-1] += char
        used += width
    return pieces


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: wide characters two, combining and invisible marks none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clip(text: str, room: int) -> str:
    """`text` in at most `room` columns, with an ellipsis where it was cut."""
    if columns(text) <= room:
        return text
    used = 0
    for at, char in enumerate(text):
        used += columns(char)
        if used > room - 1:
            return text[:at] + "…"
    return text


_LATEX_MATH = {
    char: f"\\{name}"
    for table in (GREEK, _ORDINARY, _BINARY, _RELATION)
    for name, char in reversed(table.items())
    if name.isalpha()
} | {"−": "-", "⊤": r"\top"}


def printable(text: str) -> str:
    """White space to spaces; what XML forbids and what would reorder or hide text becomes U+FFFD."""
    return "".join(
        " " if char.isspace() and char not in "\u2009\u00a0" else "\ufffd" if _unprintable(char) else char
        for char in text
    )


def _unprintable(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


def _advance(char: str) -> float:
    width = _WIDTHS.get(char)
    if width is not None:
        return width
    if unicodedata.combining(char):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.9 if char.isupper() or ord(char) > 0x2000 else 0.68


class _Reader:
    """Reads the subset; never raises. What does not parse stands as the characters that were typed."""

    def __init__(self, source: str) -> None:
        source = printable(source)
        self.tokens: list[str] = re.findall(r"\\[A-Za-z]+\*?|\\.|.", source, re.DOTALL)
        self.at = 0
        self.depth = 0

    def row(self, closing: bool = False, face: Face | None = None, text: bool = False) -> Row:
        out: list[Atom] = []
        while self.at < len(self.tokens):
            if closing and self.tokens[self.at] == "}":
                break
            out.extend(self._scripts(self._atom(out, face, text), face) if not text else self._atom(out, face, True))
        return tuple(out)

    def _scripts(self, base: Row, face: Face | None) -> Row:
        below: Row | None = None
        above: Row | None = None
        while self.at < len(self.tokens):
            mark = self.tokens[self.at]
            if mark == "'":
                self.at += 1
                above = (above or ()) + (Glyph("′", "roman", r"\prime"),)
            elif mark in "_^" and self.at + 1 < len(self.tokens) and self.tokens[self.at + 1] not in ("}", "_", "^"):
                if (below if mark == "_" else above) is not None:
                    break
                self.at += 1
                script = self._argument(None)
                below, above = (script, above) if mark == "_" else (below, script)
            else:
                break
        return base if below is None and above is None else (Script(base, below, above),)

    def _argument(self, face: Face | None, text: bool = False) -> Row:
        while not text and self.at < len(self.tokens) and self.tokens[self.at] == " ":
            self.at += 1
        if self.at >= len(self.tokens):
            return ()
        return self._atom([], face, text)

    def _group(self, face: Face | None, text: bool) -> Row | None:
        """What stands between the braces that open here; None where they do not close or nest too deep."""
        level = 0
        for ahead in range(self.at, len(self.tokens)):
            level += {"{": 1, "}": -1}.get(self.tokens[ahead], 0)
            if level == 0:
                break
        if level or self.depth >= _DEPTH:
            return None
        self.at += 1
        self.depth += 1
        body = self.row(True, face, text)
        self.depth -= 1
        self.at += 1
        return body

    def _atom(self, before: Sequence[Atom], face: Face | None, text: bool) -> Row:
        mark = self.tokens[self.at]
        if mark == "{":
            body = self._group(face, text)
            if body is not None:
                return body
        self.at += 1
        if len(mark) > 1:
            return self._command(mark[1:], before, face, text)
        return (_character(mark, before, face, text),) if text or mark != " " else ()

    def _command(self, name: str, before: Sequence[Atom], face: Face | None, text: bool) -> Row:
        more = self.at < len(self.tokens)
        if name in _SPACES:
            gap = _SPACES[name]
            return (Glyph(gap, "roman", f"\\{name}" if name != " " else r"\ ", "space"),)
        if name in _SKIP:
            return ()
        if name in GREEK:
            return (Glyph(GREEK[name], face or ("roman" if name[0].isupper() else "italic"), f"\\{name}"),)
        if name in _ORDINARY:
            return (Glyph(_ORDINARY[name], "roman", "\\" + name),)
        if name in _BINARY:
            return (Glyph(_BINARY[name], "roman", f"\\{name}", _binary_role(before)),)
        if name in _RELATION:
            return (Glyph(_RELATION[name], "roman", f"\\{name}", "relation" if before else "ordinary"),)
        if name in _FUNCTIONS:
            return (Glyph(name, "roman", f"\\{name}", "function"),)
        if name in ("lbrace", "rbrace"):
            name = "{" if name == "lbrace" else "}"
        if name in "{}%&#$_":
            return (Glyph(name, "roman", f"\\{name}"),)
        if name in _FACES and more:
            return _faced(name, self._argument(_FACES[name], name in _TEXT_COMMANDS))
        if name in ACCENTS and more:
            return (Accent(name, self._argument(face)),)
        if name in ("frac", "tfrac", "dfrac") and more:
            return (Fraction(self._argument(face), self._argument(face)),)
        if name == "sqrt" and more:
            return (Root(self._argument(face)),)
        return (Glyph(f"\\{name}", "words", ""),)


def _faced(command: str, body: Row) -> Row:
    """The body of `\\mathrm{…}` and the like: upright text is one word, a calligraphic letter keeps its command."""
    glyphs = [atom for atom in body if isinstance(atom, Glyph)]
    if len(glyphs) < len(body):
        return body
    word = "".join(glyph.text for glyph in glyphs)
    if command == "operatorname":
        return (Glyph(word, "roman", "", "function"),)
    if command in _TEXT_COMMANDS or (_FACES[command] == "roman" and word.isalnum() and word.isascii()):
        return (Glyph(word, _FACES[command], ""),)
    if command == "mathcal":
        return tuple(Glyph(each.text, each.face, f"\\mathcal{{{each.latex}}}", each.role) for each in glyphs)
    return body


def _binary_role(before: Sequence[Atom]) -> Literal["ordinary", "binary"]:
    """A sign at the beginning, or after an operator or an opening bracket, has no left operand."""
    last = before[-1] if before else None
    if last is None or (isinstance(last, Glyph) and last.role in ("binary", "relation", "open", "comma")):
        return "ordinary"
    return "binary"


def _character(char: str, before: Sequence[Atom], face: Face | None, text: bool) -> Glyph:
    if text:
        return Glyph(char, face or "roman", "")
    if char.isascii() and char.isalpha():
        return Glyph(char, face or "italic", char)
    if (char.isdigit() and char.isascii()) or char in "./!?|":
        return Glyph(char, "bold" if face == "bold" else "roman", char)
    if char in "+-*":
        shown = {"-": "−", "*": "∗"}.get(char, char)
        return Glyph(shown, "roman", char, _binary_role(before))
    if char in "=<>:":
        return Glyph(char, "roman", char, "relation" if before else "ordinary")
    if char in "([":
        return Glyph(char, "roman", char, "open")
    if char in ",;":
        return Glyph(char, "roman", char, "comma")
    if char in ")]":
        return Glyph(char, "roman", char)
    if char in _LATEX_MATH:
        return Glyph(char, "roman", _LATEX_MATH[char] + " ")
    return Glyph(char, "words", "")


def _plain(row: Row) -> str:
    """Unicode: scripts as script characters where all exist, else with _ and ^."""
    out: list[str] = []
    for place, atom in enumerate(row):
        match atom:
            case Glyph(text=text, role=role):
                out.append(_spaced(text, role, place, row))
            case Script(base, below, above):
                out.append(_plain(base))
                for mark, script, table in (("_", below, SUBSCRIPTS), ("^", above, SUPERSCRIPTS)):
                    if script is None:
                        continue
                    inner = _plain(script).replace(" ", "").replace("\u2009", "")
                    if all(char in table for char in inner):
                        out.append("".join(table[char] for char in inner))
                    else:
                        out.append(mark + (inner if re.fullmatch(r"[A-Za-z0-9Α-ω]+", inner) else f"({inner})"))
            case Accent(command, body):
                out.append(_accented(_plain(body), command))
            case Fraction(above, below):
                whole = f"{_bracketed(above)}/{_bracketed(below)}"
                out.append(f"({whole})" if _factor(place, row) else whole)
            case Root(body):
                out.append(f"√{_bracketed(body)}")
    return "".join(out)


def _factor(place: int, row: Row) -> bool:
    """Whether a fraction has a neighbour that it would swallow, or that would swallow it, on one line."""
    before = row[place - 1] if place else None
    after = row[place + 1] if place + 1 < len(row) else None
    return (before is not None and not _parts(before, "(")) or (after is not None and not _parts(after, ")"))


def _parts(atom: Atom, bracket: str) -> bool:
    """Whether an operator, a comma or the bracket stands there, which keeps a fraction from its neighbour."""
    if not isinstance(atom, Glyph):
        return False
    return atom.role in ("binary", "relation", "comma") or atom.text in ("−", bracket)


def _bracketed(row: Row) -> str:
    inner = _plain(row)
    return inner if re.fullmatch(r"[\w.·∂]+|\(.*\)", inner) else f"({inner})"


def _accented(body: str, command: str) -> str:
    """The mark goes over the first character; NFC finds the composed letter where there is one (ŷ)."""
    return unicodedata.normalize("NFC", body[:1] + ACCENTS[command]) + body[1:] if body else ""


def _spaced(text: str, role: str, place: int, row: Row) -> str:
    """`text` with the thin spaces that math puts around it; between two neighbours only."""
    last = place == len(row) - 1
    if role in ("binary", "relation") and place and not last:
        return f" {text} "
    if role == "comma" and not last:
        return f"{text} "
    if role == "function" and not last:
        after = row[place + 1]
        return text if isinstance(after, Glyph) and after.role == "open" else f"{text}\u2009"
    return text


def _runs(row: Row, size: float = 1.0, rise: float = 0.0) -> Iterable[Run]:
    for place, atom in enumerate(row):
        match atom:
            case Glyph(text=text, face=face, role=role):
                shown = _spaced(text, role, place, row) if size == 1.0 else text
                yield Run(shown.replace(" ", "\u2009") if role != "space" else shown, face, size, rise)
            case Script(base, below, above):
                yield from _runs(base, size, rise)
                if below is not None:
                    yield from _runs(below, size * _SCRIPT, rise - size * _LOWER)
                if above is not None:
                    yield from _runs(above, size * _SCRIPT, rise + size * _RAISE)
            case Accent(command, body):
                runs = list(_merge(_runs(body, size, rise)))
                if runs:
                    yield Run(_accented(runs[0].text, command), runs[0].face, runs[0].size, runs[0].rise)
                yield from runs[1:]
            case Fraction(above, below):
                factor = _factor(place, row)
                yield Run("(" if factor else "", "roman", size, rise)
                for half, mark in ((above, "/"), (below, ")" if factor else "")):
                    bare = _bracketed(half) == _plain(half)
                    yield Run("" if bare else "(", "roman", size, rise)
                    yield from _runs(half, size, rise)
                    yield Run(("" if bare else ")") + mark, "roman", size, rise)
            case Root(body):
                bare = _bracketed(body) == _plain(body)
                yield Run("√" if bare else "√(", "roman", size, rise)
                yield from _runs(body, size, rise)
                yield Run("" if bare else ")", "roman", size, rise)


def _merge(runs: Iterable[Run]) -> Iterable[Run]:
    """Neighbours in one face, size and height become one run."""
    held: Run | None = None
    for run in runs:
        if not run.text:
            continue
        if held is None:
            held = run
        elif (held.face, held.size, held.rise) == (run.face, run.size, run.rise):
            held = Run(held.text + run.text, run.face, run.size, run.rise)
        else:
            yield held
            held = run
    if held is not None:
        yield held
