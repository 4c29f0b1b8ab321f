"""A question and what was done at it, as Rich prints it. Nothing is told by a colour alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from quizgen.answers import centres
from quizgen.practice.said import counted_points, of_points
from quizgen.render.parts import answer, reasons
from quizgen.render.terminal import asked, in_a_line, line_of_work, words
from quizgen.render.unicode_math import plain
from quizgen.text import escape
from quizgen.wording import counted
from quizgen_solvers.exact import fmpq

if TYPE_CHECKING:
    from quizgen.answers import Table as TableKind
    from quizgen.practice.attempt import Attempt
    from quizgen.practice.hints import Hint
    from quizgen.practice.records import Move

# Both colours of a mark are given, so that it can be read on a dark and on a light ground.
RIGHT = "bold black on green"
PARTLY = "bold black on yellow"
WRONG = "bold bright_white on red"
QUIET = "dim"


def part(attempt: Attempt, at: int, *, current: bool = False) -> RenderableType:
    """Part ``at`` (from 1): what it asks, and what was done at it."""
    done = _in_exam(attempt, at, current) if attempt.exam and not attempt.closed else _in_practice(attempt, at)
    return Group(
        asked(attempt.question, at - 1, attempt.choices),
        *(Padding(one, (0, 1, 0, 5)) for one in done),
    )


def _in_exam(attempt: Attempt, at: int, current: bool) -> Iterator[RenderableType]:
    last = attempt.last(at)
    if last is not None:
        yield Text("your answer:" if _is_table(attempt, at) else f"your answer: {plain(last.read_as)}")
        if _is_table(attempt, at):
            yield _table(attempt, at)
    elif current:
        yield Text("your answer: none yet", style=QUIET)


def _in_practice(attempt: Attempt, at: int) -> Iterator[RenderableType]:
    question = attempt.question.part(at)
    seen: Any = attempt.hints(at)
    hints = iter(list(zip(seen, reasons(seen), strict=True)))
    for move in attempt.moves:
        if move.part != at:
            continue
        if move.action == "hint":
            hint, why = next(hints)
            yield from _hint(hint, why, attempt.hint_cost(at) * question.points)
        elif move.action == "answer" and (not attempt.exam or move == attempt.last(at)):
            yield from verdict(attempt, move)
        elif move.action == "on":
            yield Text("gone on with this" if attempt.last(at) else "gone on without an answer", style=QUIET)
    passed = attempt.closed and attempt.status(at) != "right"
    if passed and attempt.last(at) is None:
        yield Text("not answered", style=QUIET)
    if _is_table(attempt, at):
        if attempt.status(at) in ("right", "passed"):
            yield _table(attempt, at)
    elif passed:
        yield _told("right is ", words(answer(question, attempt.choices)))
    if attempt.closed and len(attempt.question.parts) > 1:
        yield Text(of_points(attempt.credit(at) * question.points, question.points), style=QUIET)


def _is_table(attempt: Attempt, at: int) -> bool:
    return attempt.question.part(at).kind.name == "table"


def _table(attempt: Attempt, at: int) -> RenderableType:
    """A table as it was filled in last; at the end with what is right, where something else was typed."""
    part, last = attempt.question.part(at), attempt.last(at)
    kind = cast("TableKind", part.kind)
    typed: Any = kind.read(last.typed) if last is not None else [[None] * len(kind.columns)] * len(kind.rows)
    told = attempt.closed and attempt.status(at) != "right"
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, border_style="dim")
    for head in ("", *kind.columns):
        table.add_column(Text(in_a_line(head)))
    for label, cells, targets in zip(kind.rows, typed, cast("Any", part.target), strict=False):
        row = [Text(in_a_line(label))]
        for one, cell, target in zip(kind.kinds, cells, targets, strict=True):
            text = Text("—" if cell is None else plain(one.show(cell)))
            if told and (cell is None or one.grade(cell, target).credit != 1):
                text.append(" should be " if cell is None else " ✗ should be ", style=QUIET)
                text.append(plain(one.show(centres(target))), style="bold")
            row.append(text)
        table.add_row(*row)
    return table


def verdict(attempt: Attempt, move: Move) -> Iterator[RenderableType]:
    """What is said of an answer."""
    if move.credit == 1:
        mark, said = Text(" ✓ right ", style=RIGHT), move.reason if move.carried else ""
    elif move.credit == 0:
        mark, said = Text(" ✗ wrong ", style=WRONG), move.reason
    else:
        mark, said = Text(" ◐ partly right ", style=PARTLY), move.reason
    if _is_table(attempt, move.part):
        yield mark
    else:
        yield Text.assemble(mark, "  ", plain(move.read_as))
    if said.removesuffix(" isn't right").count(" "):  # "5 isn't right" says no more than the mark
        yield Text(plain(said))
    for name, why in attempt.why(move):
        yield words(f"**{escape(name)}:** {why}")


def _hint(hint: Hint, why: str, cost: fmpq) -> Iterator[RenderableType]:
    costs = counted_points(cost)
    yield Text(f"hint {hint.at} of {hint.of}, for {costs}", style=f"{QUIET} underline")
    if why:
        yield words(why, QUIET)
    yield Padding(line_of_work(hint), (0, 0, 0, 2))


def _told(before: str, said: RenderableType) -> RenderableType:
    table = Table.grid()
    table.add_row(Text(before, style="bold"), said)
    return table


def outcome(attempt: Attempt) -> Text:
    """What came of a question."""
    hints = sum(move.action == "hint" for move in attempt.moves)
    tail = f", with {counted(hints, 'hint')}" if hints else ""
    return Text(of_points(attempt.points, attempt.of) + tail, style="bold")
