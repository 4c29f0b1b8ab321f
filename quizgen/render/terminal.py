"""Sheets in a terminal, by Rich: readable at 80 columns, in colour or without, on a screen or through a pipe.

Formulas are Unicode, matrices are drawn. Nothing that a text says is taken for Rich's markup or for a command to
the terminal: every piece becomes a `Text` after `plain` has taken its control characters.
"""

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import IO, TYPE_CHECKING, Protocol

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from quizgen.errors import RenderError
from quizgen.render import document as doc
from quizgen.render.parts import OPTIONS, answer, blank_table, is_choice, label, prompt, reasons, traps
from quizgen.render.unicode_math import block, inline, plain, width
from quizgen.text import parse, parse_inline
from quizgen.wording import counted

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import Question
    from quizgen.sheet import Sheet

__all__ = [
    "Fitted",
    "asked",
    "in_a_line",
    "line_of_work",
    "make_console",
    "show",
    "show_question",
    "solution",
    "statement",
    "words",
]

_WIDEST = 100  # columns: longer lines are hard to read
_WHOLE = 30  # columns: a formula up to here is not broken within a line of text
_TIED = "\u00a0"  # a space at which a line is not broken


def make_console(file: IO[str] | None = None) -> Console:
    """A console for a file, else for standard output. It takes NO_COLOR, pipes and narrow windows into account, and
    a character that the file's encoding lacks becomes a question mark."""
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if console.width > _WIDEST:
        console.width = _WIDEST
    reconfigure = getattr(console.file, "reconfigure", None)
    if reconfigure is not None and not console.encoding.startswith("utf"):
        reconfigure(errors="replace")
    return console


def show(sheet: "Sheet", console: Console | None = None) -> None:
    """Print the sheet.

    Raises RenderError where a figure or a piece of markup can't be printed; nothing has been printed then.
    """
    console = console or make_console()
    count, points = len(sheet.questions), sum(question.points for question in sheet.questions)
    pieces: list[RenderableType] = []
    if sheet.title:
        about = f"{counted(count, 'question')}, {counted(points, 'point')}"
        pieces += [Text(plain(sheet.title), style="bold"), Text(about, style="dim"), Text()]
    room = console.width
    for number, question in enumerate(sheet.questions, 1):
        pieces += _question(question, str(number), sheet.choices, sheet.solutions == "after", room)
    if sheet.solutions == "separate":
        pieces += [Text("Solutions", style="bold"), Text()]
        for number, question in enumerate(sheet.questions, 1):
            pieces.append(_title(str(number), question))
            pieces += [_answers(question, sheet.choices), *_solution(question, room), Text()]
    if sheet.command:
        pieces.append(Text(f"Made again by: {plain(sheet.command)}", style="dim"))
    console.print(Group(*pieces))


def show_question(
    question: "Question", console: Console | None = None, *, solution: bool = False, choices: bool = False
) -> None:
    """Print one question, and its worked solution under it if wanted."""
    console = console or make_console()
    console.print(Group(*_question(question, "", choices, solution, console.width)))


# --- the pieces of a question, for whoever puts them on a screen -----------------------------------------------------


class Line(Protocol):
    """A line of a worked solution, as `quizgen.question.Step` has it."""

    @property
    def latex(self) -> tuple[str, ...]: ...

    @property
    def text(self) -> str: ...


class Fitted:
    """What is made for as many columns as there are when it is printed."""

    def __init__(self, make: Callable[[int], Iterable[RenderableType]]) -> None:
        self.make = make

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.make(options.max_width)


def statement(question: "Question") -> RenderableType:
    """The words and figures of a question. Raises RenderError, when it is printed, as all of these do."""
    return Fitted(lambda room: _spaced(_blocks(question.statement, question.figures, room - 2)))


def asked(question: "Question", at: int, choices: bool) -> RenderableType:
    """What part ``at`` (from 0) asks, with its options and points, but not how an answer is typed."""
    return Fitted(lambda room: _part(question, at, choices, room - 2, entry=False))


def line_of_work(step: Line) -> RenderableType:
    """A line of a worked solution."""
    return Fitted(lambda room: [_step(step, room)])


def solution(question: "Question", choices: bool) -> RenderableType:
    """The right answers and the worked solution."""
    return Fitted(lambda room: [_answers(question, choices), *_solution(question, room)])


def words(markup: str, style: str = "") -> RenderableType:
    """A sentence in the small markup."""
    return _Flow(_styled(_inlines(parse_inline(markup)), style))


def in_a_line(markup: str) -> str:
    """The first paragraph of a piece of markup, on one line and without styles."""
    return " ".join(_inlines(parse_inline(markup.partition("\n\n")[0])).plain.split())


# --- a sheet ---------------------------------------------------------------------------------------------------------


def _title(number: str, question: "Question") -> Text:
    return Text.assemble((f"{number}  " if number else "", "bold cyan"), (plain(question.title), "bold"))


def _question(question: "Question", number: str, choices: bool, solution: bool, room: int) -> list[RenderableType]:
    try:
        inner = room - 4
        body = _spaced(_blocks(question.statement, question.figures, inner))
        for at in range(len(question.parts)):
            body += [Text(), *_part(question, at, choices, inner)]
        panel = Panel(
            Group(*body),
            title=_title(number, question),
            title_align="left",
            subtitle=Text(
                " · ".join(filter(None, (plain(question.code), counted(question.points, "point")))), style="dim"
            ),
            subtitle_align="right",
            box=ROUNDED,
            border_style="dim",
            padding=0,
            width=room,
        )
        after: list[RenderableType] = []
        if solution:
            after = [_Indented(Text("Solution", style="bold"), 2), _Indented(_answers(question, choices), 2)]
            after += _solution(question, room)
    except RenderError as error:
        raise RenderError(f"{question.code}: {error}") from error
    return [panel, *after, Text()]


def _part(question: "Question", at: int, choices: bool, room: int, *, entry: bool = True) -> list[RenderableType]:
    """A part; with ``entry`` also the blanks to fill in and how to type it."""
    part = question.parts[at]
    several = len(question.parts) > 1
    lines = _blocks(prompt(part, choices), question.figures, room - (4 if several else 0))
    if entry and (blank := blank_table(part)):
        lines.append(Padding(_table(blank), (0, 1)))
    if is_choice(part, choices):
        lines += [_option(letter, option) for letter, option in zip(OPTIONS, part.options, strict=False)]
    elif (
        entry and (hint := plain(part.kind.hint())) and hint not in (plain(p.kind.hint()) for p in question.parts[:at])
    ):
        lines.append(Padding(Text(f"answer: {hint}", style="dim"), (0, 1)))
    if not several:
        return lines
    table = Table.grid(padding=0, expand=True)
    table.add_column(width=4, style="bold cyan")
    table.add_column(ratio=1)
    table.add_column(justify="right", style="dim")
    table.add_row(Text(f" {label(question, at)}"), Group(*lines), Padding(Text(counted(part.points, "point")), (0, 1)))
    return [table]


def _option(letter: str, option: str) -> RenderableType:
    latex = option[1:-1] if re.fullmatch(r"\$[^$]+\$", option) else ""
    drawn = block(latex) if latex else ()
    text = Text("\n".join(drawn)) if len(drawn) > 1 else _Flow(_inlines(parse_inline(option)))
    table = Table.grid(padding=(0, 1))
    table.add_row(Text(f"  {letter}", style="bold cyan"), text)
    return table


class _Flow:
    """A paragraph that is broken at its spaces, but not within a short formula. Rich would break at any white space."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        words = max(map(width, self.text.plain.split(" ")), default=0)
        return Measurement(min(words, options.max_width), min(width(self.text.plain), options.max_width))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = max(options.max_width, 1)
        breaks, taken = list[int](), 0
        for word in re.finditer(r"[^ ]* *", self.text.plain):
            wide = width(word[0].rstrip(" "))
            if taken and taken + wide > room:
                breaks.append(word.start())
                taken = 0
            taken += width(word[0])
        for line in self.text.divide(breaks):
            line.rstrip()
            line.plain = line.plain.replace(_TIED, " ")
            yield line  # one that is still too long is broken by Rich


class _Indented:
    """Something further in; unlike Rich's `Padding` it puts no blanks at the ends of lines."""

    def __init__(self, inner: RenderableType, left: int) -> None:
        self.inner, self.left = inner, left

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update_width(max(1, options.max_width - self.left))
        for line in console.render_lines(self.inner, inner, pad=False):
            if line:
                yield Segment(" " * self.left)
                yield from line
            yield Segment.line()


# --- the document tree --------------------------------------------------------------------------------------------


def _inlines(nodes: doc.Inlines) -> Text:
    text = Text()
    for node in nodes:
        match node:
            case doc.Text(words):
                text.append(plain(words))
            case doc.Bold(inner):
                text.append_text(_styled(_inlines(inner), "bold"))
            case doc.Emphasis(inner):
                text.append_text(_styled(_inlines(inner), "italic"))
            case doc.InlineCode(code):
                text.append(plain(code), style="cyan")
            case doc.Math(latex):
                formula = inline(latex)
                text.append(formula.replace(" ", _TIED) if width(formula) <= _WHOLE else formula)
    return text


def _styled(text: Text, style: str) -> Text:
    text.stylize(style)
    return text


def _blocks(markup: str, figures: "Mapping[str, Figure]", room: int) -> list[RenderableType]:
    """The blocks of a piece of markup, in a room of so many columns besides a margin of one on either side."""
    return [_block(one, figures, room) for one in parse(markup)]


def _block(one: doc.Block, figures: "Mapping[str, Figure]", room: int) -> RenderableType:
    match one:
        case doc.Paragraph(inner):
            return Padding(_Flow(_inlines(inner)), (0, 1))
        case doc.Display(latex):
            return Padding(_formula(latex, room - 4), (0, 1, 0, 5))
        case doc.Bullets(items):
            return _list(("•" for _ in items), items)
        case doc.Numbered(items, start):
            return _list((f"{number}." for number in range(start, start + len(items))), items)
        case doc.Table():
            return Padding(_table(one), (0, 1))
        case doc.Code(code):
            return Padding(_Code(code), (0, 1, 0, 3))
        case doc.Figure(name):
            if name not in figures:
                raise RenderError(f"the markup shows a figure {name!r} that the question doesn't have; name one it has")
            return _figure(figures[name], room)


def _spaced(blocks: Iterable[RenderableType]) -> list[RenderableType]:
    """Blocks with a blank line between them."""
    spaced: list[RenderableType] = []
    for one in blocks:
        spaced += [Text(), one] if spaced else [one]
    return spaced


def _formula(latex: str, room: int) -> Text:
    lines = block(latex)
    if max(map(width, lines)) <= room:
        return _kept("\n".join(line.rstrip() for line in lines))
    return Text(inline(latex))


def _kept(text: str, style: str = "") -> Text:
    """Text whose lines stay as they are."""
    return Text(text, style=style, no_wrap=True, overflow="ignore")


def _list(marks: Iterable[str], items: Iterable[doc.Inlines]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    for mark, item in zip(marks, items, strict=True):
        table.add_row(Text(f"  {mark}"), _Flow(_inlines(item)))
    return table


def _table(table: doc.Table) -> RenderableType:
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, border_style="dim")
    for head, align in zip(table.header, table.align, strict=True):
        drawn.add_column(
            _inlines(head), justify="center" if align == "center" else "right" if align == "right" else "left"
        )
    for row in table.rows:
        drawn.add_row(*(_Flow(_inlines(cell)) for cell in row))
    return drawn


class _Code:
    """Lines of code beside a bar; a long one goes on below, further in."""

    def __init__(self, code: str) -> None:
        self.lines = [plain(line) for line in code.expandtabs(4).strip("\n").split("\n")]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        longest = 2 + max(map(width, self.lines))
        return Measurement(min(24, longest, options.max_width), min(longest, options.max_width))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines:
            indent = len(line) - len(line.lstrip()) + 8
            for part in _wrapped(line, options.max_width - 2, indent) or [""]:
                yield _kept("│ " + part, "dim")


def _figure(figure: "Figure", room: int) -> RenderableType:
    from quizgen.render.figures import text

    lines = [plain(line) for line in text(figure).split("\n")]
    margin = max(0, min(3, (room + 2 - max(map(width, lines), default=0)) // 2))
    return Padding(_kept("\n".join(lines)), (0, 0, 0, margin))


# --- solutions ----------------------------------------------------------------------------------------------------


def _answers(question: "Question", choices: bool) -> RenderableType:
    text = Text.assemble(("Answer: ", "bold"))
    for at, part in enumerate(question.parts):
        text.append(";  " if at else "").append(f"{label(question, at)} " if label(question, at) else "")
        text.append_text(_inlines(parse_inline(answer(part, choices))))
    return _Flow(text)


def _solution(question: "Question", room: int) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for step, why in zip(question.solution, reasons(question.solution), strict=True):
        if step.heading:
            lines.append(_Flow(_styled(_inlines(parse_inline(step.heading)), "bold")))
        if why:
            lines.append(_Flow(_styled(_inlines(parse_inline(why)), "dim")))
        lines.append(_Indented(_step(step, room - 5), 2))
        lines += [_Indented(_step(inner, room - 7), 4) for inner in step.unfolded]
    if known := traps(question):
        lines += [Text(), Text("Common mistakes", style="bold")]
        for trap in known:
            words = Text.assemble((f"{plain(trap.name)}: ", "italic"))
            for at, (part, wrong) in enumerate(trap.answers):
                words.append(f"{', ' if at else ''}{part}{' ' if part else ''}")
                words.append_text(_inlines(parse_inline(wrong)))
            lines.append(_hanging(words.append(". ").append_text(_inlines(parse_inline(trap.why)))))
    if question.program:
        lines += [Text(), Text("The same in PyTorch", style="bold"), _Code(question.program)]
    if question.provenance:
        lines += [Text(), Text(plain(question.provenance.line()), style="dim")]
    return [_Indented(Group(*lines), 2)] if lines else []


def _hanging(text: Text) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_row(Text("•"), _Flow(text))
    return table


def _step(step: Line, room: int) -> Text:
    """A worked line: matrices drawn where there are some, else broken before an equals sign where it is too long."""
    if any(r"\begin{" in piece for piece in step.latex):
        whole = block(" ".join(step.latex))
        if max(map(width, whole)) <= room:
            return _kept("\n".join(line.rstrip() for line in whole))
        drawn = [block(piece) for piece in step.latex]
        if len(drawn) > 1 and max(width(line) for piece in drawn for line in piece) <= room - 4:
            first = [line.rstrip() for line in drawn[0]]
            return _kept("\n".join([*first, *(f"    {line.rstrip()}" for piece in drawn[1:] for line in piece)]))
    return _kept("\n".join(_broken(plain(step.text), room)))


def _broken(line: str, room: int) -> list[str]:
    """A line of work broken before its relations, which stand under each other."""
    if width(line) <= room:
        return [line]
    left, *pieces = re.split(r" (?=[=≈] )", line)
    indent = min(width(left) + 1, 12)
    lines, current = list[str](), left
    for piece in pieces:
        if current is not left and width(current) + 1 + width(piece) > room:
            lines.append(current)
            current = " " * indent + piece
        else:
            current += f" {piece}"
    lines.append(current)
    return [part for each in lines for part in _wrapped(each, room, indent + 2)]


def _wrapped(line: str, room: int, indent: int) -> list[str]:
    if width(line) <= room:
        return [line]
    margin = len(line) - len(line.lstrip())
    return textwrap.wrap(
        line.strip(),
        max(room, 20),
        initial_indent=" " * margin,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
