r"""Sheets as Markdown, as GitHub, GitLab and editors read it.

Formulas stand between dollars. GitHub reads Markdown before it reads mathematics, so `\,`, `\{`, `\\` and some `_`
would not survive; they are written in the other ways that LaTeX has for them (`\thinspace`, `\lbrace`, `\cr`), and
where there is none the formula stands between $` and `$, or in a block of its own language. Pictures are drawn in
characters: GitHub shows neither SVG nor data within a Markdown file. Solutions are folded away.

A notebook reads mathematics first, so its formulas need none of this: see `Dialect`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quizgen.errors import RenderError
from quizgen.render import document as doc
from quizgen.render.parts import OPTIONS, Trap, answer, blank_table, displayed, is_choice, label, prompt, reasons, traps
from quizgen.render.unicode_math import plain
from quizgen.text import parse, parse_inline
from quizgen.wording import counted

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import Question, Step
    from quizgen.sheet import Sheet

__all__ = ["Dialect", "Writer", "document", "escape"]


def document(sheet: "Sheet") -> str:
    """The sheet as one Markdown file.

    Raises RenderError where a figure or a piece of markup can't be printed.
    """
    write = Writer(GITHUB)
    count, points = len(sheet.questions), sum(question.points for question in sheet.questions)
    lines = [f"# {escape(sheet.title)}", f"{counted(count, 'question')}, {counted(points, 'point')}"]
    for number, question in enumerate(sheet.questions, 1):
        lines += write.question(question, number, sheet.choices)
        if sheet.solutions == "after":
            lines += folded("Solution", write.solution(question, sheet.choices))
    if sheet.solutions == "separate":
        lines += ["---", "# Solutions"]
        for number, question in enumerate(sheet.questions, 1):
            lines += [f"## {number}. {escape(question.title)}", *write.solution(question, sheet.choices)]
    if sheet.command:
        lines += ["---", f"<sub>Made again by {code(sheet.command)}</sub>"]
    return "\n\n".join(lines) + "\n"


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """Blocks that a click opens."""
    return [f"<details>\n<summary>{summary}</summary>", *lines, "</details>"]


# --- text ---------------------------------------------------------------------------------------------------------

_SPECIAL = re.compile(r"[\\`*_\[\]|~#]")
_EMOJI = re.compile(r":(?=[A-Za-z0-9_+-]+:)")


def escape(text: str, dollar: str = "<span>$</span>") -> str:
    """Text as Markdown that reads as this text: no markup, no HTML, no formula, no emoji; one line."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _EMOJI.sub("&#58;", _SPECIAL.sub(lambda match: "\\" + match[0], text))
    return re.sub(r"^(\s*[0-9]*)(?<=[0-9])([.)])|^(\s*)([-+=])", r"\1\3\\\2\4", text.replace("$", dollar))


def code(text: str) -> str:
    """A span of code, whatever backticks it holds."""
    text = plain(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    margin = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{margin}{text}{margin}{fence}"


def fenced(text: str, language: str = "") -> str:
    """A block of code, whatever backticks it holds."""
    lines = "\n".join(plain(line) for line in text.expandtabs(4).strip("\n").split("\n"))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", lines)), default=0))
    return f"{fence}{re.sub(r'[^A-Za-z0-9+-]', '', language)}\n{lines}\n{fence}"


# --- formulas -----------------------------------------------------------------------------------------------------

_OTHERWISE = [
    (re.compile(r"\\\\(?:\[[^\]]*\])?"), r"\\cr "),
    (re.compile(r"\\\{"), r"\\lbrace "),
    (re.compile(r"\\\}"), r"\\rbrace "),
    (re.compile(r"\\\|"), r"\\Vert "),
    (re.compile(r"\\[,:;]"), r"\\thinspace "),
    (re.compile(r"\\!"), ""),
    (re.compile(r"\*"), r"\\ast "),
    (re.compile(r"<"), r"\\lt "),
    (re.compile(r">"), r"\\gt "),
    (re.compile(r"\\(hat|bar|tilde|vec|dot|mathbf|mathrm|mathcal|mathbb)\{([A-Za-z])\}(?=[_^])"), r"\\\1 \2"),
]
_HAZARD = re.compile(r"\\[!-/:-@\[-`{-~]|(?:^|[^A-Za-z0-9])_|`|~|\]\(|&[a-z]+;")


@dataclass(frozen=True)
class Dialect:
    """How a reader of Markdown takes formulas and dollars.

    `protects` says that it keeps Markdown's hands off mathematics; else formulas are rewritten so that they survive.
    """

    protects: bool
    dollar: str

    def inline(self, latex: str) -> str:
        """A formula within a line."""
        latex = " ".join(plain(latex).split())
        if self.protects:
            return f"${latex}$"
        safe = self._safe(latex)
        return f"${safe}$" if not _HAZARD.search(safe) else f"$`{latex}`$"

    def display(self, latex: str) -> str:
        """A formula on a line of its own."""
        latex = " ".join(plain(latex).split())
        if self.protects:
            return f"$$\n{latex}\n$$"
        safe = self._safe(latex)
        return f"$$ {safe} $$" if not _HAZARD.search(safe) else fenced(latex, "math")

    @staticmethod
    def _safe(latex: str) -> str:
        for pattern, other in _OTHERWISE:
            latex = pattern.sub(other, latex)
        return re.sub(r" +(?=[ }^_])", "", latex).strip()


GITHUB = Dialect(protects=False, dollar="<span>$</span>")
JUPYTER = Dialect(protects=True, dollar=r"\$")


# --- the document tree and questions ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Writer:
    """Writes questions as blocks of Markdown, each to be followed by a blank line."""

    dialect: Dialect

    def inlines(self, nodes: doc.Inlines, in_table: bool = False) -> str:
        return "".join(self._inline(node, in_table) for node in nodes)

    def _inline(self, node: doc.Inline, in_table: bool) -> str:
        match node:
            case doc.Text(text):
                return escape(text, self.dialect.dollar)
            case doc.Bold(inner):
                return f"**{self.inlines(inner, in_table)}**"
            case doc.Emphasis(inner):
                return f"*{self.inlines(inner, in_table)}*"
            case doc.InlineCode(text):
                return code(text).replace("|", r"\|") if in_table else code(text)
            case doc.Math(latex):
                return self.dialect.inline(latex.replace("|", r"\vert ") if in_table else latex)

    def line(self, markup: str) -> str:
        """Markup that is one line."""
        return self.inlines(parse_inline(markup))

    def blocks(self, markup: str, figures: "Mapping[str, Figure]") -> list[str]:
        return [self._block(block, figures) for block in parse(markup)]

    def _block(self, block: doc.Block, figures: "Mapping[str, Figure]") -> str:
        match block:
            case doc.Paragraph(inner):
                return self.inlines(inner)
            case doc.Display(latex):
                return self.dialect.display(latex)
            case doc.Bullets(items):
                return "\n".join(f"- {self.inlines(item)}" for item in items)
            case doc.Numbered(items, start):
                return "\n".join(f"{at}. {self.inlines(item)}" for at, item in enumerate(items, start))
            case doc.Table():
                return self._table(block)
            case doc.Code(text, language):
                return fenced(text, language)
            case doc.Figure(name, alt):
                if name not in figures:
                    raise RenderError(
                        f"the markup shows a figure {name!r} that the question doesn't have; name one it has"
                    )
                return self.figure(name, figures[name], alt)

    def figure(self, name: str, figure: "Figure", alt: str) -> str:
        from quizgen.render.figures import text

        return fenced(text(figure), "text")

    def _table(self, table: doc.Table) -> str:
        rules = {"left": ":---", "center": ":---:", "right": "---:"}
        rows = [table.header, *table.rows]
        lines = ["| " + " | ".join(self.inlines(cell, in_table=True) for cell in row) + " |" for row in rows]
        lines.insert(1, "| " + " | ".join(rules[align] for align in table.align) + " |")
        return "\n".join(lines)

    def question(self, question: "Question", number: int, choices: bool) -> list[str]:
        """The question without its solution."""
        try:
            lines = self.head(question, number)
            for at in range(len(question.parts)):
                lines += self.part(question, at, choices)
        except RenderError as error:
            raise RenderError(f"{question.code}: {error}") from error
        return lines

    def head(self, question: "Question", number: int) -> list[str]:
        """Title, code and statement."""
        about = f"<sub>{code(question.code)} · {counted(question.points, 'point')}</sub>"
        title = f"## {number}. {escape(question.title, self.dialect.dollar)}"
        return [title, about, *self.blocks(question.statement, question.figures)]

    def part(self, question: "Question", at: int, choices: bool) -> list[str]:
        """What one part asks."""
        return self.asked(question, at, choices, counted(question.parts[at].points, "point"))

    def asked(self, question: "Question", at: int, choices: bool, points: str) -> list[str]:
        """What one part asks, for so many ``points`` (words)."""
        part = question.parts[at]
        lines = self.blocks(prompt(part, choices), question.figures)
        if name := label(question, at):
            if lines and not re.match(r"[|$`-]", lines[0]):
                lines[0] = f"**{name}** {lines[0]} <sub>{points}</sub>"
            else:
                lines.insert(0, f"**{name}** <sub>{points}</sub>")
        if blank := blank_table(part):
            lines.append(self._table(blank))
        if is_choice(part, choices):
            options = zip(OPTIONS, part.options, strict=False)
            lines.append("\n".join(f"- **{letter}** {self.line(option)}" for letter, option in options))
        return lines

    def solution(self, question: "Question", choices: bool, program: bool = True) -> list[str]:
        """Answers, worked lines, mistakes, the program and where the answers were checked."""
        try:
            lines = ["**Answer:** " + "; ".join(self._answers(question, choices))]
            for step, why in zip(question.solution, reasons(question.solution), strict=True):
                lines += self._step(step, why)
            known = [f"- *{escape(trap.name)}:* {self._wrong(trap)}. {self.line(trap.why)}" for trap in traps(question)]
            if known:
                lines += ["**Common mistakes**", "\n".join(known)]
            if program and question.program:
                lines += ["**The same in PyTorch**", fenced(question.program, "python")]
            if question.provenance:
                lines.append(f"<sub>{escape(question.provenance.line())}</sub>")
        except RenderError as error:
            raise RenderError(f"{question.code}: {error}") from error
        return lines

    def _wrong(self, trap: Trap) -> str:
        return ", ".join(f"{part} {self.line(wrong)}".strip() for part, wrong in trap.answers)

    def _answers(self, question: "Question", choices: bool) -> Iterable[str]:
        for at, part in enumerate(question.parts):
            yield f"{label(question, at)} {self.line(answer(part, choices))}".strip()

    def _step(self, step: "Step", why: str) -> list[str]:
        lines = []
        if step.heading:
            lines.append(f"**{self.line(step.heading)}**")
        if why:
            lines.append(self.line(why))
        lines.append(self.dialect.display(displayed(step)))
        for inner in step.unfolded:
            lines += self._step(inner, inner.why)
        return lines
