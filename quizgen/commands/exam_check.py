"""`quizgen exam check`: what an exam asks, or every problem of its blueprint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quizgen.commands import common
from quizgen.errors import one_line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from quizgen.exam.fairness import Fairness, PlaceFairness
    from quizgen.exam.outline import Outline, Row

MOST_PROBLEMS = 200  # lines that are printed
WIDE = 100  # columns of a terminal with room for titles
WIDEST_PARTS = 11  # characters of the points of all parts
BY_HAND = "by hand"


@click.command(
    short_help="Say what an exam asks.",
    epilog="""\b
Examples:
  quizgen exam check midterm.toml
  quizgen exam check midterm.toml --json    for programs

\b
Operations are those of a hand, from the least to the most among the versions;
the band is by which share the most is above the least, of them or of digits.
Minutes are for a person who knows how; most exams give two or three times as
long. PyTorch is asked when papers are built, and not here.""",
)
@click.argument("file", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common.shared
@click.pass_context
def command(ctx: click.Context, file: str, as_json: bool) -> None:
    """Say what an exam asks: points, topics, levels, hand work and minutes.

    Where the blueprint has problems, each is a line with its place, and the exit code is 2. Where there are no versions
    that are as equally hard as it wants, the exit code is 1.
    """
    from quizgen.exam import blueprint
    from quizgen.exam.dealing import Unfair
    from quizgen.exam.outline import outline
    from quizgen.exam.reading import BlueprintError
    from quizgen.exam.versions import versions

    try:
        exam = blueprint.read(Path(file))
    except BlueprintError as error:
        _complain(file, error.lines)
        ctx.exit(error.exit_code)
    unfair: Unfair | None = None
    with common.progress({}) as tell:
        try:
            papers, fairness = versions(exam, exam.versions, progress=tell, verify=False)
        except Unfair as problem:
            unfair, papers, fairness = problem, (), None
    told = outline(exam, papers)
    if as_json:
        common.echo_json(told.to_json() | {"fairness": fairness.to_json() if fairness is not None else None})
    else:
        _show(told, fairness)
    if unfair is not None:
        _complain(file, [f"{file}:{exam.line_of(slot)}: {why}" for slot, why in unfair.why])
        ctx.exit(unfair.exit_code)


def _complain(file: str, lines: Sequence[str]) -> None:
    for line in lines[:MOST_PROBLEMS]:
        click.echo(one_line(line), err=True)
    if len(lines) > MOST_PROBLEMS:
        click.echo(one_line(f"{file}: and {len(lines) - MOST_PROBLEMS:,} problems more"), err=True)


def _show(told: Outline, fairness: Fairness | None) -> None:
    exam = told.blueprint
    about = [exam.course, str(exam.date or ""), f"{exam.duration} minutes" if exam.duration else ""]
    click.echo(common.title(exam.title))
    if any(about):
        click.echo(common.faint(" · ".join(filter(None, about))))
    click.echo("")
    console = common.console()
    with console.capture() as printed:
        console.print(_table(told, fairness, console.width))
    click.echo("\n".join(line.rstrip() for line in printed.get().splitlines()))
    for line in _sums(told):
        common.echo_line(line)
    for line in fairness.lines if fairness is not None else ():
        common.echo_line(line)


def _table(told: Outline, fairness: Fairness | None, width: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    from quizgen.question import decimal_text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True, header_style="dim")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", ratio=1, overflow="fold")
    for name in ("level", "parts", "points", "operations", "band", "minutes"):
        table.add_column(name, justify="right", no_wrap=True)
    bands = {} if fairness is None or fairness.papers == 1 else {place.number: place for place in fairness.places}
    for place, section in enumerate(told.blueprint.sections):
        picked = f"{section.pick} of {section.size}" if section.pick is not None else ""
        if section.title or picked:
            table.add_row("", Text(", ".join(filter(None, (section.title, picked))), style="bold"))
        for row in (row for row in told.rows if row.slot.section == place):
            table.add_row(
                str(row.number),
                _name(row, with_title=width >= WIDE),
                str(row.level or ""),
                _parts(row),
                decimal_text(row.total),
                _range(row),
                _band(bands.get(row.number)),
                _minutes(row.seconds),
            )
        table.add_row()
    return table


def _name(row: Row, with_title: bool) -> Text:
    """What the question is called; where it has a name, its title is for those who have room for it."""
    from rich.text import Text

    name = row.slot.code or row.slot.family
    if name is None:
        return Text(row.title, no_wrap=True, overflow="ellipsis")
    if not with_title:
        return Text(name, "cyan")
    return Text.assemble((name, "cyan"), f"  {row.title}", no_wrap=True, overflow="ellipsis")


def _parts(row: Row) -> str:
    """What each of several parts is worth, "1+1+2"; how many there are where that is long."""
    from quizgen.question import decimal_text

    if len(row.points) == 1:
        return ""
    said = "+".join(map(decimal_text, row.points))
    return said if len(said) <= WIDEST_PARTS else f"{len(row.points)} parts"


def _range(row: Row) -> str:
    least, most = row.operations.least, row.operations.most
    return f"{least}–{most}" if least < most else str(least or "")


def _band(place: PlaceFairness | None) -> str:
    """How far the versions differ here, "8.4%"; nothing where the question is the same in all of them."""
    from quizgen.exam.fairness import percent

    return "" if place is None or place.same else percent(place.worst)


def _minutes(seconds: int) -> str:
    """Minutes to a tenth, rounded up: "2.4"."""
    tenths = -(-seconds // 6)
    return f"{tenths // 10}.{tenths % 10}"


def _sums(told: Outline) -> list[str]:
    """The exam as a whole, one line for each thing that one asks of it."""
    from quizgen.question import decimal_text

    exam = told.blueprint
    minutes = -(-told.seconds // 60)
    time = f"about {common.count(minutes, 'minute')} for a person who knows how"
    if exam.duration is not None:
        time += f"; {exam.duration} are given{', which is too few' * (minutes > exam.duration)}"
    topics = (f"{topic} {decimal_text(points)}" for topic, points in told.topics.items())
    levels = (f"{decimal_text(x)} at level {level}" for level, x in told.levels.items() if level != BY_HAND)
    by_hand = [f"{decimal_text(told.levels[BY_HAND])} {BY_HAND}"] if BY_HAND in told.levels else []
    return [
        f"{common.count(len(told.rows), 'question')}, {decimal_text(told.points)} point{'s' * (told.points != 1)}",
        time,
        f"points by topic: {', '.join(topics)}",
        f"points by level: {', '.join([*levels, *by_hand])}",
    ]
