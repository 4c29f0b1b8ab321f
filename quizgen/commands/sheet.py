"""`quizgen sheet`: questions on a page, on paper or in the terminal."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from quizgen.commands import common
from quizgen.errors import UsageError, shown

if TYPE_CHECKING:
    from quizgen.sheet import Sheet, Solutions

TITLE = "Deep learning: practice sheet"
LONGEST_SEED = 64


@click.command(
    short_help="Make a sheet of problems.",
    epilog="""\b
Examples:
  quizgen sheet -o sheet.html                      ten questions of all kinds
  quizgen sheet conv optim.adam --level 2 -n 12    a topic and a family
  quizgen sheet conv --seed 7 -o a.html -o a.pdf   one sheet, twice
  quizgen sheet loss -n 5 --choices --title "Quiz 3" -o quiz.pdf
  quizgen sheet net --solutions none -o exam.tex   no answers in the file

\b
The ending says what is written: .html .pdf .tex .md .ipynb .json.
Solutions come after each question in .html and .ipynb, where they are folded,
at the end of .pdf, .tex and .md, and in the terminal not at all. A .json file
is the whole record of its questions, answers and all, whatever is chosen.
The same seed gives the same sheet.""",
)
@click.argument("names", nargs=-1, metavar="[TOPIC|FAMILY]...", shell_complete=common.complete_families)
@click.option(
    "--level",
    "levels",
    type=int,
    metavar="LEVEL",
    multiple=True,
    help="Only this level. May be repeated.",
)
@click.option("-n", "count", type=int, metavar="N", default=10, show_default=True, help="How many questions.")
@click.option("--seed", metavar="SEED", help="A word or number that the sheet follows from.")
@click.option(
    "-o", "outputs", type=click.Path(), multiple=True, metavar="FILE", help="Write to a file. May be repeated."
)
@click.option("--solutions", type=click.Choice(["none", "after", "separate"]), help="Where the solutions go.")
@click.option("--choices", is_flag=True, help="Multiple choice, made of the mistakes that the questions know.")
@click.option("--title", metavar="TEXT", default=TITLE, show_default=True, help="What stands at the top.")
@click.option("--force", is_flag=True, help="Overwrite files that are there already.")
@common.checking
@common.shared
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    levels: tuple[int, ...],
    count: int,
    seed: str | None,
    outputs: tuple[str, ...],
    solutions: Solutions | None,
    choices: bool,
    title: str,
    force: bool,
    device: str,
    check: bool,
) -> None:
    """Make a sheet of problems: from topics and families, or from all there are."""
    from quizgen.code import fresh_seed
    from quizgen.describe import checked
    from quizgen.family import select
    from quizgen.render.terminal import show
    from quizgen.render.write import check_target, usual_solutions, write
    from quizgen.sheet import having, make_sheet

    for output in outputs:
        check_target(output, force)
    title = " ".join(title.split())
    if seed is not None and len(seed) > LONGEST_SEED:
        raise UsageError(
            f"the seed {shown(seed)} is too long; a word or number of up to {LONGEST_SEED} characters will do"
        )
    entries = select(names)
    taken = having(entries, levels)
    if left_out := [entry.name for entry in entries if entry not in taken and names]:
        click.echo(f"quizgen: left out, having no such level: {', '.join(left_out)}", err=True)
    seed = fresh_seed() if seed is None else seed
    given = {"--title": title if title != TITLE else None, "--solutions": solutions}
    again = _again(common.family_files(ctx), names, levels, count, seed, choices, given)
    with common.progress({"drawing": "checking"} if check else {}) as tell:
        sheet = make_sheet(
            taken,
            levels,
            count,
            seed,
            title=title,
            choices=choices,
            command=again,
            verify=check,
            device=device,
            progress=tell,
        )
    for output in outputs:
        with common.progress({}) as tell:
            if tell is not None:
                tell(f"writing {common.shown_path(output)}", 0, 1)
            engine = write(replace(sheet, solutions=solutions or usual_solutions(output)), output, force)
        click.echo(f"wrote {common.shown_path(output)}: {_contents(sheet)}" + (f" (by {engine})" if engine else ""))
    if not outputs:
        show(replace(sheet, solutions=solutions or usual_solutions(None)), common.console())
    common.echo_line(checked(sheet.questions))
    if outputs:
        click.echo(common.faint(f"again: {again}"))


def _contents(sheet: Sheet) -> str:
    families = len({question.family for question in sheet.questions})
    questions, points = common.count(len(sheet.questions), "question"), common.count(sheet.points, "point")
    return f"{questions} from {common.count(families, 'family', 'families')}, {points}"


def _again(
    files: list[str],
    names: tuple[str, ...],
    levels: tuple[int, ...],
    count: int,
    seed: str,
    choices: bool,
    given: dict[str, str | None],
) -> str:
    """The command that makes the sheet again, as one types it."""
    words = ["quizgen", *(word for file in files for word in ("--families", file)), "sheet", *names]
    words += [word for level in levels for word in ("--level", str(level))]
    words += ["-n", str(count), "--seed", seed, *(["--choices"] if choices else [])]
    words += [word for option, value in given.items() if value is not None for word in (option, value)]
    return shlex.join(words)
