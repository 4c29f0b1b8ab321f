r"""Questions as XHTML for learning platforms: short, without scripts, formulas as the platform wants them.

`Writer` writes formulas as `\(…\)` and `\[…\]`, for MathJax. What comes from outside is escaped twice: as XML, and so
that nothing in it opens a formula, a sound or a filter of the platform. A format subclasses it and says where pictures
are (`picture`), and, where it has no MathJax, how formulas are written (`formula`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar

from quizgen.errors import RenderError, shown
from quizgen.render import document as doc
from quizgen.render.parts import answer, displayed, label, reasons
from quizgen.render.unicode_math import plain
from quizgen.text import parse, parse_inline
from quizgen.wording import capital
from quizgen_solvers.printing.mathml import FormulaError, mathml, short
from quizgen_solvers.work import topological

from .capability import Way, own_choice
from .fields import USUAL, Look, fields, laid_out, unfit

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import PartMistake, Question, QuestionPart, Step
    from quizgen_solvers import Quantity

__all__ = [
    "CHOSEN",
    "Writer",
    "checked",
    "clean",
    "escape",
    "how_to_type",
    "in_attribute",
    "right_options",
    "written_solution",
]

CHOSEN = frozenset({Way.ONE, Way.SEVERAL})
"""The ways in which a student chooses."""

_FORBIDDEN = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
# A backslash or dollar that opens a formula, the two signs of a platform's file, a bracket that opens a command.
_OPENS = re.compile(r"\\(?=[()\[\]]|begin)|\$(?=\$)|@(?=@)|\[(?=[/$A-Za-z])")
_NOT_MATH = re.compile(r"(?<!\\)(?:\\\\)*[%$#]|\\(?:[a-z]*def|[a-z]*let|(?:re)?newcommand|color)\b")


def clean(text: str) -> str:
    """Text without control characters and halves of characters, on one line."""
    return text if text.isprintable() else _FORBIDDEN.sub("\ufffd", plain(text))


def escape(text: str) -> str:
    """Text as XHTML that reads as this text and does nothing, whatever filters the platform runs over it."""
    return _OPENS.sub(_apart, html.escape(clean(text)))


def _apart(match: re.Match[str]) -> str:
    return "&#91;<span></span>" if match[0] == "[" else f"<span>{match[0]}</span>"


def in_attribute(text: str) -> str:
    """Text as the value of an attribute, or a name: filters that look for what opens a formula don't find it."""
    return _OPENS.sub(lambda sign: f"&#{ord(sign[0])};", html.escape(clean(text)))


@lru_cache(maxsize=8192)
def checked(latex: str) -> str:
    """A formula that is known to be mathematics and nothing else, on one line. Raises `RenderError`."""
    latex = " ".join(clean(latex).split())
    try:
        mathml(latex)
    except FormulaError as problem:
        raise RenderError(str(problem)) from problem
    if bad := _NOT_MATH.search(latex):
        raise RenderError(f"the formula {short(latex)} holds {bad[0]!r}, which has no place in a formula; leave it out")
    return latex


def right_options(part: QuestionPart) -> frozenset[int]:
    """The options that are right: of a choice of one, each that is accepted alone."""
    if part.kind.name != "choice":
        return part.correct
    every = (part.target, *part.also_targets)
    return frozenset().union(*every)


def written_solution(question: Question) -> str:
    """The solution of a question that was written by hand (small markup); its work only holds the answers."""
    return str(question.recorded.get("solution", ""))


def leading(part: QuestionPart, option: int) -> list[PartMistake]:
    """The named mistakes that lead to an option."""
    return [
        mistake
        for mistake in part.mistakes
        if (mistake.target == {option} if own_choice(part) else f"${mistake.latex}$" == part.options[option])
    ]


def how_to_type(part: QuestionPart, way: Way) -> str:
    """What must be said where a fraction would be tempting, and is not read."""
    exact = any(
        each.name in ("number", "vector", "matrix") and getattr(each, "decimals", 0) is None
        for each in getattr(part.kind, "kinds", (part.kind,))
    )
    if way in CHOSEN or not exact:
        return ""
    return "<p><em>Type numbers in digits, such as -0.75: fractions are not read here.</em></p>"


@lru_cache(maxsize=4096)
def _parsed(markup: str) -> doc.Inlines:
    return parse_inline(markup)  # a mistake's reason, a column's name: the same ones come again and again


class Writer:
    """Writes the pieces of a question. A fresh one for each question, where pictures are gathered."""

    look: ClassVar[Look] = USUAL

    def __init__(self, question: Question) -> None:
        self.question = question
        self._told: dict[tuple[str, str], str] = {}
        self._said: set[str] = set()

    def once(self, text: str) -> str:
        """A text where it comes for the first time, "" after that."""
        new = "" if text in self._said else text
        self._said.add(text)
        return new

    # --- what a format says otherwise

    def text(self, text: str) -> str:
        """Literal text."""
        return escape(text)

    def formula(self, latex: str, display: bool = False) -> str:
        """A formula within a line, or on one of its own."""
        latex = html.escape(checked(latex), quote=False)
        return rf"\[{latex}\]" if display else rf"\({latex}\)"

    def picture(self, name: str, figure: Figure, alt: str) -> str:
        """What shows a figure."""
        raise RenderError(f"the figure {shown(name)} has no place there")

    def numbered(self, items: Sequence[doc.Inlines], start: int) -> str:
        """A counted list."""
        first = f' start="{start}"' if start != 1 else ""
        return f"<ol{first}>{''.join(f'<li>{self.inlines(item)}</li>' for item in items)}</ol>"

    # --- markup

    def inlines(self, nodes: doc.Inlines) -> str:
        return "".join(map(self._inline, nodes))

    def _inline(self, node: doc.Inline) -> str:
        match node:
            case doc.Text(text):
                return self.text(text)
            case doc.Bold(inner):
                return f"<strong>{self.inlines(inner)}</strong>"
            case doc.Emphasis(inner):
                return f"<em>{self.inlines(inner)}</em>"
            case doc.InlineCode(text):
                return f"<code>{escape(text)}</code>"
            case doc.Math(latex):
                return self.formula(latex)

    def line(self, markup: str) -> str:
        """Markup that is one line."""
        return self.inlines(_parsed(markup))

    def blocks(self, markup: str) -> list[str]:
        """Markup of several blocks."""
        return [self._block(block, self.question.figures) for block in parse(markup)]

    def _block(self, block: doc.Block, figures: Mapping[str, Figure]) -> str:
        match block:
            case doc.Paragraph(inner):
                return f"<p>{self.inlines(inner)}</p>"
            case doc.Display(latex):
                return f"<p>{self.formula(latex, display=True)}</p>"
            case doc.Bullets(items):
                return f"<ul>{''.join(f'<li>{self.inlines(item)}</li>' for item in items)}</ul>"
            case doc.Numbered(items, start):
                return self.numbered(items, start)
            case doc.Table():
                return self.table(block)
            case doc.Code(text):
                lines = "\n".join(escape(line) for line in text.expandtabs(4).split("\n"))
                return f"<pre>{lines}</pre>"
            case doc.Figure(name, alt):
                if name not in figures:
                    raise RenderError(
                        f"there is no figure {shown(name)}; the question has: {', '.join(figures) or 'none'}"
                    )
                return f"<p>{self.picture(name, figures[name], alt or figures[name].alt)}</p>"

    def table(self, table: doc.Table) -> str:
        """A table."""

        def row(cells: Iterable[doc.Inlines], tag: str) -> str:
            return f"<tr>{''.join(f'<{tag}{self.look.cell}>{self.inlines(cell)}</{tag}>' for cell in cells)}</tr>"

        body = "".join(row(cells, "td") for cells in table.rows)
        return f"<table{self.look.table}><thead>{row(table.header, 'th')}</thead><tbody>{body}</tbody></table>"

    # --- questions

    def statement(self) -> str:
        """What is told before anything is asked."""
        return "\n".join(self.blocks(self.question.statement))

    def words(self, part: QuestionPart, way: Way) -> str:
        """What a part asks, after its letter where there are several; how precise an answer is to be only where one is
        typed."""
        lines = self.blocks(part.words if way in CHOSEN else part.prompt)
        if name := label(self.question, part.index):
            if lines and lines[0].startswith("<p>"):
                lines[0] = f"<p><strong>{name}</strong> {lines[0].removeprefix('<p>')}"
            else:
                lines.insert(0, f"<p><strong>{name}</strong></p>")
        return "\n".join(lines)

    def answer(self, part: QuestionPart, way: Way) -> str:
        """The right answer; of a choice the words of the options, which the platform may put in another order."""
        if way in CHOSEN:
            return "; ".join(self.line(part.options[n]) for n in sorted(right_options(part))) or "none of them"
        return self.line(answer(part, choices=False))

    def solution(self, ways: Sequence[Way], only: int | None = None) -> str:
        """The answers and the worked lines; ``only`` one part's, counted from 0, and what leads to it."""
        parts = [part for part in self.question.parts if only in (None, part.index)]
        wanted = self.question.answered_by[only] if only is not None else ()
        if not any(part.kind.name == "table" for part in parts):
            answers = "; ".join(f"{self._label(part)}{self.answer(part, ways[part.index])}" for part in parts)
            return self.answered(answers, wanted)
        lines = [line for part in parts for line in self.answer_lines(part, ways[part.index])]
        return "\n".join(["<p><strong>Answer:</strong></p>", *lines, *self.work(wanted)])

    def answer_lines(self, part: QuestionPart, way: Way) -> Iterator[str]:
        """The right answer in lines; that of a table as one."""
        name = self._label(part)
        if part.kind.name != "table" or unfit(part, fractions=True):
            yield f"<p>{name}{self.answer(part, way)}</p>"
            return
        if name:
            yield f"<p>{name.strip()}</p>"
        yield laid_out(part, [one.answer for one in fields(part)], self.line, self.look)

    def _label(self, part: QuestionPart) -> str:
        name = label(self.question, part.index)
        return f"{name} " if name else ""

    def answered(self, answer: str, wanted: Sequence[Quantity] = ()) -> str:
        """An answer (XHTML), and the worked lines that lead to the quantities ``wanted``, or all of them."""
        return "\n".join([f"<p><strong>Answer:</strong> {answer}</p>", *self.work(wanted)])

    def work(self, wanted: Sequence[Quantity] = ()) -> Iterator[str]:
        """The worked lines, each with its reason; of those ``wanted`` what leads to them."""
        if not self.question.family:
            yield from self.blocks(written_solution(self.question))
            return
        needed = set(topological(wanted))
        for quantity, worked in self._worked:
            if not wanted or quantity in needed:
                yield worked

    @cached_property
    def _worked(self) -> list[tuple[Quantity, str]]:
        """Each line of the work as it is printed: of a question in parts the same ones come again and again."""
        steps, lines = self.question.solution, self.question.work.lines
        return [
            (line.quantity, "\n".join(self._step(step, why)))
            for step, why, line in zip(steps, reasons(steps), lines, strict=True)
        ]

    def _step(self, step: Step, why: str) -> Iterator[str]:
        if step.heading:
            yield f"<p><strong>{self.line(step.heading)}</strong></p>"
        if why:
            yield f"<p>{self.line(capital(why))}</p>"
        yield f"<p>{self.formula(displayed(step), display=True)}</p>"
        for inner in step.unfolded:
            yield from self._step(inner, inner.why)

    def mistake(self, mistakes: Iterable[PartMistake]) -> str:
        """What to tell who made one of these mistakes: every one that leads to her answer."""
        names = {mistake.name: mistake.why for mistake in mistakes}
        return " ".join(self._why(name, why) for name, why in names.items())

    def _why(self, name: str, why: str) -> str:
        if (name, why) not in self._told:  # the same mistake shows in many fields
            self._told[name, why] = f"<strong>{self.text(capital(name))}.</strong> {self.line(why)}"
        return self._told[name, why]

    def told(self, part: QuestionPart, option: int) -> str:
        """What to tell who chose an option that a named mistake leads to, "" where none does."""
        return self.mistake(leading(part, option))
