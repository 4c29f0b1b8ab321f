r"""Sheets as LaTeX in the `exam` class.

One source holds the questions, their solutions and the key; a switch in its preamble says whether the solutions are
printed under the questions, at the end, or not at all. Of a sheet without solutions the source holds none either: it
may be handed on.

Everything that a template prints is escaped unless it is `Tex`, and only three things are: what this file builds, a
formula that `math` has looked at, and a figure that `quizgen.render.figures` has drawn. What the engine's fonts can't
show goes through `\unicodechar`, so that the source is safe to set whatever a name contains.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from quizgen.errors import RenderError
from quizgen.render import document as doc
from quizgen.render.mathml import check
from quizgen.render.parts import OPTIONS, cells, is_choice, label, prompt, reasons, traps
from quizgen.render.templates import templates
from quizgen.render.unicode_math import plain
from quizgen.text import parse, parse_inline
from quizgen.wording import counted
from quizgen_solvers.glyphs import GREEK
from quizgen_solvers.printing.mathml import short

if TYPE_CHECKING:
    from jinja2 import Environment

    from quizgen.figures import Figure
    from quizgen.question import Question, QuestionPart, Step
    from quizgen.sheet import Sheet

__all__ = [
    "PartView",
    "QuestionView",
    "Tex",
    "blocks",
    "code",
    "document",
    "escape",
    "foreign",
    "inlines",
    "latex_environment",
    "math",
    "pdf_string",
    "view",
    "words",
]


class Tex(str):
    """LaTeX that may be printed as it is."""

    __slots__ = ()


def document(sheet: "Sheet") -> str:
    """The sheet as one LaTeX file.

    Raises RenderError where a formula, a figure or a piece of markup can't be printed.
    """
    views = [view(question, sheet.choices) for question in sheet.questions]
    environment = latex_environment()
    environment.globals["counted"] = counted
    template = environment.get_template("sheet.tex.j2")
    return template.render(
        sheet=sheet,
        questions=views,
        points=sum(question.points for question in sheet.questions),
        rows=-(-len(views) // 12),
        pdf_title=Tex(pdf_string(sheet.title)),
        solutions=Tex(sheet.solutions),
        keyed=sheet.solutions != "none",
        tikz=any(question.figures for question in sheet.questions),
    )


def latex_environment() -> "Environment":
    """A fresh environment for `templates/latex`: `<< value >>`, `<% statement %>`, `<# comment #>`.

    Undefined names are errors, and whatever is printed and isn't `Tex` is escaped.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(templates() / "latex"),
        undefined=StrictUndefined,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,  # noqa: S701 (that escapes for HTML; `finalize` escapes for LaTeX)
        finalize=_finalize,
    )


def _finalize(value: object) -> str:
    return value if isinstance(value, Tex) else escape(str(value))


# --- text ---------------------------------------------------------------------------------------------------------


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "…": r"\ldots{}",
    "\u00a0": "~",
    "\u00ad": r"\-",
    "\u200b": r"\hspace{0pt}",
    "\u2011": r"\mbox{-}",
}
_ASCII = str.maketrans({char: latex for char, latex in _SPECIAL.items() if char.isascii()})
_MATH = {
    "−": "-", "×": r"\times", "·": r"\cdot", "÷": r"\div", "±": r"\pm", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "≡": r"\equiv", "→": r"\to", "←": r"\gets", "↔": r"\leftrightarrow", "⇒": r"\Rightarrow",
    "↦": r"\mapsto", "∈": r"\in", "∉": r"\notin", "∞": r"\infty", "∂": r"\partial", "∇": r"\nabla", "√": r"\surd",
    "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "⊙": r"\odot", "⊕": r"\oplus", "⊗": r"\otimes", "∘": r"\circ",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "⟨": r"\langle", "⟩": r"\rangle",
    "∝": r"\propto", "∼": r"\sim", "ℓ": r"\ell", "ℝ": r"\mathbb{R}", "⊤": r"\top", "∗": r"\ast", "′": r"{}'",
    "¬": r"\neg", "∧": r"\wedge", "∨": r"\vee", "∪": r"\cup", "∩": r"\cap", "⊂": r"\subset", "⊆": r"\subseteq",
    "∅": r"\emptyset", "‖": r"\|", "✓": r"\checkmark", "★": r"\bigstar", "□": r"\square", "↑": r"\uparrow",
    "↓": r"\downarrow", "⋯": r"\cdots", "⋮": r"\vdots", "≪": r"\ll", "≫": r"\gg",
    **{char: f"\\{name}" for name, char in GREEK.items()},
}  # fmt: skip
_ACCENTS = {
    "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=", "\u0306": r"\u",
    "\u0307": r"\.", "\u0308": r"\"", "\u030a": r"\r", "\u030b": r"\H", "\u030c": r"\v", "\u0323": r"\d",
    "\u0327": r"\c", "\u0328": r"\k", "\u0331": r"\b",
}  # fmt: skip
_BELOW = frozenset("\u0323\u0327\u0328\u0331")
_MATH_ACCENTS = {
    "\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar", "\u0305": r"\bar", "\u0307": r"\dot",
    "\u0308": r"\ddot", "\u20d7": r"\vec",
}  # fmt: skip
_CLUSTER = re.compile(r".[\u0300-\u036f\u20d0-\u20ff]*", re.DOTALL)
_LIGATURE = re.compile(r"-(?=-)|'(?=')|,(?=,)|[!?](?=\\textasciigrave)")
# What inputenc knows in the encodings T1 and TS1, beyond what is written above.
_KNOWN = frozenset(
    chr(at)
    for first, last in [
        (0xA1, 0xAC), (0xAE, 0xB7), (0xB9, 0x125), (0x128, 0x137), (0x139, 0x13E), (0x141, 0x148), (0x14A, 0x165),
        (0x168, 0x17E), (0x192, 0x192), (0x1E6, 0x1E9), (0x1F0, 0x1F0), (0x218, 0x21B), (0x2010, 0x2010),
        (0x2012, 0x2015), (0x2018, 0x201A), (0x201C, 0x201E), (0x2020, 0x2022), (0x2030, 0x2031), (0x2039, 0x203B),
        (0x20AC, 0x20AC), (0x2122, 0x2122),
    ]
    for at in range(first, last + 1)
)  # fmt: skip


def escape(text: str) -> Tex:
    """Text as LaTeX that sets this text and does nothing else; control characters are dropped."""
    return Tex(_LIGATURE.sub(_apart, _characters(plain(text))))


def code(text: str) -> Tex:
    """One line of code as LaTeX: like `escape`, with every space kept and every quotation mark straight."""
    line = _characters(plain(text.expandtabs(4))).replace("'", r"\textquotesingle{}")
    return Tex(_LIGATURE.sub(_apart, line).replace(" ", r"\ "))


def _apart(match: re.Match[str]) -> str:
    return match[0] + "{}"


def foreign(latex: str) -> str:
    """The characters of a LaTeX source that the fonts of pdfTeX don't have, sorted."""
    return "".join(sorted({chr(int(number, 16)) for number in re.findall(r"\\unicodechar\{([0-9A-F]+)\}", latex)}))


def _characters(text: str) -> str:
    if text.isascii():
        return text.translate(_ASCII)
    text = unicodedata.normalize("NFC", text)
    return "".join(_cluster(match[0]) for match in _CLUSTER.finditer(text))


@lru_cache(maxsize=4096)
def _cluster(cluster: str) -> str:
    """A character with the accents that follow it."""
    base, *marks = list(cluster)
    if not marks:
        return _character(base)
    if base in _MATH and len(marks) == 1 and marks[0] in _MATH_ACCENTS:
        return rf"\ensuremath{{{_MATH_ACCENTS[marks[0]]}{{{_MATH[base]}}}}}"
    plain_base, *inner = list(unicodedata.normalize("NFD", base))
    if plain_base.isascii() and plain_base.isalnum() and all(mark in _ACCENTS for mark in [*inner, *marks]):
        return _accented(plain_base, [*inner, *marks])
    return "".join(map(_character, cluster))


def _accented(base: str, marks: Iterable[str]) -> str:
    for mark in sorted(marks, key=lambda mark: mark in _BELOW):  # LaTeX wants what stands below on the outside
        base = f"{_ACCENTS[mark]}{{{base}}}"
    return base


@lru_cache(maxsize=4096)
def _character(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char in _MATH:
        return rf"\ensuremath{{{_MATH[char]}}}"
    if char < "\x7f" or char in _KNOWN:
        return char
    base, *marks = list(unicodedata.normalize("NFD", char))
    if marks and base.isascii() and all(mark in _ACCENTS for mark in marks):
        return _accented(base, marks)
    kind = unicodedata.decomposition(char).partition(">")[0]
    simple = unicodedata.normalize("NFKC", char)
    if simple != char and len(simple) < 20 and not any(unicodedata.combining(each) for each in simple):
        text = "".join(map(_character, simple))
        return {"<super": rf"\textsuperscript{{{text}}}", "<sub": rf"\textsubscript{{{text}}}"}.get(kind, text)
    if unicodedata.category(char) == "Cf":
        return ""
    return rf"\unicodechar{{{ord(char):X}}}"


def pdf_string(text: str) -> str:
    """Text as a PDF string in hexadecimal digits: nothing in it can end the string."""
    return "<" + ("\ufeff" + plain(text)).encode("utf-16-be", "replace").hex().upper() + ">"


# --- formulas -----------------------------------------------------------------------------------------------------

_NOT_MATH = re.compile(
    r"(?<!\\)(?:\\\\)*[%$#]|\^\^|\\(?:[a-z]*def|[a-z]*let|[a-z]*input|include|write|read|csname|special)\b"
)


@lru_cache(maxsize=4096)
def math(latex: str) -> Tex:
    """A formula that is known to be one.

    Only what the printer of web pages can print passes, and it knows mathematics and nothing else of TeX. Raises
    RenderError, naming the formula, for anything else.
    """
    check(latex)
    if bad := _NOT_MATH.search(latex):
        raise RenderError(f"the formula {short(latex)} holds {bad[0]!r}, which has no place in a formula; leave it out")
    return Tex(" ".join(_formula_characters(plain(latex)).split()))


def _formula_characters(latex: str) -> str:
    return latex if latex.isascii() else "".join(map(_formula_character, latex))


def _formula_character(char: str) -> str:
    if char.isascii():
        return char
    return f"{{{_MATH[char]}}}" if char in _MATH else rf"\text{{{_character(char)}}}"


# --- the document tree --------------------------------------------------------------------------------------------

_ALIGN = {"left": "l", "center": "c", "right": "r"}


def inlines(nodes: doc.Inlines) -> Tex:
    """A run of inlines."""
    return Tex("".join(map(_inline, nodes)))


@lru_cache(maxsize=4096)
def words(markup: str) -> Tex:
    """A line of the small markup: a heading, a reason, an option, of which many questions have the same."""
    return inlines(parse_inline(markup))


def _inline(node: doc.Inline) -> str:
    match node:
        case doc.Text(text):
            return escape(text)
        case doc.Bold(inner):
            return rf"\textbf{{{inlines(inner)}}}"
        case doc.Emphasis(inner):
            return rf"\emph{{{inlines(inner)}}}"
        case doc.InlineCode(text):
            return rf"\code{{{code(text)}}}"
        case doc.Math(latex):
            return f"${math(latex)}$"


def blocks(markup: str, figures: "Mapping[str, Figure]") -> tuple[Tex, ...]:
    """The blocks of a piece of markup, each to be followed by a blank line.

    Raises RenderError for a picture that the question doesn't have.
    """
    return tuple(Tex(_block(block, figures)) for block in parse(markup))


def _block(block: doc.Block, figures: "Mapping[str, Figure]") -> str:
    match block:
        case doc.Paragraph(inner):
            return inlines(inner)
        case doc.Display(latex):
            return rf"\display{{{math(latex)}}}"
        case doc.Bullets(items):
            return _list("itemize", items)
        case doc.Numbered(items, start):
            return _list("enumerate", items, f"\\setcounter{{enumi}}{{{start - 1}}}\n")
        case doc.Table():
            return _table(block)
        case doc.Code(text):
            return listing(text)
        case doc.Figure(name):
            if name not in figures:
                raise RenderError(f"the markup shows a figure {name!r} that the question doesn't have; name one it has")
            from quizgen.render.figures import tikz

            return f"\\figurebox{{%\n{tikz(figures[name]).strip()}}}"


def _list(kind: str, items: Iterable[doc.Inlines], start: str = "") -> str:
    lines = "\n".join(rf"  \item {inlines(item)}" for item in items)
    return f"\\begin{{{kind}}}\n{start}{lines}\n\\end{{{kind}}}"


def _table(table: doc.Table) -> str:
    def row(cells: Iterable[doc.Inlines]) -> str:
        return " & ".join(map(inlines, cells)) + r" \\"

    columns = "".join(_ALIGN[align] for align in table.align)
    lines = [r"\toprule", row(table.header), r"\midrule", *map(row, table.rows), r"\bottomrule"]
    return "\\tablebox{%\n\\begin{tabular}{@{}" + columns + "@{}}\n" + "\n".join(lines) + "\n\\end{tabular}}"


def listing(text: str) -> Tex:
    """Lines of code, set one by one: verbatim text has no place within an argument, and no end to escape from."""
    lines = (rf"\codeline{{{code(line)}}}" for line in text.strip("\n").split("\n"))
    return Tex("\\begin{listing}\n" + "\n".join(lines) + "\n\\end{listing}")


# --- questions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepView:
    """A line of a solution as the template sees it."""

    heading: Tex
    why: Tex
    left: Tex
    right: Tex  # each piece within \\then{…}
    unfolded: "tuple[StepView, ...]"


@dataclass(frozen=True)
class PartView:
    """A part as the template sees it."""

    part: "QuestionPart"
    label: str  # "(a)"; empty where the question has one part
    prompt: tuple[Tex, ...]
    field: str  # "line", "table", "choice" or "choices"
    blank: Tex  # what is to be filled in
    options: tuple[tuple[bool, Tex], ...]
    short: bool  # whether the options fit on one line
    answer: Tex


@dataclass(frozen=True)
class TrapView:
    """A mistake and the wrong answers that it leads to."""

    name: str
    why: Tex
    answers: Tex


@dataclass(frozen=True)
class QuestionView:
    """A question as the template sees it."""

    question: "Question"
    statement: tuple[Tex, ...]
    parts: tuple[PartView, ...]
    space: Tex  # room for the work
    steps: tuple[StepView, ...]
    traps: tuple[TrapView, ...]
    program: Tex


def view(question: "Question", choices: bool, solved: bool = True) -> QuestionView:
    """A question as LaTeX, piece by piece; ``solved``: with its solution and what is known of wrong answers.

    Raises RenderError, with its code, where a piece can't be printed.
    """
    try:
        parts = tuple(_part(question, at, choices) for at in range(len(question.parts)))
        asked = any(part.field in ("line", "table") for part in parts)
        room = 0.6 * len(question.solution) if asked and solved else 0.0
        return QuestionView(
            question=question,
            statement=blocks(question.statement, question.figures),
            parts=parts,
            space=Tex(f"{min(max(room, 1.5 if asked else 0.0), 6.0):.1f}cm"),
            steps=steps(question.solution) if solved else (),
            traps=tuple(
                TrapView(
                    trap.name,
                    words(trap.why),
                    Tex(", ".join(f"{part} {words(wrong)}".strip() for part, wrong in trap.answers)),
                )
                for trap in (traps(question) if solved else ())
            ),
            program=listing(question.program) if solved and question.program else Tex(""),
        )
    except RenderError as error:
        raise RenderError(f"{question.code}: {error}") from error


def _part(question: "Question", at: int, choices: bool) -> PartView:
    part = question.parts[at]
    field, options = "line", tuple[tuple[bool, Tex], ...]()
    if is_choice(part, choices):
        field = "choices" if part.kind.name == "choices" else "choice"
        options = tuple((number in part.correct, words(option)) for number, option in enumerate(part.options))
    blank = Tex("")
    if field == "line" and (rows := _rows(part)):
        field, blank = "table", rows
    if field in ("choice", "choices"):
        lettered = field == "choice"  # the boxes of several choices bear no letters
        right = [
            f"{letter}: {option}" if lettered else option
            for letter, (correct, option) in zip(OPTIONS, options, strict=False)
            if correct
        ]
        answer = Tex("; ".join([*(option.removesuffix(".") for option in right[:-1]), *right[-1:]]))
    elif part.kind.name == "table":
        answer = _table_of(part.kind, [cell for _, cell in cells(part, part.target)])
    else:
        answer = _answer(part.answer_latex)
    return PartView(
        part=part,
        label=label(question, at),
        prompt=blocks(prompt(part, choices), question.figures),
        field=field,
        blank=blank,
        options=options,
        short=sum(len(option) for _, option in options) < 90 and not any("begin" in option for _, option in options),
        answer=answer,
    )


def _answer(latex: str) -> Tex:
    return Tex(rf"$\displaystyle {math(latex)}$")


def _rows(part: "QuestionPart") -> Tex | None:
    """An empty matrix or table to fill in, where the answer is one."""
    if part.kind.name == "matrix":
        return _blank_matrix(part.target)
    if part.kind.name == "table":
        return _table_of(part.kind, None)
    return None


def _blank_matrix(target: Sequence[Sequence[object]]) -> Tex:
    row = " & ".join([r"\blank"] * len(target[0]))
    return Tex(r"$\begin{bmatrix}" + r" \\ ".join([row] * len(target)) + r"\end{bmatrix}$")


def _table_of(kind: Any, cells: Sequence[str] | None) -> Tex:
    """A table with its labels, and with cells (LaTeX, row by row) or to be filled in."""
    rule = r" \\ \hline"
    width = len(kind.columns)
    lines = [r"\hline " + " & ".join(["", *(words(column) for column in kind.columns)]) + rule]
    for at, row in enumerate(kind.rows):
        if cells is None:
            filled = [r"\rule[-1.2ex]{0pt}{4.6ex}\rule{22mm}{0pt}"] * width
        else:
            filled = [f"${math(cell)}$" for cell in cells[at * width : (at + 1) * width]]
        lines.append(" & ".join([words(row), *filled]) + rule)
    body = "\n".join(lines)
    return Tex(f"\\fit{{\\begin{{tabular}}{{|l|{'c|' * width}}}\n{body}\n\\end{{tabular}}}}")


def steps(lines: "Sequence[Step]") -> tuple[StepView, ...]:
    """The lines of a solution."""
    return tuple(_step(step, why) for step, why in zip(lines, reasons(lines), strict=True))


def _step(step: "Step", why: str) -> StepView:
    left, *right = step.latex
    return StepView(
        heading=words(step.heading),
        why=words(why),
        left=math(left),
        right=Tex("".join(rf"\then{{{math(piece)}}}" for piece in right)),
        unfolded=steps(step.unfolded),
    )
